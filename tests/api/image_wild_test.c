/* SPDX-License-Identifier: MIT
 *
 * Images and shaders that don't fit each other: coordinates that are nowhere, storage in formats that can't be stored
 * to, and everything destroyed while a job waits for its turn. Nothing outside of an image may change.
 */
#include "vk_test.h"

#include "sample_points.h"
#include "wild.h"

enum { SIZE = 16, GUARD_B = 1 << 16 };

struct world {
    VkImage image;
    VkDeviceMemory memory;
    uint8_t *map; /* GUARD_B bytes, the image, GUARD_B bytes */
    VkDeviceSize size_B;
    VkImageView view;
    VkSampler sampler;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer results;
};

static void create_image(struct vk_test *t, struct world *w, VkFormat format, VkImageAspectFlags aspect)
{
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = VK_IMAGE_CREATE_MUTABLE_FORMAT_BIT | VK_IMAGE_CREATE_EXTENDED_USAGE_BIT,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = format,
        .extent = {SIZE, SIZE, 1},
        .mipLevels = 2,
        .arrayLayers = 1,
        .samples = 1,
        .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_STORAGE_BIT,
    };
    VkMemoryRequirements requirements;

    assert_vk(vkCreateImage(t->device, &info, NULL, &w->image));
    vkGetImageMemoryRequirements(t->device, w->image, &requirements);
    w->size_B = requirements.size;
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = requirements.size + 2 * GUARD_B,
        .memoryTypeIndex = (uint32_t)__builtin_ctz(requirements.memoryTypeBits),
    };
    assert_vk(vkAllocateMemory(t->device, &allocation, NULL, &w->memory));
    assert_vk(vkMapMemory(t->device, w->memory, 0, VK_WHOLE_SIZE, 0, (void **)&w->map));
    memset(w->map, 0x5a, allocation.allocationSize);
    assert_vk(vkBindImageMemory(t->device, w->image, w->memory, GUARD_B));
    VkImageViewCreateInfo view = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = w->image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = format,
        .subresourceRange = {aspect, 0, 2, 0, 1},
    };
    assert_vk(vkCreateImageView(t->device, &view, NULL, &w->view));
}

static void write_image(struct vk_test *t, struct world *w, uint32_t binding, VkDescriptorType type)
{
    VkDescriptorImageInfo info = {w->sampler, w->view, VK_IMAGE_LAYOUT_GENERAL};
    VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstSet = w->set,
                                  .dstBinding = binding, .descriptorCount = 1, .descriptorType = type,
                                  .pImageInfo = &info};

    vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
}

static struct world world_create(struct vk_test *t, VkFormat format, VkImageAspectFlags aspect, VkFilter filter,
                                 VkSamplerAddressMode mode, uint32_t type_count, const VkDescriptorType *types)
{
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 1},
                                          {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 1},
                                          {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1}};
    VkDescriptorPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                       .maxSets = 1, .poolSizeCount = 3, .pPoolSizes = sizes};
    VkSamplerCreateInfo sampler = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .magFilter = filter,
        .minFilter = filter,
        .mipmapMode = VK_SAMPLER_MIPMAP_MODE_LINEAR,
        .addressModeU = mode,
        .addressModeV = mode,
        .addressModeW = mode,
        .maxLod = VK_LOD_CLAMP_NONE,
    };
    struct world w = {0};

    create_image(t, &w, format, aspect);
    w.results = vk_buffer_create(t, 64 * 16);
    w.set_layout = vk_set_layout(t, 0, type_count, types);
    w.layout = vk_pipeline_layout(t, 1, &w.set_layout, 0);
    assert_vk(vkCreateDescriptorPool(t->device, &pool, NULL, &w.pool));
    w.set = vk_descriptor_set(t, w.pool, w.set_layout);
    assert_vk(vkCreateSampler(t->device, &sampler, NULL, &w.sampler));
    for (uint32_t i = 0; i + 1 < type_count; i++)
        write_image(t, &w, i, types[i]);
    vk_write_buffer(t, w.set, type_count - 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, w.results.buffer, 0,
                    VK_WHOLE_SIZE);
    return w;
}

/* All but the memory, which the caller still looks at, and the results. */
static void world_destroy_objects(struct vk_test *t, struct world *w)
{
    vkDestroySampler(t->device, w->sampler, NULL);
    vkDestroyImageView(t->device, w->view, NULL);
    vkDestroyImage(t->device, w->image, NULL);
    vkDestroyDescriptorPool(t->device, w->pool, NULL);
    vkDestroyPipelineLayout(t->device, w->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, w->set_layout, NULL);
}

static void record(struct world *w, VkCommandBuffer cmd, VkPipeline pipeline)
{
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, w->layout, 0, 1, &w->set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
}

static const VkDescriptorType wild_types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                              VK_DESCRIPTOR_TYPE_STORAGE_IMAGE,
                                              VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};

