/* SPDX-License-Identifier: MIT
 *
 * Clears of images outside render passes.
 */
#include <string.h>

#include "cmd_buffer.h"
#include "image.h"

static uint32_t remaining(uint32_t count, uint32_t first, uint32_t total)
{
    return count == UINT32_MAX && first < total ? total - first : count;
}

/* Fills the levels and layers of a plane with a texel. */
static void clear_range(struct icd_cmd_buffer *cmd, const char *command,
                        const struct icd_image *image, uint32_t index,
                        const VkImageSubresourceRange *range, const uint8_t *texel,
                        uint32_t texel_B)
{
    const struct icd_image_plane *plane = &image->planes[index];
    bool is_3d = image->type == VK_IMAGE_TYPE_3D;
    uint32_t first = range->baseMipLevel, layer = range->baseArrayLayer;
    uint32_t levels = remaining(range->levelCount, first, image->levels);
    uint32_t layers = remaining(range->layerCount, layer, image->layers);

    /* Views of a 3D image's slices may be cleared too. */
    if (is_3d) {
        layer = 0;
        layers = 1;
    }
    if (!plane->address || first >= image->levels || levels > image->levels - first ||
        layer >= image->layers || layers > image->layers - layer) {
        icd_cmd_drop_(cmd, command, "levels %u to %u, layers %u to %u: the image has %u and %u%s",
                      first, first + levels - 1, layer, layer + layers - 1, image->levels,
                      image->layers, plane->address ? "" : ", and no memory");
        return;
    }
    for (uint32_t l = first; l < first + levels && layers; l++) {
        VkExtent3D extent = icd_image_extent(image, index, l);
        struct weft_box_fill fill = {
            .dst = {
                .address = icd_image_address(image, index, l, layer),
                .row_B = plane->levels[l].row_B,
                .slice_B = is_3d ? plane->levels[l].slice_B : plane->layer_B,
            },
            .width_B = (uint64_t)extent.width * image->samples * texel_B,
            .rows = extent.height,
            .slices = is_3d ? extent.depth : layers,
            .pattern_B = texel_B,
        };
        memcpy(fill.pattern, texel, texel_B);
        icd_cmd_check(cmd, weft_emit_fill_boxes(cmd->stream, &fill, 1));
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdClearColorImage(VkCommandBuffer handle, VkImage image_handle,
                                                VkImageLayout imageLayout,
                                                const VkClearColorValue *pColor,
                                                uint32_t rangeCount,
                                                const VkImageSubresourceRange *pRanges)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_image *image = icd_image_from(image_handle);
    uint8_t texel[WEFT_MAX_PATTERN_B];

    if (!cmd)
        return;
    /* VUID-vkCmdClearColorImage-image-00007, -01545 */
    if (!image || !image->format->channel_count || icd_format_is_depth_stencil(image->format)) {
        icd_cmd_drop(cmd, "there is no image, or its format is not one of plain colours");
        return;
    }
    /* VUID-vkCmdClearColorImage-image-09678 */
    if (image->format->channel_count > 2 && image->format->channels[0].bits == 64) {
        icd_cmd_drop(cmd, "a clear value has no room for more than two channels of 64 bits");
        return;
    }
    uint32_t texel_B = icd_format_pack(image->format, pColor, texel);
    for (uint32_t i = 0; i < rangeCount; i++) {
        if (pRanges[i].aspectMask != VK_IMAGE_ASPECT_COLOR_BIT)
            icd_cmd_drop(cmd, "the range is not one of the colour aspect");
        else
            clear_range(cmd, __func__, image, 0, &pRanges[i], texel, texel_B);
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdClearDepthStencilImage(
    VkCommandBuffer handle, VkImage image_handle, VkImageLayout imageLayout,
    const VkClearDepthStencilValue *pDepthStencil, uint32_t rangeCount,
    const VkImageSubresourceRange *pRanges)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_image *image = icd_image_from(image_handle);

    if (!cmd)
        return;
    if (!image || !icd_format_is_depth_stencil(image->format)) {
        icd_cmd_drop(cmd, "there is no image, or its format has neither depth nor stencil");
        return;
    }
    for (uint32_t i = 0; i < rangeCount; i++) {
        VkImageAspectFlags aspects = pRanges[i].aspectMask & image->format->aspects;
        static const VkImageAspectFlags both[] = {VK_IMAGE_ASPECT_DEPTH_BIT,
                                                  VK_IMAGE_ASPECT_STENCIL_BIT};
        for (int j = 0; j < 2; j++) {
            uint8_t texel[WEFT_MAX_PATTERN_B];
            VkClearColorValue value;
            if (!(aspects & both[j]))
                continue;
            uint32_t plane = (uint32_t)icd_format_plane(image->format, both[j]);
            if (both[j] == VK_IMAGE_ASPECT_DEPTH_BIT)
                value.float32[0] = pDepthStencil->depth;
            else
                value.uint32[0] = pDepthStencil->stencil & 0xff;
            uint32_t texel_B = icd_format_pack(icd_format_find(image->planes[plane].format->format),
                                               &value, texel);
            clear_range(cmd, __func__, image, plane, &pRanges[i], texel, texel_B);
        }
    }
}
