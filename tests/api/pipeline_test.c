/* SPDX-License-Identifier: MIT
 *
 * Compute pipelines: constants of both kinds, subgroup sizes, caches, feedback, bad shaders.
 */
#include "vk_test.h"

#include <stdlib.h>
#include <unistd.h>

#include "add_one.h"
#include "far.h"
#include "push.h"
#include "spec.h"
#include "subgroup.h"
#include "vk_newer.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

/* One storage buffer, and what a pipeline needs to write to it. */
struct bench {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer buffer;
};

static struct bench bench_create(struct vk_test *t, uint32_t push_B)
{
    struct bench b;

    b.set_layout = vk_set_layout(t, 0, 1, &storage);
    b.layout = vk_pipeline_layout(t, 1, &b.set_layout, push_B);
    b.pool = vk_descriptor_pool(t, 1);
    b.set = vk_descriptor_set(t, b.pool, b.set_layout);
    b.buffer = vk_buffer_create(t, 1024);
    vk_write_buffer(t, b.set, 0, storage, b.buffer.buffer, 0, VK_WHOLE_SIZE);
    return b;
}

static void bench_destroy(struct vk_test *t, struct bench *b)
{
    vkDestroyPipelineLayout(t->device, b->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, b->set_layout, NULL);
    vkDestroyDescriptorPool(t->device, b->pool, NULL);
    vk_buffer_destroy(t, &b->buffer);
}

static VkCommandBuffer bench_begin(struct vk_test *t, const struct bench *b, VkPipeline pipeline)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, b->layout, 0, 1, &b->set, 0, NULL);
    return cmd;
}

static VkResult create(struct vk_test *t, VkPipelineCache cache, const void *next,
                       VkPipelineCreateFlags flags, const struct bench *b,
                       const VkPipelineShaderStageCreateInfo *stage, VkPipeline *pipeline)
{
    return vkCreateComputePipelines(
        t->device, cache, 1,
        &(VkComputePipelineCreateInfo){VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, next, flags,
                                       *stage, b->layout, VK_NULL_HANDLE, -1},
        NULL, pipeline);
}

static VkPipelineShaderStageCreateInfo stage_of(VkShaderModule module)
{
    return (VkPipelineShaderStageCreateInfo){VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                                             NULL, 0, VK_SHADER_STAGE_COMPUTE_BIT, module, "main",
                                             NULL};
}

/* ---- Constants ---- */

static void test_push_constants(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 256);
    VkPipeline pipeline = vk_pipeline(t, b.layout, push_spv, sizeof(push_spv), NULL);
    const uint32_t *words = b.buffer.map;
    uint32_t values[64];
    struct api_buffer before = vk_buffer_create(t, 256);
    const uint32_t *old = before.map;
    VkCommandBuffer cmd = bench_begin(t, &b, pipeline);

    for (uint32_t i = 0; i < 64; i++)
        values[i] = 100 + i;
    vkCmdPushConstants(cmd, b.layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, 256, values);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
    vkCmdCopyBuffer(cmd, b.buffer.buffer, before.buffer, 1, &(VkBufferCopy){0, 0, 256});
    vk_barrier(cmd);
    /* A part of them, with the rest kept; the first dispatch keeps what it was given. */
    vkCmdPushConstants(cmd, b.layout, VK_SHADER_STAGE_COMPUTE_BIT, 32, 8, (uint32_t[]){1, 2});
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(old[i], 100 + i);
        assert_int_equal(words[i], i == 8 ? 1 : i == 9 ? 2 : 100 + i);
    }
    vkDestroyPipeline(t->device, pipeline, NULL);
    vk_buffer_destroy(t, &before);
    bench_destroy(t, &b);
}

