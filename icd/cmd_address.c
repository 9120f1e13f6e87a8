/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_device_address_commands: commands on device addresses instead of buffers. Those on images are
 * in cmd_copy_image.c, those on queries in cmd_query.c. That there is memory at an address is looked at
 * when the command executes.
 */
#include <string.h>

#include "cmd_buffer.h"

VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryKHR(VkCommandBuffer handle,
                                              const VkCopyDeviceMemoryInfoKHR *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    for (uint32_t i = 0; cmd && i < info->regionCount; i++) {
        const VkDeviceMemoryCopyKHR *region = &info->pRegions[i];
        /* VUID-VkDeviceMemoryCopyKHR-size-13016 */
        if (region->srcRange.size > region->dstRange.size) {
            icd_cmd_drop(cmd, "from %llu bytes to %llu",
                         (unsigned long long)region->srcRange.size,
                         (unsigned long long)region->dstRange.size);
            continue;
        }
        struct weft_copy_region copy = {region->srcRange.address, region->dstRange.address,
                                        region->srcRange.size};
        if (copy.size_B)
            icd_cmd_check(cmd, weft_emit_copy(cmd->stream, &copy, 1));
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdUpdateMemoryKHR(VkCommandBuffer handle,
                                                const VkDeviceAddressRangeKHR *range,
                                                VkAddressCommandFlagsKHR dstFlags,
                                                VkDeviceSize dataSize, const void *pData)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (!cmd)
        return;
    if (dataSize > 65536 || dataSize > range->size) {
        icd_cmd_drop(cmd, "%llu bytes in a range of %llu", (unsigned long long)dataSize,
                     (unsigned long long)range->size);
        return;
    }
    if (dataSize)
        icd_cmd_check(cmd, weft_emit_update(cmd->stream, range->address, dataSize, pData));
}

VKAPI_ATTR void VKAPI_CALL vkCmdFillMemoryKHR(VkCommandBuffer handle,
                                              const VkDeviceAddressRangeKHR *range,
                                              VkAddressCommandFlagsKHR dstFlags, uint32_t data)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (!cmd)
        return;
    if (range->address % 4 || range->size % 4) {
        icd_cmd_drop(cmd, "address %llx and size %llu must be multiples of 4",
                     (unsigned long long)range->address, (unsigned long long)range->size);
        return;
    }
    if (range->size)
        icd_cmd_check(cmd, weft_emit_fill(cmd->stream, range->address, range->size, data));
}

VKAPI_ATTR void VKAPI_CALL vkCmdDispatchIndirect2KHR(VkCommandBuffer handle,
                                                     const VkDispatchIndirect2InfoKHR *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (!cmd)
        return;
    if (info->addressRange.address % 4 ||
        info->addressRange.size < sizeof(VkDispatchIndirectCommand)) {
        icd_cmd_drop(cmd, "no three words at address %llx",
                     (unsigned long long)info->addressRange.address);
        return;
    }
    if (!icd_cmd_flush_bindings(cmd, __func__))
        return;
    struct weft_kernel_args *args = &cmd->bound.args;
    memset(args->group_base, 0, sizeof(args->group_base));
    memset(args->group_count, 0, sizeof(args->group_count));
    icd_cmd_check(cmd, weft_emit_dispatch_indirect(cmd->stream, cmd->bound.pipeline->program, args,
                                                   info->addressRange.address));
}

VKAPI_ATTR void VKAPI_CALL vkCmdBeginConditionalRendering2EXT(
    VkCommandBuffer handle, const VkConditionalRenderingBeginInfo2EXT *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (!cmd)
        return;
    if (info->addressRange.address % 4 || info->addressRange.size < sizeof(uint32_t)) {
        icd_cmd_drop(cmd, "no word at address %llx",
                     (unsigned long long)info->addressRange.address);
        return;
    }
    icd_cmd_check(cmd, weft_emit_condition_begin(
                           cmd->stream, info->addressRange.address,
                           info->flags & VK_CONDITIONAL_RENDERING_INVERTED_BIT_EXT));
}
