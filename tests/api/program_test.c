/* SPDX-License-Identifier: MIT
 *
 * Programs without pipelines and pipelines without shaders: shader objects, binaries, identifiers; and
 * what can be asked of an executable.
 */
#include "vk_test.h"

#include <stdlib.h>

#include "add_one.h"
#include "push.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

#define SKIP_UNDER_VALIDATION()                                                                    \
    do {                                                                                           \
        if (t->validation)                                                                         \
            skip(); /* the extensions are off */                                                   \
    } while (0)

/* A buffer of 64 words in a set, and a layout with 256 bytes of push constants. */
struct bench {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer buffer;
    uint32_t *words;
};

static const VkPushConstantRange push_range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, 256};

static struct bench bench_create(struct vk_test *t)
{
    struct bench b;

    b.set_layout = vk_set_layout(t, 0, 1, &storage);
    b.layout = vk_pipeline_layout(t, 1, &b.set_layout, 256);
    b.pool = vk_descriptor_pool(t, 1);
    b.set = vk_descriptor_set(t, b.pool, b.set_layout);
    b.buffer = vk_buffer_create(t, 256);
    b.words = b.buffer.map;
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

static VkCommandBuffer bench_begin(struct vk_test *t, const struct bench *b)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, b->layout, 0, 1, &b->set, 0, NULL);
    return cmd;
}

static VkShaderCreateInfoEXT shader_info(const struct bench *b)
{
    return (VkShaderCreateInfoEXT){
        .sType = VK_STRUCTURE_TYPE_SHADER_CREATE_INFO_EXT,
        .stage = VK_SHADER_STAGE_COMPUTE_BIT,
        .codeType = VK_SHADER_CODE_TYPE_SPIRV_EXT,
        .codeSize = sizeof(add_one_spv),
        .pCode = add_one_spv,
        .pName = "main",
        .setLayoutCount = 1,
        .pSetLayouts = &b->set_layout,
        .pushConstantRangeCount = 1,
        .pPushConstantRanges = &push_range,
    };
}

static void run_shader(struct vk_test *t, const struct bench *b, VkShaderEXT shader)
{
    const VkShaderStageFlagBits stage = VK_SHADER_STAGE_COMPUTE_BIT;
    VkCommandBuffer cmd = bench_begin(t, b);

    API_DEVICE_PROC(t->api, vkCmdBindShadersEXT)(cmd, 1, &stage, &shader);
    vkCmdDispatch(cmd, 1, 1, 1);
    /* It may go as soon as it is recorded. */
    API_DEVICE_PROC(t->api, vkDestroyShaderEXT)(t->device, shader, NULL);
    vk_run(t, cmd);
}

static void test_shader_objects(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    PFN_vkCreateShadersEXT create = API_DEVICE_PROC(t->api, vkCreateShadersEXT);
    PFN_vkGetShaderBinaryDataEXT get = API_DEVICE_PROC(t->api, vkGetShaderBinaryDataEXT);
    VkShaderCreateInfoEXT info = shader_info(&b);
    VkShaderEXT shader, again;
    size_t size = 0, small = 16;

    assert_vk(create(t->device, 1, &info, NULL, &shader));
    assert_vk(get(t->device, shader, &size, NULL));
    char *binary = malloc(size);
    assert_int_equal(get(t->device, shader, &small, binary), VK_INCOMPLETE);
    assert_vk(get(t->device, shader, &size, binary));
    run_shader(t, &b, shader);
    assert_int_equal(b.words[0], 1);
    assert_int_equal(b.words[63], 1);

    info.codeType = VK_SHADER_CODE_TYPE_BINARY_EXT;
    info.pCode = binary;
    info.codeSize = size;
    assert_vk(create(t->device, 1, &info, NULL, &again));
    run_shader(t, &b, again);
    assert_int_equal(b.words[5], 2);

    /* One bit makes it another's. */
    binary[size - 1] ^= 1;
    assert_int_equal(create(t->device, 1, &info, NULL, &again), VK_INCOMPATIBLE_SHADER_BINARY_EXT);
    assert_true(again == VK_NULL_HANDLE);
    free(binary);
    bench_destroy(t, &b);
}

static void test_shader_objects_refused(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    PFN_vkCreateShadersEXT create = API_DEVICE_PROC(t->api, vkCreateShadersEXT);
    VkShaderCreateInfoEXT infos[3] = {shader_info(&b), shader_info(&b), shader_info(&b)};
    VkShaderEXT shaders[3];

    infos[1].stage = VK_SHADER_STAGE_VERTEX_BIT;
    assert_int_not_equal(create(t->device, 3, infos, NULL, shaders), VK_SUCCESS);
    vk_test_expect_message(t, "compute shaders only");
    assert_true(shaders[0] && !shaders[1] && !shaders[2]);
    API_DEVICE_PROC(t->api, vkDestroyShaderEXT)(t->device, shaders[0], NULL);
    bench_destroy(t, &b);
}

