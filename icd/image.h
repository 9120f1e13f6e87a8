/* SPDX-License-Identifier: MIT
 *
 * DOC: Images
 *
 * Where an image's texels lie. Both tilings are the same: rows of texel blocks, one after the other.
 * CPUs fetch whole cache lines and prefetch along rows, and a copy of a row is a memcpy(). The optimal
 * tiling only adds what keeps rows and slices from falling on each other in the caches: no stride is a
 * multiple of 4 KiB there.
 *
 *     plane               one, or depth and stencil, or YCbCr's    address, layer_B
 *       array layer       layer_B apart; 3D images have one
 *         mip level       levels[l].offset_B
 *           slice         levels[l].slice_B apart (3D)
 *             row         levels[l].row_B apart
 *               texel     samples one after the other
 *
 * Images with a DRM format modifier lie as drm_modifier.h says.
 *
 * All sizes fit 32 bits, as machine code computes with them (weft/image.h).
 *
 * An image is immutable but for its binding, which happens once. Views hold references.
 */
#ifndef ICD_IMAGE_H
#define ICD_IMAGE_H

#include "device.h"
#include "format.h"
#include "weft/driver.h"

#define ICD_MAX_IMAGE_B UINT32_MAX
#define ICD_MAX_LEVELS WEFT_MAX_LEVELS

struct icd_image_level {
    uint32_t offset_B, row_B, slice_B;
};

struct icd_image_plane {
    const struct icd_format_plane *format;
    uint32_t offset_B; /* in the image's memory; 0 if it is disjoint */
    uint32_t layer_B, size_B;
    /* With sparse residency: the first level of the mip tail, and where the tail starts in a layer. */
    uint32_t tail_level, tail_B;
    struct icd_image_level levels[ICD_MAX_LEVELS];
    struct weft_bo *bo; /* reference; NULL until bound */
    uint64_t address;   /* 0 until bound */
};

struct icd_image {
    struct icd_object base;
    const struct icd_format *format;
    VkImageType type;
    VkImageTiling tiling;
    VkImageCreateFlags flags;
    VkImageUsageFlags usage, stencil_usage;
    VkExtent3D extent;
    uint32_t levels, layers, samples;
    uint64_t size_B; /* of all planes that share one binding */
    struct weft_bo *sparse; /* the addresses of a sparse image, its own; or NULL */
    struct icd_image_plane planes[ICD_MAX_PLANES];
};

ICD_DEFINE_CASTS(icd_image, VkImage, VK_OBJECT_TYPE_IMAGE)

/* Fills in an image but for its object and its memory. NULL, or what is wrong with the create info. */
const char *icd_image_describe(const struct icd_physical_device *physical, const VkImageCreateInfo *info,
                               struct icd_image *image_out);

/* Says in a chained VkImageCompressionPropertiesEXT that images are not compressed. */
void icd_image_fill_compression(void *chain);

/* How many levels a complete chain has. */
uint32_t icd_image_levels_max(VkExtent3D extent);

/* The size of a level of a plane, in texels of the plane. */
VkExtent3D icd_image_extent(const struct icd_image *image, uint32_t plane, uint32_t level);

/* Where a subresource's first texel lies. The image is bound. */
uint64_t icd_image_address(const struct icd_image *image, uint32_t plane, uint32_t level,
                           uint32_t layer);

/* What handles of a type can do with the memory of an image (format_properties.c). */
VkExternalMemoryProperties icd_image_external_properties(VkExternalMemoryHandleTypeFlagBits type,
                                                         VkImageCreateFlags flags);

/* vkGetPhysicalDeviceImageFormatProperties (format_properties.c). */
VkResult icd_image_format_properties(const struct icd_physical_device *physical, VkFormat number,
                                     VkImageType type, VkImageTiling tiling,
                                     VkImageUsageFlags usage, VkImageCreateFlags flags,
                                     VkImageFormatProperties *out);

#endif
