/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "native.h"
#include "vec.h"

/* One row of C at a time, 64 columns' sums in registers. */
void native_matmul_naive(void *const *buffers)
{
    enum { N = 512, SUMS = 64 / LANES };
    const float *a = buffers[0], *b = buffers[1];
    float *c = buffers[2];
#pragma omp parallel for
    for (int row = 0; row < N; row++) {
        for (int col = 0; col < N; col += 64) {
            vf sum[SUMS] = {0};
            for (int k = 0; k < N; k++) {
                vf factor = all_f(a[row * N + k]);
#pragma GCC unroll 16
                for (int i = 0; i < SUMS; i++)
                    sum[i] += factor * load_f(b + k * N + col + i * LANES);
            }
            for (int i = 0; i < SUMS; i++)
                store_f(c + row * N + col + i * LANES, sum[i]);
        }
    }
}

/* c[ROWS x COLUMNS] += a b, sums in registers; a's element (row, k) is a[row * row_step + k *
 * k_step]. */
#define BLOCK(name, ROWS, COLUMNS, STEPS)                                                          \
    VEC_INLINE void name(const float *a, int row_step, int k_step, const float *b, int b_step,     \
                         float *c, int c_step)                                                     \
    {                                                                                              \
        enum { SUMS = (COLUMNS) / LANES };                                                         \
        vf sum[ROWS][SUMS];                                                                        \
        _Pragma("GCC unroll 8") for (int i = 0; i < (ROWS); i++)                                   \
            _Pragma("GCC unroll 8") for (int j = 0; j < SUMS; j++) sum[i][j] =                     \
                load_f(c + i * c_step + j * LANES);                                                \
        for (int k = 0; k < (STEPS); k++)                                                          \
            _Pragma("GCC unroll 8") for (int i = 0; i < (ROWS); i++)                               \
                _Pragma("GCC unroll 8") for (int j = 0; j < SUMS; j++) sum[i][j] +=                \
                a[i * row_step + k * k_step] * load_f(b + k * b_step + j * LANES);                 \
        _Pragma("GCC unroll 8") for (int i = 0; i < (ROWS); i++)                                   \
            _Pragma("GCC unroll 8") for (int j = 0; j < SUMS; j++)                                 \
                store_f(c + i * c_step + j * LANES, sum[i][j]);                                    \
    }
BLOCK(block_4x16, 4, 16, 16)

void native_matmul_tiled(void *const *buffers)
{
    enum { N = 512, TILE = 16 };
    const float *a = buffers[0], *b = buffers[1];
    float *c = buffers[2];
#pragma omp parallel for collapse(2)
    for (int row0 = 0; row0 < N; row0 += TILE) {
        for (int col0 = 0; col0 < N; col0 += TILE) {
            float a_tile[TILE][TILE] __attribute__((aligned(64)));
            float b_tile[TILE][TILE] __attribute__((aligned(64)));
            float sum[TILE][TILE] __attribute__((aligned(64))) = {0};
            for (int t = 0; t < N; t += TILE) {
                for (int y = 0; y < TILE; y++) {
                    memcpy(a_tile[y], a + (row0 + y) * N + t, sizeof(a_tile[y]));
                    memcpy(b_tile[y], b + (t + y) * N + col0, sizeof(b_tile[y]));
                }
                for (int y = 0; y < TILE; y += 4)
                    block_4x16(a_tile[y], TILE, 1, b_tile[0], TILE, sum[y], TILE);
            }
            for (int y = 0; y < TILE; y++)
                memcpy(c + (row0 + y) * N + col0, sum[y], sizeof(sum[y]));
        }
    }
}

