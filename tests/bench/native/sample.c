/* SPDX-License-Identifier: MIT */
#include "native.h"
#include "vec.h"

/* The four texels around a point of n by n, and the point's place between them. */
struct square {
    vi place[4];
    vf a, b;
};

/* n is a power of two. */
VEC_INLINE struct square square_repeat(vf u, vf v, vi n)
{
    struct square s;
    vi x = floor_i(u - 0.5f), y = floor_i(v - 0.5f), last = n - 1;
    s.a = u - 0.5f - __builtin_convertvector(x, vf);
    s.b = v - 0.5f - __builtin_convertvector(y, vf);
    vi x0 = x & last, x1 = (x + 1) & last, y0 = (y & last) * n, y1 = ((y + 1) & last) * n;
    s.place[0] = y0 + x0;
    s.place[1] = y0 + x1;
    s.place[2] = y1 + x0;
    s.place[3] = y1 + x1;
    return s;
}

VEC_INLINE vi clamp_i(vi x, int last)
{
    x = x & (x > 0);
    vi over = x > last;
    return (x & ~over) | (over & last);
}

VEC_INLINE struct square square_clamp(vf u, vf v, int n)
{
    struct square s;
    vi x = floor_i(u - 0.5f), y = floor_i(v - 0.5f);
    s.a = u - 0.5f - __builtin_convertvector(x, vf);
    s.b = v - 0.5f - __builtin_convertvector(y, vf);
    vi x0 = clamp_i(x, n - 1), x1 = clamp_i(x + 1, n - 1);
    vi y0 = clamp_i(y, n - 1) * n, y1 = clamp_i(y + 1, n - 1) * n;
    s.place[0] = y0 + x0;
    s.place[1] = y0 + x1;
    s.place[2] = y1 + x0;
    s.place[3] = y1 + x1;
    return s;
}

/* The four channels, 0 .. 255. */
VEC_INLINE void filter(const uint32_t *x, const struct square *s, vf *colour)
{
    vu t[4];
    for (int i = 0; i < 4; i++)
        t[i] = gather_u(x, s->place[i]);
    for (int c = 0; c < 4; c++) {
        vf f[4];
        for (int i = 0; i < 4; i++)
            f[i] = to_float(t[i] >> 8 * c & 255);
        vf up = f[0] + s->a * (f[1] - f[0]), down = f[2] + s->a * (f[3] - f[2]);
        colour[c] = up + s->b * (down - up);
    }
}

VEC_INLINE vu pack(const vf *colour)
{
    vu texel = {0};
    for (int c = 0; c < 4; c++)
        texel |= (vu)__builtin_convertvector(colour[c] + 0.5f, vi) << 8 * c;
    return texel;
}

VEC_INLINE vf pixels(int first)
{
    return to_float(lane_u() + (uint32_t)first) + 0.5f;
}

void native_sample_bilinear(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < 2048; row++) {
        float at = (float)row + 0.5f;
        for (int col = 0; col < 2048; col += LANES) {
            vf p = pixels(col), colour[4];
            vf u = p * PICTURE_COS - at * PICTURE_SIN, v = p * PICTURE_SIN + at * PICTURE_COS;
            struct square s = square_repeat(u * 1024, v * 1024, (vi)all_u(1024));
            filter(x, &s, colour);
            store_u(y + row * 2048 + col, pack(colour));
        }
    }
}

void native_sample_trilinear(void *const *buffers)
{
    static const uint32_t start[8] = {0, 1048576, 1310720, 1376256, 1392640, 1396736, 1397760};
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < 1024; row++) {
        float at = (float)row + 0.5f;
        for (int col = 0; col < 1024; col += LANES) {
            vf p = pixels(col), colour[4], next[4];
            vf u = p * PICTURE_COS - at * PICTURE_SIN, v = p * PICTURE_SIN + at * PICTURE_COS;
            vf lod = (p * 0.25f + at) * TRILINEAR_LOD;
            vi level = __builtin_convertvector(lod, vi);
            vf weight = lod - __builtin_convertvector(level, vf);
            for (int k = 0; k < 2; k++, level += 1) {
                vi n = (vi)all_u(1024) >> level;
                vf size = __builtin_convertvector(n, vf);
                struct square s = square_repeat(u * size, v * size, n);
                for (int i = 0; i < 4; i++)
                    s.place[i] += (vi)gather_u(start, level);
                filter(x, &s, k ? next : colour);
            }
            for (int c = 0; c < 4; c++)
                colour[c] += weight * (next[c] - colour[c]);
            store_u(y + row * 1024 + col, pack(colour));
        }
    }
}

