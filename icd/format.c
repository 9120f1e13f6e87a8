/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <math.h>
#include <string.h>


const struct icd_format *icd_format_find(VkFormat format)
{
    uint32_t low = 0, high = icd_format_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (icd_formats[middle].format < format)
            low = middle + 1;
        else
            high = middle;
    }
    return low < icd_format_count && icd_formats[low].format == format ? &icd_formats[low] : NULL;
}

int icd_format_plane(const struct icd_format *format, VkImageAspectFlags aspect)
{
    static const VkImageAspectFlags memory_planes[ICD_MAX_PLANES] = {
        VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT, VK_IMAGE_ASPECT_MEMORY_PLANE_1_BIT_EXT,
        VK_IMAGE_ASPECT_MEMORY_PLANE_2_BIT_EXT};

    for (int i = 0; i < format->plane_count; i++) {
        if (aspect == memory_planes[i])
            return i;
    }
    if (!(format->aspects & aspect))
        return -1;
    switch (aspect) {
    case VK_IMAGE_ASPECT_STENCIL_BIT:
        return format->plane_count - 1;
    case VK_IMAGE_ASPECT_PLANE_1_BIT:
        return 1;
    case VK_IMAGE_ASPECT_PLANE_2_BIT:
        return 2;
    default:
        return 0;
    }
}

/* ---- Features ---- */

static const struct {
    uint32_t use;
    VkFormatFeatureFlags2 image, buffer;
} use_features[] = {
    {ICD_FORMAT_SAMPLED,
     VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_BIT | VK_FORMAT_FEATURE_2_BLIT_SRC_BIT, 0},
    {ICD_FORMAT_LINEAR, VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_LINEAR_BIT, 0},
    {ICD_FORMAT_STORAGE,
     VK_FORMAT_FEATURE_2_STORAGE_IMAGE_BIT | VK_FORMAT_FEATURE_2_STORAGE_READ_WITHOUT_FORMAT_BIT |
         VK_FORMAT_FEATURE_2_STORAGE_WRITE_WITHOUT_FORMAT_BIT,
     0},
    {ICD_FORMAT_COLOR,
     VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BIT | VK_FORMAT_FEATURE_2_BLIT_DST_BIT, 0},
    {ICD_FORMAT_BLEND, VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BLEND_BIT, 0},
    {ICD_FORMAT_UNIFORM_TEXEL, 0, VK_FORMAT_FEATURE_2_UNIFORM_TEXEL_BUFFER_BIT},
    {ICD_FORMAT_STORAGE_TEXEL, 0,
     VK_FORMAT_FEATURE_2_STORAGE_TEXEL_BUFFER_BIT |
         VK_FORMAT_FEATURE_2_STORAGE_READ_WITHOUT_FORMAT_BIT |
         VK_FORMAT_FEATURE_2_STORAGE_WRITE_WITHOUT_FORMAT_BIT},
    {ICD_FORMAT_VERTEX, 0, VK_FORMAT_FEATURE_2_VERTEX_BUFFER_BIT},
};

