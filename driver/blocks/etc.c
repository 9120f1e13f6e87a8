/* SPDX-License-Identifier: MIT
 *
 * ETC2 and EAC. Blocks are big-endian: bit 63 is the first byte's highest.
 */
#include "blocks.h"

static const int modifiers[8][2] = {
    {2, 8}, {5, 17}, {9, 29}, {13, 42}, {18, 60}, {24, 80}, {33, 106}, {47, 183},
};
static const int distances[8] = {3, 6, 11, 16, 23, 32, 41, 64};
static const int eac_modifiers[16][8] = {
    {-3, -6, -9, -15, 2, 5, 8, 14}, {-3, -7, -10, -13, 2, 6, 9, 12}, {-2, -5, -8, -13, 1, 4, 7, 12},
    {-2, -4, -6, -13, 1, 3, 5, 12}, {-3, -6, -8, -12, 2, 5, 7, 11},  {-3, -7, -9, -11, 2, 6, 8, 10},
    {-4, -7, -8, -11, 3, 6, 7, 10}, {-3, -5, -8, -11, 2, 4, 7, 10},  {-2, -6, -8, -10, 1, 5, 7, 9},
    {-2, -5, -8, -10, 1, 4, 7, 9},  {-2, -4, -8, -10, 1, 3, 7, 9},   {-2, -5, -7, -10, 1, 4, 6, 9},
    {-3, -4, -7, -10, 2, 3, 6, 9},  {-1, -2, -3, -10, 0, 1, 2, 9},   {-4, -6, -8, -9, 3, 5, 7, 8},
    {-3, -5, -7, -9, 2, 4, 6, 8},
};

static uint64_t big_endian(const uint8_t *b)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | b[i];
    return v;
}

/* The field whose highest bit is `high`. */
static int field(uint64_t v, unsigned high, unsigned bits)
{
    return (int)(v >> (high + 1 - bits) & ((1u << bits) - 1));
}

