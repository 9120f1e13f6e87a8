/* SPDX-License-Identifier: MIT
 *
 * VkBuffer: a range of a buffer object. Once bound, its address never changes.
 */
#ifndef ICD_BUFFER_H
#define ICD_BUFFER_H

#include "device.h"

struct icd_buffer {
    struct icd_object base;
    VkDeviceSize size_B;
    VkBufferUsageFlags2 usage;
    VkBufferCreateFlags flags;
    struct weft_bo *bo; /* reference; NULL until bound */
    uint64_t address;   /* of the first byte, host and device alike; 0 until bound */
    uint64_t captured;  /* the address that it must have (capture.h), or 0 */
};

ICD_DEFINE_CASTS(icd_buffer, VkBuffer, VK_OBJECT_TYPE_BUFFER)

/* The bytes that (offset, range) covers, VK_WHOLE_SIZE resolved, clamped to the buffer's end. */
static inline VkDeviceSize icd_buffer_range_B(const struct icd_buffer *buffer, VkDeviceSize offset,
                                              VkDeviceSize range)
{
    if (offset >= buffer->size_B)
        return 0;
    VkDeviceSize rest = buffer->size_B - offset;
    return range < rest ? range : rest;
}

#endif
