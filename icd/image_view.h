/* SPDX-License-Identifier: MIT
 *
 * VkImageView: a range of an image, read as some format. It holds the descriptors that shaders read it
 * through; writing a descriptor copies them.
 */
#ifndef ICD_IMAGE_VIEW_H
#define ICD_IMAGE_VIEW_H

#include "image.h"

struct icd_image_view {
    struct icd_object base;
    struct icd_image *image; /* reference */
    const struct icd_format *format;
    VkImageViewType type;
    VkImageUsageFlags usage;
    VkImageAspectFlags aspects;
    uint32_t level, layer, layers; /* layers: slices where a 2D view shows a 3D image */
    struct weft_image_desc sampled; /* with the view's components; plane 0 of a YCbCr image */
    struct weft_image_desc storage; /* without them */
    struct weft_image_desc chroma[2]; /* planes 1 and 2; plane 0 again where there are fewer */
};

ICD_DEFINE_CASTS(icd_image_view, VkImageView, VK_OBJECT_TYPE_IMAGE_VIEW)

#endif
