/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "native.h"
#include "vec.h"

enum { SIDE = 2048, BYTES = 4 * SIDE };

static const float blur[9] = {1 / 256.f, 8 / 256.f,  28 / 256.f, 56 / 256.f, 70 / 256.f,
                              56 / 256.f, 28 / 256.f, 8 / 256.f,  1 / 256.f};

/* The four channels are four neighbours; lines of bytes padded at both ends. */
void native_image_blur(void *const *buffers)
{
    const uint8_t *x = buffers[0];
    uint8_t *between = buffers[1], *y = buffers[2];
#pragma omp parallel for
    for (int row = 0; row < SIDE; row++) {
        uint8_t padded[BYTES + 32];
        const uint8_t *line = x + row * BYTES;
        memcpy(padded + 16, line, BYTES);
        for (int i = 0; i < 16; i++) {
            padded[i] = line[i & 3];
            padded[BYTES + 16 + i] = line[BYTES - 4 + (i & 3)];
        }
#pragma omp simd
        for (int i = 0; i < BYTES; i++) {
            float sum = 0.5f;
#pragma GCC unroll 9
            for (int k = 0; k < 9; k++)
                sum += blur[k] * padded[i + 4 * k];
            between[row * BYTES + i] = (uint8_t)(int)sum;
        }
    }
#pragma omp parallel for
    for (int row = 0; row < SIDE; row++) {
        const uint8_t *line[9];
        for (int k = 0; k < 9; k++) {
            int from = row + k - 4;
            line[k] = between + (from < 0 ? 0 : from > SIDE - 1 ? SIDE - 1 : from) * BYTES;
        }
#pragma omp simd
        for (int i = 0; i < BYTES; i++) {
            float sum = 0.5f;
#pragma GCC unroll 9
            for (int k = 0; k < 9; k++)
                sum += blur[k] * line[k][i];
            y[row * BYTES + i] = (uint8_t)(int)sum;
        }
    }
}

void native_image_rgba8(void *const *buffers)
{
    uint32_t *x = buffers[0];
#pragma omp parallel for
    for (int i = 0; i < SIDE * SIDE; i += LANES) {
        vu texel = load_u(x + i), to = {0};
        for (int c = 0; c < 4; c++) {
            vf v = to_float(texel >> (c == 3 ? 24 : 16 - 8 * c) & 255) * 0.75f + (31.875f + 0.5f);
            to |= (vu)__builtin_convertvector(v, vi) << 8 * c;
        }
        store_u(x + i, to);
    }
}

void native_image_r32f(void *const *buffers)
{
    float *x = buffers[0];
#pragma omp parallel for simd
    for (int i = 0; i < SIDE * SIDE; i++)
        x[i] = x[i] * 0.75f + 0.125f;
}

#if !defined(__F16C__) || !defined(__AVX2__)
/* Normal numbers and 0. */
static float from_half(uint16_t h)
{
    uint32_t bits = h & 0x7fff ? ((uint32_t)(h & 0x7fff) + (112 << 10)) << 13 : 0;
    float v;
    bits |= (uint32_t)(h & 0x8000) << 16;
    memcpy(&v, &bits, 4);
    return v;
}

static uint16_t to_half(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, 4);
    return (uint16_t)((bits >> 16 & 0x8000) | (((bits & 0x7fffffff) + 0x1000) >> 13) - (112 << 10));
}
#endif

void native_image_rgba16f(void *const *buffers)
{
    uint16_t *x = buffers[0];
#pragma omp parallel for
    for (int i = 0; i < 4 * SIDE * SIDE; i += 8) {
#if defined(__F16C__) && defined(__AVX2__)
        __m128i *at = (__m128i *)(void *)(x + i);
        __m256 v = _mm256_permute_ps(_mm256_cvtph_ps(_mm_loadu_si128(at)), 0xc6);
        _mm_storeu_si128(at, _mm256_cvtps_ph(v * 0.75f + 0.125f, _MM_FROUND_TO_NEAREST_INT));
#else
        for (int k = 0; k < 8; k += 4) {
            uint16_t red = x[i + k];
            for (int c = 0; c < 4; c++)
                x[i + k + c] = to_half(
                    from_half(c == 2 ? red : x[i + k + (c == 0 ? 2 : c)]) * 0.75f + 0.125f);
        }
#endif
    }
}

