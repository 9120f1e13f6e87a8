/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "native.h"
#include "vec.h"

enum {
    REDUCE = 16 * 1024 * 1024,
    SCAN = 4 * 1024 * 1024,
    HISTOGRAM = 16 * 1024 * 1024,
    BLOCK = 256
};

VEC_INLINE float block_sum(const float *x)
{
    enum { VECTORS = BLOCK / LANES };
    vf part[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        part[i] = load_f(x + i * LANES);
#pragma GCC unroll 8
        for (int j = i + 8; j < VECTORS; j += 8)
            part[i] += load_f(x + j * LANES);
    }
    part[0] += part[4];
    part[1] += part[5];
    part[2] += part[6];
    part[3] += part[7];
    vf sum = (part[0] + part[1]) + (part[2] + part[3]);
    float total = 0;
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        total += sum[i];
    return total;
}

/* As the shader: a sum per block of 256, the sums' sums, their sum. */
void native_reduce(void *const *buffers)
{
    const float *x = buffers[0];
    float *sums = buffers[1], *more = buffers[2], *total = buffers[3];
#pragma omp parallel for
    for (int i = 0; i < REDUCE / BLOCK; i++)
        sums[i] = block_sum(x + i * BLOCK);
    for (int i = 0; i < REDUCE / BLOCK / BLOCK; i++)
        more[i] = block_sum(sums + i * BLOCK);
    total[0] = block_sum(more);
}

void native_sum(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float sum = 0;
#pragma omp parallel for simd reduction(+ : sum)
    for (int i = 0; i < REDUCE; i++)
        sum += x[i];
    *(float *)buffers[3] = sum;
}

/* Lanes move up by `distance`, zeros come in below. */
VEC_INLINE vu lanes_up(vu v, uint32_t distance)
{
    vu lane = lane_u(), from = (lane - distance) & (LANES - 1);
#if defined(__clang__)
    vu moved;
    for (int i = 0; i < LANES; i++)
        moved[i] = v[from[i]];
#else
    vu moved = __builtin_shuffle(v, from);
#endif
    return moved & (vu)(lane >= distance);
}

/* Inclusive prefix sums of `count` elements from x to y, starting with `carry`; the last one. */
VEC_INLINE uint32_t scan_run(const uint32_t *x, uint32_t *y, size_t count, uint32_t carry)
{
    for (size_t i = 0; i < count; i += LANES) {
        vu v = load_u(x + i);
#pragma GCC unroll 4
        for (uint32_t distance = 1; distance < LANES; distance *= 2)
            v += lanes_up(v, distance);
        v += carry;
        store_u(y + i, v);
        carry = v[LANES - 1];
    }
    return carry;
}

/* As the shader: blocks of 256, then the totals, then the totals added. */
void native_scan(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1], *totals = buffers[2], sum = 0;
#pragma omp parallel for
    for (int i = 0; i < SCAN / BLOCK; i++)
        totals[i] = scan_run(x + i * BLOCK, y + i * BLOCK, BLOCK, 0);
    for (int i = 0; i < SCAN / BLOCK; i++) {
        uint32_t own = totals[i];
        totals[i] = sum;
        sum += own;
    }
#pragma omp parallel for
    for (int i = 0; i < SCAN / BLOCK; i++)
        for (int j = 0; j < BLOCK; j += LANES)
            store_u(y + i * BLOCK + j, load_u(y + i * BLOCK + j) + totals[i]);
}

void native_scan_blocks(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < SCAN / BLOCK; i++)
        scan_run(x + i * BLOCK, y + i * BLOCK, BLOCK, 0);
}

/* Large pieces: their sums first, then each is scanned once, in its place. */
void native_scan_at_once(void *const *buffers)
{
    enum { PIECES = 64, PIECE = SCAN / PIECES };
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1], before[PIECES], sum = 0;
#pragma omp parallel for
    for (int piece = 0; piece < PIECES; piece++) {
        uint32_t total = 0;
#pragma omp simd reduction(+ : total)
        for (int i = 0; i < PIECE; i++)
            total += x[piece * PIECE + i];
        before[piece] = total;
    }
    for (int piece = 0; piece < PIECES; piece++) {
        uint32_t own = before[piece];
        before[piece] = sum;
        sum += own;
    }
#pragma omp parallel for
    for (int piece = 0; piece < PIECES; piece++)
        scan_run(x + piece * PIECE, y + piece * PIECE, PIECE, before[piece]);
}

/* Four tables a thread, so that equal neighbours don't wait for each other. */
void native_histogram(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *bins = buffers[1];
    memset(bins, 0, 1024);
#pragma omp parallel
    {
        uint32_t count[4][256];
        memset(count, 0, sizeof(count));
#pragma omp for
        for (int i = 0; i < HISTOGRAM; i += 4) {
            count[0][x[i] >> 24]++;
            count[1][x[i + 1] >> 24]++;
            count[2][x[i + 2] >> 24]++;
            count[3][x[i + 3] >> 24]++;
        }
#pragma omp critical
        for (int i = 0; i < 256; i++)
            bins[i] += count[0][i] + count[1][i] + count[2][i] + count[3][i];
    }
}

enum { SORT = 2 * 1024 * 1024, SORT_BLOCK = 512, SORT_VECTORS = SORT_BLOCK / LANES };

/* Strides of whole vectors: partners are two vectors. */
VEC_INLINE void sort_vectors(vu *key, uint32_t size, uint32_t stride)
{
    for (uint32_t base = 0; base < SORT_VECTORS; base += 2 * stride) {
        vu up = (vu)((vi){0} - ((base * LANES & size) == 0)); /* the same for the whole run */
        for (uint32_t i = base; i < base + stride; i++) {
            vu low = smaller(key[i], key[i + stride]), high = larger(key[i], key[i + stride]);
            key[i] = (vu)((low & up) | (high & ~up));
            key[i + stride] = (vu)((high & up) | (low & ~up));
        }
    }
}

/* The strides within a vector, largest first, in one go. */
VEC_INLINE void sort_lanes(vu *key, uint32_t size, uint32_t first)
{
    vu lane = lane_u();
    for (uint32_t i = 0; i < SORT_VECTORS; i++) {
        vu v = key[i];
        vu descending = (vu)(((lane + i * LANES) & size) != 0);
#pragma GCC unroll 4
        for (uint32_t stride = LANES / 2; stride > 0; stride /= 2) {
            if (stride > first)
                continue;
            vu other = swap_lanes(v, stride);
            vu takes_high = (vu)((lane & stride) != 0) ^ descending;
            v = (smaller(v, other) & ~takes_high) | (larger(v, other) & takes_high);
        }
        key[i] = v;
    }
}

void native_bitonic(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (int block = 0; block < SORT / SORT_BLOCK; block++) {
        vu key[SORT_VECTORS];
        memcpy(key, x + block * SORT_BLOCK, sizeof(key));
        for (uint32_t size = 2; size <= SORT_BLOCK; size *= 2) {
            for (uint32_t stride = size / 2; stride >= LANES; stride /= 2)
                sort_vectors(key, size, stride / LANES);
            sort_lanes(key, size, size / 2);
        }
        memcpy(y + block * SORT_BLOCK, key, sizeof(key));
    }
}
