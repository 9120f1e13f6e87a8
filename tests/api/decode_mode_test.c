/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_astc_decode_mode: one block, seen through a view of each mode.
 */
#include <math.h>

#include "vk_test.h"

#include "sample_points.h"

/* 4x4 texels of several colours and alphas. */
static const uint8_t block[16] = {0x1f, 0xa7, 0xbf, 0x44, 0x93, 0x5c, 0xa9, 0x69,
                                  0x75, 0x83, 0x5a, 0xac, 0x19, 0xb4, 0x61, 0x69};

static struct vk_image create_image(struct vk_test *t, VkFormat format)
{
    struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                   .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
                                                   .imageType = VK_IMAGE_TYPE_2D,
                                                   .format = format,
                                                   .extent = {4, 4, 1},
                                                   .tiling = VK_IMAGE_TILING_OPTIMAL,
                                                   .usage = VK_IMAGE_USAGE_SAMPLED_BIT |
                                                            VK_IMAGE_USAGE_TRANSFER_DST_BIT,
                                               });
    struct api_buffer buffer = vk_buffer_create(t, sizeof(block));
    VkCommandBuffer cmd = vk_begin(t);
    VkBufferImageCopy region = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {4, 4, 1},
    };
    memcpy(buffer.map, block, sizeof(block));
    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, buffer.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    vk_run(t, cmd);
    vk_buffer_destroy(t, &buffer);
    return image;
}

static VkResult create_view(struct vk_test *t, VkImage image, VkFormat format, const VkFormat *mode,
                            VkImageView *view_out)
{
    VkImageViewASTCDecodeModeEXT decode = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_ASTC_DECODE_MODE_EXT,
        .decodeMode = mode ? *mode : VK_FORMAT_UNDEFINED,
    };
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .pNext = mode ? &decode : NULL,
        .image = image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    return vkCreateImageView(t->device, &info, NULL, view_out);
}

/* The 16 texels, as the view shows them. */
static void sample(struct vk_test *t, VkImage image, VkFormat format, const VkFormat *mode, float texels[64])
{
    const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 2, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, sample_points_spv, sizeof(sample_points_spv), NULL);
    const VkDescriptorPoolSize sizes[] = {{types[0], 1}, {types[1], 1}};
    VkDescriptorPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, .maxSets = 1,
                                            .poolSizeCount = 2, .pPoolSizes = sizes};
    VkSamplerCreateInfo sampler_info = {.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    VkDescriptorPool pool;
    VkDescriptorImageInfo info = {.imageLayout = VK_IMAGE_LAYOUT_GENERAL};
    struct api_buffer points = vk_buffer_create(t, 32 * 4 * sizeof(float));

    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &pool));
    assert_vk(vkCreateSampler(t->device, &sampler_info, NULL, &info.sampler));
    assert_vk(create_view(t, image, format, mode, &info.imageView));
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstSet = set, .descriptorCount = 1,
                                  .descriptorType = types[0], .pImageInfo = &info};
    vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
    vk_write_buffer(t, set, 1, types[1], points.buffer, 0, VK_WHOLE_SIZE);
    for (unsigned i = 0; i < 16; i++) {
        ((float *)points.map)[4 * i] = 0.25f * ((float)(i % 4) + 0.5f);
        ((float *)points.map)[4 * i + 1] = 0.25f * ((float)(i / 4) + 0.5f);
    }
    vk_run_pipeline(t, pipeline, layout, set, 1);
    memcpy(texels, points.map, 64 * sizeof(float));
    vkDestroyImageView(t->device, info.imageView, NULL);
    vkDestroySampler(t->device, info.sampler, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vk_buffer_destroy(t, &points);
}

/* Every mode shows the same colours, each in as many digits as it has. */
static void modes_have_their_digits(void **state)
{
    struct vk_test *t = *state;
    const VkFormat format = VK_FORMAT_ASTC_4x4_UNORM_BLOCK, halves = VK_FORMAT_R16G16B16A16_SFLOAT;
    const VkFormat bytes = VK_FORMAT_R8G8B8A8_UNORM, shared = VK_FORMAT_E5B9G9R9_UFLOAT_PACK32;
    float plain[64], of_halves[64], of_bytes[64], of_shared[64];
    struct vk_image image = create_image(t, format);
    unsigned fractions = 0;

    sample(t, image.image, format, NULL, plain);
    sample(t, image.image, format, &halves, of_halves);
    sample(t, image.image, format, &bytes, of_bytes);
    sample(t, image.image, format, &shared, of_shared);
    assert_memory_equal(plain, of_halves, sizeof(plain));
    for (unsigned i = 0; i < 64; i++) {
        const float *own = &plain[i / 4 * 4];
        float most = fmaxf(own[0], fmaxf(own[1], own[2])), b = of_bytes[i] * 255, unit;
        int exponent;

        fractions += fabsf(plain[i] * 255 - rintf(plain[i] * 255)) > 0.01f;
        assert_true(fabsf(b - rintf(b)) < 1e-4f && fabsf(of_bytes[i] - plain[i]) < 1 / 255.0f);
        if (i % 4 == 3) {
            assert_true(of_shared[i] == 1);
            continue;
        }
        frexpf(most, &exponent);
        unit = ldexpf(1, exponent - 9);
        assert_true(of_shared[i] / unit == rintf(of_shared[i] / unit) && fabsf(of_shared[i] - plain[i]) <= unit);
    }
    assert_true(fractions > 10); /* else the modes would not show */
    vk_image_destroy(t, &image);
}

/* sRGB has no modes; other formats, and other modes, are refused. */
static void modes_are_of_astc(void **state)
{
    struct vk_test *t = *state;
    const VkFormat bytes = VK_FORMAT_R8G8B8A8_UNORM, none = VK_FORMAT_R8_UNORM;
    struct vk_image srgb = create_image(t, VK_FORMAT_ASTC_4x4_SRGB_BLOCK);
    float plain[64], of_bytes[64];
    VkImageView view = (VkImageView)1;

    sample(t, srgb.image, VK_FORMAT_ASTC_4x4_SRGB_BLOCK, NULL, plain);
    sample(t, srgb.image, VK_FORMAT_ASTC_4x4_SRGB_BLOCK, &bytes, of_bytes);
    assert_memory_equal(plain, of_bytes, sizeof(plain));
    vk_image_destroy(t, &srgb);
    if (t->validation)
        return;
    struct vk_image image = create_image(t, VK_FORMAT_ASTC_4x4_UNORM_BLOCK);
    assert_int_not_equal(create_view(t, image.image, VK_FORMAT_ASTC_4x4_UNORM_BLOCK, &none, &view), VK_SUCCESS);
    assert_true(view == VK_NULL_HANDLE);
    vk_test_expect_message(t, "no decode mode of ASTC");
    vk_image_destroy(t, &image);
    image = create_image(t, VK_FORMAT_BC7_UNORM_BLOCK);
    assert_int_not_equal(create_view(t, image.image, VK_FORMAT_BC7_UNORM_BLOCK, &bytes, &view), VK_SUCCESS);
    vk_test_expect_message(t, "the format with a decode mode is not ASTC");
    vk_image_destroy(t, &image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(modes_have_their_digits),
        VK_TEST_ENTRY(modes_are_of_astc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
