/* SPDX-License-Identifier: MIT
 *
 * What each format can do. The table has a row for every format with support of some kind; images
 * and texel buffers have none so far, so it holds no rows and every format reports nothing.
 */
#include "physical_device.h"

struct format_support {
    VkFormat format;
    VkFormatFeatureFlags2 linear, optimal, buffer;
};

static const struct format_support formats[] = {
    {VK_FORMAT_UNDEFINED, 0, 0, 0},
};

static const struct format_support *find(VkFormat format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (formats[i].format == format)
            return &formats[i];
    }
    return &formats[0];
}

/* The features that VkFormatProperties has bits for. */
static VkFormatFeatureFlags features_1(VkFormatFeatureFlags2 features)
{
    return (VkFormatFeatureFlags)(features & 0x7fffffffu);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFormatProperties(VkPhysicalDevice _physical,
                                                               VkFormat format,
                                                               VkFormatProperties *out)
{
    const struct format_support *support = find(format);

    out->linearTilingFeatures = features_1(support->linear);
    out->optimalTilingFeatures = features_1(support->optimal);
    out->bufferFeatures = features_1(support->buffer);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFormatProperties2(VkPhysicalDevice _physical,
                                                                VkFormat format,
                                                                VkFormatProperties2 *out)
{
    const struct format_support *support = find(format);

    vkGetPhysicalDeviceFormatProperties(_physical, format, &out->formatProperties);
    for (VkBaseOutStructure *s = out->pNext; s; s = s->pNext) {
        if (s->sType == VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_3) {
            VkFormatProperties3 *properties = (void *)s;
            properties->linearTilingFeatures = support->linear;
            properties->optimalTilingFeatures = support->optimal;
            properties->bufferFeatures = support->buffer;
        }
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceImageFormatProperties(
    VkPhysicalDevice _physical, VkFormat format, VkImageType type, VkImageTiling tiling,
    VkImageUsageFlags usage, VkImageCreateFlags flags, VkImageFormatProperties *out)
{
    *out = (VkImageFormatProperties){0};
    return VK_ERROR_FORMAT_NOT_SUPPORTED;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceImageFormatProperties2(
    VkPhysicalDevice _physical, const VkPhysicalDeviceImageFormatInfo2 *info,
    VkImageFormatProperties2 *out)
{
    out->imageFormatProperties = (VkImageFormatProperties){0};
    return VK_ERROR_FORMAT_NOT_SUPPORTED;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceSparseImageFormatProperties(
    VkPhysicalDevice _physical, VkFormat format, VkImageType type, VkSampleCountFlagBits samples,
    VkImageUsageFlags usage, VkImageTiling tiling, uint32_t *count,
    VkSparseImageFormatProperties *properties)
{
    *count = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceSparseImageFormatProperties2(
    VkPhysicalDevice _physical, const VkPhysicalDeviceSparseImageFormatInfo2 *info,
    uint32_t *count, VkSparseImageFormatProperties2 *properties)
{
    *count = 0;
}
