/* SPDX-License-Identifier: MIT
 *
 * ASTC in two dimensions, the LDR and the HDR profile. Illegal blocks are magenta, and so are blocks of HDR in
 * the LDR profile.
 */
#include <math.h>
#include <string.h>

#include "blocks.h"

/* A range of integers: levels = 2^bits * 3^trits * 5^quints. */
struct range {
    uint8_t levels_1; /* levels - 1 */
    uint8_t bits, trits, quints;
};
static const struct range ranges[] = {
    {1, 1, 0, 0},   {2, 0, 1, 0},   {3, 2, 0, 0},   {4, 0, 0, 1},   {5, 1, 1, 0},   {7, 3, 0, 0},
    {9, 1, 0, 1},   {11, 2, 1, 0},  {15, 4, 0, 0},  {19, 2, 0, 1},  {23, 3, 1, 0},  {31, 5, 0, 0},
    {39, 3, 0, 1},  {47, 4, 1, 0},  {63, 6, 0, 0},  {79, 4, 0, 1},  {95, 5, 1, 0},  {127, 7, 0, 0},
    {159, 5, 0, 1}, {191, 6, 1, 0}, {255, 8, 0, 0},
};
#define RANGE_6 4 /* the smallest that colours may have */
#define RANGE_COUNT 21

struct block {
    uint8_t bytes[16];
    unsigned grid_width, grid_height;
    const struct range *weight_range;
    bool dual;
    unsigned parts, seed, cems[4];
    unsigned plane2; /* channel of the second plane */
    unsigned colour_first, colour_bits, colour_count;
};

static unsigned sequence_bits(const struct range *r, unsigned n)
{
    return n * r->bits + (r->trits ? (8 * n + 4) / 5 : 0) + (r->quints ? (7 * n + 2) / 3 : 0);
}

/* ---- Integer sequences ---- */

struct integer {
    unsigned bits, digit; /* digit: the trit or quint */
};

static void trits(unsigned t, unsigned out[5])
{
    unsigned c;
    if ((t >> 2 & 7) == 7) {
        c = (t >> 5 & 7) << 2 | (t & 3);
        out[4] = out[3] = 2;
    } else {
        c = t & 31;
        if ((t >> 5 & 3) == 3) {
            out[4] = 2;
            out[3] = t >> 7 & 1;
        } else {
            out[4] = t >> 7 & 1;
            out[3] = t >> 5 & 3;
        }
    }
    if ((c & 3) == 3) {
        out[2] = 2;
        out[1] = c >> 4 & 1;
        out[0] = (c >> 3 & 1) << 1 | ((c >> 2 & 1) & ~(c >> 3 & 1));
    } else if ((c >> 2 & 3) == 3) {
        out[2] = out[1] = 2;
        out[0] = c & 3;
    } else {
        out[2] = c >> 4 & 1;
        out[1] = c >> 2 & 3;
        out[0] = (c >> 1 & 1) << 1 | ((c & 1) & ~(c >> 1 & 1));
    }
}

static void quints(unsigned q, unsigned out[3])
{
    unsigned c;
    if ((q >> 1 & 3) == 3 && (q >> 5 & 3) == 0) {
        unsigned low = q & 1;
        out[2] = low << 2 | ((q >> 4 & 1) & ~low) << 1 | ((q >> 3 & 1) & ~low);
        out[1] = out[0] = 4;
        return;
    }
    if ((q >> 1 & 3) == 3) {
        out[2] = 4;
        c = (q >> 3 & 3) << 3 | (~(q >> 5) & 3) << 1 | (q & 1);
    } else {
        out[2] = q >> 5 & 3;
        c = q & 31;
    }
    if ((c & 7) == 5) {
        out[1] = 4;
        out[0] = c >> 3 & 3;
    } else {
        out[1] = c >> 3 & 3;
        out[0] = c & 7;
    }
}

