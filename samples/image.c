/* SPDX-License-Identifier: MIT */
#include "common.h"

struct sample_image sample_create_image(struct sample *sample, VkFormat format, uint32_t width,
                                        uint32_t height, VkImageUsageFlags usage)
{
    struct sample_image image = {.width = width, .height = height};
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {width, height, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL,
        .usage = usage | VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
    CHECK(vkCreateImage(sample->device, &info, NULL, &image.image));

    VkMemoryRequirements needs;
    vkGetImageMemoryRequirements(sample->device, image.image, &needs);
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = needs.size,
        .memoryTypeIndex = (uint32_t)__builtin_ctz(needs.memoryTypeBits),
    };
    CHECK(vkAllocateMemory(sample->device, &allocate, NULL, &image.memory));
    CHECK(vkBindImageMemory(sample->device, image.image, image.memory, 0));

    VkImageViewCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = image.image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    CHECK(vkCreateImageView(sample->device, &view, NULL, &image.view));
    return image;
}

void sample_destroy_image(struct sample *sample, struct sample_image *image)
{
    vkDestroyImageView(sample->device, image->view, NULL);
    vkDestroyImage(sample->device, image->image, NULL);
    vkFreeMemory(sample->device, image->memory, NULL);
}

void sample_image_begin(VkCommandBuffer commands, const struct sample_image *image)
{
    VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                         VK_ACCESS_TRANSFER_WRITE_BIT,
        .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED,
        .newLayout = VK_IMAGE_LAYOUT_GENERAL,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = image->image,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT,
                         VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 0,
                         NULL, 0, NULL, 1, &barrier);
}

static VkBufferImageCopy whole(const struct sample_image *image)
{
    return (VkBufferImageCopy){
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {image->width, image->height, 1},
    };
}

void sample_copy_to_image(VkCommandBuffer commands, const struct sample_buffer *buffer,
                          const struct sample_image *image)
{
    VkBufferImageCopy region = whole(image);
    vkCmdCopyBufferToImage(commands, buffer->buffer, image->image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
}

void sample_copy_from_image(VkCommandBuffer commands, const struct sample_image *image,
                            const struct sample_buffer *buffer)
{
    VkBufferImageCopy region = whole(image);
    vkCmdCopyImageToBuffer(commands, image->image, VK_IMAGE_LAYOUT_GENERAL, buffer->buffer, 1, &region);
}

void sample_write_image(struct sample *sample, VkDescriptorSet set, uint32_t binding,
                        VkDescriptorType type, const struct sample_image *image, VkSampler sampler)
{
    VkDescriptorImageInfo info = {sampler, image->view, VK_IMAGE_LAYOUT_GENERAL};
    VkWriteDescriptorSet write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
        .dstSet = set,
        .dstBinding = binding,
        .descriptorCount = 1,
        .descriptorType = type,
        .pImageInfo = &info,
    };
    vkUpdateDescriptorSets(sample->device, 1, &write, 0, NULL);
}
