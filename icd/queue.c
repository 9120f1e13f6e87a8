/* SPDX-License-Identifier: MIT
 *
 * Queues, and what is submitted to them.
 */
#include "queue.h"

#include <errno.h>

#include "fence.h"
#include "submission.h"
#include "weft/driver.h"

static VkQueueGlobalPriority priority_of(const VkDeviceQueueCreateInfo *info)
{
    const VkDeviceQueueGlobalPriorityCreateInfo *global = icd_find_struct(
        info->pNext, VK_STRUCTURE_TYPE_DEVICE_QUEUE_GLOBAL_PRIORITY_CREATE_INFO);

    return global ? global->globalPriority : VK_QUEUE_GLOBAL_PRIORITY_MEDIUM;
}

VkResult icd_queue_create(struct icd_device *device, const VkDeviceQueueCreateInfo *info,
                          uint32_t index, struct icd_queue **queue_out)
{
    VkQueueGlobalPriority priority = priority_of(info);
    struct icd_queue *queue;

    if (!icd_has_global_priority(priority))
        return icd_error(device, VK_ERROR_NOT_PERMITTED, "queues of global priority %d",
                         (int)priority);
    queue = icd_object_create(device, NULL, sizeof(*queue), VK_OBJECT_TYPE_QUEUE, NULL);

    if (!queue)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a queue");
    int error = weft_queue_create(device->weft, &queue->weft);
    if (error) {
        icd_object_discard(&queue->base);
        return icd_error(device,
                         error == -ENOMEM ? VK_ERROR_OUT_OF_HOST_MEMORY
                                          : VK_ERROR_INITIALIZATION_FAILED,
                         "queue %u can't start its thread", index);
    }
    set_loader_magic_value(&queue->base.loader);
    queue->family = info->queueFamilyIndex;
    queue->index = index;
    queue->flags = info->flags;
    /* The driver's numbers: 0 is the default. */
    weft_queue_set_priority(queue->weft, priority < VK_QUEUE_GLOBAL_PRIORITY_MEDIUM   ? -1
                                         : priority > VK_QUEUE_GLOBAL_PRIORITY_MEDIUM ? 1
                                                                                      : 0);
    *queue_out = queue;
    return VK_SUCCESS;
}

void icd_queue_destroy(struct icd_queue *queue)
{
    if (!queue)
        return;
    weft_queue_destroy(&queue->weft);
    icd_object_release(queue);
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueSubmit(VkQueue handle, uint32_t submitCount,
                                             const VkSubmitInfo *pSubmits, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct icd_submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < submitCount; i++)
        semaphores +=
            (uint64_t)pSubmits[i].waitSemaphoreCount + pSubmits[i].signalSemaphoreCount;
    VkResult result = icd_submission_begin(&submission, queue, submitCount, semaphores);
    if (result)
        return result;
    for (uint32_t i = 0; i < submitCount; i++) {
        const VkSubmitInfo *info = &pSubmits[i];
        icd_submission_add_batch(&submission);
        icd_submission_add_waits(&submission, info->waitSemaphoreCount, info->pWaitSemaphores,
                                 info->pNext);
        for (uint32_t c = 0; c < info->commandBufferCount; c++)
            icd_submission_add_commands(&submission, info->pCommandBuffers[c]);
        icd_submission_add_signals(&submission, info->signalSemaphoreCount,
                                   info->pSignalSemaphores, info->pNext);
    }
    return icd_submission_end(&submission, fence);
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueSubmit2(VkQueue handle, uint32_t submitCount,
                                              const VkSubmitInfo2 *pSubmits, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct icd_submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < submitCount; i++)
        semaphores += (uint64_t)pSubmits[i].waitSemaphoreInfoCount +
                      pSubmits[i].signalSemaphoreInfoCount;
    VkResult result = icd_submission_begin(&submission, queue, submitCount, semaphores);
    if (result)
        return result;
    for (uint32_t i = 0; i < submitCount; i++) {
        const VkSubmitInfo2 *info = &pSubmits[i];
        icd_submission_add_batch(&submission);
        for (uint32_t w = 0; w < info->waitSemaphoreInfoCount; w++)
            icd_submission_add_wait(&submission, info->pWaitSemaphoreInfos[w].semaphore,
                                    info->pWaitSemaphoreInfos[w].value);
        for (uint32_t c = 0; c < info->commandBufferInfoCount; c++)
            icd_submission_add_commands(&submission, info->pCommandBufferInfos[c].commandBuffer);
        for (uint32_t w = 0; w < info->signalSemaphoreInfoCount; w++)
            icd_submission_add_signal(&submission, info->pSignalSemaphoreInfos[w].semaphore,
                                      info->pSignalSemaphoreInfos[w].value);
    }
    return icd_submission_end(&submission, fence);
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueWaitIdle(VkQueue handle)
{
    struct icd_queue *queue = icd_queue_from(handle);

    if (!queue)
        return VK_ERROR_UNKNOWN;
    return icd_wait_result(queue->base.device, weft_queue_wait_idle(queue->weft));
}

VKAPI_ATTR VkResult VKAPI_CALL vkDeviceWaitIdle(VkDevice handle)
{
    struct icd_device *device = icd_device_from(handle);
    VkResult result = VK_SUCCESS;

    /* Taichi's destructors come here with no device, before it says that it found no queue with graphics. */
    if (!device)
        return VK_ERROR_DEVICE_LOST;
    for (uint32_t family = 0; family < ICD_FAMILY_COUNT; family++) {
        for (uint32_t i = 0; i < device->queue_counts[family]; i++) {
            VkResult one = vkQueueWaitIdle(icd_queue_to(device->queues[family][i]));
            if (one != VK_SUCCESS)
                result = one;
        }
    }
    return result;
}
