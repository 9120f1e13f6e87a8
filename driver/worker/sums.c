/* SPDX-License-Identifier: MIT */
#include "worker/sums.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define MAPPED_B (WEFT_SUMS_B + WEFT_SUMS_SLACK_B)
/* Smaller ones are the kernels' own matter. */
#define LEAST_B 4096u
/* Of all threads' copies. */
#define ALL_B (UINT64_C(256) << 20)
#define COUNTER_B 4u

uint64_t weft_sums_worth_B(uint64_t additions, uint32_t threads)
{
    /* One addition for each counter by each thread. */
    uint64_t most_B = additions / threads * COUNTER_B;

    if (most_B > ALL_B / threads)
        most_B = ALL_B / threads;
    if (most_B > WEFT_SUMS_B)
        most_B = WEFT_SUMS_B;
    return most_B > LEAST_B ? most_B : 0;
}

static void map(struct weft_sums *sums)
{
    void *memory = mmap(NULL, MAPPED_B, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return;
    madvise(memory, MAPPED_B, MADV_HUGEPAGE);
    sums->sums = memory;
}

void weft_sums_begin(struct weft_sums *sums, uint64_t most_B)
{
    if (most_B != 0 && sums->sums == NULL)
        map(sums);
    sums->most_B = sums->sums != NULL ? most_B : 0;
}

static void add_one(uint64_t at, uint32_t sum)
{
    if (sum != 0)
        atomic_fetch_add((_Atomic uint32_t *)at, sum);
}

/* Neither counter carries into the other. */
static void add_two(uint64_t at, uint64_t sums)
{
    _Atomic uint64_t *counters = (_Atomic uint64_t *)at;
    uint64_t old = atomic_load_explicit(counters, memory_order_relaxed), low, high;

    do {
        low = (old + sums) & UINT32_MAX;
        high = (old >> 32) + (sums >> 32);
    } while (!atomic_compare_exchange_weak(counters, &old, high << 32 | low));
}

void weft_sums_end(struct weft_sums *sums)
{
    unsigned char *copy = sums->sums;
    uint64_t pairs_B = sums->size_B - sums->size_B % (2 * COUNTER_B);

    if (sums->base == 0)
        return;
    for (uint64_t i = 0; i < pairs_B; i += 2 * COUNTER_B) {
        uint64_t two;

        memcpy(&two, copy + i, sizeof(two));
        if (two == 0)
            continue;
        memset(copy + i, 0, sizeof(two));
        add_two(sums->base + i, two);
    }
    if (sums->size_B - pairs_B >= COUNTER_B) {
        uint32_t one;

        memcpy(&one, copy + pairs_B, sizeof(one));
        memset(copy + pairs_B, 0, sizeof(one));
        add_one(sums->base + pairs_B, one);
    }
    sums->base = 0;
}

void weft_sums_finish(struct weft_sums *sums)
{
    if (sums->sums != NULL)
        munmap(sums->sums, MAPPED_B);
    memset(sums, 0, sizeof(*sums));
}
