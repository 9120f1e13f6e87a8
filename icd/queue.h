/* SPDX-License-Identifier: MIT
 *
 * VkQueue: one of the driver's queues.
 */
#ifndef ICD_QUEUE_H
#define ICD_QUEUE_H

#include "device.h"

struct icd_queue {
    struct icd_object base;
    struct weft_queue *weft;
    uint32_t family, index; /* the index is its number in the family */
    VkDeviceQueueCreateFlags flags;
};

ICD_DEFINE_CASTS(icd_queue, VkQueue, VK_OBJECT_TYPE_QUEUE)

/* Called by vkCreateDevice for each queue, and by vkDestroyDevice, where it drains the queue.
 * -> VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_INITIALIZATION_FAILED (no thread), VK_ERROR_NOT_PERMITTED (a
 * global priority that no family lists) */
VkResult icd_queue_create(struct icd_device *device, const VkDeviceQueueCreateInfo *info,
                          uint32_t index, struct icd_queue **queue_out);
/* Accepts NULL. */
void icd_queue_destroy(struct icd_queue *queue);

#endif
