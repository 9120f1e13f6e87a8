/* SPDX-License-Identifier: MIT
 *
 * DOC: Formats
 *
 * format.def says what Weft does with a format, vk.xml how its texels look; gen_formats.py makes one
 * table of the two. Whatever depends on a format asks that table: features, sizes, copies, clears,
 * descriptors.
 *
 * An image's memory consists of planes: one for most formats, depth and stencil apart for those that
 * have both, Vulkan's own planes for YCbCr. A plane's texels look like those of a format by itself.
 */
#ifndef ICD_FORMAT_H
#define ICD_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "vk.h"
#include "weft/image.h"

#define ICD_MAX_PLANES 3u

/* The uses of format.def. */
enum icd_format_use {
    ICD_FORMAT_SAMPLED = 1 << 0,
    ICD_FORMAT_LINEAR = 1 << 1,
    ICD_FORMAT_STORAGE = 1 << 2,
    ICD_FORMAT_ATOMIC = 1 << 3,
    ICD_FORMAT_COLOR = 1 << 4,
    ICD_FORMAT_BLEND = 1 << 5,
    ICD_FORMAT_DEPTH_STENCIL = 1 << 6,
    ICD_FORMAT_UNIFORM_TEXEL = 1 << 7,
    ICD_FORMAT_STORAGE_TEXEL = 1 << 8,
    ICD_FORMAT_VERTEX = 1 << 9,
    ICD_FORMAT_CONVERTED = 1 << 10,
};

enum icd_format_flag {
    ICD_FORMAT_COMPRESSED = 1,
    ICD_FORMAT_PACKED = 2,
    ICD_FORMAT_YCBCR = 4,
    ICD_FORMAT_420 = 8, /* chroma at half the height, too */
};

enum icd_numeric {
    ICD_NUMERIC_UNORM,
    ICD_NUMERIC_SNORM,
    ICD_NUMERIC_UINT,
    ICD_NUMERIC_SINT,
    ICD_NUMERIC_UFLOAT,
    ICD_NUMERIC_SFLOAT,
    ICD_NUMERIC_SRGB,
    ICD_NUMERIC_USCALED,
    ICD_NUMERIC_SSCALED,
};

struct icd_format_plane {
    VkFormat format; /* that the plane's texels have */
    uint8_t block_B; /* bytes of a texel block */
    uint8_t block_width, block_height;
    uint8_t width_divisor, height_divisor; /* the plane's size as a part of the image's */
};

struct icd_format_channel {
    char name; /* R, G, B, A, D or S */
    uint8_t offset, bits; /* in bits, from the texel's first byte on, little endian */
    uint8_t numeric;      /* enum icd_numeric */
};

struct icd_format {
    VkFormat format;
    uint32_t uses;    /* enum icd_format_use */
    uint32_t flags;   /* enum icd_format_flag */
    VkImageAspectFlags aspects;
    uint16_t class_id; /* formats of one class are compatible */
    uint8_t numeric;   /* enum icd_numeric, of the first channel */
    uint8_t colors;    /* bit i: texels have the channel RGBA[i]; depth and stencil are R */
    uint8_t block;     /* enum weft_block_kind */
    uint8_t plane_count;
    struct icd_format_plane planes[ICD_MAX_PLANES];
    uint8_t channel_count; /* 0 where texels have no channels at fixed bits */
    struct icd_format_channel channels[4];
};

/* Generated: by value. */
extern const struct icd_format icd_formats[];
extern const uint32_t icd_format_count;

/* NULL for a format that Weft does not support. */
const struct icd_format *icd_format_find(VkFormat format);

static inline bool icd_format_is_integer(const struct icd_format *format)
{
    return format->numeric == ICD_NUMERIC_UINT || format->numeric == ICD_NUMERIC_SINT;
}

/* weft_image_desc.integer */
static inline uint32_t icd_format_integer(const struct icd_format *format)
{
    return format->numeric == ICD_NUMERIC_UINT ? 1 : format->numeric == ICD_NUMERIC_SINT ? 2 : 0;
}

static inline bool icd_format_is_depth_stencil(const struct icd_format *format)
{
    return format->aspects & (VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT);
}

/* The plane that holds an aspect (one bit; memory planes are the format's), or -1. */
int icd_format_plane(const struct icd_format *format, VkImageAspectFlags aspect);

/* What images of a tiling can do; what texel buffers can do. */
VkFormatFeatureFlags2 icd_format_image_features(const struct icd_format *format,
                                                VkImageTiling tiling);
VkFormatFeatureFlags2 icd_format_buffer_features(const struct icd_format *format);

/* How machine code reads a texel. The format has one plane. */
struct weft_texel_format icd_format_texel(const struct icd_format *format);
/* The channels that a texel yields, composed with a view's components. WEFT_SWIZZLE() */
uint32_t icd_format_swizzle(const struct icd_format *format, const VkComponentMapping *components);

/* Writes one texel of a colour (values out of range are clamped) and returns its size; texel_out has
 * 32 bytes. The format is neither compressed nor of several planes. */
uint32_t icd_format_pack(const struct icd_format *format, const VkClearColorValue *color,
                         uint8_t *texel_out);

#endif
