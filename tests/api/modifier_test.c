/* SPDX-License-Identifier: MIT
 *
 * Images with a DRM format modifier: negotiated, made here, and made anew elsewhere by their layout.
 */
#include "vk_test.h"

#define LINEAR 0u /* DRM_FORMAT_MOD_LINEAR */

#define SKIP_UNDER_VALIDATION()                                                                    \
    do {                                                                                           \
        if (t->validation)                                                                         \
            skip(); /* the extension is off */                                                     \
    } while (0)

static const uint64_t modifiers[] = {77, LINEAR};
static const VkImageDrmFormatModifierListCreateInfoEXT list = {
    .sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_LIST_CREATE_INFO_EXT,
    .drmFormatModifierCount = 2,
    .pDrmFormatModifiers = modifiers,
};
static const VkExternalMemoryImageCreateInfo external = {
    .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
    .pNext = &list,
    .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT,
};

static VkImageCreateInfo image_info(VkFormat format, const void *chain)
{
    return (VkImageCreateInfo){
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .pNext = chain,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {20, 6, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT,
        .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
}

static void modifiers_are_listed(void **state)
{
    static const struct {
        VkFormat format;
        uint32_t planes; /* 0: there is no modifier */
    } rows[] = {
        {VK_FORMAT_R8G8B8A8_UNORM, 1}, {VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, 2},
        {VK_FORMAT_G8_B8_R8_3PLANE_444_UNORM, 3}, {VK_FORMAT_D16_UNORM, 0}, {VK_FORMAT_UNDEFINED, 0},
    };
    struct vk_test *t = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        VkDrmFormatModifierPropertiesEXT one[2];
        VkDrmFormatModifierProperties2EXT two[2];
        VkDrmFormatModifierPropertiesListEXT ones = {
            .sType = VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_EXT};
        VkDrmFormatModifierPropertiesList2EXT twos = {
            .sType = VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_2_EXT, .pNext = &ones};
        VkFormatProperties2 out = {.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_2, .pNext = &twos};
        uint32_t count = rows[i].planes ? 1 : 0;
        vkGetPhysicalDeviceFormatProperties2(t->physical, rows[i].format, &out);
        assert_int_equal(ones.drmFormatModifierCount, count);
        assert_int_equal(twos.drmFormatModifierCount, count);
        ones.drmFormatModifierCount = twos.drmFormatModifierCount = 2;
        ones.pDrmFormatModifierProperties = one;
        twos.pDrmFormatModifierProperties = two;
        vkGetPhysicalDeviceFormatProperties2(t->physical, rows[i].format, &out);
        assert_int_equal(ones.drmFormatModifierCount, count);
        assert_int_equal(twos.drmFormatModifierCount, count);
        if (!count)
            continue;
        assert_int_equal(one[0].drmFormatModifier, LINEAR);
        assert_int_equal(one[0].drmFormatModifierPlaneCount, rows[i].planes);
        assert_int_equal(one[0].drmFormatModifierTilingFeatures,
                         out.formatProperties.linearTilingFeatures);
        assert_int_equal(two[0].drmFormatModifierPlaneCount, rows[i].planes);
        ones.drmFormatModifierCount = 0; /* room for none */
        vkGetPhysicalDeviceFormatProperties2(t->physical, rows[i].format, &out);
        assert_int_equal(ones.drmFormatModifierCount, 0);
    }
}

static void queries_know_the_modifier(void **state)
{
    struct vk_test *t = *state;
    VkPhysicalDeviceImageDrmFormatModifierInfoEXT modifier = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_DRM_FORMAT_MODIFIER_INFO_EXT};
    VkPhysicalDeviceImageFormatInfo2 info = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
        .pNext = &modifier,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .type = VK_IMAGE_TYPE_2D,
        .tiling = VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT,
        .usage = VK_IMAGE_USAGE_SAMPLED_BIT,
    };
    VkImageFormatProperties2 out = {.sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2};

    SKIP_UNDER_VALIDATION();
    assert_vk(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &info, &out));
    assert_int_equal(out.imageFormatProperties.maxMipLevels, 1);
    modifier.drmFormatModifier = 77;
    assert_int_equal(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &info, &out),
                     VK_ERROR_FORMAT_NOT_SUPPORTED);
    modifier.drmFormatModifier = LINEAR;
    info.type = VK_IMAGE_TYPE_3D;
    assert_int_equal(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &info, &out),
                     VK_ERROR_FORMAT_NOT_SUPPORTED);
}

