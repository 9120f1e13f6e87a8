/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the API's images, views and samplers, and the commands that copy and clear images.
 */
#include "fuzz_api.h"

#include <stdbool.h>
#include <stddef.h>

static VkFormat any_format(struct fuzz *f)
{
    static const VkFormat formats[] = {
        VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R8G8B8A8_UNORM, VK_FORMAT_R32_SFLOAT, VK_FORMAT_R32_UINT,
        VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_R64_UINT, VK_FORMAT_R8G8B8_UNORM,
        VK_FORMAT_BC1_RGBA_UNORM_BLOCK, VK_FORMAT_ASTC_8x5_UNORM_BLOCK, VK_FORMAT_ETC2_R8G8B8_UNORM_BLOCK,
        VK_FORMAT_D32_SFLOAT_S8_UINT, VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_FORMAT_UNDEFINED,
        (VkFormat)0x7fff0000,
    };

    return fuzz_pick(f, 16) ? formats[fuzz_pick(f, sizeof(formats) / sizeof(formats[0]))]
                            : (VkFormat)fuzz_pick(f, 200);
}

static VkFormat common_format(struct fuzz *f)
{
    return fuzz_pick(f, 2) ? VK_FORMAT_R8G8B8A8_UNORM : VK_FORMAT_R32_UINT;
}

/* Mostly small; sometimes anything. */
static uint32_t extent(struct fuzz *f)
{
    return fuzz_pick(f, 12) ? 1 + fuzz_pick(f, 40) : (uint32_t)fuzz_number(f);
}

static uint32_t few(struct fuzz *f)
{
    return fuzz_pick(f, 12) ? fuzz_pick(f, 4) : (uint32_t)fuzz_number(f);
}

static VkImageAspectFlags aspects(struct fuzz *f)
{
    return fuzz_pick(f, 4) ? VK_IMAGE_ASPECT_COLOR_BIT : fuzz_pick(f, 128);
}

void fuzz_create_image(struct fuzz *f)
{
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = fuzz_pick(f, 3) ? 0 : VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT << fuzz_pick(f, 8),
        .imageType = (VkImageType)fuzz_pick(f, 3), .format = any_format(f),
        .extent = {extent(f), extent(f), fuzz_pick(f, 3) ? 1 : extent(f)},
        .mipLevels = 1 + few(f), .arrayLayers = 1 + few(f),
        .samples = fuzz_pick(f, 8) ? VK_SAMPLE_COUNT_1_BIT : (VkSampleCountFlagBits)fuzz_pick(f, 8),
        .tiling = (VkImageTiling)fuzz_pick(f, 2), .usage = fuzz_pick(f, 4) ? 0xf : fuzz_pick(f, 256)};
    VkImage image = VK_NULL_HANDLE;
    VkMemoryRequirements need;

    if (fuzz_pick(f, 2)) { /* one that can be made */
        uint32_t width = 8 + fuzz_pick(f, 40), height = 8 + fuzz_pick(f, 40);

        info = (VkImageCreateInfo){
            .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO, .imageType = VK_IMAGE_TYPE_2D,
            .format = common_format(f), .extent = {width, height, 1}, .mipLevels = 1 + fuzz_pick(f, 4),
            .arrayLayers = 1 + fuzz_pick(f, 6), .samples = VK_SAMPLE_COUNT_1_BIT, .usage = 0xf};
    }

    if (vkCreateImage(f->device, &info, NULL, &image) != VK_SUCCESS)
        return;
    *fuzz_place(f, IMAGE) = (uint64_t)(uintptr_t)image;
    vkGetImageMemoryRequirements(f->device, image, &need);
    VkMemoryAllocateInfo memory_info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                        .allocationSize = need.size};
    VkDeviceMemory memory = HANDLE(VkDeviceMemory, MEMORY);
    bool fits = fuzz_pick(f, 4) && need.size <= 1u << 20;
    if (fits && vkAllocateMemory(f->device, &memory_info, NULL, &memory) == VK_SUCCESS)
        *fuzz_place(f, MEMORY) = (uint64_t)(uintptr_t)memory;
    vkBindImageMemory(f->device, image, memory, fits ? 0 : fuzz_number(f));
}

void fuzz_create_image_view(struct fuzz *f)
{
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO, .image = HANDLE(VkImage, IMAGE),
        .viewType = (VkImageViewType)fuzz_pick(f, 8), .format = any_format(f),
        .subresourceRange = {aspects(f), few(f), fuzz_pick(f, 3) ? 1 : few(f), few(f),
                             fuzz_pick(f, 3) ? VK_REMAINING_ARRAY_LAYERS : few(f)}};
    VkBufferViewCreateInfo texels = {.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
                                     .buffer = HANDLE(VkBuffer, BUFFER), .format = any_format(f),
                                     .offset = fuzz_number(f), .range = fuzz_number(f)};

    if (fuzz_pick(f, 2))
        info.components = (VkComponentMapping){
            (VkComponentSwizzle)fuzz_pick(f, 8), (VkComponentSwizzle)fuzz_pick(f, 8),
            (VkComponentSwizzle)fuzz_pick(f, 8), (VkComponentSwizzle)fuzz_pick(f, 8)};
    if (fuzz_pick(f, 2)) { /* one that many images can have */
        info.format = common_format(f);
        info.viewType = VK_IMAGE_VIEW_TYPE_2D;
        info.subresourceRange = (VkImageSubresourceRange){VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    }
    CREATE(IMAGE_VIEW, VkImageView, vkCreateImageView(f->device, &info, NULL, &handle));
    CREATE(BUFFER_VIEW, VkBufferView, vkCreateBufferView(f->device, &texels, NULL, &handle));
}