static void test_specialisation(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    const struct {
        uint32_t size, number;
        VkBool32 flag;
        float factor;
    } data = {48, 123456, VK_TRUE, 2.25f};
    const VkSpecializationMapEntry entries[5] = {
        {0, 0, 4}, {1, 4, 4}, {2, 8, 4}, {3, 12, 4}, {99, 0, 4}};
    VkSpecializationInfo spec = {5, entries, sizeof(data), &data};
    const uint32_t expected[2][4] = {{48, 123456, 1, 225}, {48, 7, 0, 150}};

    for (int i = 0; i < 2; i++) {
        spec.mapEntryCount = i ? 1 : 5;
        VkPipeline pipeline = vk_pipeline(t, b.layout, spec_spv, sizeof(spec_spv), &spec);
        VkCommandBuffer cmd = bench_begin(t, &b, pipeline);
        vkCmdDispatch(cmd, 1, 1, 1);
        vk_run(t, cmd);
        assert_memory_equal(b.buffer.map, expected[i], sizeof(expected[i]));
        vkDestroyPipeline(t->device, pipeline, NULL);
    }
    bench_destroy(t, &b);
}

static void test_subgroup_sizes(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    VkPhysicalDeviceVulkan13Properties v13 = {
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &v13};
    VkShaderModule module = vk_shader_module(t, add_one_spv, sizeof(add_one_spv));
    VkPipelineShaderStageCreateInfo stage = stage_of(module);
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo required = {
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO};
    const uint32_t *words = b.buffer.map;
    uint32_t runs = 0;

    vkGetPhysicalDeviceProperties2(t->physical, &properties);
    stage.pNext = &required;
    for (uint32_t size = v13.minSubgroupSize; size <= v13.maxSubgroupSize; size *= 2) {
        VkPipeline pipeline;
        bool full = size <= 64; /* the local size */
        stage.flags = full ? VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT : 0;
        required.requiredSubgroupSize = size;
        assert_vk(create(t, VK_NULL_HANDLE, NULL, 0, &b, &stage, &pipeline));
        VkCommandBuffer cmd = bench_begin(t, &b, pipeline);
        vkCmdDispatch(cmd, 2, 1, 1);
        vk_run(t, cmd);
        runs++;
        assert_int_equal(words[0], runs);
        assert_int_equal(words[127], runs);
        vkDestroyPipeline(t->device, pipeline, NULL);
    }
    assert_int_equal(words[128], 0);
    vkDestroyShaderModule(t->device, module, NULL);
    bench_destroy(t, &b);
}

/* The width of vectors that WEFT_WIDTH asks for changes nothing of what shaders see. */
static void test_subgroup_at_widths(void **state)
{
    static const char *const widths[] = {"1", "4", "32"};

    if (api_validation())
        skip(); /* once is enough */
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct vk_test *t;

        setenv("WEFT_WIDTH", widths[i], 1);
        vk_test_setup((void **)&t);
        unsetenv("WEFT_WIDTH");
        VkPhysicalDeviceVulkan11Properties v11 = {
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
        VkPhysicalDeviceProperties2 properties = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                                  &v11};
        vkGetPhysicalDeviceProperties2(t->physical, &properties);
        const uint32_t size = v11.subgroupSize;
        VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
        VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
        VkPipeline pipeline = vk_pipeline(t, layout, subgroup_spv, sizeof(subgroup_spv), NULL);
        VkDescriptorPool pool = vk_descriptor_pool(t, 1);
        VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
        struct api_buffer buffer = vk_buffer_create(t, 64 * 16);
        const uint32_t *words = buffer.map;
        VkCommandBuffer cmd = vk_begin(t);

        vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
        vkCmdDispatch(cmd, 1, 1, 1);
        vk_run(t, cmd);
        for (uint32_t k = 0; k < 64; k++) {
            assert_int_equal(words[4 * k], size);
            assert_int_equal(words[4 * k + 1], size);
            assert_int_equal(words[4 * k + 2], k % size);
            assert_int_equal(words[4 * k + 3], k / size);
        }
        vkDestroyPipeline(t->device, pipeline, NULL);
        vkDestroyPipelineLayout(t->device, layout, NULL);
        vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
        vkDestroyDescriptorPool(t->device, pool, NULL);
        vk_buffer_destroy(t, &buffer);
        assert_int_equal(vk_test_teardown((void **)&t), 0);
    }
}

/* ---- Caches ---- */