/* The two planes of a picture, made here with any modifier of a list, there where it turned out to lie. */
static void pictures_are_shared_by_their_layout(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = image_info(VK_FORMAT_G8_B8R8_2PLANE_420_UNORM, &external);
    VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
        .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT};
    VkImageDrmFormatModifierPropertiesEXT chosen = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_PROPERTIES_EXT,
        .drmFormatModifier = 99};
    VkMemoryRequirements requirements;
    VkSubresourceLayout layouts[2];
    VkDeviceMemory here, there;
    VkImage image, imported;
    uint8_t *map;
    int fd = -1;

    SKIP_UNDER_VALIDATION();
    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    assert_vk(API_DEVICE_PROC(t->api, vkGetImageDrmFormatModifierPropertiesEXT)(t->device, image,
                                                                               &chosen));
    assert_int_equal(chosen.drmFormatModifier, LINEAR);
    vkGetImageMemoryRequirements(t->device, image, &requirements);
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .pNext = &export, .allocationSize = 8192};
    assert_true(requirements.size <= allocate.allocationSize);
    assert_vk(vkAllocateMemory(t->device, &allocate, NULL, &here));
    assert_vk(vkBindImageMemory(t->device, image, here, 0));
    for (uint32_t i = 0; i < 2; i++) {
        VkImageSubresource plane = {VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT << i, 0, 0};
        vkGetImageSubresourceLayout(t->device, image, &plane, &layouts[i]);
        layouts[i].size = layouts[i].arrayPitch = layouts[i].depthPitch = 0;
        assert_true(layouts[i].rowPitch >= 20);
    }
    assert_true(layouts[1].offset >= 6 * layouts[0].rowPitch);

    VkMemoryGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR, .memory = here,
                                .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT};
    assert_vk(API_DEVICE_PROC(t->api, vkGetMemoryFdKHR)(t->device, &get, &fd));
    VkImportMemoryFdInfoKHR import = {.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
                                      .handleType = get.handleType, .fd = fd};
    allocate.pNext = &import;
    assert_vk(vkAllocateMemory(t->device, &allocate, NULL, &there));
    VkImageDrmFormatModifierExplicitCreateInfoEXT explicit = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT,
        .drmFormatModifier = LINEAR, .drmFormatModifierPlaneCount = 2, .pPlaneLayouts = layouts};
    info.pNext = &explicit;
    assert_vk(vkCreateImage(t->device, &info, NULL, &imported));
    assert_vk(vkBindImageMemory(t->device, imported, there, 0));

    struct api_buffer from = vk_buffer_create(t, 20 * 6), to = vk_buffer_create(t, 20 * 3);
    for (int i = 0; i < 20 * 6; i++)
        ((uint8_t *)from.map)[i] = (uint8_t)(3 * i);
    VkBufferImageCopy luma = {.imageSubresource = {VK_IMAGE_ASPECT_PLANE_0_BIT, 0, 0, 1},
                              .imageExtent = {20, 6, 1}};
    VkBufferImageCopy chroma = {.imageSubresource = {VK_IMAGE_ASPECT_PLANE_1_BIT, 0, 0, 1},
                                .imageExtent = {10, 3, 1}};
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdCopyBufferToImage(cmd, from.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &luma);
    vkCmdCopyBufferToImage(cmd, from.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &chroma);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, imported, VK_IMAGE_LAYOUT_GENERAL, to.buffer, 1, &chroma);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal(to.map, from.map, 20 * 3);
    assert_vk(vkMapMemory(t->device, there, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    assert_memory_equal(map + layouts[0].offset + 5 * layouts[0].rowPitch,
                        (uint8_t *)from.map + 5 * 20, 20);
    vkDestroyImage(t->device, image, NULL);
    vkDestroyImage(t->device, imported, NULL);
    vkFreeMemory(t->device, here, NULL);
    vkFreeMemory(t->device, there, NULL);
    vk_buffer_destroy(t, &from);
    vk_buffer_destroy(t, &to);
}

/* Rows far apart, in layers farther apart, behind an offset: nothing else is touched. */
static void layouts_are_obeyed(void **state)
{
    struct vk_test *t = *state;
    VkSubresourceLayout layout = {.offset = 12, .rowPitch = 100, .arrayPitch = 640}, got;
    VkImageDrmFormatModifierExplicitCreateInfoEXT explicit = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT,
        .drmFormatModifierPlaneCount = 1, .pPlaneLayouts = &layout};
    VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, &explicit);
    VkClearColorValue color = {.float32 = {1, 1, 1, 1}};
    VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 1, 1};
    VkImageSubresource second = {VK_IMAGE_ASPECT_MEMORY_PLANE_0_BIT_EXT, 0, 1};

    SKIP_UNDER_VALIDATION();
    info.arrayLayers = 2;
    struct vk_image image = vk_image_create(t, info);
    vkGetImageSubresourceLayout(t->device, image.image, &second, &got);
    assert_int_equal(got.offset, 12 + 640);
    assert_int_equal(got.rowPitch, 100);
    assert_true(image.size_B >= 12 + 640 + 5 * 100 + 80);
    memset(image.map, 0, image.size_B);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdClearColorImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &range);
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t at = 0; at < image.size_B; at++) {
        uint32_t in = at - (12 + 640);
        bool inside = at >= 12 + 640 && in / 100 < 6 && in % 100 < 80;
        assert_int_equal(((uint8_t *)image.map)[at], inside ? 255 : 0);
    }
    vk_image_destroy(t, &image);
}

