/* SPDX-License-Identifier: MIT */
#include "image_view.h"

#include <string.h>

static void finish_view(struct icd_object *object)
{
    icd_object_put(((struct icd_image_view *)object)->image);
}

/* What a view shows, with VK_REMAINING_* resolved. */
struct view_range {
    VkImageAspectFlags aspects;
    uint32_t level, levels;
    uint32_t layer, layers; /* slices of a 3D image where a 2D view shows it */
    uint32_t slice, slices; /* of a 3D view */
    bool of_slices;         /* 2D view of a 3D image */
};

static uint32_t remaining(uint32_t count, uint32_t first, uint32_t total)
{
    return count == UINT32_MAX && first < total ? total - first : count;
}

static const struct {
    VkImageViewType view;
    VkImageType image;
    uint32_t layers_min, layers_max;
} view_types[] = {
    {VK_IMAGE_VIEW_TYPE_1D, VK_IMAGE_TYPE_1D, 1, 1},
    {VK_IMAGE_VIEW_TYPE_2D, VK_IMAGE_TYPE_2D, 1, 1},
    {VK_IMAGE_VIEW_TYPE_3D, VK_IMAGE_TYPE_3D, 1, 1},
    {VK_IMAGE_VIEW_TYPE_CUBE, VK_IMAGE_TYPE_2D, 6, 6},
    {VK_IMAGE_VIEW_TYPE_1D_ARRAY, VK_IMAGE_TYPE_1D, 1, UINT32_MAX},
    {VK_IMAGE_VIEW_TYPE_2D_ARRAY, VK_IMAGE_TYPE_2D, 1, UINT32_MAX},
    {VK_IMAGE_VIEW_TYPE_CUBE_ARRAY, VK_IMAGE_TYPE_2D, 6, UINT32_MAX},
};

static bool is_cube(VkImageViewType type)
{
    return type == VK_IMAGE_VIEW_TYPE_CUBE || type == VK_IMAGE_VIEW_TYPE_CUBE_ARRAY;
}

/* NULL, or why the image has no such range. */
static const char *resolve_range(const struct icd_image *image, const VkImageViewCreateInfo *info,
                                 struct view_range *out)
{
    const VkImageSubresourceRange *range = &info->subresourceRange;
    const VkImageViewSlicedCreateInfoEXT *sliced =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_VIEW_SLICED_CREATE_INFO_EXT);
    size_t type = 0, type_count = sizeof(view_types) / sizeof(view_types[0]);

    while (type < type_count && view_types[type].view != info->viewType)
        type++;
    if (type == type_count)
        return "the view's type is unknown";
    out->of_slices = image->type == VK_IMAGE_TYPE_3D &&
                     (info->viewType == VK_IMAGE_VIEW_TYPE_2D ||
                      info->viewType == VK_IMAGE_VIEW_TYPE_2D_ARRAY);
    if (view_types[type].image != image->type && !out->of_slices)
        return "the view's type does not fit the image's";
    if (is_cube(info->viewType) && !(image->flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT))
        return "the image is not CUBE_COMPATIBLE";
    if (out->of_slices && !(image->flags & (VK_IMAGE_CREATE_2D_ARRAY_COMPATIBLE_BIT |
                                            VK_IMAGE_CREATE_2D_VIEW_COMPATIBLE_BIT_EXT)))
        return "the image is not 2D_ARRAY_COMPATIBLE";
    out->aspects = range->aspectMask;
    out->level = range->baseMipLevel;
    out->levels = remaining(range->levelCount, range->baseMipLevel, image->levels);
    if (out->level >= image->levels || !out->levels || out->levels > image->levels - out->level)
        return "the levels are not the image's";
    if (out->of_slices && out->levels != 1)
        return "a 2D view of a 3D image has one level";
    uint32_t depth = icd_image_extent(image, 0, out->level).depth;
    uint32_t layers = out->of_slices ? depth : image->layers;
    out->layer = range->baseArrayLayer;
    out->layers = remaining(range->layerCount, range->baseArrayLayer, layers);
    if (out->layer >= layers || !out->layers || out->layers > layers - out->layer)
        return "the layers are not the image's";
    if (out->layers < view_types[type].layers_min || out->layers > view_types[type].layers_max ||
        (is_cube(info->viewType) && out->layers % 6))
        return "the count of layers does not fit the view's type";
    out->slice = sliced ? sliced->sliceOffset : 0;
    out->slices = sliced ? remaining(sliced->sliceCount, sliced->sliceOffset, depth) : depth;
    if (sliced && (out->slice >= depth || !out->slices || out->slices > depth - out->slice ||
                   out->levels != 1 || info->viewType != VK_IMAGE_VIEW_TYPE_3D))
        return "the slices are not the image's";
    return NULL;
}

