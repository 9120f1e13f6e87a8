/* SPDX-License-Identifier: MIT */
#include "image_box.h"

static uint32_t divide_up(uint32_t a, uint32_t b)
{
    return a / b + (a % b != 0);
}

/* The size of a level in blocks, layers or slices. */
static VkExtent3D level_blocks(const struct icd_image *image, uint32_t plane, uint32_t level)
{
    const struct icd_format_plane *format = image->planes[plane].format;
    VkExtent3D extent = icd_image_extent(image, plane, level);

    return (VkExtent3D){
        divide_up(extent.width, format->block_width),
        divide_up(extent.height, format->block_height),
        image->type == VK_IMAGE_TYPE_3D ? extent.depth : image->layers,
    };
}

/* Fills in where a region starts. */
static const char *init_origin(struct icd_image_region *region, const struct icd_image *image,
                               VkImageAspectFlags aspect,
                               const VkImageSubresourceLayers *subresource, VkOffset3D offset)
{
    int plane = aspect & (aspect - 1) ? -1 : icd_format_plane(image->format, aspect);

    if (plane < 0)
        return "the image has no such aspect";
    const struct icd_format_plane *format = image->planes[plane].format;
    if (!image->planes[plane].address)
        return "the image has no memory";
    if (subresource->mipLevel >= image->levels)
        return "the image has no such level";
    if (subresource->baseArrayLayer >= image->layers)
        return "the image has no such layer";
    if (offset.x < 0 || offset.y < 0 || offset.z < 0 || offset.x % format->block_width ||
        offset.y % format->block_height)
        return "the offset is not that of a texel block";
    if (image->type != VK_IMAGE_TYPE_3D && offset.z)
        return "the offset has a depth";
    *region = (struct icd_image_region){
        .image = image,
        .plane = (uint32_t)plane,
        .level = subresource->mipLevel,
        .column = (uint32_t)offset.x / format->block_width,
        .row = (uint32_t)offset.y / format->block_height,
        .slice = image->type == VK_IMAGE_TYPE_3D ? (uint32_t)offset.z
                                                 : subresource->baseArrayLayer,
    };
    return NULL;
}

static const char *check_size(const struct icd_image_region *region)
{
    VkExtent3D level = level_blocks(region->image, region->plane, region->level);

    if (!region->columns || !region->rows || !region->slices)
        return "the region is empty";
    if (region->column > level.width || region->columns > level.width - region->column ||
        region->row > level.height || region->rows > level.height - region->row ||
        region->slice > level.depth || region->slices > level.depth - region->slice)
        return "the region reaches beyond the image";
    return NULL;
}

const char *icd_image_region_init(struct icd_image_region *region, const struct icd_image *image,
                                  VkImageAspectFlags aspect,
                                  const VkImageSubresourceLayers *subresource, VkOffset3D offset,
                                  VkExtent3D extent)
{
    const char *wrong = init_origin(region, image, aspect, subresource, offset);

    if (wrong)
        return wrong;
    const struct icd_format_plane *format = image->planes[region->plane].format;
    VkExtent3D level = icd_image_extent(image, region->plane, region->level);
    /* A block at the level's edge may be a part of one. */
    if ((extent.width % format->block_width &&
         extent.width + (uint64_t)(uint32_t)offset.x != level.width) ||
        (extent.height % format->block_height &&
         extent.height + (uint64_t)(uint32_t)offset.y != level.height))
        return "the extent is not one of whole texel blocks";
    region->columns = divide_up(extent.width, format->block_width);
    region->rows = divide_up(extent.height, format->block_height);
    if (image->type == VK_IMAGE_TYPE_3D)
        region->slices = extent.depth;
    else if (subresource->layerCount == VK_REMAINING_ARRAY_LAYERS)
        region->slices = image->layers - subresource->baseArrayLayer;
    else
        region->slices = subresource->layerCount;
    return check_size(region);
}

const char *icd_image_region_match(struct icd_image_region *dst,
                                   const struct icd_image_region *src,
                                   const struct icd_image *image, VkImageAspectFlags aspect,
                                   const VkImageSubresourceLayers *subresource, VkOffset3D offset)
{
    const char *wrong = init_origin(dst, image, aspect, subresource, offset);

    if (wrong)
        return wrong;
    if (image->planes[dst->plane].format->block_B !=
        src->image->planes[src->plane].format->block_B)
        return "the texels differ in size";
    if (image->samples != src->image->samples)
        return "the counts of samples differ";
    dst->columns = src->columns;
    dst->rows = src->rows;
    dst->slices = src->slices;
    return check_size(dst);
}

uint64_t icd_image_region_width_B(const struct icd_image_region *region)
{
    return (uint64_t)region->columns * region->image->samples *
           region->image->planes[region->plane].format->block_B;
}

struct weft_box icd_image_region_box(const struct icd_image_region *region)
{
    const struct icd_image *image = region->image;
    const struct icd_image_plane *plane = &image->planes[region->plane];
    const struct icd_image_level *level = &plane->levels[region->level];
    uint64_t slice_B = image->type == VK_IMAGE_TYPE_3D ? level->slice_B : plane->layer_B;

    return (struct weft_box){
        .address = plane->address + level->offset_B + region->slice * slice_B +
                   (uint64_t)region->row * level->row_B +
                   (uint64_t)region->column * image->samples * plane->format->block_B,
        .row_B = level->row_B,
        .slice_B = slice_B,
    };
}

struct weft_box icd_memory_box(const struct icd_image_region *region, uint64_t address,
                               uint32_t row_length, uint32_t image_height, uint64_t *size_B_out)
{
    const struct icd_format_plane *format = region->image->planes[region->plane].format;
    uint64_t columns = row_length ? divide_up(row_length, format->block_width) : region->columns;
    uint64_t rows = image_height ? divide_up(image_height, format->block_height) : region->rows;
    struct weft_box box = {.address = address, .row_B = columns * format->block_B};

    /* 32 bits each, so that no product of two overflows; three can. */
    if (__builtin_mul_overflow(box.row_B, rows, &box.slice_B) ||
        __builtin_mul_overflow(box.slice_B, region->slices - 1, size_B_out) ||
        __builtin_add_overflow(*size_B_out,
                               box.row_B * (region->rows - 1) + icd_image_region_width_B(region),
                               size_B_out))
        *size_B_out = UINT64_MAX;
    return box;
}
