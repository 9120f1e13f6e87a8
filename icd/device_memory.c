/* SPDX-License-Identifier: MIT */
#include "device_memory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "memory_report.h"

static void finish_memory(struct icd_object *object)
{
    struct icd_device_memory *memory = (struct icd_device_memory *)object;
    struct icd_device *device = object->device;

    icd_memory_unmap(memory, 0);
    weft_bo_close(&memory->bo);
    if (!memory->imported)
        atomic_fetch_sub(&device->physical->allocated_B, memory->size_B);
}

/* What the memory must be able to do beyond being there. */
static uint32_t bo_flags(const struct icd_device *device, const VkMemoryAllocateInfo *info)
{
    const VkExportMemoryAllocateInfo *export =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO);
    const VkMemoryAllocateFlagsInfo *allocate =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO);
    uint32_t flags = 0;

    /* Any memory may be mapped to a place of the application's choice. */
    if (info->memoryTypeIndex == ICD_MEMORY_SHARED || device->features.memoryMapPlaced)
        flags |= WEFT_BO_SHARED;
    if (export && (export->handleTypes & ICD_MEMORY_FD_TYPES))
        flags |= WEFT_BO_EXPORT;
    if (allocate && (allocate->flags & VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_CAPTURE_REPLAY_BIT))
        flags |= WEFT_BO_PLACED;
    return flags;
}

static VkResult create_bo(struct icd_device *device, const VkMemoryAllocateInfo *info,
                          struct weft_bo **bo_out)
{
    uint64_t captured = icd_captured_address(info->pNext);

    switch (weft_bo_create_at(device->weft, info->allocationSize, bo_flags(device, info), captured,
                              bo_out)) {
    case 0:
        return VK_SUCCESS;
    case -EADDRINUSE:
        return icd_error(device, VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS,
                         "vkAllocateMemory: no %llu bytes are free at 0x%llx",
                         (unsigned long long)info->allocationSize, (unsigned long long)captured);
    default:
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkAllocateMemory: the system has no %llu bytes",
                         (unsigned long long)info->allocationSize);
    }
}

static VkResult allocate(struct icd_device *device, const VkMemoryAllocateInfo *info,
                         struct icd_device_memory *memory)
{
    uint64_t heap_B = device->physical->heap_B;
    VkResult result = icd_memory_import(device, info, &memory->bo);

    if (result != VK_SUCCESS || memory->bo) {
        memory->imported = true;
        return result;
    }
    /* As much as the heap has, whatever the system would promise. */
    if (atomic_fetch_add(&device->physical->allocated_B, info->allocationSize) +
            info->allocationSize >
        heap_B) {
        result = icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                           "vkAllocateMemory: %llu bytes more than the heap of %llu has left",
                           (unsigned long long)info->allocationSize, (unsigned long long)heap_B);
    } else {
        result = create_bo(device, info, &memory->bo);
    }
    if (result != VK_SUCCESS) {
        atomic_fetch_sub(&device->physical->allocated_B, info->allocationSize);
        icd_report_memory(device, VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATION_FAILED_EXT, 0,
                          info->allocationSize, VK_OBJECT_TYPE_DEVICE_MEMORY, NULL);
    }
    return result;
}

/* The number by which memory is reported: of what has a descriptor that of its file, which every handle of
 * the same memory has, in this process and others. */
static uint64_t report_id(struct icd_device *device, const struct weft_bo *bo)
{
    uint64_t id = icd_report_id(device);
    struct stat stat;
    int fd;

    if (id && weft_bo_export(bo, false, &fd) == 0) {
        if (fstat(fd, &stat) == 0)
            id = (uint64_t)stat.st_ino | UINT64_C(1) << 63;
        close(fd);
    }
    return id;
}

VKAPI_ATTR VkResult VKAPI_CALL vkAllocateMemory(VkDevice _device, const VkMemoryAllocateInfo *info,
                                                const VkAllocationCallbacks *alloc,
                                                VkDeviceMemory *memory_out)
{
    struct icd_device *device = icd_device_from(_device);
    uint64_t heap_B = device->physical->heap_B;

    if (info->memoryTypeIndex >= ICD_MEMORY_TYPE_COUNT) {
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkAllocateMemory: memory type %u; there are %d", info->memoryTypeIndex,
                         ICD_MEMORY_TYPE_COUNT);
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
    VkResult result = allocate(device, info, memory);
    if (result != VK_SUCCESS) {
        icd_object_discard(&memory->base);
        return result;
    }
    memory->size_B = info->allocationSize;
    memory->id = report_id(device, memory->bo);
    icd_report_memory(device,
                      memory->imported ? VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_IMPORT_EXT
                                       : VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT,
                      memory->id, memory->size_B, VK_OBJECT_TYPE_DEVICE_MEMORY, memory);
    icd_report_address(memory, (uintptr_t)weft_bo_map(memory->bo), memory->size_B, true);
    *memory_out = icd_device_memory_to(memory);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkFreeMemory(VkDevice _device, VkDeviceMemory _memory,
                                        const VkAllocationCallbacks *alloc)
{
    struct icd_device_memory *memory = icd_device_memory_from(_memory);

    if (!memory)
        return;
    icd_report_address(memory, (uintptr_t)weft_bo_map(memory->bo), memory->size_B, false);
    icd_report_memory(memory->base.device,
                      memory->imported ? VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_UNIMPORT_EXT
                                       : VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_FREE_EXT,
                      memory->id, memory->size_B, VK_OBJECT_TYPE_DEVICE_MEMORY, memory);
    icd_object_release(memory);
}

/* A hint. All memory is the process's, and the system alone decides what of it stays in memory. */
VKAPI_ATTR void VKAPI_CALL vkSetDeviceMemoryPriorityEXT(VkDevice _device, VkDeviceMemory memory,
                                                        float priority)
{
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceMemoryCommitment(VkDevice _device, VkDeviceMemory _memory,
                                                       VkDeviceSize *committed_out)
{
    const struct icd_device_memory *memory = icd_device_memory_from(_memory);

    *committed_out = memory ? memory->size_B : 0;
}