static VkComputePipelineCreateInfo pipeline_info(const struct bench *b, const void *chain,
                                                 const void *stage_chain)
{
    return (VkComputePipelineCreateInfo){
        VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, chain, 0,
        {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, stage_chain, 0,
         VK_SHADER_STAGE_COMPUTE_BIT, VK_NULL_HANDLE, "main", NULL},
        b->layout, VK_NULL_HANDLE, -1};
}

static const VkShaderModuleCreateInfo add_one_module = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = sizeof(add_one_spv),
    .pCode = add_one_spv,
};

static void run_pipeline(struct vk_test *t, const struct bench *b, VkPipeline pipeline)
{
    VkCommandBuffer cmd = bench_begin(t, b);

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
}

static void test_pipeline_binaries(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    PFN_vkCreatePipelineBinariesKHR create = API_DEVICE_PROC(t->api, vkCreatePipelineBinariesKHR);
    PFN_vkDestroyPipelineBinaryKHR destroy = API_DEVICE_PROC(t->api, vkDestroyPipelineBinaryKHR);
    VkPipelineCreateFlags2CreateInfo capture = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CREATE_FLAGS_2_CREATE_INFO,
        .flags = VK_PIPELINE_CREATE_2_CAPTURE_DATA_BIT_KHR,
    };
    VkComputePipelineCreateInfo info = pipeline_info(&b, &capture, &add_one_module);
    VkPipelineBinaryKHR binary, stored;
    VkPipeline first, second;

    assert_vk(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, &first));
    VkPipelineBinaryCreateInfoKHR from = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_CREATE_INFO_KHR, .pipeline = first};
    VkPipelineBinaryHandlesInfoKHR handles = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_HANDLES_INFO_KHR};
    assert_vk(create(t->device, &from, NULL, &handles));
    assert_int_equal(handles.pipelineBinaryCount, 1);
    handles.pPipelineBinaries = &binary;
    assert_vk(create(t->device, &from, NULL, &handles));

    /* The binary's key is that of the create info that the pipeline came from. */
    VkPipelineBinaryKeyKHR key = {.sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_KEY_KHR}, same = key;
    VkPipelineCreateInfoKHR by_info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CREATE_INFO_KHR,
                                       .pNext = &info};
    VkPipelineBinaryDataInfoKHR data_info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_DATA_INFO_KHR, .pipelineBinary = binary};
    size_t size = 0;
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineKeyKHR)(t->device, &by_info, &same));
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineBinaryDataKHR)(t->device, &data_info, &key,
                                                                  &size, NULL));
    void *data = malloc(size);
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineBinaryDataKHR)(t->device, &data_info, &key,
                                                                  &size, data));
    assert_int_equal(key.keySize, same.keySize);
    assert_memory_equal(key.key, same.key, key.keySize);

    VkReleaseCapturedPipelineDataInfoKHR release = {
        .sType = VK_STRUCTURE_TYPE_RELEASE_CAPTURED_PIPELINE_DATA_INFO_KHR, .pipeline = first};
    assert_vk(API_DEVICE_PROC(t->api, vkReleaseCapturedPipelineDataKHR)(t->device, &release, NULL));
    vkDestroyPipeline(t->device, first, NULL);
    destroy(t->device, binary, NULL);

    /* Back from the bytes, and into a pipeline without a shader. */
    VkPipelineBinaryDataKHR bytes = {size, data};
    VkPipelineBinaryKeysAndDataKHR keys = {1, &key, &bytes};
    VkPipelineBinaryCreateInfoKHR from_data = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_CREATE_INFO_KHR, .pKeysAndDataInfo = &keys};
    handles.pPipelineBinaries = &stored;
    assert_vk(create(t->device, &from_data, NULL, &handles));
    VkPipelineBinaryInfoKHR use = {.sType = VK_STRUCTURE_TYPE_PIPELINE_BINARY_INFO_KHR,
                                   .binaryCount = 1, .pPipelineBinaries = &stored};
    info = pipeline_info(&b, &use, NULL);
    assert_vk(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, &second));
    destroy(t->device, stored, NULL);
    run_pipeline(t, &b, second);
    assert_int_equal(b.words[9], 1);
    vkDestroyPipeline(t->device, second, NULL);

    ((char *)data)[size / 2] ^= 4;
    assert_int_equal(create(t->device, &from_data, NULL, &handles), VK_ERROR_VALIDATION_FAILED_EXT);
    vk_test_expect_message(t, "damaged");
    free(data);
    bench_destroy(t, &b);
}

