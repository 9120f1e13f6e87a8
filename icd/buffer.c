/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <errno.h>

#include "capture.h"
#include "device_memory.h"
#include "memory_report.h"

static void finish_buffer(struct icd_object *object)
{
    struct icd_buffer *buffer = (struct icd_buffer *)object;

    /* A sparse buffer's address range is its own. */
    if (buffer->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT)
        weft_bo_close(&buffer->bo);
    else
        weft_bo_put(&buffer->bo);
}

/* Gives a sparse buffer its addresses; memory comes by vkQueueBindSparse. */
static int make_sparse(struct icd_device *device, struct icd_buffer *buffer)
{
    bool placed = buffer->flags & (VK_BUFFER_CREATE_DEVICE_ADDRESS_CAPTURE_REPLAY_BIT |
                                   VK_BUFFER_CREATE_DESCRIPTOR_BUFFER_CAPTURE_REPLAY_BIT_EXT);
    int error = weft_bo_create_at(device->weft, buffer->size_B,
                                  WEFT_BO_SPARSE | (placed ? WEFT_BO_PLACED : 0), buffer->captured,
                                  &buffer->bo);

    if (!error)
        buffer->address = (uintptr_t)weft_bo_map(buffer->bo);
    return error;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateBuffer(VkDevice _device, const VkBufferCreateInfo *info,
                                              const VkAllocationCallbacks *alloc,
                                              VkBuffer *buffer_out)
{
    struct icd_device *device = icd_device_from(_device);
    const VkBufferUsageFlags2CreateInfo *usage =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_BUFFER_USAGE_FLAGS_2_CREATE_INFO);

    if (info->flags & VK_BUFFER_CREATE_PROTECTED_BIT)
        return icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT,
                         "vkCreateBuffer: protected buffers are not supported");
    if (info->size == 0 || info->size > device->physical->properties.maxBufferSize) {
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkCreateBuffer: %llu bytes; maxBufferSize is %llu",
                         (unsigned long long)info->size,
                         (unsigned long long)device->physical->properties.maxBufferSize);
    }
    struct icd_buffer *buffer = icd_object_create(device, NULL, sizeof(*buffer),
                                                  VK_OBJECT_TYPE_BUFFER, finish_buffer);
    if (!buffer)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateBuffer");
    buffer->size_B = info->size;
    buffer->flags = info->flags;
    buffer->usage = usage ? usage->usage : info->usage;
    buffer->captured = icd_captured_address(info->pNext);
    int error = info->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT ? make_sparse(device, buffer) : 0;
    if (error) {
        uint64_t captured = buffer->captured;
        icd_object_discard(&buffer->base);
        if (error == -EADDRINUSE)
            return icd_error(device, VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS,
                             "vkCreateBuffer: no %llu bytes are free at 0x%llx",
                             (unsigned long long)info->size, (unsigned long long)captured);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkCreateBuffer: no address space for a sparse buffer of %llu bytes",
                         (unsigned long long)info->size);
    }
    if (buffer->bo)
        icd_report_address(buffer, buffer->address, buffer->size_B, true);
    *buffer_out = icd_buffer_to(buffer);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyBuffer(VkDevice _device, VkBuffer _buffer,
                                           const VkAllocationCallbacks *alloc)
{
    struct icd_buffer *buffer = icd_buffer_from(_buffer);

    if (buffer && buffer->bo)
        icd_report_address(buffer, buffer->address, buffer->size_B, false);
    icd_object_release(buffer);
}

/* ---- Requirements ---- */

/* What a buffer of that size and those flags needs. A sparse one is made of pages of shared memory. */
static VkMemoryRequirements requirements(VkDeviceSize size_B, VkBufferCreateFlags flags)
{
    bool sparse = flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT;
    VkDeviceSize alignment_B = sparse ? ICD_SPARSE_BLOCK_B : ICD_MEMORY_ALIGNMENT_B;

    return (VkMemoryRequirements){
        .size = (size_B + alignment_B - 1) & ~(alignment_B - 1),
        .alignment = alignment_B,
        .memoryTypeBits = sparse ? 1u << ICD_MEMORY_SHARED : ICD_MEMORY_TYPE_BITS,
    };
}

