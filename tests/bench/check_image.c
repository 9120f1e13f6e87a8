/* SPDX-License-Identifier: MIT
 *
 * Pictures that are read, written, converted and copied.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

static double from_half(uint16_t h)
{
    int exponent = h >> 10 & 31;
    double v = exponent ? ldexp(1024 + (h & 1023), exponent - 25) : ldexp(h & 1023, -24);
    return h & 0x8000 ? -v : v;
}

/* Halves of 0 .. 1 (and a bit more), all normal numbers. */
static uint16_t half_at(uint32_t i, uint32_t series)
{
    uint32_t r = number_at(i, series);
    return (uint16_t)((r % 5 + 10) << 10 | r >> 22);
}

static double from_srgb(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

void image_blur_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        x[i] = number_at(i, 50);
    memset(buffers[1], 0, 2048 * 2048 * 4);
    memset(buffers[2], 0, 2048 * 2048 * 4);
}

/* The second direction from what the first has written. */
bool image_blur_check(void *const *buffers, char *why, size_t why_B)
{
    static const int weight[9] = {1, 8, 28, 56, 70, 56, 28, 8, 1};
    for (int pass = 0; pass < 2; pass++) {
        const uint32_t *x = buffers[pass], *y = buffers[pass + 1];
        for (int i = 0; i < 2048 * 2048; i += i < 4096 ? 1 : 41) {
            for (int c = 0; c < 32; c += 8) {
                int sum = 0;
                for (int k = 0; k < 9; k++) {
                    int at = (pass ? i >> 11 : i & 2047) + k - 4;
                    at = at < 0 ? 0 : at > 2047 ? 2047 : at;
                    sum += weight[k] * (x[pass ? at << 11 | (i & 2047) : (i & ~2047) | at] >> c & 255);
                }
                if (!near("y", (size_t)i, y[i] >> c & 255, sum / 256.0, 0, 0.51, why, why_B))
                    return false;
            }
        }
    }
    return true;
}

/* Both as they were, in the second buffer, to be changed in the first. */
void image_rgba8_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        x[i] = number_at(i, 51);
}

bool image_rgba8_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++) {
        uint32_t before = number_at(i, 51);
        before = (before & 0xff00ff00u) | (before >> 16 & 255) | (before & 255) << 16;
        for (int c = 0; c < 32; c += 8)
            if (!near("texel", i, x[i] >> c & 255, (before >> c & 255) * 0.75 + 31.875, 0, 0.51, why,
                      why_B))
                return false;
    }
    return true;
}

void image_r32f_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        x[i] = fraction_at(i, 52);
}

bool image_r32f_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        if (!near("texel", i, x[i], fraction_at(i, 52) * 0.75 + 0.125, 1e-6, 0, why, why_B))
            return false;
    return true;
}

void image_rgba16f_fill(void *const *buffers)
{
    uint16_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * 2048 * 2048; i++)
        x[i] = half_at(i, 53);
}

bool image_rgba16f_check(void *const *buffers, char *why, size_t why_B)
{
    const uint16_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * 2048 * 2048; i++) {
        uint32_t from = i & 1 ? i : i ^ 2;
        if (!near("half", i, from_half(x[i]), from_half(half_at(from, 53)) * 0.75 + 0.125, 0.001, 0,
                  why, why_B))
            return false;
    }
    return true;
}

void image_to_rgba8_fill(void *const *buffers)
{
    uint16_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * 2048 * 2048; i++)
        x[i] = half_at(i, 54);
    memset(buffers[1], 0, 2048 * 2048 * 4);
}

bool image_to_rgba8_check(void *const *buffers, char *why, size_t why_B)
{
    const uint8_t *y = buffers[1];
    for (uint32_t i = 0; i < 4 * 2048 * 2048; i++) {
        double v = from_half(half_at(i, 54));
        if (!near("byte", i, y[i], (v > 1 ? 1 : v) * 255, 0, 0.51, why, why_B))
            return false;
    }
    return true;
}

void image_to_rgba16f_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        x[i] = number_at(i, 55);
    memset(buffers[1], 0, 2048 * 2048 * 8);
}

bool image_to_rgba16f_check(void *const *buffers, char *why, size_t why_B)
{
    const uint16_t *y = buffers[1];
    double curve[256];
    for (int i = 0; i < 256; i++)
        curve[i] = from_srgb(i / 255.0);
    for (uint32_t i = 0; i < 4 * 2048 * 2048; i++) {
        uint32_t byte = number_at(i / 4, 55) >> i % 4 * 8 & 255;
        /* Drivers may take the curve from a table of their own. */
        if (!near("half", i, from_half(y[i]), i % 4 < 3 ? curve[byte] : byte / 255.0, 0.002, 0.002,
                  why, why_B))
            return false;
    }
    return true;
}

enum { MIP_TEXELS = (4096 + 1024 + 256 + 64 + 16) * 1024 };

void image_mips_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 2048 * 2048; i++)
        x[i] = number_at(i, 56);
    memset(x + 2048 * 2048, 0, (MIP_TEXELS - 2048 * 2048) * sizeof(*x));
}

/* Each level from the one before it. */
bool image_mips_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    for (uint32_t n = 2048; n > 128; n /= 2) {
        const uint32_t *y = x + n * n;
        for (uint32_t i = 0; i < n * n / 4; i += n > 512 && i > 4096 ? 11 : 1) {
            const uint32_t *p = x + i / (n / 2) * 2 * n + i % (n / 2) * 2;
            for (int c = 0; c < 32; c += 8) {
                uint32_t sum = (p[0] >> c & 255) + (p[1] >> c & 255) + (p[n] >> c & 255) +
                               (p[n + 1] >> c & 255);
                if (!near("texel", (size_t)(y - (uint32_t *)buffers[0]) + i, y[i] >> c & 255,
                          sum / 4.0, 0, 0.51, why, why_B))
                    return false;
            }
        }
        x = y;
    }
    return true;
}

void image_copy_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 4096 * 4096; i++)
        x[i] = i * 0x9e3779b9u;
    memset(buffers[1], 0, 4096 * 4096 * 4);
}

bool image_copy_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *y = buffers[1];
    for (uint32_t i = 0; i < 4096 * 4096; i++)
        if (!equal("texel", i, y[i], i * 0x9e3779b9u, why, why_B))
            return false;
    return true;
}