static void test_identifiers(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    VkShaderModuleIdentifierEXT id = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_IDENTIFIER_EXT};
    VkShaderModuleIdentifierEXT by_module = id, other = id;
    VkShaderModuleCreateInfo push_module = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                            .codeSize = sizeof(push_spv), .pCode = push_spv};
    VkShaderModule module = vk_shader_module(t, add_one_spv, sizeof(add_one_spv));
    VkPipelineCacheCreateInfo cache_info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
    VkPipelineCache cache;
    VkPipeline pipeline;

    API_DEVICE_PROC(t->api, vkGetShaderModuleCreateInfoIdentifierEXT)(t->device, &add_one_module,
                                                                      &id);
    API_DEVICE_PROC(t->api, vkGetShaderModuleCreateInfoIdentifierEXT)(t->device, &push_module,
                                                                      &other);
    API_DEVICE_PROC(t->api, vkGetShaderModuleIdentifierEXT)(t->device, module, &by_module);
    assert_int_equal(id.identifierSize, by_module.identifierSize);
    assert_memory_equal(id.identifier, by_module.identifier, id.identifierSize);
    assert_memory_not_equal(id.identifier, other.identifier, id.identifierSize);
    vkDestroyShaderModule(t->device, module, NULL);

    assert_vk(vkCreatePipelineCache(t->device, &cache_info, NULL, &cache));
    VkPipelineShaderStageModuleIdentifierCreateInfoEXT by_id = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_MODULE_IDENTIFIER_CREATE_INFO_EXT,
        .identifierSize = id.identifierSize, .pIdentifier = id.identifier};
    VkComputePipelineCreateInfo info = pipeline_info(&b, NULL, &by_id);
    info.flags = VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT;
    assert_int_equal(vkCreateComputePipelines(t->device, cache, 1, &info, NULL, &pipeline),
                     VK_PIPELINE_COMPILE_REQUIRED);
    /* After it was compiled once, the cache knows it by its name. */
    VkComputePipelineCreateInfo whole = pipeline_info(&b, NULL, &add_one_module);
    assert_vk(vkCreateComputePipelines(t->device, cache, 1, &whole, NULL, &pipeline));
    vkDestroyPipeline(t->device, pipeline, NULL);
    assert_vk(vkCreateComputePipelines(t->device, cache, 1, &info, NULL, &pipeline));
    run_pipeline(t, &b, pipeline);
    assert_int_equal(b.words[1], 1);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineCache(t->device, cache, NULL);
    bench_destroy(t, &b);
}

static void test_executables(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    VkComputePipelineCreateInfo info = pipeline_info(&b, NULL, &add_one_module);
    VkPipeline pipeline;
    uint32_t count = 1;

    info.flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR |
                 VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
    assert_vk(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline));
    VkPipelineInfoKHR of = {.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, .pipeline = pipeline};
    VkPipelineExecutablePropertiesKHR executable = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineExecutablePropertiesKHR)(t->device, &of, &count,
                                                                            &executable));
    assert_int_equal(count, 1);
    assert_int_equal(executable.stages, VK_SHADER_STAGE_COMPUTE_BIT);

    /* One that is not captured starts with other code, and is described in the same words. */
    VkPipelineExecutablePropertiesKHR plain = executable;
    info.flags = 0;
    assert_vk(vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, &of.pipeline));
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineExecutablePropertiesKHR)(t->device, &of, &count,
                                                                            &plain));
    assert_string_equal(plain.description, executable.description);
    assert_string_equal(plain.name, executable.name);
    assert_int_equal(plain.subgroupSize, executable.subgroupSize);
    vkDestroyPipeline(t->device, of.pipeline, NULL);

    VkPipelineExecutableInfoKHR which = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR,
                                         .pipeline = pipeline};
    VkPipelineExecutableStatisticKHR statistics[16] = {0};
    count = 16;
    assert_vk(API_DEVICE_PROC(t->api, vkGetPipelineExecutableStatisticsKHR)(t->device, &which,
                                                                            &count, statistics));
    assert_true(count > 0 && statistics[0].value.u64 > 0);
    assert_string_equal(statistics[0].name, "Code size");

    VkPipelineExecutableInternalRepresentationKHR texts[8] = {0};
    PFN_vkGetPipelineExecutableInternalRepresentationsKHR get =
        API_DEVICE_PROC(t->api, vkGetPipelineExecutableInternalRepresentationsKHR);
    count = 8;
    assert_vk(get(t->device, &which, &count, texts));
    assert_true(count >= 3);
    for (uint32_t i = 0; i < count; i++)
        texts[i].pData = malloc(texts[i].dataSize);
    assert_vk(get(t->device, &which, &count, texts));
    bool vector_ir = false, assembly = false;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(texts[i].isText);
        assert_int_equal(strlen(texts[i].pData) + 1, texts[i].dataSize);
        vector_ir |= strstr(texts[i].name, "Vector IR") && strstr(texts[i].pData, "define");
        assembly |= strstr(texts[i].name, "Assembly") && strstr(texts[i].pData, "ret");
        free(texts[i].pData);
    }
    assert_true(vector_ir && assembly);
    vkDestroyPipeline(t->device, pipeline, NULL);
    bench_destroy(t, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_shader_objects),    VK_TEST_ENTRY(test_shader_objects_refused),
        VK_TEST_ENTRY(test_pipeline_binaries), VK_TEST_ENTRY(test_identifiers),
        VK_TEST_ENTRY(test_executables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
