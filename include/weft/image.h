/* SPDX-License-Identifier: MIT
 *
 * DOC: Images and samplers as machine code reads them
 *
 * A descriptor holds copies of everything that a kernel needs: no pointer to a view, a sampler or an
 * image, so destroying one of those cannot crash a job. Machine code reads a descriptor's words at
 * constant offsets, as uniform scalars, and branches on them; the same code serves every format.
 *
 *     image descriptor                    WEFT_IMAGE_DESC_B     sampled, storage; both texel buffers
 *     sampler descriptor                  WEFT_SAMPLER_DESC_B
 *     combined: image, then sampler       WEFT_COMBINED_DESC_B
 *     combined with YCbCr conversion      WEFT_YCBCR_DESC_B: image (plane 0), sampler, then the
 *                                         images of planes 1 and 2 (copies of plane 0's where the
 *                                         format has fewer; see weft_ycbcr)
 *
 * Immutable samplers are written into the set's memory when the set is made. Input attachments are
 * image descriptors. All are aligned to 16 bytes; arrays may use any stride.
 *
 * Memory. Texel (x, y, z) of sample s, layer a, level l (all counted from the view's first) lies at
 *
 *     address + level[l].offset_B + a * layer_stride_B + z * slice_stride_B[l]
 *             + (y / block height) * row_stride_B[l] + ((x / block width) * samples + s) * texel_B
 *
 * computed modulo 2^32: a view reaches at most 4 GiB - 1. Every access is checked against size_B besides,
 * so that no descriptor, however wrong, leads outside address .. address + size_B.
 *
 * A null descriptor is all zeros: queries give 0, reads give zeros in every channel, writes vanish.
 */
#ifndef WEFT_IMAGE_H
#define WEFT_IMAGE_H

#include <stdint.h>
#include <string.h>

#define WEFT_MAX_LEVELS 16u

/* How the bits of a texel become numbers. Channels are cut out of the texel's 32-bit words (little
 * endian) at first[c], bits[c] wide; a channel never crosses a word's end. */
enum weft_texel_kind {
    WEFT_TEXEL_NULL = 0, /* reads as zeros */
    WEFT_TEXEL_RAW,      /* one 32-bit word a channel, float or integer, in the order RGBA */
    WEFT_TEXEL_UNORM,    /* field * scale; depth of 16 and 24 bits too */
    WEFT_TEXEL_SNORM,    /* signed field * scale, at least -1 */
    WEFT_TEXEL_UINT,     /* the field */
    WEFT_TEXEL_SINT,     /* the field, sign-extended */
    WEFT_TEXEL_HALF,     /* fields of 16 bits are halves */
    WEFT_TEXEL_SRGB,     /* 8-bit fields; RGB through the sRGB curve, alpha as UNORM */
    WEFT_TEXEL_SMALL,    /* B10G11R11: unsigned floats of 11, 11 and 10 bits */
    WEFT_TEXEL_SHARED,   /* E5B9G9R9 */
    WEFT_TEXEL_RAW64,    /* one 64-bit integer, channel R */
    WEFT_TEXEL_BLOCK,    /* block-compressed: see block */
    WEFT_TEXEL_USCALED,  /* the field, as a float */
    WEFT_TEXEL_SSCALED,  /* the field, sign-extended, as a float */
    WEFT_TEXEL_KIND_COUNT
};