VkFormatFeatureFlags2 icd_format_image_features(const struct icd_format *format,
                                                VkImageTiling tiling)
{
    uint32_t uses = format->uses;
    VkFormatFeatureFlags2 features = VK_FORMAT_FEATURE_2_TRANSFER_SRC_BIT |
                                     VK_FORMAT_FEATURE_2_TRANSFER_DST_BIT |
                                     VK_FORMAT_FEATURE_2_COPY_IMAGE_INDIRECT_DST_BIT_KHR |
                                     VK_FORMAT_FEATURE_2_HOST_IMAGE_TRANSFER_BIT;

    /* Nothing but the bytes of a depth or stencil image is of use where the layout is open. */
    if (icd_format_is_depth_stencil(format) && tiling != VK_IMAGE_TILING_OPTIMAL)
        return 0;
    for (size_t i = 0; i < sizeof(use_features) / sizeof(use_features[0]); i++) {
        if (uses & use_features[i].use)
            features |= use_features[i].image;
    }
    if ((uses & ICD_FORMAT_ATOMIC) && (uses & ICD_FORMAT_STORAGE))
        features |= VK_FORMAT_FEATURE_2_STORAGE_IMAGE_ATOMIC_BIT;
    /* The least of some integers is one of them, though none have an average. */
    if ((uses & ICD_FORMAT_LINEAR) || ((uses & ICD_FORMAT_SAMPLED) && icd_format_is_integer(format)))
        features |= VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_MINMAX_BIT;
    if ((uses & ICD_FORMAT_LINEAR) && !icd_format_is_depth_stencil(format))
        features |= VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_CUBIC_BIT;
    if (uses & ICD_FORMAT_DEPTH_STENCIL)
        features |= VK_FORMAT_FEATURE_2_DEPTH_STENCIL_ATTACHMENT_BIT;
    if (format->aspects & VK_IMAGE_ASPECT_DEPTH_BIT)
        features |= VK_FORMAT_FEATURE_2_DEPTH_COPY_ON_COMPUTE_QUEUE_BIT_KHR |
                    VK_FORMAT_FEATURE_2_DEPTH_COPY_ON_TRANSFER_QUEUE_BIT_KHR;
    if (format->aspects & VK_IMAGE_ASPECT_STENCIL_BIT)
        features |= VK_FORMAT_FEATURE_2_STENCIL_COPY_ON_COMPUTE_QUEUE_BIT_KHR |
                    VK_FORMAT_FEATURE_2_STENCIL_COPY_ON_TRANSFER_QUEUE_BIT_KHR;
    if ((uses & ICD_FORMAT_SAMPLED) && (format->aspects & VK_IMAGE_ASPECT_DEPTH_BIT))
        features |= VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_DEPTH_COMPARISON_BIT;
    if (format->plane_count > 1 && (format->flags & ICD_FORMAT_YCBCR)) {
        features |= VK_FORMAT_FEATURE_2_DISJOINT_BIT;
        features &= ~VK_FORMAT_FEATURE_2_BLIT_SRC_BIT;
        if (uses & ICD_FORMAT_SAMPLED)
            features |= VK_FORMAT_FEATURE_2_MIDPOINT_CHROMA_SAMPLES_BIT |
                        VK_FORMAT_FEATURE_2_COSITED_CHROMA_SAMPLES_BIT |
                        VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_YCBCR_CONVERSION_LINEAR_FILTER_BIT |
                        VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_YCBCR_CONVERSION_SEPARATE_RECONSTRUCTION_FILTER_BIT;
        features &= ~(VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_MINMAX_BIT |
                      VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_CUBIC_BIT);
    }
    if (uses & ICD_FORMAT_CONVERTED)
        features &= ~(VK_FORMAT_FEATURE_2_BLIT_SRC_BIT |
                      VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_CUBIC_BIT);
    return features;
}

VkFormatFeatureFlags2 icd_format_buffer_features(const struct icd_format *format)
{
    uint32_t uses = format->uses;
    VkFormatFeatureFlags2 features = 0;

    for (size_t i = 0; i < sizeof(use_features) / sizeof(use_features[0]); i++) {
        if (uses & use_features[i].use)
            features |= use_features[i].buffer;
    }
    if ((uses & ICD_FORMAT_ATOMIC) && (uses & ICD_FORMAT_STORAGE_TEXEL))
        features |= VK_FORMAT_FEATURE_2_STORAGE_TEXEL_BUFFER_ATOMIC_BIT;
    return features;
}

/* ---- For machine code ---- */

static int channel_index(char name)
{
    static const char names[] = "RGBA";
    const char *found = strchr(names, name);

    return found ? (int)(found - names) : 0; /* depth and stencil are read as red */
}

static enum weft_texel_kind texel_kind(const struct icd_format *format)
{
    const struct icd_format_channel *first = &format->channels[0];

