/* SPDX-License-Identifier: MIT
 *
 * Control flow, registers, and dispatches for their own sake.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

void nested_fill(void *const *buffers)
{
    memset(buffers[0], 0, NESTED * 4);
}

bool nested_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *steps = buffers[0];
    for (uint32_t i = 0; i < NESTED; i++) {
        uint32_t count = 0, rounds = (i * 0x9e3779b9u >> 28) + 1;
        for (uint32_t j = 0; j < rounds; j++) {
            uint32_t v = i * 16 + j;
            do {
                v = v * 1664525u + 1013904223u;
                v ^= v >> 15;
                count++;
            } while (v & 7);
        }
        if (!equal("steps", i, steps[i], count, why, why_B))
            return false;
    }
    return true;
}

void bytecode_fill(void *const *buffers)
{
    uint32_t *code = buffers[0];
    for (uint32_t i = 0; i < BYTECODE; i++)
        code[i] = number_at(i, 20);
    memset(buffers[1], 0, BYTECODE * 4);
}

bool bytecode_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *code = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < BYTECODE; i++) {
        uint32_t a = i, b = ~i, program = code[i], t;
        for (int n = 0; n < 40; n++) {
            switch (program & 7) {
            case 0:
                a += b;
                break;
            case 1:
                a ^= b << 3;
                break;
            case 2:
                b = a - b;
                break;
            case 3:
                b *= 5;
                break;
            case 4:
                t = a;
                a = b;
                b = t;
                break;
            case 5:
                a = a >> 1 | a << 31;
                break;
            case 6:
                a -= a > b ? b : 0;
                break;
            default:
                b = ~b;
                break;
            }
            program = program >> 3 | program << 29;
        }
        if (!equal("y", i, y[i], a ^ b, why, why_B))
            return false;
    }
    return true;
}

void search_fill(void *const *buffers)
{
    float *bound = buffers[0], *x = buffers[1];
    for (uint32_t k = 0; k < 64; k++)
        bound[k] = (float)(k * k) / 4096;
    for (uint32_t i = 0; i < SEARCH; i++)
        x[i] = fraction_at(i, 21) * 1.125f - 0.0625f;
    memset(buffers[2], 0, SEARCH * 4);
}

bool search_check(void *const *buffers, char *why, size_t why_B)
{
    const float *bound = buffers[0], *x = buffers[1];
    const uint32_t *y = buffers[2];
    for (uint32_t i = 0; i < SEARCH; i++) {
        uint32_t k = 0;
        while (k < 64 && bound[k] <= x[i])
            k++;
        if (!equal("y", i, y[i], x[i] < 0 ? 1000 : k, why, why_B))
            return false;
    }
    return true;
}

void dct_fill(void *const *buffers)
{
    random_floats(buffers[0], 64 * DCT_BLOCKS, -1, 1, 22);
    memset(buffers[1], 0, 64 * DCT_BLOCKS * 4);
}

/* By the definition, for some blocks. */
bool dct_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0], *y = buffers[1];
    double basis[8][8];
    for (int u = 0; u < 8; u++)
        for (int k = 0; k < 8; k++)
            basis[u][k] =
                (u ? 0.5 : sqrt(0.125)) * cos((2 * k + 1) * u * 3.14159265358979323846 / 16);
    for (uint32_t block = 0; block < DCT_BLOCKS; block += block < 64 ? 1 : 509) {
        for (uint32_t to = 0; to < 64; to++) {
            double sum = 0;
            for (uint32_t k = 0; k < 64; k++)
                sum += basis[to / 8][k / 8] * basis[to % 8][k % 8] * x[k * DCT_BLOCKS + block];
            if (!near("y", to * DCT_BLOCKS + block, y[to * DCT_BLOCKS + block], sum, 1e-4, 1e-4,
                      why, why_B))
                return false;
        }
    }
    return true;
}

void uniforms_fill(void *const *buffers)
{
    float *x = buffers[0], *c = buffers[1];
    for (uint32_t i = 0; i < UNIFORMS; i++)
        x[i] = fraction_at(i, 23);
    for (uint32_t k = 0; k < 512; k++) {
        c[2 * k] = 0.5f + 0.5f * fraction_at(k, 24);
        c[2 * k + 1] = fraction_at(k, 25) - 0.5f;
    }
}

bool uniforms_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0], *c = buffers[1];
    for (uint32_t i = 0; i < UNIFORMS; i += 7) {
        double r = fraction_at(i, 23), s = -r;
        for (uint32_t k = 0; k < 256; k++) {
            r = r * c[4 * k] + c[4 * k + 1];
            s = s * c[4 * k + 2] + c[4 * k + 3];
        }
        if (!near("x", i, x[i], r + s, 1e-4, 1e-4, why, why_B))
            return false;
    }
    return true;
}

static const uint32_t indirect_groups[3] = {1, 1, 1};

/* The second buffer, where there is one, holds an indirect dispatch's groups. */
void tiny_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 64; i++)
        x[i] = i;
    if (buffers[1])
        memcpy(buffers[1], indirect_groups, sizeof(indirect_groups));
}

bool tiny_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t want = i;
        for (uint32_t k = 0; k < TINY; k++)
            want = want * 3 + 1;
        if (!equal("x", i, x[i], want, why, why_B))
            return false;
    }
    return true;
}

void overlap_fill(void *const *buffers)
{
    memset(buffers[0], 0, 4 * 64 * 4);
}

bool overlap_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *sum = buffers[0];
    for (uint32_t i = 0; i < 4 * 64; i++) {
        uint32_t v = (i & 63) + i / 64;
        for (uint32_t k = 0; k < OVERLAP_STEPS; k++)
            v = v * 1664525u + 1013904223u;
        if (!equal("sum", i, sum[i], v * OVERLAP_REPEATS, why, why_B))
            return false;
    }
    return true;
}

void create_fill(void *const *buffers)
{
    uint32_t *x = buffers[0];
    for (uint32_t i = 0; i < 64; i++)
        x[i] = number_at(i, 26);
    memset(x + 64, 0, 65 * 4);
}

static uint32_t hash(uint32_t v)
{
    v ^= v >> 16;
    v *= 0x7feb352du;
    v ^= v >> 15;
    v *= 0x846ca68bu;
    return v ^ v >> 16;
}

/* The shaders say by which constant they were specialised. */
bool create_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    uint32_t part[64], v[64];
    for (uint32_t l = 0; l < 64; l++)
        v[l] = hash(l + x[128]);
    for (uint32_t i = 0; i < 8; i++) {
        memcpy(part, v, sizeof(part));
        for (uint32_t l = 0; l < 64; l++) {
            v[l] = hash(v[l] ^ part[(l + i + 1) & 63]);
            if ((v[l] & 7) == i)
                v[l] += (uint32_t)sqrtf((float)(v[l] >> 8));
        }
    }
    for (uint32_t l = 0; l < 64; l++)
        if (!equal("x", 64 + l, x[64 + l], v[l], why, why_B))
            return false;
    return true;
}

bool create_large_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *x = buffers[0];
    for (uint32_t l = 0; l < 64; l++) {
        uint32_t v = l + x[128], w = 1;
        for (uint32_t n = 0; n < 256; n++) {
            v ^= v << (n % 13 + 1);
            if (v & n)
                w += v >> 3;
            else
                v = v * 5 + x[(l + n) & 63];
        }
        if (!equal("x", 64 + l, x[64 + l], v ^ w, why, why_B))
            return false;
    }
    return true;
}
