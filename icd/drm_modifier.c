/* SPDX-License-Identifier: MIT */
#include "drm_modifier.h"

#define MOD_LINEAR UINT64_C(0) /* DRM_FORMAT_MOD_LINEAR */

void icd_modifier_fill_lists(const struct icd_format *format, void *chain)
{
    VkDrmFormatModifierPropertiesListEXT *list =
        icd_find_struct_out(chain, VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_EXT);
    VkDrmFormatModifierPropertiesList2EXT *list2 =
        icd_find_struct_out(chain, VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_2_EXT);
    VkFormatFeatureFlags2 features =
        format ? icd_format_image_features(format, VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT) : 0;
    uint32_t count = features != 0, planes = format ? format->plane_count : 0;

    if (list) {
        if (list->pDrmFormatModifierProperties && list->drmFormatModifierCount && count)
            list->pDrmFormatModifierProperties[0] = (VkDrmFormatModifierPropertiesEXT){
                MOD_LINEAR, planes, (VkFormatFeatureFlags)(features & 0x7fffffffu)};
        if (!list->pDrmFormatModifierProperties || list->drmFormatModifierCount > count)
            list->drmFormatModifierCount = count;
    }
    if (list2) {
        if (list2->pDrmFormatModifierProperties && list2->drmFormatModifierCount && count)
            list2->pDrmFormatModifierProperties[0] =
                (VkDrmFormatModifierProperties2EXT){MOD_LINEAR, planes, features};
        if (!list2->pDrmFormatModifierProperties || list2->drmFormatModifierCount > count)
            list2->drmFormatModifierCount = count;
    }
}

static const VkImageDrmFormatModifierExplicitCreateInfoEXT *explicit_info(const void *chain)
{
    return icd_find_struct(
        chain, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT);
}

bool icd_modifier_is_explicit(const void *chain)
{
    return explicit_info(chain) != NULL;
}

bool icd_modifier_fits(VkImageTiling tiling, const void *chain)
{
    const VkPhysicalDeviceImageDrmFormatModifierInfoEXT *query = icd_find_struct(
        chain, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_DRM_FORMAT_MODIFIER_INFO_EXT);
    const VkImageDrmFormatModifierListCreateInfoEXT *list =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT);
    const VkImageDrmFormatModifierExplicitCreateInfoEXT *one = explicit_info(chain);

    if (tiling != VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT)
        return true;
    if (query)
        return query->drmFormatModifier == MOD_LINEAR;
    if (one)
        return one->drmFormatModifier == MOD_LINEAR;
    for (uint32_t i = 0; list && i < list->drmFormatModifierCount; i++) {
        if (list->pDrmFormatModifiers[i] == MOD_LINEAR)
            return true;
    }
    return false;
}

static const char *lay_out_plane(struct icd_image *image, uint32_t index,
                                 const VkSubresourceLayout *layout)
{
    struct icd_image_plane *plane = &image->planes[index];
    const struct icd_format_plane *format = plane->format;
    VkExtent3D extent = icd_image_extent(image, index, 0);
    uint64_t columns = (extent.width + (uint64_t)format->block_width - 1) / format->block_width;
    uint64_t rows = (extent.height + (uint64_t)format->block_height - 1) / format->block_height;
    /* Texels of three channels are no multiple of 4 apart in rows that are. */
    uint64_t unit_B = format->block_B % 3 ? format->block_B : format->block_B / 3;

    if (layout->offset > ICD_MAX_IMAGE_B || layout->rowPitch > ICD_MAX_IMAGE_B ||
        layout->arrayPitch > ICD_MAX_IMAGE_B)
        return "a plane reaches beyond maxResourceSize";
    if (layout->offset % unit_B || layout->rowPitch % unit_B || layout->arrayPitch % unit_B)
        return "a plane's offset or pitch is no multiple of its texels' size";
    if (layout->rowPitch < columns * format->block_B)
        return "a plane's rows overlap";
    uint64_t slice_B = (rows - 1) * layout->rowPitch + columns * format->block_B;
    uint64_t layer_B = image->layers > 1 ? layout->arrayPitch : slice_B;
    if (layer_B < slice_B)
        return "a plane's layers overlap";
    if (slice_B > ICD_MAX_IMAGE_B ||
        layout->offset + (image->layers - 1) * layer_B + slice_B > ICD_MAX_IMAGE_B)
        return "a plane reaches beyond maxResourceSize";
    plane->offset_B = (uint32_t)layout->offset;
    plane->layer_B = (uint32_t)layer_B;
    plane->size_B = (uint32_t)((image->layers - 1) * layer_B + slice_B);
    plane->levels[0] =
        (struct icd_image_level){0, (uint32_t)layout->rowPitch, (uint32_t)slice_B};
    return NULL;
}

const char *icd_modifier_lay_out(struct icd_image *image, const void *chain)
{
    const VkImageDrmFormatModifierExplicitCreateInfoEXT *info = explicit_info(chain);
    const char *wrong = NULL;
    uint64_t size_B = 0;

    if (info->drmFormatModifierPlaneCount != image->format->plane_count)
        return "the layout is not of as many planes as the format has";
    for (uint32_t i = 0; !wrong && i < image->format->plane_count; i++) {
        const struct icd_image_plane *plane = &image->planes[i];
        wrong = lay_out_plane(image, i, &info->pPlaneLayouts[i]);
        uint64_t end_B = (uint64_t)plane->offset_B + plane->size_B;
        size_B = end_B > size_B ? end_B : size_B;
    }
    image->size_B = size_B;
    return wrong;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetImageDrmFormatModifierPropertiesEXT(
    VkDevice _device, VkImage handle, VkImageDrmFormatModifierPropertiesEXT *out)
{
    out->drmFormatModifier = MOD_LINEAR;
    return VK_SUCCESS;
}