static void test_stays_inside(void **state)
{
    struct vk_test *t = *state;
    static const struct {
        VkFormat format;
        VkImageAspectFlags aspect;
    } rows[] = {
        {VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_R32G32B32A32_SFLOAT, VK_IMAGE_ASPECT_COLOR_BIT},
        /* None of these can be stored to. */
        {VK_FORMAT_R8G8B8A8_SRGB, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_R8G8B8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_R32G32B32_SFLOAT, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_E5B9G9R9_UFLOAT_PACK32, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_BC1_RGB_UNORM_BLOCK, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_BC7_UNORM_BLOCK, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_ASTC_12x12_UNORM_BLOCK, VK_IMAGE_ASPECT_COLOR_BIT},
        {VK_FORMAT_D32_SFLOAT, VK_IMAGE_ASPECT_DEPTH_BIT},
        {VK_FORMAT_D24_UNORM_S8_UINT, VK_IMAGE_ASPECT_STENCIL_BIT},
        {VK_FORMAT_R64_UINT, VK_IMAGE_ASPECT_COLOR_BIT},
    };
    static const VkSamplerAddressMode modes[] = {
        VK_SAMPLER_ADDRESS_MODE_REPEAT, VK_SAMPLER_ADDRESS_MODE_MIRRORED_REPEAT,
        VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE, VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER,
        VK_SAMPLER_ADDRESS_MODE_MIRROR_CLAMP_TO_EDGE};
    static uint8_t guard[GUARD_B];
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 3, wild_types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);

    if (t->validation) {
        vkDestroyPipelineLayout(t->device, layout, NULL);
        vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
        skip();
    }
    memset(guard, 0x5a, sizeof(guard));
    VkPipeline pipeline = vk_pipeline(t, layout, wild_spv, sizeof(wild_spv), NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t m = 0; m < 5; m++) {
            struct world w = world_create(t, rows[i].format, rows[i].aspect, m & 1 ? VK_FILTER_NEAREST : VK_FILTER_LINEAR,
                                          modes[m], 3, wild_types);
            VkCommandBuffer cmd = vk_begin(t);
            record(&w, cmd, pipeline);
            vk_run(t, cmd);
            assert_memory_equal(w.map, guard, GUARD_B);
            assert_memory_equal(w.map + GUARD_B + w.size_B, guard, GUARD_B);
            world_destroy_objects(t, &w);
            vkFreeMemory(t->device, w.memory, NULL);
            vk_buffer_destroy(t, &w.results);
        }
    }
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
}

/* Refused where nothing says that a view's format will do. */
static void test_refuses_usage_without_feature(void **state)
{
    struct vk_test *t = *state;
    static const struct {
        VkFormat format;
        VkImageUsageFlags usage;
    } rows[] = {
        {VK_FORMAT_R8G8B8A8_SRGB, VK_IMAGE_USAGE_STORAGE_BIT},
        {VK_FORMAT_BC1_RGB_UNORM_BLOCK, VK_IMAGE_USAGE_STORAGE_BIT},
        {VK_FORMAT_D32_SFLOAT, VK_IMAGE_USAGE_STORAGE_BIT},
        {VK_FORMAT_R8G8B8A8_USCALED, VK_IMAGE_USAGE_SAMPLED_BIT},
        {VK_FORMAT_R64_UINT, VK_IMAGE_USAGE_SAMPLED_BIT},
        {VK_FORMAT_R8_UNORM, VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT},
        {VK_FORMAT_D16_UNORM, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT},
    };

    if (t->validation)
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        VkImageCreateInfo info = {
            .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
            .imageType = VK_IMAGE_TYPE_2D,
            .format = rows[i].format,
            .extent = {SIZE, SIZE, 1},
            .mipLevels = 1,
            .arrayLayers = 1,
            .samples = 1,
            .usage = rows[i].usage,
        };
        VkImage image = (VkImage)1;
        assert_int_not_equal(vkCreateImage(t->device, &info, NULL, &image), VK_SUCCESS);
        assert_true(image == VK_NULL_HANDLE);
        vk_test_expect_message(t, "the format can't be used like that");
    }
}

/* The job waits; sampler, view, image, descriptors and memory go; the job samples what was there. */
static void test_destroyed_in_flight(void **state)
{
    struct vk_test *t = *state;
    const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};

    if (t->validation)
        skip();
    struct world w = world_create(t, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_ASPECT_COLOR_BIT, VK_FILTER_LINEAR,
                                  VK_SAMPLER_ADDRESS_MODE_REPEAT, 2, types);
    VkPipeline pipeline = vk_pipeline(t, w.layout, sample_points_spv, sizeof(sample_points_spv), NULL);
    VkSemaphore gate = vk_timeline(t, 0);
    VkFence fence = vk_fence(t, false);
    VkCommandBuffer cmd = vk_begin(t);
    const uint64_t one = 1;
    const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkTimelineSemaphoreSubmitInfo values = {.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                            .waitSemaphoreValueCount = 1, .pWaitSemaphoreValues = &one};
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .pNext = &values, .waitSemaphoreCount = 1,
                           .pWaitSemaphores = &gate, .pWaitDstStageMask = &stage, .commandBufferCount = 1,
                           .pCommandBuffers = &cmd};

    memset(w.map, 255, w.size_B + 2 * GUARD_B);
    record(&w, cmd, pipeline);
    assert_vk(vkEndCommandBuffer(cmd));
    assert_vk(vkQueueSubmit(t->queue, 1, &submit, fence));
    vkUnmapMemory(t->device, w.memory);
    world_destroy_objects(t, &w);
    vkFreeMemory(t->device, w.memory, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    VkSemaphoreSignalInfo signal = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, .semaphore = gate, .value = 1};
    assert_vk(vkSignalSemaphore(t->device, &signal));
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    for (uint32_t i = 0; i < 32 * 4; i++)
        assert_true(((float *)w.results.map)[i] > 0.999f);
    vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
    vkDestroyFence(t->device, fence, NULL);
    vkDestroySemaphore(t->device, gate, NULL);
    vk_buffer_destroy(t, &w.results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_stays_inside),
        VK_TEST_ENTRY(test_refuses_usage_without_feature),
        VK_TEST_ENTRY(test_destroyed_in_flight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
