/* SPDX-License-Identifier: MIT
 *
 * VkPrivateDataSlot: a number that is never used twice; each object lists the values it was given.
 * So a destroyed slot's values need no clean-up, and a new slot reads as 0 everywhere.
 */
#ifndef ICD_PRIVATE_DATA_H
#define ICD_PRIVATE_DATA_H

#include "object.h"

struct icd_private_slot {
    struct icd_object base;
    uint64_t number;
};

ICD_DEFINE_CASTS(icd_private_slot, VkPrivateDataSlot, VK_OBJECT_TYPE_PRIVATE_DATA_SLOT)

/* Frees an object's values. */
void icd_private_data_finish(struct icd_object *object);

#endif