static VkPipelineCache cache_create(struct vk_test *t, const void *data, size_t data_B)
{
    VkPipelineCache cache;

    assert_vk(vkCreatePipelineCache(
        t->device,
        &(VkPipelineCacheCreateInfo){VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO, NULL, 0, data_B,
                                     data},
        NULL, &cache));
    return cache;
}

static VkResult create_cached(struct vk_test *t, const struct bench *b, VkPipelineCache cache,
                              VkPipelineCreateFlags flags, VkPipeline *pipeline, bool *hit)
{
    VkShaderModule module = vk_shader_module(t, add_one_spv, sizeof(add_one_spv));
    VkPipelineShaderStageCreateInfo stage = stage_of(module);
    VkPipelineCreationFeedback feedback = {0, 0}, stage_feedback = {0, 0};
    VkPipelineCreationFeedbackCreateInfo info = {
        VK_STRUCTURE_TYPE_PIPELINE_CREATION_FEEDBACK_CREATE_INFO, NULL, &feedback, 1,
        &stage_feedback};
    VkResult result = create(t, cache, &info, flags, b, &stage, pipeline);

    vkDestroyShaderModule(t->device, module, NULL);
    if (result == VK_SUCCESS)
        assert_true(feedback.flags & VK_PIPELINE_CREATION_FEEDBACK_VALID_BIT);
    *hit = feedback.flags & VK_PIPELINE_CREATION_FEEDBACK_APPLICATION_PIPELINE_CACHE_HIT_BIT;
    return result;
}

static void run_once(struct vk_test *t, struct bench *b, VkPipeline pipeline)
{
    const uint32_t *words = b->buffer.map;
    uint32_t before = words[0];
    VkCommandBuffer cmd = bench_begin(t, b, pipeline);

    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
    assert_int_equal(words[0], before + 1);
    vkDestroyPipeline(t->device, pipeline, NULL);
}

static void test_cache(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    VkPipelineCache cache = cache_create(t, NULL, 0), merged = cache_create(t, NULL, 0);
    VkPipeline pipeline;
    VkPipelineCacheHeaderVersionOne header;
    VkPhysicalDeviceProperties properties;
    size_t size_B, again_B;
    bool hit;

    assert_int_equal(create_cached(t, &b, cache,
                                   VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT,
                                   &pipeline, &hit),
                     VK_PIPELINE_COMPILE_REQUIRED);
    assert_null(pipeline);
    assert_vk(create_cached(t, &b, cache, 0, &pipeline, &hit));
    assert_false(hit);
    run_once(t, &b, pipeline);
    assert_vk(create_cached(t, &b, cache,
                            VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT, &pipeline,
                            &hit));
    assert_true(hit);
    run_once(t, &b, pipeline);

    /* The stored form. */
    assert_vk(vkGetPipelineCacheData(t->device, cache, &size_B, NULL));
    assert_true(size_B > sizeof(header) + sizeof(add_one_spv));
    unsigned char *data = malloc(size_B);
    assert_non_null(data);
    again_B = size_B;
    assert_vk(vkGetPipelineCacheData(t->device, cache, &again_B, data));
    assert_int_equal(again_B, size_B);
    memcpy(&header, data, sizeof(header));
    vkGetPhysicalDeviceProperties(t->physical, &properties);
    assert_int_equal(header.headerSize, 32);
    assert_int_equal(header.headerVersion, VK_PIPELINE_CACHE_HEADER_VERSION_ONE);
    assert_int_equal(header.vendorID, properties.vendorID);
    assert_int_equal(header.deviceID, properties.deviceID);
    assert_memory_equal(header.pipelineCacheUUID, properties.pipelineCacheUUID, VK_UUID_SIZE);
    again_B = size_B - 1;
    unsigned char *part = malloc(size_B);
    assert_int_equal(vkGetPipelineCacheData(t->device, cache, &again_B, part), VK_INCOMPLETE);
    assert_int_equal(again_B, sizeof(header));
    again_B = 31;
    assert_int_equal(vkGetPipelineCacheData(t->device, cache, &again_B, part), VK_INCOMPLETE);
    assert_int_equal(again_B, 0);
    free(part);
    vkDestroyPipelineCache(t->device, cache, NULL);

    /* Loaded, and merged into another. */
    cache = cache_create(t, data, size_B);
    assert_vk(vkMergePipelineCaches(t->device, merged, 1, &cache));
    for (int i = 0; i < 2; i++) {
        assert_vk(create_cached(t, &b, i ? merged : cache, 0, &pipeline, &hit));
        assert_true(hit);
        run_once(t, &b, pipeline);
    }
    vkDestroyPipelineCache(t->device, cache, NULL);
    vkDestroyPipelineCache(t->device, merged, NULL);

    /* Damaged anywhere, or cut off, it is as good as empty. */
    for (size_t at = 0; at < size_B; at += at < 128 ? 3 : 997) {
        data[at] ^= 0x5a;
        cache = cache_create(t, data, size_B);
        assert_int_equal(create_cached(t, &b, cache,
                                       VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT,
                                       &pipeline, &hit),
                         at >= 36 && at < 40 ? VK_SUCCESS : VK_PIPELINE_COMPILE_REQUIRED);
        vkDestroyPipeline(t->device, pipeline, NULL);
        vkDestroyPipelineCache(t->device, cache, NULL);
        data[at] ^= 0x5a;
    }
    for (size_t cut_B = 0; cut_B < size_B; cut_B += cut_B < 128 ? 1 : 1009)
        vkDestroyPipelineCache(t->device, cache_create(t, data, cut_B), NULL);
    free(data);
    bench_destroy(t, &b);
}

