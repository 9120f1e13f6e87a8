/* SPDX-License-Identifier: MIT
 *
 * What a fence or a semaphore holds: a fence of the driver's, or a descriptor that it shares with the
 * other importers of an opaque handle (an eventfd: a fence is signalled while it is readable, a
 * semaphore has as many signals as its count).
 */
#ifndef ICD_EXTERNAL_FD_H
#define ICD_EXTERNAL_FD_H

#include "device.h"

struct icd_payload {
    struct weft_fence *fence; /* reference, or NULL */
    int fd;                   /* or -1 */
};

void icd_payload_finish(struct icd_payload *payload);
/* Takes the descriptor where it succeeds. sync: a sync fd, else an opaque one.
 * -> VK_ERROR_INVALID_EXTERNAL_HANDLE, VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_payload_import(struct icd_device *device, int fd, bool sync,
                            struct icd_payload *payload_out);
/* A sync fd of a fence. -> VK_ERROR_TOO_MANY_OBJECTS, VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_payload_export_sync(struct icd_device *device, struct weft_fence *fence, int *fd_out);
/* -1 when there are no more descriptors. */
int icd_fd_duplicate(int fd);

#endif