/* Number `index` of the sequence whose bits start at `first` and end before `end`: bits beyond are 0. */
static struct integer sequence_at(const uint8_t *b, const struct range *r, unsigned first, unsigned end,
                                  unsigned index)
{
    static const uint8_t trit_bits[5] = {2, 2, 1, 2, 1}, quint_bits[3] = {3, 2, 2};
    unsigned group = r->trits ? 5 : r->quints ? 3 : 1, in_group = index % group;
    unsigned at = first + index / group * (group * r->bits + (r->trits ? 8 : r->quints ? 7 : 0));
    unsigned packed = 0, shift = 0, digits[5] = {0};
    struct integer value = {0, 0};

    for (unsigned i = 0; i < group; i++) {
        if (i == in_group)
            value.bits = weft_block_bits(b, at, at + r->bits > end ? (end > at ? end - at : 0) : r->bits);
        at += r->bits;
        unsigned n = r->trits ? trit_bits[i] : r->quints ? quint_bits[i] : 0;
        unsigned have = at >= end ? 0 : at + n > end ? end - at : n;
        packed |= weft_block_bits(b, at, have) << shift;
        shift += n;
        at += n;
    }
    if (r->trits)
        trits(packed, digits);
    else if (r->quints)
        quints(packed, digits);
    value.digit = digits[in_group];
    return value;
}

/* Bits a, b, c, ... of the number, named in a pattern of the result's bits, highest first. */
static unsigned pattern(const char *p, unsigned bits)
{
    unsigned v = 0;
    for (; *p; p++)
        v = v << 1 | (*p == '0' ? 0 : bits >> (*p - 'a') & 1);
    return v;
}

static unsigned replicate(unsigned v, unsigned bits, unsigned to)
{
    unsigned result = 0;
    int shift = (int)(to - bits);
    for (; shift > 0; shift -= (int)bits)
        result |= v << shift;
    return result | (shift < 0 ? v >> -shift : v);
}

static const struct scheme {
    const char *b;
    uint8_t c;
} colour_trits[7] = {{0, 0}, {"0", 204}, {"b000b0bb0", 93}, {"cb000cbcb", 44}, {"dcb000dcb", 22},
                     {"edcb000ed", 11}, {"fedcb000f", 5}},
  colour_quints[6] = {{0, 0}, {"0", 113}, {"b0000bb00", 54}, {"cb0000cbc", 26}, {"dcb0000dc", 13},
                      {"edcb0000e", 6}},
  weight_trits[4] = {{0, 0}, {"0", 50}, {"b000b0b", 23}, {"cb000cb", 11}},
  weight_quints[3] = {{0, 0}, {"0", 28}, {"b0000b0", 13}};

/* 0..255 */
static int unquantize_colour(const struct range *r, struct integer v)
{
    if (!r->trits && !r->quints)
        return (int)replicate(v.bits, r->bits, 8);
    const struct scheme *s = r->trits ? &colour_trits[r->bits] : &colour_quints[r->bits];
    unsigned a = v.bits & 1 ? 0x1ff : 0, t = (v.digit * s->c + pattern(s->b, v.bits)) ^ a;
    return (int)((a & 0x80) | t >> 2);
}

/* 0..64 */
static unsigned unquantize_weight(const struct range *r, struct integer v)
{
    static const uint8_t three[3] = {0, 32, 63}, five[5] = {0, 16, 32, 47, 63};
    unsigned w;
    if (!r->trits && !r->quints) {
        w = replicate(v.bits, r->bits, 6);
    } else if (r->bits == 0) {
        w = r->trits ? three[v.digit] : five[v.digit];
    } else {
        const struct scheme *s = r->trits ? &weight_trits[r->bits] : &weight_quints[r->bits];
        unsigned a = v.bits & 1 ? 0x7f : 0, t = (v.digit * s->c + pattern(s->b, v.bits)) ^ a;
        w = (a & 0x20) | t >> 2;
    }
    return w > 32 ? w + 1 : w;
}

/* ---- The block's layout ---- */

