/* SPDX-License-Identifier: MIT
 *
 * DOC: Sleeping until something changed
 *
 * A wake is an event count. Who changes a condition makes the change visible (any atomic store) and
 * then calls weft_wake_all(). Who waits for it does
 *
 *     for (;;) {
 *         ticket = weft_wake_prepare(wake);
 *         if (condition) { weft_wake_abandon(wake); break; }
 *         if (weft_wake_sleep(wake, ticket, deadline_ns) == -ETIMEDOUT) ...
 *     }
 *
 * No wake-up is lost: a change after prepare makes sleep return at once. When nobody sleeps,
 * weft_wake_all() costs one atomic add and no system call. weft_wait() is the loop above with a brief
 * spin before it.
 */
#ifndef WEFT_WAKE_H
#define WEFT_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct weft_wake {
    atomic_uint seq;
    atomic_uint sleepers;
};

void weft_wake_init(struct weft_wake *wake);
void weft_wake_all(struct weft_wake *wake);
/* Wakes at most `count` sleepers; for conditions that any waiter can serve. */
void weft_wake_some(struct weft_wake *wake, unsigned count);
unsigned weft_wake_prepare(struct weft_wake *wake);
void weft_wake_abandon(struct weft_wake *wake);
/* Ends what weft_wake_prepare() began. deadline_ns is on weft_clock_ns()'s clock; UINT64_MAX: none.
 * 0 (perhaps spuriously) or -ETIMEDOUT. */
int weft_wake_sleep(struct weft_wake *wake, unsigned ticket, uint64_t deadline_ns);

typedef bool weft_condition_fn(void *data);
/* Spins until condition(data) holds, for spin_ns at most; whether it does. */
bool weft_spin(weft_condition_fn *condition, void *data, uint64_t spin_ns);
/* Waits until condition(data) holds: spins for spin_ns, then sleeps. 0 or -ETIMEDOUT. A deadline in
 * the past tests the condition once. */
int weft_wait(struct weft_wake *wake, weft_condition_fn *condition, void *data, uint64_t spin_ns,
              uint64_t deadline_ns);

#endif
