/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <stddef.h>
#include <sys/mman.h>

#include "weft/driver.h"

/* Linux maps from the top of its 47 bits downwards, and the program and its heap lie just below the top
 * or near 0. The memory of sanitizers ends below the first. */
#define FIRST (UINT64_C(1) << 45)
#define END (UINT64_C(1) << 46)
#define STEP_B (UINT64_C(2) << 20) /* a huge page */
#define TRIES 32

static void *reserve(uint64_t address, uint64_t size_B)
{
    void *wanted = (void *)(uintptr_t)address;
    void *memory = mmap(wanted, size_B, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    /* Kernels before 4.17 take the address as a hint only. */
    if (memory != wanted) {
        munmap(memory, size_B);
        return NULL;
    }
    return memory;
}

void *weft_place_reserve(uint64_t address, uint64_t size_B)
{
    uint64_t seed = weft_clock_ns();
    void *memory = NULL;

    if (address != 0)
        return reserve(address, size_B);
    if (size_B > END - FIRST)
        return NULL;
    for (int i = 0; i < TRIES && memory == NULL; i++) {
        /* Spread over the range, so that what two processes take seldom meets. */
        seed = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
        uint64_t steps = (END - FIRST - size_B) / STEP_B + 1;
        memory = reserve(FIRST + (seed >> 20) % steps * STEP_B, size_B);
    }
    return memory;
}
