/* SPDX-License-Identifier: MIT */
#include "submission.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd_buffer.h"
#include "fence.h"
#include "semaphore.h"
#include "weft/driver.h"

static void submission_free(struct icd_submission *s)
{
    if (s->jobs != s->few_jobs)
        free(s->jobs);
    if (s->undos != s->few_undos)
        free(s->undos);
}

VkResult icd_submission_begin(struct icd_submission *s, struct icd_queue *queue,
                              uint32_t batch_count, uint64_t semaphore_count)
{
    /* A fence without a batch takes a job of its own. */
    uint64_t job_max = (uint64_t)batch_count + 1;

    s->queue = queue;
    s->fence = NULL;
    s->job_count = s->undo_count = 0;
    s->error = 0;
    s->jobs = job_max <= ICD_SUBMISSION_FEW ? s->few_jobs : malloc(job_max * sizeof(*s->jobs));
    s->undos = semaphore_count <= ICD_SUBMISSION_FEW ? s->few_undos
                                                     : malloc(semaphore_count * sizeof(*s->undos));
    if (s->jobs && s->undos)
        return VK_SUCCESS;
    submission_free(s);
    return icd_error(queue, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for %u batches", batch_count);
}

void icd_submission_blame(const struct icd_submission *s, const char *text)
{
    icd_message(s->queue, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-submit", "%s", text);
}

void icd_submission_add_batch(struct icd_submission *s)
{
    if (s->error)
        return;
    s->error = weft_job_create(s->queue->weft, &s->jobs[s->job_count]);
    if (!s->error)
        s->job_count++;
}

void icd_submission_add_wait(struct icd_submission *s, VkSemaphore handle, uint64_t value)
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
    s->undos[s->undo_count++] = (struct icd_submission_undo){semaphore, signal, true};
    if (signal)
        s->error = weft_job_wait_fence(job, signal);
    else
        icd_submission_blame(s, "a batch waits for a binary semaphore that nothing signals; the wait "
                                "is left out");
}

void icd_submission_add_signal(struct icd_submission *s, VkSemaphore handle, uint64_t value)
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
        s->undos[s->undo_count++] = (struct icd_submission_undo){semaphore, old, false};
}

void icd_submission_add_waits(struct icd_submission *s, uint32_t count, const VkSemaphore *handles,
                              const void *chain)
{
    const VkTimelineSemaphoreSubmitInfo *values =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
    uint32_t value_count = values ? values->waitSemaphoreValueCount : 0;

    for (uint32_t i = 0; i < count; i++)
        icd_submission_add_wait(s, handles[i],
                                i < value_count ? values->pWaitSemaphoreValues[i] : 0);
}

void icd_submission_add_signals(struct icd_submission *s, uint32_t count,
                                const VkSemaphore *handles, const void *chain)
{
    const VkTimelineSemaphoreSubmitInfo *values =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
    uint32_t value_count = values ? values->signalSemaphoreValueCount : 0;

    for (uint32_t i = 0; i < count; i++)
        icd_submission_add_signal(s, handles[i],
                                  i < value_count ? values->pSignalSemaphoreValues[i] : 0);
}

void icd_submission_add_commands(struct icd_submission *s, VkCommandBuffer handle)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (s->error || !cmd)
        return;
    if (cmd->state != ICD_CMD_EXECUTABLE || cmd->level != VK_COMMAND_BUFFER_LEVEL_PRIMARY) {
        icd_submission_blame(s, "a command buffer that is not executable, or not primary, is "
                                "submitted; it is left out");
        return;
    }
    if (atomic_exchange(&cmd->submitted, true) &&
        (cmd->usage & VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT))
        icd_submission_blame(s, "a command buffer for one submit is submitted again");
    s->error = weft_job_add_stream(s->jobs[s->job_count - 1], cmd->stream);
}

/* The fence is signalled with the last job, which retires after all earlier ones of its queue. */
static void add_fence(struct icd_submission *s, VkFence handle)
{
    struct icd_fence *fence = icd_fence_from(handle);

    if (s->error || !fence)
        return;
    if (!s->job_count)
        icd_submission_add_batch(s);
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

void icd_submission_add_bind(struct icd_submission *s, struct weft_bo *sparse, uint64_t offset_B,
                             uint64_t size_B, struct weft_bo *memory, uint64_t memory_offset_B)
{
    if (s->error)
        return;
    s->error = weft_job_bind(s->jobs[s->job_count - 1], sparse, offset_B, size_B, memory,
                             memory_offset_B);
    if (s->error == -EINVAL) {
        s->error = 0;
        icd_submission_blame(s, "a sparse bind is left out: its range is outside of the resource or "
                                "the memory, not in whole blocks, or the memory is of another type "
                                "than the resource asks for");
    }
}

/* Arms and pushes the jobs, or takes everything back. */
static VkResult submission_push(struct icd_submission *s)
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
        const struct icd_submission_undo *undo = &s->undos[i];
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

VkResult icd_submission_end(struct icd_submission *s, VkFence fence)
{
    add_fence(s, fence);
    VkResult result = submission_push(s);
    submission_free(s);
    return result;
}