static void refuses_layouts_that_cannot_be(void **state)
{
    static const struct {
        VkSubresourceLayout layout;
        uint64_t modifier;
        uint32_t planes;
        const char *text;
    } rows[] = {
        {{.rowPitch = 76}, LINEAR, 1, "rows overlap"},
        {{.rowPitch = 82}, LINEAR, 1, "no multiple"},
        {{.rowPitch = 80, .offset = 2}, LINEAR, 1, "no multiple"},
        {{.rowPitch = 80, .arrayPitch = 400}, LINEAR, 1, "layers overlap"},
        {{.rowPitch = UINT64_MAX - 3, .arrayPitch = 480}, LINEAR, 1, "maxResourceSize"},
        {{.rowPitch = 1u << 30, .arrayPitch = 480}, LINEAR, 1, "overlap"},
        {{.rowPitch = 80, .offset = UINT64_MAX - 3, .arrayPitch = 480}, LINEAR, 1, "maxResourceSize"},
        {{.rowPitch = 80, .arrayPitch = 480}, LINEAR, 2, "as many planes"},
        {{.rowPitch = 80, .arrayPitch = 480}, 77, 1, "among the modifiers"},
    };
    struct vk_test *t = *state;
    VkImage image;

    SKIP_UNDER_VALIDATION();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        VkSubresourceLayout layouts[2] = {rows[i].layout, rows[i].layout};
        VkImageDrmFormatModifierExplicitCreateInfoEXT explicit = {
            .sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT,
            .drmFormatModifier = rows[i].modifier,
            .drmFormatModifierPlaneCount = rows[i].planes,
            .pPlaneLayouts = layouts};
        VkImageCreateInfo info = image_info(VK_FORMAT_R8G8B8A8_UNORM, &explicit);
        info.arrayLayers = 2;
        assert_int_equal(vkCreateImage(t->device, &info, NULL, &image),
                         VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT);
        vk_test_expect_message(t, rows[i].text);
    }
    VkImageCreateInfo none = image_info(VK_FORMAT_R8G8B8A8_UNORM, NULL);
    assert_int_not_equal(vkCreateImage(t->device, &none, NULL, &image), VK_SUCCESS);
    vk_test_expect_message(t, "among the modifiers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(modifiers_are_listed),
        VK_TEST_ENTRY(queries_know_the_modifier),
        VK_TEST_ENTRY(pictures_are_shared_by_their_layout),
        VK_TEST_ENTRY(layouts_are_obeyed),
        VK_TEST_ENTRY(refuses_layouts_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
