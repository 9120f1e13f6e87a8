/* SPDX-License-Identifier: MIT
 *
 * Copies of images by the host (VK_EXT_host_image_copy). The calling thread copies at once; image layouts
 * mean nothing.
 */
#include "image_box.h"

static VkResult refuse(VkDevice device, const char *command, const char *wrong)
{
    return icd_error(icd_device_from(device), VK_ERROR_UNKNOWN, "%s: %s", command, wrong);
}

/* A copy of an image's own bytes: the region is whole levels, one layer after the other. */
static struct weft_box raw_box(const struct icd_image_region *region, uint64_t address,
                               struct weft_box *texels)
{
    const struct icd_image_level *level = &region->image->planes[region->plane].levels[region->level];
    struct weft_box box = {.address = address, .row_B = level->row_B, .slice_B = level->slice_B};

    *texels = icd_image_region_box(region);
    return box;
}

static const char *copy_memory(const struct icd_image *image, bool to_image,
                               VkHostImageCopyFlags flags, const void *pointer,
                               uint32_t row_length, uint32_t image_height,
                               const VkImageSubresourceLayers *subresource, VkOffset3D offset,
                               VkExtent3D extent)
{
    struct icd_image_region region;
    const char *wrong;
    uint64_t size_B, address = (uint64_t)(uintptr_t)pointer;

    if (!image || !pointer)
        return "there is no image, or no memory";
    if (image->samples > 1)
        return "the image is multisampled";
    wrong = icd_image_region_init(&region, image, subresource->aspectMask, subresource, offset,
                                  extent);
    if (wrong)
        return wrong;
    struct weft_box texels = icd_image_region_box(&region);
    struct weft_box memory = icd_memory_box(&region, address, row_length, image_height, &size_B);
    struct weft_box_copy copy = {
        .width_B = icd_image_region_width_B(&region),
        .rows = region.rows,
        .slices = region.slices,
    };
    if (flags & VK_HOST_IMAGE_COPY_MEMCPY) {
        VkExtent3D level = icd_image_extent(image, region.plane, region.level);
        if (offset.x || offset.y || extent.width != level.width ||
            extent.height != level.height || region.slice + region.slices < level.depth)
            return "a copy of a level's own bytes has to be of the whole level";
        memory = raw_box(&region, address, &texels);
        copy.width_B = memory.row_B;
    }
    copy.src = to_image ? memory : texels;
    copy.dst = to_image ? texels : memory;
    weft_box_copy_now(&copy);
    return NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCopyMemoryToImage(VkDevice _device,
                                                   const VkCopyMemoryToImageInfo *info)
{
    for (uint32_t i = 0; i < info->regionCount; i++) {
        const VkMemoryToImageCopy *region = &info->pRegions[i];
        const char *wrong = copy_memory(
            icd_image_from(info->dstImage), true, info->flags, region->pHostPointer,
            region->memoryRowLength, region->memoryImageHeight, &region->imageSubresource,
            region->imageOffset, region->imageExtent);
        if (wrong)
            return refuse(_device, __func__, wrong);
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCopyImageToMemory(VkDevice _device,
                                                   const VkCopyImageToMemoryInfo *info)
{
    for (uint32_t i = 0; i < info->regionCount; i++) {
        const VkImageToMemoryCopy *region = &info->pRegions[i];
        const char *wrong = copy_memory(
            icd_image_from(info->srcImage), false, info->flags, region->pHostPointer,
            region->memoryRowLength, region->memoryImageHeight, &region->imageSubresource,
            region->imageOffset, region->imageExtent);
        if (wrong)
            return refuse(_device, __func__, wrong);
    }
    return VK_SUCCESS;
}

static const char *copy_image(const struct icd_image *src, const struct icd_image *dst,
                              const VkImageCopy2 *region)
{
    VkImageAspectFlags src_aspects = region->srcSubresource.aspectMask;
    VkImageAspectFlags dst_aspects = region->dstSubresource.aspectMask;

    if (!src || !dst)
        return "there is no image";
    while (src_aspects && dst_aspects) {
        struct icd_image_region from, to;
        const char *wrong =
            icd_image_region_init(&from, src, icd_aspect_next(&src_aspects),
                                  &region->srcSubresource, region->srcOffset, region->extent);
        if (!wrong)
            wrong = icd_image_region_match(&to, &from, dst, icd_aspect_next(&dst_aspects),
                                           &region->dstSubresource, region->dstOffset);
        if (wrong)
            return wrong;
        weft_box_copy_now(&(struct weft_box_copy){
            .src = icd_image_region_box(&from),
            .dst = icd_image_region_box(&to),
            .width_B = icd_image_region_width_B(&from),
            .rows = from.rows,
            .slices = from.slices,
        });
    }
    return src_aspects || dst_aspects ? "the aspects don't fit each other" : NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCopyImageToImage(VkDevice _device,
                                                  const VkCopyImageToImageInfo *info)
{
    for (uint32_t i = 0; i < info->regionCount; i++) {
        const char *wrong = copy_image(icd_image_from(info->srcImage),
                                       icd_image_from(info->dstImage), &info->pRegions[i]);
        if (wrong)
            return refuse(_device, __func__, wrong);
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkTransitionImageLayout(
    VkDevice _device, uint32_t count, const VkHostImageLayoutTransitionInfo *transitions)
{
    return VK_SUCCESS;
}
