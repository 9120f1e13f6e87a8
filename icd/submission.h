/* SPDX-License-Identifier: MIT
 *
 * One call of vkQueueSubmit, vkQueueSubmit2 or vkQueueBindSparse on its way to the driver.
 *
 * A call of several batches becomes as many jobs. Everything that can fail comes first: jobs are
 * created, filled and armed, and what was changed in semaphores on the way is noted, to be undone
 * should a later step fail. Then all jobs are pushed, which can't fail.
 *
 * The first error is kept, and later steps do nothing, until the end reports it. A submission belongs to
 * the calling thread, and its queue is externally synchronised (Vulkan 1.4, 3.6 Threading Behavior).
 */
#ifndef ICD_SUBMISSION_H
#define ICD_SUBMISSION_H

#include "queue.h"

struct icd_semaphore;

/* What was done to a binary semaphore: a wait took `fence` out of it, or a signal replaced it. */
struct icd_submission_undo {
    struct icd_semaphore *semaphore;
    struct weft_fence *fence; /* reference */
    bool wait;
};

/* So many jobs and changes of semaphores need no memory of their own. */
#define ICD_SUBMISSION_FEW 8

struct icd_submission {
    struct icd_queue *queue;
    struct icd_fence *fence; /* or NULL */
    struct weft_job **jobs, *few_jobs[ICD_SUBMISSION_FEW];
    uint32_t job_count;
    struct icd_submission_undo *undos, few_undos[ICD_SUBMISSION_FEW];
    uint32_t undo_count;
    int error;
};

/* For so many batches, which wait for and signal so many semaphores in all. After success, the end must
 * follow. -> VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_submission_begin(struct icd_submission *submission, struct icd_queue *queue,
                              uint32_t batch_count, uint64_t semaphore_count);

/* The next batch. What is added from here on belongs to it. */
void icd_submission_add_batch(struct icd_submission *submission);

/* The value is a timeline semaphore's. The plural forms find the values in a batch's pNext chain
 * (VkTimelineSemaphoreSubmitInfo); a semaphore for which there is none there gets 0. */
void icd_submission_add_wait(struct icd_submission *submission, VkSemaphore handle, uint64_t value);
void icd_submission_add_signal(struct icd_submission *submission, VkSemaphore handle,
                               uint64_t value);
void icd_submission_add_waits(struct icd_submission *submission, uint32_t count,
                              const VkSemaphore *handles, const void *chain);
void icd_submission_add_signals(struct icd_submission *submission, uint32_t count,
                                const VkSemaphore *handles, const void *chain);
void icd_submission_add_commands(struct icd_submission *submission, VkCommandBuffer handle);

/* Puts memory (NULL: none) behind a range of a sparse bo when the batch runs. What can't be is left out,
 * with a message. */
void icd_submission_add_bind(struct icd_submission *submission, struct weft_bo *sparse,
                             uint64_t offset_B, uint64_t size_B, struct weft_bo *memory,
                             uint64_t memory_offset_B);

/* An error message about what the application did. */
void icd_submission_blame(const struct icd_submission *submission, const char *text);

/* Signals the fence, unless it is VK_NULL_HANDLE, with the last batch, and pushes all; or takes everything
 * back. -> VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_DEVICE_LOST */
VkResult icd_submission_end(struct icd_submission *submission, VkFence fence);

#endif
