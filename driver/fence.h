/* SPDX-License-Identifier: MIT */
#ifndef WEFT_FENCE_H
#define WEFT_FENCE_H

#include "weft/driver.h"

/* Signals without waking the waiters; the caller wakes device->changed after several of these. */
void weft_fence_set(struct weft_fence *fence, int status);

#endif
