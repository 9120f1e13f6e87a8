/* SPDX-License-Identifier: MIT */
#include "images.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS(...) {__VA_ARGS__}

static const struct format {
    const char *name;
    enum weft_texel_kind kind;
    uint8_t texel_B, channels;
    uint8_t bits[4], first[4];
    bool integer;
} formats[] = {
#define F8 CHANNELS(8, 8, 8, 8), CHANNELS(0, 8, 16, 24)
#define F16 CHANNELS(16, 16, 16, 16), CHANNELS(0, 16, 32, 48)
#define F0 CHANNELS(0), CHANNELS(0)
    {"r8", WEFT_TEXEL_UNORM, 1, 1, CHANNELS(8), CHANNELS(0), false},
    {"rg8", WEFT_TEXEL_UNORM, 2, 2, CHANNELS(8, 8), CHANNELS(0, 8), false},
    {"rgba8", WEFT_TEXEL_UNORM, 4, 4, F8, false},
    {"bgra8", WEFT_TEXEL_UNORM, 4, 4, CHANNELS(8, 8, 8, 8), CHANNELS(16, 8, 0, 24), false},
    {"rgba8_snorm", WEFT_TEXEL_SNORM, 4, 4, F8, false},
    {"rgba8_srgb", WEFT_TEXEL_SRGB, 4, 4, F8, false},
    {"rgba8ui", WEFT_TEXEL_UINT, 4, 4, F8, true},
    {"rgba8i", WEFT_TEXEL_SINT, 4, 4, F8, true},
    {"r8ui", WEFT_TEXEL_UINT, 1, 1, CHANNELS(8), CHANNELS(0), true},
    {"r8i", WEFT_TEXEL_SINT, 1, 1, CHANNELS(8), CHANNELS(0), true},
    {"r16", WEFT_TEXEL_UNORM, 2, 1, CHANNELS(16), CHANNELS(0), false},
    {"r16f", WEFT_TEXEL_HALF, 2, 1, CHANNELS(16), CHANNELS(0), false},
    {"rg16f", WEFT_TEXEL_HALF, 4, 2, CHANNELS(16, 16), CHANNELS(0, 16), false},
    {"rgba16", WEFT_TEXEL_UNORM, 8, 4, F16, false},
    {"rgba16_snorm", WEFT_TEXEL_SNORM, 8, 4, F16, false},
    {"rgba16f", WEFT_TEXEL_HALF, 8, 4, F16, false},
    {"rgba16i", WEFT_TEXEL_SINT, 8, 4, F16, true},
    {"r32f", WEFT_TEXEL_RAW, 4, 1, F0, false},
    {"rg32f", WEFT_TEXEL_RAW, 8, 2, F0, false},
    {"rgba32f", WEFT_TEXEL_RAW, 16, 4, F0, false},
    {"r32ui", WEFT_TEXEL_RAW, 4, 1, F0, true},
    {"r32i", WEFT_TEXEL_RAW, 4, 1, F0, true},
    {"rgba32ui", WEFT_TEXEL_RAW, 16, 4, F0, true},
    {"r64ui", WEFT_TEXEL_RAW64, 8, 1, F0, true},
    {"rgb10a2", WEFT_TEXEL_UNORM, 4, 4, CHANNELS(10, 10, 10, 2), CHANNELS(0, 10, 20, 30), false},
    {"rgb10a2ui", WEFT_TEXEL_UINT, 4, 4, CHANNELS(10, 10, 10, 2), CHANNELS(0, 10, 20, 30), true},
    {"rg10x6", WEFT_TEXEL_UNORM, 4, 2, CHANNELS(10, 10), CHANNELS(6, 22), false},
    {"r11g11b10f", WEFT_TEXEL_SMALL, 4, 3, CHANNELS(11, 11, 10), CHANNELS(0, 11, 22), false},
    {"rgb9e5", WEFT_TEXEL_SHARED, 4, 3, CHANNELS(9, 9, 9), CHANNELS(0, 9, 18), false},
    {"r5g6b5", WEFT_TEXEL_UNORM, 2, 3, CHANNELS(5, 6, 5), CHANNELS(11, 5, 0), false},
    {"rgba4", WEFT_TEXEL_UNORM, 2, 4, CHANNELS(4, 4, 4, 4), CHANNELS(12, 8, 4, 0), false},
    {"a1rgb5", WEFT_TEXEL_UNORM, 2, 4, CHANNELS(5, 5, 5, 1), CHANNELS(10, 5, 0, 15), false},
    {"rgb8", WEFT_TEXEL_UNORM, 3, 3, CHANNELS(8, 8, 8), CHANNELS(0, 8, 16), false},
    {"bgr8_srgb", WEFT_TEXEL_SRGB, 3, 3, CHANNELS(8, 8, 8), CHANNELS(16, 8, 0), false},
    {"rgb16i", WEFT_TEXEL_SINT, 6, 3, CHANNELS(16, 16, 16), CHANNELS(0, 16, 32), true},
    {"rgb32f", WEFT_TEXEL_RAW, 12, 3, F0, false},
    {"rgba8_uscaled", WEFT_TEXEL_USCALED, 4, 4, F8, false},
    {"rgb16_sscaled", WEFT_TEXEL_SSCALED, 6, 3, CHANNELS(16, 16, 16), CHANNELS(0, 16, 32), false},
    {"rgb10a2_sscaled", WEFT_TEXEL_SSCALED, 4, 4, CHANNELS(10, 10, 10, 2), CHANNELS(0, 10, 20, 30), false},
    {"d16", WEFT_TEXEL_UNORM, 2, 1, CHANNELS(16), CHANNELS(0), false},
    {"x8d24", WEFT_TEXEL_UNORM, 4, 1, CHANNELS(24), CHANNELS(0), false},
};