void native_sample_filter(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    uint32_t *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < 1024; row++) {
        for (int col = 0; col < 1024; col += LANES) {
            vf sum[4] = {0}, colour[4];
            for (int tap = 0; tap < 25; tap++) {
                struct square s =
                    square_clamp(pixels(col) + 1.25f * (float)(tap % 5 - 2),
                                 all_f((float)row + 0.5f + 1.25f * (float)(tap / 5 - 2)), 1024);
                filter(x, &s, colour);
                for (int c = 0; c < 4; c++)
                    sum[c] += colour[c];
            }
            for (int c = 0; c < 4; c++)
                sum[c] *= 0.04f;
            store_u(y + row * 1024 + col, pack(sum));
        }
    }
}

/* A gather brings both neighbours of a row: at an edge they are the last two texels, of which one
 * counts. */
VEC_INLINE vi pair_of(vf x, vf *weight)
{
    vi low = floor_i(x);
    vi place = clamp_i(low, VOLUME - 2);
    vf a = x - __builtin_convertvector(place, vf);
    a = (vf)((vi)a & (a > 0));
    vi over = a > 1;
    *weight = (vf)(((vi)a & ~over) | (over & (vi)all_f(1)));
    return place;
}

void native_sample_volume(void *const *buffers)
{
    const uint8_t *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < 256; row++) {
        for (int col = 0; col < 256; col += LANES) {
            vf u = pixels(col) / 256, v = all_f(((float)row + 0.5f) / 256), w = {0}, sum = {0};
            vf du = (v - 0.5f) * (0.25f / 64), dv = (0.5f - u) * (0.25f / 64);
            for (int i = 0; i < 64; i++) {
                vf a, b, c, slice[2];
                vi px = pair_of(u * VOLUME - 0.5f, &a), py = pair_of(v * VOLUME - 0.5f, &b);
                vi place = (pair_of(w * VOLUME - 0.5f, &c) * VOLUME + py) * VOLUME + px;
                for (int k = 0; k < 2; k++) {
                    const uint8_t *from = x + k * VOLUME * VOLUME;
                    vu t = gather_bytes(from, place), s = gather_bytes(from + VOLUME, place);
                    vf t0 = to_float(t & 255), t1 = to_float(t >> 8 & 255);
                    vf s0 = to_float(s & 255), s1 = to_float(s >> 8 & 255);
                    vf up = t0 + a * (t1 - t0), down = s0 + a * (s1 - s0);
                    slice[k] = up + b * (down - up);
                }
                sum += slice[0] + c * (slice[1] - slice[0]);
                u += du;
                v += dv;
                w += 1.0f / 64;
            }
            store_f(y + row * 256 + col, sum * (1.0f / 255));
        }
    }
}

VEC_INLINE vf min_f(vf a, vf b)
{
    return (vf)pick_u(a < b, (vu)a, (vu)b);
}

VEC_INLINE vf max_f(vf a, vf b)
{
    return (vf)pick_u(a > b, (vu)a, (vu)b);
}

void native_sample_gather(void *const *buffers)
{
    const uint32_t *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < 2048; row++) {
        float at = (float)row + 0.5f;
        for (int col = 0; col < 2048; col += LANES) {
            vf p = pixels(col), t[4];
            vf u = p * PICTURE_COS - at * PICTURE_SIN, v = p * PICTURE_SIN + at * PICTURE_COS;
            struct square s = square_repeat(u * 1024, v * 1024, (vi)all_u(1024));
            for (int i = 0; i < 4; i++)
                t[i] = (vf)gather_u(x, s.place[i]);
            store_f(y + row * 2048 + col, max_f(max_f(t[0], t[1]), max_f(t[2], t[3])) -
                                              min_f(min_f(t[0], t[1]), min_f(t[2], t[3])));
        }
    }
}
