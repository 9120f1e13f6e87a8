/* SPDX-License-Identifier: MIT
 *
 * Sparse residency of images: what is said of it, blocks and mip tails bound and taken away, and what shaders are
 * told about it.
 */
#include "vk_test.h"

#include "resident.h"

enum { BLOCK = 64 << 10, WIDTH = 2048, HEIGHT = 40, LEVELS = 3, POINTS = 32 };

static const VkImageUsageFlags usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_STORAGE_BIT |
                                       VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;

/* ---- Queries ---- */

static uint32_t properties(struct vk_test *t, VkFormat format, VkImageType type, VkSampleCountFlagBits samples,
                           VkImageTiling tiling, VkSparseImageFormatProperties out[2])
{
    uint32_t count = 0, room = 2;

    vkGetPhysicalDeviceSparseImageFormatProperties(t->physical, format, type, samples, VK_IMAGE_USAGE_SAMPLED_BIT,
                                                   tiling, &count, NULL);
    vkGetPhysicalDeviceSparseImageFormatProperties(t->physical, format, type, samples, VK_IMAGE_USAGE_SAMPLED_BIT,
                                                   tiling, &room, out);
    assert_int_equal(count, room);
    return count;
}

static void test_format_properties(void **state)
{
    struct vk_test *t = *state;
    VkSparseImageFormatProperties p[2];
    static const struct {
        VkFormat format;
        VkImageType type;
        VkExtent3D block;
    } rows[] = {
        {VK_FORMAT_R8_UNORM, VK_IMAGE_TYPE_2D, {4096, 16, 1}},
        {VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TYPE_2D, {1024, 16, 1}},
        {VK_FORMAT_R32G32B32A32_SFLOAT, VK_IMAGE_TYPE_3D, {256, 4, 4}},
        {VK_FORMAT_BC1_RGB_UNORM_BLOCK, VK_IMAGE_TYPE_2D, {2048, 64, 1}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(properties(t, rows[i].format, rows[i].type, VK_SAMPLE_COUNT_1_BIT,
                                    VK_IMAGE_TILING_OPTIMAL, p), 1);
        assert_int_equal(p[0].aspectMask, VK_IMAGE_ASPECT_COLOR_BIT);
        assert_memory_equal(&p[0].imageGranularity, &rows[i].block, sizeof(rows[i].block));
    }
    assert_int_equal(properties(t, VK_FORMAT_D32_SFLOAT_S8_UINT, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_1_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 2);
    assert_int_equal(p[0].aspectMask, VK_IMAGE_ASPECT_DEPTH_BIT);
    assert_int_equal(p[1].aspectMask, VK_IMAGE_ASPECT_STENCIL_BIT);
    assert_int_equal(p[1].imageGranularity.width, 4096);
    assert_int_equal(properties(t, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_16_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 1);
    assert_int_equal(p[0].imageGranularity.width, 64);
    assert_int_equal(p[0].imageGranularity.height, 16);
    /* None: linear, too many samples, one dimension, texels of three channels, YCbCr. */
    assert_int_equal(properties(t, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_1_BIT,
                                VK_IMAGE_TILING_LINEAR, p), 0);
    assert_int_equal(properties(t, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_32_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 0);
    assert_int_equal(properties(t, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_TYPE_1D, VK_SAMPLE_COUNT_1_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 0);
    assert_int_equal(properties(t, VK_FORMAT_R32G32B32_SFLOAT, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_1_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 0);
    assert_int_equal(properties(t, VK_FORMAT_G8_B8_R8_3PLANE_420_UNORM, VK_IMAGE_TYPE_2D, VK_SAMPLE_COUNT_1_BIT,
                                VK_IMAGE_TILING_OPTIMAL, p), 0);
}

/* ---- An image ---- */

static VkImage create_image(struct vk_test *t)
{
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT |
                 VK_IMAGE_CREATE_SPARSE_ALIASED_BIT | VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = {WIDTH, HEIGHT, 1},
        .mipLevels = LEVELS,
        .arrayLayers = 2,
        .samples = 1,
        .usage = usage,
    };
    VkImage image;

    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    return image;
}

static VkDeviceMemory allocate(struct vk_test *t, VkImage image, VkDeviceSize size_B)
{
    VkMemoryRequirements requirements;

    vkGetImageMemoryRequirements(t->device, image, &requirements);
    assert_int_equal(requirements.alignment, BLOCK);
    return vk_memory(t, &requirements, size_B);
}

static void bind(struct vk_test *t, VkImage image, uint32_t count, const VkSparseImageMemoryBind *binds,
                 const VkSparseMemoryBind *tail)
{
    VkSparseImageMemoryBindInfo blocks = {image, count, binds};
    VkSparseImageOpaqueMemoryBindInfo opaque = {image, 1, tail};
    VkBindSparseInfo info = {.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO,
                             .imageOpaqueBindCount = tail != NULL, .pImageOpaqueBinds = &opaque,
                             .imageBindCount = count != 0, .pImageBinds = &blocks};

    assert_vk(vkQueueBindSparse(t->queue, 1, &info, VK_NULL_HANDLE));
    assert_vk(vkQueueWaitIdle(t->queue));
}

#define AT(layer, level) {VK_IMAGE_ASPECT_COLOR_BIT, level, layer}

static VkImageView make_view(struct vk_test *t, VkImage image, VkFormat format, uint32_t levels)
{
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D_ARRAY,
        .format = format,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, levels, 0, 2},
    };
    VkImageView view;

    assert_vk(vkCreateImageView(t->device, &info, NULL, &view));
    return view;
}

static uint32_t texel(uint32_t x, uint32_t y, uint32_t level)
{
    return x | y << 12 | level << 24 | 0xc0000000u;
}

/* All texels of layer 1. */
static void upload(struct vk_test *t, VkImage image)
{
    struct api_buffer buffer = vk_buffer_create(t, WIDTH * HEIGHT * 4 * 2);
    VkBufferImageCopy regions[LEVELS];
    uint32_t at = 0;

    for (uint32_t l = 0; l < LEVELS; l++) {
        regions[l] = (VkBufferImageCopy){
            .bufferOffset = at * 4,
            .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, l, 1, 1},
            .imageExtent = {WIDTH >> l, HEIGHT >> l, 1},
        };
        for (uint32_t y = 0; y < (uint32_t)HEIGHT >> l; y++)
            for (uint32_t x = 0; x < (uint32_t)WIDTH >> l; x++)
                ((uint32_t *)buffer.map)[at++] = texel(x, y, l);
    }
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, buffer.buffer, image, VK_IMAGE_LAYOUT_GENERAL, LEVELS, regions);
    vk_barrier(cmd);
    vk_run(t, cmd);
    vk_buffer_destroy(t, &buffer);
}

/* ---- What shaders see ---- */

struct shader {
    VkImage image;
    VkImageView view, words;
    VkSampler samplers[2]; /* nearest, linear */
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer points;
};

static struct shader shader_create(struct vk_test *t, VkImage image)
{
    const VkDescriptorType types[] = {
        VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
        VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 2},
                                          {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 1},
                                          {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1}};
    VkDescriptorPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                            .maxSets = 1, .poolSizeCount = 3, .pPoolSizes = sizes};
    struct shader s = {.image = image};

    s.view = make_view(t, image, VK_FORMAT_R8G8B8A8_UNORM, LEVELS);
    s.words = make_view(t, image, VK_FORMAT_R32_UINT, 1);
    s.points = vk_buffer_create(t, POINTS * 24);
    s.set_layout = vk_set_layout(t, 0, 4, types);
    s.layout = vk_pipeline_layout(t, 1, &s.set_layout, 0);
    s.pipeline = vk_pipeline(t, s.layout, resident_spv, sizeof(resident_spv), NULL);
    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &s.pool));
    s.set = vk_descriptor_set(t, s.pool, s.set_layout);
    for (uint32_t i = 0; i < 2; i++) {
        VkSamplerCreateInfo info = {
            .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
            .magFilter = i ? VK_FILTER_LINEAR : VK_FILTER_NEAREST,
            .minFilter = i ? VK_FILTER_LINEAR : VK_FILTER_NEAREST,
            .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
            .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
            .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
            .maxLod = LEVELS,
        };
        assert_vk(vkCreateSampler(t->device, &info, NULL, &s.samplers[i]));
    }
    for (uint32_t i = 0; i < 3; i++) {
        VkDescriptorImageInfo image_info = {i < 2 ? s.samplers[i] : VK_NULL_HANDLE, i < 2 ? s.view : s.words,
                                            VK_IMAGE_LAYOUT_GENERAL};
        VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstSet = s.set,
                                      .dstBinding = i, .descriptorCount = 1, .descriptorType = types[i],
                                      .pImageInfo = &image_info};
        vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
    }
    vk_write_buffer(t, s.set, 3, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, s.points.buffer, 0, VK_WHOLE_SIZE);
    return s;
}