/* Block-compressed formats; sRGB ones are their own numbers (the decoded colour is linear). */
enum weft_block_kind {
    WEFT_BLOCK_NONE = 0,
    WEFT_BLOCK_BC1_RGB,
    WEFT_BLOCK_BC1_RGB_SRGB,
    WEFT_BLOCK_BC1_RGBA,
    WEFT_BLOCK_BC1_RGBA_SRGB,
    WEFT_BLOCK_BC2,
    WEFT_BLOCK_BC2_SRGB,
    WEFT_BLOCK_BC3,
    WEFT_BLOCK_BC3_SRGB,
    WEFT_BLOCK_BC4_UNORM,
    WEFT_BLOCK_BC4_SNORM,
    WEFT_BLOCK_BC5_UNORM,
    WEFT_BLOCK_BC5_SNORM,
    WEFT_BLOCK_BC6H_UFLOAT,
    WEFT_BLOCK_BC6H_SFLOAT,
    WEFT_BLOCK_BC7,
    WEFT_BLOCK_BC7_SRGB,
    WEFT_BLOCK_ETC2_RGB8,
    WEFT_BLOCK_ETC2_RGB8_SRGB,
    WEFT_BLOCK_ETC2_RGB8A1,
    WEFT_BLOCK_ETC2_RGB8A1_SRGB,
    WEFT_BLOCK_ETC2_RGBA8,
    WEFT_BLOCK_ETC2_RGBA8_SRGB,
    WEFT_BLOCK_EAC_R11_UNORM,
    WEFT_BLOCK_EAC_R11_SNORM,
    WEFT_BLOCK_EAC_R11G11_UNORM,
    WEFT_BLOCK_EAC_R11G11_SNORM,
    WEFT_BLOCK_ASTC, /* the block's size says which */
    WEFT_BLOCK_ASTC_SRGB,
    WEFT_BLOCK_ASTC_SFLOAT,
    WEFT_BLOCK_ASTC_UNORM8, /* decoded to bytes */
    WEFT_BLOCK_ASTC_SHARED, /* to 9 bits of R, G and B with one exponent */
    WEFT_BLOCK_TRIPLE, /* not compressed: a texel of 3, 6 or 12 bytes, decoded to its words, which the
                          kind says how to read */
    WEFT_BLOCK_KIND_COUNT
};

/* Formats that have code of their own, with constants for what the words below say. */
enum weft_texel_layout {
    WEFT_LAYOUT_OTHER = 0,
    WEFT_LAYOUT_RGBA8, /* UNORM */
    WEFT_LAYOUT_BGRA8,
    WEFT_LAYOUT_R8,
    WEFT_LAYOUT_RGBA16F,
};

/* Format parameters; weft_texel_format_make() fills them in. Machine code reads the words. */
struct weft_texel_format {
    uint32_t kind;        /* enum weft_texel_kind */
    uint32_t texel_log2;  /* bytes of a texel or block: 1 << this, 0..4 */
    uint32_t first[4];    /* first bit of R, G, B, A; bits / 32 is the word */
    uint32_t bits[4];     /* 0: the channel does not exist */
    uint32_t block;       /* enum weft_block_kind */
    uint32_t block_width, block_height; /* in texels; 1 where not compressed */
    uint32_t block_B;     /* of a block or a triple */
    uint32_t layout;      /* enum weft_texel_layout */
};

/* Samples that need no more than the shortest code: of an image in one of these formats, its channels where
 * they belong, by a sampler that averages, clamps to edges or repeats, and takes no more taps for anisotropy.
 * Machine code then trusts the levels to lie inside size_B. */
enum weft_quick {
    WEFT_QUICK_NONE = 0, /* numbers are shaders/quick.glsl's */
    WEFT_QUICK_RGBA8,    /* UNORM */
    WEFT_QUICK_BGRA8,
    WEFT_QUICK_R8,
    WEFT_QUICK_R32F,     /* and depth of 32 bits */
    WEFT_QUICK_RGBA16F,  /* these are left to the code that all shaders share */
    WEFT_QUICK_RGBA32F,
    WEFT_QUICK_SRGBA8,   /* fetched, not sampled */
};

/* Where a channel of the result comes from. A channel that the format does not have is ZERO, alpha ONE:
 * descriptors hold the view's swizzle composed with that. */
enum weft_swizzle {
    WEFT_SWIZZLE_R,
    WEFT_SWIZZLE_G,
    WEFT_SWIZZLE_B,
    WEFT_SWIZZLE_A,
    WEFT_SWIZZLE_ZERO,
    WEFT_SWIZZLE_ONE,
};
#define WEFT_SWIZZLE(r, g, b, a) \
    ((uint32_t)(r) | (uint32_t)(g) << 8 | (uint32_t)(b) << 16 | (uint32_t)(a) << 24)
#define WEFT_SWIZZLE_IDENTITY \
    WEFT_SWIZZLE(WEFT_SWIZZLE_R, WEFT_SWIZZLE_G, WEFT_SWIZZLE_B, WEFT_SWIZZLE_A)

