/* SPDX-License-Identifier: MIT
 *
 * VkDeviceMemory: one buffer object of the driver. Allocating and freeing is in device_memory.c,
 * mapping in memory_map.c, everything about handles of other owners in external.c.
 */
#ifndef ICD_DEVICE_MEMORY_H
#define ICD_DEVICE_MEMORY_H

#include "device.h"

struct icd_device_memory {
    struct icd_object base;
    struct weft_bo *bo; /* closed, not only put, when the handle is destroyed */
    VkDeviceSize size_B;
    uint64_t id;        /* for VK_EXT_device_memory_report: shared by all handles of one memory */
    bool imported;
    bool mapped;
    void *placed;       /* mapped at this address of the application's choice, or NULL */
    VkDeviceSize placed_B;
};

ICD_DEFINE_CASTS(icd_device_memory, VkDeviceMemory, VK_OBJECT_TYPE_DEVICE_MEMORY)

/* Alignment and size in which every resource takes memory. */
#define ICD_MEMORY_ALIGNMENT_B 64

/* The handle types that memory can be exported as and imported from by descriptor. */
#define ICD_MEMORY_FD_TYPES                                                                        \
    (VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT | VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT)

/* What handles of a type can do with the memory of buffers and images. No features: nothing. */
VkExternalMemoryProperties icd_external_memory_properties(VkExternalMemoryHandleTypeFlagBits type);

/* Makes the bo that vkAllocateMemory's chain asks for where it imports memory. NULL in *bo_out where
 * it does not. -> VK_ERROR_INVALID_EXTERNAL_HANDLE, VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_memory_import(struct icd_device *device, const VkMemoryAllocateInfo *info,
                           struct weft_bo **bo_out);
/* Where placed maps of the memory end: takes them away. */
void icd_memory_unmap(struct icd_device_memory *memory, VkMemoryUnmapFlags flags);

#endif
