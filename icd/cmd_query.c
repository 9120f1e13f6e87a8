/* SPDX-License-Identifier: MIT
 *
 * Timestamps, markers and queries.
 */
#include "buffer.h"
#include "cmd_buffer.h"
#include "query_pool.h"

/* The pool if it has these queries; else NULL, with a message. Its memory is held by the stream. */
static const struct icd_query_pool *pool_of(struct icd_cmd_buffer *cmd, const char *command,
                                            VkQueryPool handle, uint32_t first, uint32_t count)
{
    const struct icd_query_pool *pool = icd_query_pool_from(handle);

    if (!icd_query_range_ok(pool, first, count)) {
        icd_cmd_drop_(cmd, command, "queries %u to %u of a pool of %u", first, first + count - 1,
                      pool ? pool->query_count : 0);
        return NULL;
    }
    icd_cmd_hold_bo(cmd, pool->bo);
    return pool;
}

VKAPI_ATTR void VKAPI_CALL vkCmdResetQueryPool(VkCommandBuffer handle, VkQueryPool queryPool,
                                               uint32_t firstQuery, uint32_t queryCount)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_query_pool *pool =
        cmd ? pool_of(cmd, __func__, queryPool, firstQuery, queryCount) : NULL;

    if (pool && queryCount)
        icd_cmd_check(cmd, weft_emit_query_reset(cmd->stream, icd_query_slot(pool, firstQuery),
                                                 queryCount, ICD_QUERY_SLOT_B));
}

static void write_timestamp(struct icd_cmd_buffer *cmd, const char *command, VkQueryPool queryPool,
                            uint32_t query)
{
    const struct icd_query_pool *pool = pool_of(cmd, command, queryPool, query, 1);

    if (pool)
        icd_cmd_check(cmd, weft_emit_timestamp(cmd->stream, icd_query_slot(pool, query)));
}

VKAPI_ATTR void VKAPI_CALL vkCmdWriteTimestamp(VkCommandBuffer handle,
                                               VkPipelineStageFlagBits pipelineStage,
                                               VkQueryPool queryPool, uint32_t query)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        write_timestamp(cmd, __func__, queryPool, query);
}

VKAPI_ATTR void VKAPI_CALL vkCmdWriteTimestamp2(VkCommandBuffer handle, VkPipelineStageFlags2 stage,
                                                VkQueryPool queryPool, uint32_t query)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        write_timestamp(cmd, __func__, queryPool, query);
}

/* Stages that nothing of a command before must have come to. A marker at any other is written when all
 * of them have completed, so that after a lost device the markers in memory say how far it came. */
#define NO_WAIT (VK_PIPELINE_STAGE_2_TOP_OF_PIPE_BIT | VK_PIPELINE_STAGE_2_HOST_BIT)

static void write_marker(struct icd_cmd_buffer *cmd, const char *command,
                         VkPipelineStageFlags2 stage, VkBuffer dstBuffer, VkDeviceSize dstOffset,
                         uint32_t marker)
{
    const struct icd_buffer *buffer = icd_buffer_from(dstBuffer);

    if (!buffer || !buffer->address || dstOffset % 4 || dstOffset > buffer->size_B ||
        buffer->size_B - dstOffset < 4) {
        icd_cmd_drop_(cmd, command, "a marker at offset %llu of a buffer of %llu bytes",
                      (unsigned long long)dstOffset,
                      (unsigned long long)(buffer ? buffer->size_B : 0));
        return;
    }
    if (stage & ~NO_WAIT)
        icd_cmd_check(cmd, weft_emit_barrier(cmd->stream));
    icd_cmd_check(cmd, weft_emit_fill(cmd->stream, buffer->address + dstOffset, 4, marker));
}

VKAPI_ATTR void VKAPI_CALL vkCmdWriteBufferMarkerAMD(VkCommandBuffer handle,
                                                     VkPipelineStageFlagBits pipelineStage,
                                                     VkBuffer dstBuffer, VkDeviceSize dstOffset,
                                                     uint32_t marker)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        write_marker(cmd, __func__, pipelineStage, dstBuffer, dstOffset, marker);
}

VKAPI_ATTR void VKAPI_CALL vkCmdWriteBufferMarker2AMD(VkCommandBuffer handle,
                                                      VkPipelineStageFlags2 stage,
                                                      VkBuffer dstBuffer, VkDeviceSize dstOffset,
                                                      uint32_t marker)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        write_marker(cmd, __func__, stage, dstBuffer, dstOffset, marker);
}

VKAPI_ATTR void VKAPI_CALL vkCmdBeginQuery(VkCommandBuffer handle, VkQueryPool queryPool,
                                           uint32_t query, VkQueryControlFlags flags)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_query_pool *pool = cmd ? pool_of(cmd, __func__, queryPool, query, 1) : NULL;

    if (pool)
        icd_cmd_check(cmd, weft_emit_query_begin(cmd->stream, icd_query_slot(pool, query)));
}