    if (format->format == VK_FORMAT_B10G11R11_UFLOAT_PACK32)
        return WEFT_TEXEL_SMALL;
    if (format->format == VK_FORMAT_E5B9G9R9_UFLOAT_PACK32)
        return WEFT_TEXEL_SHARED;
    if (first->bits == 64)
        return format->channel_count == 1 ? WEFT_TEXEL_RAW64 : WEFT_TEXEL_NULL;
    if (first->bits == 32)
        return WEFT_TEXEL_RAW;
    switch ((enum icd_numeric)format->numeric) {
    case ICD_NUMERIC_UNORM:
        return WEFT_TEXEL_UNORM;
    case ICD_NUMERIC_SNORM:
        return WEFT_TEXEL_SNORM;
    case ICD_NUMERIC_UINT:
        return WEFT_TEXEL_UINT;
    case ICD_NUMERIC_SINT:
        return WEFT_TEXEL_SINT;
    case ICD_NUMERIC_SFLOAT:
        return WEFT_TEXEL_HALF;
    case ICD_NUMERIC_SRGB:
        return WEFT_TEXEL_SRGB;
    case ICD_NUMERIC_USCALED:
        return WEFT_TEXEL_USCALED;
    case ICD_NUMERIC_SSCALED:
        return WEFT_TEXEL_SSCALED;
    case ICD_NUMERIC_UFLOAT:
        break;
    }
    return WEFT_TEXEL_NULL;
}

struct weft_texel_format icd_format_texel(const struct icd_format *format)
{
    const struct icd_format_plane *plane = &format->planes[0];
    uint8_t bits[4] = {0}, first[4] = {0};

    if (format->block != WEFT_BLOCK_NONE)
        return weft_texel_format_block(format->block, plane->block_B, plane->block_width,
                                       plane->block_height);
    for (uint32_t i = 0; i < format->channel_count; i++) {
        int channel = channel_index(format->channels[i].name);
        bits[channel] = format->channels[i].bits;
        first[channel] = format->channels[i].offset;
    }
    return weft_texel_format_make(texel_kind(format), plane->block_B, bits, first);
}

uint32_t icd_format_swizzle(const struct icd_format *format, const VkComponentMapping *components)
{
    const VkComponentSwizzle swizzles[] = {components->r, components->g, components->b,
                                           components->a};
    uint32_t result = 0;

    for (uint32_t i = 0; i < 4; i++) {
        uint32_t source = WEFT_SWIZZLE_ZERO;
        switch (swizzles[i]) {
        case VK_COMPONENT_SWIZZLE_IDENTITY:
            source = i;
            break;
        case VK_COMPONENT_SWIZZLE_ONE:
            source = WEFT_SWIZZLE_ONE;
            break;
        case VK_COMPONENT_SWIZZLE_R:
        case VK_COMPONENT_SWIZZLE_G:
        case VK_COMPONENT_SWIZZLE_B:
        case VK_COMPONENT_SWIZZLE_A:
            source = (uint32_t)(swizzles[i] - VK_COMPONENT_SWIZZLE_R);
            break;
        default:
            break;
        }
        /* Block decoders yield all four, and so do border colours. */
        if (source < 4 && !(format->colors >> source & 1))
            source = source == 3 ? WEFT_SWIZZLE_ONE : WEFT_SWIZZLE_ZERO;
        result |= source << (8 * i);
    }
    return result;
}

/* ---- Packing colours ---- */

static uint32_t float_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* A float without its sign, with 5 bits of exponent: halves and the small floats. To nearest even. */
static uint32_t small_float(float value, uint32_t mantissa_bits)
{
    uint32_t bits = float_bits(value) & 0x7fffffffu, drop = 23 - mantissa_bits;
    int exponent = (int)(bits >> 23) - 127 + 15;
    uint32_t infinity = 31u << mantissa_bits;

    if (bits > 0x7f800000u)
        return infinity | 1u << (mantissa_bits - 1);
    if (exponent >= 31)
        return infinity;
    if (exponent > 0) {
        bits -= 112u << 23;
    } else {
        if (exponent < -(int)mantissa_bits)
            return 0;
        drop += (uint32_t)(1 - exponent);
        bits = (bits & 0x7fffffu) | 0x800000u;
    }
    return (bits + (1u << (drop - 1)) - 1 + (bits >> drop & 1)) >> drop;
}

static uint32_t shared_exponent(const float rgb[3])
{
    /* Khronos Data Format Specification, "Conversion from RGB to shared exponent". */
    float clamped[3], max = 0;
    int exponent;

    for (int i = 0; i < 3; i++) {
        clamped[i] = rgb[i] > 0 ? (rgb[i] < 65408.0f ? rgb[i] : 65408.0f) : 0;
        max = clamped[i] > max ? clamped[i] : max;
    }
    frexpf(max, &exponent); /* max = m * 2^exponent, 0.5 <= m < 1 */
    exponent = max > 0 && exponent > -15 ? exponent + 15 : 0;
    if ((uint32_t)(max / ldexpf(1, exponent - 24) + 0.5f) == 512)
        exponent++;
    uint32_t result = (uint32_t)exponent << 27;
    for (uint32_t i = 0; i < 3; i++)
        result |= (uint32_t)(clamped[i] / ldexpf(1, exponent - 24) + 0.5f) << (9 * i);
    return result;
}

