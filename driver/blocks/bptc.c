/* SPDX-License-Identifier: MIT
 *
 * BC6H and BC7.
 */
#include <string.h>

#include "blocks.h"

/* ---- Partitions: of 2 subsets a bit a texel, of 3 two bits; and where each later subset's anchor is ---- */

static const uint16_t partitions2[64] = {
    0xcccc, 0x8888, 0xeeee, 0xecc8, 0xc880, 0xfeec, 0xfec8, 0xec80, 0xc800, 0xffec, 0xfe80,
    0xe800, 0xffe8, 0xff00, 0xfff0, 0xf000, 0xf710, 0x008e, 0x7100, 0x08ce, 0x008c, 0x7310,
    0x3100, 0x8cce, 0x088c, 0x3110, 0x6666, 0x366c, 0x17e8, 0x0ff0, 0x718e, 0x399c, 0xaaaa,
    0xf0f0, 0x5a5a, 0x33cc, 0x3c3c, 0x55aa, 0x9696, 0xa55a, 0x73ce, 0x13c8, 0x324c, 0x3bdc,
    0x6996, 0xc33c, 0x9966, 0x0660, 0x0272, 0x04e4, 0x4e40, 0x2720, 0xc936, 0x936c, 0x39c6,
    0x639c, 0x9336, 0x9cc6, 0x817e, 0xe718, 0xccf0, 0x0fcc, 0x7744, 0xee22,
};
static const uint32_t partitions3[64] = {
    0xaa685050, 0x6a5a5040, 0x5a5a4200, 0x5450a0a8, 0xa5a50000, 0xa0a05050, 0x5555a0a0, 0x5a5a5050,
    0xaa550000, 0xaa555500, 0xaaaa5500, 0x90909090, 0x94949494, 0xa4a4a4a4, 0xa9a59450, 0x2a0a4250,
    0xa5945040, 0x0a425054, 0xa5a5a500, 0x55a0a0a0, 0xa8a85454, 0x6a6a4040, 0xa4a45000, 0x1a1a0500,
    0x0050a4a4, 0xaaa59090, 0x14696914, 0x69691400, 0xa08585a0, 0xaa821414, 0x50a4a450, 0x6a5a0200,
    0xa9a58000, 0x5090a0a8, 0xa8a09050, 0x24242424, 0x00aa5500, 0x24924924, 0x24499224, 0x50a50a50,
    0x500aa550, 0xaaaa4444, 0x66660000, 0xa5a0a5a0, 0x50a050a0, 0x69286928, 0x44aaaa44, 0x66666600,
    0xaa444444, 0x54a854a8, 0x95809580, 0x96969600, 0xa85454a8, 0x80959580, 0xaa141414, 0x96960000,
    0xaaaa1414, 0xa05050a0, 0xa0a5a5a0, 0x96000000, 0x40804080, 0xa9a8a9a8, 0xaaaaaa44, 0x2a4a5254,
};
static const uint8_t anchors2[64] = {
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 2, 8, 2, 2, 8,
    8,  15, 2,  8,  2,  2,  8,  8,  2,  2,  15, 15, 6,  8,  2,  8,  15, 15, 2, 8, 2, 2,
    2,  15, 15, 6,  6,  2,  6,  8,  15, 15, 2,  2,  15, 15, 15, 15, 15, 2, 2, 15,
};
static const uint8_t anchors3[2][64] = {
    {3,  3,  15, 15, 8,  3,  15, 15, 8,  8,  6,  6,  6,  5,  3,  3,  3,  3,  8,  15, 3,  3,
     6,  10, 5,  8,  8,  6,  8,  5,  15, 15, 8,  15, 3,  5,  6,  10, 8,  15, 15, 3,  15, 5,
     15, 15, 15, 15, 3,  15, 5,  5,  5,  8,  5,  10, 5,  10, 8,  13, 15, 12, 3,  3},
    {15, 8,  8,  3,  15, 15, 3,  8,  15, 15, 15, 15, 15, 15, 15, 8,  15, 8,  15, 3,  15, 8,
     15, 8,  3,  15, 6,  10, 15, 15, 10, 8,  15, 3,  15, 10, 10, 8,  9,  10, 6,  15, 8,  15,
     3,  6,  6,  8,  15, 3,  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 3,  15, 15, 8},
};

