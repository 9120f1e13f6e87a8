/* SPDX-License-Identifier: MIT
 *
 * VkDeviceMemory: one buffer object of the driver.
 */
#ifndef ICD_DEVICE_MEMORY_H
#define ICD_DEVICE_MEMORY_H

#include "device.h"

struct icd_device_memory {
    struct icd_object base;
    struct weft_bo *bo; /* closed, not only put, when the handle is destroyed */
    VkDeviceSize size_B;
    bool mapped;
};

ICD_DEFINE_CASTS(icd_device_memory, VkDeviceMemory, VK_OBJECT_TYPE_DEVICE_MEMORY)

/* Alignment and size in which every resource takes memory. */
#define ICD_MEMORY_ALIGNMENT_B 64

#endif
