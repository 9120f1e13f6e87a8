/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_conditional_rendering, for dispatches, and VK_KHR_copy_memory_indirect.
 */
#include <assert.h>
#include <stddef.h>

#include "buffer.h"
#include "cmd_buffer.h"

VKAPI_ATTR void VKAPI_CALL vkCmdBeginConditionalRenderingEXT(
    VkCommandBuffer handle, const VkConditionalRenderingBeginInfoEXT *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    if (!cmd)
        return;
    if (!buffer || !buffer->address || info->offset % 4 ||
        icd_buffer_range_B(buffer, info->offset, VK_WHOLE_SIZE) < sizeof(uint32_t)) {
        icd_cmd_drop(cmd, "no word at offset %llu of the buffer",
                     (unsigned long long)info->offset);
        return;
    }
    icd_cmd_check(cmd, weft_emit_condition_begin(
                           cmd->stream, buffer->address + info->offset,
                           info->flags & VK_CONDITIONAL_RENDERING_INVERTED_BIT_EXT));
}

VKAPI_ATTR void VKAPI_CALL vkCmdEndConditionalRenderingEXT(VkCommandBuffer handle)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        icd_cmd_check(cmd, weft_emit_condition_end(cmd->stream));
}

static_assert(sizeof(VkCopyMemoryIndirectCommandKHR) == sizeof(struct weft_copy_region) &&
                  offsetof(VkCopyMemoryIndirectCommandKHR, dstAddress) ==
                      offsetof(struct weft_copy_region, dst),
              "the driver reads Vulkan's structure");

VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryIndirectKHR(VkCommandBuffer handle,
                                                      const VkCopyMemoryIndirectInfoKHR *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const VkStridedDeviceAddressRangeKHR *range = &info->copyAddressRange;
    uint64_t room = range->stride ? range->size / range->stride : 1;

    if (cmd && info->copyCount)
        icd_cmd_check(cmd, weft_emit_copy_indirect(
                               cmd->stream, range->address, range->stride,
                               info->copyCount < room ? info->copyCount : (uint32_t)room));
}