void native_image_to_rgba8(void *const *buffers)
{
    const uint16_t *x = buffers[0];
    uint8_t *y = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < 4 * SIDE * SIDE; i += 32) {
#if defined(__F16C__) && defined(__AVX2__)
        const __m128i *from = (const __m128i *)(const void *)(x + i);
        __m256i v[4];
        for (int k = 0; k < 4; k++) {
            __m256 f = _mm256_cvtph_ps(_mm_loadu_si128(from + k));
            f = _mm256_min_ps(_mm256_max_ps(f, _mm256_setzero_ps()), _mm256_set1_ps(1));
            v[k] = _mm256_cvtps_epi32(f * 255.0f);
        }
        __m256i bytes =
            _mm256_packus_epi16(_mm256_packus_epi32(v[0], v[1]), _mm256_packus_epi32(v[2], v[3]));
        bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)(y + i), bytes);
#else
        for (int k = 0; k < 32; k++) {
            float v = from_half(x[i + k]);
            y[i + k] = (uint8_t)(int)((v < 0 ? 0 : v > 1 ? 1 : v) * 255 + 0.5f);
        }
#endif
    }
}

/* By tables. */
void native_image_to_rgba16f(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint64_t *y = buffers[1];
    uint16_t curve[256], line[256];
    for (int i = 0; i < 256; i++) {
        float v = (float)i / 255, rgb = v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
#if defined(__F16C__)
        curve[i] = (uint16_t)_cvtss_sh(rgb, 0);
        line[i] = (uint16_t)_cvtss_sh(v, 0);
#else
        curve[i] = i ? to_half(rgb) : 0;
        line[i] = i ? to_half(v) : 0;
#endif
    }
#pragma omp parallel for
    for (int i = 0; i < SIDE * SIDE; i++)
        y[i] = (uint64_t)curve[x[i] & 255] | (uint64_t)curve[x[i] >> 8 & 255] << 16 |
               (uint64_t)curve[x[i] >> 16 & 255] << 32 | (uint64_t)line[x[i] >> 24] << 48;
}

/* Even bytes and odd bytes apart, as pairs of 16 bits. */
void native_image_mips(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    for (int n = SIDE; n > 128; n /= 2) {
        const uint32_t *from = x;
        uint32_t *to = (uint32_t *)buffers[0] + (from - (uint32_t *)buffers[0]) + n * n;
#pragma omp parallel for
        for (int row = 0; row < n / 2; row++) {
            const uint32_t *up = from + 2 * row * n, *down = up + n;
#pragma omp simd
            for (int i = 0; i < n / 2; i++) {
                uint32_t even = 0x00020002, odd = 0x00020002;
                even += (up[2 * i] & 0xff00ff) + (up[2 * i + 1] & 0xff00ff);
                even += (down[2 * i] & 0xff00ff) + (down[2 * i + 1] & 0xff00ff);
                odd += (up[2 * i] >> 8 & 0xff00ff) + (up[2 * i + 1] >> 8 & 0xff00ff);
                odd += (down[2 * i] >> 8 & 0xff00ff) + (down[2 * i + 1] >> 8 & 0xff00ff);
                to[row * (n / 2) + i] = (even >> 2 & 0xff00ff) | (odd << 6 & 0xff00ff00);
            }
        }
        x = to;
    }
}

void native_image_copy(void *const *buffers)
{
    const float *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < 4096 * 4096; i += LANES)
        stream_f(y + i, load_f(x + i));
}