static const uint8_t weights[5][16] = {
    [2] = {0, 21, 43, 64},
    [3] = {0, 9, 18, 27, 37, 46, 55, 64},
    [4] = {0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64},
};

static unsigned subset_of(unsigned subsets, unsigned partition, unsigned texel)
{
    if (subsets == 2)
        return partitions2[partition] >> texel & 1;
    return subsets == 3 ? partitions3[partition] >> 2 * texel & 3 : 0;
}

/* The index of a texel: each subset's anchor has one bit less, its highest being 0. */
static unsigned index_of(const uint8_t *b, unsigned first, unsigned bits, unsigned subsets,
                         unsigned partition, unsigned texel)
{
    unsigned a = subsets == 2 ? anchors2[partition] : subsets == 3 ? anchors3[0][partition] : 16;
    unsigned c = subsets == 3 ? anchors3[1][partition] : 16;
    bool anchor = texel == 0 || texel == a || texel == c;
    unsigned before = (texel > 0 ? 1u : 0u) + (texel > a ? 1u : 0u) + (texel > c ? 1u : 0u);

    return weft_block_bits(b, first + texel * bits - before, bits - anchor);
}

static unsigned blend(unsigned p, unsigned q, unsigned bits, unsigned index)
{
    unsigned w = weights[bits][index];
    return (p * (64 - w) + q * w + 32) >> 6;
}

/* ---- BC7 ---- */

static const struct mode7 {
    uint8_t subsets, partition_bits, rotation_bits, selector_bits, colour_bits, alpha_bits;
    uint8_t endpoint_p, shared_p, index_bits, index2_bits;
} modes7[8] = {
    {3, 4, 0, 0, 4, 0, 1, 0, 3, 0}, {2, 6, 0, 0, 6, 0, 0, 1, 3, 0}, {3, 6, 0, 0, 5, 0, 0, 0, 2, 0},
    {2, 6, 0, 0, 7, 0, 1, 0, 2, 0}, {1, 0, 2, 1, 5, 6, 0, 0, 2, 3}, {1, 0, 2, 0, 7, 8, 0, 0, 2, 2},
    {1, 0, 0, 0, 7, 7, 1, 0, 4, 0}, {2, 6, 0, 0, 5, 5, 1, 0, 2, 0},
};

static unsigned widen8(unsigned v, unsigned bits)
{
    v <<= 8 - bits;
    return v | v >> bits;
}

void weft_block_bc7(const uint8_t *b, unsigned x, unsigned y, float rgba[4])
{
    unsigned mode = 0, texel = 4 * y + x, points[6][4], result[4];

    while (mode < 8 && !(b[0] >> mode & 1))
        mode++;
    if (mode == 8) { /* reserved: transparent black */
        memset(rgba, 0, 4 * sizeof(rgba[0]));
        return;
    }
    const struct mode7 *m = &modes7[mode];
    unsigned at = mode + 1, count = 2u * m->subsets;
    unsigned partition = weft_block_bits(b, at, m->partition_bits);
    at += m->partition_bits;
    unsigned rotation = weft_block_bits(b, at, m->rotation_bits);
    at += m->rotation_bits;
    unsigned selector = weft_block_bits(b, at, m->selector_bits);
    at += m->selector_bits;
    for (unsigned c = 0; c < 4; c++) {
        unsigned bits = c < 3 ? m->colour_bits : m->alpha_bits;
        for (unsigned i = 0; i < count; i++, at += bits)
            points[i][c] = weft_block_bits(b, at, bits);
    }
    for (unsigned i = 0; i < count; i++) {
        bool p = m->endpoint_p || m->shared_p;
        unsigned low = weft_block_bits(b, m->shared_p ? at + i / 2 : at + i, 1);
        for (unsigned c = 0; c < 4; c++) {
            unsigned bits = c < 3 ? m->colour_bits : m->alpha_bits;
            points[i][c] = p ? points[i][c] << 1 | low : points[i][c];
            points[i][c] = bits ? widen8(points[i][c], bits + p) : 255;
        }
    }
    at += m->endpoint_p ? count : m->shared_p ? count / 2 : 0;

    const unsigned *p = points[2 * subset_of(m->subsets, partition, texel)], *q = p + 4;
    unsigned index = index_of(b, at, m->index_bits, m->subsets, partition, texel);
    unsigned bits = m->index_bits, alpha_index = index, alpha_bits = bits;
    if (m->index2_bits) {
        alpha_bits = m->index2_bits;
        alpha_index = index_of(b, at + 16 * bits - 1, alpha_bits, 1, 0, texel);
    }
    if (selector) {
        unsigned swap = index;
        index = alpha_index;
        alpha_index = swap;
        swap = bits;
        bits = alpha_bits;
        alpha_bits = swap;
    }
    for (unsigned c = 0; c < 3; c++)
        result[c] = blend(p[c], q[c], bits, index);
    result[3] = blend(p[3], q[3], alpha_bits, alpha_index);
    if (rotation) {
        unsigned swap = result[3];
        result[3] = result[rotation - 1];
        result[rotation - 1] = swap;
    }
    for (unsigned c = 0; c < 4; c++)
        rgba[c] = (float)result[c] / 255;
}

