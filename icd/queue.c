/* SPDX-License-Identifier: MIT
 *
 * Queues and submits.
 *
 * A submit of several batches becomes as many jobs. Everything that can fail comes first: jobs are
 * created, filled and armed, and what was changed in semaphores on the way is noted, to be undone
 * should a later step fail. Then all jobs are pushed, which can't fail.
 */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>

#include "buffer.h"
#include "cmd_buffer.h"
#include "device_memory.h"
#include "fence.h"
#include "image.h"
#include "semaphore.h"
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

/* ---- Submissions ---- */

/* What was done to a binary semaphore: a wait took `fence` out of it, or a signal replaced it. */
struct undo {
    struct icd_semaphore *semaphore;
    struct weft_fence *fence; /* reference */
    bool wait;
};

#define FEW 8

struct submission {
    struct icd_queue *queue;
    struct icd_fence *fence; /* or NULL */
    struct weft_job **jobs, *few_jobs[FEW];
    uint32_t job_count;
    struct undo *undos, few_undos[FEW];
    uint32_t undo_count;
    int error; /* the first one; later steps do nothing */
};

/* Makes room for so many jobs and changes of semaphores. */
static bool submission_init(struct submission *s, struct icd_queue *queue, uint32_t job_max,
                            uint64_t undo_max)
{
    s->queue = queue;
    s->fence = NULL;
    s->job_count = s->undo_count = 0;
    s->error = 0;
    s->jobs = job_max <= FEW ? s->few_jobs : malloc(job_max * sizeof(*s->jobs));
    s->undos = undo_max <= FEW ? s->few_undos : malloc(undo_max * sizeof(*s->undos));
    return s->jobs && s->undos;
}

static void submission_free(struct submission *s)
{
    if (s->jobs != s->few_jobs)
        free(s->jobs);
    if (s->undos != s->few_undos)
        free(s->undos);
}

static void blame(const struct submission *s, const char *text)
{
    icd_message(s->queue, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-submit", "%s", text);
}

static void add_job(struct submission *s)
{
    if (s->error)
        return;
    s->error = weft_job_create(s->queue->weft, &s->jobs[s->job_count]);
    if (!s->error)
        s->job_count++;
}

static void add_wait(struct submission *s, VkSemaphore handle, uint64_t value)
{
    struct icd_semaphore *semaphore = icd_semaphore_from(handle);

    if (s->error || !semaphore)
        return;
    struct weft_job *job = s->jobs[s->job_count - 1];
    if (semaphore->timeline) {
        s->error = weft_job_wait_timeline(job, semaphore->timeline, value);
        return;
    }
    /* Waiting for a binary semaphore also resets it. */
    struct weft_fence *signal = NULL;
    s->error = icd_semaphore_take(semaphore, &signal);
    if (s->error)
        return;
    s->undos[s->undo_count++] = (struct undo){semaphore, signal, true};
    if (signal)
        s->error = weft_job_wait_fence(job, signal);
    else
        blame(s, "a batch waits for a binary semaphore that nothing signals; the wait is left out");
}

static void add_signal(struct submission *s, VkSemaphore handle, uint64_t value)
{
    struct icd_semaphore *semaphore = icd_semaphore_from(handle);

    if (s->error || !semaphore)
        return;
    struct weft_job *job = s->jobs[s->job_count - 1];
    if (semaphore->timeline) {
        s->error = weft_job_signal_timeline(job, semaphore->timeline, value);
        return;
    }
    struct weft_fence *fence = NULL, *old = NULL;
    s->error = weft_fence_create(s->queue->base.device->weft, &fence);
    if (s->error)
        return;
    s->error = weft_job_signal_fence(job, fence);
    if (!s->error)
        s->error = icd_semaphore_signal(semaphore, fence, &old);
    weft_fence_put(&fence);
    if (!s->error)
        s->undos[s->undo_count++] = (struct undo){semaphore, old, false};
}

static void add_commands(struct submission *s, VkCommandBuffer handle)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (s->error || !cmd)
        return;
    if (cmd->state != ICD_CMD_EXECUTABLE || cmd->level != VK_COMMAND_BUFFER_LEVEL_PRIMARY) {
        blame(s, "a command buffer that is not executable, or not primary, is submitted; it is "
                 "left out");
        return;
    }
    if (atomic_exchange(&cmd->submitted, true) &&
        (cmd->usage & VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT))
        blame(s, "a command buffer for one submit is submitted again");
    s->error = weft_job_add_stream(s->jobs[s->job_count - 1], cmd->stream);
}

