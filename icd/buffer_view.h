/* SPDX-License-Identifier: MIT
 *
 * VkBufferView: a typed range of a buffer.
 */
#ifndef ICD_BUFFER_VIEW_H
#define ICD_BUFFER_VIEW_H

#include "buffer.h"

struct icd_buffer_view {
    struct icd_object base;
    struct icd_buffer *buffer; /* reference */
    VkFormat format;
    VkDeviceSize offset_B, range_B; /* range_B is resolved */
};

ICD_DEFINE_CASTS(icd_buffer_view, VkBufferView, VK_OBJECT_TYPE_BUFFER_VIEW)

#endif