void fuzz_create_sampler(struct fuzz *f)
{
    VkSamplerCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO, .magFilter = (VkFilter)fuzz_pick(f, 3),
        .minFilter = (VkFilter)fuzz_pick(f, 3), .mipmapMode = (VkSamplerMipmapMode)fuzz_pick(f, 3),
        .addressModeU = (VkSamplerAddressMode)fuzz_pick(f, 6),
        .addressModeV = (VkSamplerAddressMode)fuzz_pick(f, 6),
        .addressModeW = (VkSamplerAddressMode)fuzz_pick(f, 6),
        .mipLodBias = (float)few(f), .anisotropyEnable = fuzz_pick(f, 2),
        .maxAnisotropy = (float)few(f), .compareEnable = fuzz_pick(f, 2),
        .compareOp = (VkCompareOp)fuzz_pick(f, 10), .minLod = (float)few(f), .maxLod = (float)few(f),
        .borderColor = (VkBorderColor)fuzz_pick(f, 8), .unnormalizedCoordinates = fuzz_pick(f, 2)};

    CREATE(SAMPLER, VkSampler, vkCreateSampler(f->device, &info, NULL, &handle));
}

void fuzz_query_image(struct fuzz *f)
{
    VkImageSubresource subresource = {aspects(f), few(f), few(f)};
    VkSubresourceLayout layout;
    VkImageFormatProperties properties;

    vkGetImageSubresourceLayout(f->device, HANDLE(VkImage, IMAGE), &subresource, &layout);
    vkGetPhysicalDeviceImageFormatProperties(f->physical, any_format(f), (VkImageType)fuzz_pick(f, 4),
                                             (VkImageTiling)fuzz_pick(f, 3), fuzz_pick(f, 512),
                                             fuzz_pick(f, 4096), &properties);
}

static VkImageSubresourceLayers layers(struct fuzz *f)
{
    if (fuzz_pick(f, 2))
        return (VkImageSubresourceLayers){VK_IMAGE_ASPECT_COLOR_BIT, fuzz_pick(f, 2), 0, 1};
    return (VkImageSubresourceLayers){aspects(f), few(f), few(f),
                                      fuzz_pick(f, 3) ? 1 : few(f)};
}

static VkOffset3D offset(struct fuzz *f)
{
    if (fuzz_pick(f, 2))
        return (VkOffset3D){0};
    return (VkOffset3D){(int32_t)few(f), (int32_t)few(f), (int32_t)few(f)};
}

static VkExtent3D size(struct fuzz *f)
{
    return (VkExtent3D){extent(f), extent(f), fuzz_pick(f, 3) ? 1 : extent(f)};
}

void fuzz_record_image(struct fuzz *f, VkCommandBuffer cmd)
{
    VkImage src = HANDLE(VkImage, IMAGE), dst = HANDLE(VkImage, IMAGE);
    VkBuffer buffer = HANDLE(VkBuffer, BUFFER);
    VkBufferImageCopy copy = {.bufferOffset = fuzz_number(f), .bufferRowLength = few(f) * 16,
                              .bufferImageHeight = few(f) * 16, .imageSubresource = layers(f),
                              .imageOffset = offset(f), .imageExtent = size(f)};
    VkImageCopy between = {layers(f), offset(f), layers(f), offset(f), size(f)};
    VkImageSubresourceRange range = {aspects(f), few(f), fuzz_pick(f, 2) ? UINT32_MAX : few(f), few(f),
                                     fuzz_pick(f, 2) ? UINT32_MAX : few(f)};
    VkClearColorValue colour = {.uint32 = {1, 2, 3, 4}};
    VkClearDepthStencilValue depth = {0.5f, 7};
    VkImageLayout layout = VK_IMAGE_LAYOUT_GENERAL;
    VkImageMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
                                    .newLayout = layout, .image = dst, .subresourceRange = range};

    switch (fuzz_pick(f, 6)) {
    case 0: vkCmdCopyBufferToImage(cmd, buffer, dst, layout, 1, &copy); break;
    case 1: vkCmdCopyImageToBuffer(cmd, src, layout, buffer, 1, &copy); break;
    case 2: vkCmdCopyImage(cmd, src, layout, dst, layout, 1, &between); break;
    case 3: vkCmdClearColorImage(cmd, dst, layout, &colour, 1, &range); break;
    case 4: vkCmdClearDepthStencilImage(cmd, dst, layout, &depth, 1, &range); break;
    default:
        vkCmdPipelineBarrier(cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                             VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
        break;
    }
}
