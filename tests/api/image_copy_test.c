/* SPDX-License-Identifier: MIT
 *
 * Copies and clears of images. Every format takes the way buffer, image, image, buffer and has to come
 * back unchanged.
 */
#include <stdlib.h>

#include "vk_test.h"

#define BUFFER_B (1u << 20)
/* Where the parts of a buffer start: a multiple of every texel's size. */
#define PART_B 65472u

static const VkImageUsageFlags usage =
    VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;

static void fill_random(void *memory, size_t size_B)
{
    uint32_t x = 1;

    for (size_t i = 0; i < size_B; i++) {
        x = x * 1664525 + 1013904223;
        ((uint8_t *)memory)[i] = (uint8_t)(x >> 24);
    }
}

static VkImageAspectFlags aspects_of(VkFormat format)
{
    switch (format) {
    case VK_FORMAT_D16_UNORM:
    case VK_FORMAT_X8_D24_UNORM_PACK32:
    case VK_FORMAT_D32_SFLOAT:
        return VK_IMAGE_ASPECT_DEPTH_BIT;
    case VK_FORMAT_S8_UINT:
        return VK_IMAGE_ASPECT_STENCIL_BIT;
    case VK_FORMAT_D16_UNORM_S8_UINT:
    case VK_FORMAT_D24_UNORM_S8_UINT:
    case VK_FORMAT_D32_SFLOAT_S8_UINT:
        return VK_IMAGE_ASPECT_DEPTH_BIT | VK_IMAGE_ASPECT_STENCIL_BIT;
    default:
        return VK_IMAGE_ASPECT_COLOR_BIT;
    }
}

/* Buffer, image, image, buffer; each level and each aspect. */
static void round_trip(struct vk_test *t, VkImageCreateInfo info)
{
    struct api_buffer src = vk_buffer_create(t, BUFFER_B), dst = vk_buffer_create(t, BUFFER_B);
    VkImageAspectFlags aspects = aspects_of(info.format);
    struct vk_image a = vk_image_create(t, info), b = vk_image_create(t, info);
    VkBufferImageCopy regions[16];
    VkImageCopy copies[16];
    uint32_t count = 0, levels = info.mipLevels ? info.mipLevels : 1;
    uint32_t layers = info.arrayLayers ? info.arrayLayers : 1;

    fill_random(src.map, BUFFER_B);
    for (uint32_t level = 0; level < levels; level++) {
        VkExtent3D extent = {
            info.extent.width >> level ? info.extent.width >> level : 1,
            info.extent.height >> level ? info.extent.height >> level : 1,
            info.extent.depth >> level ? info.extent.depth >> level : 1,
        };
        for (VkImageAspectFlags left = aspects; left; left &= left - 1) {
            VkImageSubresourceLayers subresource = {left & -left, level, 0, layers};
            regions[count] = (VkBufferImageCopy){
                .bufferOffset = count * PART_B,
                .imageSubresource = subresource,
                .imageExtent = extent,
            };
            copies[count] = (VkImageCopy){
                .srcSubresource = subresource,
                .dstSubresource = subresource,
                .extent = extent,
            };
            count++;
        }
    }
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, a.image, aspects);
    vk_image_to_general(cmd, b.image, aspects);
    vkCmdCopyBufferToImage(cmd, src.buffer, a.image, VK_IMAGE_LAYOUT_GENERAL, count, regions);
    vk_barrier(cmd);
    vkCmdCopyImage(cmd, a.image, VK_IMAGE_LAYOUT_GENERAL, b.image, VK_IMAGE_LAYOUT_GENERAL, count,
                   copies);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, b.image, VK_IMAGE_LAYOUT_GENERAL, dst.buffer, count, regions);
    vk_barrier(cmd);
    vk_run(t, cmd);
    /* What came back is what was sent; beyond it the buffer is untouched. */
    const uint8_t *sent = src.map, *received = dst.map;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t start = i * PART_B, size_B = PART_B;
        while (size_B && !received[start + size_B - 1])
            size_B--;
        assert_int_not_equal(size_B, 0);
        assert_memory_equal(received + start, sent + start, size_B);
    }
    vk_image_destroy(t, &a);
    vk_image_destroy(t, &b);
    vk_buffer_destroy(t, &src);
    vk_buffer_destroy(t, &dst);
}