/* ---- Bad shaders ---- */

static void test_bad_shaders(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    struct bench b = bench_create(t, 0);
    uint32_t words[sizeof(add_one_spv) / 4];
    VkShaderModule module;
    VkPipeline pipeline;

    memcpy(words, add_one_spv, sizeof(words));
    words[0] ^= 1;
    assert_int_not_equal(
        vkCreateShaderModule(t->device,
                             &(VkShaderModuleCreateInfo){
                                 VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, NULL, 0,
                                 sizeof(words), words},
                             NULL, &module),
        VK_SUCCESS);
    vk_test_expect_message(t, "not SPIR-V");
    words[0] ^= 1;

    /* Cut off in the middle. */
    module = vk_shader_module(t, words, sizeof(words) / 8 * 4);
    VkPipelineShaderStageCreateInfo stage = stage_of(module);
    assert_int_not_equal(create(t, VK_NULL_HANDLE, NULL, 0, &b, &stage, &pipeline), VK_SUCCESS);
    assert_null(pipeline);
    vk_test_expect_message(t, "shader");
    vkDestroyShaderModule(t->device, module, NULL);

    /* No such entry point. */
    module = vk_shader_module(t, words, sizeof(words));
    stage = stage_of(module);
    stage.pName = "nothing";
    assert_int_not_equal(create(t, VK_NULL_HANDLE, NULL, 0, &b, &stage, &pipeline), VK_SUCCESS);
    vk_test_expect_message(t, "nothing");
    vkDestroyShaderModule(t->device, module, NULL);
    bench_destroy(t, &b);
}

static void test_module_in_stage(void **state)
{
    struct vk_test *t = *state;

    /* VK_KHR_maintenance5 and graphics pipeline libraries; the old layer knows neither here. */
    if (t->validation)
        skip();
    struct bench b = bench_create(t, 0);
    VkShaderModuleCreateInfo code = {VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, NULL, 0,
                                     sizeof(add_one_spv), add_one_spv};
    VkPipelineShaderStageCreateInfo stage = stage_of(VK_NULL_HANDLE);
    VkPipeline pipeline;

    stage.pNext = &code;
    assert_vk(create(t, VK_NULL_HANDLE, NULL, 0, &b, &stage, &pipeline));
    run_once(t, &b, pipeline);
    bench_destroy(t, &b);
}

/* There are no protected command buffers: a pipeline that keeps out of them is like any other, one that
 * wants nothing else can't be bound. */
