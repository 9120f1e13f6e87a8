/* SPDX-License-Identifier: MIT
 *
 * VkBufferView: a typed range of a buffer, as the descriptor that shaders read it through.
 */
#ifndef ICD_BUFFER_VIEW_H
#define ICD_BUFFER_VIEW_H

#include "buffer.h"
#include "format.h"

struct icd_buffer_view {
    struct icd_object base;
    struct icd_buffer *buffer; /* reference */
    struct weft_image_desc desc;
};

ICD_DEFINE_CASTS(icd_buffer_view, VkBufferView, VK_OBJECT_TYPE_BUFFER_VIEW)

/* The descriptor of texels at an address; null where there is no address, or it can't be had. */
void icd_buffer_view_describe(struct icd_device *device, const VkDescriptorAddressInfoEXT *info,
                              struct weft_image_desc *out);

#endif
