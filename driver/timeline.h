/* SPDX-License-Identifier: MIT */
#ifndef WEFT_TIMELINE_H
#define WEFT_TIMELINE_H

#include "weft/driver.h"

/* Raises the value without waking the waiters; the caller wakes device->changed. */
void weft_timeline_raise(struct weft_timeline *timeline, uint64_t value);

#endif
