/* SPDX-License-Identifier: MIT */
#include "device_memory.h"

static void finish_memory(struct icd_object *object)
{
    struct icd_device_memory *memory = (struct icd_device_memory *)object;

    weft_bo_close(&memory->bo);
    atomic_fetch_sub(&object->device->physical->allocated_B, memory->size_B);
}

VKAPI_ATTR VkResult VKAPI_CALL vkAllocateMemory(VkDevice _device, const VkMemoryAllocateInfo *info,
                                                const VkAllocationCallbacks *alloc,
                                                VkDeviceMemory *memory_out)
{
    struct icd_device *device = icd_device_from(_device);
    uint64_t heap_B = device->physical->heap_B;

    if (info->memoryTypeIndex != 0) {
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkAllocateMemory: memory type %u; there is only type 0",
                         info->memoryTypeIndex);
    }
    if (info->allocationSize == 0 || info->allocationSize > heap_B) {
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkAllocateMemory: %llu bytes, of a heap of %llu",
                         (unsigned long long)info->allocationSize, (unsigned long long)heap_B);
    }
    struct icd_device_memory *memory = icd_object_create(
        device, NULL, sizeof(*memory), VK_OBJECT_TYPE_DEVICE_MEMORY, finish_memory);
    if (!memory)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkAllocateMemory");
    int error = weft_bo_create(device->weft, info->allocationSize, 0, &memory->bo);
    if (error) {
        icd_object_discard(&memory->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkAllocateMemory: the system has no %llu bytes",
                         (unsigned long long)info->allocationSize);
    }
    memory->size_B = info->allocationSize;
    atomic_fetch_add(&device->physical->allocated_B, memory->size_B);
    *memory_out = icd_device_memory_to(memory);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkFreeMemory(VkDevice _device, VkDeviceMemory memory,
                                        const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_device_memory_from(memory));
}

static VkResult map(struct icd_device *device, struct icd_device_memory *memory,
                    VkDeviceSize offset, VkDeviceSize size, void **data_out)
{
    if (!memory)
        return icd_error(device, VK_ERROR_MEMORY_MAP_FAILED, "vkMapMemory: no memory");
    if (memory->mapped)
        return icd_error(memory, VK_ERROR_MEMORY_MAP_FAILED, "vkMapMemory: it is mapped already");
    if (offset >= memory->size_B ||
        (size != VK_WHOLE_SIZE && size > memory->size_B - offset)) {
        return icd_error(memory, VK_ERROR_MEMORY_MAP_FAILED,
                         "vkMapMemory: offset %llu, size %llu of %llu bytes",
                         (unsigned long long)offset, (unsigned long long)size,
                         (unsigned long long)memory->size_B);
    }
    memory->mapped = true;
    *data_out = (char *)weft_bo_map(memory->bo) + offset;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkMapMemory(VkDevice _device, VkDeviceMemory memory,
                                           VkDeviceSize offset, VkDeviceSize size,
                                           VkMemoryMapFlags flags, void **data_out)
{
    return map(icd_device_from(_device), icd_device_memory_from(memory), offset, size, data_out);
}

VKAPI_ATTR VkResult VKAPI_CALL vkMapMemory2(VkDevice _device, const VkMemoryMapInfo *info,
                                            void **data_out)
{
    return map(icd_device_from(_device), icd_device_memory_from(info->memory), info->offset,
               info->size, data_out);
}

VKAPI_ATTR void VKAPI_CALL vkUnmapMemory(VkDevice _device, VkDeviceMemory _memory)
{
    struct icd_device_memory *memory = icd_device_memory_from(_memory);

    if (memory)
        memory->mapped = false;
}

VKAPI_ATTR VkResult VKAPI_CALL vkUnmapMemory2(VkDevice _device, const VkMemoryUnmapInfo *info)
{
    vkUnmapMemory(_device, info->memory);
    return VK_SUCCESS;
}

/* The memory is the process's own, so it is always coherent. */
VKAPI_ATTR VkResult VKAPI_CALL vkFlushMappedMemoryRanges(VkDevice _device, uint32_t count,
                                                         const VkMappedMemoryRange *ranges)
{
    atomic_thread_fence(memory_order_release);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkInvalidateMappedMemoryRanges(VkDevice _device, uint32_t count,
                                                              const VkMappedMemoryRange *ranges)
{
    atomic_thread_fence(memory_order_acquire);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceMemoryCommitment(VkDevice _device, VkDeviceMemory _memory,
                                                       VkDeviceSize *committed_out)
{
    const struct icd_device_memory *memory = icd_device_memory_from(_memory);

    *committed_out = memory ? memory->size_B : 0;
}

/* bufferDeviceAddressCaptureReplay is not supported: 0 is no address. */
VKAPI_ATTR uint64_t VKAPI_CALL vkGetDeviceMemoryOpaqueCaptureAddress(
    VkDevice _device, const VkDeviceMemoryOpaqueCaptureAddressInfo *info)
{
    return 0;
}
