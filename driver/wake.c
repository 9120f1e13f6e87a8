/* SPDX-License-Identifier: MIT */
#include "wake.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"
#include "weft/driver.h"

#define YIELD_NS 2000u

uint64_t weft_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void weft_wake_init(struct weft_wake *wake)
{
    atomic_init(&wake->seq, 0);
    atomic_init(&wake->sleepers, 0);
}

void weft_wake_some(struct weft_wake *wake, unsigned count)
{
    /* Both sequentially consistent, as in prepare: either we see the sleeper, or it sees our change. */
    atomic_fetch_add(&wake->seq, 1);
    if (atomic_load(&wake->sleepers) != 0)
        syscall(SYS_futex, &wake->seq, FUTEX_WAKE_PRIVATE, (int)count, NULL, NULL, 0);
}

void weft_wake_all(struct weft_wake *wake)
{
    weft_wake_some(wake, INT_MAX);
}

unsigned weft_wake_prepare(struct weft_wake *wake)
{
    atomic_fetch_add(&wake->sleepers, 1);
    return atomic_load(&wake->seq);
}

void weft_wake_abandon(struct weft_wake *wake)
{
    atomic_fetch_sub(&wake->sleepers, 1);
}

int weft_wake_sleep(struct weft_wake *wake, unsigned ticket, uint64_t deadline_ns)
{
    struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    /* WAIT_BITSET because its time is absolute on CLOCK_MONOTONIC. */
    long rc = syscall(SYS_futex, &wake->seq, FUTEX_WAIT_BITSET_PRIVATE, ticket,
                      deadline_ns == UINT64_MAX ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    int error = rc == 0 ? 0 : errno;

    atomic_fetch_sub(&wake->sleepers, 1);
    return error == ETIMEDOUT ? -ETIMEDOUT : 0;
}

bool weft_spin(weft_condition_fn *condition, void *data, uint64_t spin_ns)
{
    uint64_t start_ns, time_ns;

    if (spin_ns == 0)
        return false;
    start_ns = weft_clock_ns();
    do {
        for (int i = 0; i < 16; i++) {
            weft_machine_relax();
            if (condition(data))
                return true;
        }
        time_ns = weft_clock_ns() - start_ns;
        /* On a busy machine the thread that we wait for may be waiting for our core. */
        if (time_ns > YIELD_NS)
            sched_yield();
    } while (time_ns < spin_ns);
    return false;
}

int weft_wait(struct weft_wake *wake, weft_condition_fn *condition, void *data, uint64_t spin_ns,
              uint64_t deadline_ns)
{
    if (condition(data))
        return 0;
    if (deadline_ns == 0)
        return -ETIMEDOUT;
    if (weft_spin(condition, data, spin_ns))
        return 0;
    for (;;) {
        unsigned ticket = weft_wake_prepare(wake);

        if (condition(data)) {
            weft_wake_abandon(wake);
            return 0;
        }
        if (weft_wake_sleep(wake, ticket, deadline_ns) == -ETIMEDOUT)
            return condition(data) ? 0 : -ETIMEDOUT;
    }
}
