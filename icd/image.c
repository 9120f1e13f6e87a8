/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <errno.h>

#include "capture.h"
#include "device_memory.h"
#include "drm_modifier.h"
#include "sparse_image.h"

/* Below this, rows are only aligned to texels: small levels would be padding for the most part. */
#define SMALL_ROW_B 256u
/* Addresses so far apart share a set of the first-level cache. */
#define CACHE_SET_B 4096u

uint32_t icd_image_levels_max(VkExtent3D extent)
{
    uint32_t size = extent.width | extent.height | extent.depth, levels = 0;

    for (; size; size >>= 1)
        levels++;
    return levels < ICD_MAX_LEVELS ? levels : ICD_MAX_LEVELS;
}

static uint32_t level_size(uint32_t size, uint32_t level, uint32_t divisor)
{
    size = size >> level ? size >> level : 1;
    return (size + divisor - 1) / divisor;
}

VkExtent3D icd_image_extent(const struct icd_image *image, uint32_t plane, uint32_t level)
{
    const struct icd_format_plane *format = image->planes[plane].format;

    return (VkExtent3D){level_size(image->extent.width, level, format->width_divisor),
                        level_size(image->extent.height, level, format->height_divisor),
                        level_size(image->extent.depth, level, 1)};
}

uint64_t icd_image_address(const struct icd_image *image, uint32_t plane, uint32_t level,
                           uint32_t layer)
{
    const struct icd_image_plane *p = &image->planes[plane];

    return p->address + (uint64_t)layer * p->layer_B + p->levels[level].offset_B;
}

/* ---- Layout ---- */

static uint64_t align(uint64_t size_B, uint64_t alignment)
{
    return (size_B + alignment - 1) / alignment * alignment;
}

/* Keeps what lies a stride apart out of each other's cache sets. */
static uint64_t spread(const struct icd_image *image, uint64_t stride_B)
{
    return image->tiling == VK_IMAGE_TILING_OPTIMAL && stride_B % CACHE_SET_B == 0 && stride_B
               ? stride_B + ICD_MEMORY_ALIGNMENT_B
               : stride_B;
}

/* A level's strides. */
static void lay_out_level(const struct icd_image *image, const struct icd_format_plane *format,
                          VkExtent3D extent, uint64_t *row_B_out, uint64_t *slice_B_out)
{
    uint64_t columns = (extent.width + format->block_width - 1) / format->block_width;
    uint64_t rows = (extent.height + format->block_height - 1) / format->block_height;
    uint64_t row_B = columns * image->samples * format->block_B;

    row_B = row_B < SMALL_ROW_B ? align(row_B, format->block_B)
                                : spread(image, align(row_B, ICD_MEMORY_ALIGNMENT_B));
    *row_B_out = row_B;
    *slice_B_out = row_B * rows;
    if (extent.depth > 1)
        *slice_B_out = spread(image, align(*slice_B_out, 16));
}

/* Those of a level that is made of sparse blocks, which may reach beyond its edges. False for the mip tail's. */
static bool lay_out_blocks(const struct icd_image *image, const struct icd_format_plane *format,
                           VkExtent3D *extent, uint64_t *row_B_out, uint64_t *slice_B_out)
{
    VkExtent3D block = icd_sparse_block(format, image->type, image->samples);
    uint32_t width = block.width * format->block_width, height = block.height * format->block_height;

    if (extent->width < width || extent->height < height || extent->depth < block.depth)
        return false;
    extent->depth = (uint32_t)align(extent->depth, block.depth);
    *row_B_out = (extent->width + (uint64_t)width - 1) / width * ICD_SPARSE_PAGE_B;
    *slice_B_out = *row_B_out * ((extent->height + (uint64_t)height - 1) / height * block.height);
    return true;
}

