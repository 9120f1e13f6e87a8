/* SPDX-License-Identifier: MIT
 *
 * The two colours between which a part of an ASTC block lies, by the block's colour end point mode.
 */
#include "astc.h"

static void transfer(int *a, int *b)
{
    *b = *b >> 1 | (*a & 0x80);
    *a = *a >> 1 & 0x3f;
    if (*a & 0x20)
        *a -= 0x40;
}

static void put(int e[4], int r, int g, int b, int a)
{
    int c[4] = {r, g, b, a};
    for (unsigned i = 0; i < 4; i++)
        e[i] = c[i] < 0 ? 0 : c[i] > 255 ? 255 : c[i];
}

static void put_contracted(int e[4], int r, int g, int b, int a)
{
    put(e, (r + b) >> 1, (g + b) >> 1, b, a);
}

/* ---- End points of HDR: 12 bits, logarithms ---- */

#define HDR_ONE 0x780

static void put_hdr(int e[4], int r, int g, int b, int a)
{
    int c[4] = {r, g, b, a};
    for (unsigned i = 0; i < 4; i++)
        e[i] = c[i] < 0 ? 0 : c[i] > 0xfff ? 0xfff : c[i];
}

static int bit(int v, unsigned n)
{
    return v >> n & 1;
}

/* The component that a mode stores first. */
static void swap_major(int e[4], unsigned major)
{
    int first = e[0];
    e[0] = e[major];
    e[major] = first;
}

/* Of a number of so many bits. */
static int sign_extend(int v, unsigned bits)
{
    int sign = 1 << (bits - 1);
    return ((v & (2 * sign - 1)) ^ sign) - sign;
}

/* Where a bit of the block belongs, by mode: modes has a bit for each mode that has it there. */
static int place(unsigned mode, unsigned modes, int value, unsigned shift)
{
    return modes >> mode & 1 ? value << shift : 0;
}

static void luminance_large(const int v[8], int e0[4], int e1[4])
{
    int low = v[1] >= v[0] ? v[0] << 4 : (v[1] << 4) + 8;
    int high = v[1] >= v[0] ? v[1] << 4 : (v[0] << 4) - 8;
    put_hdr(e0, low, low, low, HDR_ONE);
    put_hdr(e1, high, high, high, HDR_ONE);
}

static void luminance_small(const int v[8], int e0[4], int e1[4])
{
    bool fine = !(v[0] & 0x80);
    int low = fine ? (v[1] & 0xf0) << 4 | (v[0] & 0x7f) << 1 : (v[1] & 0xe0) << 4 | (v[0] & 0x7f) << 2;
    int high = low + (fine ? (v[1] & 0x0f) << 1 : (v[1] & 0x1f) << 2);
    put_hdr(e0, low, low, low, HDR_ONE);
    put_hdr(e1, high, high, high, HDR_ONE);
}