static void test_protected_access(void **state)
{
    struct vk_test *t = *state;

    /* A core feature since 1.4, which the layer may be too old to know. */
    if (t->validation)
        skip();
    struct bench b = bench_create(t, 0);
    VkPipeline pipeline, protected;
    VkShaderModule module = vk_shader_module(t, add_one_spv, sizeof(add_one_spv));
    VkPipelineShaderStageCreateInfo stage = stage_of(module);

    assert_vk(create(t, VK_NULL_HANDLE, NULL, VK_PIPELINE_CREATE_PROTECTED_ACCESS_ONLY_BIT_EXT, &b,
                     &stage, &protected));
    assert_vk(create(t, VK_NULL_HANDLE, NULL, VK_PIPELINE_CREATE_NO_PROTECTED_ACCESS_BIT_EXT, &b,
                     &stage, &pipeline));
    VkCommandBuffer cmd = bench_begin(t, &b, protected);
    vk_test_expect_message(t, "protected command buffers only");
    vk_run(t, cmd);
    run_once(t, &b, pipeline);
    vkDestroyPipeline(t->device, protected, NULL);
    vkDestroyShaderModule(t->device, module, NULL);
    bench_destroy(t, &b);
}

/* Many in one call, which are compiled side by side: each is its own, and one that fails is alone, or the
 * last that is made. */
static void test_many(void **state)
{
    enum { COUNT = 20 };
    const VkPipelineCreateFlags cached = VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT,
                                early = VK_PIPELINE_CREATE_EARLY_RETURN_ON_FAILURE_BIT;
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    VkShaderModule module = vk_shader_module(t, spec_spv, sizeof(spec_spv));
    const VkSpecializationMapEntry entries[2] = {{0, 0, 4}, {1, 4, 4}};
    VkComputePipelineCreateInfo infos[COUNT];
    VkSpecializationInfo specs[COUNT];
    VkPipeline pipelines[COUNT];
    uint32_t data[COUNT][2];

    for (uint32_t i = 0; i < COUNT; i++) {
        data[i][0] = 64;
        data[i][1] = 1000 + i;
        specs[i] = (VkSpecializationInfo){2, entries, sizeof(data[i]), data[i]};
        infos[i] = (VkComputePipelineCreateInfo){
            VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, NULL, 0,
            {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, NULL, 0,
             VK_SHADER_STAGE_COMPUTE_BIT, module, "main", &specs[i]},
            b.layout, VK_NULL_HANDLE, -1};
    }
    for (int round = 0; round < 3; round++) {
        infos[7].flags = round == 1 ? cached : round == 2 ? cached | early : 0;
        infos[3].flags = round == 2 ? early : 0; /* this one does not fail */
        memset(pipelines, 0xab, sizeof(pipelines));
        assert_int_equal(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, COUNT, infos, NULL,
                                                  pipelines),
                         round == 0 ? VK_SUCCESS : VK_PIPELINE_COMPILE_REQUIRED);
        for (uint32_t i = 0; i < COUNT; i++) {
            bool made = round == 0 || i < 7 || (round == 1 && i > 7);
            assert_int_equal(pipelines[i] != VK_NULL_HANDLE, made);
            if (!made)
                continue;
            VkCommandBuffer cmd = bench_begin(t, &b, pipelines[i]);
            vkCmdDispatch(cmd, 1, 1, 1);
            vk_run(t, cmd);
            assert_int_equal(((const uint32_t *)b.buffer.map)[1], 1000 + i);
            vkDestroyPipeline(t->device, pipelines[i], NULL);
        }
    }
    /* One that must not be compiled finds the one before it in the cache. */
    VkPipelineCache cache = cache_create(t, NULL, 0);
    infos[1] = infos[0];
    infos[1].flags = cached;
    assert_vk(vkCreateComputePipelines(t->device, cache, 2, infos, NULL, pipelines));
    for (int i = 0; i < 2; i++)
        vkDestroyPipeline(t->device, pipelines[i], NULL);
    vkDestroyPipelineCache(t->device, cache, NULL);
    vkDestroyShaderModule(t->device, module, NULL);
    bench_destroy(t, &b);
}

static int setup_eager(void **state)
{
    setenv("WEFT_TIERS", "eager", 1);
    return vk_test_setup(state);
}

static int teardown_eager(void **state)
{
    unsetenv("WEFT_TIERS");
    return vk_test_teardown(state);
}