static void every_format_comes_back(void **state)
{
    struct vk_test *t = *state;
    uint32_t done = 0;

    for (int format = 1; format <= VK_FORMAT_ASTC_12x12_SRGB_BLOCK; format++) {
        VkImageFormatProperties properties;
        if (vkGetPhysicalDeviceImageFormatProperties(
                t->physical, (VkFormat)format, VK_IMAGE_TYPE_2D, VK_IMAGE_TILING_OPTIMAL, usage, 0,
                &properties) != VK_SUCCESS)
            continue;
        /* "... must not be DEPTH or STENCIL" on a queue without graphics; Weft copies them all the same. */
        if (t->validation && aspects_of((VkFormat)format) != VK_IMAGE_ASPECT_COLOR_BIT)
            continue;
        round_trip(t, (VkImageCreateInfo){
                          .imageType = VK_IMAGE_TYPE_2D,
                          .format = (VkFormat)format,
                          .extent = {26, 15, 1},
                          .mipLevels = 3,
                          .arrayLayers = 2,
                          .usage = usage,
                      });
        done++;
    }
    /* 185 formats less the 22 scaled ones and VK_FORMAT_UNDEFINED. */
    assert_true(done >= 150);
}

static void every_type_comes_back(void **state)
{
    struct vk_test *t = *state;

    for (int tiling = 0; tiling < 2; tiling++) {
        VkImageCreateInfo info = {.format = VK_FORMAT_R16G16B16A16_SFLOAT,
                                  .tiling = (VkImageTiling)tiling,
                                  .usage = usage};
        info.imageType = VK_IMAGE_TYPE_1D;
        info.extent = (VkExtent3D){600, 1, 1};
        info.mipLevels = tiling ? 1 : 10;
        info.arrayLayers = tiling ? 1 : 3;
        round_trip(t, info);
        info.imageType = VK_IMAGE_TYPE_3D;
        info.extent = (VkExtent3D){19, 12, 9};
        info.mipLevels = tiling ? 1 : 5;
        info.arrayLayers = 1;
        round_trip(t, info);
        info.imageType = VK_IMAGE_TYPE_2D;
        info.extent = (VkExtent3D){16, 16, 1};
        info.mipLevels = tiling ? 1 : 5;
        if (!tiling) {
            info.flags = VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT;
            info.arrayLayers = 12;
        }
        round_trip(t, info);
    }
}

/* A part of a level, from a buffer whose rows and slices are longer than the region's. */
static void regions_lie_where_they_should(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer src = vk_buffer_create(t, BUFFER_B), dst = vk_buffer_create(t, BUFFER_B);
    struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                   .imageType = VK_IMAGE_TYPE_3D,
                                                   .format = VK_FORMAT_R32_UINT,
                                                   .extent = {40, 30, 20},
                                                   .usage = usage,
                                               });
    VkBufferImageCopy region = {
        .bufferOffset = 64,
        .bufferRowLength = 25,
        .bufferImageHeight = 9,
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageOffset = {3, 4, 5},
        .imageExtent = {21, 7, 6},
    };
    VkBufferImageCopy all = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {40, 30, 20},
    };
    VkClearColorValue color = {.uint32 = {0xabcdef01u}};
    VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};

    fill_random(src.map, BUFFER_B);
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdClearColorImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &range);
    vk_barrier(cmd);
    vkCmdCopyBufferToImage(cmd, src.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, dst.buffer, 1, &all);
    vk_barrier(cmd);
    vk_run(t, cmd);
    const uint32_t *sent = src.map, *received = dst.map;
    for (uint32_t z = 0; z < 20; z++) {
        for (uint32_t y = 0; y < 30; y++) {
            for (uint32_t x = 0; x < 40; x++) {
                uint32_t expected = 0xabcdef01u;
                if (x >= 3 && x < 24 && y >= 4 && y < 11 && z >= 5 && z < 11)
                    expected = sent[16 + (x - 3) + 25 * ((y - 4) + 9 * (z - 5))];
                assert_int_equal(received[x + 40 * (y + 30 * z)], expected);
            }
        }
    }
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &src);
    vk_buffer_destroy(t, &dst);
}

