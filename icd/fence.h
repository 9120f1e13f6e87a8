/* SPDX-License-Identifier: MIT
 *
 * VkFence: a container for a fence of the driver, which can be signalled only once. Resetting puts
 * a new one in, so that jobs and waiters that hold the old one are not disturbed. Where it is shared
 * with others by an opaque descriptor, it is signalled while that is readable.
 */
#ifndef ICD_FENCE_H
#define ICD_FENCE_H

#include <pthread.h>

#include "external_fd.h"

struct icd_fence {
    struct icd_object base;
    pthread_mutex_t lock; /* guards all below; innermost */
    /* permanent.fence is that of the present state; where there is a descriptor, it follows that, or is
     * NULL until somebody waits. */
    struct icd_payload permanent;
    /* What was imported temporarily stands before the permanent payload until the next reset. */
    struct icd_payload temporary;
    bool has_temporary;
    bool submitted; /* something will signal it, or has: a submit needs a reset first */
};

ICD_DEFINE_CASTS(icd_fence, VkFence, VK_OBJECT_TYPE_FENCE)

/* The fence that a submit is to signal, with a reference: what waiters wait on already. Where the
 * application forgot to reset, a new one replaces it, with a message. NULL when out of memory. */
struct weft_fence *icd_fence_take_for_submit(struct icd_fence *fence);
/* Undoes it: the submit failed. */
void icd_fence_submit_failed(struct icd_fence *fence);

/* The clock's reading after timeout_ns, UINT64_MAX (no deadline) where that is too far. */
uint64_t icd_deadline_ns(uint64_t timeout_ns);
/* A driver's wait result as a Vulkan result: 0, -ETIMEDOUT, -EIO or an error. */
VkResult icd_wait_result(struct icd_device *device, int error);

#endif