void native_matmul_blocked(void *const *buffers)
{
    enum { N = 1024, TILE = 64, STEP = 16 };
    const float *a = buffers[0], *b = buffers[1];
    float *c = buffers[2];
#pragma omp parallel for collapse(2)
    for (int row0 = 0; row0 < N; row0 += TILE) {
        for (int col0 = 0; col0 < N; col0 += TILE) {
            float a_tile[TILE][STEP] __attribute__((aligned(64)));
            float b_tile[STEP][TILE] __attribute__((aligned(64)));
            float sum[TILE][TILE] __attribute__((aligned(64))) = {0};
            for (int t = 0; t < N; t += STEP) {
                for (int y = 0; y < TILE; y++)
                    memcpy(a_tile[y], a + (row0 + y) * N + t, sizeof(a_tile[y]));
                for (int y = 0; y < STEP; y++)
                    memcpy(b_tile[y], b + (t + y) * N + col0, sizeof(b_tile[y]));
                for (int y = 0; y < TILE; y += 4)
                    for (int x = 0; x < TILE; x += 16)
                        block_4x16(a_tile[y], STEP, 1, &b_tile[0][x], TILE, &sum[y][x], TILE);
            }
            for (int y = 0; y < TILE; y++)
                memcpy(c + (row0 + y) * N + col0, sum[y], sizeof(sum[y]));
        }
    }
}

/* Products of narrower elements: widened a tile at a time. */
#define NARROW_TILES(name, load)                                                                   \
    void name(void *const *buffers)                                                                \
    {                                                                                              \
        enum { N = 1024, TILE = 64, STEP = 16 };                                                   \
        const uint16_t *a = buffers[0], *b = buffers[1];                                           \
        float *c = buffers[2];                                                                     \
        _Pragma("omp parallel for collapse(2)") for (int row0 = 0; row0 < N; row0 += TILE)         \
        {                                                                                          \
            for (int col0 = 0; col0 < N; col0 += TILE) {                                           \
                float a_tile[TILE][STEP] __attribute__((aligned(64)));                             \
                float b_tile[STEP][TILE] __attribute__((aligned(64)));                             \
                float sum[TILE][TILE] __attribute__((aligned(64))) = {0};                          \
                for (int t = 0; t < N; t += STEP) {                                                \
                    for (int y = 0; y < TILE; y++)                                                 \
                        load(a_tile[y], a + (row0 + y) * N + t, STEP);                             \
                    for (int y = 0; y < STEP; y++)                                                 \
                        load(b_tile[y], b + (t + y) * N + col0, TILE);                             \
                    for (int y = 0; y < TILE; y += 4)                                              \
                        for (int x = 0; x < TILE; x += 16)                                         \
                            block_4x16(a_tile[y], STEP, 1, &b_tile[0][x], TILE, &sum[y][x], TILE); \
                }                                                                                  \
                for (int y = 0; y < TILE; y++)                                                     \
                    memcpy(c + (row0 + y) * N + col0, sum[y], sizeof(sum[y]));                     \
            }                                                                                      \
        }                                                                                          \
    }

VEC_INLINE void widen_f16(float *to, const uint16_t *from, int count)
{
#if defined(__F16C__)
    for (int i = 0; i < count; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + i))));
#else
    for (int i = 0; i < count; i++) { /* normal numbers and zero */
        uint32_t bits = from[i] & 0x7fff ? (uint32_t)(from[i] & 0x8000) << 16 |
                                               ((uint32_t)(from[i] & 0x7fff) + (112 << 10)) << 13
                                         : 0;
        memcpy(&to[i], &bits, 4);
    }
#endif
}

VEC_INLINE void widen_bf16(float *to, const uint16_t *from, int count)
{
    uint32_t *bits = (uint32_t *)(void *)to;
    for (int i = 0; i < count; i++)
        bits[i] = (uint32_t)from[i] << 16;
}

NARROW_TILES(native_matmul_f16, widen_f16)
NARROW_TILES(native_matmul_bf16, widen_bf16)