/* ---- Formats ---- */

/* The plane that a view shows; the planes of a YCbCr image together are plane 0. */
static int view_plane(const struct icd_image *image, VkImageAspectFlags aspects)
{
    if (!aspects || (aspects & ~image->format->aspects))
        return -1;
    if (aspects == (VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT))
        return 0;
    if (aspects & (aspects - 1))
        return -1;
    return icd_format_plane(image->format, aspects);
}

/* NULL, or why texels of the plane can't be read as the format. */
static const char *check_format(const struct icd_image *image, uint32_t plane, bool whole,
                                const struct icd_format *format)
{
    const struct icd_format_plane *texels = image->planes[plane].format;

    if (!format)
        return "the format is not supported";
    if (format == image->format || (!whole && format->format == texels->format))
        return NULL;
    const struct icd_format *own = whole ? image->format : icd_format_find(texels->format);
    if (!(image->flags & VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT) || icd_format_is_depth_stencil(own) ||
        format->plane_count > 1)
        return "the format is not the image's";
    if (own && format->class_id == own->class_id)
        return NULL;
    if ((image->flags & VK_IMAGE_CREATE_BLOCK_TEXEL_VIEW_COMPATIBLE_BIT) &&
        !(format->flags & ICD_FORMAT_COMPRESSED) && format->planes[0].block_B == texels->block_B)
        return NULL;
    return "the format is not compatible with the image's";
}

/* ---- Descriptors ---- */

static uint32_t divide_up(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

/* The descriptor of one plane, seen as texels of a format. */
static void describe_plane(const struct icd_image *image, uint32_t index,
                           const struct icd_format *format, const struct view_range *range,
                           VkImageViewType type, float min_lod, struct weft_image_desc *out)
{
    const struct icd_image_plane *plane = &image->planes[index];
    const struct icd_image_level *levels = &plane->levels[range->level];
    VkExtent3D extent = icd_image_extent(image, index, range->level);
    uint64_t reach_B = 0;

    *out = (struct weft_image_desc){
        .address = plane->address,
        .width = extent.width,
        .height = image->type == VK_IMAGE_TYPE_1D ? 1 : extent.height,
        .depth = 1,
        .layers = range->layers,
        .levels = range->levels,
        .samples = image->samples,
        .layer_stride_B = plane->layer_B,
        .min_lod = min_lod,
        .integer = icd_format_integer(format),
        .format = icd_format_texel(format),
    };
    /* Blocks seen as texels. */
    if (!(format->flags & ICD_FORMAT_COMPRESSED)) {
        out->width = divide_up(out->width, plane->format->block_width);
        out->height = divide_up(out->height, plane->format->block_height);
    }
    if (range->of_slices) {
        out->address += (uint64_t)range->layer * levels[0].slice_B;
        out->layer_stride_B = levels[0].slice_B;
    } else if (type == VK_IMAGE_VIEW_TYPE_3D) {
        out->address += (uint64_t)range->slice * levels[0].slice_B;
        out->depth = range->slices;
    } else {
        out->address += (uint64_t)range->layer * plane->layer_B;
    }
    for (uint32_t l = 0; l < range->levels; l++) {
        uint64_t depth = out->depth >> l ? out->depth >> l : 1;
        uint64_t end_B = levels[l].offset_B + depth * levels[l].slice_B;
        out->offset_B[l] = levels[l].offset_B;
        out->row_stride_B[l] = levels[l].row_B;
        out->slice_stride_B[l] = levels[l].slice_B;
        reach_B = end_B > reach_B ? end_B : reach_B;
    }
    out->size_B = reach_B + (uint64_t)(range->layers - 1) * out->layer_stride_B;
    if (image->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT) {
        uint64_t from_B = out->address - (uintptr_t)weft_bo_map(image->sparse);
        out->resident_address =
            (uintptr_t)weft_bo_residency(image->sparse) + from_B / WEFT_RESIDENT_PAGE_B;
        out->resident_B = (out->size_B + WEFT_RESIDENT_PAGE_B - 1) / WEFT_RESIDENT_PAGE_B;
    }
}

/* VK_EXT_astc_decode_mode. The default, halves, is what texels of more digits do as well. */
static const struct {
    VkFormat mode;
    uint32_t block; /* enum weft_block_kind */
} decode_modes[] = {
    {VK_FORMAT_R16G16B16A16_SFLOAT, WEFT_BLOCK_ASTC},
    {VK_FORMAT_R8G8B8A8_UNORM, WEFT_BLOCK_ASTC_UNORM8},
    {VK_FORMAT_E5B9G9R9_UFLOAT_PACK32, WEFT_BLOCK_ASTC_SHARED},
};

/* NULL, or what is wrong with it. sRGB has but one mode. */
static const char *set_decode_mode(const VkImageViewCreateInfo *info, struct weft_image_desc *desc)
{
    const VkImageViewASTCDecodeModeEXT *decode =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_VIEW_ASTC_DECODE_MODE_EXT);
    if (!decode || desc->format.block == WEFT_BLOCK_ASTC_SRGB)
        return NULL;
    if (desc->format.block != WEFT_BLOCK_ASTC)
        return "the format with a decode mode is not ASTC";
    for (size_t i = 0; i < sizeof(decode_modes) / sizeof(decode_modes[0]); i++) {
        if (decode_modes[i].mode == decode->decodeMode) {
            desc->format.block = decode_modes[i].block;
            return NULL;
        }
    }
    return "no decode mode of ASTC";
}

