/* SPDX-License-Identifier: MIT */
#include "mark.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

/* The kernel maps and clears whole pages. */
#define MARK_B sizeof(unsigned)

int weft_mark_init(struct weft_mark *mark)
{
    unsigned *page =
        mmap(NULL, MARK_B, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return -ENOMEM;
    *page = 1;
    (void)madvise(page, MARK_B, MADV_WIPEONFORK);
    mark->page = page;
    return 0;
}

void weft_mark_finish(struct weft_mark *mark)
{
    if (mark->page != NULL)
        munmap((void *)(unsigned long)mark->page, MARK_B);
    mark->page = NULL;
}