struct weft_image_desc {
    uint64_t address; /* these two are a weft_buffer_desc: texels are read and written through it */
    uint64_t size_B;  /* from address; at most 4 GiB - 1 */
    uint32_t width, height, depth; /* of the view's first level, in texels; 1 in dimensions that the view
                                      does not have. Texel buffers: width is the count of texels */
    uint32_t layers;  /* of the view, cube faces counted one by one; 1 if not an array */
    uint32_t levels;  /* of the view */
    uint32_t samples;
    uint32_t layer_stride_B;
    float min_lod;    /* counted from the view's first level; 0 */
    uint32_t swizzle; /* WEFT_SWIZZLE(); sampled: the view's, composed with the format's channels;
                         storage: the format's alone */
    uint32_t integer; /* channels are integers: 1 unsigned, 2 signed; else 0 */
    struct weft_texel_format format;
    uint32_t quick; /* weft_image_quick() */
    uint32_t reserved[2];
    /* By level of the view. Levels beyond the last are 0. */
    uint32_t offset_B[WEFT_MAX_LEVELS];
    uint32_t row_stride_B[WEFT_MAX_LEVELS];
    uint32_t slice_stride_B[WEFT_MAX_LEVELS];
    /* Of an image that may have no memory in parts: a weft_buffer_desc of bytes, one for each
     * WEFT_RESIDENT_PAGE_B bytes from address on, 1 where memory is bound. Else zeros. */
    uint64_t resident_address, resident_B;
};

#define WEFT_RESIDENT_PAGE_B 4096u

enum weft_ycbcr_model {
    WEFT_YCBCR_NONE,
    WEFT_YCBCR_IDENTITY, /* G, B, R from Y, Cb, Cr as they are */
    WEFT_YCBCR_RANGE,    /* range expanded, not converted (VK_SAMPLER_YCBCR_MODEL_CONVERSION_YCBCR_IDENTITY) */
    WEFT_YCBCR_709,
    WEFT_YCBCR_601,
    WEFT_YCBCR_2020,
};

enum weft_filter {
    WEFT_FILTER_NEAREST,
    WEFT_FILTER_LINEAR,
    WEFT_FILTER_CUBIC, /* not of cubes, which it filters linearly */
};

/* Numbers of address modes and so on are Vulkan's. */
struct weft_sampler_desc {
    uint32_t mag_filter, min_filter; /* enum weft_filter */
    uint32_t mip_mode;               /* VkSamplerMipmapMode: 0 nearest, 1 linear */
    uint32_t address[3];             /* VkSamplerAddressMode of u, v, w */
    uint32_t compare;                /* 0: off; else VkCompareOp + 1 */
    uint32_t reduction;              /* VkSamplerReductionMode: 0 average, 1 min, 2 max */
    uint32_t unnormalized;
    uint32_t nonseamless;            /* cube faces are filtered apart */
    float lod_bias, lod_min, lod_max; /* lod_max may be 1000 */
    float max_anisotropy;            /* 1: off */
    uint32_t border[4];              /* bits of the colour, floats or integers by the view's format, before
                                        the view's swizzle */
    /* YCbCr conversion, in combined descriptors of WEFT_YCBCR_DESC_B. */
    uint32_t ycbcr_model;            /* enum weft_ycbcr_model; 0: none */
    uint32_t ycbcr_narrow;           /* ITU narrow range */
    uint32_t ycbcr_bits;             /* of a channel, for the range */
    uint32_t ycbcr_planes;           /* 1..3 */
    uint32_t ycbcr_swizzle;          /* WEFT_SWIZZLE() of the conversion's components */
    uint32_t chroma_linear;          /* chroma filter: 0 nearest, 1 linear */
    uint32_t chroma_shift[2];        /* log2 of the chroma planes' subsampling in x, y */
    uint32_t chroma_midpoint[2];     /* chroma samples lie between luma samples, else on even ones */
    uint32_t ycbcr_explicit;         /* force explicit reconstruction */
    uint32_t quick;                  /* weft_sampler_quick() */
    uint32_t reserved[2];
};