/* Better code that comes between the two calls does not make the first one's size too small. */
static void test_cache_size(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    VkPipelineCache cache = cache_create(t, NULL, 0), watched = cache_create(t, NULL, 0);
    size_t size_B, first_B, now_B;
    VkPipeline pipeline;
    bool hit;

    assert_vk(create_cached(t, &b, cache, 0, &pipeline, &hit));
    assert_vk(vkGetPipelineCacheData(t->device, cache, &size_B, NULL));
    assert_vk(vkMergePipelineCaches(t->device, watched, 1, &cache));
    first_B = size_B;
    now_B = size_B;
    for (int i = 0; i < 10000 && now_B == size_B; i++) {
        usleep(1000);
        assert_vk(vkGetPipelineCacheData(t->device, watched, &now_B, NULL));
    }
    unsigned char *data = malloc(first_B > now_B ? first_B : now_B);
    assert_non_null(data);
    assert_vk(vkGetPipelineCacheData(t->device, cache, &first_B, data));
    assert_int_equal(first_B, size_B);
    /* Asked again, it gives the better code. */
    assert_vk(vkGetPipelineCacheData(t->device, cache, &size_B, NULL));
    assert_int_equal(size_B, now_B);
    assert_vk(vkGetPipelineCacheData(t->device, cache, &size_B, data));
    vkDestroyPipelineCache(t->device, cache, NULL);
    vkDestroyPipelineCache(t->device, watched, NULL);
    run_once(t, &b, pipeline);

    cache = cache_create(t, data, size_B);
    assert_vk(create_cached(t, &b, cache, 0, &pipeline, &hit));
    assert_true(hit);
    run_once(t, &b, pipeline);
    vkDestroyPipelineCache(t->device, cache, NULL);
    free(data);
    bench_destroy(t, &b);
}

static size_t cache_size(struct vk_test *t, VkPipelineCache cache)
{
    size_t size_B = 0;

    assert_vk(vkGetPipelineCacheData(t->device, cache, &size_B, NULL));
    return size_B;
}

/* A pipeline that is not to be optimised keeps the code that it has; the same one without that doesn't find it in
 * the cache, and gets better code. */
static void test_disable_optimization(void **state)
{
    struct vk_test *t = *state;
    struct bench b = bench_create(t, 0);
    VkPipelineCache plain = cache_create(t, NULL, 0), other = cache_create(t, NULL, 0);
    VkPipelineCreateFlags flags = VK_PIPELINE_CREATE_DISABLE_OPTIMIZATION_BIT;
    VkPipeline pipelines[3];
    bool hit;

    assert_vk(create_cached(t, &b, plain, flags, &pipelines[0], &hit));
    assert_false(hit);
    size_t plain_B = cache_size(t, plain);
    assert_vk(vkMergePipelineCaches(t->device, other, 1, &plain));
    assert_vk(create_cached(t, &b, other, 0, &pipelines[1], &hit));
    assert_false(hit);
    size_t other_B = cache_size(t, other);
    assert_vk(create_cached(t, &b, plain, flags, &pipelines[2], &hit));
    assert_true(hit);
    /* Better code comes in the order of creation. */
    for (int i = 0; i < 10000 && cache_size(t, other) == other_B; i++)
        usleep(1000);
    assert_int_not_equal(cache_size(t, other), other_B);
    assert_int_equal(cache_size(t, plain), plain_B);
    for (int i = 0; i < 3; i++)
        run_once(t, &b, pipelines[i]);
    vkDestroyPipelineCache(t->device, plain, NULL);
    vkDestroyPipelineCache(t->device, other, NULL);
    bench_destroy(t, &b);
}

/* All is destroyed, and the driver unloaded as far as the loader can, while code is being compiled in the
 * background; then the process ends. */
