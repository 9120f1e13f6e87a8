/* SPDX-License-Identifier: MIT
 *
 * BC1 to BC5.
 */
#include "blocks.h"

static void unpack_565(unsigned c, float rgb[3])
{
    rgb[0] = (float)(c >> 11 & 31) / 31;
    rgb[1] = (float)(c >> 5 & 63) / 63;
    rgb[2] = (float)(c & 31) / 31;
}

/* A colour block. Only BC1 has the mode of three colours and black. */
static void colour(const uint8_t *b, bool bc1, bool alpha, unsigned texel, float rgba[4])
{
    unsigned c0 = b[0] | (unsigned)b[1] << 8, c1 = b[2] | (unsigned)b[3] << 8;
    unsigned code = weft_block_bits(b, 32 + 2 * texel, 2);
    bool four = !bc1 || c0 > c1;
    float p[3], q[3], w = code == 0 ? 0 : code == 1 ? 1 : four ? (float)(code - 1) / 3 : 0.5f;

    unpack_565(c0, p);
    unpack_565(c1, q);
    for (unsigned c = 0; c < 3; c++)
        rgba[c] = !four && code == 3 ? 0 : p[c] * (1 - w) + q[c] * w;
    if (alpha)
        rgba[3] = !four && code == 3 ? 0 : 1;
}

/* Two end points and codes of 3 bits: BC3's alpha, BC4, BC5. */
static float ramp(const uint8_t *b, bool is_signed, unsigned texel)
{
    unsigned code = weft_block_bits(b, 16 + 3 * texel, 3);
    float r0, r1, low = is_signed ? -1 : 0;
    bool eight;

    if (is_signed) {
        int s0 = (int8_t)b[0], s1 = (int8_t)b[1];
        eight = s0 > s1;
        r0 = s0 < -127 ? -1 : (float)s0 / 127;
        r1 = s1 < -127 ? -1 : (float)s1 / 127;
    } else {
        eight = b[0] > b[1];
        r0 = (float)b[0] / 255;
        r1 = (float)b[1] / 255;
    }
    if (code < 2)
        return code ? r1 : r0;
    if (eight)
        return (r0 * (float)(8 - code) + r1 * (float)(code - 1)) / 7;
    return code == 6 ? low : code == 7 ? 1 : (r0 * (float)(6 - code) + r1 * (float)(code - 1)) / 5;
}

void weft_block_bc(const uint8_t *block, enum weft_block_kind kind, unsigned x, unsigned y,
                   float rgba[4])
{
    unsigned texel = 4 * y + x;

    switch (kind) {
    case WEFT_BLOCK_BC1_RGB:
    case WEFT_BLOCK_BC1_RGB_SRGB:
        colour(block, true, false, texel, rgba);
        break;
    case WEFT_BLOCK_BC1_RGBA:
    case WEFT_BLOCK_BC1_RGBA_SRGB:
        colour(block, true, true, texel, rgba);
        break;
    case WEFT_BLOCK_BC2:
    case WEFT_BLOCK_BC2_SRGB:
        colour(block + 8, false, false, texel, rgba);
        rgba[3] = (float)weft_block_bits(block, 4 * texel, 4) / 15;
        break;
    case WEFT_BLOCK_BC3:
    case WEFT_BLOCK_BC3_SRGB:
        colour(block + 8, false, false, texel, rgba);
        rgba[3] = ramp(block, false, texel);
        break;
    case WEFT_BLOCK_BC4_UNORM:
    case WEFT_BLOCK_BC4_SNORM:
        rgba[0] = ramp(block, kind == WEFT_BLOCK_BC4_SNORM, texel);
        break;
    default: /* BC5 */
        rgba[0] = ramp(block, kind == WEFT_BLOCK_BC5_SNORM, texel);
        rgba[1] = ramp(block + 8, kind == WEFT_BLOCK_BC5_SNORM, texel);
        break;
    }
}