/* Why the view can't be; NULL when it is filled in. */
static const char *fill_view(struct icd_image_view *view, const struct icd_image *image,
                             const VkImageViewCreateInfo *info)
{
    static const VkComponentMapping identity = {0};
    const VkImageViewUsageCreateInfo *usage =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_VIEW_USAGE_CREATE_INFO);
    const VkImageViewMinLodCreateInfoEXT *min =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_VIEW_MIN_LOD_CREATE_INFO_EXT);
    const struct icd_format *format = icd_format_find(info->format);
    struct view_range range = {0};
    int plane = view_plane(image, info->subresourceRange.aspectMask);
    bool whole = info->subresourceRange.aspectMask == VK_IMAGE_ASPECT_COLOR_BIT ||
                 icd_format_is_depth_stencil(image->format);
    const char *wrong;

    if (plane < 0)
        return "the image has no such aspect";
    for (uint32_t i = 0; i < image->format->plane_count; i++) {
        if (!image->planes[i].bo)
            return "the image has no memory";
    }
    wrong = resolve_range(image, info, &range);
    if (!wrong)
        wrong = check_format(image, (uint32_t)plane, whole, format);
    if (wrong)
        return wrong;
    /* What the texels of one plane of several look like. */
    const struct icd_format *texels = format;
    if (format->plane_count > 1)
        texels = icd_format_find(format->planes[plane].format);
    /* Levels of a view are counted from its first. */
    float min_lod = min && min->minLod > (float)range.level ? min->minLod - (float)range.level : 0;
    view->format = format;
    view->type = info->viewType;
    view->usage = usage ? usage->usage : image->usage;
    view->aspects = range.aspects;
    view->level = range.level;
    view->layer = range.layer;
    view->layers = range.layers;
    describe_plane(image, (uint32_t)plane, texels, &range, info->viewType, min_lod,
                   &view->sampled);
    view->storage = view->sampled;
    view->sampled.swizzle = icd_format_swizzle(texels, &info->components);
    view->sampled.quick = weft_image_quick(&view->sampled);
    view->storage.swizzle = icd_format_swizzle(texels, &identity);
    wrong = set_decode_mode(info, &view->sampled);
    if (wrong)
        return wrong;
    for (uint32_t i = 0; i < 2; i++) {
        view->chroma[i] = view->sampled;
        if (whole && (format->flags & ICD_FORMAT_YCBCR) && format->plane_count > i + 1) {
            texels = icd_format_find(format->planes[i + 1].format);
            describe_plane(image, i + 1, texels, &range, info->viewType, min_lod,
                           &view->chroma[i]);
            view->chroma[i].swizzle = icd_format_swizzle(texels, &identity);
        }
    }
    return NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateImageView(VkDevice _device,
                                                 const VkImageViewCreateInfo *info,
                                                 const VkAllocationCallbacks *alloc,
                                                 VkImageView *view_out)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_image *image = icd_image_from(info->image);

    *view_out = VK_NULL_HANDLE;
    if (!image)
        return icd_error(device, VK_ERROR_UNKNOWN, "vkCreateImageView: no image");
    struct icd_image_view *view = icd_object_create(device, alloc, sizeof(*view),
                                                    VK_OBJECT_TYPE_IMAGE_VIEW, finish_view);
    if (!view)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateImageView");
    const char *wrong = fill_view(view, image, info);
    if (wrong) {
        icd_object_discard(&view->base);
        return icd_error(image, VK_ERROR_UNKNOWN,
                         "vkCreateImageView: format %d, type %d, levels from %u, layers from %u: %s",
                         (int)info->format, (int)info->viewType,
                         info->subresourceRange.baseMipLevel,
                         info->subresourceRange.baseArrayLayer, wrong);
    }
    view->image = icd_object_get(image);
    *view_out = icd_image_view_to(view);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyImageView(VkDevice _device, VkImageView view,
                                              const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_image_view_from(view));
}
