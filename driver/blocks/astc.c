/* SPDX-License-Identifier: MIT
 *
 * ASTC in two dimensions, the LDR and the HDR profile. Illegal blocks are magenta, and so are blocks of HDR in
 * the LDR profile.
 */
#include <math.h>
#include <string.h>

#include "astc.h"

struct block {
    uint8_t bytes[16];
    unsigned grid_width, grid_height;
    const struct astc_range *weight_range;
    bool dual;
    unsigned parts, seed, cems[4];
    unsigned plane2; /* channel of the second plane */
    unsigned colour_first, colour_bits, colour_count;
};

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
    k->weight_range = &astc_ranges[r - 2 + (high ? 6 : 0)];
    return true;
}

static bool read_layout(struct block *k, unsigned width, unsigned height)
{
    if (!read_mode(k) || k->grid_width > width || k->grid_height > height)
        return false;
    unsigned n = k->grid_width * k->grid_height * (k->dual ? 2 : 1);
    unsigned weight_bits = astc_sequence_bits(k->weight_range, n);
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

static bool read_end_points(const struct block *k, unsigned part, bool hdr, int e0[4], int e1[4],
                            unsigned *hdr_out)
{
    const struct astc_range *range = NULL;
    unsigned first = 0, count = 2 * ((k->cems[part] >> 2) + 1);
    int v[8] = {0};

    for (unsigned i = ASTC_RANGE_6; i < ASTC_RANGE_COUNT; i++)
        if (astc_sequence_bits(&astc_ranges[i], k->colour_count) <= k->colour_bits)
            range = &astc_ranges[i];
    if (!range)
        return false;
    for (unsigned i = 0; i < part; i++)
        first += 2 * ((k->cems[i] >> 2) + 1);
    unsigned end = k->colour_first + astc_sequence_bits(range, k->colour_count);
    for (unsigned i = 0; i < count; i++)
        v[i] = astc_unquantize_colour(range,
                                 astc_sequence_at(k->bytes, range, k->colour_first, end, first + i));
    return astc_end_points(k->cems[part], hdr, v, e0, e1, hdr_out);
}

/* ---- Weights ---- */

static unsigned weight_at(const struct block *k, const uint8_t *reversed, unsigned index)
{
    unsigned n = k->grid_width * k->grid_height * (k->dual ? 2 : 1);
    if (index >= n)
        return 0;
    return astc_unquantize_weight(k->weight_range,
                             astc_sequence_at(reversed, k->weight_range, 0,
                                         astc_sequence_bits(k->weight_range, n), index));
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

/* Where only the upper 8 bits of what was interpolated count. */
static bool is_bytes(enum weft_block_kind kind)
{
    return kind == WEFT_BLOCK_ASTC_SRGB || kind == WEFT_BLOCK_ASTC_UNORM8;
}

/* 16 bits of a channel that was interpolated, or of one colour for the whole block. */
static float from_unorm(unsigned v, enum weft_block_kind kind)
{
    if (is_bytes(kind))
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

/* To what VK_FORMAT_E5B9G9R9_UFLOAT_PACK32 can hold of 0..1. */
static void share_exponent(float rgba[4])
{
    float most = fmaxf(rgba[0], fmaxf(rgba[1], rgba[2]));
    int exponent;
    frexpf(most, &exponent); /* most < 2^exponent */
    if (exponent < -15)
        exponent = -15;
    if (rintf(ldexpf(most, 9 - exponent)) >= 512)
        exponent++;
    for (unsigned c = 0; c < 3; c++)
        rgba[c] = ldexpf(rintf(ldexpf(rgba[c], 9 - exponent)), exponent - 9);
    rgba[3] = 1;
}

static void decode(const uint8_t *bytes, enum weft_block_kind kind, unsigned width, unsigned height,
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
            p = is_bytes(kind) ? p << 8 | 0x80 : p * 257;
            q = is_bytes(kind) ? q << 8 | 0x80 : q * 257;
        }
        unsigned v = (p * (64 - w) + q * w + 32) >> 6;
        rgba[c] = logarithm ? from_logarithm(v) : from_unorm(v, kind);
    }
}

void weft_block_astc(const uint8_t *bytes, enum weft_block_kind kind, unsigned width, unsigned height,
                     unsigned x, unsigned y, float rgba[4])
{
    decode(bytes, kind, width, height, x, y, rgba);
    if (kind == WEFT_BLOCK_ASTC_SHARED)
        share_exponent(rgba);
}
