/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "native.h"
#include "vec.h"

enum { MILLION = 1024 * 1024 };

void native_nbody(void *const *buffers)
{
    enum { BODIES = 8192, VECTORS = 2 };
    const float *body = buffers[0];
    float *acceleration = buffers[1];
#pragma omp parallel for
    for (int i = 0; i < BODIES; i += VECTORS * LANES) {
        vf x[VECTORS], y[VECTORS], z[VECTORS], ax[VECTORS] = {0}, ay[VECTORS] = {0},
                                               az[VECTORS] = {0};
        for (int v = 0; v < VECTORS; v++) {
            float me[3][LANES];
            for (int l = 0; l < LANES; l++)
                for (int k = 0; k < 3; k++)
                    me[k][l] = body[4 * (i + v * LANES + l) + k];
            x[v] = load_f(me[0]);
            y[v] = load_f(me[1]);
            z[v] = load_f(me[2]);
        }
        for (int j = 0; j < BODIES; j++) {
            const float *other = body + 4 * j;
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                vf dx = other[0] - x[v], dy = other[1] - y[v], dz = other[2] - z[v];
                vf r = inverse_sqrt(dx * dx + (dy * dy + (dz * dz + 0.01f)));
                vf pull = other[3] * r * (r * r);
                ax[v] += dx * pull;
                ay[v] += dy * pull;
                az[v] += dz * pull;
            }
        }
        for (int v = 0; v < VECTORS; v++) {
            for (int l = 0; l < LANES; l++) {
                float *to = acceleration + 4 * (i + v * LANES + l);
                to[0] = ax[v][l];
                to[1] = ay[v][l];
                to[2] = az[v][l];
                to[3] = 0;
            }
        }
    }
}

/* Two vectors at a time hide each other's latency. */
void native_mandelbrot(void *const *buffers)
{
    enum { WIDTH = 1024, MOST = 256, VECTORS = 2 };
    uint32_t *iterations = buffers[0];
#pragma omp parallel for schedule(dynamic, 4)
    for (int row = 0; row < WIDTH; row++) {
        vf cy = all_f(((float)row + 0.5f) / WIDTH * 3 - 1.5f);
        for (int col = 0; col < WIDTH; col += VECTORS * LANES) {
            vf cx[VECTORS], zx[VECTORS] = {0}, zy[VECTORS] = {0};
            vi count[VECTORS] = {0}, going[VECTORS];
            for (int v = 0; v < VECTORS; v++) {
                vf x = __builtin_convertvector((vi)(lane_u() + (uint32_t)(col + v * LANES)), vf);
                cx[v] = (x + 0.5f) * (3.0f / WIDTH) - 2.25f;
                going[v] = (vi){0} - 1;
            }
            for (int i = 0; i < MOST; i++) {
                vi some = {0};
#pragma GCC unroll 2
                for (int v = 0; v < VECTORS; v++) {
                    vf xx = zx[v] * zx[v], yy = zy[v] * zy[v];
                    going[v] &= xx + yy <= 4;
                    count[v] -= going[v];
                    some |= going[v];
                    zy[v] = 2 * zx[v] * zy[v] + cy;
                    zx[v] = xx - yy + cx[v];
                }
                if (!any(some))
                    break;
            }
            for (int v = 0; v < VECTORS; v++)
                store_u(iterations + row * WIDTH + col + v * LANES, (vu)count[v]);
        }
    }
}

static const uint32_t sha_k[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u};

VEC_INLINE vu turn(vu x, int n)
{
    return x >> n | x << (32 - n);
}

