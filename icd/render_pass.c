/* SPDX-License-Identifier: MIT
 *
 * DOC: Render passes without drawing
 *
 * wgpu clears new textures by render passes in which nothing is drawn. With ICD_QUIRK_GRAPHICS there
 * are render passes and framebuffers for that: beginning one clears what its attachments' load
 * operations say, and that is all. Without it they are refused like everything else that draws, and
 * pipelines and draws are refused in any case.
 */
#include <string.h>

#include "cmd_buffer.h"
#include "entrypoints.h"
#include "image_view.h"
#include "instance.h"
#include "quirk.h"

struct attachment {
    bool clear, clear_stencil;
};

struct icd_render_pass {
    struct icd_object base;
    uint32_t attachment_count;
    struct attachment attachments[];
};

ICD_DEFINE_CASTS(icd_render_pass, VkRenderPass, VK_OBJECT_TYPE_RENDER_PASS)

struct icd_framebuffer {
    struct icd_object base;
    uint32_t layers;
    uint32_t view_count; /* 0 of one without images */
    struct icd_image_view *views[]; /* references */
};

ICD_DEFINE_CASTS(icd_framebuffer, VkFramebuffer, VK_OBJECT_TYPE_FRAMEBUFFER)

/* ---- Render passes ---- */

static struct icd_render_pass *create_pass(struct icd_device *device, const char *call,
                                           uint32_t count, VkResult *result_out)
{
    struct icd_render_pass *pass = NULL;

    if (!(device->base.instance->quirks & ICD_QUIRK_GRAPHICS)) {
        *result_out = icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT,
                                "%s: render passes are not supported; Weft runs compute shaders",
                                call);
        return NULL;
    }
    pass = icd_object_create(device, NULL, sizeof(*pass) + count * sizeof(pass->attachments[0]),
                             VK_OBJECT_TYPE_RENDER_PASS, NULL);
    if (!pass) {
        *result_out = icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "%s", call);
        return NULL;
    }
    pass->attachment_count = count;
    *result_out = VK_SUCCESS;
    return pass;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateRenderPass(VkDevice device,
                                                  const VkRenderPassCreateInfo *info,
                                                  const VkAllocationCallbacks *alloc,
                                                  VkRenderPass *pass_out)
{
    VkResult result;
    struct icd_render_pass *pass =
        create_pass(icd_device_from(device), __func__, info->attachmentCount, &result);

    for (uint32_t i = 0; pass && i < info->attachmentCount; i++)
        pass->attachments[i] = (struct attachment){
            info->pAttachments[i].loadOp == VK_ATTACHMENT_LOAD_OP_CLEAR,
            info->pAttachments[i].stencilLoadOp == VK_ATTACHMENT_LOAD_OP_CLEAR};
    *pass_out = icd_render_pass_to(pass);
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateRenderPass2(VkDevice device,
                                                   const VkRenderPassCreateInfo2 *info,
                                                   const VkAllocationCallbacks *alloc,
                                                   VkRenderPass *pass_out)
{
    VkResult result;
    struct icd_render_pass *pass =
        create_pass(icd_device_from(device), __func__, info->attachmentCount, &result);

    for (uint32_t i = 0; pass && i < info->attachmentCount; i++)
        pass->attachments[i] = (struct attachment){
            info->pAttachments[i].loadOp == VK_ATTACHMENT_LOAD_OP_CLEAR,
            info->pAttachments[i].stencilLoadOp == VK_ATTACHMENT_LOAD_OP_CLEAR};
    *pass_out = icd_render_pass_to(pass);
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyRenderPass(VkDevice device, VkRenderPass pass,
                                               const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_render_pass_from(pass));
}

/* ---- Framebuffers ---- */

static void finish_framebuffer(struct icd_object *object)
{
    struct icd_framebuffer *framebuffer = (struct icd_framebuffer *)object;

    for (uint32_t i = 0; i < framebuffer->view_count; i++)
        icd_object_put(framebuffer->views[i]);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateFramebuffer(VkDevice _device,
                                                   const VkFramebufferCreateInfo *info,
                                                   const VkAllocationCallbacks *alloc,
                                                   VkFramebuffer *framebuffer_out)
{
    struct icd_device *device = icd_device_from(_device);
    uint32_t count =
        info->flags & VK_FRAMEBUFFER_CREATE_IMAGELESS_BIT ? 0 : info->attachmentCount;
    struct icd_framebuffer *framebuffer;

    *framebuffer_out = VK_NULL_HANDLE;
    if (!(device->base.instance->quirks & ICD_QUIRK_GRAPHICS))
        return icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT,
                         "%s: framebuffers are not supported; Weft runs compute shaders",
                         __func__);
    framebuffer = icd_object_create(device, NULL,
                                    sizeof(*framebuffer) + count * sizeof(framebuffer->views[0]),
                                    VK_OBJECT_TYPE_FRAMEBUFFER, finish_framebuffer);
    if (!framebuffer)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "%s", __func__);
    framebuffer->layers = info->layers;
    framebuffer->view_count = count;
    for (uint32_t i = 0; i < count; i++)
        framebuffer->views[i] = icd_object_get(icd_image_view_from(info->pAttachments[i]));
    *framebuffer_out = icd_framebuffer_to(framebuffer);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyFramebuffer(VkDevice device, VkFramebuffer framebuffer,
                                                const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_framebuffer_from(framebuffer));
}