/* Pairs of k side by side, 16 bits each, for the instruction that multiplies and adds such pairs. */
void native_matmul_s8(void *const *buffers)
{
    enum { N = 1024, TILE = 64, PAIRS = 8 };
    const int8_t *a = buffers[0], *b = buffers[1];
    int32_t *c = buffers[2];
#pragma omp parallel for collapse(2)
    for (int row0 = 0; row0 < N; row0 += TILE) {
        for (int col0 = 0; col0 < N; col0 += TILE) {
            int16_t a_tile[TILE][2 * PAIRS] __attribute__((aligned(64)));
            int16_t b_tile[PAIRS][2 * TILE] __attribute__((aligned(64)));
            int32_t sum[TILE][TILE] __attribute__((aligned(64))) = {0};
            for (int t = 0; t < N; t += 2 * PAIRS) {
                for (int y = 0; y < TILE; y++)
                    for (int k = 0; k < 2 * PAIRS; k++)
                        a_tile[y][k] = a[(row0 + y) * N + t + k];
                for (int k = 0; k < PAIRS; k++)
                    for (int x = 0; x < TILE; x++) {
                        b_tile[k][2 * x] = b[(t + 2 * k) * N + col0 + x];
                        b_tile[k][2 * x + 1] = b[(t + 2 * k + 1) * N + col0 + x];
                    }
#if defined(__AVX2__)
                for (int y = 0; y < TILE; y += 4)
                    for (int x = 0; x < TILE; x += 16) {
                        __m256i part[4][2];
#pragma GCC unroll 8
                        for (int i = 0; i < 8; i++)
                            part[i / 2][i % 2] = _mm256_load_si256(
                                (const __m256i *)(const void *)&sum[y + i / 2][x + i % 2 * 8]);
                        for (int k = 0; k < PAIRS; k++) {
                            const __m256i *row = (const __m256i *)(const void *)&b_tile[k][2 * x];
                            __m256i left = _mm256_load_si256(row), right = _mm256_load_si256(row + 1);
#pragma GCC unroll 4
                            for (int i = 0; i < 4; i++) {
                                int32_t pair;
                                memcpy(&pair, &a_tile[y + i][2 * k], 4);
                                __m256i both = _mm256_set1_epi32(pair);
                                part[i][0] = _mm256_add_epi32(part[i][0], _mm256_madd_epi16(both, left));
                                part[i][1] = _mm256_add_epi32(part[i][1], _mm256_madd_epi16(both, right));
                            }
                        }
#pragma GCC unroll 8
                        for (int i = 0; i < 8; i++)
                            _mm256_store_si256((__m256i *)(void *)&sum[y + i / 2][x + i % 2 * 8],
                                               part[i / 2][i % 2]);
                    }
#else
                for (int y = 0; y < TILE; y++)
                    for (int k = 0; k < PAIRS; k++)
                        for (int x = 0; x < TILE; x++)
                            sum[y][x] += a_tile[y][2 * k] * b_tile[k][2 * x] +
                                         a_tile[y][2 * k + 1] * b_tile[k][2 * x + 1];
#endif
            }
            for (int y = 0; y < TILE; y++)
                memcpy(c + (row0 + y) * N + col0, sum[y], sizeof(sum[y]));
        }
    }
}

void native_spmv(void *const *buffers)
{
    const uint32_t *start = buffers[0], *column = buffers[1];
    const float *value = buffers[2], *x = buffers[3];
    float *y = buffers[4];
#pragma omp parallel for schedule(static, 1024)
    for (uint32_t row = 0; row < SPMV_ROWS; row++) {
        float sum = 0;
        uint32_t end = start[row + 1];
        for (uint32_t k = start[row]; k < end; k++)
            sum += value[k] * x[column[k]];
        y[row] = sum;
    }
}

/* 16 bytes hold 32 weights: the low halves go with x[0..15], the high ones with x[16..31]. */
void native_matvec_q4(void *const *buffers)
{
    enum { BLOCK_B = 18, BLOCKS = 128 };
    const uint8_t *a = buffers[0];
    const float *x = buffers[1];
    float *y = buffers[2];
#pragma omp parallel for
    for (size_t row = 0; row < 4096; row++) {
        float sum[16] = {0}, total = 0;
        for (size_t b = 0; b < BLOCKS; b++) {
            const uint8_t *block = a + (row * BLOCKS + b) * BLOCK_B;
            uint16_t bits;
            memcpy(&bits, block, 2);
            /* Scales are normal numbers. */
            uint32_t wide =
                (uint32_t)(bits & 0x8000) << 16 | ((uint32_t)(bits & 0x7fff) + (112 << 10)) << 13;
            float scale;
            memcpy(&scale, &wide, 4);
#pragma omp simd
            for (int k = 0; k < 16; k++) {
                int pair = block[2 + k];
                float part = (float)((pair & 15) - 8) * x[b * 32 + (size_t)k] +
                             (float)((pair >> 4) - 8) * x[b * 32 + 16 + (size_t)k];
                sum[k] += scale * part;
            }
        }
        for (int k = 0; k < 16; k++)
            total += sum[k];
        y[row] = total;
    }
}

