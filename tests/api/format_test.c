/* SPDX-License-Identifier: MIT */
#include "api.h"

/* All queries say the same, and what they say of a format is what its kind allows. */
static void queries_agree(void **state)
{
    struct api *api = *state;

    for (int format = 0; format <= VK_FORMAT_ASTC_12x12_SRGB_BLOCK; format++) {
        VkFormatProperties3 three = {.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_3};
        VkFormatProperties2 two = {.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_2,
                                   .pNext = &three};
        VkFormatProperties one;
        VkImageFormatProperties image;
        vkGetPhysicalDeviceFormatProperties(api->physical, (VkFormat)format, &one);
        vkGetPhysicalDeviceFormatProperties2(api->physical, (VkFormat)format, &two);
        assert_memory_equal(&one, &two.formatProperties, sizeof(one));
        assert_int_equal(one.optimalTilingFeatures, three.optimalTilingFeatures & 0x7fffffff);
        assert_int_equal(one.linearTilingFeatures, three.linearTilingFeatures & 0x7fffffff);
        assert_int_equal(one.bufferFeatures, three.bufferFeatures & 0x7fffffff);
        static const struct {
            VkImageUsageFlags usage;
            VkFormatFeatureFlags feature;
        } uses[] = {
            {VK_IMAGE_USAGE_TRANSFER_SRC_BIT, VK_FORMAT_FEATURE_TRANSFER_SRC_BIT},
            {VK_IMAGE_USAGE_SAMPLED_BIT, VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT},
            {VK_IMAGE_USAGE_STORAGE_BIT, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT},
        };
        for (int i = 0; i < 3; i++) {
            VkResult result = vkGetPhysicalDeviceImageFormatProperties(
                api->physical, (VkFormat)format, VK_IMAGE_TYPE_2D, VK_IMAGE_TILING_OPTIMAL,
                uses[i].usage, 0, &image);
            assert_int_equal(result, one.optimalTilingFeatures & uses[i].feature
                                         ? VK_SUCCESS
                                         : VK_ERROR_FORMAT_NOT_SUPPORTED);
            if (result == VK_SUCCESS) {
                assert_true(image.maxExtent.width >= 4096);
                assert_true(image.maxResourceSize >= 1u << 31);
            } else {
                assert_int_equal(image.maxExtent.width, 0);
            }
        }
    }
}

/* Formats that require a sampler's conversion are for nothing that has none. */
static void converted_formats_are_sampled_only(void **state)
{
    static const VkFormat formats[] = {VK_FORMAT_R12X4G12X4B12X4A12X4_UNORM_4PACK16,
                                       VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM,
                                       VK_FORMAT_G8B8G8R8_422_UNORM};
    const VkFormatFeatureFlags never =
        VK_FORMAT_FEATURE_BLIT_SRC_BIT | VK_FORMAT_FEATURE_BLIT_DST_BIT |
        VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT | VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT |
        VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_CUBIC_BIT_EXT;
    struct api *api = *state;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        VkFormatProperties properties;
        vkGetPhysicalDeviceFormatProperties(api->physical, formats[i], &properties);
        assert_int_equal(properties.optimalTilingFeatures & never, 0);
        assert_int_equal(properties.linearTilingFeatures & never, 0);
        assert_int_equal(properties.bufferFeatures, 0);
    }
}

/* Views of colours are filtered cubically, all but cubes; and the least of integers is found. */
static void filters_are_reported(void **state)
{
    static const struct {
        VkFormat format;
        VkImageViewType view;
        VkImageCreateFlags flags;
        bool cubic, extremes;
    } rows[] = {
        {VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_VIEW_TYPE_2D, 0, true, true},
        {VK_FORMAT_BC1_RGB_SRGB_BLOCK, VK_IMAGE_VIEW_TYPE_2D_ARRAY, 0, true, true},
        {VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_VIEW_TYPE_CUBE, VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT, false,
         true},
        {VK_FORMAT_R16_SINT, VK_IMAGE_VIEW_TYPE_2D, 0, false, true},
        {VK_FORMAT_D16_UNORM, VK_IMAGE_VIEW_TYPE_2D, 0, false, true},
        {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, VK_IMAGE_VIEW_TYPE_2D, 0, false, false},
    };
    struct api *api = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        VkPhysicalDeviceImageViewImageFormatInfoEXT view = {
            .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_VIEW_IMAGE_FORMAT_INFO_EXT,
            .imageViewType = rows[i].view,
        };
        VkPhysicalDeviceImageFormatInfo2 info = {
            .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
            .pNext = &view,
            .format = rows[i].format,
            .type = VK_IMAGE_TYPE_2D,
            .usage = VK_IMAGE_USAGE_SAMPLED_BIT,
            .flags = rows[i].flags,
        };
        VkFilterCubicImageViewImageFormatPropertiesEXT cubic = {
            .sType = VK_STRUCTURE_TYPE_FILTER_CUBIC_IMAGE_VIEW_IMAGE_FORMAT_PROPERTIES_EXT,
        };
        VkImageFormatProperties2 out = {.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2,
                                        .pNext = &cubic};
        VkFormatProperties features;
        assert_int_equal(
            vkGetPhysicalDeviceImageFormatProperties2(api->physical, &info, &out), VK_SUCCESS);
        assert_int_equal(cubic.filterCubic, rows[i].cubic);
        assert_int_equal(cubic.filterCubicMinmax, rows[i].cubic);
        vkGetPhysicalDeviceFormatProperties(api->physical, rows[i].format, &features);
        assert_int_equal(!!(features.optimalTilingFeatures &
                            VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_MINMAX_BIT),
                         rows[i].extremes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(converted_formats_are_sampled_only, api_open_instance,
                                        api_close),
        cmocka_unit_test_setup_teardown(queries_agree, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(filters_are_reported, api_open_instance, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