static const struct block {
    const char *name;
    enum weft_block_kind kind;
    uint8_t block_B, width, height, channels;
} blocks[] = {
    {"bc1", WEFT_BLOCK_BC1_RGBA, 8, 4, 4, 4},       {"bc3", WEFT_BLOCK_BC3, 16, 4, 4, 4},
    {"bc4", WEFT_BLOCK_BC4_UNORM, 8, 4, 4, 1},      {"bc7", WEFT_BLOCK_BC7, 16, 4, 4, 4},
    {"etc2", WEFT_BLOCK_ETC2_RGB8, 8, 4, 4, 3},     {"eac11", WEFT_BLOCK_EAC_R11_UNORM, 8, 4, 4, 1},
    {"astc6x5", WEFT_BLOCK_ASTC, 16, 6, 5, 4},
};

static const char *find_format(const char *name, struct weft_image_desc *desc)
{
    static const uint32_t swizzles[5] = {
        [1] = WEFT_SWIZZLE(0, 4, 4, 5),
        [2] = WEFT_SWIZZLE(0, 1, 4, 5),
        [3] = WEFT_SWIZZLE(0, 1, 2, 5),
        [4] = WEFT_SWIZZLE_IDENTITY,
    };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const struct format *f = &formats[i];
        if (strcmp(f->name, name))
            continue;
        desc->format = weft_texel_format_make(f->kind, f->texel_B, f->bits, f->first);
        desc->swizzle = swizzles[f->channels];
        desc->integer = f->integer ? strstr(name, "ui") ? 1 : 2 : 0;
        return NULL;
    }
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct block *b = &blocks[i];
        if (strcmp(b->name, name))
            continue;
        desc->format = weft_texel_format_block(b->kind, b->block_B, b->width, b->height);
        desc->swizzle = swizzles[b->channels];
        return NULL;
    }
    return "no such image format";
}

static uint32_t shrink(uint32_t extent, uint32_t level)
{
    return extent >> level ? extent >> level : 1;
}

static void lay_out(struct weft_image_desc *desc, uint32_t pitch_B)
{
    uint32_t at_B = 0, texel_B = 1u << desc->format.texel_log2;
    if (desc->format.block == WEFT_BLOCK_TRIPLE)
        texel_B = desc->format.block_B;
    for (uint32_t l = 0; l < desc->levels; l++) {
        uint32_t columns = (shrink(desc->width, l) + desc->format.block_width - 1) / desc->format.block_width;
        uint32_t rows = (shrink(desc->height, l) + desc->format.block_height - 1) / desc->format.block_height;
        desc->offset_B[l] = at_B;
        desc->row_stride_B[l] = pitch_B && l == 0 ? pitch_B : columns * desc->samples * texel_B;
        desc->slice_stride_B[l] = rows * desc->row_stride_B[l];
        at_B += desc->slice_stride_B[l] * shrink(desc->depth, l);
        if (l + 1 < desc->levels)
            at_B = (at_B + 15) & ~15u;
    }
    desc->layer_stride_B = at_B;
    desc->size_B = (uint64_t)at_B * desc->layers;
}

static uint32_t swizzle_of(const char *letters, uint32_t own)
{
    uint32_t result = 0;
    for (unsigned c = 0; c < 4 && letters[c]; c++) {
        static const char names[] = "rgba01";
        const char *at = strchr(names, letters[c]);
        uint32_t from = at ? (uint32_t)(at - names) : WEFT_SWIZZLE_ZERO;
        result |= (from < 4 ? own >> (8 * from) & 255 : from) << (8 * c);
    }
    return result;
}

