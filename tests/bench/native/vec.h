/* SPDX-License-Identifier: MIT
 *
 * Vectors as wide as the machine's, by the compilers' own vector types, which both gcc and clang
 * have: +, *, < work on them lane by lane, and a comparison's lanes are 0 or -1.
 */
#ifndef BENCH_VEC_H
#define BENCH_VEC_H

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define VEC_B 64
#elif defined(__AVX__)
#define VEC_B 32
#else
#define VEC_B 16
#endif
#define LANES (VEC_B / 4)

typedef float vf __attribute__((vector_size(VEC_B)));
typedef int32_t vi __attribute__((vector_size(VEC_B)));
typedef uint32_t vu __attribute__((vector_size(VEC_B)));
typedef uint64_t vu64 __attribute__((vector_size(VEC_B)));
typedef double vd __attribute__((vector_size(VEC_B)));

#define VEC_INLINE static inline __attribute__((always_inline))

/* memcpy becomes one unaligned move. */
VEC_INLINE vf load_f(const float *from)
{
    vf v;
    memcpy(&v, from, sizeof(v));
    return v;
}

VEC_INLINE vu load_u(const uint32_t *from)
{
    vu v;
    memcpy(&v, from, sizeof(v));
    return v;
}

VEC_INLINE void store_f(float *to, vf v)
{
    memcpy(to, &v, sizeof(v));
}

VEC_INLINE void store_u(uint32_t *to, vu v)
{
    memcpy(to, &v, sizeof(v));
}

VEC_INLINE vf all_f(float x)
{
    return x - (vf){0};
}

VEC_INLINE vu all_u(uint32_t x)
{
    return x - (vu){0};
}

/* 0, 1, 2, ... */
VEC_INLINE vu lane_u(void)
{
    vu v;
    for (uint32_t i = 0; i < LANES; i++)
        v[i] = i;
    return v;
}

/* Past the caches; `to` is aligned to a vector. For results that nobody reads soon. */
VEC_INLINE void stream_f(float *to, vf v)
{
#if defined(__AVX512F__)
    _mm512_stream_ps(to, (__m512)v);
#elif defined(__AVX__)
    _mm256_stream_ps(to, (__m256)v);
#elif defined(__SSE__)
    _mm_stream_ps(to, (__m128)v);
#else
    store_f(to, v);
#endif
}

VEC_INLINE int any(vi mask)
{
#if defined(__AVX512F__)
    return _mm512_movepi32_mask((__m512i)mask) != 0;
#elif defined(__AVX__)
    return _mm256_movemask_ps((__m256)mask) != 0;
#elif defined(__SSE__)
    return _mm_movemask_ps((__m128)mask) != 0;
#else
    int32_t some = 0;
    for (int i = 0; i < LANES; i++)
        some |= mask[i];
    return some != 0;
#endif
}

/* Lane by lane: where the mask is set a, elsewhere b. */
VEC_INLINE vu pick_u(vi mask, vu a, vu b)
{
    return (a & (vu)mask) | (b & ~(vu)mask);
}

VEC_INLINE vu smaller(vu a, vu b)
{
#if defined(__AVX512F__)
    return (vu)_mm512_min_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (vu)_mm256_min_epu32((__m256i)a, (__m256i)b);
#else
    return pick_u(a < b, a, b);
#endif
}

VEC_INLINE vu larger(vu a, vu b)
{
#if defined(__AVX512F__)
    return (vu)_mm512_max_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (vu)_mm256_max_epu32((__m256i)a, (__m256i)b);
#else
    return pick_u(a > b, a, b);
#endif
}

/* Lane by lane from[index]; and the four bytes at from + index. */
VEC_INLINE vu gather_u(const uint32_t *from, vi index)
{
#if defined(__AVX512F__)
    return (vu)_mm512_i32gather_epi32((__m512i)index, from, 4);
#elif defined(__AVX2__)
    return (vu)_mm256_i32gather_epi32((const int *)from, (__m256i)index, 4);
#else
    vu v;
    for (int i = 0; i < LANES; i++)
        v[i] = from[index[i]];
    return v;
#endif
}

VEC_INLINE vu gather_bytes(const uint8_t *from, vi index)
{
#if defined(__AVX512F__)
    return (vu)_mm512_i32gather_epi32((__m512i)index, from, 1);
#elif defined(__AVX2__)
    return (vu)_mm256_i32gather_epi32((const int *)(const void *)from, (__m256i)index, 1);
#else
    vu v;
    for (int i = 0; i < LANES; i++) {
        uint32_t word;
        memcpy(&word, from + index[i], 4);
        v[i] = word;
    }
    return v;
#endif
}

VEC_INLINE vf to_float(vu x)
{
    return __builtin_convertvector((vi)x, vf);
}

VEC_INLINE vi floor_i(vf x)
{
    vi i = __builtin_convertvector(x, vi);
    return i + (__builtin_convertvector(i, vf) > x);
}

/* 1 / sqrt(x), by the machine's estimate and one Newton step. */
VEC_INLINE vf inverse_sqrt(vf x)
{
#if defined(__AVX512F__)
    vf r = (vf)_mm512_rsqrt14_ps((__m512)x);
#elif defined(__AVX__)
    vf r = (vf)_mm256_rsqrt_ps((__m256)x);
#elif defined(__SSE__)
    vf r = (vf)_mm_rsqrt_ps((__m128)x);
#else
    vf r;
    for (int i = 0; i < LANES; i++)
        r[i] = 1 / __builtin_sqrtf(x[i]);
    return r;
#endif
    return r * (1.5f - 0.5f * x * r * r);
}

/* Lane i of the result is lane (i ^ distance): distance is 1, 2 or 4, less than LANES. */
VEC_INLINE vu swap_lanes(vu v, uint32_t distance)
{
    vi pick = (vi)(lane_u() ^ distance);
#if defined(__clang__)
    vu r;
    for (int i = 0; i < LANES; i++)
        r[i] = v[pick[i]];
    return r;
#else
    return __builtin_shuffle(v, pick);
#endif
}

#endif