/* A block-compressed image to one whose texels are as big as a block, and slices to layers. */
static void blocks_become_texels(void **state)
{
    struct vk_test *t = *state;

    /* The validation layer of old counts slices and layers differently. */
    if (t->validation)
        skip();
    struct api_buffer src = vk_buffer_create(t, BUFFER_B), dst = vk_buffer_create(t, BUFFER_B);
    struct vk_image blocks = vk_image_create(t, (VkImageCreateInfo){
                                                    .imageType = VK_IMAGE_TYPE_2D,
                                                    .format = VK_FORMAT_BC1_RGB_UNORM_BLOCK,
                                                    .extent = {30, 18, 1},
                                                    .arrayLayers = 3,
                                                    .usage = usage,
                                                });
    struct vk_image texels = vk_image_create(t, (VkImageCreateInfo){
                                                    .imageType = VK_IMAGE_TYPE_3D,
                                                    .format = VK_FORMAT_R32G32_UINT,
                                                    .extent = {10, 7, 5},
                                                    .usage = usage,
                                                });
    VkBufferImageCopy up = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 3},
        .imageExtent = {30, 18, 1},
    };
    VkImageCopy across = {
        .srcSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 3},
        .dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .dstOffset = {2, 2, 1},
        .extent = {30, 18, 1},
    };
    VkBufferImageCopy down = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageOffset = {2, 2, 1},
        .imageExtent = {8, 5, 3},
    };
    fill_random(src.map, BUFFER_B);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdCopyBufferToImage(cmd, src.buffer, blocks.image, VK_IMAGE_LAYOUT_GENERAL, 1, &up);
    vk_barrier(cmd);
    vkCmdCopyImage(cmd, blocks.image, VK_IMAGE_LAYOUT_GENERAL, texels.image,
                   VK_IMAGE_LAYOUT_GENERAL, 1, &across);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, texels.image, VK_IMAGE_LAYOUT_GENERAL, dst.buffer, 1, &down);
    vk_run(t, cmd);
    assert_memory_equal(src.map, dst.map, 8 * 5 * 3 * 8);
    vk_image_destroy(t, &blocks);
    vk_image_destroy(t, &texels);
    vk_buffer_destroy(t, &src);
    vk_buffer_destroy(t, &dst);
}

static void planes_are_copied_one_by_one(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer src = vk_buffer_create(t, BUFFER_B), dst = vk_buffer_create(t, BUFFER_B);
    struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                   .imageType = VK_IMAGE_TYPE_2D,
                                                   .format = VK_FORMAT_G8_B8R8_2PLANE_420_UNORM,
                                                   .extent = {32, 18, 1},
                                                   .usage = usage,
                                               });
    VkBufferImageCopy regions[] = {
        {.imageSubresource = {VK_IMAGE_ASPECT_PLANE_0_BIT, 0, 0, 1}, .imageExtent = {32, 18, 1}},
        {.bufferOffset = 32 * 18,
         .imageSubresource = {VK_IMAGE_ASPECT_PLANE_1_BIT, 0, 0, 1},
         .imageExtent = {16, 9, 1}},
    };

    fill_random(src.map, BUFFER_B);
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, src.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 2, regions);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, dst.buffer, 2, regions);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal(src.map, dst.map, 32 * 18 + 2 * 16 * 9);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &src);
    vk_buffer_destroy(t, &dst);
}

/* ---- Clears ---- */

