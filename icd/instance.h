/* SPDX-License-Identifier: MIT
 *
 * VkInstance: the enabled extensions, the debug messengers and the one physical device.
 */
#ifndef ICD_INSTANCE_H
#define ICD_INSTANCE_H

#include <pthread.h>

#include "extensions.h"
#include "object.h"

struct icd_messenger;
struct icd_physical_device;

struct icd_instance {
    struct icd_object base;
    uint32_t api_version; /* what the application asked for; VK_API_VERSION_1_0 if it did not say */
    unsigned quirks; /* enum icd_quirk */
    bool extensions[ICD_INSTANCE_EXTENSION_COUNT]; /* enabled, by enum icd_instance_extension */
    struct icd_physical_device *physical;

    pthread_mutex_t lock;             /* guards messengers and the names of objects; innermost but
                                         for what an application's callback does */
    struct icd_messenger *messengers; /* list */
};

ICD_DEFINE_CASTS(icd_instance, VkInstance, VK_OBJECT_TYPE_INSTANCE)

#endif
