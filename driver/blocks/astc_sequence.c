/* SPDX-License-Identifier: MIT
 *
 * ASTC's integer sequences: numbers packed with a fraction of a bit to spare, and what they stand for.
 */
#include "astc.h"

/* By their number of levels. */
const struct astc_range astc_ranges[ASTC_RANGE_COUNT] = {
    {1, 0, 0}, {0, 1, 0}, {2, 0, 0}, {0, 0, 1}, {1, 1, 0}, {3, 0, 0}, {1, 0, 1}, {2, 1, 0},
    {4, 0, 0}, {2, 0, 1}, {3, 1, 0}, {5, 0, 0}, {3, 0, 1}, {4, 1, 0}, {6, 0, 0}, {4, 0, 1},
    {5, 1, 0}, {7, 0, 0}, {5, 0, 1}, {6, 1, 0}, {8, 0, 0},
};

unsigned astc_sequence_bits(const struct astc_range *r, unsigned n)
{
    return n * r->bits + (r->trits ? (8 * n + 4) / 5 : 0) + (r->quints ? (7 * n + 2) / 3 : 0);
}

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

struct astc_integer astc_sequence_at(const uint8_t *b, const struct astc_range *r, unsigned first, unsigned end,
                                  unsigned index)
{
    static const uint8_t trit_bits[5] = {2, 2, 1, 2, 1}, quint_bits[3] = {3, 2, 2};
    unsigned group = r->trits ? 5 : r->quints ? 3 : 1, in_group = index % group;
    unsigned at = first + index / group * (group * r->bits + (r->trits ? 8 : r->quints ? 7 : 0));
    unsigned packed = 0, shift = 0, digits[5] = {0};
    struct astc_integer value = {0, 0};

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

int astc_unquantize_colour(const struct astc_range *r, struct astc_integer v)
{
    if (!r->trits && !r->quints)
        return (int)replicate(v.bits, r->bits, 8);
    const struct scheme *s = r->trits ? &colour_trits[r->bits] : &colour_quints[r->bits];
    unsigned a = v.bits & 1 ? 0x1ff : 0, t = (v.digit * s->c + pattern(s->b, v.bits)) ^ a;
    return (int)((a & 0x80) | t >> 2);
}

unsigned astc_unquantize_weight(const struct astc_range *r, struct astc_integer v)
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
