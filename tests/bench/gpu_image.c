/* SPDX-License-Identifier: MIT */
#include "gpu.h"

static const struct {
    VkFormat format; /* in the order of enum bench_format */
    uint32_t texel_B;
    bool stored; /* is used as a storage image */
} formats[] = {
    [BENCH_RGBA8] = {VK_FORMAT_R8G8B8A8_UNORM, 4, true},
    [BENCH_SRGB8] = {VK_FORMAT_R8G8B8A8_SRGB, 4, false},
    [BENCH_RGBA16F] = {VK_FORMAT_R16G16B16A16_SFLOAT, 8, true},
    [BENCH_R32F] = {VK_FORMAT_R32_SFLOAT, 4, true},
    [BENCH_R8] = {VK_FORMAT_R8_UNORM, 1, false},
};

int gpu_bound_image(char letter)
{
    return letter >= 's' && letter < 's' + BENCH_IMAGES   ? letter - 's'
           : letter >= 'a' && letter < 'a' + BENCH_IMAGES ? letter - 'a'
                                                          : -1;
}

VkDescriptorType gpu_bound_image_type(char letter)
{
    return letter >= 's' ? VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER
                         : VK_DESCRIPTOR_TYPE_STORAGE_IMAGE;
}

static bool create_image(struct gpu *gpu, const struct bench_image *row, struct gpu_image *image)
{
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .imageType = row->depth ? VK_IMAGE_TYPE_3D : VK_IMAGE_TYPE_2D,
        .format = formats[row->format].format,
        .extent = {row->width, row->height, row->depth ? row->depth : 1},
        .mipLevels = row->levels,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL,
        .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
                 VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                 (formats[row->format].stored ? VK_IMAGE_USAGE_STORAGE_BIT : 0u)};
    TRY(vkCreateImage(gpu->device, &info, NULL, &image->image));
    VkMemoryRequirements needs;
    vkGetImageMemoryRequirements(gpu->device, image->image, &needs);
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .allocationSize = needs.size};
    while (!(needs.memoryTypeBits >> allocate.memoryTypeIndex & 1))
        allocate.memoryTypeIndex++;
    TRY(vkAllocateMemory(gpu->device, &allocate, NULL, &image->memory));
    TRY(vkBindImageMemory(gpu->device, image->image, image->memory, 0));
    return true;
}

bool gpu_create_images(struct gpu *gpu)
{
    const struct bench_kernel *kernel = gpu->target->kernel;
    for (unsigned i = 0; i < BENCH_IMAGES && kernel->images[i].levels; i++)
        if (!create_image(gpu, &kernel->images[i], &gpu->images[i]))
            return false;
    VkFilter filter = kernel->sampler & BENCH_LINEAR ? VK_FILTER_LINEAR : VK_FILTER_NEAREST;
    VkSamplerAddressMode mode = kernel->sampler & BENCH_REPEAT
                                    ? VK_SAMPLER_ADDRESS_MODE_REPEAT
                                    : VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    VkSamplerCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
                                .magFilter = filter,
                                .minFilter = filter,
                                .mipmapMode = kernel->sampler & BENCH_LINEAR_MIPS
                                                  ? VK_SAMPLER_MIPMAP_MODE_LINEAR
                                                  : VK_SAMPLER_MIPMAP_MODE_NEAREST,
                                .addressModeU = mode,
                                .addressModeV = mode,
                                .addressModeW = mode,
                                .maxLod = VK_LOD_CLAMP_NONE};
    TRY(vkCreateSampler(gpu->device, &info, NULL, &gpu->sampler));
    return true;
}

void gpu_destroy_images(struct gpu *gpu)
{
    vkDestroySampler(gpu->device, gpu->sampler, NULL);
    for (unsigned i = 0; i < BENCH_IMAGES; i++) {
        vkDestroyImage(gpu->device, gpu->images[i].image, NULL);
        vkFreeMemory(gpu->device, gpu->images[i].memory, NULL);
    }
    memset(gpu->images, 0, sizeof(gpu->images));
    gpu->sampler = VK_NULL_HANDLE;
}