VKAPI_ATTR void VKAPI_CALL vkCmdEndQuery(VkCommandBuffer handle, VkQueryPool queryPool,
                                         uint32_t query)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_query_pool *pool = cmd ? pool_of(cmd, __func__, queryPool, query, 1) : NULL;

    if (pool)
        icd_cmd_check(cmd, weft_emit_query_end(cmd->stream, icd_query_slot(pool, query)));
}

static uint32_t driver_flags(VkQueryResultFlags flags)
{
    return (flags & VK_QUERY_RESULT_64_BIT ? WEFT_QUERY_64 : 0) |
           (flags & VK_QUERY_RESULT_WAIT_BIT ? WEFT_QUERY_WAIT : 0) |
           (flags & VK_QUERY_RESULT_WITH_AVAILABILITY_BIT ? WEFT_QUERY_AVAILABILITY : 0) |
           (flags & VK_QUERY_RESULT_PARTIAL_BIT ? WEFT_QUERY_PARTIAL : 0);
}

/* To so many bytes at dst; 0: there is no such memory. */
static void copy_results(struct icd_cmd_buffer *cmd, const char *command, VkQueryPool queryPool,
                         uint32_t firstQuery, uint32_t queryCount, uint64_t dst, uint64_t room_B,
                         VkDeviceSize stride, VkQueryResultFlags flags)
{
    const struct icd_query_pool *pool =
        cmd ? pool_of(cmd, command, queryPool, firstQuery, queryCount) : NULL;
    uint32_t value_B = flags & VK_QUERY_RESULT_64_BIT ? 8 : 4;

    if (!pool || !queryCount)
        return;
    uint64_t each_B = (uint64_t)value_B *
                      (pool->result_count + !!(flags & VK_QUERY_RESULT_WITH_AVAILABILITY_BIT));
    if (!dst || each_B > room_B ||
        (queryCount > 1 && stride > (room_B - each_B) / (queryCount - 1))) {
        icd_cmd_drop_(cmd, command, "%u results of %llu bytes, %llu bytes apart, don't fit the buffer",
                     queryCount, (unsigned long long)each_B, (unsigned long long)stride);
        return;
    }

    uint64_t slot = icd_query_slot(pool, firstQuery);
    uint32_t copy_flags = driver_flags(flags);
    if (pool->result_count == 1 && pool->column == 0) {
        icd_cmd_check(cmd, weft_emit_query_copy(cmd->stream, slot, queryCount, ICD_QUERY_SLOT_B, 1,
                                                dst, stride, copy_flags));
        return;
    }
    /* Result by result: the counted one from the slots, the others from the slot of zeros. */
    for (uint32_t r = 0; r < pool->result_count; r++) {
        bool counted = r == pool->column;
        icd_cmd_check(cmd,
                      weft_emit_query_copy(
                          cmd->stream, counted ? slot : icd_query_slot(pool, pool->query_count),
                          queryCount, counted ? ICD_QUERY_SLOT_B : 0, 1,
                          dst + (uint64_t)r * value_B, stride,
                          copy_flags & ~(uint32_t)WEFT_QUERY_AVAILABILITY));
    }
    if (copy_flags & WEFT_QUERY_AVAILABILITY)
        icd_cmd_check(cmd, weft_emit_query_copy(cmd->stream, slot, queryCount, ICD_QUERY_SLOT_B, 0,
                                                dst + (uint64_t)pool->result_count * value_B,
                                                stride, copy_flags));
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyQueryPoolResults(VkCommandBuffer handle, VkQueryPool queryPool,
                                                     uint32_t firstQuery, uint32_t queryCount,
                                                     VkBuffer dstBuffer, VkDeviceSize dstOffset,
                                                     VkDeviceSize stride, VkQueryResultFlags flags)
{
    const struct icd_buffer *buffer = icd_buffer_from(dstBuffer);
    bool inside = buffer && buffer->address && dstOffset <= buffer->size_B;

    copy_results(ICD_CMD(handle), __func__, queryPool, firstQuery, queryCount,
                 inside ? buffer->address + dstOffset : 0,
                 inside ? buffer->size_B - dstOffset : 0, stride, flags);
}

VKAPI_ATTR void VKAPI_CALL vkCmdCopyQueryPoolResultsToMemoryKHR(
    VkCommandBuffer handle, VkQueryPool queryPool, uint32_t firstQuery, uint32_t queryCount,
    const VkStridedDeviceAddressRangeKHR *range, VkAddressCommandFlagsKHR dstFlags,
    VkQueryResultFlags flags)
{
    copy_results(ICD_CMD(handle), __func__, queryPool, firstQuery, queryCount, range->address,
                 range->size, range->stride, flags);
}
