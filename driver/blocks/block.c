/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <math.h>
#include <string.h>

/* How each kind is decoded; sRGB's RGB becomes linear afterwards. */
static const struct {
    uint8_t family; /* 0: no such kind */
    bool srgb;
} kinds[WEFT_BLOCK_KIND_COUNT] = {
    [WEFT_BLOCK_BC1_RGB] = {'b', false},         [WEFT_BLOCK_BC1_RGB_SRGB] = {'b', true},
    [WEFT_BLOCK_BC1_RGBA] = {'b', false},        [WEFT_BLOCK_BC1_RGBA_SRGB] = {'b', true},
    [WEFT_BLOCK_BC2] = {'b', false},             [WEFT_BLOCK_BC2_SRGB] = {'b', true},
    [WEFT_BLOCK_BC3] = {'b', false},             [WEFT_BLOCK_BC3_SRGB] = {'b', true},
    [WEFT_BLOCK_BC4_UNORM] = {'b', false},       [WEFT_BLOCK_BC4_SNORM] = {'b', false},
    [WEFT_BLOCK_BC5_UNORM] = {'b', false},       [WEFT_BLOCK_BC5_SNORM] = {'b', false},
    [WEFT_BLOCK_BC6H_UFLOAT] = {'6', false},     [WEFT_BLOCK_BC6H_SFLOAT] = {'6', false},
    [WEFT_BLOCK_BC7] = {'7', false},             [WEFT_BLOCK_BC7_SRGB] = {'7', true},
    [WEFT_BLOCK_ETC2_RGB8] = {'e', false},       [WEFT_BLOCK_ETC2_RGB8_SRGB] = {'e', true},
    [WEFT_BLOCK_ETC2_RGB8A1] = {'e', false},     [WEFT_BLOCK_ETC2_RGB8A1_SRGB] = {'e', true},
    [WEFT_BLOCK_ETC2_RGBA8] = {'e', false},      [WEFT_BLOCK_ETC2_RGBA8_SRGB] = {'e', true},
    [WEFT_BLOCK_EAC_R11_UNORM] = {'e', false},   [WEFT_BLOCK_EAC_R11_SNORM] = {'e', false},
    [WEFT_BLOCK_EAC_R11G11_UNORM] = {'e', false}, [WEFT_BLOCK_EAC_R11G11_SNORM] = {'e', false},
    [WEFT_BLOCK_ASTC] = {'a', false},            [WEFT_BLOCK_ASTC_SRGB] = {'a', true},
    [WEFT_BLOCK_ASTC_SFLOAT] = {'a', false},     [WEFT_BLOCK_ASTC_UNORM8] = {'a', false},
    [WEFT_BLOCK_ASTC_SHARED] = {'a', false},
    [WEFT_BLOCK_TRIPLE] = {'t', false},
};

uint32_t weft_block_bits(const uint8_t *block, unsigned first, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count && first + i < 128; i++)
        value |= (uint32_t)(block[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
    return value;
}

static float to_linear(float s)
{
    return s <= 0.04045f ? s / 12.92f : powf((s + 0.055f) / 1.055f, 2.4f);
}

void weft_block_decode(const void *block, uint32_t format, uint32_t x, uint32_t y, float rgba[4])
{
    uint32_t kind = format & 255, width = format >> 8 & 255, height = format >> 16 & 255;

    rgba[0] = rgba[1] = rgba[2] = 0;
    rgba[3] = 1;
    if (kind >= WEFT_BLOCK_KIND_COUNT || x >= width || y >= height)
        return;
    switch (kinds[kind].family) {
    case 'b':
        weft_block_bc(block, (enum weft_block_kind)kind, x & 3, y & 3, rgba);
        break;
    case '6':
        weft_block_bc6h(block, kind == WEFT_BLOCK_BC6H_SFLOAT, x & 3, y & 3, rgba);
        break;
    case '7':
        weft_block_bc7(block, x & 3, y & 3, rgba);
        break;
    case 'e':
        weft_block_etc(block, (enum weft_block_kind)kind, x & 3, y & 3, rgba);
        break;
    case 'a':
        weft_block_astc(block, (enum weft_block_kind)kind, width, height, x, y, rgba);
        break;
    case 't': {
        uint32_t size_B = format >> 24;
        memset(rgba, 0, 16);
        memcpy(rgba, block, size_B < 16 ? size_B : 16);
        break;
    }
    }
    for (unsigned c = 0; c < 3 && kinds[kind].srgb; c++)
        rgba[c] = to_linear(rgba[c]);
}

void weft_block_decode_lanes(const uint8_t *memory, uint64_t size_B, const uint32_t *args, uint32_t width,
                             uint64_t lanes, float *texels)
{
    memset(texels, 0, 4 * width * sizeof(*texels));
    for (; lanes; lanes &= lanes - 1) {
        uint32_t lane = (uint32_t)__builtin_ctzll(lanes);
        uint32_t offset = args[lane], format = args[width + lane];
        float rgba[4];

        if ((uint64_t)offset + (format >> 24) > size_B)
            continue;
        weft_block_decode(memory + offset, format, args[2 * width + lane], args[3 * width + lane], rgba);
        for (uint32_t c = 0; c < 4; c++)
            texels[c * width + lane] = rgba[c];
    }
}
