/* SPDX-License-Identifier: MIT
 *
 * VkEvent: an event of the driver.
 */
#ifndef ICD_EVENT_H
#define ICD_EVENT_H

#include "device.h"

struct icd_event {
    struct icd_object base;
    struct weft_event *event;
};

ICD_DEFINE_CASTS(icd_event, VkEvent, VK_OBJECT_TYPE_EVENT)

#endif