const char *image_parse(char **words, struct weft_image_desc *desc_out)
{
    struct weft_image_desc desc = {.depth = 1, .height = 1, .layers = 1, .levels = 1, .samples = 1};
    uint32_t pitch_B = 0;
    if (!words[0] || !words[1] || sscanf(words[1], "%ux%ux%u", &desc.width, &desc.height, &desc.depth) < 1)
        return "an image needs a format and an extent";
    const char *error = find_format(words[0], &desc);
    if (error)
        return error;
    for (words += 2; words[0] && words[1]; words += 2) {
        const struct {
            const char *name;
            uint32_t *to;
        } rows[] = {{"layers", &desc.layers}, {"levels", &desc.levels}, {"samples", &desc.samples},
                    {"pitch", &pitch_B}};
        size_t i = 0;
        while (i < 4 && strcmp(words[0], rows[i].name))
            i++;
        if (i < 4)
            *rows[i].to = (uint32_t)strtoul(words[1], NULL, 0);
        else if (!strcmp(words[0], "swizzle"))
            desc.swizzle = swizzle_of(words[1], desc.swizzle);
        else if (!strcmp(words[0], "min_lod"))
            desc.min_lod = strtof(words[1], NULL);
        else if (!strcmp(words[0], "resident")) { /* the text is the map: the low bits of its digits */
            desc.resident_address = (uintptr_t)words[1];
            desc.resident_B = strlen(words[1]);
        } else
            return "no such word about an image";
    }
    if (desc.levels > WEFT_MAX_LEVELS)
        return "too many levels";
    lay_out(&desc, pitch_B);
    desc.quick = weft_image_quick(&desc);
    *desc_out = desc;
    return NULL;
}

static const char *const address_modes[] = {"repeat", "mirror", "edge", "border", "once"};
static const char *const compare_ops[] = {"off", "never", "less", "equal", "lequal", "greater",
                                          "nequal", "gequal", "always"};
static const char *const reductions[] = {"average", "min", "max"};
static const char *const filters[] = {"nearest", "linear", "cubic"};
static const char *const switches[] = {"0", "1"};

#define LIST(list) list, sizeof(list) / sizeof((list)[0])

const char *sampler_parse(char **words, struct weft_sampler_desc *desc_out)
{
    struct weft_sampler_desc desc = {.lod_max = 1000, .max_anisotropy = 1};
    const struct {
        const char *name, *const *list;
        size_t count;
        uint32_t *to;
    } choices[] = {
        {"mag", LIST(filters), &desc.mag_filter},
        {"min", LIST(filters), &desc.min_filter},
        {"mip", LIST(filters), &desc.mip_mode},
        {"address_u", LIST(address_modes), &desc.address[0]},
        {"address_v", LIST(address_modes), &desc.address[1]},
        {"address_w", LIST(address_modes), &desc.address[2]},
        {"compare", LIST(compare_ops), &desc.compare},
        {"reduce", LIST(reductions), &desc.reduction},
        {"unnormalized", LIST(switches), &desc.unnormalized},
        {"nonseamless", LIST(switches), &desc.nonseamless},
    };
    const struct {
        const char *name;
        float *to;
    } numbers[] = {{"bias", &desc.lod_bias},
                   {"lod_min", &desc.lod_min},
                   {"lod_max", &desc.lod_max},
                   {"aniso", &desc.max_anisotropy}};
    for (; words[0] && words[1]; words += 2) {
        bool known = false;
        for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
            bool all = !strcmp(words[0], "address") && !strncmp(choices[i].name, "address", 7);
            bool both = !strcmp(words[0], "filter") && (i == 0 || i == 1);
            if (strcmp(words[0], choices[i].name) && !all && !both)
                continue;
            for (uint32_t k = 0; k < choices[i].count; k++) {
                if (!strcmp(words[1], choices[i].list[k])) {
                    *choices[i].to = k;
                    known = true;
                }
            }
        }
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            if (!strcmp(words[0], numbers[i].name)) {
                *numbers[i].to = strtof(words[1], NULL);
                known = true;
            }
        }
        if (!strcmp(words[0], "border")) {
            float c[4];
            known = sscanf(words[1], "%f,%f,%f,%f", &c[0], &c[1], &c[2], &c[3]) == 4;
            memcpy(desc.border, c, sizeof(c));
        }
        if (!known)
            return "no such word about a sampler";
    }
    desc.quick = weft_sampler_quick(&desc);
    *desc_out = desc;
    return NULL;
}
