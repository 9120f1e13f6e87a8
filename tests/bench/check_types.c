/* SPDX-License-Identifier: MIT
 *
 * Types of other sizes, functions, and what invocations tell each other.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

enum { MILLION = 1024 * 1024 };

void bytes_fill(void *const *buffers)
{
    uint32_t *a = buffers[0], *b = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++) {
        a[i] = number_at(i, 30);
        b[i] = number_at(i, 31);
    }
    memset(buffers[2], 0, 16 * MILLION);
}

bool bytes_check(void *const *buffers, char *why, size_t why_B)
{
    const uint8_t *a = buffers[0], *b = buffers[1], *y = buffers[2];
    for (uint32_t i = 0; i < 16 * MILLION; i++)
        if (y[i] != (a[i] * 3 + b[i] + 2) >> 2)
            return equal("y", i, y[i], (uint32_t)(a[i] * 3 + b[i] + 2) >> 2, why, why_B);
    return true;
}

void sound_fill(void *const *buffers)
{
    bytes_fill(buffers);
}

bool sound_check(void *const *buffers, char *why, size_t why_B)
{
    const int16_t *a = buffers[0], *b = buffers[1], *y = buffers[2];
    for (uint32_t i = 0; i < 8 * MILLION; i++) {
        int sum = a[i] + (b[i] * 23170 >> 15);
        sum = sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum;
        if (y[i] != sum)
            return near("y", i, y[i], sum, 0, 0, why, why_B);
    }
    return true;
}

/* A half's value; it is normal or 0 here. */
static double half_value(uint16_t bits)
{
    double v = bits & 0x7fff ? ldexp(1024 + (bits & 1023), (bits >> 10 & 31) - 25) : 0;
    return bits & 0x8000 ? -v : v;
}

void halves_fill(void *const *buffers)
{
    uint16_t *x = buffers[0];
    for (uint32_t i = 0; i < 8 * MILLION; i++) {
        uint32_t n = number_at(i, 32);
        x[i] = (uint16_t)((n & 0x83ff) | (10 + (n >> 20) % 5) << 10); /* 2^-5 to 1, either sign */
    }
    memset(buffers[1], 0, 16 * MILLION);
}

bool halves_check(void *const *buffers, char *why, size_t why_B)
{
    const uint16_t *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 8 * MILLION; i += 3) {
        double v = half_value(x[i]);
        double want = (((0.125 * v + 0.25) * v - 0.5) * v + 0.75) * v + 1;
        if (!near("y", i, half_value(y[i]), want, 4e-3, 2e-3, why, why_B))
            return false;
    }
    return true;
}

static uint64_t random64_start(uint32_t i)
{
    return (uint64_t)number_at(i, 33) << 32 | i | 1;
}

void random64_fill(void *const *buffers)
{
    uint64_t *state = buffers[0];
    for (uint32_t i = 0; i < 2 * MILLION; i++)
        state[i] = random64_start(i);
}

bool random64_check(void *const *buffers, char *why, size_t why_B)
{
    const uint64_t *state = buffers[0];
    for (uint32_t i = 0; i < 2 * MILLION; i++) {
        uint64_t v = random64_start(i);
        for (int k = 0; k < 16; k++) {
            v ^= v >> 12;
            v ^= v << 25;
            v ^= v >> 27;
            v *= 0x2545f4914f6cdd1du;
        }
        if (!equal("state, low", i, (uint32_t)state[i], (uint32_t)v, why, why_B) ||
            !equal("state, high", i, (uint32_t)(state[i] >> 32), (uint32_t)(v >> 32), why, why_B))
            return false;
    }
    return true;
}

void doubles_fill(void *const *buffers)
{
    double *x = buffers[0];
    for (uint32_t i = 0; i < MILLION; i++)
        x[i] = fraction_at(i, 34);
    memset(buffers[1], 0, 8 * MILLION);
}

