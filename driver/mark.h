/* SPDX-License-Identifier: MIT
 *
 * DOC: Forked processes
 *
 * The child of a fork() has the device, but none of its threads, and what those were changing is left as it
 * stood. A mark tells parent and child apart: it is a page that the kernel clears in the child. Looking at
 * it is one load, and no state of the process is needed. Where the kernel cannot do that (Linux before 4.14)
 * a child is not told from its parent.
 */
#ifndef WEFT_MARK_H
#define WEFT_MARK_H

#include <stdbool.h>

struct weft_mark {
    volatile const unsigned *page; /* NULL: not initialised */
};

/* 0 or -ENOMEM */
int weft_mark_init(struct weft_mark *mark);
/* Of one that is all zeros, too. */
void weft_mark_finish(struct weft_mark *mark);

/* Whether this process is a child of the one that called weft_mark_init(). Any thread. */
static inline bool weft_mark_is_forked(const struct weft_mark *mark)
{
    return *mark->page == 0;
}

#endif