#define WEFT_IMAGE_DESC_B 336u
#define WEFT_SAMPLER_DESC_B 128u
#define WEFT_COMBINED_DESC_B (WEFT_IMAGE_DESC_B + WEFT_SAMPLER_DESC_B)
/* As large as that of three combined ones: that is how an application counts it. */
#define WEFT_YCBCR_DESC_B (3 * WEFT_COMBINED_DESC_B)

_Static_assert(sizeof(struct weft_image_desc) == WEFT_IMAGE_DESC_B, "as shaders/image.glsl reads it");
_Static_assert(sizeof(struct weft_sampler_desc) == WEFT_SAMPLER_DESC_B, "as shaders/image.glsl reads it");

static inline uint32_t weft_texel_layout_of(const struct weft_texel_format *f)
{
    static const struct {
        uint32_t layout, kind, log2, bits, count;
        uint32_t first[4];
    } rows[] = {
        {WEFT_LAYOUT_RGBA8, WEFT_TEXEL_UNORM, 2, 8, 4, {0, 8, 16, 24}},
        {WEFT_LAYOUT_BGRA8, WEFT_TEXEL_UNORM, 2, 8, 4, {16, 8, 0, 24}},
        {WEFT_LAYOUT_R8, WEFT_TEXEL_UNORM, 0, 8, 1, {0}},
        {WEFT_LAYOUT_RGBA16F, WEFT_TEXEL_HALF, 3, 16, 4, {0, 16, 32, 48}},
    };
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int same = f->kind == rows[i].kind && f->texel_log2 == rows[i].log2;
        for (uint32_t c = 0; c < 4; c++)
            same &= c < rows[i].count ? f->bits[c] == rows[i].bits && f->first[c] == rows[i].first[c]
                                      : f->bits[c] == 0;
        if (same)
            return rows[i].layout;
    }
    return WEFT_LAYOUT_OTHER;
}

/* enum weft_quick of a descriptor that is complete otherwise; without it samples are right, but slower. */
static inline uint32_t weft_image_quick(const struct weft_image_desc *d)
{
    static const uint32_t one = WEFT_SWIZZLE(WEFT_SWIZZLE_R, WEFT_SWIZZLE_ZERO, WEFT_SWIZZLE_ZERO,
                                             WEFT_SWIZZLE_ONE);
    const struct weft_texel_format *f = &d->format;
    /* Texels of levels are read without a check. */
    for (uint32_t l = 0; l < d->levels && l < WEFT_MAX_LEVELS; l++) {
        uint64_t w = d->width >> l ? d->width >> l : 1, h = d->height >> l ? d->height >> l : 1;
        uint64_t slices = d->depth >> l ? d->depth >> l : 1;
        uint64_t end = d->offset_B[l] + (slices - 1) * d->slice_stride_B[l] + (h - 1) * d->row_stride_B[l] +
                       (w << f->texel_log2) + (uint64_t)(d->layers - 1) * d->layer_stride_B;
        if (end > d->size_B)
            return WEFT_QUICK_NONE;
    }
    if (!d->levels || !d->layers || !d->width || !d->height || !d->depth)
        return WEFT_QUICK_NONE;
    if (d->samples != 1 || d->integer || f->block != WEFT_BLOCK_NONE)
        return WEFT_QUICK_NONE;
    if (d->swizzle == one)
        return f->layout == WEFT_LAYOUT_R8                            ? WEFT_QUICK_R8
               : f->kind == WEFT_TEXEL_RAW && f->texel_log2 == 2 ? WEFT_QUICK_R32F
                                                                      : WEFT_QUICK_NONE;
    if (d->swizzle != WEFT_SWIZZLE_IDENTITY)
        return WEFT_QUICK_NONE;
    switch (f->layout) {
    case WEFT_LAYOUT_RGBA8:
        return WEFT_QUICK_RGBA8;
    case WEFT_LAYOUT_BGRA8:
        return WEFT_QUICK_BGRA8;
    case WEFT_LAYOUT_RGBA16F:
        return WEFT_QUICK_RGBA16F;
    default:
        if (f->kind == WEFT_TEXEL_SRGB && f->texel_log2 == 2 && f->first[0] == 0)
            return WEFT_QUICK_SRGBA8;
        return f->kind == WEFT_TEXEL_RAW && f->texel_log2 == 4 ? WEFT_QUICK_RGBA32F : WEFT_QUICK_NONE;
    }
}