static void base_and_scale(const int v[8], int e0[4], int e1[4])
{
    static const uint8_t shifts[6] = {1, 1, 2, 3, 4, 5};
    unsigned bits = (unsigned)((v[0] & 0xc0) >> 6 | (v[1] & 0x80) >> 5 | (v[2] & 0x80) >> 4);
    unsigned major = bits >> 2, mode = bits & 3;
    if (major == 3) {
        major = bits == 15 ? 0 : bits & 3;
        mode = bits == 15 ? 5 : 4;
    }
    int x0 = bit(v[1], 6), x1 = bit(v[1], 5), x2 = bit(v[2], 6), x3 = bit(v[2], 5);
    int x4 = bit(v[3], 7), x5 = bit(v[3], 6), x6 = bit(v[3], 5);
    int red = v[0] & 0x3f, green = v[1] & 0x1f, blue = v[2] & 0x1f, scale = v[3] & 0x1f;
    green |= place(mode, 0x30, x0, 6) | place(mode, 0x3a, x1, 5);
    blue |= place(mode, 0x30, x2, 6) | place(mode, 0x3a, x3, 5);
    scale |= place(mode, 0x3d, x6, 5) | place(mode, 0x2d, x5, 6) | place(mode, 0x04, x4, 7);
    red |= place(mode, 0x3b, x4, 6) | place(mode, 0x04, x3, 6) | place(mode, 0x10, x5, 7) |
           place(mode, 0x0f, x2, 7) | place(mode, 0x05, x1, 8) | place(mode, 0x0a, x0, 8) |
           place(mode, 0x05, x0, 9) | place(mode, 0x02, x6, 9) | place(mode, 0x01, x3, 10) |
           place(mode, 0x02, x5, 10);
    red <<= shifts[mode];
    green <<= shifts[mode];
    blue <<= shifts[mode];
    scale <<= shifts[mode];
    if (mode != 5) {
        green = red - green;
        blue = red - blue;
    }
    int rgb[4] = {red, green, blue, 0};
    swap_major(rgb, major);
    put_hdr(e1, rgb[0], rgb[1], rgb[2], HDR_ONE);
    put_hdr(e0, rgb[0] - scale, rgb[1] - scale, rgb[2] - scale, HDR_ONE);
}

static void rgb_direct(const int v[8], int e0[4], int e1[4])
{
    static const uint8_t d_bits[8] = {7, 6, 7, 6, 5, 6, 5, 6};
    unsigned mode = (unsigned)(bit(v[1], 7) | bit(v[2], 7) << 1 | bit(v[3], 7) << 2);
    unsigned major = (unsigned)(bit(v[4], 7) | bit(v[5], 7) << 1);
    if (major == 3) {
        put_hdr(e0, v[0] << 4, v[2] << 4, (v[4] & 0x7f) << 5, HDR_ONE);
        put_hdr(e1, v[1] << 4, v[3] << 4, (v[5] & 0x7f) << 5, HDR_ONE);
        return;
    }
    int x0 = bit(v[2], 6), x1 = bit(v[3], 6), x2 = bit(v[4], 6), x3 = bit(v[5], 6);
    int x4 = bit(v[4], 5), x5 = bit(v[5], 5);
    int a = v[0] | (v[1] & 0x40) << 2, c = v[1] & 0x3f, b0 = v[2] & 0x3f, b1 = v[3] & 0x3f;
    int d0 = sign_extend(v[4] & 0x7f, d_bits[mode]), d1 = sign_extend(v[5] & 0x7f, d_bits[mode]);
    a |= place(mode, 0xa4, x0, 9) | place(mode, 0x08, x2, 9) | place(mode, 0x50, x4, 9) |
         place(mode, 0x50, x5, 10) | place(mode, 0xa0, x1, 10) | place(mode, 0xc0, x2, 11);
    c |= place(mode, 0x04, x1, 6) | place(mode, 0xe8, x3, 6) | place(mode, 0x20, x2, 7);
    b0 |= place(mode, 0x5b, x0, 6) | place(mode, 0x12, x2, 7);
    b1 |= place(mode, 0x5b, x1, 6) | place(mode, 0x12, x3, 7);
    int unit = 1 << ((mode >> 1) ^ 3);
    put_hdr(e1, a * unit, (a - b0) * unit, (a - b1) * unit, HDR_ONE);
    put_hdr(e0, (a - c) * unit, (a - b0 - c - d0) * unit, (a - b1 - c - d1) * unit, HDR_ONE);
    swap_major(e0, major);
    swap_major(e1, major);
}

static void hdr_alpha(int v6, int v7, int *a0, int *a1)
{
    unsigned mode = (unsigned)(bit(v6, 7) | bit(v7, 7) << 1);
    v6 &= 0x7f;
    v7 &= 0x7f;
    if (mode == 3) {
        *a0 = v6 << 5;
        *a1 = v7 << 5;
        return;
    }
    v6 |= (v7 << (mode + 1)) & 0x780;
    v7 = ((v7 & (0x3f >> mode)) ^ (0x20 >> mode)) - (0x20 >> mode);
    v6 *= 1 << (4 - mode);
    v7 = v7 * (1 << (4 - mode)) + v6;
    *a0 = v6;
    *a1 = v7 < 0 ? 0 : v7 > 0xfff ? 0xfff : v7;
}

