/* SPDX-License-Identifier: MIT
 *
 * VkDevice: the driver's device, the enabled features and extensions, the queues.
 */
#ifndef ICD_DEVICE_H
#define ICD_DEVICE_H

#include <pthread.h>

#include "extensions.h"
#include "object.h"
#include "physical_device.h"
#include "result.h"
#include "tables.h"

struct icd_queue;

/* A callback of VK_EXT_device_memory_report. */
struct icd_report {
    PFN_vkDeviceMemoryReportCallbackEXT callback;
    void *data;
};

struct icd_device {
    struct icd_object base; /* base.alloc: the device's allocation callbacks */
    struct icd_physical_device *physical;
    struct weft_device *weft;
    struct icd_features features;                /* enabled: device->features.robustBufferAccess */
    bool extensions[ICD_DEVICE_EXTENSION_COUNT]; /* enabled, by enum icd_device_extension */
    _Atomic uint64_t private_slot_next; /* private_data.c's */
    pthread_mutex_t private_lock;       /* guards the private values of all objects; innermost */

    struct icd_object *kept;            /* destroyed objects, where handles are checked; private_lock */

    struct icd_report *reports; /* memory_report.c's; immutable after creation */
    uint32_t report_count;
    _Atomic uint64_t report_id;

    /* Of each family, in the order of their creation; fixed after the device's. */
    struct icd_queue *queues[ICD_FAMILY_COUNT][ICD_MAX_QUEUES];
    uint32_t queue_counts[ICD_FAMILY_COUNT];
};

ICD_DEFINE_CASTS(icd_device, VkDevice, VK_OBJECT_TYPE_DEVICE)

/* Keeps the memory of a destroyed object until the device is destroyed. */
void icd_device_keep(struct icd_device *device, struct icd_object *object);
/* VK_SUCCESS, or VK_ERROR_DEVICE_LOST with the driver's reason as a message. */
VkResult icd_device_check(struct icd_device *device);

/* The first structure of a pNext chain with this sType, or NULL. */
const void *icd_find_struct(const void *chain, VkStructureType type);
void *icd_find_struct_out(void *chain, VkStructureType type);

#endif
