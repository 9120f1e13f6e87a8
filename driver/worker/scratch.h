/* SPDX-License-Identifier: MIT
 *
 * DOC: A worker's memory
 *
 * Every thread that runs kernels has a block with the shared memory of the workgroup that it runs and
 * the compiler's scratch. It must be large enough before a kernel starts, and finding memory may
 * fail only while a job is armed (lifetime rule 3). So arming reserves: it allocates a larger block
 * and leaves it for the worker, which changes over between two kernels and frees the old one.
 *
 *     | slack | shared ... | slack | scratch ... | slack |
 *
 * The slack lets kernels read a whole vector at either end.
 */
#ifndef WEFT_SCRATCH_H
#define WEFT_SCRATCH_H

#include <stdatomic.h>
#include <stdint.h>

struct weft_scratch_block;

struct weft_scratch {
    uint32_t shared_B, scratch_B;               /* reserved; guarded by the pool's reserve_lock */
    _Atomic(struct weft_scratch_block *) next;  /* left by reserve for the worker */
    struct weft_scratch_block *block;           /* in use; the worker's own */
};

void weft_scratch_init(struct weft_scratch *scratch);
void weft_scratch_finish(struct weft_scratch *scratch);
/* Makes sure of at least these sizes from the worker's next weft_scratch_adopt() on. 0 or -ENOMEM */
int weft_scratch_reserve(struct weft_scratch *scratch, uint32_t shared_B, uint32_t scratch_B);
/* Changes over to what was reserved. Called by the worker outside kernels. */
void weft_scratch_adopt(struct weft_scratch *scratch);
/* Both 64-byte aligned; valid until the next adopt. NULL when nothing was ever reserved. */
void *weft_scratch_shared(const struct weft_scratch *scratch);
void *weft_scratch_scratch(const struct weft_scratch *scratch);

#endif
