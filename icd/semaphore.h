/* SPDX-License-Identifier: MIT
 *
 * VkSemaphore. A timeline semaphore is a timeline of the driver. A binary one is a container: a
 * submit that signals it puts a fence in, a submit that waits for it takes that fence out.
 */
#ifndef ICD_SEMAPHORE_H
#define ICD_SEMAPHORE_H

#include <pthread.h>

#include "device.h"

struct icd_semaphore {
    struct icd_object base;
    struct weft_timeline *timeline; /* NULL in a binary semaphore; never changes */
    pthread_mutex_t lock;           /* guards payload; innermost */
    struct weft_fence *payload;     /* binary: what is to be signalled; NULL: unsignalled */
};

ICD_DEFINE_CASTS(icd_semaphore, VkSemaphore, VK_OBJECT_TYPE_SEMAPHORE)

/* Puts payload (NULL: unsignalled) into a binary semaphore and returns what it had. References go
 * along with the pointers. */
struct weft_fence *icd_semaphore_swap(struct icd_semaphore *semaphore, struct weft_fence *payload);

#endif
