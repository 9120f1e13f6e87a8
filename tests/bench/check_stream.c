/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

uint32_t random_u32(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    uint32_t x = *state;
    x ^= x >> 16;
    x *= 0x7feb352du;
    return x ^ (x >> 15);
}

void random_floats(float *to, size_t count, float low, float high, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        to[i] = low + (high - low) * (float)(random_u32(&seed) >> 8) * (1.0f / 16777216.0f);
}

uint32_t number_at(uint32_t i, uint32_t series)
{
    uint32_t x = i * 0x9e3779b9u + series * 0x85ebca6bu;
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ (x >> 16);
}

float fraction_at(uint32_t i, uint32_t series)
{
    return (float)(number_at(i, series) >> 8) * (1.0f / 16777216.0f);
}

bool near(const char *what, size_t i, double got, double want, double relative, double absolute,
          char *why, size_t why_B)
{
    if (fabs(got - want) <= relative * fabs(want) + absolute)
        return true;
    snprintf(why, why_B, "%s[%zu] is %.9g, not %.9g", what, i, got, want);
    return false;
}

bool equal(const char *what, size_t i, uint32_t got, uint32_t want, char *why, size_t why_B)
{
    if (got == want)
        return true;
    snprintf(why, why_B, "%s[%zu] is %u, not %u", what, i, got, want);
    return false;
}

void nothing_fill(void *const *buffers)
{
}

bool nothing_check(void *const *buffers, char *why, size_t why_B)
{
    return true;
}

enum { STREAM = 16 * 1024 * 1024 };

/* A cheap input that the check can make again. */
static float ramp(size_t i, unsigned salt)
{
    return (float)((i * 7 + salt) & 1023) * 0.125f;
}

static void fill_ramp(float *to, unsigned salt)
{
    for (size_t i = 0; i < STREAM; i++)
        to[i] = ramp(i, salt);
}

void saxpy_fill(void *const *buffers)
{
    fill_ramp(buffers[0], 1);
    fill_ramp(buffers[1], 2);
}

bool saxpy_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (size_t i = 0; i < STREAM; i++)
        if (y[i] != SAXPY_A * ramp(i, 1) + ramp(i, 2)) /* exact: the inputs are short fractions */
            return near("y", i, y[i], SAXPY_A * ramp(i, 1) + ramp(i, 2), 0, 0, why, why_B);
    return true;
}

void triad_fill(void *const *buffers)
{
    memset(buffers[0], 0, STREAM * sizeof(float));
    fill_ramp(buffers[1], 3);
    fill_ramp(buffers[2], 4);
}

bool triad_check(void *const *buffers, char *why, size_t why_B)
{
    const float *a = buffers[0];
    for (size_t i = 0; i < STREAM; i++)
        if (a[i] != ramp(i, 3) + TRIAD_S * ramp(i, 4))
            return near("a", i, a[i], ramp(i, 3) + TRIAD_S * ramp(i, 4), 0, 0, why, why_B);
    return true;
}

void stencil_fill(void *const *buffers)
{
    fill_ramp(buffers[0], 5);
    memset(buffers[1], 0, STREAM * sizeof(float));
}

bool stencil_check(void *const *buffers, char *why, size_t why_B)
{
    enum { N = 4096 };
    const float *x = buffers[0], *y = buffers[1];
    for (int row = 0; row < N; row++) {
        const float *up = x + (row ? row - 1 : 0) * N, *here = x + row * N;
        const float *down = x + (row < N - 1 ? row + 1 : row) * N;
        for (int col = 0; col < N; col++) {
            float around = here[col ? col - 1 : 0] + here[col < N - 1 ? col + 1 : col] + up[col] +
                           down[col];
            float want = 0.5f * here[col] + 0.125f * around;
            if (y[row * N + col] != want)
                return near("y", (size_t)row * N + (size_t)col, y[row * N + col], want, 1e-6, 1e-6,
                            why, why_B);
        }
    }
    return true;
}

void transpose_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (size_t i = 0; i < STREAM; i++)
        x[i] = (float)i;
    memset(buffers[1], 0, STREAM * sizeof(float));
}

bool transpose_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (size_t i = 0; i < STREAM; i++)
        if (y[i] != (float)((i & 4095) * 4096 + (i >> 12)))
            return near("y", i, y[i], (double)((i & 4095) * 4096 + (i >> 12)), 0, 0, why, why_B);
    return true;
}

void filter_fill(void *const *buffers)
{
    uint32_t *x = buffers[0], seed = 6;
    for (size_t i = 0; i < 1024 * 1024; i++)
        x[i] = random_u32(&seed);
    static const float row[5] = {1, 4, 6, 4, 1};
    float *weight = buffers[1];
    for (int i = 0; i < 25; i++)
        weight[i] = row[i / 5] * row[i % 5] / 256.0f;
}

bool filter_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *y = buffers[2];
    const float *weight = buffers[1];
    for (int row = 0; row < 1024; row += row < 4 || row > 1018 ? 1 : 13) {
        for (int col = 0; col < 1024; col++) {
            for (int channel = 0; channel < 32; channel += 8) {
                double sum = 0;
                for (int i = 0; i < 25; i++) {
                    int r = row + i / 5 - 2, c = col + i % 5 - 2;
                    r = r < 0 ? 0 : r > 1023 ? 1023 : r;
                    c = c < 0 ? 0 : c > 1023 ? 1023 : c;
                    sum += (double)(x[r * 1024 + c] >> channel & 255) * weight[i];
                }
                /* Within one step: the halfway cases may round either way. */
                double got = y[row * 1024 + col] >> channel & 255;
                if (!near("y", (size_t)(row * 1024 + col), got, sum, 0, 0.51, why, why_B))
                    return false;
            }
        }
    }
    return true;
}
