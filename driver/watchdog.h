/* SPDX-License-Identifier: MIT
 *
 * The hang watchdog: a thread that loses the device when one job runs for longer than the timeout.
 * Exists only when there is a timeout; sleeps while no job runs.
 */
#ifndef WEFT_WATCHDOG_H
#define WEFT_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>

#include "wake.h"

struct weft_device;

struct weft_watchdog {
    struct weft_device *device;
    uint64_t timeout_ns; /* 0: no thread */
    pthread_t thread;
    struct weft_wake wake; /* a job has started, or stopping is set */
    atomic_bool idle;      /* the thread sleeps until a job starts */
    atomic_bool stopping;
};

/* timeout_ns 0 takes WEFT_HANG_SECONDS, or never. 0 or -ENOMEM */
int weft_watchdog_init(struct weft_watchdog *watchdog, struct weft_device *device,
                       uint64_t timeout_ns);
/* Joins the thread. */
void weft_watchdog_finish(struct weft_watchdog *watchdog);
/* A job starts to run; its queue's running_since_ns is set. Cheap. */
void weft_watchdog_notice(struct weft_watchdog *watchdog);

#endif