/* False for modes of LDR. */
static bool end_points_hdr(unsigned cem, const int v[8], int e0[4], int e1[4], unsigned *hdr_out)
{
    *hdr_out = cem == 14 ? 7 : 15;
    switch (cem) {
    case 2:
        luminance_large(v, e0, e1);
        return true;
    case 3:
        luminance_small(v, e0, e1);
        return true;
    case 7:
        base_and_scale(v, e0, e1);
        return true;
    case 11:
    case 14:
    case 15:
        rgb_direct(v, e0, e1);
        if (cem == 14) {
            e0[3] = v[6];
            e1[3] = v[7];
        } else if (cem == 15) {
            hdr_alpha(v[6], v[7], &e0[3], &e1[3]);
        }
        return true;
    }
    *hdr_out = 0;
    return false;
}

/* False for modes of HDR. */
static bool end_points(unsigned cem, int v[8], int e0[4], int e1[4])
{
    int low;
    switch (cem) {
    case 0:
        put(e0, v[0], v[0], v[0], 255);
        put(e1, v[1], v[1], v[1], 255);
        return true;
    case 1:
        low = v[0] >> 2 | (v[1] & 0xc0);
        put(e0, low, low, low, 255);
        low += v[1] & 0x3f;
        put(e1, low, low, low, 255);
        return true;
    case 4:
        put(e0, v[0], v[0], v[0], v[2]);
        put(e1, v[1], v[1], v[1], v[3]);
        return true;
    case 5:
        transfer(&v[1], &v[0]);
        transfer(&v[3], &v[2]);
        put(e0, v[0], v[0], v[0], v[2]);
        put(e1, v[0] + v[1], v[0] + v[1], v[0] + v[1], v[2] + v[3]);
        return true;
    case 6:
    case 10:
        put(e0, v[0] * v[3] >> 8, v[1] * v[3] >> 8, v[2] * v[3] >> 8, cem == 10 ? v[4] : 255);
        put(e1, v[0], v[1], v[2], cem == 10 ? v[5] : 255);
        return true;
    case 8:
    case 12:
        if (cem == 8)
            v[6] = v[7] = 255;
        if (v[1] + v[3] + v[5] >= v[0] + v[2] + v[4]) {
            put(e0, v[0], v[2], v[4], v[6]);
            put(e1, v[1], v[3], v[5], v[7]);
        } else {
            put_contracted(e0, v[1], v[3], v[5], v[7]);
            put_contracted(e1, v[0], v[2], v[4], v[6]);
        }
        return true;
    case 9:
    case 13:
        for (unsigned i = 0; i < (cem == 9 ? 6u : 8u); i += 2)
            transfer(&v[i + 1], &v[i]);
        if (cem == 9) {
            v[6] = 255;
            v[7] = 0;
        }
        if (v[1] + v[3] + v[5] >= 0) {
            put(e0, v[0], v[2], v[4], v[6]);
            put(e1, v[0] + v[1], v[2] + v[3], v[4] + v[5], v[6] + v[7]);
        } else {
            put_contracted(e0, v[0] + v[1], v[2] + v[3], v[4] + v[5], v[6] + v[7]);
            put_contracted(e1, v[0], v[2], v[4], v[6]);
        }
        return true;
    default:
        return false;
    }
}

bool astc_end_points(unsigned mode, bool hdr, int v[8], int e0[4], int e1[4], unsigned *hdr_out)
{
    if (hdr && end_points_hdr(mode, v, e0, e1, hdr_out))
        return true;
    *hdr_out = 0;
    return end_points(mode, v, e0, e1);
}