/* False when the plane is too big. */
static bool lay_out_plane(struct icd_image *image, uint32_t index)
{
    struct icd_image_plane *plane = &image->planes[index];
    bool resident = image->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT;
    uint64_t alignment_B = resident ? ICD_SPARSE_BLOCK_B : ICD_MEMORY_ALIGNMENT_B;
    uint64_t size_B = 0;

    plane->tail_level = resident ? image->levels : 0;
    for (uint32_t l = 0; l < image->levels; l++) {
        VkExtent3D extent = icd_image_extent(image, index, l);
        uint64_t row_B, slice_B;
        bool blocks = l < plane->tail_level &&
                      lay_out_blocks(image, plane->format, &extent, &row_B, &slice_B);
        if (!blocks)
            lay_out_level(image, plane->format, extent, &row_B, &slice_B);
        if (!blocks && l < plane->tail_level) {
            plane->tail_level = l;
            plane->tail_B = (uint32_t)size_B;
        }
        size_B = align(size_B, ICD_MEMORY_ALIGNMENT_B);
        if (row_B > ICD_MAX_IMAGE_B || slice_B > ICD_MAX_IMAGE_B ||
            slice_B * extent.depth > ICD_MAX_IMAGE_B - size_B)
            return false;
        plane->levels[l] =
            (struct icd_image_level){(uint32_t)size_B, (uint32_t)row_B, (uint32_t)slice_B};
        size_B += slice_B * extent.depth;
        if (size_B > ICD_MAX_IMAGE_B - 2 * ICD_SPARSE_BLOCK_B)
            return false;
    }
    size_B = align(size_B, alignment_B);
    if (plane->tail_level == image->levels)
        plane->tail_B = (uint32_t)size_B;
    if (image->layers > 1 && !resident)
        size_B = spread(image, size_B);
    if (size_B * image->layers > ICD_MAX_IMAGE_B - ICD_MEMORY_ALIGNMENT_B)
        return false;
    plane->layer_B = (uint32_t)size_B;
    plane->size_B = (uint32_t)(size_B * image->layers);
    return true;
}

/* Fills in the planes. NULL, or what is wrong. */
static const char *lay_out(struct icd_image *image)
{
    bool disjoint = image->flags & VK_IMAGE_CREATE_DISJOINT_BIT;
    uint64_t size_B = 0;

    for (uint32_t i = 0; i < image->format->plane_count; i++) {
        struct icd_image_plane *plane = &image->planes[i];
        plane->format = &image->format->planes[i];
        if (!lay_out_plane(image, i) || plane->size_B > ICD_MAX_IMAGE_B - size_B)
            return "it needs more than maxResourceSize";
        plane->offset_B = disjoint ? 0 : (uint32_t)size_B;
        size_B = disjoint ? 0 : size_B + plane->size_B;
    }
    image->size_B = size_B;
    return NULL;
}

const char *icd_image_describe(const struct icd_physical_device *physical, const VkImageCreateInfo *info,
                               struct icd_image *image_out)
{
    const VkImageStencilUsageCreateInfo *stencil =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_STENCIL_USAGE_CREATE_INFO);
    VkImageUsageFlags usage = info->usage | (stencil ? stencil->stencilUsage : 0);
    VkImageFormatProperties limits;

    if (icd_image_format_properties(physical, info->format, info->imageType, info->tiling, usage,
                                    info->flags, &limits) != VK_SUCCESS)
        return "the format can't be used like that";
    if (!icd_modifier_fits(info->tiling, info->pNext))
        return "DRM_FORMAT_MOD_LINEAR is not among the modifiers";
    if (!info->extent.width || !info->extent.height || !info->extent.depth || !info->mipLevels ||
        !info->arrayLayers)
        return "a size is zero";
    if (info->extent.width > limits.maxExtent.width ||
        info->extent.height > limits.maxExtent.height ||
        info->extent.depth > limits.maxExtent.depth)
        return "the extent is beyond maxExtent";
    if (info->mipLevels > limits.maxMipLevels ||
        info->mipLevels > icd_image_levels_max(info->extent))
        return "there are more levels than a complete chain has";
    if (info->arrayLayers > limits.maxArrayLayers)
        return "there are more layers than maxArrayLayers";
    if (!(info->samples & limits.sampleCounts) || (info->samples & (info->samples - 1)))
        return "the count of samples is not supported";
    if (info->samples > 1 && info->mipLevels > 1)
        return "multisampled images have one level";
    if ((info->flags & VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT) &&
        (info->extent.width != info->extent.height || info->arrayLayers < 6))
        return "cubes have six square faces";
    image_out->format = icd_format_find(info->format);
    image_out->type = info->imageType;
    image_out->tiling = info->tiling;
    image_out->flags = info->flags;
    image_out->usage = info->usage;
    image_out->stencil_usage = stencil ? stencil->stencilUsage : info->usage;
    image_out->extent = info->extent;
    image_out->levels = info->mipLevels;
    image_out->layers = info->arrayLayers;
    image_out->samples = info->samples;
    const char *wrong = lay_out(image_out);
    if (!wrong && info->tiling == VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT &&
        icd_modifier_is_explicit(info->pNext))
        wrong = icd_modifier_lay_out(image_out, info->pNext);
    return wrong;
}

