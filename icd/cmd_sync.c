/* SPDX-License-Identifier: MIT
 *
 * Pipeline barriers and events, in both generations.
 *
 * The driver has one kind of barrier: everything before it happens before everything after it, and
 * memory is coherent. So what counts is only whether a dependency orders any commands at all.
 */
#include "cmd_buffer.h"
#include "event.h"

/* Stages of a second scope in which no command runs: a dependency on them alone orders nothing that
 * a later barrier or the end of the job does not order too. */
#define NO_DST_STAGES                                                                              \
    (VK_PIPELINE_STAGE_2_HOST_BIT | VK_PIPELINE_STAGE_2_BOTTOM_OF_PIPE_BIT)
/* The same for a first scope. The host's writes come before the submit in any case, but a chain of
 * barriers may go through the host's stage, so it is not one of them. */
#define NO_SRC_STAGES VK_PIPELINE_STAGE_2_TOP_OF_PIPE_BIT

static bool orders_commands(VkPipelineStageFlags2 src, VkPipelineStageFlags2 dst)
{
    return (src & ~NO_SRC_STAGES) && (dst & ~NO_DST_STAGES);
}

static bool ranges_order_commands(const VkMemoryRangeBarriersInfoKHR *info)
{
    for (uint32_t i = 0; i < info->memoryRangeBarrierCount; i++) {
        if (orders_commands(info->pMemoryRangeBarriers[i].srcStageMask,
                            info->pMemoryRangeBarriers[i].dstStageMask))
            return true;
    }
    return false;
}

static bool dependency_orders_commands(const VkDependencyInfo *info)
{
    for (uint32_t i = 0; i < info->memoryBarrierCount; i++) {
        if (orders_commands(info->pMemoryBarriers[i].srcStageMask,
                            info->pMemoryBarriers[i].dstStageMask))
            return true;
    }
    for (uint32_t i = 0; i < info->bufferMemoryBarrierCount; i++) {
        if (orders_commands(info->pBufferMemoryBarriers[i].srcStageMask,
                            info->pBufferMemoryBarriers[i].dstStageMask))
            return true;
    }
    for (const VkBaseInStructure *s = info->pNext; s; s = s->pNext) {
        if (s->sType == VK_STRUCTURE_TYPE_MEMORY_RANGE_BARRIERS_INFO_KHR &&
            ranges_order_commands((const VkMemoryRangeBarriersInfoKHR *)s))
            return true;
    }
    return info->imageMemoryBarrierCount > 0;
}

static void barrier(struct icd_cmd_buffer *cmd)
{
    icd_cmd_check(cmd, weft_emit_barrier(cmd->stream));
}

VKAPI_ATTR void VKAPI_CALL vkCmdPipelineBarrier(
    VkCommandBuffer handle, VkPipelineStageFlags srcStageMask, VkPipelineStageFlags dstStageMask,
    VkDependencyFlags dependencyFlags, uint32_t memoryBarrierCount,
    const VkMemoryBarrier *pMemoryBarriers, uint32_t bufferMemoryBarrierCount,
    const VkBufferMemoryBarrier *pBufferMemoryBarriers, uint32_t imageMemoryBarrierCount,
    const VkImageMemoryBarrier *pImageMemoryBarriers)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && orders_commands(srcStageMask, dstStageMask))
        barrier(cmd);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPipelineBarrier2(VkCommandBuffer handle,
                                                 const VkDependencyInfo *pDependencyInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && dependency_orders_commands(pDependencyInfo))
        barrier(cmd);
}

static void change_event(struct icd_cmd_buffer *cmd, VkEvent handle, bool value)
{
    const struct icd_event *event = icd_event_from(handle);

    if (event)
        icd_cmd_check(cmd, weft_emit_event_set(cmd->stream, event->event, value));
}

static void wait_events(struct icd_cmd_buffer *cmd, uint32_t count, const VkEvent *events)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct icd_event *event = icd_event_from(events[i]);
        if (event)
            icd_cmd_check(cmd, weft_emit_event_wait(cmd->stream, event->event));
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetEvent(VkCommandBuffer handle, VkEvent event,
                                         VkPipelineStageFlags stageMask)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        change_event(cmd, event, true);
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetEvent2(VkCommandBuffer handle, VkEvent event,
                                          const VkDependencyInfo *pDependencyInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        change_event(cmd, event, true);
}

VKAPI_ATTR void VKAPI_CALL vkCmdResetEvent(VkCommandBuffer handle, VkEvent event,
                                           VkPipelineStageFlags stageMask)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        change_event(cmd, event, false);
}

VKAPI_ATTR void VKAPI_CALL vkCmdResetEvent2(VkCommandBuffer handle, VkEvent event,
                                            VkPipelineStageFlags2 stageMask)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        change_event(cmd, event, false);
}

VKAPI_ATTR void VKAPI_CALL vkCmdWaitEvents(
    VkCommandBuffer handle, uint32_t eventCount, const VkEvent *pEvents,
    VkPipelineStageFlags srcStageMask, VkPipelineStageFlags dstStageMask,
    uint32_t memoryBarrierCount, const VkMemoryBarrier *pMemoryBarriers,
    uint32_t bufferMemoryBarrierCount, const VkBufferMemoryBarrier *pBufferMemoryBarriers,
    uint32_t imageMemoryBarrierCount, const VkImageMemoryBarrier *pImageMemoryBarriers)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        wait_events(cmd, eventCount, pEvents);
}

VKAPI_ATTR void VKAPI_CALL vkCmdWaitEvents2(VkCommandBuffer handle, uint32_t eventCount,
                                            const VkEvent *pEvents,
                                            const VkDependencyInfo *pDependencyInfos)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        wait_events(cmd, eventCount, pEvents);
}
