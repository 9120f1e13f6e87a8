/* SPDX-License-Identifier: MIT
 *
 * Copies, fills and updates of buffers.
 */
#include <string.h>

#include "buffer.h"
#include "cmd_buffer.h"

/* Regions that one packet takes at most. */
#define MAX_REGIONS 64

/* True if the bytes offset .. offset + size_B - 1 lie in a buffer that has memory. */
static bool in_buffer(const struct icd_buffer *buffer, VkDeviceSize offset, VkDeviceSize size_B)
{
    return buffer && buffer->address && offset <= buffer->size_B &&
           size_B <= buffer->size_B - offset;
}

struct copy {
    struct icd_cmd_buffer *cmd;
    const char *command;
    const struct icd_buffer *src, *dst;
    struct weft_copy_region regions[MAX_REGIONS];
    uint32_t count;
};

static void copy_flush(struct copy *copy)
{
    if (copy->count)
        icd_cmd_check(copy->cmd,
                      weft_emit_copy(copy->cmd->stream, copy->regions, copy->count));
    copy->count = 0;
}

static void copy_region(struct copy *copy, VkDeviceSize src_offset, VkDeviceSize dst_offset,
                        VkDeviceSize size_B)
{
    if (!in_buffer(copy->src, src_offset, size_B) || !in_buffer(copy->dst, dst_offset, size_B)) {
        icd_cmd_drop_(copy->cmd, copy->command,
                      "%llu bytes from offset %llu to offset %llu don't lie in the buffers",
                      (unsigned long long)size_B, (unsigned long long)src_offset,
                      (unsigned long long)dst_offset);
        return;
    }
    if (!size_B)
        return;
    if (copy->count == MAX_REGIONS)
        copy_flush(copy);
    copy->regions[copy->count++] = (struct weft_copy_region){
        copy->src->address + src_offset, copy->dst->address + dst_offset, size_B};
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyBuffer(VkCommandBuffer handle, VkBuffer srcBuffer,
                                           VkBuffer dstBuffer, uint32_t regionCount,
                                           const VkBufferCopy *pRegions)
{
    struct copy copy;

    copy.cmd = ICD_CMD(handle);
    copy.command = __func__;
    copy.src = icd_buffer_from(srcBuffer);
    copy.dst = icd_buffer_from(dstBuffer);
    copy.count = 0;
    if (!copy.cmd)
        return;
    for (uint32_t i = 0; i < regionCount; i++)
        copy_region(&copy, pRegions[i].srcOffset, pRegions[i].dstOffset, pRegions[i].size);
    copy_flush(&copy);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyBuffer2(VkCommandBuffer handle,
                                            const VkCopyBufferInfo2 *pCopyBufferInfo)
{
    struct copy copy;

    copy.cmd = ICD_CMD(handle);
    copy.command = __func__;
    copy.src = icd_buffer_from(pCopyBufferInfo->srcBuffer);
    copy.dst = icd_buffer_from(pCopyBufferInfo->dstBuffer);
    copy.count = 0;
    if (!copy.cmd)
        return;
    for (uint32_t i = 0; i < pCopyBufferInfo->regionCount; i++) {
        const VkBufferCopy2 *region = &pCopyBufferInfo->pRegions[i];
        copy_region(&copy, region->srcOffset, region->dstOffset, region->size);
    }
    copy_flush(&copy);
}

VKAPI_ATTR void VKAPI_CALL vkCmdFillBuffer(VkCommandBuffer handle, VkBuffer dstBuffer,
                                           VkDeviceSize dstOffset, VkDeviceSize size, uint32_t data)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_buffer *buffer = icd_buffer_from(dstBuffer);

    if (!cmd)
        return;
    if (!buffer || dstOffset % 4 || (size != VK_WHOLE_SIZE && size % 4)) {
        icd_cmd_drop(cmd, "offset %llu and size %llu must be multiples of 4",
                     (unsigned long long)dstOffset, (unsigned long long)size);
        return;
    }
    /* "If VK_WHOLE_SIZE is used and the remaining size of the buffer is not a multiple of 4, then
     * the nearest smaller multiple is used." */
    if (size == VK_WHOLE_SIZE)
        size = icd_buffer_range_B(buffer, dstOffset, VK_WHOLE_SIZE) & ~(VkDeviceSize)3;
    if (!in_buffer(buffer, dstOffset, size)) {
        icd_cmd_drop(cmd, "%llu bytes at offset %llu of a buffer of %llu",
                     (unsigned long long)size, (unsigned long long)dstOffset,
                     (unsigned long long)buffer->size_B);
        return;
    }
    if (size)
        icd_cmd_check(cmd,
                      weft_emit_fill(cmd->stream, buffer->address + dstOffset, size, data));
}

VKAPI_ATTR void VKAPI_CALL vkCmdUpdateBuffer(VkCommandBuffer handle, VkBuffer dstBuffer,
                                             VkDeviceSize dstOffset, VkDeviceSize dataSize,
                                             const void *pData)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_buffer *buffer = icd_buffer_from(dstBuffer);

    if (!cmd)
        return;
    if (!in_buffer(buffer, dstOffset, dataSize) || dataSize > 65536) {
        icd_cmd_drop(cmd, "%llu bytes at offset %llu of a buffer of %llu",
                     (unsigned long long)dataSize, (unsigned long long)dstOffset,
                     (unsigned long long)(buffer ? buffer->size_B : 0));
        return;
    }
    if (dataSize)
        icd_cmd_check(cmd, weft_emit_update(cmd->stream, buffer->address + dstOffset, dataSize,
                                            pData));
}
