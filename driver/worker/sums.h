/* SPDX-License-Identifier: MIT
 *
 * DOC: A worker's copy of a buffer of counters
 *
 * A locked addition takes several times as long as a plain one, and keeps others from being fetched
 * meanwhile. A kernel that adds to 32-bit counters, and cannot tell when, adds to its worker's copy
 * (weft/kernel.h). The worker adds the copy to the buffer when it has no more to do of the dispatch, two counters at
 * a time, and leaves zeros. So the copy is zeros whenever no dispatch uses it.
 *
 * Worth it is that for a dispatch with many additions for each counter. There is memory for it only
 * from then on; where there is none, kernels do without.
 */
#ifndef WEFT_SUMS_H
#define WEFT_SUMS_H

#include <stdint.h>

#include "weft/kernel.h"

/* How large a buffer may be for so many additions by so many threads (not 0) to be worth a copy each; 0: of
 * none. */
uint64_t weft_sums_worth_B(uint64_t additions, uint32_t threads);
/* Before a kernel is called. `most_B`: what weft_sums_worth_B() said. */
void weft_sums_begin(struct weft_sums *sums, uint64_t most_B);
/* Adds the copy to the buffer. For the buffer's other users each counter changes at once. */
void weft_sums_end(struct weft_sums *sums);
/* Frees the memory. All zeros is a valid start. */
void weft_sums_finish(struct weft_sums *sums);

#endif
