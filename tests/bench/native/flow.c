/* SPDX-License-Identifier: MIT */
#include "native.h"
#include "vec.h"

void native_nested(void *const *buffers)
{
    uint32_t *steps = buffers[0];
#pragma omp parallel for schedule(dynamic, 256)
    for (uint32_t i = 0; i < NESTED; i += LANES) {
        vu id = lane_u() + i, rounds = (id * 0x9e3779b9u >> 28) + 1, j = {0}, v = id * 16;
        vi count = {0}, going = (vi){0} - 1;
        /* One loop: a lane that is done with its inner loop begins the next round at once. */
        do {
            v = v * 1664525u + 1013904223u;
            v ^= v >> 15;
            count -= going;
            vi next = (v & 7) == 0;
            j -= (vu)next;
            v = pick_u(next, id * 16 + j, v);
            going &= j < rounds;
        } while (any(going));
        store_u(steps + i, (vu)count);
    }
}

/* All eight results, of which each lane takes its own. */
void native_bytecode(void *const *buffers)
{
    const uint32_t *code = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (uint32_t i = 0; i < BYTECODE; i += LANES) {
        vu a = lane_u() + i, b = ~a, program = load_u(code + i);
        for (int n = 0; n < 40; n++) {
            vu op = program & 7, old = a;
            a = pick_u(op == 0, a + b, a);
            a = pick_u(op == 1, a ^ b << 3, a);
            a = pick_u(op == 4, b, a);
            a = pick_u(op == 5, old >> 1 | old << 31, a);
            a = pick_u((op == 6) & (old > b), old - b, a);
            b = pick_u(op == 2, old - b,
                       pick_u(op == 3, b * 5, pick_u(op == 4, old, pick_u(op == 7, ~b, b))));
            program = program >> 3 | program << 29;
        }
        store_u(y + i, a ^ b);
    }
}

void native_search(void *const *buffers)
{
    const float *bound = buffers[0], *x = buffers[1];
    uint32_t *y = buffers[2];
#pragma omp parallel for
    for (uint32_t i = 0; i < SEARCH; i += LANES) {
        vf value = load_f(x + i);
        vi negative = value < 0, going = ~negative, k = {0};
        for (int n = 0; n < 64; n++) {
            going &= value >= bound[n];
            if (!any(going))
                break;
            k -= going;
        }
        store_u(y + i, pick_u(negative, all_u(1000), (vu)k));
    }
}

VEC_INLINE void transform(vf *v, int stride)
{
    vf s0 = v[0] + v[7 * stride], d0 = v[0] - v[7 * stride];
    vf s1 = v[stride] + v[6 * stride], d1 = v[stride] - v[6 * stride];
    vf s2 = v[2 * stride] + v[5 * stride], d2 = v[2 * stride] - v[5 * stride];
    vf s3 = v[3 * stride] + v[4 * stride], d3 = v[3 * stride] - v[4 * stride];
    v[0] = 0.35355339f * (s0 + s1 + s2 + s3);
    v[4 * stride] = 0.35355339f * (s0 - s1 - s2 + s3);
    v[2 * stride] = 0.46193977f * (s0 - s3) + 0.19134172f * (s1 - s2);
    v[6 * stride] = 0.19134172f * (s0 - s3) - 0.46193977f * (s1 - s2);
    v[stride] = 0.49039264f * d0 + 0.41573481f * d1 + 0.27778512f * d2 + 0.09754516f * d3;
    v[3 * stride] = 0.41573481f * d0 - 0.09754516f * d1 - 0.49039264f * d2 - 0.27778512f * d3;
    v[5 * stride] = 0.27778512f * d0 - 0.49039264f * d1 + 0.09754516f * d2 + 0.41573481f * d3;
    v[7 * stride] = 0.09754516f * d0 - 0.27778512f * d1 + 0.41573481f * d2 - 0.49039264f * d3;
}

/* A vector of blocks at a time; their values don't fit in registers, but in L1. */
void native_dct(void *const *buffers)
{
    const float *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < DCT_BLOCKS; i += LANES) {
        vf v[64];
        for (int row = 0; row < 8; row++) {
            for (int k = 0; k < 8; k++)
                v[8 * row + k] = load_f(x + (8 * row + k) * DCT_BLOCKS + i);
            transform(v + 8 * row, 1);
        }
        for (int col = 0; col < 8; col++) {
            transform(v + col, 8);
            for (int k = 0; k < 8; k++)
                store_f(y + (8 * k + col) * DCT_BLOCKS + i, v[8 * k + col]);
        }
    }
}

/* Four vectors at a time hide each other's latency. */
void native_uniforms(void *const *buffers)
{
    enum { VECTORS = 4 };
    float *x = buffers[0];
    const float *c = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < UNIFORMS; i += VECTORS * LANES) {
        vf r[VECTORS], s[VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            r[v] = load_f(x + i + v * LANES);
            s[v] = -r[v];
        }
        for (int k = 0; k < 256; k++) {
            vf a = all_f(c[4 * k]), b = all_f(c[4 * k + 1]), d = all_f(c[4 * k + 2]),
               e = all_f(c[4 * k + 3]);
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) {
                r[v] = r[v] * a + b;
                s[v] = s[v] * d + e;
            }
        }
        for (int v = 0; v < VECTORS; v++)
            store_f(x + i + v * LANES, r[v] + s[v]);
    }
}

/* Four parts, as many at a time as there are threads. */
void native_overlap(void *const *buffers)
{
    uint32_t *sum = buffers[0];
#pragma omp parallel for schedule(dynamic)
    for (uint32_t task = 0; task < 4 * OVERLAP_REPEATS; task++) {
        uint32_t part = task & 3;
        vu v[64 / LANES];
        for (uint32_t j = 0; j < 64 / LANES; j++)
            v[j] = lane_u() + j * LANES + part;
        for (uint32_t k = 0; k < OVERLAP_STEPS; k++)
#pragma GCC unroll 16
            for (uint32_t j = 0; j < 64 / LANES; j++)
                v[j] = v[j] * 1664525u + 1013904223u;
        for (uint32_t l = 0; l < 64; l++)
            __atomic_fetch_add(&sum[part * 64 + l], v[l / LANES][l % LANES], __ATOMIC_RELAXED);
    }
}
