/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void matmul_fill(void *const *buffers, size_t n)
{
    random_floats(buffers[0], n * n, -1, 1, 11);
    random_floats(buffers[1], n * n, -1, 1, 12);
    memset(buffers[2], 0, n * n * sizeof(float));
}

/* Every row of the first 16, then each 31st: all tiles and all places in a tile. */
static bool matmul_check(void *const *buffers, size_t n, char *why, size_t why_B)
{
    const float *a = buffers[0], *b = buffers[1], *c = buffers[2];
    double sum[1024];
    for (size_t row = 0; row < n; row += row < 16 ? 1 : 31) {
        memset(sum, 0, sizeof(sum));
        for (size_t k = 0; k < n; k++)
            for (size_t col = 0; col < n; col++)
                sum[col] += (double)a[row * n + k] * b[k * n + col];
        for (size_t col = 0; col < n; col++)
            if (!near("c", row * n + col, c[row * n + col], sum[col], 1e-4, 1e-3, why, why_B))
                return false;
    }
    return true;
}

void matmul512_fill(void *const *buffers)
{
    matmul_fill(buffers, 512);
}

bool matmul512_check(void *const *buffers, char *why, size_t why_B)
{
    return matmul_check(buffers, 512, why, why_B);
}

void matmul1024_fill(void *const *buffers)
{
    matmul_fill(buffers, 1024);
}

bool matmul1024_check(void *const *buffers, char *why, size_t why_B)
{
    return matmul_check(buffers, 1024, why, why_B);
}

/* Elements of the products of cooperative matrices: eighths from -1 to 1, or integers from -64 to 64. All
 * sums are exact, but for f32's. */
enum element { F16, BF16, S8 };

static void element_put(enum element type, void *to, size_t i, int eighths)
{
    float value = (float)eighths / 8;
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint32_t half = eighths ? ((bits & 0x7fffffff) >> 13) - (112 << 10) : 0;
    half |= bits >> 16 & 0x8000;
    if (type == S8)
        ((int8_t *)to)[i] = (int8_t)(8 * eighths);
    else
        ((uint16_t *)to)[i] = (uint16_t)(type == F16 ? half : bits >> 16);
}

static void narrow_fill(void *const *buffers, enum element type)
{
    uint32_t seed = 19;
    for (size_t i = 0; i < 1024 * 1024; i++)
        for (int k = 0; k < 2; k++)
            element_put(type, buffers[k], i, (int)(random_u32(&seed) % 17) - 8);
    memset(buffers[2], 0, 1024 * 1024 * 4);
}

/* As floats, and then like theirs. The random numbers are drawn again, which also shows that A and B were not
 * written to. */
static bool narrow_check(void *const *buffers, enum element type, char *why, size_t why_B)
{
    enum { COUNT = 1024 * 1024 };
    float *floats = malloc(3 * COUNT * sizeof(float));
    void *const wide[] = {floats, floats + COUNT, floats + 2 * COUNT};
    uint32_t seed = 19;
    bool good = floats != NULL;
    for (size_t i = 0; i < COUNT && good; i++) {
        for (int k = 0; k < 2; k++) {
            int eighths = (int)(random_u32(&seed) % 17) - 8;
            floats[(size_t)k * COUNT + i] = type == S8 ? (float)(8 * eighths) : (float)eighths / 8;
        }
        floats[2 * COUNT + i] = type == S8 ? (float)((const int32_t *)buffers[2])[i]
                                           : ((const float *)buffers[2])[i];
    }
    good = good && matmul_check(wide, 1024, why, why_B);
    free(floats);
    return good;
}

#define NARROW(name, type)                                              \
    void name##_fill(void *const *buffers)                              \
    {                                                                   \
        narrow_fill(buffers, type);                                     \
    }                                                                   \
    bool name##_check(void *const *buffers, char *why, size_t why_B)    \
    {                                                                   \
        return narrow_check(buffers, type, why, why_B);                 \
    }
NARROW(matmul_f16, F16)
NARROW(matmul_bf16, BF16)
NARROW(matmul_s8, S8)