bool gpu_write_image(struct gpu *gpu, const struct bench_step *row, struct gpu_step *step,
                     uint32_t binding)
{
    char letter = row->bind[binding];
    unsigned number = (unsigned)gpu_bound_image(letter);
    const struct bench_image *image = &gpu->target->kernel->images[number];
    VkDescriptorType type = gpu_bound_image_type(letter);
    bool sampled = type == VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = gpu->images[number].image,
        .viewType = image->depth ? VK_IMAGE_VIEW_TYPE_3D : VK_IMAGE_VIEW_TYPE_2D,
        .format = formats[image->format].format,
        .subresourceRange = {.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT,
                             .baseMipLevel = sampled ? 0 : row->level,
                             .levelCount = sampled ? image->levels : 1,
                             .layerCount = 1}};
    TRY(vkCreateImageView(gpu->device, &info, NULL, &step->views[binding]));
    VkDescriptorImageInfo bound = {.sampler = sampled ? gpu->sampler : VK_NULL_HANDLE,
                                   .imageView = step->views[binding],
                                   .imageLayout = VK_IMAGE_LAYOUT_GENERAL};
    VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                  .dstSet = step->set,
                                  .dstBinding = binding,
                                  .descriptorCount = 1,
                                  .descriptorType = type,
                                  .pImageInfo = &bound};
    vkUpdateDescriptorSets(gpu->device, 1, &write, 0, NULL);
    return true;
}

static VkExtent3D level_extent(const struct bench_image *image, uint32_t level)
{
    uint32_t w = image->width >> level, h = image->height >> level, d = image->depth >> level;
    return (VkExtent3D){w ? w : 1, h ? h : 1, d ? d : 1};
}

void gpu_record_copy(struct gpu *gpu, unsigned number, unsigned buffer, bool to_image)
{
    const struct bench_image *image = &gpu->target->kernel->images[number];
    VkDeviceSize offset = 0;
    for (uint32_t level = 0; level < image->levels; level++) {
        VkExtent3D extent = level_extent(image, level);
        VkBufferImageCopy region = {
            .bufferOffset = offset,
            .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level, 0, 1},
            .imageExtent = extent};
        if (to_image)
            vkCmdCopyBufferToImage(gpu->command_buffer, gpu->buffers[buffer].buffer,
                                   gpu->images[number].image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
        else
            vkCmdCopyImageToBuffer(gpu->command_buffer, gpu->images[number].image,
                                   VK_IMAGE_LAYOUT_GENERAL, gpu->buffers[buffer].buffer, 1,
                                   &region);
        offset += (VkDeviceSize)extent.width * extent.height * extent.depth *
                  formats[image->format].texel_B;
    }
}

void gpu_record_image_copy(struct gpu *gpu, unsigned from, unsigned to)
{
    VkImageCopy region = {.srcSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
                          .dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
                          .extent = level_extent(&gpu->target->kernel->images[from], 0)};
    vkCmdCopyImage(gpu->command_buffer, gpu->images[from].image, VK_IMAGE_LAYOUT_GENERAL,
                   gpu->images[to].image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
}

/* To the layout GENERAL before the first upload; everything before it is done. */
static void record_barrier(struct gpu *gpu, const struct gpu_image *image, bool first)
{
    VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT,
        .oldLayout = first ? VK_IMAGE_LAYOUT_UNDEFINED : VK_IMAGE_LAYOUT_GENERAL,
        .newLayout = VK_IMAGE_LAYOUT_GENERAL,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = image->image,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, VK_REMAINING_MIP_LEVELS, 0, 1}};
    vkCmdPipelineBarrier(gpu->command_buffer, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                         VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 0,
                         NULL, 0, NULL, 1, &barrier);
}

bool gpu_transfer(struct gpu *gpu, bool to_images)
{
    const struct bench_kernel *kernel = gpu->target->kernel;
    if (!kernel->images[0].levels)
        return true;
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    TRY(vkBeginCommandBuffer(gpu->command_buffer, &begin));
    for (unsigned i = 0; i < BENCH_IMAGES && kernel->images[i].levels; i++) {
        record_barrier(gpu, &gpu->images[i], to_images);
        gpu_record_copy(gpu, i, kernel->images[i].buffer, to_images);
        record_barrier(gpu, &gpu->images[i], false);
    }
    TRY(vkEndCommandBuffer(gpu->command_buffer));
    double seconds;
    return gpu_run(gpu, &seconds);
}