/* The fence is signalled with the last job, which retires after all earlier ones of its queue. */
static void add_fence(struct submission *s, VkFence handle)
{
    struct icd_fence *fence = icd_fence_from(handle);

    if (s->error || !fence)
        return;
    if (!s->job_count)
        add_job(s);
    struct weft_fence *weft = icd_fence_take_for_submit(fence);
    if (!weft) {
        s->error = -ENOMEM;
        return;
    }
    s->fence = fence;
    if (!s->error)
        s->error = weft_job_signal_fence(s->jobs[s->job_count - 1], weft);
    weft_fence_put(&weft);
}

/* Arms and pushes the jobs, or takes everything back. */
static VkResult submission_finish(struct submission *s)
{
    struct icd_device *device = s->queue->base.device;

    for (uint32_t i = 0; i < s->job_count && !s->error; i++)
        s->error = weft_job_arm(s->jobs[i]);
    if (!s->error) {
        for (uint32_t i = 0; i < s->job_count; i++)
            weft_job_push(&s->jobs[i]);
        for (uint32_t i = 0; i < s->undo_count; i++)
            weft_fence_put(&s->undos[i].fence);
        return VK_SUCCESS;
    }
    for (uint32_t i = s->job_count; i-- > 0;)
        weft_job_cancel(&s->jobs[i]);
    for (uint32_t i = s->undo_count; i-- > 0;) {
        const struct undo *undo = &s->undos[i];
        if (undo->wait)
            icd_semaphore_give_back(undo->semaphore, undo->fence);
        else
            icd_semaphore_unsignal(undo->semaphore, undo->fence);
    }
    if (s->fence)
        icd_fence_submit_failed(s->fence);
    if (s->error == -EIO && weft_device_status(device->weft))
        return icd_device_check(device);
    return icd_error_errno(s->queue, s->error, "a submit failed");
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueSubmit(VkQueue handle, uint32_t submitCount,
                                             const VkSubmitInfo *pSubmits, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < submitCount; i++)
        semaphores +=
            (uint64_t)pSubmits[i].waitSemaphoreCount + pSubmits[i].signalSemaphoreCount;
    if (!submission_init(&submission, queue, submitCount + 1, semaphores)) {
        submission_free(&submission);
        return icd_error(queue, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for %u batches",
                         submitCount);
    }
    for (uint32_t i = 0; i < submitCount; i++) {
        const VkSubmitInfo *info = &pSubmits[i];
        const VkTimelineSemaphoreSubmitInfo *values =
            icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
        add_job(&submission);
        for (uint32_t w = 0; w < info->waitSemaphoreCount; w++)
            add_wait(&submission, info->pWaitSemaphores[w],
                     values && w < values->waitSemaphoreValueCount
                         ? values->pWaitSemaphoreValues[w]
                         : 0);
        for (uint32_t c = 0; c < info->commandBufferCount; c++)
            add_commands(&submission, info->pCommandBuffers[c]);
        for (uint32_t w = 0; w < info->signalSemaphoreCount; w++)
            add_signal(&submission, info->pSignalSemaphores[w],
                       values && w < values->signalSemaphoreValueCount
                           ? values->pSignalSemaphoreValues[w]
                           : 0);
    }
    add_fence(&submission, fence);
    VkResult result = submission_finish(&submission);
    submission_free(&submission);
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueSubmit2(VkQueue handle, uint32_t submitCount,
                                              const VkSubmitInfo2 *pSubmits, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < submitCount; i++)
        semaphores += (uint64_t)pSubmits[i].waitSemaphoreInfoCount +
                      pSubmits[i].signalSemaphoreInfoCount;
    if (!submission_init(&submission, queue, submitCount + 1, semaphores)) {
        submission_free(&submission);
        return icd_error(queue, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for %u batches",
                         submitCount);
    }
    for (uint32_t i = 0; i < submitCount; i++) {
        const VkSubmitInfo2 *info = &pSubmits[i];
        add_job(&submission);
        for (uint32_t w = 0; w < info->waitSemaphoreInfoCount; w++)
            add_wait(&submission, info->pWaitSemaphoreInfos[w].semaphore,
                     info->pWaitSemaphoreInfos[w].value);
        for (uint32_t c = 0; c < info->commandBufferInfoCount; c++)
            add_commands(&submission, info->pCommandBufferInfos[c].commandBuffer);
        for (uint32_t w = 0; w < info->signalSemaphoreInfoCount; w++)
            add_signal(&submission, info->pSignalSemaphoreInfos[w].semaphore,
                       info->pSignalSemaphoreInfos[w].value);
    }
    add_fence(&submission, fence);
    VkResult result = submission_finish(&submission);
    submission_free(&submission);
    return result;
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

    for (uint32_t family = 0; family < ICD_FAMILY_COUNT; family++) {
        for (uint32_t i = 0; i < device->queue_counts[family]; i++) {
            VkResult one = vkQueueWaitIdle(icd_queue_to(device->queues[family][i]));
            if (one != VK_SUCCESS)
                result = one;
        }
    }
    return result;
}

