/* SPDX-License-Identifier: MIT */
#include "api.h"

/* Image support is not claimed anywhere, and every query says so in its own way. */
static void reports_no_images(void **state)
{
    struct api *api = *state;

    for (int format = 0; format <= VK_FORMAT_ASTC_12x12_SRGB_BLOCK; format++) {
        VkFormatProperties3 three = {
            .sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_3, .linearTilingFeatures = 1};
        VkFormatProperties2 two = {.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_2,
                                   .pNext = &three};
        VkImageFormatProperties image;
        vkGetPhysicalDeviceFormatProperties2(api->physical, (VkFormat)format, &two);
        assert_int_equal(two.formatProperties.optimalTilingFeatures, 0);
        assert_int_equal(three.linearTilingFeatures, 0);
        assert_int_equal(vkGetPhysicalDeviceImageFormatProperties(
                             api->physical, (VkFormat)format, VK_IMAGE_TYPE_2D,
                             VK_IMAGE_TILING_OPTIMAL, VK_IMAGE_USAGE_STORAGE_BIT, 0, &image),
                         VK_ERROR_FORMAT_NOT_SUPPORTED);
        assert_int_equal(image.maxExtent.width, 0);
    }
}

static void reports_no_external_handles(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceExternalBufferInfo buffer_info = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
        .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
    };
    VkExternalBufferProperties buffer = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
    VkPhysicalDeviceExternalSemaphoreInfo semaphore_info = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_SEMAPHORE_INFO,
        .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT,
    };
    VkExternalSemaphoreProperties semaphore = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_SEMAPHORE_PROPERTIES, .externalSemaphoreFeatures = 3};

    vkGetPhysicalDeviceExternalBufferProperties(api->physical, &buffer_info, &buffer);
    assert_int_equal(buffer.externalMemoryProperties.externalMemoryFeatures, 0);
    vkGetPhysicalDeviceExternalSemaphoreProperties(api->physical, &semaphore_info, &semaphore);
    assert_int_equal(semaphore.externalSemaphoreFeatures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reports_no_images, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(reports_no_external_handles, api_open_instance, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
