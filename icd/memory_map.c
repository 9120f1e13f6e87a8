/* SPDX-License-Identifier: MIT
 *
 * Mapping memory. It lies in the process all the time, so a map is its address; a placed map is one
 * more mapping of the same memory at the application's address.
 */
#include "device_memory.h"

/* Checks a map's range, and resolves VK_WHOLE_SIZE. */
static bool check_range(const struct icd_device_memory *memory, VkDeviceSize offset,
                        VkDeviceSize *size)
{
    if (offset >= memory->size_B)
        return false;
    if (*size == VK_WHOLE_SIZE)
        *size = memory->size_B - offset;
    return *size != 0 && *size <= memory->size_B - offset;
}

static VkResult map(struct icd_device *device, const VkMemoryMapInfo *info, void **data_out)
{
    struct icd_device_memory *memory = icd_device_memory_from(info->memory);
    const VkMemoryMapPlacedInfoEXT *placed =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_MEMORY_MAP_PLACED_INFO_EXT);
    VkDeviceSize size = info->size, page_B = device->physical->machine.page_B;

    if (!memory)
        return icd_error(device, VK_ERROR_MEMORY_MAP_FAILED, "vkMapMemory: no memory");
    if (memory->mapped)
        return icd_error(memory, VK_ERROR_MEMORY_MAP_FAILED, "vkMapMemory: it is mapped already");
    if (!check_range(memory, info->offset, &size)) {
        return icd_error(memory, VK_ERROR_MEMORY_MAP_FAILED,
                         "vkMapMemory: offset %llu, size %llu of %llu bytes",
                         (unsigned long long)info->offset, (unsigned long long)info->size,
                         (unsigned long long)memory->size_B);
    }
    if (info->flags & VK_MEMORY_MAP_PLACED_BIT_EXT) {
        /* The last page of the memory may be mapped in part. */
        size = (size + page_B - 1) & ~(page_B - 1);
        if (!placed || weft_bo_map_at(memory->bo, info->offset, size, placed->pPlacedAddress)) {
            return icd_error(memory, VK_ERROR_MEMORY_MAP_FAILED,
                             "vkMapMemory2: offset %llu, size %llu can't be mapped at %p: all must "
                             "be multiples of %llu, and the feature memoryMapPlaced enabled",
                             (unsigned long long)info->offset, (unsigned long long)info->size,
                             placed ? placed->pPlacedAddress : NULL, (unsigned long long)page_B);
        }
        memory->placed = placed->pPlacedAddress;
        memory->placed_B = size;
        *data_out = memory->placed;
    } else {
        *data_out = (char *)weft_bo_map(memory->bo) + info->offset;
    }
    memory->mapped = true;
    return VK_SUCCESS;
}

void icd_memory_unmap(struct icd_device_memory *memory, VkMemoryUnmapFlags flags)
{
    if (memory->placed) {
        /* Kept away from everybody else until the application gives it up itself; without the flag it
         * becomes free. */
        if (flags & VK_MEMORY_UNMAP_RESERVE_BIT_EXT)
            weft_reserve(memory->placed, memory->placed_B);
        else
            weft_unmap(memory->placed, memory->placed_B);
    }
    memory->placed = NULL;
    memory->mapped = false;
}

VKAPI_ATTR VkResult VKAPI_CALL vkMapMemory(VkDevice _device, VkDeviceMemory memory,
                                           VkDeviceSize offset, VkDeviceSize size,
                                           VkMemoryMapFlags flags, void **data_out)
{
    VkMemoryMapInfo info = {.flags = flags, .memory = memory, .offset = offset, .size = size};

    return map(icd_device_from(_device), &info, data_out);
}

VKAPI_ATTR VkResult VKAPI_CALL vkMapMemory2(VkDevice _device, const VkMemoryMapInfo *info,
                                            void **data_out)
{
    return map(icd_device_from(_device), info, data_out);
}

VKAPI_ATTR void VKAPI_CALL vkUnmapMemory(VkDevice _device, VkDeviceMemory _memory)
{
    struct icd_device_memory *memory = icd_device_memory_from(_memory);

    if (memory)
        icd_memory_unmap(memory, 0);
}

VKAPI_ATTR VkResult VKAPI_CALL vkUnmapMemory2(VkDevice _device, const VkMemoryUnmapInfo *info)
{
    struct icd_device_memory *memory = icd_device_memory_from(info->memory);

    if (memory)
        icd_memory_unmap(memory, info->flags);
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