/* False if the block mode is reserved. */
static bool read_mode(struct block *k)
{
    unsigned mode = weft_block_bits(k->bytes, 0, 11), r, a = mode >> 5 & 3, b = mode >> 7 & 3;
    bool high = mode >> 9 & 1;

    k->dual = mode >> 10 & 1;
    if (mode & 3) {
        r = (mode >> 4 & 1) | (mode & 3) << 1;
        switch (mode >> 2 & 3) {
        case 0:
            k->grid_width = b + 4;
            k->grid_height = a + 2;
            break;
        case 1:
            k->grid_width = b + 8;
            k->grid_height = a + 2;
            break;
        case 2:
            k->grid_width = a + 2;
            k->grid_height = b + 8;
            break;
        default:
            k->grid_width = b & 2 ? (b & 1) + 2 : a + 2;
            k->grid_height = b & 2 ? a + 2 : (b & 1) + 6;
            break;
        }
    } else {
        r = (mode >> 4 & 1) | (mode >> 2 & 3) << 1;
        switch (b) {
        case 0:
            k->grid_width = 12;
            k->grid_height = a + 2;
            break;
        case 1:
            k->grid_width = a + 2;
            k->grid_height = 12;
            break;
        case 2:
            k->grid_width = a + 6;
            k->grid_height = (mode >> 9 & 3) + 6;
            k->dual = high = false;
            break;
        default:
            if (a > 1)
                return false;
            k->grid_width = a ? 10 : 6;
            k->grid_height = a ? 6 : 10;
            break;
        }
    }
    if (r < 2)
        return false;
    k->weight_range = &ranges[r - 2 + (high ? 6 : 0)];
    return true;
}

static bool read_layout(struct block *k, unsigned width, unsigned height)
{
    if (!read_mode(k) || k->grid_width > width || k->grid_height > height)
        return false;
    unsigned n = k->grid_width * k->grid_height * (k->dual ? 2 : 1);
    unsigned weight_bits = sequence_bits(k->weight_range, n);
    if (n > 64 || weight_bits < 24 || weight_bits > 96)
        return false;
    unsigned below = 128 - weight_bits;
    k->parts = weft_block_bits(k->bytes, 11, 2) + 1;
    if (k->parts == 4 && k->dual)
        return false;
    if (k->parts == 1) {
        k->cems[0] = weft_block_bits(k->bytes, 13, 4);
        k->colour_first = 17;
    } else {
        unsigned cem = weft_block_bits(k->bytes, 23, 6), class = cem & 3;
        k->seed = weft_block_bits(k->bytes, 13, 10);
        k->colour_first = 29;
        if (class) {
            unsigned extra = 3 * k->parts - 4;
            below -= extra;
            unsigned bits = cem >> 2 | weft_block_bits(k->bytes, below, extra) << 4;
            for (unsigned i = 0; i < k->parts; i++)
                k->cems[i] = (class - 1 + (bits >> i & 1)) << 2 | (bits >> (k->parts + 2 * i) & 3);
        } else {
            for (unsigned i = 0; i < k->parts; i++)
                k->cems[i] = cem >> 2;
        }
    }
    if (k->dual) {
        below -= 2;
        k->plane2 = weft_block_bits(k->bytes, below, 2);
    }
    k->colour_count = 0;
    for (unsigned i = 0; i < k->parts; i++)
        k->colour_count += 2 * ((k->cems[i] >> 2) + 1);
    if (k->colour_count > 18 || below < k->colour_first)
        return false;
    k->colour_bits = below - k->colour_first;
    return true;
}

/* ---- Partitions ---- */

static uint32_t hash52(uint32_t p)
{
    p ^= p >> 15;
    p -= p << 17;
    p += p << 7;
    p += p << 4;
    p ^= p >> 5;
    p += p << 16;
    p ^= p >> 7;
    p ^= p >> 3;
    p ^= p << 6;
    p ^= p >> 17;
    return p;
}