static int clamp255(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

static int widen(int v, unsigned bits)
{
    return v << (8 - bits) | v >> (2 * bits - 8);
}

static int signed3(int v)
{
    return v >= 4 ? v - 8 : v;
}

static void set(float rgba[4], const int c[3], int add)
{
    for (unsigned i = 0; i < 3; i++)
        rgba[i] = (float)clamp255(c[i] + add) / 255;
}

/* Modes T and H: four paint colours. */
static void paint(uint64_t v, bool h, int index, float rgba[4])
{
    int a[3], b[3], d;

    if (h) {
        int values[2][3] = {
            {field(v, 62, 4), field(v, 58, 3) << 1 | field(v, 52, 1), field(v, 51, 1) << 3 | field(v, 49, 3)},
            {field(v, 46, 4), field(v, 42, 4), field(v, 38, 4)},
        };
        int whole[2];
        for (unsigned i = 0; i < 3; i++) {
            a[i] = widen(values[0][i], 4);
            b[i] = widen(values[1][i], 4);
        }
        for (unsigned i = 0; i < 2; i++)
            whole[i] = values[i][0] << 8 | values[i][1] << 4 | values[i][2];
        d = distances[field(v, 34, 1) << 2 | field(v, 32, 1) << 1 | (whole[0] >= whole[1])];
        set(rgba, index < 2 ? a : b, index & 1 ? -d : d);
        return;
    }
    int r = field(v, 60, 2) << 2 | field(v, 57, 2);
    a[0] = widen(r, 4);
    a[1] = widen(field(v, 55, 4), 4);
    a[2] = widen(field(v, 51, 4), 4);
    b[0] = widen(field(v, 47, 4), 4);
    b[1] = widen(field(v, 43, 4), 4);
    b[2] = widen(field(v, 39, 4), 4);
    d = distances[field(v, 35, 2) << 1 | field(v, 32, 1)];
    set(rgba, index == 0 ? a : b, index == 1 ? d : index == 3 ? -d : 0);
}

static void planar(uint64_t v, unsigned x, unsigned y, float rgba[4])
{
    int o[3] = {widen(field(v, 62, 6), 6),
                widen(field(v, 56, 1) << 6 | field(v, 54, 6), 7),
                widen(field(v, 48, 1) << 5 | field(v, 44, 2) << 3 | field(v, 41, 3), 6)};
    int h[3] = {widen(field(v, 38, 5) << 1 | field(v, 32, 1), 6), widen(field(v, 31, 7), 7),
                widen(field(v, 24, 6), 6)};
    int w[3] = {widen(field(v, 18, 6), 6), widen(field(v, 12, 7), 7), widen(field(v, 5, 6), 6)};

    for (unsigned c = 0; c < 3; c++) {
        int value = (int)x * (h[c] - o[c]) + (int)y * (w[c] - o[c]) + 4 * o[c] + 2;
        rgba[c] = (float)clamp255(value >> 2) / 255;
    }
}

/* punch_through: the differential bit says whether the block is opaque. */
static void colour(const uint8_t *block, bool punch_through, unsigned x, unsigned y, float rgba[4])
{
    uint64_t v = big_endian(block);
    bool bit33 = field(v, 33, 1), flip = field(v, 32, 1);
    bool opaque = !punch_through || bit33, differential = punch_through || bit33;
    unsigned pixel = 4 * x + y;
    int index = (int)((v >> (pixel + 16) & 1) << 1 | (v >> pixel & 1));
    bool second = flip ? y >= 2 : x >= 2;
    int c[3];

    if (!opaque && index == 2) {
        rgba[0] = rgba[1] = rgba[2] = rgba[3] = 0;
        /* but planar blocks have no indices */
    }
    if (differential) {
        int over = 0;
        for (unsigned i = 3; i-- > 0;) {
            int base = field(v, 63 - 8 * i, 5), next = base + signed3(field(v, 58 - 8 * i, 3));
            if (next < 0 || next > 31)
                over = (int)i + 1;
            c[i] = widen(second ? next & 31 : base, 5);
        }
        if (over == 3) {
            planar(v, x, y, rgba);
            rgba[3] = 1;
            return;
        }
        if (over) {
            if (opaque || index != 2)
                paint(v, over == 2, index, rgba);
            return;
        }
    } else {
        for (unsigned i = 0; i < 3; i++)
            c[i] = widen(field(v, second ? 59 - 8 * i : 63 - 8 * i, 4), 4);
    }
    if (!opaque && index == 2)
        return;
    const int *m = modifiers[field(v, second ? 36 : 39, 3)];
    int add = !opaque && !(index & 1) ? 0 : m[index & 1];
    set(rgba, c, index & 2 ? -add : add);
}

/* The base and the modifier, times the multiplier, of a texel of an EAC block. */
static int eac_modifier(uint64_t v, unsigned x, unsigned y)
{
    unsigned pixel = 4 * x + y;
    return eac_modifiers[field(v, 51, 4)][field(v, 47 - 3 * pixel, 3)];
}

static float eac_alpha(const uint8_t *block, unsigned x, unsigned y)
{
    uint64_t v = big_endian(block);
    int value = field(v, 63, 8) + eac_modifier(v, x, y) * field(v, 55, 4);
    return (float)clamp255(value) / 255;
}

static float eac_11(const uint8_t *block, bool is_signed, unsigned x, unsigned y)
{
    uint64_t v = big_endian(block);
    int multiplier = field(v, 55, 4), modifier = eac_modifier(v, x, y);
    int change = multiplier ? modifier * multiplier * 8 : modifier;

    if (is_signed) {
        int base = (int8_t)field(v, 63, 8);
        int value = (base == -128 ? -127 : base) * 8 + change;
        value = value < -1023 ? -1023 : value > 1023 ? 1023 : value;
        return (float)value / 1023;
    }
    int value = field(v, 63, 8) * 8 + 4 + change;
    value = value < 0 ? 0 : value > 2047 ? 2047 : value;
    return (float)value / 2047;
}

void weft_block_etc(const uint8_t *block, enum weft_block_kind kind, unsigned x, unsigned y,
                    float rgba[4])
{
    switch (kind) {
    case WEFT_BLOCK_ETC2_RGB8:
    case WEFT_BLOCK_ETC2_RGB8_SRGB:
        colour(block, false, x, y, rgba);
        break;
    case WEFT_BLOCK_ETC2_RGB8A1:
    case WEFT_BLOCK_ETC2_RGB8A1_SRGB:
        colour(block, true, x, y, rgba);
        break;
    case WEFT_BLOCK_ETC2_RGBA8:
    case WEFT_BLOCK_ETC2_RGBA8_SRGB:
        colour(block + 8, false, x, y, rgba);
        rgba[3] = eac_alpha(block, x, y);
        break;
    case WEFT_BLOCK_EAC_R11G11_UNORM:
    case WEFT_BLOCK_EAC_R11G11_SNORM:
        rgba[1] = eac_11(block + 8, kind == WEFT_BLOCK_EAC_R11G11_SNORM, x, y);
        rgba[0] = eac_11(block, kind == WEFT_BLOCK_EAC_R11G11_SNORM, x, y);
        break;
    default:
        rgba[0] = eac_11(block, kind == WEFT_BLOCK_EAC_R11_SNORM, x, y);
        break;
    }
}
