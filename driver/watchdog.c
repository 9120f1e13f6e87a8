/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "queue.h"
#include "thread.h"

#define PERIOD_MIN_NS 1000000u
#define PERIOD_MAX_NS 1000000000u

/* Looks at all queues; true if a job runs on one. */
static bool inspect(struct weft_watchdog *watchdog)
{
    struct weft_device *device = watchdog->device;
    struct weft_fault_info fault = {0};
    uint64_t since_ns = weft_queues_oldest_ns(device, &fault.label), now_ns = weft_clock_ns();

    if (since_ns == 0)
        return false;
    if (now_ns > since_ns && now_ns - since_ns > watchdog->timeout_ns) {
        char reason[128];

        snprintf(reason, sizeof(reason), "a job ran for more than %.3g s",
                 (double)watchdog->timeout_ns * 1e-9);
        weft_device_lose_by(device, reason, &fault);
    }
    return true;
}

static void *watch(void *data)
{
    struct weft_watchdog *watchdog = data;
    uint64_t period_ns = watchdog->timeout_ns / 8;

    if (period_ns < PERIOD_MIN_NS)
        period_ns = PERIOD_MIN_NS;
    if (period_ns > PERIOD_MAX_NS)
        period_ns = PERIOD_MAX_NS;
    for (;;) {
        unsigned ticket = weft_wake_prepare(&watchdog->wake);
        uint64_t deadline_ns = UINT64_MAX;

        /* Before looking: a job that starts after the look sees idle and wakes us. */
        atomic_store(&watchdog->idle, true);
        if (atomic_load(&watchdog->stopping) || weft_device_status(watchdog->device) != 0) {
            weft_wake_abandon(&watchdog->wake);
            return NULL;
        }
        if (inspect(watchdog)) {
            atomic_store(&watchdog->idle, false);
            deadline_ns = weft_clock_ns() + period_ns;
        }
        weft_wake_sleep(&watchdog->wake, ticket, deadline_ns);
    }
}

int weft_watchdog_init(struct weft_watchdog *watchdog, struct weft_device *device,
                       uint64_t timeout_ns)
{
    if (timeout_ns == 0) {
        const char *text = getenv("WEFT_HANG_SECONDS");
        double seconds = text != NULL ? strtod(text, NULL) : 0;

        if (seconds > 0 && seconds < 1e9)
            timeout_ns = (uint64_t)(seconds * 1e9);
    }
    watchdog->device = device;
    watchdog->timeout_ns = timeout_ns;
    weft_wake_init(&watchdog->wake);
    atomic_init(&watchdog->idle, false);
    atomic_init(&watchdog->stopping, false);
    if (timeout_ns == 0)
        return 0;
    return weft_thread_create(&watchdog->thread, "weft-watchdog", watch, watchdog);
}

void weft_watchdog_finish(struct weft_watchdog *watchdog)
{
    if (watchdog->timeout_ns == 0)
        return;
    atomic_store(&watchdog->stopping, true);
    weft_wake_all(&watchdog->wake);
    pthread_join(watchdog->thread, NULL);
}

void weft_watchdog_notice(struct weft_watchdog *watchdog)
{
    if (watchdog->timeout_ns != 0 && atomic_exchange(&watchdog->idle, false))
        weft_wake_all(&watchdog->wake);
}
