/* SPDX-License-Identifier: MIT
 *
 * Copies between buffers and images, and between images.
 */
#include <assert.h>
#include <stddef.h>

#include "cmd_buffer.h"
#include "image_box.h"

/* Boxes that one packet takes at most. */
#define MAX_BOXES 16

struct image_copy {
    struct icd_cmd_buffer *cmd;
    const char *command;
    struct weft_box_copy boxes[MAX_BOXES];
    uint32_t count;
};

static void copy_flush(struct image_copy *copy)
{
    if (copy->count)
        icd_cmd_check(copy->cmd,
                      weft_emit_copy_boxes(copy->cmd->stream, copy->boxes, copy->count));
    copy->count = 0;
}

/* Starts a list of boxes; false when the command is to be left out. */
static bool copy_begin(struct image_copy *copy, VkCommandBuffer handle, const char *command)
{
    copy->cmd = icd_cmd_begin(handle, command);
    copy->command = command;
    copy->count = 0;
    return copy->cmd != NULL;
}

static void copy_add(struct image_copy *copy, const struct icd_image_region *region,
                     struct weft_box src, struct weft_box dst)
{
    if (copy->count == MAX_BOXES)
        copy_flush(copy);
    copy->boxes[copy->count++] = (struct weft_box_copy){
        .src = src,
        .dst = dst,
        .width_B = icd_image_region_width_B(region),
        .rows = region->rows,
        .slices = region->slices,
    };
}

static void copy_drop(struct image_copy *copy, const char *wrong)
{
    icd_cmd_drop_(copy->cmd, copy->command, "%s", wrong);
}

/* ---- Buffers and images ---- */

/* Memory of so many bytes at an address (0: none), and the region in it. */
static void copy_memory_image(struct image_copy *copy, VkDeviceAddress address,
                              VkDeviceSize memory_B, const struct icd_image *image, bool to_image,
                              const VkBufferImageCopy2 *info)
{
    const VkImageSubresourceLayers *subresource = &info->imageSubresource;
    VkDeviceSize offset = info->bufferOffset;
    struct icd_image_region region;
    const char *wrong = "there is no buffer with memory, or no image";
    uint64_t size_B;

    if (address && image)
        wrong = image->samples > 1 ? "the image is multisampled"
                                   : icd_image_region_init(&region, image, subresource->aspectMask,
                                                           subresource, info->imageOffset,
                                                           info->imageExtent);
    if (!wrong && ((info->bufferRowLength && info->bufferRowLength < info->imageExtent.width) ||
                   (info->bufferImageHeight && info->bufferImageHeight < info->imageExtent.height)))
        wrong = "the buffer's rows or slices are smaller than the region's";
    if (wrong) {
        copy_drop(copy, wrong);
        return;
    }
    struct weft_box memory = icd_memory_box(&region, address + offset, info->bufferRowLength,
                                            info->bufferImageHeight, &size_B);
    if (offset > memory_B || size_B > memory_B - offset) {
        icd_cmd_drop_(copy->cmd, copy->command,
                      "%llu bytes at offset %llu of a buffer of %llu", (unsigned long long)size_B,
                      (unsigned long long)offset, (unsigned long long)memory_B);
        return;
    }
    struct weft_box texels = icd_image_region_box(&region);
    if (to_image)
        copy_add(copy, &region, memory, texels);
    else
        copy_add(copy, &region, texels, memory);
}

static void copy_buffer_image(struct image_copy *copy, VkBuffer handle, VkImage image, bool to_image,
                              const VkBufferImageCopy2 *info)
{
    const struct icd_buffer *buffer = icd_buffer_from(handle);

    copy_memory_image(copy, buffer ? buffer->address : 0, buffer ? buffer->size_B : 0,
                      icd_image_from(image), to_image, info);
}

static void copy_buffer_image_1(VkCommandBuffer handle, const char *command, VkBuffer buffer,
                                VkImage image, bool to_image, uint32_t count,
                                const VkBufferImageCopy *regions)
{
    struct image_copy copy;

    if (!copy_begin(&copy, handle, command))
        return;
    for (uint32_t i = 0; i < count; i++) {
        const VkBufferImageCopy2 region = {
            .bufferOffset = regions[i].bufferOffset,
            .bufferRowLength = regions[i].bufferRowLength,
            .bufferImageHeight = regions[i].bufferImageHeight,
            .imageSubresource = regions[i].imageSubresource,
            .imageOffset = regions[i].imageOffset,
            .imageExtent = regions[i].imageExtent,
        };
        copy_buffer_image(&copy, buffer, image, to_image, &region);
    }
    copy_flush(&copy);
}