static float to_srgb(float value)
{
    return value <= 0.0031308f ? 12.92f * value : 1.055f * powf(value, 1 / 2.4f) - 0.055f;
}

/* A channel of 64 bits: "the first 2 array elements of each of the arrays are reinterpreted as a single
 * 64-bit element for the R component. The next 2 ... for the G component." */
static uint64_t wide_channel(const VkClearColorValue *color, int index)
{
    uint64_t value = 0;

    if (index < 2)
        memcpy(&value, &color->uint32[2 * index], sizeof(value));
    return value;
}

/* Clear values of scaled integers are floats, but Khronos's suite passes integers. What is no normal number
 * as a float is taken for one. */
static uint64_t pack_channel(const struct icd_format_channel *channel, float value, uint32_t raw)
{
    double max = (double)((UINT64_C(1) << (channel->bits & 63)) - 1), limit;

    switch ((enum icd_numeric)channel->numeric) {
    case ICD_NUMERIC_SRGB:
    case ICD_NUMERIC_UNORM:
        value = value > 0 ? (value < 1 ? value : 1) : 0;
        if (channel->numeric == ICD_NUMERIC_SRGB && channel->name != 'A')
            value = to_srgb(value);
        return (uint64_t)rint(value * max);
    case ICD_NUMERIC_SNORM:
        value = value > -1 ? (value < 1 ? value : 1) : -1;
        return (uint64_t)(int64_t)rint(value * (double)((1u << (channel->bits - 1)) - 1));
    case ICD_NUMERIC_USCALED:
        if (!isnormal(value))
            return raw < max ? raw : (uint64_t)max;
        return (uint64_t)rint(value > 0 ? (value < max ? value : max) : 0);
    case ICD_NUMERIC_SSCALED:
        limit = (double)(UINT64_C(1) << (channel->bits - 1));
        if (!isnormal(value))
            value = (float)(int32_t)raw;
        return (uint64_t)(int64_t)rint(value > -limit ? (value < limit - 1 ? value : limit - 1) : -limit);
    case ICD_NUMERIC_UINT:
        return channel->bits < 32 && raw >> channel->bits ? (uint64_t)max : raw;
    case ICD_NUMERIC_SINT: {
        int64_t integer = (int32_t)raw, most = (INT64_C(1) << (channel->bits - 1)) - 1;
        if (channel->bits < 32)
            integer = integer < -most - 1 ? -most - 1 : integer > most ? most : integer;
        return (uint64_t)integer;
    }
    case ICD_NUMERIC_UFLOAT:
        return value > 0 || value != value ? small_float(value, channel->bits - 5u) : 0;
    case ICD_NUMERIC_SFLOAT:
        if (channel->bits == 32)
            return float_bits(value);
        return small_float(value, 10) | float_bits(value) >> 31 << 15;
    }
    return 0;
}

uint32_t icd_format_pack(const struct icd_format *format, const VkClearColorValue *color,
                         uint8_t *texel_out)
{
    memset(texel_out, 0, 32);
    if (format->format == VK_FORMAT_E5B9G9R9_UFLOAT_PACK32) {
        uint32_t texel = shared_exponent(color->float32);
        memcpy(texel_out, &texel, sizeof(texel));
        return sizeof(texel);
    }
    for (uint32_t i = 0; i < format->channel_count; i++) {
        const struct icd_format_channel *channel = &format->channels[i];
        int index = channel_index(channel->name);
        uint64_t value = channel->bits == 64
                             ? wide_channel(color, index)
                             : pack_channel(channel, color->float32[index], color->uint32[index]);
        for (uint32_t bit = 0; bit < channel->bits; bit++) {
            uint32_t position = channel->offset + bit;
            texel_out[position / 8] |= (uint8_t)((value >> bit & 1) << (position % 8));
        }
    }
    return format->planes[0].block_B;
}
