/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "native.h"
#include "vec.h"

enum { MILLION = 1024 * 1024 };

void native_bytes(void *const *buffers)
{
    const uint8_t *restrict a = buffers[0], *restrict b = buffers[1];
    uint8_t *restrict y = buffers[2];
#pragma omp parallel for simd
    for (int i = 0; i < 16 * MILLION; i++)
        y[i] = (uint8_t)((uint16_t)(a[i] * 3 + b[i] + 2) >> 2);
}

void native_sound(void *const *buffers)
{
    const int16_t *restrict a = buffers[0], *restrict b = buffers[1];
    int16_t *restrict y = buffers[2];
#pragma omp parallel for simd
    for (int i = 0; i < 8 * MILLION; i++) {
        int sum = a[i] + (b[i] * 23170 >> 15);
        y[i] = (int16_t)(sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum);
    }
}

/* Where there is no arithmetic on halves: in floats, with the machine's conversions. */
void native_halves(void *const *buffers)
{
    const uint16_t *x = buffers[0];
    uint16_t *y = buffers[1];
#if defined(__F16C__)
#pragma omp parallel for
    for (int i = 0; i < 8 * MILLION; i += 8) {
        __m256 v = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(x + i)));
        __m256 sum = v * 0.125f + 0.25f;
        sum = sum * v - 0.5f;
        sum = sum * v + 0.75f;
        sum = sum * v + 1;
        _mm_storeu_si128((__m128i *)(void *)(y + i),
                         _mm256_cvtps_ph(sum, _MM_FROUND_TO_NEAREST_INT));
    }
#else
#pragma omp parallel for
    for (int i = 0; i < 8 * MILLION; i++) {
        /* Normal numbers, in and out. */
        uint32_t bits = (uint32_t)(x[i] & 0x8000) << 16 | ((uint32_t)(x[i] & 0x7fff) + (112 << 10))
                                                              << 13;
        float v, sum;
        memcpy(&v, &bits, 4);
        sum = (((v * 0.125f + 0.25f) * v - 0.5f) * v + 0.75f) * v + 1;
        memcpy(&bits, &sum, 4);
        y[i] = (uint16_t)((bits >> 16 & 0x8000) |
                          (((bits & 0x7fffffff) + 0x1000) >> 13) - (112 << 10));
    }
#endif
}

void native_random64(void *const *buffers)
{
    uint64_t *state = buffers[0];
#pragma omp parallel for simd
    for (int i = 0; i < 2 * MILLION; i++) {
        uint64_t v = state[i];
        for (int k = 0; k < 16; k++) {
            v ^= v >> 12;
            v ^= v << 25;
            v ^= v >> 27;
            v *= 0x2545f4914f6cdd1du;
        }
        state[i] = v;
    }
}

void native_doubles(void *const *buffers)
{
    enum { VECTORS = 4, WIDTH = LANES / 2 };
    const double *x = buffers[0];
    double *y = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < MILLION; i += VECTORS * WIDTH) {
        vd v[VECTORS], sum[VECTORS];
        memcpy(v, x + i, sizeof(v));
        for (int j = 0; j < VECTORS; j++)
            sum[j] = (vd){0} + 1;
#pragma GCC unroll 16
        for (int k = 16; k > 0; k--)
#pragma GCC unroll 4
            for (int j = 0; j < VECTORS; j++)
                sum[j] = 1 + sum[j] * v[j] * (1.0 / k);
        memcpy(y + i, sum, sizeof(sum));
    }
}

/* Four calls of libm's vector function. */
#define FOUR_CALLS(name, call)                                                                     \
    void name(void *const *buffers)                                                                \
    {                                                                                              \
        const float *restrict x = buffers[0];                                                      \
        float *restrict y = buffers[1];                                                            \
        _Pragma("omp parallel for simd") for (int i = 0; i < 4 * MILLION; i++)                     \
        {                                                                                          \
            float sum = 0;                                                                         \
            _Pragma("GCC unroll 4") for (int k = 0; k < 4; k++)                                    \
            {                                                                                      \
                float v = x[i] + 0.25f * (float)k;                                                 \
                sum += call;                                                                       \
            }                                                                                      \
            y[i] = sum;                                                                            \
        }                                                                                          \
    }
FOUR_CALLS(native_exp, expf(v))
FOUR_CALLS(native_log, logf(v + 1))
FOUR_CALLS(native_sin, sinf(v))
FOUR_CALLS(native_pow, powf(v, 0.7f))

/* A vector's sum in registers, then one atomic for each block of 256, as a workgroup has. */
void native_atomic_one(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *total = buffers[1];
    *total = 0;
#pragma omp parallel for
    for (int i = 0; i < ATOMICS; i += 256) {
        uint32_t sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int j = i; j < i + 256; j++)
            sum += x[j] & 15;
        __atomic_fetch_add(total, sum, __ATOMIC_RELAXED);
    }
}

/* Each thread counts for itself. */
void native_atomic_few(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *counter = buffers[1];
    memset(counter, 0, 16 * 4);
#pragma omp parallel
    {
        uint32_t count[4][16] = {0};
#pragma omp for
        for (int i = 0; i < ATOMICS; i += 4)
            for (int j = 0; j < 4; j++)
                count[j][x[i + j] & 15]++;
#pragma omp critical
        for (int i = 0; i < 16; i++)
            counter[i] += count[0][i] + count[1][i] + count[2][i] + count[3][i];
    }
}

/* So many counters that each addition is an atomic one. */
void native_atomic_random(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *counter = buffers[1];
    memset(counter, 0, 4 * MILLION);
#pragma omp parallel for
    for (int i = 0; i < ATOMICS; i++)
        __atomic_fetch_add(&counter[x[i] & (MILLION - 1)], 1, __ATOMIC_RELAXED);
}

void native_shuffle(void *const *buffers)
{
    enum { VECTORS = 4 };
    uint32_t *x = buffers[0];
#pragma omp parallel for
    for (int i = 0; i < 4 * MILLION; i += VECTORS * LANES) {
        vu v[VECTORS];
        memcpy(v, x + i, sizeof(v));
        for (int k = 0; k < 8; k++) {
#pragma GCC unroll 4
            for (int j = 0; j < VECTORS; j++) {
                v[j] = v[j] * 5 + swap_lanes(v[j], 1);
                v[j] ^= swap_lanes(v[j], 2) >> 3;
            }
        }
        memcpy(x + i, v, sizeof(v));
    }
}