/* ---- BC6H ---- */

/* Where the bits of a block go, in their order: an end point 0..3, a channel, and the first and the last
 * bit of the field, which may run downwards. */
struct field {
    char channel;
    uint8_t point, first, last;
};
static const struct mode6 {
    uint8_t code, code_bits, subsets, bits, delta[3]; /* delta 0: the points are absolute */
    struct field fields[32];
} modes6[14] = {
    {0x00, 2, 2, 10, {5, 5, 5},
     {{'g', 2, 4, 4}, {'b', 2, 4, 4}, {'b', 3, 4, 4}, {'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9},
      {'r', 1, 0, 4}, {'g', 3, 4, 4}, {'g', 2, 0, 3}, {'g', 1, 0, 4}, {'b', 3, 0, 0}, {'g', 3, 0, 3},
      {'b', 1, 0, 4}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 4}, {'b', 3, 2, 2}, {'r', 3, 0, 4},
      {'b', 3, 3, 3}}},
    {0x01, 2, 2, 7, {6, 6, 6},
     {{'g', 2, 5, 5}, {'g', 3, 4, 4}, {'g', 3, 5, 5}, {'r', 0, 0, 6}, {'b', 3, 0, 0}, {'b', 3, 1, 1},
      {'b', 2, 4, 4}, {'g', 0, 0, 6}, {'b', 2, 5, 5}, {'b', 3, 2, 2}, {'g', 2, 4, 4}, {'b', 0, 0, 6},
      {'b', 3, 3, 3}, {'b', 3, 5, 5}, {'b', 3, 4, 4}, {'r', 1, 0, 5}, {'g', 2, 0, 3}, {'g', 1, 0, 5},
      {'g', 3, 0, 3}, {'b', 1, 0, 5}, {'b', 2, 0, 3}, {'r', 2, 0, 5}, {'r', 3, 0, 5}}},
    {0x02, 5, 2, 11, {5, 4, 4},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 4}, {'r', 0, 10, 10}, {'g', 2, 0, 3},
      {'g', 1, 0, 3}, {'g', 0, 10, 10}, {'b', 3, 0, 0}, {'g', 3, 0, 3}, {'b', 1, 0, 3},
      {'b', 0, 10, 10}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 4}, {'b', 3, 2, 2},
      {'r', 3, 0, 4}, {'b', 3, 3, 3}}},
    {0x06, 5, 2, 11, {4, 5, 4},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 3}, {'r', 0, 10, 10}, {'g', 3, 4, 4},
      {'g', 2, 0, 3}, {'g', 1, 0, 4}, {'g', 0, 10, 10}, {'g', 3, 0, 3}, {'b', 1, 0, 3},
      {'b', 0, 10, 10}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 3}, {'b', 3, 0, 0},
      {'b', 3, 2, 2}, {'r', 3, 0, 3}, {'g', 2, 4, 4}, {'b', 3, 3, 3}}},
    {0x0a, 5, 2, 11, {4, 4, 5},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 3}, {'r', 0, 10, 10}, {'b', 2, 4, 4},
      {'g', 2, 0, 3}, {'g', 1, 0, 3}, {'g', 0, 10, 10}, {'b', 3, 0, 0}, {'g', 3, 0, 3},
      {'b', 1, 0, 4}, {'b', 0, 10, 10}, {'b', 2, 0, 3}, {'r', 2, 0, 3}, {'b', 3, 1, 1},
      {'b', 3, 2, 2}, {'r', 3, 0, 3}, {'b', 3, 4, 4}, {'b', 3, 3, 3}}},
    {0x0e, 5, 2, 9, {5, 5, 5},
     {{'r', 0, 0, 8}, {'b', 2, 4, 4}, {'g', 0, 0, 8}, {'g', 2, 4, 4}, {'b', 0, 0, 8}, {'b', 3, 4, 4},
      {'r', 1, 0, 4}, {'g', 3, 4, 4}, {'g', 2, 0, 3}, {'g', 1, 0, 4}, {'b', 3, 0, 0}, {'g', 3, 0, 3},
      {'b', 1, 0, 4}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 4}, {'b', 3, 2, 2}, {'r', 3, 0, 4},
      {'b', 3, 3, 3}}},
    {0x12, 5, 2, 8, {6, 5, 5},
     {{'r', 0, 0, 7}, {'g', 3, 4, 4}, {'b', 2, 4, 4}, {'g', 0, 0, 7}, {'b', 3, 2, 2}, {'g', 2, 4, 4},
      {'b', 0, 0, 7}, {'b', 3, 3, 3}, {'b', 3, 4, 4}, {'r', 1, 0, 5}, {'g', 2, 0, 3}, {'g', 1, 0, 4},
      {'b', 3, 0, 0}, {'g', 3, 0, 3}, {'b', 1, 0, 4}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 5},
      {'r', 3, 0, 5}}},
    {0x16, 5, 2, 8, {5, 6, 5},
     {{'r', 0, 0, 7}, {'b', 3, 0, 0}, {'b', 2, 4, 4}, {'g', 0, 0, 7}, {'g', 2, 5, 5}, {'g', 2, 4, 4},
      {'b', 0, 0, 7}, {'g', 3, 5, 5}, {'b', 3, 4, 4}, {'r', 1, 0, 4}, {'g', 3, 4, 4}, {'g', 2, 0, 3},
      {'g', 1, 0, 5}, {'g', 3, 0, 3}, {'b', 1, 0, 4}, {'b', 3, 1, 1}, {'b', 2, 0, 3}, {'r', 2, 0, 4},
      {'b', 3, 2, 2}, {'r', 3, 0, 4}, {'b', 3, 3, 3}}},
    {0x1a, 5, 2, 8, {5, 5, 6},
     {{'r', 0, 0, 7}, {'b', 3, 1, 1}, {'b', 2, 4, 4}, {'g', 0, 0, 7}, {'b', 2, 5, 5}, {'g', 2, 4, 4},
      {'b', 0, 0, 7}, {'b', 3, 5, 5}, {'b', 3, 4, 4}, {'r', 1, 0, 4}, {'g', 3, 4, 4}, {'g', 2, 0, 3},
      {'g', 1, 0, 4}, {'b', 3, 0, 0}, {'g', 3, 0, 3}, {'b', 1, 0, 5}, {'b', 2, 0, 3}, {'r', 2, 0, 4},
      {'b', 3, 2, 2}, {'r', 3, 0, 4}, {'b', 3, 3, 3}}},
    {0x1e, 5, 2, 6, {0, 0, 0},
     {{'r', 0, 0, 5}, {'g', 3, 4, 4}, {'b', 3, 0, 0}, {'b', 3, 1, 1}, {'b', 2, 4, 4}, {'g', 0, 0, 5},
      {'g', 2, 5, 5}, {'b', 2, 5, 5}, {'b', 3, 2, 2}, {'g', 2, 4, 4}, {'b', 0, 0, 5}, {'g', 3, 5, 5},
      {'b', 3, 3, 3}, {'b', 3, 5, 5}, {'b', 3, 4, 4}, {'r', 1, 0, 5}, {'g', 2, 0, 3}, {'g', 1, 0, 5},
      {'g', 3, 0, 3}, {'b', 1, 0, 5}, {'b', 2, 0, 3}, {'r', 2, 0, 5}, {'r', 3, 0, 5}}},
    {0x03, 5, 1, 10, {0, 0, 0},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 9}, {'g', 1, 0, 9},
      {'b', 1, 0, 9}}},
    {0x07, 5, 1, 11, {9, 9, 9},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 8}, {'r', 0, 10, 10}, {'g', 1, 0, 8},
      {'g', 0, 10, 10}, {'b', 1, 0, 8}, {'b', 0, 10, 10}}},
    {0x0b, 5, 1, 12, {8, 8, 8},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 7}, {'r', 0, 11, 10}, {'g', 1, 0, 7},
      {'g', 0, 11, 10}, {'b', 1, 0, 7}, {'b', 0, 11, 10}}},
    {0x0f, 5, 1, 16, {4, 4, 4},
     {{'r', 0, 0, 9}, {'g', 0, 0, 9}, {'b', 0, 0, 9}, {'r', 1, 0, 3}, {'r', 0, 15, 10}, {'g', 1, 0, 3},
      {'g', 0, 15, 10}, {'b', 1, 0, 3}, {'b', 0, 15, 10}}},
};