/* ---- Commands ---- */

static uint32_t clip(int32_t offset, uint32_t size, uint32_t end, uint32_t *start_out)
{
    int64_t start = offset > 0 ? offset : 0, stop = (int64_t)offset + size;

    *start_out = (uint32_t)start;
    stop = stop < end ? stop : end;
    return stop > start ? (uint32_t)(stop - start) : 0;
}

/* Clears an area of one aspect of a view. */
static void clear_aspect(struct icd_cmd_buffer *cmd, const struct icd_image_view *view,
                         VkImageAspectFlags aspect, const VkRect2D *area, uint32_t layers,
                         const VkClearColorValue *value)
{
    const struct icd_image *image = view->image;
    int index = icd_format_plane(image->format, aspect);

    if (index < 0)
        return;
    const struct icd_image_plane *plane = &image->planes[index];
    const struct icd_image_level *level = &plane->levels[view->level];
    const struct icd_format *format = aspect == VK_IMAGE_ASPECT_COLOR_BIT
                                          ? view->format
                                          : icd_format_find(plane->format->format);
    VkExtent3D extent = icd_image_extent(image, (uint32_t)index, view->level);
    bool of_slices = image->type == VK_IMAGE_TYPE_3D;
    uint64_t slice_B = of_slices ? level->slice_B : plane->layer_B;
    struct weft_box_fill fill = {0};
    uint32_t x, y;
    uint32_t width = clip(area->offset.x, area->extent.width, extent.width, &x);

    fill.rows = clip(area->offset.y, area->extent.height, extent.height, &y);
    if (!width || !fill.rows || !format->channel_count)
        return;
    fill.pattern_B = icd_format_pack(format, value, fill.pattern);
    fill.width_B = (uint64_t)width * image->samples * fill.pattern_B;
    fill.slices = layers < view->layers ? layers : view->layers;
    fill.dst = (struct weft_box){
        .address = plane->address + level->offset_B + view->layer * slice_B +
                   (uint64_t)y * level->row_B + (uint64_t)x * image->samples * fill.pattern_B,
        .row_B = level->row_B,
        .slice_B = slice_B,
    };
    icd_cmd_check(cmd, weft_emit_fill_boxes(cmd->stream, &fill, 1));
}