static void colors_are_packed(void **state)
{
    static const struct {
        VkFormat format;
        VkClearColorValue color;
        uint32_t texel_B;
        uint8_t texel[16];
    } cases[] = {
        {VK_FORMAT_R8G8B8A8_UNORM, {{0, 0.5f, 1, 2}}, 4, {0, 128, 255, 255}},
        {VK_FORMAT_B8G8R8A8_UNORM, {{0, 0.5f, 1, -1}}, 4, {255, 128, 0, 0}},
        {VK_FORMAT_R8G8B8A8_SRGB, {{0.5f, 0, 1, 0.5f}}, 4, {188, 0, 255, 128}},
        {VK_FORMAT_R8G8_SNORM, {{-1, 1}}, 2, {0x81, 0x7f}},
        {VK_FORMAT_R5G6B5_UNORM_PACK16, {{1, 0, 0, 0}}, 2, {0x00, 0xf8}},
        {VK_FORMAT_A1R5G5B5_UNORM_PACK16, {{0, 0, 1, 1}}, 2, {0x1f, 0x80}},
        {VK_FORMAT_B4G4R4A4_UNORM_PACK16, {{0, 0, 1, 0}}, 2, {0x00, 0xf0}},
        {VK_FORMAT_R16G16_SFLOAT, {{1, -2}}, 4, {0x00, 0x3c, 0x00, 0xc0}},
        {VK_FORMAT_R16_SFLOAT, {{65536}}, 2, {0x00, 0x7c}},
        {VK_FORMAT_R16_SFLOAT, {{5.9604645e-8f}}, 2, {0x01, 0x00}},
        {VK_FORMAT_R32_SFLOAT, {{1}}, 4, {0, 0, 0x80, 0x3f}},
        {VK_FORMAT_R8G8_UINT, {.uint32 = {7, 300}}, 2, {7, 255}},
        {VK_FORMAT_R16_SINT, {.int32 = {-2}}, 2, {0xfe, 0xff}},
        {VK_FORMAT_R32G32_UINT, {.uint32 = {1, 0x80000000u}}, 8, {1, 0, 0, 0, 0, 0, 0, 0x80}},
        {VK_FORMAT_A2B10G10R10_UINT_PACK32, {.uint32 = {1023, 0, 0, 3}}, 4, {0xff, 3, 0, 0xc0}},
        {VK_FORMAT_B10G11R11_UFLOAT_PACK32, {{1, 0, -1, 0}}, 4, {0xc0, 0x03, 0, 0}},
        {VK_FORMAT_E5B9G9R9_UFLOAT_PACK32, {{1, 0, 0, 0}}, 4, {0, 1, 0, 0x80}},
        {VK_FORMAT_R8G8B8_USCALED, {{3, 300, -1}}, 3, {3, 255, 0}},
        {VK_FORMAT_R16G16_SSCALED, {{-40000, 2}}, 4, {0, 0x80, 2, 0}},
        {VK_FORMAT_R64_UINT, {.uint32 = {0x04030201u, 0x80070605u}}, 8, {1, 2, 3, 4, 5, 6, 7, 0x80}},
        {VK_FORMAT_R64G64_SINT, {.int32 = {-2, -1, 1, 2}}, 16,
         {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 2}},
        {VK_FORMAT_R64_SFLOAT, {.uint32 = {0, 0x3ff00000u}}, 8, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
    };
    struct vk_test *t = *state;
    struct api_buffer out = vk_buffer_create(t, BUFFER_B);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                       .imageType = VK_IMAGE_TYPE_2D,
                                                       .format = cases[i].format,
                                                       .extent = {19, 5, 1},
                                                       .mipLevels = 2,
                                                       .arrayLayers = 2,
                                                       .usage = usage,
                                                   });
        VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, VK_REMAINING_MIP_LEVELS, 0,
                                         VK_REMAINING_ARRAY_LAYERS};
        VkBufferImageCopy region = {
            .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 1, 0, 2},
            .imageExtent = {9, 2, 1},
        };
        VkCommandBuffer cmd = vk_begin(t);
        vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
        vkCmdClearColorImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, &cases[i].color, 1,
                             &range);
        vk_barrier(cmd);
        vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, out.buffer, 1, &region);
        vk_barrier(cmd);
        vk_run(t, cmd);
        for (uint32_t texel = 0; texel < 9 * 2 * 2; texel++)
            assert_memory_equal((uint8_t *)out.map + texel * cases[i].texel_B, cases[i].texel,
                                cases[i].texel_B);
        vk_image_destroy(t, &image);
    }
    vk_buffer_destroy(t, &out);
}

