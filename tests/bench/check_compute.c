/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BODIES = 8192 };

void nbody_fill(void *const *buffers)
{
    float *body = buffers[0];
    random_floats(body, BODIES * 4, -1, 1, 31);
    for (size_t i = 0; i < BODIES; i++)
        body[4 * i + 3] = fabsf(body[4 * i + 3]);
    memset(buffers[1], 0, BODIES * 16);
}

bool nbody_check(void *const *buffers, char *why, size_t why_B)
{
    const float *body = buffers[0], *acceleration = buffers[1];
    for (size_t i = 0; i < BODIES; i += 37) {
        double sum[3] = {0, 0, 0};
        for (size_t j = 0; j < BODIES; j++) {
            double d[3], square = 0.01;
            for (int k = 0; k < 3; k++) {
                d[k] = (double)body[4 * j + k] - body[4 * i + k];
                square += d[k] * d[k];
            }
            double r = 1 / sqrt(square);
            for (int k = 0; k < 3; k++)
                sum[k] += d[k] * body[4 * j + 3] * r * r * r;
        }
        for (size_t k = 0; k < 3; k++)
            if (!near("acceleration", 4 * i + k, acceleration[4 * i + k], sum[k], 1e-3, 0.1, why,
                      why_B))
                return false;
    }
    return true;
}

void mandelbrot_fill(void *const *buffers)
{
    memset(buffers[0], 0, 1024 * 1024 * 4);
}

/* A pixel at the edge may differ by how products and sums are rounded; few do. */
bool mandelbrot_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *iterations = buffers[0];
    unsigned different = 0, looked = 0;
    for (unsigned y = 0; y < 1024; y += 5) {
        for (unsigned x = 0; x < 1024; x++) {
            float cx = ((float)x + 0.5f) / 1024 * 3 - 2.25f, cy = ((float)y + 0.5f) / 1024 * 3 - 1.5f;
            float zx = 0, zy = 0;
            uint32_t i = 0;
            for (; i < 256 && zx * zx + zy * zy <= 4; i++) {
                float next = zx * zx - zy * zy + cx;
                zy = 2 * zx * zy + cy;
                zx = next;
            }
            different += i != iterations[y * 1024 + x];
            looked++;
        }
    }
    if (different <= looked / 100)
        return true;
    snprintf(why, why_B, "%u of %u pixels differ", different, looked);
    return false;
}

void sha256_fill(void *const *buffers)
{
    memset(buffers[0], 0, 1024 * 1024 * 4);
}

/* The fractional parts of cube roots, as the standard defines them. */
static void sha256_constants(uint32_t k[64])
{
    for (uint32_t n = 2, found = 0; found < 64; n++) {
        uint32_t d = 2;
        while (d * d <= n && n % d)
            d++;
        if (d * d > n)
            k[found++] = (uint32_t)(int64_t)((cbrtl(n) - floorl(cbrtl(n))) * 4294967296.0L);
    }
}

static uint32_t rotate_right(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

bool sha256_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *digest = buffers[0];
    uint32_t k[64], w[64];
    sha256_constants(k);
    for (uint32_t i = 0; i < 1024 * 1024; i += i < 256 ? 1 : 61) {
        for (uint32_t t = 0; t < 64; t++) {
            if (t < 16) {
                w[t] = i * 0x9e3779b9u + t * 0x85ebca6bu;
                continue;
            }
            uint32_t x = w[t - 15], y = w[t - 2];
            w[t] = w[t - 16] + (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) + w[t - 7] +
                   (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
        }
        uint32_t h[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                         0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
        for (uint32_t t = 0; t < 64; t++) {
            uint32_t e = h[4], a = h[0];
            uint32_t t1 = h[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
                          ((e & h[5]) ^ (~e & h[6])) + k[t] + w[t];
            uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
                          ((a & h[1]) ^ (a & h[2]) ^ (h[1] & h[2]));
            memmove(h + 1, h, 7 * sizeof(h[0]));
            h[4] += t1;
            h[0] = t1 + t2;
        }
        if (!equal("digest", i, digest[i], (h[0] + 0x6a09e667u) ^ (h[7] + 0x5be0cd19u), why, why_B))
            return false;
    }
    return true;
}

enum { OPTIONS = 4 * 1024 * 1024 };

void black_scholes_fill(void *const *buffers)
{
    random_floats(buffers[0], OPTIONS, 5, 30, 32);
    random_floats(buffers[1], OPTIONS, 1, 100, 33);
    random_floats(buffers[2], OPTIONS, 0.25f, 10, 34);
    memset(buffers[3], 0, OPTIONS * 4);
    memset(buffers[4], 0, OPTIONS * 4);
}

static double normal(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752440);
}

bool black_scholes_check(void *const *buffers, char *why, size_t why_B)
{
    const float *spot = buffers[0], *strike = buffers[1], *years = buffers[2];
    const float *calls = buffers[3], *puts = buffers[4];
    for (size_t i = 0; i < OPTIONS; i += 17) {
        double s = spot[i], x = strike[i], t = years[i], v = OPTION_VOLATILITY;
        double d1 = (log(s / x) + (OPTION_RATE + 0.5 * v * v) * t) / (v * sqrt(t));
        double d2 = d1 - v * sqrt(t), discounted = x * exp(-(double)OPTION_RATE * t);
        if (!near("calls", i, calls[i], s * normal(d1) - discounted * normal(d2), 1e-4, 2e-4, why,
                  why_B) ||
            !near("puts", i, puts[i], discounted * normal(-d2) - s * normal(-d1), 1e-4, 2e-4, why,
                  why_B))
            return false;
    }
    return true;
}

void fma_fill(void *const *buffers)
{
    memset(buffers[0], 0, 65536 * 4);
}

bool fma_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0];
    for (size_t i = 0; i < 65536; i += 97) {
        double sum = 0;
        for (int j = 0; j < 8; j++) {
            float p = (float)(i & 1023) + (float)(j & 3) * 0.25f + (j >= 4 ? 0.125f : 0);
            for (unsigned n = 0; n < FMA_STEPS; n++)
                p = FMA_B * p + FMA_C;
            sum += p;
        }
        if (!near("x", i, x[i], sum, 1e-3, 1e-3, why, why_B))
            return false;
    }
    return true;
}

void collatz_fill(void *const *buffers)
{
    memset(buffers[0], 0, 1024 * 1024 * 4);
}

bool collatz_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *steps = buffers[0];
    for (uint32_t i = 0; i < 1024 * 1024; i += i < 1024 ? 1 : 7) {
        uint32_t n = i + 1, count = 0;
        while (n != 1 && count < 1000) {
            n = n & 1 ? 3 * n + 1 : n >> 1;
            count++;
        }
        if (!equal("steps", i, steps[i], count, why, why_B))
            return false;
    }
    return true;
}