void native_sha256(void *const *buffers)
{
    uint32_t *digest = buffers[0];
#pragma omp parallel for
    for (uint32_t i = 0; i < MILLION; i += LANES) {
        vu w[16], s[8];
        static const uint32_t initial[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                            0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
#pragma GCC unroll 16
        for (uint32_t t = 0; t < 16; t++)
            w[t] = (lane_u() + i) * 0x9e3779b9u + t * 0x85ebca6bu;
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++)
            s[j] = all_u(initial[j]);
        vu a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
#pragma GCC unroll 4
        for (int round = 0; round < 4; round++) {
#pragma GCC unroll 16
            for (int t = 0; t < 16; t++) {
                if (round) {
                    vu p = w[(t + 1) & 15], q = w[(t + 14) & 15];
                    w[t] += (turn(p, 7) ^ turn(p, 18) ^ p >> 3) + w[(t + 9) & 15] +
                            (turn(q, 17) ^ turn(q, 19) ^ q >> 10);
                }
                vu t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) +
                        sha_k[round * 16 + t] + w[t];
                vu t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b)));
                h = g;
                g = f;
                f = e;
                e = d + t1;
                d = c;
                c = b;
                b = a;
                a = t1 + t2;
            }
        }
        store_u(digest + i, (a + 0x6a09e667u) ^ (h + 0x5be0cd19u));
    }
}

VEC_INLINE float normal(float x)
{
    float k = 1 / (1 + 0.2316419f * fabsf(x));
    float tail = 0.39894228f * expf(-0.5f * x * x) * k *
                 (0.31938153f + k * (-0.356563782f +
                                     k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
    return x > 0 ? 1 - tail : tail;
}

/* libm's vector functions. */
void native_black_scholes(void *const *buffers)
{
    const float *restrict spot = buffers[0], *restrict strike = buffers[1],
                          *restrict years = buffers[2];
    float *restrict calls = buffers[3], *restrict puts = buffers[4];
#pragma omp parallel for simd
    for (int i = 0; i < 4 * MILLION; i++) {
        float s = spot[i], x = strike[i], t = years[i];
        float root = OPTION_VOLATILITY * sqrtf(t);
        float d1 =
            (logf(s / x) + (OPTION_RATE + 0.5f * OPTION_VOLATILITY * OPTION_VOLATILITY) * t) / root;
        float d2 = d1 - root, discounted = x * expf(-OPTION_RATE * t);
        calls[i] = s * normal(d1) - discounted * normal(d2);
        puts[i] = discounted * normal(-d2) - s * normal(-d1);
    }
}

void native_fma(void *const *buffers)
{
    float *x = buffers[0];
#pragma omp parallel for
    for (uint32_t i = 0; i < 65536; i += LANES) {
        vf base = __builtin_convertvector((vi)((lane_u() + i) & 1023), vf), p[8], sum = {0};
        vf b = all_f(FMA_B), c = all_f(FMA_C);
        for (int j = 0; j < 8; j++)
            p[j] = base + (float)(j & 3) * 0.25f + (j >= 4 ? 0.125f : 0);
        for (unsigned n = 0; n < FMA_STEPS; n++) {
#pragma GCC unroll 8
            for (int j = 0; j < 8; j++)
                p[j] = p[j] * b + c;
        }
        for (int j = 0; j < 8; j++)
            sum += p[j];
        store_f(x + i, sum);
    }
}

void native_collatz(void *const *buffers)
{
    enum { VECTORS = 2 };
    uint32_t *steps = buffers[0];
#pragma omp parallel for schedule(dynamic, 1024)
    for (uint32_t i = 0; i < MILLION; i += VECTORS * LANES) {
        vu n[VECTORS];
        vi count[VECTORS] = {0};
        for (uint32_t v = 0; v < VECTORS; v++)
            n[v] = lane_u() + i + v * LANES + 1;
        for (int k = 0; k < 1000; k++) {
            vi some = {0};
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                vi going = n[v] != 1;
                vu odd = (vu)((n[v] & 1) != 0);
                vu next = (odd & (n[v] * 3 + 1)) | (~odd & n[v] >> 1);
                n[v] = (next & (vu)going) | (n[v] & ~(vu)going);
                count[v] -= going;
                some |= going;
            }
            if (!any(some))
                break;
        }
        for (int v = 0; v < VECTORS; v++)
            store_u(steps + i + v * LANES, (vu)count[v]);
    }
}