void spmv_fill(void *const *buffers)
{
    uint32_t *start = buffers[0], *column = buffers[1], seed = 13, count = 0;
    for (uint32_t row = 0; row < SPMV_ROWS; row++) {
        start[row] = count;
        uint32_t length = 8 + random_u32(&seed) % 17;
        for (uint32_t i = 0; i < length && count < SPMV_MAX; i++)
            column[count++] = random_u32(&seed) % SPMV_ROWS;
    }
    start[SPMV_ROWS] = count;
    random_floats(buffers[2], SPMV_MAX, -1, 1, 14);
    random_floats(buffers[3], SPMV_ROWS, -1, 1, 15);
    memset(buffers[4], 0, SPMV_ROWS * sizeof(float));
}

bool spmv_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *start = buffers[0], *column = buffers[1];
    const float *value = buffers[2], *x = buffers[3], *y = buffers[4];
    for (uint32_t row = 0; row < SPMV_ROWS; row++) {
        double sum = 0;
        for (uint32_t k = start[row]; k < start[row + 1]; k++)
            sum += (double)value[k] * x[column[k]];
        if (!near("y", row, y[row], sum, 1e-4, 1e-4, why, why_B))
            return false;
    }
    return true;
}

enum { Q4_BLOCK_B = 18, Q4_ROW_BLOCKS = 128 };

void matvec_q4_fill(void *const *buffers)
{
    uint8_t *a = buffers[0];
    uint32_t seed = 16;
    for (size_t block = 0; block < 4096 * Q4_ROW_BLOCKS; block++) {
        /* Scales 2^-3 .. 2^-6 as halves: exponent only. */
        uint16_t scale = (uint16_t)((12 - random_u32(&seed) % 4) << 10);
        memcpy(a, &scale, 2);
        for (int i = 0; i < 16; i += 4) {
            uint32_t pairs = random_u32(&seed);
            memcpy(a + 2 + i, &pairs, 4);
        }
        a += Q4_BLOCK_B;
    }
    random_floats(buffers[1], 4096, -1, 1, 17);
    memset(buffers[2], 0, 4096 * sizeof(float));
}

bool matvec_q4_check(void *const *buffers, char *why, size_t why_B)
{
    const uint8_t *a = buffers[0];
    const float *x = buffers[1], *y = buffers[2];
    for (size_t row = 0; row < 4096; row++) {
        double sum = 0;
        for (size_t b = 0; b < Q4_ROW_BLOCKS; b++) {
            uint16_t scale;
            memcpy(&scale, a, 2);
            double part = 0;
            for (size_t k = 0; k < 16; k++) {
                part += ((a[2 + k] & 15) - 8) * (double)x[b * 32 + k];
                part += ((a[2 + k] >> 4) - 8) * (double)x[b * 32 + 16 + k];
            }
            sum += ldexp(part, (scale >> 10) - 15);
            a += Q4_BLOCK_B;
        }
        if (!near("y", row, y[row], sum, 1e-4, 1e-3, why, why_B))
            return false;
    }
    return true;
}

void fft_fill(void *const *buffers)
{
    random_floats(buffers[0], 2 * 1024 * 4096, -1, 1, 18);
    memset(buffers[1], 0, 2 * 1024 * 4096 * sizeof(float));
}

/* Direct transforms of a few rows. */
bool fft_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0], *y = buffers[1];
    double cosine[1024], sine[1024];
    for (int i = 0; i < 1024; i++) {
        cosine[i] = cos(2 * 3.14159265358979323846 * i / 1024);
        sine[i] = -sin(2 * 3.14159265358979323846 * i / 1024);
    }
    for (size_t row = 0; row < 4096; row += 585) {
        const float *in = x + row * 2048;
        for (size_t k = 0; k < 1024; k++) {
            double re = 0, im = 0;
            for (size_t i = 0; i < 1024; i++) {
                size_t w = i * k & 1023;
                re += in[2 * i] * cosine[w] - in[2 * i + 1] * sine[w];
                im += in[2 * i] * sine[w] + in[2 * i + 1] * cosine[w];
            }
            size_t at = row * 2048 + 2 * k;
            if (!near("y", at, y[at], re, 1e-3, 2e-2, why, why_B) ||
                !near("y", at + 1, y[at + 1], im, 1e-3, 2e-2, why, why_B))
                return false;
        }
    }
    return true;
}
