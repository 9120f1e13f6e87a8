/* SPDX-License-Identifier: MIT
 *
 * Regions of images and of buffers that hold texels, as boxes of bytes that the driver copies. Here is
 * where an application's region is checked: a box that comes out lies in the image.
 */
#ifndef ICD_IMAGE_BOX_H
#define ICD_IMAGE_BOX_H

#include "buffer.h"
#include "image.h"

/* A region of one subresource of each of some layers, in texel blocks of a plane. */
struct icd_image_region {
    const struct icd_image *image;
    uint32_t plane, level;
    uint32_t column, row, slice; /* slice: the first layer, or z in a 3D image */
    uint32_t columns, rows, slices;
};

/* The region of an aspect (one bit), in texels of its plane. Layers of a 3D image are 0 and 1; `slices`
 * is how many layers an array image has to have, or 0 for what subresource says.
 * NULL, or what is wrong. */
const char *icd_image_region_init(struct icd_image_region *region, const struct icd_image *image,
                                  VkImageAspectFlags aspect,
                                  const VkImageSubresourceLayers *subresource, VkOffset3D offset,
                                  VkExtent3D extent);

/* Makes dst the region that starts at an offset and has as many blocks as src. NULL, or what is wrong. */
const char *icd_image_region_match(struct icd_image_region *dst,
                                   const struct icd_image_region *src,
                                   const struct icd_image *image, VkImageAspectFlags aspect,
                                   const VkImageSubresourceLayers *subresource,
                                   VkOffset3D offset);

/* The next aspect of a mask, taken out of it; 0 at its end. */
static inline VkImageAspectFlags icd_aspect_next(VkImageAspectFlags *aspects)
{
    VkImageAspectFlags aspect = *aspects & -*aspects;

    *aspects &= ~aspect;
    return aspect;
}

/* Bytes of a row of the region. */
uint64_t icd_image_region_width_B(const struct icd_image_region *region);
struct weft_box icd_image_region_box(const struct icd_image_region *region);

/* How the region's texels lie in memory from an address on, rows of row_length texels and slices of
 * image_height (0: no more than the region's). *size_B_out: the bytes from the first to the last. */
struct weft_box icd_memory_box(const struct icd_image_region *region, uint64_t address,
                               uint32_t row_length, uint32_t image_height, uint64_t *size_B_out);

#endif