bool doubles_check(void *const *buffers, char *why, size_t why_B)
{
    const double *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < MILLION; i++)
        if (!near("y", i, y[i], exp(x[i]), 1e-13, 0, why, why_B))
            return false;
    return true;
}

/* exp, log, sin, pow */
void maths_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        x[i] = 4 * fraction_at(i, 35) + 0.0625f;
    memset(buffers[1], 0, 16 * MILLION);
}

static double exp_of(double x)
{
    return exp(x);
}

static double log_of(double x)
{
    return log(x + 1);
}

static double sin_of(double x)
{
    return sin(x);
}

static double pow_of(double x)
{
    return pow(x, 0.7);
}

/* Vulkan allows exp2 3 + 2|x| units in the last place, sin 2^-11. */
static bool maths_check(void *const *buffers, double (*function)(double), double absolute,
                        char *why, size_t why_B)
{
    const float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i += 11) {
        double sum = 0;
        for (int k = 0; k < 4; k++)
            sum += function(x[i] + 0.25 * k);
        if (!near("y", i, y[i], sum, 4e-6, absolute, why, why_B))
            return false;
    }
    return true;
}

bool exp_check(void *const *buffers, char *why, size_t why_B)
{
    return maths_check(buffers, exp_of, 0, why, why_B);
}

bool log_check(void *const *buffers, char *why, size_t why_B)
{
    return maths_check(buffers, log_of, 2e-6, why, why_B);
}

bool sin_check(void *const *buffers, char *why, size_t why_B)
{
    return maths_check(buffers, sin_of, 4.0 / 2048, why, why_B);
}

bool pow_check(void *const *buffers, char *why, size_t why_B)
{
    return maths_check(buffers, pow_of, 0, why, why_B);
}

void atomic_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < ATOMICS; i++)
        x[i] = number_at(i, 36);
}

bool atomic_one_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    uint32_t want = 0;
    for (uint32_t i = 0; i < ATOMICS; i++)
        want += x[i] & 15;
    return equal("total", 0, *(const uint32_t *)buffers[1], want, why, why_B);
}

/* The third buffer is the check's own. */
static bool atomic_check(void *const *buffers, uint32_t counters, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *counter = buffers[1];
    uint32_t *want = buffers[2];
    memset(want, 0, counters * 4);
    for (uint32_t i = 0; i < ATOMICS; i++)
        want[x[i] & (counters - 1)]++;
    for (uint32_t i = 0; i < counters; i++)
        if (!equal("counter", i, counter[i], want[i], why, why_B))
            return false;
    return true;
}

bool atomic_few_check(void *const *buffers, char *why, size_t why_B)
{
    return atomic_check(buffers, 16, why, why_B);
}

bool atomic_random_check(void *const *buffers, char *why, size_t why_B)
{
    return atomic_check(buffers, MILLION, why, why_B);
}

void scan_subgroup_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        x[i] = number_at(i, 37) & 0xff;
    memset(buffers[1], 0, 16 * MILLION);
}

bool scan_subgroup_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0], *prefix = buffers[1];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 4 * MILLION; i++) {
        sum = (i & 255 ? sum : 0) + x[i];
        if (!equal("prefix", i, prefix[i], sum, why, why_B))
            return false;
    }
    return true;
}

void shuffle_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        x[i] = number_at(i, 38);
}

bool shuffle_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i += 4) {
        uint32_t v[4], next[4];
        for (uint32_t j = 0; j < 4; j++)
            v[j] = number_at(i + j, 38);
        for (int k = 0; k < 8; k++) {
            for (int j = 0; j < 4; j++)
                next[j] = v[j] * 5 + v[j ^ 1];
            for (int j = 0; j < 4; j++)
                v[j] = next[j] ^ next[j ^ 2] >> 3;
        }
        for (uint32_t j = 0; j < 4; j++)
            if (!equal("x", i + j, x[i + j], v[j], why, why_B))
                return false;
    }
    return true;
}
