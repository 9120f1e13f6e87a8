/* SPDX-License-Identifier: MIT */
#include "worker/spread.h"

#include <sched.h>
#include <stdbool.h>

/* -1: not known, or one of more than we count. */
static int current(void)
{
    int processor = sched_getcpu();

    return processor < WEFT_SPREAD_PROCESSORS ? processor : -1;
}

static bool add(struct weft_spread *spread, int processor)
{
    return atomic_fetch_add_explicit(&spread->running[processor], 1, memory_order_relaxed) == 0;
}

/* Moves the calling thread to a processor that has none of ours and that it may use. False if there is none. */
static bool move(struct weft_spread *spread)
{
    cpu_set_t allowed, free_ones;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
        return false;
    CPU_ZERO(&free_ones);
    for (int i = 0; i < WEFT_SPREAD_PROCESSORS && i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &allowed) &&
            atomic_load_explicit(&spread->running[i], memory_order_relaxed) == 0)
            CPU_SET(i, &free_ones);
    }
    if (CPU_COUNT(&free_ones) == 0 || sched_setaffinity(0, sizeof(free_ones), &free_ones) != 0)
        return false;
    (void)sched_setaffinity(0, sizeof(allowed), &allowed);
    return true;
}

int weft_spread_enter(struct weft_spread *spread)
{
    int processor = current();

    if (processor < 0 || add(spread, processor))
        return processor;
    if (!move(spread))
        return processor;
    weft_spread_leave(spread, processor);
    processor = current();
    if (processor >= 0)
        (void)add(spread, processor);
    return processor;
}

int weft_spread_renew(struct weft_spread *spread, int processor)
{
    if (current() == processor)
        return processor;
    weft_spread_leave(spread, processor);
    return weft_spread_enter(spread);
}

void weft_spread_leave(struct weft_spread *spread, int processor)
{
    if (processor >= 0)
        atomic_fetch_sub_explicit(&spread->running[processor], 1, memory_order_relaxed);
}