/* ---- Sparse memory ---- */

/* One bind of a resource of size_B bytes whose addresses are a sparse bo. */
static void add_bind(struct submission *s, struct weft_bo *sparse, VkDeviceSize size_B,
                     const VkSparseMemoryBind *bind)
{
    const struct icd_device_memory *memory = icd_device_memory_from(bind->memory);
    VkDeviceSize page_B = s->queue->base.device->physical->machine.page_B;
    VkDeviceSize end_B = (size_B + ICD_SPARSE_BLOCK_B - 1) & ~(ICD_SPARSE_BLOCK_B - 1ull);
    VkDeviceSize bind_B = bind->size;

    if (s->error)
        return;
    /* "size must be ... or the end of the resource": the block's rest lies behind its last page. */
    if (bind_B > end_B || bind->resourceOffset > end_B - bind_B) {
        s->error = -EINVAL;
    } else {
        VkDeviceSize last_B = (size_B + page_B - 1) & ~(page_B - 1);
        if (bind->resourceOffset + bind_B > last_B || bind->resourceOffset + bind_B == size_B)
            bind_B = last_B - bind->resourceOffset;
        s->error = weft_job_bind(s->jobs[s->job_count - 1], sparse, bind->resourceOffset, bind_B,
                                 memory ? memory->bo : NULL, bind->memoryOffset);
    }
    if (s->error == -EINVAL) {
        s->error = 0;
        blame(s, "a sparse bind is left out: its range is outside of the resource or the memory, not "
                 "in whole blocks, or the memory is of another type than the resource asks for");
    }
}

static void add_buffer_binds(struct submission *s, const VkSparseBufferMemoryBindInfo *info)
{
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    if (!buffer || !(buffer->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT)) {
        blame(s, "a sparse bind of a buffer that is not sparse is left out");
        return;
    }
    for (uint32_t i = 0; i < info->bindCount; i++)
        add_bind(s, buffer->bo, buffer->size_B, &info->pBinds[i]);
}

static void add_image_binds(struct submission *s, const VkSparseImageOpaqueMemoryBindInfo *info)
{
    const struct icd_image *image = icd_image_from(info->image);

    if (!image || !image->sparse) {
        blame(s, "a sparse bind of an image that is not sparse is left out");
        return;
    }
    for (uint32_t i = 0; i < info->bindCount; i++)
        add_bind(s, image->sparse, image->size_B, &info->pBinds[i]);
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueBindSparse(VkQueue handle, uint32_t bindInfoCount,
                                                 const VkBindSparseInfo *pBindInfo, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < bindInfoCount; i++)
        semaphores +=
            (uint64_t)pBindInfo[i].waitSemaphoreCount + pBindInfo[i].signalSemaphoreCount;
    if (!submission_init(&submission, queue, bindInfoCount + 1, semaphores)) {
        submission_free(&submission);
        return icd_error(queue, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for %u batches",
                         bindInfoCount);
    }
    for (uint32_t i = 0; i < bindInfoCount; i++) {
        const VkBindSparseInfo *info = &pBindInfo[i];
        const VkTimelineSemaphoreSubmitInfo *values =
            icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
        add_job(&submission);
        for (uint32_t w = 0; w < info->waitSemaphoreCount; w++)
            add_wait(&submission, info->pWaitSemaphores[w],
                     values && w < values->waitSemaphoreValueCount
                         ? values->pWaitSemaphoreValues[w]
                         : 0);
        for (uint32_t b = 0; b < info->bufferBindCount; b++)
            add_buffer_binds(&submission, &info->pBufferBinds[b]);
        for (uint32_t b = 0; b < info->imageOpaqueBindCount; b++)
            add_image_binds(&submission, &info->pImageOpaqueBinds[b]);
        if (info->imageBindCount)
            blame(&submission, "sparse binds of parts of images are left out: images have no sparse "
                               "residency");
        for (uint32_t w = 0; w < info->signalSemaphoreCount; w++)
            add_signal(&submission, info->pSignalSemaphores[w],
                       values && w < values->signalSemaphoreValueCount
                           ? values->pSignalSemaphoreValues[w]
                           : 0);
    }
    add_fence(&submission, fence);
    VkResult result = submission_finish(&submission);
    submission_free(&submission);
    return result;
}
