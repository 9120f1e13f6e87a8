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
    /* The first queue family says GRAPHICS, for libraries that take no other device although the program
     * only computes. All that draws fails as ever. */
    ICD_QUIRK_GRAPHICS = 1 << 1,
    /* A version of the conformance suite is named, which some ask for; it claims nothing. */
    ICD_QUIRK_CONFORMANCE = 1 << 2,
};

/* The quirks of the program that an instance is made for, by its table and by the environment:
 * WEFT_DEBUG contains `order`, and WEFT_QUEUE_GRAPHICS, which 1 switches on and all else off. info: may be
 * NULL, or name nothing. */
unsigned icd_quirks_of(const VkApplicationInfo *info);

#endif
