/* SPDX-License-Identifier: MIT
 *
 * VkSemaphore. A timeline semaphore is a timeline of the driver. A binary one is a container: a
 * submit that signals it puts a fence in, a submit that waits for it takes that fence out. Where it is
 * shared with others by an opaque descriptor, a signal adds 1 to that and a wait takes 1 away.
 */
#ifndef ICD_SEMAPHORE_H
#define ICD_SEMAPHORE_H

#include <pthread.h>

#include "external_fd.h"

struct icd_semaphore {
    struct icd_object base;
    struct weft_timeline *timeline; /* NULL in a binary semaphore; never changes */
    pthread_mutex_t lock;           /* guards all below; innermost */
    /* Binary: what is to be signalled; a payload of nothing is unsignalled. A temporary one, imported,
     * stands before the permanent one until somebody waits for it. */
    struct icd_payload permanent, temporary;
    bool has_temporary;
};

ICD_DEFINE_CASTS(icd_semaphore, VkSemaphore, VK_OBJECT_TYPE_SEMAPHORE)

/* Takes the signal out of a binary semaphore, with a reference; NULL where there is none.
 * 0 or -errno */
int icd_semaphore_take(struct icd_semaphore *semaphore, struct weft_fence **signal_out);
/* Undoes icd_semaphore_take: puts the signal back (NULL: does nothing). Takes the reference. */
void icd_semaphore_give_back(struct icd_semaphore *semaphore, struct weft_fence *signal);
/* The semaphore will be signalled when the fence is. *old_out is what it had, for undoing by
 * icd_semaphore_unsignal. 0 or -errno */
int icd_semaphore_signal(struct icd_semaphore *semaphore, struct weft_fence *fence,
                         struct weft_fence **old_out);
/* The submit that was to signal it failed. Takes old's reference. */
void icd_semaphore_unsignal(struct icd_semaphore *semaphore, struct weft_fence *old);

#endif
