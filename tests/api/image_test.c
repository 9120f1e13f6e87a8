/* SPDX-License-Identifier: MIT
 *
 * Images, views and samplers as objects.
 */
#include <stdlib.h>

#include "vk_test.h"

static VkImageCreateInfo image_info(VkFormat format, uint32_t width, uint32_t height)
{
    return (VkImageCreateInfo){
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {width, height, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
}

static void requirements_agree(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, 33, 17);
    VkMemoryRequirements2 two = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    VkMemoryRequirements2 three = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    VkDeviceImageMemoryRequirements by_info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_IMAGE_MEMORY_REQUIREMENTS, .pCreateInfo = &info};
    VkImage image;

    info.mipLevels = 6;
    info.arrayLayers = 3;
    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    VkImageMemoryRequirementsInfo2 query = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_REQUIREMENTS_INFO_2, .image = image};
    vkGetImageMemoryRequirements2(t->device, &query, &two);
    vkGetDeviceImageMemoryRequirements(t->device, &by_info, &three);
    assert_memory_equal(&two.memoryRequirements, &three.memoryRequirements,
                        sizeof(VkMemoryRequirements));
    assert_true(two.memoryRequirements.size >= 3 * 4 * 33 * 17);
    vkDestroyImage(t->device, image, NULL);
}

/* Subresources of a linear image lie in its memory and don't overlap. */
static void subresources_are_disjoint(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8_UNORM, 37, 21);

    info.tiling = VK_IMAGE_TILING_LINEAR;
    struct vk_image image = vk_image_create(t, info);
    VkSubresourceLayout layout;
    VkImageSubresource subresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0};
    vkGetImageSubresourceLayout(t->device, image.image, &subresource, &layout);
    assert_int_equal(layout.offset, 0);
    assert_true(layout.rowPitch >= 2 * 37);
    assert_true(layout.offset + 20 * layout.rowPitch + 2 * 37 <= image.size_B);
    vk_image_destroy(t, &image);
}

static void refuses_what_cannot_be(void **state)
{
    struct vk_test *t = *state;
    VkImage image;

    if (t->validation)
        skip();
    struct {
        VkImageCreateInfo info;
        const char *message;
    } cases[] = {
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 0, 16), "zero"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 1u << 20), "maxExtent"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, UINT32_MAX, UINT32_MAX), "maxExtent"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16), "levels"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16), "layers"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16), "samples"},
        {image_info((VkFormat)0x7fffffff, 16, 16), "format"},
        {image_info(VK_FORMAT_R32G32B32A32_SFLOAT, 16384, 16384), "maxResourceSize"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 8), "square"},
        {image_info(VK_FORMAT_PVRTC1_2BPP_UNORM_BLOCK_IMG, 16, 16), "format"},
        {image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16), "format"},
    };
    cases[3].info.mipLevels = 6;
    cases[4].info.arrayLayers = 1u << 20;
    cases[5].info.samples = (VkSampleCountFlagBits)(VK_SAMPLE_COUNT_4_BIT | VK_SAMPLE_COUNT_2_BIT);
    cases[8].info.flags = VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT;
    cases[8].info.arrayLayers = 6;
    cases[10].info.flags = VK_IMAGE_CREATE_PROTECTED_BIT;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        image = (VkImage)1;
        assert_int_not_equal(vkCreateImage(t->device, &cases[i].info, NULL, &image), VK_SUCCESS);
        assert_true(image == VK_NULL_HANDLE);
        vk_test_expect_message(t, cases[i].message);
    }
}

static void refuses_memory_that_is_too_small(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, 64, 64);
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = 64 * 64 * 4};
    VkDeviceMemory memory;
    VkImage image;

    if (t->validation)
        skip();
    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    assert_vk(vkAllocateMemory(t->device, &allocation, NULL, &memory));
    assert_int_not_equal(vkBindImageMemory(t->device, image, memory, 64), VK_SUCCESS);
    vk_test_expect_message(t, "vkBindImageMemory");
    assert_int_not_equal(vkBindImageMemory(t->device, image, memory, 1), VK_SUCCESS);
    vk_test_expect_message(t, "vkBindImageMemory");
    assert_vk(vkBindImageMemory(t->device, image, memory, 0));
    assert_int_not_equal(vkBindImageMemory(t->device, image, memory, 0), VK_SUCCESS);
    vk_test_expect_message(t, "bound already");
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

