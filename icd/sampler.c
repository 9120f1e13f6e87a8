/* SPDX-License-Identifier: MIT */
#include "sampler.h"

#include <string.h>

/* ---- YCbCr conversions ---- */

static uint32_t log2_of(uint32_t divisor)
{
    return divisor > 1;
}

/* Bits of a channel. Of what has no channels of its own, the planes' do. */
static uint32_t channel_bits(const struct icd_format *format)
{
    if (!format->channel_count)
        format = icd_format_find(format->planes[0].format);
    return format && format->channel_count ? format->channels[0].bits : 0;
}

static void describe_conversion(const struct icd_format *format,
                                const VkSamplerYcbcrConversionCreateInfo *info,
                                struct weft_sampler_desc *out)
{
    /* Conversions see R, G and B in every format: V is in R, Y in G, U in B. */
    const VkComponentSwizzle components[] = {info->components.r, info->components.g,
                                             info->components.b, info->components.a};

    out->ycbcr_model = (uint32_t)info->ycbcrModel + WEFT_YCBCR_IDENTITY;
    out->ycbcr_narrow = info->ycbcrRange == VK_SAMPLER_YCBCR_RANGE_ITU_NARROW;
    out->ycbcr_bits = channel_bits(format);
    out->ycbcr_planes = format->plane_count;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t source = i;
        if (components[i] == VK_COMPONENT_SWIZZLE_ZERO)
            source = WEFT_SWIZZLE_ZERO;
        else if (components[i] == VK_COMPONENT_SWIZZLE_ONE)
            source = WEFT_SWIZZLE_ONE;
        else if (components[i] >= VK_COMPONENT_SWIZZLE_R)
            source = (uint32_t)(components[i] - VK_COMPONENT_SWIZZLE_R);
        out->ycbcr_swizzle |= source << (8 * i);
    }
    out->chroma_linear = info->chromaFilter == VK_FILTER_LINEAR;
    if (format->plane_count > 1) {
        out->chroma_shift[0] = log2_of(format->planes[1].width_divisor);
        out->chroma_shift[1] = log2_of(format->planes[1].height_divisor);
    }
    out->chroma_midpoint[0] = info->xChromaOffset == VK_CHROMA_LOCATION_MIDPOINT;
    out->chroma_midpoint[1] = info->yChromaOffset == VK_CHROMA_LOCATION_MIDPOINT;
    out->ycbcr_explicit = info->forceExplicitReconstruction;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSamplerYcbcrConversion(
    VkDevice _device, const VkSamplerYcbcrConversionCreateInfo *info,
    const VkAllocationCallbacks *alloc, VkSamplerYcbcrConversion *conversion_out)
{
    struct icd_device *device = icd_device_from(_device);
    const struct icd_format *format = icd_format_find(info->format);

    *conversion_out = VK_NULL_HANDLE;
    if (!format || icd_format_is_depth_stencil(format) ||
        !(icd_format_image_features(format, VK_IMAGE_TILING_OPTIMAL) &
          (VK_FORMAT_FEATURE_2_MIDPOINT_CHROMA_SAMPLES_BIT |
           VK_FORMAT_FEATURE_2_COSITED_CHROMA_SAMPLES_BIT)))
        return icd_error(device, VK_ERROR_FORMAT_NOT_SUPPORTED,
                         "vkCreateSamplerYcbcrConversion: format %d has no conversion",
                         (int)info->format);
    struct icd_ycbcr_conversion *conversion =
        icd_object_create(device, alloc, sizeof(*conversion),
                          VK_OBJECT_TYPE_SAMPLER_YCBCR_CONVERSION, NULL);
    if (!conversion)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateSamplerYcbcrConversion");
    describe_conversion(format, info, &conversion->desc);
    *conversion_out = icd_ycbcr_conversion_to(conversion);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroySamplerYcbcrConversion(VkDevice _device,
                                                           VkSamplerYcbcrConversion conversion,
                                                           const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_ycbcr_conversion_from(conversion));
}

/* ---- Samplers ---- */

