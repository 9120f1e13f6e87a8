/* SPDX-License-Identifier: MIT
 *
 * The queries about sparse residency of images.
 */
#include "sparse_image.h"

#include "device.h"
#include "image.h"

_Static_assert(ICD_SPARSE_PAGE_B == WEFT_RESIDENT_PAGE_B, "a block's row is what is bound or not");

bool icd_sparse_image_fits(const struct icd_format *format, VkImageType type)
{
    if ((type != VK_IMAGE_TYPE_2D && type != VK_IMAGE_TYPE_3D) || (format->flags & ICD_FORMAT_YCBCR))
        return false;
    for (uint32_t i = 0; i < format->plane_count; i++) {
        if (format->planes[i].block_B & (format->planes[i].block_B - 1))
            return false;
    }
    return true;
}

VkExtent3D icd_sparse_block(const struct icd_format_plane *plane, VkImageType type,
                            uint32_t samples)
{
    uint32_t columns = ICD_SPARSE_PAGE_B / (plane->block_B * samples);
    uint32_t rows = ICD_SPARSE_BLOCK_B / ICD_SPARSE_PAGE_B;

    return type == VK_IMAGE_TYPE_3D ? (VkExtent3D){columns, 4, rows / 4} : (VkExtent3D){columns, rows, 1};
}

static VkSparseImageFormatProperties plane_properties(const struct icd_format *format, uint32_t index,
                                                      VkImageType type, uint32_t samples)
{
    const struct icd_format_plane *plane = &format->planes[index];
    VkExtent3D block = icd_sparse_block(plane, type, samples);
    VkImageAspectFlags aspects = VK_IMAGE_ASPECT_COLOR_BIT;

    if (icd_format_is_depth_stencil(format)) {
        bool stencil = icd_format_plane(format, VK_IMAGE_ASPECT_STENCIL_BIT) == (int)index;
        aspects = stencil ? VK_IMAGE_ASPECT_STENCIL_BIT : VK_IMAGE_ASPECT_DEPTH_BIT;
    }
    return (VkSparseImageFormatProperties){
        .aspectMask = aspects,
        .imageGranularity = {block.width * plane->block_width, block.height * plane->block_height,
                             block.depth},
        .flags = VK_SPARSE_IMAGE_FORMAT_NONSTANDARD_BLOCK_SIZE_BIT,
    };
}

/* ---- Of formats ---- */

/* How many planes with properties such an image has; 0 if it can't be. */
static uint32_t plane_count(VkPhysicalDevice physical, const VkPhysicalDeviceSparseImageFormatInfo2 *info)
{
    const VkImageCreateFlags flags =
        VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT;
    VkImageFormatProperties limits;

    /* Linear images could have it, too, but "VK_IMAGE_TILING_LINEAR tiling is not supported". */
    if (info->tiling != VK_IMAGE_TILING_OPTIMAL ||
        icd_image_format_properties(icd_physical_device_from(physical), info->format, info->type,
                                    info->tiling, info->usage, flags, &limits) != VK_SUCCESS ||
        !(info->samples & limits.sampleCounts) || (info->samples & (info->samples - 1)))
        return 0;
    return icd_format_find(info->format)->plane_count;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceSparseImageFormatProperties2(
    VkPhysicalDevice physical, const VkPhysicalDeviceSparseImageFormatInfo2 *info, uint32_t *count,
    VkSparseImageFormatProperties2 *properties)
{
    uint32_t total = plane_count(physical, info);

    if (properties && *count < total)
        total = *count;
    for (uint32_t i = 0; properties && i < total; i++)
        properties[i].properties =
            plane_properties(icd_format_find(info->format), i, info->type, info->samples);
    *count = total;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceSparseImageFormatProperties(
    VkPhysicalDevice physical, VkFormat format, VkImageType type, VkSampleCountFlagBits samples,
    VkImageUsageFlags usage, VkImageTiling tiling, uint32_t *count,
    VkSparseImageFormatProperties *properties)
{
    const VkPhysicalDeviceSparseImageFormatInfo2 info = {
        .format = format, .type = type, .samples = samples, .usage = usage, .tiling = tiling};
    VkSparseImageFormatProperties2 two[ICD_MAX_PLANES];
    uint32_t room = *count < ICD_MAX_PLANES ? *count : ICD_MAX_PLANES;

    vkGetPhysicalDeviceSparseImageFormatProperties2(physical, &info, properties ? &room : count,
                                                    properties ? two : NULL);
    if (!properties)
        return;
    for (uint32_t i = 0; i < room; i++)
        properties[i] = two[i].properties;
    *count = room;
}

/* ---- Of images ---- */

static void fill_requirements(const struct icd_image *image, uint32_t *count,
                              VkSparseImageMemoryRequirements2 *out)
{
    uint32_t total = image->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT ? image->format->plane_count : 0;

    if (out && *count < total)
        total = *count;
    for (uint32_t i = 0; out && i < total; i++) {
        const struct icd_image_plane *plane = &image->planes[i];
        out[i].memoryRequirements = (VkSparseImageMemoryRequirements){
            .formatProperties = plane_properties(image->format, i, image->type, image->samples),
            .imageMipTailFirstLod = plane->tail_level,
            .imageMipTailSize = plane->layer_B - plane->tail_B,
            .imageMipTailOffset = plane->offset_B + (VkDeviceSize)plane->tail_B,
            .imageMipTailStride = plane->layer_B,
        };
    }
    *count = total;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSparseMemoryRequirements2(
    VkDevice _device, const VkImageSparseMemoryRequirementsInfo2 *info, uint32_t *count,
    VkSparseImageMemoryRequirements2 *out)
{
    const struct icd_image *image = icd_image_from(info->image);

    if (image)
        fill_requirements(image, count, out);
    else
        *count = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSparseMemoryRequirements(
    VkDevice device, VkImage image, uint32_t *count, VkSparseImageMemoryRequirements *out)
{
    const VkImageSparseMemoryRequirementsInfo2 info = {.image = image};
    VkSparseImageMemoryRequirements2 two[ICD_MAX_PLANES];
    uint32_t room = *count < ICD_MAX_PLANES ? *count : ICD_MAX_PLANES;

    vkGetImageSparseMemoryRequirements2(device, &info, out ? &room : count, out ? two : NULL);
    if (!out)
        return;
    for (uint32_t i = 0; i < room; i++)
        out[i] = two[i].memoryRequirements;
    *count = room;
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceImageSparseMemoryRequirements(
    VkDevice _device, const VkDeviceImageMemoryRequirements *info, uint32_t *count,
    VkSparseImageMemoryRequirements2 *out)
{
    struct icd_image image = {0};

    if (icd_image_describe(icd_device_from(_device)->physical, info->pCreateInfo, &image))
        *count = 0;
    else
        fill_requirements(&image, count, out);
}