/* Large enough for all workers to take part; three bytes a texel do not divide anything. */
static void large_clears_and_copies_are_shared(void **state)
{
    struct vk_test *t = *state;
    const uint32_t width = 2048, height = 1100;
    struct api_buffer out = vk_buffer_create(t, (VkDeviceSize)width * height * 3);
    struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                   .imageType = VK_IMAGE_TYPE_2D,
                                                   .format = VK_FORMAT_R8G8B8_UNORM,
                                                   .extent = {width, height, 1},
                                                   .usage = usage,
                                               });
    VkClearColorValue color = {{1 / 255.0f, 2 / 255.0f, 3 / 255.0f, 0}};
    VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    VkBufferImageCopy region = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {width, height, 1},
    };
    VkCommandBuffer cmd = vk_begin(t);

    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdClearColorImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &range);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, out.buffer, 1, &region);
    vk_barrier(cmd);
    vk_run(t, cmd);
    const uint8_t *bytes = out.map;
    bool same = true;
    for (size_t i = 0; i < (size_t)width * height * 3; i++)
        same = same && bytes[i] == 1 + i % 3;
    assert_true(same);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &out);
}

/* ---- Bad input ---- */

static void bad_regions_are_left_out(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    struct api_buffer buffer = vk_buffer_create(t, 4096);
    struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                   .imageType = VK_IMAGE_TYPE_2D,
                                                   .format = VK_FORMAT_R32_UINT,
                                                   .extent = {16, 16, 1},
                                                   .mipLevels = 2,
                                                   .arrayLayers = 2,
                                                   .usage = usage,
                                               });
    const VkImageSubresourceLayers first = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    const VkBufferImageCopy cases[] = {
        {0, 0, 0, first, {0, 0, 0}, {17, 1, 1}},
        {0, 0, 0, first, {-1, 0, 0}, {1, 1, 1}},
        {0, 0, 0, first, {INT32_MAX, 0, 0}, {1, 1, 1}},
        {0, 0, 0, first, {1, 0, 0}, {UINT32_MAX, 1, 1}},
        {0, 0, 0, first, {0, 16, 0}, {1, 1, 1}},
        {0, 0, 0, first, {0, 0, 1}, {1, 1, 1}},
        {0, 0, 0, first, {0, 0, 0}, {0, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 2, 0, 1}, {0, 0, 0}, {1, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 1, 0, 1}, {0, 0, 0}, {9, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 2, 1}, {0, 0, 0}, {1, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 2}, {0, 0, 0}, {1, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 0}, {0, 0, 0}, {1, 1, 1}},
        {0, 0, 0, {VK_IMAGE_ASPECT_STENCIL_BIT, 0, 0, 1}, {0, 0, 0}, {1, 1, 1}},
        {0, 0, 0, {3, 0, 0, 1}, {0, 0, 0}, {1, 1, 1}},
        {4096, 0, 0, first, {0, 0, 0}, {1, 1, 1}},
        {UINT64_MAX, 0, 0, first, {0, 0, 0}, {1, 1, 1}},
        {4, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 2}, {0, 0, 0}, {16, 32, 1}},
        {0, UINT32_MAX, UINT32_MAX, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 2}, {0, 0, 0}, {16, 16, 1}},
        {0, 8, 0, first, {0, 0, 0}, {16, 1, 1}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VkCommandBuffer cmd = vk_begin(t);
        vkCmdCopyBufferToImage(cmd, buffer.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 1,
                               &cases[i]);
        vk_test_expect_message(t, "vkCmdCopyBufferToImage is left out");
        vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, buffer.buffer, 1,
                               &cases[i]);
        vk_test_expect_message(t, "vkCmdCopyImageToBuffer is left out");
        VkImageCopy copy = {cases[i].imageSubresource, cases[i].imageOffset,
                            cases[i].imageSubresource, cases[i].imageOffset,
                            cases[i].imageExtent};
        if (i < 14) {
            vkCmdCopyImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, image.image,
                           VK_IMAGE_LAYOUT_GENERAL, 1, &copy);
            vk_test_expect_message(t, "vkCmdCopyImage is left out");
        }
        vk_run(t, cmd);
    }
    const VkImageSubresourceRange ranges[] = {
        {VK_IMAGE_ASPECT_COLOR_BIT, 2, 1, 0, 1},
        {VK_IMAGE_ASPECT_COLOR_BIT, 0, 3, 0, 1},
        {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 2, 1},
        {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 1, 2},
        {VK_IMAGE_ASPECT_DEPTH_BIT, 0, 1, 0, 1},
        {VK_IMAGE_ASPECT_COLOR_BIT, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
    };
    VkClearColorValue color = {{0}};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        VkCommandBuffer cmd = vk_begin(t);
        vkCmdClearColorImage(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &ranges[i]);
        vk_test_expect_message(t, "vkCmdClearColorImage is left out");
        vk_run(t, cmd);
    }
    /* VkClearColorValue has room for two channels of 64 bits. */
    struct vk_image wide = vk_image_create(t, (VkImageCreateInfo){
                                                  .imageType = VK_IMAGE_TYPE_2D,
                                                  .format = VK_FORMAT_R64G64B64A64_UINT,
                                                  .extent = {3, 3, 1},
                                                  .usage = usage,
                                              });
    const VkImageSubresourceRange all = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdClearColorImage(cmd, wide.image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &all);
    vk_test_expect_message(t, "two channels of 64 bits");
    vk_run(t, cmd);
    vk_image_destroy(t, &wide);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &buffer);
}