static VkImageViewCreateInfo view_info(VkImage image, VkFormat format)
{
    return (VkImageViewCreateInfo){
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
}

static void refuses_views_beyond_the_image(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16);

    if (t->validation)
        skip();
    info.mipLevels = 3;
    info.arrayLayers = 4;
    struct vk_image image = vk_image_create(t, info);
    VkImageViewCreateInfo good = view_info(image.image, VK_FORMAT_R8G8B8A8_UNORM);
    VkImageViewCreateInfo cases[10];
    for (int i = 0; i < 10; i++)
        cases[i] = good;
    cases[0].subresourceRange.baseMipLevel = 3;
    cases[1].subresourceRange.levelCount = 4;
    cases[2].subresourceRange.baseArrayLayer = 4;
    cases[3].subresourceRange.layerCount = 2; /* of a view that is no array */
    cases[4].viewType = VK_IMAGE_VIEW_TYPE_3D;
    cases[5].viewType = VK_IMAGE_VIEW_TYPE_CUBE;
    cases[6].format = VK_FORMAT_R8G8B8A8_UINT; /* the image is not mutable */
    cases[7].subresourceRange.aspectMask = VK_IMAGE_ASPECT_DEPTH_BIT;
    cases[8].subresourceRange = (VkImageSubresourceRange){VK_IMAGE_ASPECT_COLOR_BIT, UINT32_MAX,
                                                          UINT32_MAX, UINT32_MAX, UINT32_MAX};
    cases[9].subresourceRange.levelCount = 0;
    for (int i = 0; i < 10; i++) {
        VkImageView view = (VkImageView)1;
        assert_int_not_equal(vkCreateImageView(t->device, &cases[i], NULL, &view), VK_SUCCESS);
        assert_true(view == VK_NULL_HANDLE);
        vk_test_expect_message(t, "vkCreateImageView");
    }
    VkImageView view;
    assert_vk(vkCreateImageView(t->device, &good, NULL, &view));
    vkDestroyImageView(t->device, view, NULL);
    vk_image_destroy(t, &image);
}

/* What shaderStorageImageMultisample says: tests/spirv has the shaders. */
static void storage_images_may_be_multisampled(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_R32_UINT, 16, 16);
    VkImageFormatProperties properties;
    VkImageView view;

    info.usage = VK_IMAGE_USAGE_STORAGE_BIT | VK_IMAGE_USAGE_SAMPLED_BIT;
    assert_vk(vkGetPhysicalDeviceImageFormatProperties(t->physical, info.format, info.imageType,
                                                       info.tiling, info.usage, 0, &properties));
    for (uint32_t count = 1; count <= 64; count *= 2) {
        assert_true(properties.sampleCounts & count);
        info.samples = (VkSampleCountFlagBits)count;
        struct vk_image image = vk_image_create(t, info);
        assert_true(image.size_B >= count * 4 * 16 * 16);
        VkImageViewCreateInfo whole = view_info(image.image, info.format);
        assert_vk(vkCreateImageView(t->device, &whole, NULL, &view));
        vkDestroyImageView(t->device, view, NULL);
        vk_image_destroy(t, &image);
    }
}

/* Whoever asks for compression is told that there is none. */
static void images_are_not_compressed(void **state)
{
    struct vk_test *t = *state;
    VkImageCompressionControlEXT control = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_COMPRESSION_CONTROL_EXT,
        .flags = VK_IMAGE_COMPRESSION_FIXED_RATE_DEFAULT_EXT};
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, 16, 16);
    VkPhysicalDeviceImageFormatInfo2 query = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2, .pNext = &control,
        .format = info.format, .type = info.imageType, .usage = info.usage};
    VkImageCompressionPropertiesEXT found = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_COMPRESSION_PROPERTIES_EXT, .imageCompressionFlags = 77,
        .imageCompressionFixedRateFlags = 77};
    VkImageCompressionPropertiesEXT supported = found;
    VkImageFormatProperties2 out = {.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2,
                                    .pNext = &supported};
    VkImageSubresource2 first = {.sType = VK_STRUCTURE_TYPE_IMAGE_SUBRESOURCE_2,
                                 .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0}};
    VkSubresourceLayout2 layout = {.sType = VK_STRUCTURE_TYPE_SUBRESOURCE_LAYOUT_2,
                                   .pNext = &found};

    if (t->validation)
        skip(); /* the extension is off */
    info.pNext = &control;
    assert_vk(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &query, &out));
    assert_int_equal(supported.imageCompressionFlags, VK_IMAGE_COMPRESSION_DISABLED_EXT);
    assert_int_equal(supported.imageCompressionFixedRateFlags, 0);
    struct vk_image image = vk_image_create(t, info);
    API_DEVICE_PROC(t->api, vkGetImageSubresourceLayout2)(t->device, image.image, &first, &layout);
    assert_int_equal(found.imageCompressionFlags, VK_IMAGE_COMPRESSION_DISABLED_EXT);
    assert_int_equal(found.imageCompressionFixedRateFlags, 0);
    vk_image_destroy(t, &image);
}

static void refuses_unknown_sampler_modes(void **state)
{
    struct vk_test *t = *state;
    VkSamplerCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    VkSampler sampler;

    if (t->validation)
        skip();
    info.addressModeV = (VkSamplerAddressMode)77;
    assert_int_not_equal(vkCreateSampler(t->device, &info, NULL, &sampler), VK_SUCCESS);
    vk_test_expect_message(t, "address mode");
    info.addressModeV = VK_SAMPLER_ADDRESS_MODE_REPEAT;
    info.magFilter = (VkFilter)7;
    assert_int_not_equal(vkCreateSampler(t->device, &info, NULL, &sampler), VK_SUCCESS);
    vk_test_expect_message(t, "filter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(requirements_agree),
        VK_TEST_ENTRY(subresources_are_disjoint),
        VK_TEST_ENTRY(refuses_what_cannot_be),
        VK_TEST_ENTRY(refuses_memory_that_is_too_small),
        VK_TEST_ENTRY(refuses_views_beyond_the_image),
        VK_TEST_ENTRY(images_are_not_compressed),
        VK_TEST_ENTRY(refuses_unknown_sampler_modes),
        VK_TEST_ENTRY(storage_images_may_be_multisampled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