static void test_destroyed_meanwhile(void **state)
{
    for (int round = 0; round < 5; round++) {
        void *inner;
        assert_int_equal(setup_eager(&inner), 0);
        struct vk_test *t = inner;
        struct bench b = bench_create(t, 0);
        VkPipeline pipeline = vk_pipeline(t, b.layout, add_one_spv, sizeof(add_one_spv), NULL);
        vkDestroyPipeline(t->device, pipeline, NULL);
        pipeline = vk_pipeline(t, b.layout, spec_spv, sizeof(spec_spv), NULL);
        usleep(2000 * (useconds_t)round);
        vkDestroyPipeline(t->device, pipeline, NULL);
        bench_destroy(t, &b);
        assert_int_equal(teardown_eager(&inner), 0);
    }
}

/* ---- 64-bit indexing ---- */

#define FAR_ELEMENT (UINT32_C(1) << 28) /* of 16 bytes: 4 GiB behind the first */
#define FAR_COUNT 64u

static VkPipeline far_pipeline(struct vk_test *t, VkPipelineLayout layout, bool wide)
{
    VkPipelineCreateFlags2CreateInfo flags = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CREATE_FLAGS_2_CREATE_INFO,
        .flags = wide ? VK_PIPELINE_CREATE_2_64_BIT_INDEXING_BIT_EXT : 0,
    };
    VkShaderModule module = vk_shader_module(t, far_spv, sizeof(far_spv));
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .pNext = &flags,
        .stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, NULL, 0,
                  VK_SHADER_STAGE_COMPUTE_BIT, module, "main", NULL},
        .layout = layout,
    };
    VkPipeline pipeline;

    assert_vk(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline));
    vkDestroyShaderModule(t->device, module, NULL);
    return pipeline;
}

/* A buffer of more than 4 GiB, of which few pages are touched. */
static void test_wide_buffer(void **state)
{
    struct vk_test *t = *state;
    VkPhysicalDeviceMemoryProperties memory;
    VkDeviceSize far_B = 16 * (VkDeviceSize)FAR_ELEMENT;
    VkDeviceSize size_B = far_B + 16 * (FAR_COUNT - 8); /* the last elements are outside */
    struct api_buffer buffer;

    vkGetPhysicalDeviceMemoryProperties(t->physical, &memory);
    if (t->validation || memory.memoryHeaps[0].size < 2 * size_B)
        skip(); /* layers older than the extension know a smaller maxStorageBufferRange */
    api_buffer_create(t->api, size_B, &buffer);
    uint32_t *first = buffer.map, *last = first + far_B / 4;
    first[0] = 5;

    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 4);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    for (int wide = 0; wide < 2; wide++) {
        VkPipeline pipeline = far_pipeline(t, layout, wide);
        uint32_t element = FAR_ELEMENT;
        VkCommandBuffer cmd = vk_begin(t);
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
        vkCmdPushConstants(cmd, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, 4, &element);
        vkCmdDispatch(cmd, 1, 1, 1);
        vk_barrier(cmd);
        vk_run(t, cmd);
        for (uint32_t i = 0; wide && i < FAR_COUNT - 8; i++) {
            assert_int_equal(last[4 * i], i + (i ? 0 : 5));
            assert_int_equal(last[4 * i + 3], 7);
        }
        if (!wide) { /* its offsets have 32 bits: nothing is so far away */
            assert_int_equal(last[3], 0);
            memset(first, 0, 16 * FAR_COUNT);
            first[0] = 5;
        }
        vkDestroyPipeline(t->device, pipeline, NULL);
    }
    assert_int_equal(first[0], 5);
    assert_int_equal(first[3], 0);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    api_buffer_destroy(t->api, &buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_push_constants),
        VK_TEST_ENTRY(test_specialisation),
        VK_TEST_ENTRY(test_subgroup_sizes),
        cmocka_unit_test(test_subgroup_at_widths),
        VK_TEST_ENTRY(test_cache),
        cmocka_unit_test_setup_teardown(test_cache_size, setup_eager, teardown_eager),
        cmocka_unit_test_setup_teardown(test_disable_optimization, setup_eager, teardown_eager),
        VK_TEST_ENTRY(test_many),
        VK_TEST_ENTRY(test_bad_shaders),
        VK_TEST_ENTRY(test_module_in_stage),
        cmocka_unit_test(test_destroyed_meanwhile),
        VK_TEST_ENTRY(test_protected_access),
        VK_TEST_ENTRY(test_wide_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