static unsigned partition_of(unsigned seed, unsigned x, unsigned y, unsigned parts, bool small)
{
    static const uint8_t shifts[12] = {0, 4, 8, 12, 16, 20, 24, 28, 18, 22, 26, 30};
    if (parts == 1)
        return 0;
    if (small) {
        x <<= 1;
        y <<= 1;
    }
    seed += (parts - 1) * 1024;
    uint32_t rnum = hash52(seed), s[12];
    unsigned three = parts == 3 ? 6 : 5, two = seed & 2 ? 4 : 5;
    unsigned sh1 = seed & 1 ? two : three, sh2 = seed & 1 ? three : two;
    for (unsigned i = 0; i < 12; i++) {
        s[i] = (i == 11 ? rnum >> 30 | rnum << 2 : rnum >> shifts[i]) & 15;
        s[i] = s[i] * s[i] >> (i < 8 ? (i & 1 ? sh2 : sh1) : 0);
    }
    unsigned a = (s[0] * x + s[1] * y + (rnum >> 14)) & 63;
    unsigned b = (s[2] * x + s[3] * y + (rnum >> 10)) & 63;
    unsigned c = parts < 3 ? 0 : (s[4] * x + s[5] * y + (rnum >> 6)) & 63;
    unsigned d = parts < 4 ? 0 : (s[6] * x + s[7] * y + (rnum >> 2)) & 63;
    if (a >= b && a >= c && a >= d)
        return 0;
    if (b >= c && b >= d)
        return 1;
    return c >= d ? 2 : 3;
}

/* ---- End points ---- */

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

/* False for modes of LDR. Which channels are HDR's is their bits of *hdr_out. */
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

static bool read_end_points(const struct block *k, unsigned part, bool hdr, int e0[4], int e1[4],
                            unsigned *hdr_out)
{
    const struct range *range = NULL;
    unsigned first = 0, count = 2 * ((k->cems[part] >> 2) + 1);
    int v[8] = {0};

    for (unsigned i = RANGE_6; i < RANGE_COUNT; i++)
        if (sequence_bits(&ranges[i], k->colour_count) <= k->colour_bits)
            range = &ranges[i];
    if (!range)
        return false;
    for (unsigned i = 0; i < part; i++)
        first += 2 * ((k->cems[i] >> 2) + 1);
    unsigned end = k->colour_first + sequence_bits(range, k->colour_count);
    for (unsigned i = 0; i < count; i++)
        v[i] = unquantize_colour(range,
                                 sequence_at(k->bytes, range, k->colour_first, end, first + i));
    if (hdr && end_points_hdr(k->cems[part], v, e0, e1, hdr_out))
        return true;
    *hdr_out = 0;
    return end_points(k->cems[part], v, e0, e1);
}

/* ---- Weights ---- */

static unsigned weight_at(const struct block *k, const uint8_t *reversed, unsigned index)
{
    unsigned n = k->grid_width * k->grid_height * (k->dual ? 2 : 1);
    if (index >= n)
        return 0;
    return unquantize_weight(k->weight_range,
                             sequence_at(reversed, k->weight_range, 0,
                                         sequence_bits(k->weight_range, n), index));
}

/* The weights of a texel in both planes. */
static void weights_of(const struct block *k, unsigned width, unsigned height, unsigned x, unsigned y,
                       unsigned out[2])
{
    uint8_t reversed[16];
    unsigned w = k->grid_width, planes = k->dual ? 2 : 1;
    unsigned s = (1024 + width / 2) / (width - 1) * x, t = (1024 + height / 2) / (height - 1) * y;
    unsigned gs = (s * (w - 1) + 32) >> 6, gt = (t * (k->grid_height - 1) + 32) >> 6;
    unsigned fs = gs & 15, ft = gt & 15, at = (gs >> 4) + (gt >> 4) * w;
    unsigned w11 = (fs * ft + 8) >> 4, w10 = ft - w11, w01 = fs - w11, w00 = 16 - fs - ft + w11;

    for (unsigned i = 0; i < 16; i++) {
        unsigned v = k->bytes[15 - i];
        v = (v & 0x55) << 1 | (v >> 1 & 0x55);
        v = (v & 0x33) << 2 | (v >> 2 & 0x33);
        reversed[i] = (uint8_t)(v << 4 | v >> 4);
    }
    for (unsigned p = 0; p < planes; p++)
        out[p] = (weight_at(k, reversed, at * planes + p) * w00 +
                  weight_at(k, reversed, (at + 1) * planes + p) * w01 +
                  weight_at(k, reversed, (at + w) * planes + p) * w10 +
                  weight_at(k, reversed, (at + w + 1) * planes + p) * w11 + 8) >> 4;
    if (planes == 1)
        out[1] = out[0];
}

