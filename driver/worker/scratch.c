/* SPDX-License-Identifier: MIT */
#include "worker/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "weft/kernel.h"

#define SLACK_B WEFT_SHARED_SLACK_B

struct weft_scratch_block {
    void *shared, *scratch;
};

void weft_scratch_init(struct weft_scratch *scratch)
{
    memset(scratch, 0, sizeof(*scratch));
}

void weft_scratch_finish(struct weft_scratch *scratch)
{
    free(atomic_load(&scratch->next));
    free(scratch->block);
    weft_scratch_init(scratch);
}

static uint64_t padded_B(uint32_t size_B)
{
    return ((uint64_t)size_B + 63) / 64 * 64 + SLACK_B;
}

int weft_scratch_reserve(struct weft_scratch *scratch, uint32_t shared_B, uint32_t scratch_B)
{
    struct weft_scratch_block *block;
    uint64_t size_B;

    if (shared_B <= scratch->shared_B && scratch_B <= scratch->scratch_B)
        return 0;
    if (shared_B < scratch->shared_B)
        shared_B = scratch->shared_B;
    if (scratch_B < scratch->scratch_B)
        scratch_B = scratch->scratch_B;
    /* The header fills the first 64 bytes, slack lies before the shared memory. */
    size_B = 64 + SLACK_B + padded_B(shared_B) + padded_B(scratch_B);
    block = aligned_alloc(64, size_B);
    if (block == NULL)
        return -ENOMEM;
    block->shared = (char *)block + 64 + SLACK_B;
    block->scratch = (char *)block->shared + padded_B(shared_B);
    /* The first touch should be the worker's, so nothing is cleared here. */
    scratch->shared_B = shared_B;
    scratch->scratch_B = scratch_B;
    /* A block that the worker has not taken yet is taken back. */
    free(atomic_exchange(&scratch->next, block));
    return 0;
}

void weft_scratch_adopt(struct weft_scratch *scratch)
{
    struct weft_scratch_block *block;

    if (atomic_load_explicit(&scratch->next, memory_order_relaxed) == NULL)
        return;
    block = atomic_exchange(&scratch->next, NULL);
    if (block == NULL)
        return;
    free(scratch->block);
    scratch->block = block;
}

void *weft_scratch_shared(const struct weft_scratch *scratch)
{
    return scratch->block != NULL ? scratch->block->shared : NULL;
}

void *weft_scratch_scratch(const struct weft_scratch *scratch)
{
    return scratch->block != NULL ? scratch->block->scratch : NULL;
}