static VkMemoryRequirements requirements_of(VkBuffer handle)
{
    const struct icd_buffer *buffer = icd_buffer_from(handle);

    return buffer ? requirements(buffer->size_B, buffer->flags) : (VkMemoryRequirements){0};
}

static void fill_requirements(VkMemoryRequirements requirements_1, VkMemoryRequirements2 *out)
{
    out->memoryRequirements = requirements_1;
    VkMemoryDedicatedRequirements *dedicated =
        icd_find_struct_out(out->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS);
    if (dedicated) {
        dedicated->prefersDedicatedAllocation = VK_FALSE;
        dedicated->requiresDedicatedAllocation = VK_FALSE;
    }
}

VKAPI_ATTR void VKAPI_CALL vkGetBufferMemoryRequirements(VkDevice _device, VkBuffer buffer,
                                                         VkMemoryRequirements *out)
{
    *out = requirements_of(buffer);
}

VKAPI_ATTR void VKAPI_CALL vkGetBufferMemoryRequirements2(
    VkDevice _device, const VkBufferMemoryRequirementsInfo2 *info, VkMemoryRequirements2 *out)
{
    fill_requirements(requirements_of(info->buffer), out);
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceBufferMemoryRequirements(
    VkDevice _device, const VkDeviceBufferMemoryRequirements *info, VkMemoryRequirements2 *out)
{
    fill_requirements(requirements(info->pCreateInfo->size, info->pCreateInfo->flags), out);
}

/* ---- Binding ---- */

static VkResult bind(struct icd_device *device, struct icd_buffer *buffer,
                     struct icd_device_memory *memory, VkDeviceSize offset)
{
    if (!buffer || !memory || buffer->bo) {
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkBindBufferMemory: no buffer, no memory, or it is bound already");
    }
    if (offset > memory->size_B || buffer->size_B > memory->size_B - offset) {
        return icd_error(buffer, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkBindBufferMemory: %llu bytes at offset %llu of %llu bytes of memory",
                         (unsigned long long)buffer->size_B, (unsigned long long)offset,
                         (unsigned long long)memory->size_B);
    }
    uint64_t address = (uint64_t)(uintptr_t)weft_bo_map(memory->bo) + offset;
    if (buffer->captured && buffer->captured != address) {
        return icd_error(buffer, VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS,
                         "vkBindBufferMemory: at 0x%llx; it was captured at 0x%llx",
                         (unsigned long long)address, (unsigned long long)buffer->captured);
    }
    buffer->address = address;
    buffer->bo = weft_bo_get(memory->bo);
    icd_report_address(buffer, buffer->address, buffer->size_B, true);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindBufferMemory(VkDevice _device, VkBuffer buffer,
                                                  VkDeviceMemory memory, VkDeviceSize offset)
{
    return bind(icd_device_from(_device), icd_buffer_from(buffer), icd_device_memory_from(memory),
                offset);
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindBufferMemory2(VkDevice _device, uint32_t count,
                                                   const VkBindBufferMemoryInfo *infos)
{
    struct icd_device *device = icd_device_from(_device);
    VkResult first_error = VK_SUCCESS;

    for (uint32_t i = 0; i < count; i++) {
        VkResult result = bind(device, icd_buffer_from(infos[i].buffer),
                               icd_device_memory_from(infos[i].memory), infos[i].memoryOffset);
        VkBindMemoryStatus *status =
            (void *)icd_find_struct(infos[i].pNext, VK_STRUCTURE_TYPE_BIND_MEMORY_STATUS);
        if (status)
            *status->pResult = result;
        if (first_error == VK_SUCCESS)
            first_error = result;
    }
    return first_error;
}

/* ---- Addresses ---- */

VKAPI_ATTR VkDeviceAddress VKAPI_CALL vkGetBufferDeviceAddress(
    VkDevice _device, const VkBufferDeviceAddressInfo *info)
{
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    return buffer ? buffer->address : 0;
}
