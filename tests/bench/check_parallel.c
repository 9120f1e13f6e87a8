/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDUCE = 16 * 1024 * 1024, SCAN = 4 * 1024 * 1024, HISTOGRAM = 16 * 1024 * 1024 };

/* Small integers, so that every order of the additions gives the same float. */
void reduce_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (size_t i = 0; i < REDUCE; i++)
        x[i] = (float)(i * 5 % 13 == 0);
    memset(buffers[3], 0, 4);
}

bool reduce_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0];
    double sum = 0;
    for (size_t i = 0; i < REDUCE; i++)
        sum += x[i];
    return near("sum", 0, *(const float *)buffers[3], sum, 0, 0, why, why_B);
}

void scan_fill(void *const *buffers)
{
    uint32_t *x = buffers[0], seed = 21;
    for (size_t i = 0; i < SCAN; i++)
        x[i] = random_u32(&seed) & 0xff;
    memset(buffers[1], 0, SCAN * 4);
    memset(buffers[2], 0, SCAN / 256 * 4);
}

bool scan_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *prefix = buffers[1];
    uint32_t sum = 0;
    for (size_t i = 0; i < SCAN; i++) {
        sum += x[i];
        if (!equal("prefix", i, prefix[i], sum, why, why_B))
            return false;
    }
    return true;
}

/* A sum of two random bytes picks the bin: a hill, as pictures have. */
void histogram_fill(void *const *buffers)
{
    uint32_t *x = buffers[0], seed = 22;
    for (size_t i = 0; i < HISTOGRAM; i++) {
        uint32_t r = random_u32(&seed);
        x[i] = ((r & 0xff) + (r >> 8 & 0xff)) / 2 << 24 | r >> 16;
    }
}

bool histogram_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *bins = buffers[1];
    uint32_t want[256] = {0};
    for (size_t i = 0; i < HISTOGRAM; i++)
        want[x[i] >> 24]++;
    for (size_t i = 0; i < 256; i++)
        if (!equal("bins", i, bins[i], want[i], why, why_B))
            return false;
    return true;
}

enum { BITONIC = 2 * 1024 * 1024, BITONIC_BLOCK = 512 };

void bitonic_fill(void *const *buffers)
{
    uint32_t *x = buffers[0], seed = 23;
    for (size_t i = 0; i < BITONIC; i++)
        x[i] = random_u32(&seed);
    memset(buffers[1], 0, BITONIC * 4);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

bool bitonic_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *y = buffers[1];
    for (size_t block = 0; block < BITONIC; block += BITONIC_BLOCK) {
        uint32_t want[BITONIC_BLOCK];
        memcpy(want, x + block, sizeof(want));
        qsort(want, BITONIC_BLOCK, sizeof(want[0]), compare_u32);
        for (size_t i = 0; i < BITONIC_BLOCK; i++)
            if (!equal("y", block + i, y[block + i], want[i], why, why_B))
                return false;
    }
    return true;
}
