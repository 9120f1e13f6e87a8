/* SPDX-License-Identifier: MIT
 *
 * DOC: One processor for each thread
 *
 * The system may put a thread that is woken on the processor of the one that wakes it, although another is free
 * or has less to do, and leave both there for tens of milliseconds: two threads then take turns, and a dispatch
 * takes twice as long. So threads that run a work say on which processor they do. Who finds another
 * one of the device's there, and a processor that it may use where there is none, moves.
 *
 * Nobody is pinned: a thread that has moved may be put elsewhere at once, and what the application or the user
 * has allowed it stays as it was.
 */
#ifndef WEFT_SPREAD_H
#define WEFT_SPREAD_H

#include <stdatomic.h>

#define WEFT_SPREAD_PROCESSORS 1024 /* threads on others stay where they are */

/* All zeros is a valid start. */
struct weft_spread {
    atomic_ushort running[WEFT_SPREAD_PROCESSORS]; /* threads between enter and leave */
};

/* The processor that the calling thread runs on now, perhaps after moving; or -1. */
int weft_spread_enter(struct weft_spread *spread);
/* Enters again where the system has moved the thread since. `processor`: what the last call returned; returns
 * what leave needs. Cheap where nothing has changed. */
int weft_spread_renew(struct weft_spread *spread, int processor);
void weft_spread_leave(struct weft_spread *spread, int processor);

#endif
