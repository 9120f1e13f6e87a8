/* SPDX-License-Identifier: MIT
 *
 * DOC: Shared timelines
 *
 * A timeline that several devices, of this process or others, have in common is an eventfd whose count is
 * the value. The count is read without taking from it, in /proc. Each device keeps a copy of the value, in
 * which the driver looks: the device's own signals raise both, and its poller copies those of others.
 */
#ifndef WEFT_TIMELINE_H
#define WEFT_TIMELINE_H

#include "weft/driver.h"

/* Raises the value without waking the waiters; the caller wakes device->changed. */
void weft_timeline_raise(struct weft_timeline *timeline, uint64_t value);
/* Whether the device knows that the value has come. */
bool weft_timeline_reached(const struct weft_timeline *timeline, uint64_t value);
/* Copies the value of a shared timeline, and wakes the waiters where it has grown. */
void weft_timeline_refresh(struct weft_timeline *timeline);

#endif