/* ---- Creation ---- */

static void finish_image(struct icd_object *object)
{
    struct icd_image *image = (struct icd_image *)object;

    for (uint32_t i = 0; i < ICD_MAX_PLANES; i++)
        weft_bo_put(&image->planes[i].bo);
    weft_bo_close(&image->sparse);
}

/* Gives a sparse image its addresses; memory comes by vkQueueBindSparse. */
static int make_sparse(struct icd_device *device, struct icd_image *image, const void *chain)
{
    bool placed = image->flags & VK_IMAGE_CREATE_DESCRIPTOR_BUFFER_CAPTURE_REPLAY_BIT_EXT;
    int error = weft_bo_create_at(device->weft, image->size_B,
                                  WEFT_BO_SPARSE | (placed ? WEFT_BO_PLACED : 0),
                                  icd_captured_address(chain), &image->sparse);

    for (uint32_t i = 0; !error && i < image->format->plane_count; i++) {
        struct icd_image_plane *plane = &image->planes[i];
        plane->address = (uintptr_t)weft_bo_map(image->sparse) + plane->offset_B;
        plane->bo = weft_bo_get(image->sparse);
    }
    return error;
}

static const char *check_external(VkExternalMemoryHandleTypeFlags types, VkImageCreateFlags flags)
{
    while (types) {
        VkExternalMemoryHandleTypeFlagBits type = types & -types;
        if (!icd_image_external_properties(type, flags).externalMemoryFeatures)
            return "its memory can't have handles of the type";
        types &= ~(VkExternalMemoryHandleTypeFlags)type;
    }
    return NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateImage(VkDevice _device, const VkImageCreateInfo *info,
                                             const VkAllocationCallbacks *alloc,
                                             VkImage *image_out)
{
    struct icd_device *device = icd_device_from(_device);
    const VkExternalMemoryImageCreateInfo *external =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO);
    struct icd_image *image =
        icd_object_create(device, NULL, sizeof(*image), VK_OBJECT_TYPE_IMAGE, finish_image);

    *image_out = VK_NULL_HANDLE;
    if (!image)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateImage");
    const char *wrong = external ? check_external(external->handleTypes, info->flags) : NULL;
    if (!wrong)
        wrong = icd_image_describe(device->physical, info, image);
    if (wrong) {
        icd_object_discard(&image->base);
        return icd_error(device,
                         icd_modifier_is_explicit(info->pNext)
                             ? VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT
                             : VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkCreateImage: format %d, type %d, %u x %u x %u, %u levels, %u layers: %s",
                         (int)info->format, (int)info->imageType, info->extent.width,
                         info->extent.height, info->extent.depth, info->mipLevels,
                         info->arrayLayers, wrong);
    }
    bool sparse = info->flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT;
    int error = sparse ? make_sparse(device, image, info->pNext) : 0;
    if (error) {
        icd_object_discard(&image->base);
        return icd_error(device,
                         error == -EADDRINUSE ? VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS
                                              : VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkCreateImage: no address space for a sparse image");
    }
    *image_out = icd_image_to(image);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyImage(VkDevice _device, VkImage image,
                                          const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_image_from(image));
}

/* ---- Memory ---- */

/* The size of the plane that a disjoint image's aspect names, or of all planes together. */
static uint64_t binding_B(const struct icd_image *image, VkImageAspectFlags aspect)
{
    if (!(image->flags & VK_IMAGE_CREATE_DISJOINT_BIT))
        return image->size_B;
    int plane = icd_format_plane(image->format, aspect);
    return plane < 0 ? 0 : image->planes[plane].size_B;
}

static void fill_requirements(const struct icd_image *image, VkImageAspectFlags aspect,
                              VkMemoryRequirements2 *out)
{
    VkMemoryDedicatedRequirements *dedicated =
        icd_find_struct_out(out->pNext, VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS);

    bool sparse = image->flags & VK_IMAGE_CREATE_SPARSE_BINDING_BIT;
    uint64_t alignment_B = sparse ? ICD_SPARSE_BLOCK_B : ICD_MEMORY_ALIGNMENT_B;

    out->memoryRequirements = (VkMemoryRequirements){
        .size = align(binding_B(image, aspect), alignment_B),
        .alignment = alignment_B,
        .memoryTypeBits = sparse ? 1u << ICD_MEMORY_SHARED : ICD_MEMORY_TYPE_BITS,
    };
    if (dedicated) {
        dedicated->prefersDedicatedAllocation = VK_FALSE;
        dedicated->requiresDedicatedAllocation = VK_FALSE;
    }
}

VKAPI_ATTR void VKAPI_CALL vkGetImageMemoryRequirements(VkDevice _device, VkImage handle,
                                                        VkMemoryRequirements *out)
{
    const struct icd_image *image = icd_image_from(handle);
    VkMemoryRequirements2 two = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};

    if (image)
        fill_requirements(image, VK_IMAGE_ASPECT_PLANE_0_BIT, &two);
    *out = two.memoryRequirements;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageMemoryRequirements2(VkDevice _device,
                                                         const VkImageMemoryRequirementsInfo2 *info,
                                                         VkMemoryRequirements2 *out)
{
    const struct icd_image *image = icd_image_from(info->image);
    const VkImagePlaneMemoryRequirementsInfo *plane =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMAGE_PLANE_MEMORY_REQUIREMENTS_INFO);

    out->memoryRequirements = (VkMemoryRequirements){0};
    if (image)
        fill_requirements(image, plane ? (VkImageAspectFlags)plane->planeAspect : 0, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceImageMemoryRequirements(
    VkDevice _device, const VkDeviceImageMemoryRequirements *info, VkMemoryRequirements2 *out)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_image image = {0};

    out->memoryRequirements = (VkMemoryRequirements){0};
    if (!icd_image_describe(device->physical, info->pCreateInfo, &image))
        fill_requirements(&image, (VkImageAspectFlags)info->planeAspect, out);
}

/* ---- Binding ---- */

static VkResult bind(struct icd_device *device, struct icd_image *image,
                     struct icd_device_memory *memory, VkDeviceSize offset,
                     VkImageAspectFlags aspect)
{
    if (!image || !memory)
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkBindImageMemory: no image, or no memory");
    bool disjoint = image->flags & VK_IMAGE_CREATE_DISJOINT_BIT;
    int first = disjoint ? icd_format_plane(image->format, aspect) : 0;
    uint64_t size_B = binding_B(image, aspect);
    if (first < 0 || image->planes[first].bo)
        return icd_error(image, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkBindImageMemory: no such plane, or it is bound already");
    if (offset % ICD_MEMORY_ALIGNMENT_B || offset > memory->size_B ||
        size_B > memory->size_B - offset)
        return icd_error(image, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkBindImageMemory: %llu bytes at offset %llu of %llu bytes of memory",
                         (unsigned long long)size_B, (unsigned long long)offset,
                         (unsigned long long)memory->size_B);
    uint32_t end = disjoint ? (uint32_t)first + 1 : image->format->plane_count;
    for (uint32_t i = (uint32_t)first; i < end; i++) {
        struct icd_image_plane *plane = &image->planes[i];
        plane->address =
            (uint64_t)(uintptr_t)weft_bo_map(memory->bo) + offset + plane->offset_B;
        plane->bo = weft_bo_get(memory->bo);
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindImageMemory(VkDevice _device, VkImage image,
                                                 VkDeviceMemory memory, VkDeviceSize offset)
{
    return bind(icd_device_from(_device), icd_image_from(image), icd_device_memory_from(memory),
                offset, 0);
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindImageMemory2(VkDevice _device, uint32_t count,
                                                  const VkBindImageMemoryInfo *infos)
{
    VkResult first_error = VK_SUCCESS;

    for (uint32_t i = 0; i < count; i++) {
        const VkBindImagePlaneMemoryInfo *plane =
            icd_find_struct(infos[i].pNext, VK_STRUCTURE_TYPE_BIND_IMAGE_PLANE_MEMORY_INFO);
        const VkBindMemoryStatus *status =
            icd_find_struct(infos[i].pNext, VK_STRUCTURE_TYPE_BIND_MEMORY_STATUS);
        VkResult result = bind(icd_device_from(_device), icd_image_from(infos[i].image),
                               icd_device_memory_from(infos[i].memory), infos[i].memoryOffset,
                               plane ? (VkImageAspectFlags)plane->planeAspect : 0);
        if (status && status->pResult)
            *status->pResult = result;
        if (first_error == VK_SUCCESS)
            first_error = result;
    }
    return first_error;
}

/* ---- Subresource layouts ---- */

static void subresource_layout(const struct icd_image *image, const VkImageSubresource *subresource,
                               VkSubresourceLayout *out)
{
    int index = icd_format_plane(image->format, subresource->aspectMask);

    *out = (VkSubresourceLayout){0};
    /* A query for the whole of an image is one for its first plane. */
    if (index < 0)
        index = 0;
    if (subresource->mipLevel >= image->levels || subresource->arrayLayer >= image->layers)
        return;
    const struct icd_image_plane *plane = &image->planes[index];
    const struct icd_image_level *level = &plane->levels[subresource->mipLevel];
    out->offset = plane->offset_B + (uint64_t)subresource->arrayLayer * plane->layer_B +
                  level->offset_B;
    out->size = (uint64_t)level->slice_B *
                icd_image_extent(image, (uint32_t)index, subresource->mipLevel).depth;
    out->rowPitch = level->row_B;
    out->arrayPitch = plane->layer_B;
    out->depthPitch = level->slice_B;
}

void icd_image_fill_compression(void *chain)
{
    VkImageCompressionPropertiesEXT *compression =
        icd_find_struct_out(chain, VK_STRUCTURE_TYPE_IMAGE_COMPRESSION_PROPERTIES_EXT);

    if (compression) {
        compression->imageCompressionFlags = VK_IMAGE_COMPRESSION_DISABLED_EXT;
        compression->imageCompressionFixedRateFlags = VK_IMAGE_COMPRESSION_FIXED_RATE_NONE_EXT;
    }
}

static void subresource_layout_2(const struct icd_image *image,
                                 const VkImageSubresource2 *subresource, VkSubresourceLayout2 *out)
{
    VkSubresourceHostMemcpySize *memcpy_size =
        icd_find_struct_out(out->pNext, VK_STRUCTURE_TYPE_SUBRESOURCE_HOST_MEMCPY_SIZE);

    subresource_layout(image, &subresource->imageSubresource, &out->subresourceLayout);
    if (memcpy_size)
        memcpy_size->size = out->subresourceLayout.size;
    icd_image_fill_compression(out->pNext);
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSubresourceLayout(VkDevice _device, VkImage handle,
                                                       const VkImageSubresource *subresource,
                                                       VkSubresourceLayout *out)
{
    const struct icd_image *image = icd_image_from(handle);

    *out = (VkSubresourceLayout){0};
    if (image)
        subresource_layout(image, subresource, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSubresourceLayout2(VkDevice _device, VkImage handle,
                                                        const VkImageSubresource2 *subresource,
                                                        VkSubresourceLayout2 *out)
{
    const struct icd_image *image = icd_image_from(handle);

    out->subresourceLayout = (VkSubresourceLayout){0};
    if (image)
        subresource_layout_2(image, subresource, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceImageSubresourceLayout(
    VkDevice _device, const VkDeviceImageSubresourceInfo *info, VkSubresourceLayout2 *out)
{
    struct icd_image image = {0};

    out->subresourceLayout = (VkSubresourceLayout){0};
    if (!icd_image_describe(icd_device_from(_device)->physical, info->pCreateInfo, &image))
        subresource_layout_2(&image, info->pSubresource, out);
}
