/* SPDX-License-Identifier: MIT
 *
 * The queries about formats, and what an image may be like (vkGetPhysicalDeviceImageFormatProperties).
 */
#include "descriptor_layout.h"
#include "device.h"
#include "device_memory.h"
#include "drm_modifier.h"
#include "format.h"
#include "image.h"
#include "sparse_image.h"

/* The features that VkFormatProperties has bits for. */
static VkFormatFeatureFlags features_1(VkFormatFeatureFlags2 features)
{
    return (VkFormatFeatureFlags)(features & 0x7fffffffu);
}

static void get_features(VkFormat number, VkFormatProperties3 *out)
{
    const struct icd_format *format = icd_format_find(number);

    out->linearTilingFeatures =
        format ? icd_format_image_features(format, VK_IMAGE_TILING_LINEAR) : 0;
    out->optimalTilingFeatures =
        format ? icd_format_image_features(format, VK_IMAGE_TILING_OPTIMAL) : 0;
    out->bufferFeatures = format ? icd_format_buffer_features(format) : 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFormatProperties(VkPhysicalDevice _physical,
                                                               VkFormat format,
                                                               VkFormatProperties *out)
{
    VkFormatProperties3 features;

    get_features(format, &features);
    out->linearTilingFeatures = features_1(features.linearTilingFeatures);
    out->optimalTilingFeatures = features_1(features.optimalTilingFeatures);
    out->bufferFeatures = features_1(features.bufferFeatures);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFormatProperties2(VkPhysicalDevice _physical,
                                                                VkFormat format,
                                                                VkFormatProperties2 *out)
{
    VkFormatProperties3 *three =
        icd_find_struct_out(out->pNext, VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_3);

    vkGetPhysicalDeviceFormatProperties(_physical, format, &out->formatProperties);
    if (three)
        get_features(format, three);
    icd_modifier_fill_lists(icd_format_find(format), out->pNext);
}

/* ---- Images ---- */

/* The uses of an image and the feature that each needs. */
static const struct {
    VkImageUsageFlags usage;
    VkFormatFeatureFlags2 any_of;
} usage_features[] = {
    {VK_IMAGE_USAGE_TRANSFER_SRC_BIT, VK_FORMAT_FEATURE_2_TRANSFER_SRC_BIT},
    {VK_IMAGE_USAGE_TRANSFER_DST_BIT, VK_FORMAT_FEATURE_2_TRANSFER_DST_BIT},
    {VK_IMAGE_USAGE_SAMPLED_BIT, VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_BIT},
    {VK_IMAGE_USAGE_STORAGE_BIT, VK_FORMAT_FEATURE_2_STORAGE_IMAGE_BIT},
    {VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT, VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BIT},
    {VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT, VK_FORMAT_FEATURE_2_DEPTH_STENCIL_ATTACHMENT_BIT},
    {VK_IMAGE_USAGE_INPUT_ATTACHMENT_BIT, VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BIT |
                                              VK_FORMAT_FEATURE_2_DEPTH_STENCIL_ATTACHMENT_BIT},
    /* What it is an attachment for, other bits say. */
    {VK_IMAGE_USAGE_TRANSIENT_ATTACHMENT_BIT, ~UINT64_C(0)},
    {VK_IMAGE_USAGE_ATTACHMENT_FEEDBACK_LOOP_BIT_EXT,
     VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BIT | VK_FORMAT_FEATURE_2_DEPTH_STENCIL_ATTACHMENT_BIT},
    {VK_IMAGE_USAGE_HOST_TRANSFER_BIT, VK_FORMAT_FEATURE_2_HOST_IMAGE_TRANSFER_BIT},
};

static bool usage_fits(VkImageUsageFlags usage, VkFormatFeatureFlags2 features)
{
    VkImageUsageFlags known = 0;

    for (size_t i = 0; i < sizeof(usage_features) / sizeof(usage_features[0]); i++) {
        known |= usage_features[i].usage;
        if ((usage & usage_features[i].usage) && !(features & usage_features[i].any_of))
            return false;
    }
    return !(usage & ~known);
}

#define IMPOSSIBLE_FLAGS                                                                           \
    (VK_IMAGE_CREATE_PROTECTED_BIT | VK_IMAGE_CREATE_SAMPLE_LOCATIONS_COMPATIBLE_DEPTH_BIT_EXT |   \
     VK_IMAGE_CREATE_SUBSAMPLED_BIT_EXT)

/* What makes a combination impossible whatever the format's features are. */
static bool kind_fits(const struct icd_format *format, VkImageType type, VkImageTiling tiling,
                      VkImageCreateFlags flags)
{
    bool compressed = format->flags & ICD_FORMAT_COMPRESSED;

    bool modifier = tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT;

    if (type > VK_IMAGE_TYPE_3D || (flags & IMPOSSIBLE_FLAGS) ||
        (tiling > VK_IMAGE_TILING_LINEAR && !modifier))
        return false;
    if (modifier && (type != VK_IMAGE_TYPE_2D || (flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT)))
        return false;
    if ((format->flags & ICD_FORMAT_YCBCR) && type != VK_IMAGE_TYPE_2D)
        return false;
    if (icd_format_is_depth_stencil(format) && type == VK_IMAGE_TYPE_3D)
        return false;
    if ((flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT) && type != VK_IMAGE_TYPE_2D)
        return false;
    if ((flags & VK_IMAGE_CREATE_DISJOINT_BIT) &&
        (!(format->flags & ICD_FORMAT_YCBCR) || format->plane_count < 2))
        return false;
    if ((flags & VK_IMAGE_CREATE_BLOCK_TEXEL_VIEW_COMPATIBLE_BIT) && !compressed)
        return false;
    if ((flags & (VK_IMAGE_CREATE_2D_ARRAY_COMPATIBLE_BIT |
                  VK_IMAGE_CREATE_2D_VIEW_COMPATIBLE_BIT_EXT)) &&
        type != VK_IMAGE_TYPE_3D)
        return false;
    if ((flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) &&
        (!(flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) || !icd_sparse_image_fits(format, type)))
        return false;
    return true;
}

static VkSampleCountFlags sample_counts(const struct icd_format *format, VkImageType type,
                                        VkImageTiling tiling, VkImageCreateFlags flags,
                                        VkFormatFeatureFlags2 features)
{
    if (tiling != VK_IMAGE_TILING_OPTIMAL || type != VK_IMAGE_TYPE_2D ||
        (flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT) ||
        (format->flags & ICD_FORMAT_YCBCR) ||
        !(features & (VK_FORMAT_FEATURE_2_COLOR_ATTACHMENT_BIT |
                      VK_FORMAT_FEATURE_2_DEPTH_STENCIL_ATTACHMENT_BIT)))
        return VK_SAMPLE_COUNT_1_BIT;
    /* Sparse ones have as many as there are features for. */
    return flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT
               ? ICD_SAMPLE_COUNTS & (2 * VK_SAMPLE_COUNT_16_BIT - 1)
               : ICD_SAMPLE_COUNTS;
}

VkResult icd_image_format_properties(const struct icd_physical_device *physical, VkFormat number,
                                     VkImageType type, VkImageTiling tiling,
                                     VkImageUsageFlags usage, VkImageCreateFlags flags,
                                     VkImageFormatProperties *out)
{
    const struct icd_properties *limits = &physical->properties;
    const struct icd_format *format = icd_format_find(number);
    VkFormatFeatureFlags2 features;
    uint32_t size;

    *out = (VkImageFormatProperties){0};
    if (!format || !kind_fits(format, type, tiling, flags))
        return VK_ERROR_FORMAT_NOT_SUPPORTED;
    features = icd_format_image_features(format, tiling);
    /* With EXTENDED_USAGE a view's format answers for what the image's cannot do. */
    if (!features || !usage || (!(flags & VK_IMAGE_CREATE_EXTENDED_USAGE_BIT) &&
                                !usage_fits(usage, features)))
        return VK_ERROR_FORMAT_NOT_SUPPORTED;
    switch (type) {
    case VK_IMAGE_TYPE_1D:
        size = limits->maxImageDimension1D;
        out->maxExtent = (VkExtent3D){size, 1, 1};
        break;
    case VK_IMAGE_TYPE_2D:
        size = flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT ? limits->maxImageDimensionCube
                                                           : limits->maxImageDimension2D;
        out->maxExtent = (VkExtent3D){size, size, 1};
        break;
    default:
        size = limits->maxImageDimension3D;
        out->maxExtent = (VkExtent3D){size, size, size};
        break;
    }
    out->maxMipLevels = icd_image_levels_max(out->maxExtent);
    out->maxArrayLayers = type == VK_IMAGE_TYPE_3D ? 1 : limits->maxImageArrayLayers;
    if ((format->flags & ICD_FORMAT_YCBCR) || tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT)
        out->maxMipLevels = 1;
    out->sampleCounts = sample_counts(format, type, tiling, flags, features);
    out->maxResourceSize = ICD_MAX_IMAGE_B;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceImageFormatProperties(
    VkPhysicalDevice _physical, VkFormat format, VkImageType type, VkImageTiling tiling,
    VkImageUsageFlags usage, VkImageCreateFlags flags, VkImageFormatProperties *out)
{
    *out = (VkImageFormatProperties){0};
    if (!icd_modifier_fits(tiling, NULL))
        return VK_ERROR_FORMAT_NOT_SUPPORTED;
    return icd_image_format_properties(icd_physical_device_from(_physical), format, type, tiling,
                                       usage, flags, out);
}

VkExternalMemoryProperties icd_image_external_properties(VkExternalMemoryHandleTypeFlagBits type,
                                                         VkImageCreateFlags flags)
{
    VkExternalMemoryProperties properties = icd_external_memory_properties(type);

    /* Memory behind a sparse image must be mapped once more. */
    if ((flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT) &&
        type == VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT)
        properties.externalMemoryFeatures = 0;
    return properties;
}

/* Cubes are not filtered cubically. */
static VkBool32 view_is_cubic(const VkPhysicalDeviceImageFormatInfo2 *info,
                              const struct icd_format *format)
{
    const VkPhysicalDeviceImageViewImageFormatInfoEXT *view = icd_find_struct(
        info->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_VIEW_IMAGE_FORMAT_INFO_EXT);

    return (icd_format_image_features(format, info->tiling) &
            VK_FORMAT_FEATURE_2_SAMPLED_IMAGE_FILTER_CUBIC_BIT) &&
           view && view->imageViewType != VK_IMAGE_VIEW_TYPE_CUBE &&
           view->imageViewType != VK_IMAGE_VIEW_TYPE_CUBE_ARRAY;
}

static void fill_chained(const VkPhysicalDeviceImageFormatInfo2 *info, const struct icd_format *format,
                         const VkExternalMemoryProperties *external, VkBaseOutStructure *chained)
{
    VkFilterCubicImageViewImageFormatPropertiesEXT *cubic;

    switch ((int)chained->sType) {
    case VK_STRUCTURE_TYPE_FILTER_CUBIC_IMAGE_VIEW_IMAGE_FORMAT_PROPERTIES_EXT:
        cubic = (VkFilterCubicImageViewImageFormatPropertiesEXT *)chained;
        cubic->filterCubic = view_is_cubic(info, format);
        cubic->filterCubicMinmax = cubic->filterCubic;
        break;
    case VK_STRUCTURE_TYPE_SAMPLER_YCBCR_CONVERSION_IMAGE_FORMAT_PROPERTIES:
        ((VkSamplerYcbcrConversionImageFormatProperties *)chained)
            ->combinedImageSamplerDescriptorCount =
            format->plane_count > 1 && (format->flags & ICD_FORMAT_YCBCR) ? ICD_YCBCR_DESCRIPTORS : 1;
        break;
    case VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES:
        ((VkExternalImageFormatProperties *)chained)->externalMemoryProperties = *external;
        break;
    case VK_STRUCTURE_TYPE_HOST_IMAGE_COPY_DEVICE_PERFORMANCE_QUERY:
        ((VkHostImageCopyDevicePerformanceQuery *)chained)->optimalDeviceAccess = VK_TRUE;
        ((VkHostImageCopyDevicePerformanceQuery *)chained)->identicalMemoryLayout = VK_TRUE;
        break;
    default:
        break;
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceImageFormatProperties2(
    VkPhysicalDevice _physical, const VkPhysicalDeviceImageFormatInfo2 *info,
    VkImageFormatProperties2 *out)
{
    const VkPhysicalDeviceExternalImageFormatInfo *external = icd_find_struct(
        info->pNext, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO);
    const VkImageStencilUsageCreateInfo *stencil =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_STENCIL_USAGE_CREATE_INFO);
    VkImageFormatProperties *properties = &out->imageFormatProperties;
    VkResult result = icd_image_format_properties(
        icd_physical_device_from(_physical), info->format, info->type, info->tiling,
        info->usage | (stencil ? stencil->stencilUsage : 0), info->flags, properties);

    VkExternalMemoryProperties handles = {0};
    if (external && external->handleType)
        handles = icd_image_external_properties(external->handleType, info->flags);
    if (result == VK_SUCCESS &&
        (!icd_modifier_fits(info->tiling, info->pNext) ||
         (external && external->handleType && !handles.externalMemoryFeatures))) {
        *properties = (VkImageFormatProperties){0};
        result = VK_ERROR_FORMAT_NOT_SUPPORTED;
    }
    if (result != VK_SUCCESS)
        return result;
    icd_image_fill_compression(out->pNext);
    for (VkBaseOutStructure *chained = out->pNext; chained; chained = chained->pNext)
        fill_chained(info, icd_format_find(info->format), &handles, chained);
    return VK_SUCCESS;
}