/* One radix-4 step from x to y, both split into real and imaginary parts. The twiddles are a
 * table's. */
VEC_INLINE void fft_step(const float *restrict xr, const float *restrict xi, float *restrict yr,
                         float *restrict yi, int done, const float *restrict wr,
                         const float *restrict wi)
{
    for (int group = 0; group < 256 / done; group++) {
        int from = group * done, to = group * done * 4;
#pragma omp simd
        for (int k = 0; k < done; k++) {
            float w1r = wr[k], w1i = wi[k], w2r = wr[k + done], w2i = wi[k + done];
            float w3r = wr[k + 2 * done], w3i = wi[k + 2 * done];
            float ar = xr[from + k], ai = xi[from + k];
            float pr = xr[from + k + 256], pi = xi[from + k + 256];
            float qr = xr[from + k + 512], qi = xi[from + k + 512];
            float rr = xr[from + k + 768], ri = xi[from + k + 768];
            float br = pr * w1r - pi * w1i, bi = pr * w1i + pi * w1r;
            float cr = qr * w2r - qi * w2i, ci = qr * w2i + qi * w2r;
            float dr = rr * w3r - ri * w3i, di = rr * w3i + ri * w3r;
            float sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
            float er = br + dr, ei = bi + di, fr = br - dr, fi = bi - di;
            yr[to + k] = sr + er;
            yi[to + k] = si + ei;
            yr[to + k + done] = tr + fi;
            yi[to + k + done] = ti - fr;
            yr[to + k + 2 * done] = sr - er;
            yi[to + k + 2 * done] = si - ei;
            yr[to + k + 3 * done] = tr - fi;
            yi[to + k + 3 * done] = ti + fr;
        }
    }
}

/* The first step has no twiddles but 1; its results lie four apart. */
VEC_INLINE void fft_first(const float *restrict x, float *restrict yr, float *restrict yi)
{
#pragma omp simd
    for (int l = 0; l < 256; l++) {
        float ar = x[2 * l], ai = x[2 * l + 1], br = x[2 * l + 512], bi = x[2 * l + 513];
        float cr = x[2 * l + 1024], ci = x[2 * l + 1025], dr = x[2 * l + 1536],
              di = x[2 * l + 1537];
        float sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
        float er = br + dr, ei = bi + di, fr = br - dr, fi = bi - di;
        yr[4 * l] = sr + er;
        yi[4 * l] = si + ei;
        yr[4 * l + 1] = tr + fi;
        yi[4 * l + 1] = ti - fr;
        yr[4 * l + 2] = sr - er;
        yi[4 * l + 2] = si - ei;
        yr[4 * l + 3] = tr - fi;
        yi[4 * l + 3] = ti + fr;
    }
}

void native_fft(void *const *buffers)
{
    const float *x = buffers[0];
    float *y = buffers[1];
    static float wr[4][768], wi[4][768];
    if (wr[0][0] == 0) {
        for (int step = 0; step < 4; step++) {
            int done = 4 << 2 * step;
            for (int i = 0; i < 3 * done; i++) {
                double angle = -6.283185307179586 * (i % done) * (i / done + 1) / (done * 4);
                wr[step][i] = (float)cos(angle);
                wi[step][i] = (float)sin(angle);
            }
        }
    }
#pragma omp parallel for
    for (int row = 0; row < 4096; row++) {
        float re[2][1024] __attribute__((aligned(64))), im[2][1024] __attribute__((aligned(64)));
        fft_first(x + row * 2048, re[0], im[0]);
        fft_step(re[0], im[0], re[1], im[1], 4, wr[0], wi[0]);
        fft_step(re[1], im[1], re[0], im[0], 16, wr[1], wi[1]);
        fft_step(re[0], im[0], re[1], im[1], 64, wr[2], wi[2]);
        fft_step(re[1], im[1], re[0], im[0], 256, wr[3], wi[3]);
#pragma omp simd
        for (int i = 0; i < 1024; i++) {
            y[row * 2048 + 2 * i] = re[0][i];
            y[row * 2048 + 2 * i + 1] = im[0][i];
        }
    }
}