static void magenta(float rgba[4])
{
    rgba[0] = rgba[2] = rgba[3] = 1;
    rgba[1] = 0;
}

static float from_half(unsigned h)
{
    int exponent = (int)(h >> 10 & 31), mantissa = (int)(h & 1023);
    float v = exponent ? ldexpf((float)(mantissa | 1024), exponent - 25) : ldexpf((float)mantissa, -24);
    return h & 0x8000 ? -v : v;
}

/* 16 bits of a channel that was interpolated, or of one colour for the whole block. */
static float from_unorm(unsigned v, enum weft_block_kind kind)
{
    if (kind == WEFT_BLOCK_ASTC_SRGB)
        return (float)(v >> 8) / 255;
    if (kind == WEFT_BLOCK_ASTC_SFLOAT)
        return v == 65535 ? 1 : (float)v / 65536;
    return (float)v / 65535;
}

/* 5 bits of exponent, 11 of a mantissa that stands for its logarithm in three straight lines. Never more
 * than the largest half. */
static float from_logarithm(unsigned v)
{
    unsigned m = v & 0x7ff, line = m < 512 ? 3 * m : m < 1536 ? 4 * m - 512 : 5 * m - 2048;
    unsigned half = (v >> 11 << 10) + (line >> 3);
    return from_half(half < 0x7bff ? half : 0x7bff);
}

/* False if it is HDR where that may not be, reserved bits are not 1, or its extent is empty; all ones is no extent. */
static bool legal_void_extent(const uint8_t *b, bool hdr)
{
    unsigned head = weft_block_bits(b, 9, 3);
    uint32_t extent[4];
    bool ones = true;
    for (unsigned i = 0; i < 4; i++) {
        extent[i] = weft_block_bits(b, 12 + 13 * i, 13);
        ones = ones && extent[i] == 0x1fff;
    }
    return (head == 6 || (hdr && head == 7)) && (ones || (extent[0] < extent[1] && extent[2] < extent[3]));
}

void weft_block_astc(const uint8_t *bytes, enum weft_block_kind kind, unsigned width, unsigned height,
                     unsigned x, unsigned y, float rgba[4])
{
    struct block k = {.parts = 1};
    bool hdr = kind == WEFT_BLOCK_ASTC_SFLOAT;
    int e0[4], e1[4];
    unsigned weights[2], hdr_channels;

    memcpy(k.bytes, bytes, sizeof(k.bytes));
    if (weft_block_bits(bytes, 0, 9) == 0x1fc) { /* one colour */
        if (!legal_void_extent(bytes, hdr)) {
            magenta(rgba);
            return;
        }
        for (unsigned c = 0; c < 4; c++) {
            unsigned v = weft_block_bits(bytes, 64 + 16 * c, 16);
            rgba[c] = weft_block_bits(bytes, 9, 1) ? from_half(v) : from_unorm(v, kind);
        }
        return;
    }
    if (!read_layout(&k, width, height) ||
        !read_end_points(&k, partition_of(k.seed, x, y, k.parts, width * height < 31), hdr, e0, e1,
                         &hdr_channels)) {
        magenta(rgba);
        return;
    }
    weights_of(&k, width, height, x, y, weights);
    for (unsigned c = 0; c < 4; c++) {
        bool logarithm = hdr_channels >> c & 1;
        unsigned w = weights[k.dual && c == k.plane2];
        unsigned p = (unsigned)e0[c], q = (unsigned)e1[c];
        if (logarithm) {
            p <<= 4;
            q <<= 4;
        } else {
            p = kind == WEFT_BLOCK_ASTC_SRGB ? p << 8 | 0x80 : p * 257;
            q = kind == WEFT_BLOCK_ASTC_SRGB ? q << 8 | 0x80 : q * 257;
        }
        unsigned v = (p * (64 - w) + q * w + 32) >> 6;
        rgba[c] = logarithm ? from_logarithm(v) : from_unorm(v, kind);
    }
}
