/* SPDX-License-Identifier: MIT
 *
 * The formats that a shader can declare its storage images to have, one row each: they make an image's
 * format parameters constants.
 */
#include "spv_builder.h"
#include "weft/image.h"

#define ALL(bits) {bits, bits, bits, bits}
#define IN8 {0, 8, 16, 24}
#define IN16 {0, 16, 32, 48}

static const struct row {
    uint8_t format; /* SpvImageFormat */
    uint8_t kind;   /* enum weft_texel_kind */
    uint8_t texel_B, channels;
    uint8_t bits[4], first[4];
} rows[] = {
    {SpvImageFormatRgba32f, WEFT_TEXEL_RAW, 16, 4, ALL(0), ALL(0)},
    {SpvImageFormatRgba16f, WEFT_TEXEL_HALF, 8, 4, ALL(16), IN16},
    {SpvImageFormatR32f, WEFT_TEXEL_RAW, 4, 1, ALL(0), ALL(0)},
    {SpvImageFormatRgba8, WEFT_TEXEL_UNORM, 4, 4, ALL(8), IN8},
    {SpvImageFormatRgba8Snorm, WEFT_TEXEL_SNORM, 4, 4, ALL(8), IN8},
    {SpvImageFormatRg32f, WEFT_TEXEL_RAW, 8, 2, ALL(0), ALL(0)},
    {SpvImageFormatRg16f, WEFT_TEXEL_HALF, 4, 2, {16, 16}, IN16},
    {SpvImageFormatR11fG11fB10f, WEFT_TEXEL_SMALL, 4, 3, {11, 11, 10}, {0, 11, 22}},
    {SpvImageFormatR16f, WEFT_TEXEL_HALF, 2, 1, {16}, IN16},
    {SpvImageFormatRgba16, WEFT_TEXEL_UNORM, 8, 4, ALL(16), IN16},
    {SpvImageFormatRgb10A2, WEFT_TEXEL_UNORM, 4, 4, {10, 10, 10, 2}, {0, 10, 20, 30}},
    {SpvImageFormatRg16, WEFT_TEXEL_UNORM, 4, 2, {16, 16}, IN16},
    {SpvImageFormatRg8, WEFT_TEXEL_UNORM, 2, 2, {8, 8}, IN8},
    {SpvImageFormatR16, WEFT_TEXEL_UNORM, 2, 1, {16}, IN16},
    {SpvImageFormatR8, WEFT_TEXEL_UNORM, 1, 1, {8}, IN8},
    {SpvImageFormatRgba16Snorm, WEFT_TEXEL_SNORM, 8, 4, ALL(16), IN16},
    {SpvImageFormatRg16Snorm, WEFT_TEXEL_SNORM, 4, 2, {16, 16}, IN16},
    {SpvImageFormatRg8Snorm, WEFT_TEXEL_SNORM, 2, 2, {8, 8}, IN8},
    {SpvImageFormatR16Snorm, WEFT_TEXEL_SNORM, 2, 1, {16}, IN16},
    {SpvImageFormatR8Snorm, WEFT_TEXEL_SNORM, 1, 1, {8}, IN8},
    {SpvImageFormatRgba32i, WEFT_TEXEL_RAW, 16, 4, ALL(0), ALL(0)},
    {SpvImageFormatRgba16i, WEFT_TEXEL_SINT, 8, 4, ALL(16), IN16},
    {SpvImageFormatRgba8i, WEFT_TEXEL_SINT, 4, 4, ALL(8), IN8},
    {SpvImageFormatR32i, WEFT_TEXEL_RAW, 4, 1, ALL(0), ALL(0)},
    {SpvImageFormatRg32i, WEFT_TEXEL_RAW, 8, 2, ALL(0), ALL(0)},
    {SpvImageFormatRg16i, WEFT_TEXEL_SINT, 4, 2, {16, 16}, IN16},
    {SpvImageFormatRg8i, WEFT_TEXEL_SINT, 2, 2, {8, 8}, IN8},
    {SpvImageFormatR16i, WEFT_TEXEL_SINT, 2, 1, {16}, IN16},
    {SpvImageFormatR8i, WEFT_TEXEL_SINT, 1, 1, {8}, IN8},
    {SpvImageFormatRgba32ui, WEFT_TEXEL_RAW, 16, 4, ALL(0), ALL(0)},
    {SpvImageFormatRgba16ui, WEFT_TEXEL_UINT, 8, 4, ALL(16), IN16},
    {SpvImageFormatRgba8ui, WEFT_TEXEL_UINT, 4, 4, ALL(8), IN8},
    {SpvImageFormatR32ui, WEFT_TEXEL_RAW, 4, 1, ALL(0), ALL(0)},
    {SpvImageFormatRgb10a2ui, WEFT_TEXEL_UINT, 4, 4, {10, 10, 10, 2}, {0, 10, 20, 30}},
    {SpvImageFormatRg32ui, WEFT_TEXEL_RAW, 8, 2, ALL(0), ALL(0)},
    {SpvImageFormatRg16ui, WEFT_TEXEL_UINT, 4, 2, {16, 16}, IN16},
    {SpvImageFormatRg8ui, WEFT_TEXEL_UINT, 2, 2, {8, 8}, IN8},
    {SpvImageFormatR16ui, WEFT_TEXEL_UINT, 2, 1, {16}, IN16},
    {SpvImageFormatR8ui, WEFT_TEXEL_UINT, 1, 1, {8}, IN8},
    {SpvImageFormatR64ui, WEFT_TEXEL_RAW64, 8, 1, ALL(0), ALL(0)},
    {SpvImageFormatR64i, WEFT_TEXEL_RAW64, 8, 1, ALL(0), ALL(0)},
};

const struct weft_image_desc *spv_image_format(struct spv_builder *b, uint32_t format)
{
    static const uint32_t swizzles[] = {
        [1] = WEFT_SWIZZLE(WEFT_SWIZZLE_R, WEFT_SWIZZLE_ZERO, WEFT_SWIZZLE_ZERO, WEFT_SWIZZLE_ONE),
        [2] = WEFT_SWIZZLE(WEFT_SWIZZLE_R, WEFT_SWIZZLE_G, WEFT_SWIZZLE_ZERO, WEFT_SWIZZLE_ONE),
        [3] = WEFT_SWIZZLE(WEFT_SWIZZLE_R, WEFT_SWIZZLE_G, WEFT_SWIZZLE_B, WEFT_SWIZZLE_ONE),
        [4] = WEFT_SWIZZLE_IDENTITY,
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        if (row->format != format)
            continue;
        struct weft_image_desc *desc = arena_new(b->arena, struct weft_image_desc);
        desc->swizzle = swizzles[row->channels];
        desc->format = weft_texel_format_make((enum weft_texel_kind)row->kind, row->texel_B,
                                              row->bits, row->first);
        return desc;
    }
    return NULL;
}