static void border_color(const VkSamplerCreateInfo *info, uint32_t border_out[4])
{
    const VkSamplerCustomBorderColorCreateInfoEXT *custom =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_SAMPLER_CUSTOM_BORDER_COLOR_CREATE_INFO_EXT);
    VkClearColorValue color = {{0}};

    switch (info->borderColor) {
    case VK_BORDER_COLOR_FLOAT_OPAQUE_WHITE:
        color.float32[0] = color.float32[1] = color.float32[2] = 1;
        /* fall through */
    case VK_BORDER_COLOR_FLOAT_OPAQUE_BLACK:
        color.float32[3] = 1;
        break;
    case VK_BORDER_COLOR_INT_OPAQUE_WHITE:
        color.uint32[0] = color.uint32[1] = color.uint32[2] = 1;
        /* fall through */
    case VK_BORDER_COLOR_INT_OPAQUE_BLACK:
        color.uint32[3] = 1;
        break;
    case VK_BORDER_COLOR_FLOAT_CUSTOM_EXT:
    case VK_BORDER_COLOR_INT_CUSTOM_EXT:
        if (custom)
            color = custom->customBorderColor;
        break;
    default: /* transparent black */
        break;
    }
    memcpy(border_out, color.uint32, sizeof(color.uint32));
}

/* False where there is no such filter. */
static bool filter_of(VkFilter filter, uint32_t *out)
{
    switch ((int)filter) {
    case VK_FILTER_NEAREST:
        *out = WEFT_FILTER_NEAREST;
        return true;
    case VK_FILTER_LINEAR:
        *out = WEFT_FILTER_LINEAR;
        return true;
    case VK_FILTER_CUBIC_EXT:
        *out = WEFT_FILTER_CUBIC;
        return true;
    }
    return false;
}

/* NULL, or what is wrong: machine code may rely on every number. */
static const char *describe_sampler(const struct icd_device *device,
                                    const VkSamplerCreateInfo *info, struct weft_sampler_desc *out)
{
    const VkSamplerReductionModeCreateInfo *reduction =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_SAMPLER_REDUCTION_MODE_CREATE_INFO);
    const VkSamplerAddressMode modes[] = {info->addressModeU, info->addressModeV,
                                          info->addressModeW};
    float anisotropy_max = device->physical->properties.maxSamplerAnisotropy;

    if (!filter_of(info->magFilter, &out->mag_filter) ||
        !filter_of(info->minFilter, &out->min_filter))
        return "a filter is not supported";
    for (int i = 0; i < 3; i++) {
        if (modes[i] > VK_SAMPLER_ADDRESS_MODE_MIRROR_CLAMP_TO_EDGE)
            return "an address mode is not supported";
        out->address[i] = modes[i];
    }
    if (info->mipmapMode > VK_SAMPLER_MIPMAP_MODE_LINEAR)
        return "the mip map mode is unknown";
    if (info->compareEnable && info->compareOp > VK_COMPARE_OP_ALWAYS)
        return "the comparison is unknown";
    if (reduction && reduction->reductionMode > VK_SAMPLER_REDUCTION_MODE_MAX)
        return "the reduction mode is unknown";
    out->mip_mode = info->mipmapMode;
    out->compare = info->compareEnable ? (uint32_t)info->compareOp + 1 : 0;
    out->reduction = reduction ? reduction->reductionMode : VK_SAMPLER_REDUCTION_MODE_WEIGHTED_AVERAGE;
    out->unnormalized = info->unnormalizedCoordinates != VK_FALSE;
    out->nonseamless = !!(info->flags & VK_SAMPLER_CREATE_NON_SEAMLESS_CUBE_MAP_BIT_EXT);
    out->lod_bias = info->mipLodBias;
    out->lod_min = info->minLod;
    out->lod_max = info->maxLod;
    out->max_anisotropy = 1;
    if (info->anisotropyEnable && info->maxAnisotropy > 1)
        out->max_anisotropy =
            info->maxAnisotropy < anisotropy_max ? info->maxAnisotropy : anisotropy_max;
    border_color(info, out->border);
    out->quick = weft_sampler_quick(out);
    return NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSampler(VkDevice _device, const VkSamplerCreateInfo *info,
                                               const VkAllocationCallbacks *alloc,
                                               VkSampler *sampler_out)
{
    struct icd_device *device = icd_device_from(_device);
    const VkSamplerYcbcrConversionInfo *conversion_info =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_INFO);
    struct icd_sampler *sampler =
        icd_object_create(device, alloc, sizeof(*sampler), VK_OBJECT_TYPE_SAMPLER, NULL);

    *sampler_out = VK_NULL_HANDLE;
    if (!sampler)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateSampler");
    if (conversion_info) {
        const struct icd_ycbcr_conversion *conversion =
            icd_ycbcr_conversion_from(conversion_info->conversion);
        if (conversion)
            sampler->desc = conversion->desc;
    }
    const char *wrong = describe_sampler(device, info, &sampler->desc);
    if (wrong) {
        icd_object_discard(&sampler->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY, "vkCreateSampler: %s", wrong);
    }
    *sampler_out = icd_sampler_to(sampler);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroySampler(VkDevice _device, VkSampler sampler,
                                            const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_sampler_from(sampler));
}