static void shader_destroy(struct vk_test *t, struct shader *s)
{
    vk_buffer_destroy(t, &s->points);
    vkDestroyDescriptorPool(t->device, s->pool, NULL);
    vkDestroyPipeline(t->device, s->pipeline, NULL);
    vkDestroyPipelineLayout(t->device, s->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, s->set_layout, NULL);
    vkDestroySampler(t->device, s->samplers[0], NULL);
    vkDestroySampler(t->device, s->samplers[1], NULL);
    vkDestroyImageView(t->device, s->view, NULL);
    vkDestroyImageView(t->device, s->words, NULL);
}

enum { FETCH = 1, READ = 2, NEAREST = 4, LINEAR = 8, GATHER = 16, ALL = 31 };

/* A texel, and for which instructions its memory is there; value 0: not looked at. */
struct point {
    int32_t x, y, layer, level;
    uint32_t bits, value;
};

static void look(struct vk_test *t, struct shader *s, uint32_t count, const struct point *points)
{
    int32_t *in = s->points.map;
    const uint32_t *out = (const uint32_t *)s->points.map + POINTS * 4;

    for (uint32_t i = 0; i < count; i++)
        memcpy(&in[i * 4], &points[i].x, 16);
    vk_run_pipeline(t, s->pipeline, s->layout, s->set, 1);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(out[i * 2 + 1], points[i].bits);
        if (points[i].value)
            assert_int_equal(out[i * 2], points[i].value);
    }
}

