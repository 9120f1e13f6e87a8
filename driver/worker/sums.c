/* SPDX-License-Identifier: MIT */
#include "worker/sums.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define PARTS (WEFT_SUMS_B / WEFT_SUMS_PART_B)
#define COPY_B (WEFT_SUMS_B + WEFT_SUMS_PART_B)
#define MAPPED_B (COPY_B + PARTS + 1)
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
    unsigned char *memory = mmap(NULL, MAPPED_B, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        return;
    madvise(memory, COPY_B, MADV_HUGEPAGE);
    sums->sums = memory;
    sums->touched = memory + COPY_B;
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

/* The part is COUNTER_B or more in size. */
static void put_part(uint64_t at, unsigned char *part, uint64_t part_B)
{
    uint64_t pairs_B = part_B - part_B % (2 * COUNTER_B);

    for (uint64_t i = 0; i < pairs_B; i += 2 * COUNTER_B) {
        uint64_t sums;

        memcpy(&sums, part + i, sizeof(sums));
        if (sums == 0)
            continue;
        memset(part + i, 0, sizeof(sums));
        add_two(at + i, sums);
    }
    if (part_B - pairs_B >= COUNTER_B) {
        uint32_t sum;

        memcpy(&sum, part + pairs_B, sizeof(sum));
        memset(part + pairs_B, 0, sizeof(sum));
        add_one(at + pairs_B, sum);
    }
}

void weft_sums_end(struct weft_sums *sums)
{
    if (sums->base == 0)
        return;
    for (uint64_t first = 0; first < sums->size_B; first += WEFT_SUMS_PART_B) {
        uint64_t rest_B = sums->size_B - first;
        uint8_t *touched = &sums->touched[first / WEFT_SUMS_PART_B];

        if (*touched == 0)
            continue;
        *touched = 0;
        put_part(sums->base + first, (unsigned char *)sums->sums + first,
                 rest_B < WEFT_SUMS_PART_B ? rest_B : WEFT_SUMS_PART_B);
    }
    sums->base = 0;
}

void weft_sums_finish(struct weft_sums *sums)
{
    if (sums->sums != NULL)
        munmap(sums->sums, MAPPED_B);
    memset(sums, 0, sizeof(*sums));
}