static int sign_extend(int v, unsigned bits)
{
    return (int)((uint32_t)v << (32 - bits)) >> (32 - bits);
}

static int unquantize(int v, unsigned bits, bool is_signed)
{
    if (!is_signed) {
        if (bits >= 15 || v == 0)
            return v;
        return v == (1 << bits) - 1 ? 0xffff : ((v << 16) + 0x8000) >> bits;
    }
    bool negative = v < 0;
    int u = negative ? -v : v;
    if (bits < 16 && u)
        u = u >= (1 << (bits - 1)) - 1 ? 0x7fff : ((u << 15) + 0x4000) >> (bits - 1);
    return negative ? -u : u;
}

static float half_to_float(unsigned h)
{
    union {
        uint32_t u;
        float f;
    } v;
    unsigned exponent = h >> 10 & 31, mantissa = h & 1023;

    if (exponent == 0) {
        v.f = (float)mantissa / 16777216; /* 2^-24 */
        return h >> 15 ? -v.f : v.f;
    }
    v.u = (h >> 15) << 31 | (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    return v.f;
}

void weft_block_bc6h(const uint8_t *b, bool is_signed, unsigned x, unsigned y, float rgba[4])
{
    unsigned code = (b[0] & 3) < 2 ? b[0] & 3 : b[0] & 31, texel = 4 * y + x, at;
    int points[4][3] = {{0}};
    const struct mode6 *m = NULL;

    for (unsigned i = 0; i < 14; i++)
        if (modes6[i].code == code && modes6[i].code_bits == ((b[0] & 3) < 2 ? 2 : 5))
            m = &modes6[i];
    if (!m) { /* reserved: black */
        rgba[0] = rgba[1] = rgba[2] = 0;
        return;
    }
    at = m->code_bits;
    for (const struct field *f = m->fields; f->channel; f++) {
        unsigned c = f->channel == 'r' ? 0 : f->channel == 'g' ? 1 : 2;
        int step = f->last >= f->first ? 1 : -1;
        for (int bit = f->first;; bit += step) {
            points[f->point][c] |= (int)(weft_block_bits(b, at++, 1) << bit);
            if (bit == f->last)
                break;
        }
    }
    unsigned partition = m->subsets == 2 ? weft_block_bits(b, at, 5) : 0;
    at += m->subsets == 2 ? 5 : 0;
    unsigned index_bits = m->subsets == 2 ? 3 : 4;
    unsigned index = index_of(b, at, index_bits, m->subsets, partition, texel);
    unsigned first = 2 * subset_of(m->subsets, partition, texel);
    for (unsigned c = 0; c < 3; c++) {
        int base = points[0][c], p[2];
        if (is_signed)
            base = sign_extend(base, m->bits);
        for (unsigned i = 0; i < 2; i++) {
            int v = points[first + i][c];
            if (first + i == 0)
                v = base;
            else if (m->delta[c]) {
                v = (base + sign_extend(v, m->delta[c])) & ((1 << m->bits) - 1);
                v = is_signed ? sign_extend(v, m->bits) : v;
            } else if (is_signed) {
                v = sign_extend(v, m->bits);
            }
            p[i] = unquantize(v, m->bits, is_signed);
        }
        int w = weights[index_bits][index];
        int v = (p[0] * (64 - w) + p[1] * w + 32) >> 6;
        if (is_signed) {
            unsigned magnitude = (unsigned)(v < 0 ? -v : v) * 31 >> 5;
            rgba[c] = half_to_float((v < 0 ? 0x8000u : 0) | magnitude);
        } else {
            rgba[c] = half_to_float((unsigned)v * 31 >> 6);
        }
    }
}
