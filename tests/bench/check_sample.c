/* SPDX-License-Identifier: MIT
 *
 * Sampled pictures. Drivers may weigh texels in steps of 1/256, and that is what the checks allow.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

static void fill_texels(uint32_t *x, size_t count, uint32_t series)
{
    for (size_t i = 0; i < count; i++)
        x[i] = number_at((uint32_t)i, series);
}

/* A channel (its first bit) of a picture n wide and high, between four texels; coordinates in texels. */
static double filtered(const uint32_t *x, uint32_t n, double u, double v, int channel, bool repeat)
{
    double x0 = floor(u - 0.5), y0 = floor(v - 0.5), sum = 0;
    for (int tap = 0; tap < 4; tap++) {
        int col = (int)x0 + (tap & 1), row = (int)y0 + (tap >> 1), last = (int)n - 1;
        double a = u - 0.5 - x0, b = v - 0.5 - y0;
        if (repeat) {
            col &= last;
            row &= last;
        } else {
            col = col < 0 ? 0 : col > last ? last : col;
            row = row < 0 ? 0 : row > last ? last : row;
        }
        sum += (tap & 1 ? a : 1 - a) * (tap >> 1 ? b : 1 - b) *
               (x[(uint32_t)row * n + (uint32_t)col] >> channel & 255);
    }
    return sum;
}

/* The point that a pixel of a rotated picture samples, 0..1. */
static void rotated(uint32_t col, uint32_t row, double *u, double *v)
{
    *u = (col + 0.5) * PICTURE_COS - (row + 0.5) * PICTURE_SIN;
    *v = (col + 0.5) * PICTURE_SIN + (row + 0.5) * PICTURE_COS;
}

void sample_bilinear_fill(void *const *buffers)
{
    fill_texels(buffers[0], 1024 * 1024, 40);
    memset(buffers[1], 0, 2048 * 2048 * 4);
}

bool sample_bilinear_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 2048 * 2048; i += i < 4096 ? 1 : 37) {
        double u, v;
        rotated(i & 2047, i >> 11, &u, &v);
        for (int c = 0; c < 32; c += 8)
            if (!near("y", i, y[i] >> c & 255, filtered(x, 1024, u * 1024, v * 1024, c, true), 0, 3,
                      why, why_B))
                return false;
    }
    return true;
}

/* Where a level of a square picture starts, in texels. */
static size_t level_start(uint32_t n, uint32_t level)
{
    size_t start = 0;
    for (uint32_t l = 0; l < level; l++)
        start += (size_t)(n >> l) * (n >> l);
    return start;
}

void sample_trilinear_fill(void *const *buffers)
{
    fill_texels(buffers[0], level_start(1024, 6), 41);
    memset(buffers[1], 0, 1024 * 1024 * 4);
}

bool sample_trilinear_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 1024 * 1024; i += i < 4096 ? 1 : 37) {
        double u, v, lod = (((i & 1023) + 0.5) * 0.25 + (i >> 10) + 0.5) * (double)TRILINEAR_LOD;
        uint32_t level = (uint32_t)lod, n = 1024 >> level;
        rotated(i & 1023, i >> 10, &u, &v);
        for (int c = 0; c < 32; c += 8) {
            double low = filtered(x + level_start(1024, level), n, u * n, v * n, c, true);
            double high =
                filtered(x + level_start(1024, level + 1), n / 2, u * n / 2, v * n / 2, c, true);
            if (!near("y", i, y[i] >> c & 255, low + (high - low) * (lod - level), 0, 4, why, why_B))
                return false;
        }
    }
    return true;
}

void sample_filter_fill(void *const *buffers)
{
    fill_texels(buffers[0], 1024 * 1024, 42);
    memset(buffers[1], 0, 1024 * 1024 * 4);
}

bool sample_filter_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 1024 * 1024; i += i < 1024 ? 1 : 97) {
        for (int c = 0; c < 32; c += 8) {
            double sum = 0;
            for (int tap = 0; tap < 25; tap++)
                sum += filtered(x, 1024, (i & 1023) + 0.5 + 1.25 * (tap % 5 - 2),
                                (i >> 10) + 0.5 + 1.25 * (tap / 5 - 2), c, false);
            if (!near("y", i, y[i] >> c & 255, sum / 25, 0, 1, why, why_B))
                return false;
        }
    }
    return true;
}

/* Smooth, so that what a ray adds up is far from an average. */
void sample_volume_fill(void *const *buffers)
{
    uint8_t *x = buffers[0];
    for (int i = 0; i < VOLUME * VOLUME * VOLUME; i++) {
        int a = i % VOLUME, b = i / VOLUME % VOLUME, c = i / VOLUME / VOLUME;
        x[i] = (uint8_t)((a * 2 + b + c * 3) / 4 ^ (a & b & 8) * 4);
    }
    memset(buffers[1], 0, 256 * 256 * 4);
}

static double volume_at(const uint8_t *x, double u, double v, double w)
{
    double at[3] = {u * VOLUME - 0.5, v * VOLUME - 0.5, w * VOLUME - 0.5}, sum = 0;
    for (int tap = 0; tap < 8; tap++) {
        double weight = 1;
        int place[3];
        for (int k = 0; k < 3; k++) {
            double low = floor(at[k]), a = at[k] - low;
            int second = tap >> k & 1, i = (int)low + second;
            weight *= second ? a : 1 - a;
            place[k] = i < 0 ? 0 : i > VOLUME - 1 ? VOLUME - 1 : i;
        }
        sum += weight * x[(place[2] * VOLUME + place[1]) * VOLUME + place[0]];
    }
    return sum / 255;
}

bool sample_volume_check(void *const *buffers, char *why, size_t why_B)
{
    const uint8_t *x = buffers[0];
    const float *y = buffers[1];
    for (int i = 0; i < 256 * 256; i += i < 256 ? 1 : 29) {
        double u = (i % 256 + 0.5) / 256, v = (i / 256 + 0.5) / 256, sum = 0;
        double du = (v - 0.5) / 256, dv = (0.5 - u) / 256;
        for (int k = 0; k < 64; k++)
            sum += volume_at(x, u + k * du, v + k * dv, k / 64.0);
        if (!near("y", (size_t)i, y[i], sum, 0, 0.3, why, why_B))
            return false;
    }
    return true;
}

void sample_gather_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 1024 * 1024; i++)
        x[i] = fraction_at(i, 43);
    memset(buffers[1], 0, 2048 * 2048 * 4);
}

bool sample_gather_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 2048 * 2048; i += i < 4096 ? 1 : 37) {
        double u, v, low = 1, high = 0;
        rotated(i & 2047, i >> 11, &u, &v);
        u = u * 1024 - 0.5;
        v = v * 1024 - 0.5;
        /* Too near to where the four texels change, for coordinates in floats and fixed point. */
        if (fabs(u - round(u)) < 0.01 || fabs(v - round(v)) < 0.01)
            continue;
        for (int tap = 0; tap < 4; tap++) {
            int col = ((int)floor(u) + (tap & 1)) & 1023, row = ((int)floor(v) + (tap >> 1)) & 1023;
            double texel = x[row * 1024 + col];
            low = texel < low ? texel : low;
            high = texel > high ? texel : high;
        }
        if (!near("y", i, y[i], high - low, 0, 1e-6, why, why_B))
            return false;
    }
    return true;
}
