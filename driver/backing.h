/* SPDX-License-Identifier: MIT
 *
 * DOC: What is behind sparse memory
 *
 * The system lets a process have so many mappings (vm.max_map_count) and no more. A sparse bo takes one for each
 * run of pages that follow each other in the same memory, or have none; scattered blocks of an image take one for
 * each row. So that a bind which cannot be carried out fails where it is submitted, and not when it is too late to
 * say so, what binds will do is recorded when their job is armed, and the runs are counted.
 *
 * Other mappings of the process, other devices' among them, are not counted: some are left to them.
 */
#ifndef WEFT_BACKING_H
#define WEFT_BACKING_H

#include <pthread.h>
#include <stdint.h>

/* Of a device. */
struct weft_mappings {
    pthread_mutex_t lock; /* guards all, and all weft_backings of the device */
    uint64_t edges;       /* between runs, in all sparse bos */
    uint64_t most;        /* 0: not asked for yet */
};

/* Of a sparse bo; zeros for others. */
struct weft_backing {
    uint64_t *pages; /* where each page's memory is mapped otherwise; 0: there is none */
    uint64_t count;
    uint64_t edges;
};

void weft_mappings_init(struct weft_mappings *mappings);
void weft_mappings_finish(struct weft_mappings *mappings);

/* -ENOMEM */
int weft_backing_init(struct weft_backing *backing, uint64_t page_count);
void weft_backing_finish(struct weft_backing *backing, struct weft_mappings *mappings);

/* Puts what is mapped at `memory` (0: none) behind some pages, and what was there into undo. -ENOSPC, and
 * nothing is changed, when there would be too many mappings. */
int weft_backing_plan(struct weft_backing *backing, struct weft_mappings *mappings, uint64_t first,
                      uint64_t count, uint64_t memory, uint64_t page_B, uint64_t *undo);
/* Takes the last plan back. */
void weft_backing_revert(struct weft_backing *backing, struct weft_mappings *mappings,
                         uint64_t first, uint64_t count, uint64_t page_B, const uint64_t *undo);

#endif