static void copy_buffer_image_2(VkCommandBuffer handle, const char *command, VkBuffer buffer,
                                VkImage image, bool to_image, uint32_t count,
                                const VkBufferImageCopy2 *regions)
{
    struct image_copy copy;

    if (!copy_begin(&copy, handle, command))
        return;
    for (uint32_t i = 0; i < count; i++)
        copy_buffer_image(&copy, buffer, image, to_image, &regions[i]);
    copy_flush(&copy);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyBufferToImage(VkCommandBuffer handle, VkBuffer srcBuffer,
                                                  VkImage dstImage, VkImageLayout dstImageLayout,
                                                  uint32_t regionCount,
                                                  const VkBufferImageCopy *pRegions)
{
    copy_buffer_image_1(handle, __func__, srcBuffer, dstImage, true, regionCount, pRegions);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyBufferToImage2(VkCommandBuffer handle,
                                                   const VkCopyBufferToImageInfo2 *info)
{
    copy_buffer_image_2(handle, __func__, info->srcBuffer, info->dstImage, true, info->regionCount,
                        info->pRegions);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyImageToBuffer(VkCommandBuffer handle, VkImage srcImage,
                                                  VkImageLayout srcImageLayout, VkBuffer dstBuffer,
                                                  uint32_t regionCount,
                                                  const VkBufferImageCopy *pRegions)
{
    copy_buffer_image_1(handle, __func__, dstBuffer, srcImage, false, regionCount, pRegions);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyImageToBuffer2(VkCommandBuffer handle,
                                                   const VkCopyImageToBufferInfo2 *info)
{
    copy_buffer_image_2(handle, __func__, info->dstBuffer, info->srcImage, false, info->regionCount,
                        info->pRegions);
}

static void copy_ranges(VkCommandBuffer handle, const char *command,
                        const VkCopyDeviceMemoryImageInfoKHR *info, bool to_image)
{
    struct image_copy copy;

    if (!copy_begin(&copy, handle, command))
        return;
    for (uint32_t i = 0; i < info->regionCount; i++) {
        const VkDeviceMemoryImageCopyKHR *region = &info->pRegions[i];
        const VkBufferImageCopy2 place = {
            .bufferRowLength = region->addressRowLength,
            .bufferImageHeight = region->addressImageHeight,
            .imageSubresource = region->imageSubresource,
            .imageOffset = region->imageOffset,
            .imageExtent = region->imageExtent,
        };
        copy_memory_image(&copy, region->addressRange.address, region->addressRange.size,
                          icd_image_from(info->image), to_image, &place);
    }
    copy_flush(&copy);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryToImageKHR(VkCommandBuffer handle,
                                                     const VkCopyDeviceMemoryImageInfoKHR *info)
{
    copy_ranges(handle, __func__, info, true);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyImageToMemoryKHR(VkCommandBuffer handle,
                                                     const VkCopyDeviceMemoryImageInfoKHR *info)
{
    copy_ranges(handle, __func__, info, false);
}

/* ---- Described in memory ---- */

static_assert(sizeof(VkCopyMemoryToImageIndirectCommandKHR) == sizeof(struct weft_box_command) &&
                  offsetof(VkCopyMemoryToImageIndirectCommandKHR, imageSubresource) ==
                      offsetof(struct weft_box_command, subresource) &&
                  offsetof(VkCopyMemoryToImageIndirectCommandKHR, imageExtent) ==
                      offsetof(struct weft_box_command, extent),
              "the driver reads Vulkan's structure");

/* All that such a command may write. NULL, or what is wrong. */
static const char *describe_target(const struct icd_image *image,
                                   const VkImageSubresourceLayers *subresource,
                                   struct weft_box_target *out)
{
    int plane = image ? icd_format_plane(image->format, subresource->aspectMask) : -1;
    struct icd_image_region region;

    if (plane < 0 || subresource->mipLevel >= image->levels)
        return "the image has no such aspect or level";
    if (image->samples > 1)
        return "the image is multisampled";
    VkExtent3D extent = icd_image_extent(image, (uint32_t)plane, subresource->mipLevel);
    const char *wrong = icd_image_region_init(&region, image, subresource->aspectMask, subresource,
                                              (VkOffset3D){0, 0, 0}, extent);
    if (wrong)
        return wrong;
    const struct icd_format_plane *format = image->planes[plane].format;
    *out = (struct weft_box_target){
        .box = icd_image_region_box(&region),
        .width = extent.width,
        .height = extent.height,
        .slices = region.slices,
        .layered = image->type != VK_IMAGE_TYPE_3D,
        .block_width = format->block_width,
        .block_height = format->block_height,
        .block_B = format->block_B,
    };
    return NULL;
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryToImageIndirectKHR(
    VkCommandBuffer handle, const VkCopyMemoryToImageIndirectInfoKHR *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const VkStridedDeviceAddressRangeKHR *range = &info->copyAddressRange;
    uint64_t room = range->stride ? range->size / range->stride : 1;
    uint32_t count = info->copyCount < room ? info->copyCount : (uint32_t)room;

    /* In packets of some targets each. */
    for (uint32_t first = 0; cmd && first < count; first += MAX_BOXES) {
        struct weft_box_target targets[MAX_BOXES];
        uint32_t some = count - first < MAX_BOXES ? count - first : MAX_BOXES;
        for (uint32_t i = 0; i < some; i++) {
            const char *wrong = describe_target(icd_image_from(info->dstImage),
                                                &info->pImageSubresources[first + i], &targets[i]);
            if (wrong) {
                icd_cmd_drop(cmd, "%s", wrong);
                return;
            }
        }
        icd_cmd_check(cmd, weft_emit_copy_boxes_indirect(
                               cmd->stream, range->address + first * range->stride, range->stride,
                               targets, some));
    }
}

/* ---- Images ---- */

/* Copies one aspect. */
static const char *copy_aspect(struct image_copy *copy, const struct icd_image *src,
                               const struct icd_image *dst, const VkImageCopy2 *info,
                               VkImageAspectFlags src_aspect, VkImageAspectFlags dst_aspect)
{
    struct icd_image_region from, to;
    const char *wrong = icd_image_region_init(&from, src, src_aspect, &info->srcSubresource,
                                              info->srcOffset, info->extent);

    if (!wrong)
        wrong = icd_image_region_match(&to, &from, dst, dst_aspect, &info->dstSubresource,
                                       info->dstOffset);
    if (!wrong)
        copy_add(copy, &from, icd_image_region_box(&from), icd_image_region_box(&to));
    return wrong;
}

static void copy_image(struct image_copy *copy, const struct icd_image *src,
                       const struct icd_image *dst, const VkImageCopy2 *info)
{
    VkImageAspectFlags src_aspects = info->srcSubresource.aspectMask;
    VkImageAspectFlags dst_aspects = info->dstSubresource.aspectMask;
    const char *wrong = src && dst ? NULL : "there is no image";

    while (!wrong && src_aspects && dst_aspects)
        wrong = copy_aspect(copy, src, dst, info, icd_aspect_next(&src_aspects),
                            icd_aspect_next(&dst_aspects));
    if (!wrong && (src_aspects || dst_aspects))
        wrong = "the aspects don't fit each other";
    if (wrong)
        copy_drop(copy, wrong);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyImage(VkCommandBuffer handle, VkImage srcImage,
                                          VkImageLayout srcImageLayout, VkImage dstImage,
                                          VkImageLayout dstImageLayout, uint32_t regionCount,
                                          const VkImageCopy *pRegions)
{
    struct image_copy copy;

    if (!copy_begin(&copy, handle, __func__))
        return;
    for (uint32_t i = 0; i < regionCount; i++) {
        const VkImageCopy *region = &pRegions[i];
        const VkImageCopy2 region2 = {
            .srcSubresource = region->srcSubresource,
            .srcOffset = region->srcOffset,
            .dstSubresource = region->dstSubresource,
            .dstOffset = region->dstOffset,
            .extent = region->extent,
        };
        copy_image(&copy, icd_image_from(srcImage), icd_image_from(dstImage), &region2);
    }
    copy_flush(&copy);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyImage2(VkCommandBuffer handle, const VkCopyImageInfo2 *info)
{
    struct image_copy copy;

    if (!copy_begin(&copy, handle, __func__))
        return;
    for (uint32_t i = 0; i < info->regionCount; i++)
        copy_image(&copy, icd_image_from(info->srcImage), icd_image_from(info->dstImage),
                   &info->pRegions[i]);
    copy_flush(&copy);
}
