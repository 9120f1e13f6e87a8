/* SPDX-License-Identifier: MIT
 *
 * What Weft does for programs that rely on more than the specification promises, and get it from other
 * drivers.
 */
#ifndef ICD_QUIRK_H
#define ICD_QUIRK_H

#include <stdbool.h>

#include "vk.h"

enum icd_quirk {
    /* A dispatch waits for those before it in its command buffer, as if barriers were between them. */
    ICD_QUIRK_ORDER = 1 << 0,
};

/* The quirks of the program that an instance is made for, by its table and by the environment:
 * WEFT_DEBUG contains `order`. info: may be NULL, or name nothing. */
unsigned icd_quirks_of(const VkApplicationInfo *info);

#endif