static void clear_attachment(struct icd_cmd_buffer *cmd, const struct icd_image_view *view,
                             struct attachment attachment, const VkRect2D *area, uint32_t layers,
                             const VkClearValue *value)
{
    VkClearColorValue depth = {.float32 = {value->depthStencil.depth}};
    VkClearColorValue stencil = {.uint32 = {value->depthStencil.stencil & 0xff}};

    if (attachment.clear && (view->aspects & VK_IMAGE_ASPECT_COLOR_BIT))
        clear_aspect(cmd, view, VK_IMAGE_ASPECT_COLOR_BIT, area, layers, &value->color);
    if (attachment.clear && (view->aspects & VK_IMAGE_ASPECT_DEPTH_BIT))
        clear_aspect(cmd, view, VK_IMAGE_ASPECT_DEPTH_BIT, area, layers, &depth);
    if (attachment.clear_stencil && (view->aspects & VK_IMAGE_ASPECT_STENCIL_BIT))
        clear_aspect(cmd, view, VK_IMAGE_ASPECT_STENCIL_BIT, area, layers, &stencil);
}

static void begin_pass(struct icd_cmd_buffer *cmd, const char *command,
                       const VkRenderPassBeginInfo *info)
{
    const struct icd_render_pass *pass = icd_render_pass_from(info->renderPass);
    const struct icd_framebuffer *framebuffer = icd_framebuffer_from(info->framebuffer);
    const VkRenderPassAttachmentBeginInfo *imageless =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_RENDER_PASS_ATTACHMENT_BEGIN_INFO);

    if (!pass || !framebuffer) {
        icd_cmd_drop_(cmd, command, "there is no render pass, or no framebuffer");
        return;
    }
    for (uint32_t i = 0; i < pass->attachment_count; i++) {
        const struct icd_image_view *view = NULL;
        if (i < framebuffer->view_count)
            view = framebuffer->views[i];
        else if (imageless && i < imageless->attachmentCount)
            view = icd_image_view_from(imageless->pAttachments[i]);
        if (!pass->attachments[i].clear && !pass->attachments[i].clear_stencil)
            continue;
        if (!view || i >= info->clearValueCount) {
            icd_cmd_drop_(cmd, command, "attachment %u has no view, or no value to clear it to", i);
            continue;
        }
        clear_attachment(cmd, view, pass->attachments[i], &info->renderArea, framebuffer->layers,
                         &info->pClearValues[i]);
    }
}

/* The command buffer, where there are render passes at all. */
static struct icd_cmd_buffer *pass_command(VkCommandBuffer handle, const char *command)
{
    struct icd_cmd_buffer *cmd = icd_cmd_begin(handle, command);

    if (cmd && !(cmd->base.instance->quirks & ICD_QUIRK_GRAPHICS)) {
        icd_cmd_unsupported(handle, command);
        return NULL;
    }
    return cmd;
}

VKAPI_ATTR void VKAPI_CALL vkCmdBeginRenderPass(VkCommandBuffer handle,
                                                const VkRenderPassBeginInfo *info,
                                                VkSubpassContents contents)
{
    struct icd_cmd_buffer *cmd = pass_command(handle, __func__);

    if (cmd)
        begin_pass(cmd, __func__, info);
}

VKAPI_ATTR void VKAPI_CALL vkCmdBeginRenderPass2(VkCommandBuffer handle,
                                                 const VkRenderPassBeginInfo *info,
                                                 const VkSubpassBeginInfo *subpass)
{
    struct icd_cmd_buffer *cmd = pass_command(handle, __func__);

    if (cmd)
        begin_pass(cmd, __func__, info);
}

VKAPI_ATTR void VKAPI_CALL vkCmdEndRenderPass(VkCommandBuffer handle)
{
    pass_command(handle, __func__);
}

VKAPI_ATTR void VKAPI_CALL vkCmdEndRenderPass2(VkCommandBuffer handle,
                                               const VkSubpassEndInfo *subpass)
{
    pass_command(handle, __func__);
}

/* State for draws, of which there are none. */

VKAPI_ATTR void VKAPI_CALL vkCmdSetViewport(VkCommandBuffer handle, uint32_t first, uint32_t count,
                                            const VkViewport *viewports)
{
    pass_command(handle, __func__);
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetScissor(VkCommandBuffer handle, uint32_t first, uint32_t count,
                                           const VkRect2D *scissors)
{
    pass_command(handle, __func__);
}