/* A copy in flight outlives the image's handle and its memory. */
static void images_may_go_while_they_are_copied(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    for (int phase = 0; phase < 3; phase++) {
        struct api_buffer buffer = vk_buffer_create(t, 4u << 20);
        struct vk_image image = vk_image_create(t, (VkImageCreateInfo){
                                                       .imageType = VK_IMAGE_TYPE_2D,
                                                       .format = VK_FORMAT_R32_UINT,
                                                       .extent = {1024, 1024, 1},
                                                       .usage = usage,
                                                   });
        VkBufferImageCopy region = {
            .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
            .imageExtent = {1024, 1024, 1},
        };
        VkCommandBuffer cmd = vk_begin(t);
        VkFence fence = vk_fence(t, false);
        for (int i = 0; i < 10; i++) {
            vkCmdCopyBufferToImage(cmd, buffer.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 1,
                                   &region);
            vk_barrier(cmd);
        }
        assert_vk(vkEndCommandBuffer(cmd));
        /* Gone before the submit: the copies are dropped, each with a message. */
        if (phase == 0)
            vk_image_destroy(t, &image);
        vk_submit(t, t->queue, cmd, fence);
        if (phase == 1)
            vk_image_destroy(t, &image);
        assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
        if (phase == 2)
            vk_image_destroy(t, &image);
        if (phase == 0)
            vk_test_expect_message(t, "image copy dropped");
        vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
        vkDestroyFence(t->device, fence, NULL);
        vk_buffer_destroy(t, &buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(every_format_comes_back),
        VK_TEST_ENTRY(every_type_comes_back),
        VK_TEST_ENTRY(regions_lie_where_they_should),
        VK_TEST_ENTRY(blocks_become_texels),
        VK_TEST_ENTRY(planes_are_copied_one_by_one),
        VK_TEST_ENTRY(colors_are_packed),
        VK_TEST_ENTRY(large_clears_and_copies_are_shared),
        VK_TEST_ENTRY(bad_regions_are_left_out),
        VK_TEST_ENTRY(images_may_go_while_they_are_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