static void test_residency(void **state)
{
    struct vk_test *t = *state;
    VkImage image = create_image(t);
    VkSparseImageMemoryRequirements r;
    uint32_t count = 1;

    vkGetImageSparseMemoryRequirements(t->device, image, &count, &r);
    assert_int_equal(count, 1);
    assert_int_equal(r.formatProperties.imageGranularity.width, WIDTH / 2);
    assert_int_equal(r.imageMipTailFirstLod, 2);
    assert_int_equal(r.imageMipTailSize, BLOCK);
    /* Blocks of level 0: 2 x 3; of level 1: 1 x 2. */
    assert_int_equal(r.imageMipTailOffset, 8 * BLOCK);
    assert_int_equal(r.imageMipTailStride, 9 * BLOCK);

    VkDeviceMemory memory = allocate(t, image, 5 * BLOCK);
    const VkSparseImageMemoryBind binds[] = {
        {AT(1, 0), {1024, 0, 0}, {1024, 16, 1}, memory, 0, 0},
        {AT(1, 0), {0, 32, 0}, {1024, 8, 1}, memory, BLOCK, 0}, /* up to the level's end */
        {AT(1, 1), {0, 0, 0}, {1024, 20, 1}, memory, 2 * BLOCK, 0},
        {AT(0, 0), {0, 0, 0}, {1024, 16, 1}, memory, 0, 0}, /* the first one's memory again */
    };
    const VkSparseMemoryBind tail = {r.imageMipTailOffset + r.imageMipTailStride, BLOCK, memory, 4 * BLOCK, 0};
    bind(t, image, 4, binds, &tail);
    upload(t, image);

    struct shader s = shader_create(t, image);
    const struct point points[] = {
        {1029, 3, 1, 0, ALL, texel(1029, 3, 0)},
        {5, 3, 1, 0, 0, 0},
        {1024, 3, 1, 0, FETCH | READ | NEAREST, texel(1024, 3, 0)}, /* a filter reaches beyond the block */
        {1030, 16, 1, 0, 0, 0},
        {7, 35, 1, 0, ALL, texel(7, 35, 0)},
        {1000, 10, 1, 1, FETCH | NEAREST | LINEAR, texel(1000, 10, 1)}, /* reads, gathers are of level 0 */
        {1000, 18, 1, 1, FETCH | NEAREST | LINEAR, texel(1000, 18, 1)},
        {100, 5, 1, 2, FETCH | NEAREST | LINEAR, texel(100, 5, 2)},
        {5, 3, 0, 0, ALL, texel(1029, 3, 0)},
        {1500, 3, 0, 0, 0, 0},
    };
    look(t, &s, sizeof(points) / sizeof(points[0]), points);

    /* Taken away; what is in the memory stays there. */
    bind(t, image, 1, &(VkSparseImageMemoryBind){AT(1, 0), {1024, 0, 0}, {1024, 16, 1}, VK_NULL_HANDLE, 0, 0},
         NULL);
    const struct point later[] = {{1029, 3, 1, 0, 0, 0}, {5, 3, 0, 0, ALL, texel(1029, 3, 0)}};
    look(t, &s, 2, later);
    shader_destroy(t, &s);
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

/* A volume: its blocks have slices. */
static void test_volume(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT,
        .imageType = VK_IMAGE_TYPE_3D,
        .format = VK_FORMAT_R32G32B32A32_UINT,
        .extent = {300, 6, 5},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = 1,
        .usage = usage,
    };
    VkImage image;

    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    /* 2 x 2 x 2 blocks; the memory of all of them, the last first. */
    VkDeviceMemory memory = allocate(t, image, 8 * BLOCK);
    VkSparseImageMemoryBind binds[8];
    for (int32_t i = 0; i < 8; i++) {
        VkOffset3D at = {(i & 1) * 256, (i >> 1 & 1) * 4, (i >> 2) * 4};
        binds[i] = (VkSparseImageMemoryBind){AT(0, 0), at, {i & 1 ? 44 : 256, i & 2 ? 2 : 4, i & 4 ? 1 : 4},
                                             memory, (VkDeviceSize)(7 - i) * BLOCK, 0};
    }
    bind(t, image, 8, binds, NULL);

    const VkDeviceSize size_B = 300 * 6 * 5 * 16;
    struct api_buffer there = vk_buffer_create(t, size_B), back = vk_buffer_create(t, size_B);
    VkBufferImageCopy whole = {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, {0}, {300, 6, 5}};
    for (uint32_t i = 0; i < size_B / 4; i++)
        ((uint32_t *)there.map)[i] = i * 7;
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, there.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &whole);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image, VK_IMAGE_LAYOUT_GENERAL, back.buffer, 1, &whole);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal(back.map, there.map, size_B);
    /* The last block's first texel is the memory's first. */
    uint32_t *map;
    assert_vk(vkMapMemory(t->device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    assert_int_equal(map[0], ((256 + (4 + 4 * 6) * 300) * 4) * 7);
    vk_buffer_destroy(t, &there);
    vk_buffer_destroy(t, &back);
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

static void test_bad_binds(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    VkImage image = create_image(t);
    VkDeviceMemory memory = allocate(t, image, BLOCK);
    const VkSparseImageMemoryBind bad[] = {
        {AT(0, 2), {0, 0, 0}, {512, 10, 1}, memory, 0, 0},      /* the mip tail */
        {AT(2, 0), {0, 0, 0}, {1024, 16, 1}, memory, 0, 0},     /* no such layer */
        {AT(0, 77), {0, 0, 0}, {1024, 16, 1}, memory, 0, 0},    /* nor level */
        {AT(0, 0), {512, 0, 0}, {1024, 16, 1}, memory, 0, 0},   /* half a block aside */
        {AT(0, 0), {-1024, 0, 0}, {1024, 16, 1}, memory, 0, 0},
        {AT(0, 0), {2048, 0, 0}, {1024, 16, 1}, memory, 0, 0},
        {AT(0, 0), {0, 32, 0}, {1024, 16, 1}, memory, 0, 0},    /* beyond the level's end */
        {AT(0, 0), {0, 0, 0}, {1024, 0, 1}, memory, 0, 0},
        {AT(0, 0), {0, 0, 0}, {2048, 16, 1}, memory, 0, 0},     /* two blocks, memory for one */
        {AT(0, 0), {0, 0, 0}, {1024, 16, 1}, memory, BLOCK, 0},
        {AT(0, 0), {0, 0, 0}, {1024, 16, 1}, memory, 100, 0},
        {{VK_IMAGE_ASPECT_DEPTH_BIT, 0, 0}, {0, 0, 0}, {1024, 16, 1}, memory, 0, 0},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bind(t, image, 1, &bad[i], NULL);
        vk_test_expect_message(t, "left out");
    }
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

/* Two of the blocks of an image with four samples a texel: what is written to all arrives in their memory, each
 * row's in its place. */
static void test_samples(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT | VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R32_UINT,
        .extent = {600, 32, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_4_BIT,
        .usage = usage,
    };
    VkSparseImageMemoryRequirements sparse;
    uint32_t one = 1, *words;
    VkImage image;

    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    vkGetImageSparseMemoryRequirements(t->device, image, &one, &sparse);
    assert_int_equal(sparse.formatProperties.imageGranularity.width, 256);
    assert_int_equal(sparse.imageMipTailFirstLod, 1);
    VkDeviceMemory memory = allocate(t, image, 2 * BLOCK);
    /* The block on the right is narrower: 88 texels. */
    VkSparseImageMemoryBind binds[] = {
        {AT(0, 0), {256, 16, 0}, {256, 16, 1}, memory, BLOCK, 0},
        {AT(0, 0), {512, 0, 0}, {88, 16, 1}, memory, 0, 0},
    };
    bind(t, image, 2, binds, NULL);
    assert_vk(vkMapMemory(t->device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&words));
    memset(words, 0, 2 * BLOCK);
    VkClearColorValue color = {.uint32 = {0x01020304}};
    VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdClearColorImage(cmd, image, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &range);
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < BLOCK / 4; i++) {
        assert_int_equal(words[BLOCK / 4 + i], 0x01020304);
        assert_int_equal(words[i], i % 1024 < 88 * 4 ? 0x01020304 : 0);
    }
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_format_properties),
        VK_TEST_ENTRY(test_residency),
        VK_TEST_ENTRY(test_volume),
        VK_TEST_ENTRY(test_bad_binds),
        VK_TEST_ENTRY(test_samples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