/* 1: with such a sampler, with whatever image. Comparisons are the instruction's affair. */
static inline uint32_t weft_sampler_quick(const struct weft_sampler_desc *s)
{
    uint32_t quick = s->reduction == 0 && !s->unnormalized && s->mag_filter == s->min_filter &&
                     s->mag_filter <= WEFT_FILTER_LINEAR && s->max_anisotropy <= 1;
    for (int i = 0; i < 3; i++)
        quick &= s->address[i] == 0 || s->address[i] == 2; /* VK_SAMPLER_ADDRESS_MODE_REPEAT, CLAMP_TO_EDGE */
    return quick;
}

/* Fills in a format that is not block-compressed: the bits of its channels R, G, B, A and the first bit of
 * each. RAW and RAW64 ignore them. texel_B is a power of two up to 16, or such a one times 3. */
static inline struct weft_texel_format weft_texel_format_make(enum weft_texel_kind kind,
                                                              uint32_t texel_B,
                                                              const uint8_t bits[4],
                                                              const uint8_t first[4])
{
    struct weft_texel_format f = {.kind = kind, .block_width = 1, .block_height = 1};
    if (texel_B % 3 == 0) {
        f.block = WEFT_BLOCK_TRIPLE;
        f.block_B = texel_B;
    }
    while ((1u << f.texel_log2) < texel_B)
        f.texel_log2++;
    for (int c = 0; c < 4; c++) {
        f.bits[c] = bits[c];
        f.first[c] = first[c];
    }
    f.layout = weft_texel_layout_of(&f);
    return f;
}

/* A block-compressed one; block_B is 8 or 16. */
static inline struct weft_texel_format weft_texel_format_block(enum weft_block_kind block,
                                                               uint32_t block_B, uint32_t width,
                                                               uint32_t height)
{
    return (struct weft_texel_format){.kind = WEFT_TEXEL_BLOCK,
                                      .texel_log2 = block_B == 8 ? 3 : 4,
                                      .block = block,
                                      .block_width = width,
                                      .block_height = height,
                                      .block_B = block_B};
}

/* Decodes the texel (x, y) of one compressed block: four floats, missing channels 0, 0, 1. Of a triple: its
 * bytes, zeros after them. Pure; any bytes are fine. `format` is a weft_texel_format's
 * block | block_width << 8 | block_height << 16 | block_B << 24. In driver/blocks/. */
void weft_block_decode(const void *block, uint32_t format, uint32_t x, uint32_t y, float rgba[4]);

/* The same for every lane whose bit is set in `lanes`; machine code calls it through
 * weft_worker_args.decode. args is four times `width` words: the blocks' offsets in `memory`, formats, x, y;
 * texels four times `width` floats, R first. Blocks that don't lie in the size_B bytes, and other lanes, give
 * zeros. */
typedef void weft_decode_fn(const uint8_t *memory, uint64_t size_B, const uint32_t *args, uint32_t width,
                            uint64_t lanes, float *texels);
weft_decode_fn weft_block_decode_lanes;

/* What a kernel hands to the sampling code that all share (shaders/sample.comp): lane i's argument k, and
 * afterwards its channel k, is words[k * stride + i]. Machine code writes it. */
struct weft_sample_call {
    uint64_t image, sampler; /* descriptors' addresses */
    uint32_t what, stride;   /* stride: lanes, rounded up to a multiple of WEFT_SAMPLE_LANES */
    uint32_t words[];
};
#define WEFT_SAMPLE_LANES 16u
#define WEFT_SAMPLE_WORDS 16u /* arguments, at most */

struct weft_worker_args;
/* Serves `lanes` lanes; reached through weft_worker_args.sample. In driver/sampler/. */
typedef void weft_sample_fn(const struct weft_worker_args *worker, struct weft_sample_call *call, uint32_t lanes);
weft_sample_fn *weft_sample_function(uint32_t isa); /* enum weft_isa */

#endif
