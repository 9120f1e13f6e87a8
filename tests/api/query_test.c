/* SPDX-License-Identifier: MIT
 *
 * Timestamps, statistics and occlusion queries, read by the host and by the device; markers.
 */
#include "vk_test.h"

#include "add_one.h"

#define COMPUTE VK_QUERY_PIPELINE_STATISTIC_COMPUTE_SHADER_INVOCATIONS_BIT
#define VERTICES VK_QUERY_PIPELINE_STATISTIC_INPUT_ASSEMBLY_VERTICES_BIT

static VkQueryPool query_pool(struct vk_test *t, VkQueryType type, uint32_t count,
                              VkQueryPipelineStatisticFlags statistics)
{
    VkQueryPool pool;

    assert_vk(vkCreateQueryPool(t->device,
                                &(VkQueryPoolCreateInfo){VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                                         NULL, 0, type, count, statistics},
                                NULL, &pool));
    return pool;
}

static void test_timestamps(void **state)
{
    struct vk_test *t = *state;
    VkQueryPool pool = query_pool(t, VK_QUERY_TYPE_TIMESTAMP, 4, 0);
    struct api_buffer buffer = vk_buffer_create(t, 1 << 20);
    struct api_buffer results = vk_buffer_create(t, 256);
    const uint64_t *copied = results.map;
    uint64_t values[8];
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdResetQueryPool(cmd, pool, 0, 4);
    vkCmdWriteTimestamp(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, pool, 0);
    vkCmdFillBuffer(cmd, buffer.buffer, 0, VK_WHOLE_SIZE, 1);
    vkCmdWriteTimestamp2(cmd, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, pool, 1);
    vkCmdCopyQueryPoolResults(cmd, pool, 0, 3, results.buffer, 16, 16,
                              VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WITH_AVAILABILITY_BIT);
    vk_run(t, cmd);

    assert_vk(vkGetQueryPoolResults(t->device, pool, 0, 2, sizeof(values), values, 8,
                                    VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT));
    assert_true(values[0] != 0 && values[1] > values[0]);
    assert_int_equal(copied[2], values[0]);
    assert_int_equal(copied[3], 1);
    assert_int_equal(copied[4], values[1]);
    assert_int_equal(copied[5], 1);
    assert_int_equal(copied[6], 0);
    assert_int_equal(copied[7], 0);

    /* Queries 2 and 3 were never written. */
    memset(values, 0xaa, sizeof(values));
    assert_int_equal(vkGetQueryPoolResults(
                         t->device, pool, 1, 2, sizeof(values), values, 16,
                         VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WITH_AVAILABILITY_BIT),
                     VK_NOT_READY);
    assert_int_equal(values[1], 1);
    assert_int_equal(values[2], 0xaaaaaaaaaaaaaaaa);
    assert_int_equal(values[3], 0);

    vkResetQueryPool(t->device, pool, 0, 4);
    assert_int_equal(vkGetQueryPoolResults(t->device, pool, 0, 1, sizeof(values), values, 8,
                                           VK_QUERY_RESULT_64_BIT),
                     VK_NOT_READY);
    vkDestroyQueryPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
    vk_buffer_destroy(t, &results);
}

static void test_statistics(void **state)
{
    struct vk_test *t = *state;
    const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, add_one_spv, sizeof(add_one_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    struct api_buffer buffer = vk_buffer_create(t, 256), results = vk_buffer_create(t, 256);
    const uint32_t *copied = results.map;
    uint32_t values[4];
    /* The layer knows that a compute queue has no vertices. */
    bool vertices = !t->validation;
    VkQueryPool queries = query_pool(t, VK_QUERY_TYPE_PIPELINE_STATISTICS, 2,
                                     COMPUTE | (vertices ? VERTICES : 0));
    uint32_t column = vertices ? 1 : 0;
    VkCommandBuffer cmd = vk_begin(t);

    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    vkCmdResetQueryPool(cmd, queries, 0, 2);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    vkCmdBeginQuery(cmd, queries, 0, 0);
    vkCmdDispatch(cmd, 3, 2, 1);
    vkCmdDispatch(cmd, 1, 1, 1);
    vkCmdEndQuery(cmd, queries, 0);
    vkCmdDispatch(cmd, 1, 1, 1);
    vkCmdCopyQueryPoolResults(cmd, queries, 0, 2, results.buffer, 0, 32,
                              VK_QUERY_RESULT_WITH_AVAILABILITY_BIT |
                                  VK_QUERY_RESULT_PARTIAL_BIT);
    vk_run(t, cmd);
    assert_vk(vkGetQueryPoolResults(t->device, queries, 0, 1, sizeof(values), values, 16,
                                    VK_QUERY_RESULT_WITH_AVAILABILITY_BIT));
    if (vertices) {
        assert_int_equal(values[0], 0);
        assert_int_equal(copied[0], 0);
    }
    assert_int_equal(values[column], 7 * 64);
    assert_int_equal(values[column + 1], 1);
    assert_int_equal(copied[column], 7 * 64);
    assert_int_equal(copied[column + 1], 1);
    assert_int_equal(copied[8 + column + 1], 0);

    vkDestroyQueryPool(t->device, queries, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
    vk_buffer_destroy(t, &results);
}

static void test_markers(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer big = vk_buffer_create(t, 8 << 20), markers = vk_buffer_create(t, 64);
    const uint32_t *written = markers.map;
    PFN_vkCmdWriteBufferMarkerAMD mark = API_DEVICE_PROC(t->api, vkCmdWriteBufferMarkerAMD);
    PFN_vkCmdWriteBufferMarker2AMD mark2 = API_DEVICE_PROC(t->api, vkCmdWriteBufferMarker2AMD);
    VkCommandBuffer cmd = vk_begin(t);

    for (uint32_t i = 0; i < 8; i++)
        mark(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, markers.buffer, 4 * i, 100 + i);
    vkCmdFillBuffer(cmd, big.buffer, 0, VK_WHOLE_SIZE, 7);
    mark2(cmd, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, markers.buffer, 32, 200);
    mark2(cmd, VK_PIPELINE_STAGE_2_NONE, markers.buffer, 36, 201);
    mark(cmd, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, markers.buffer, 60, 202);
    if (!t->validation) {
        mark(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, markers.buffer, 64, 1);
        vk_test_expect_message(t, "a marker at offset 64 of a buffer of 64 bytes");
        mark2(cmd, VK_PIPELINE_STAGE_2_NONE, markers.buffer, 2, 1);
        vk_test_expect_message(t, "a marker at offset 2 of");
    }
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(written[i], 100 + i);
    assert_int_equal(written[8], 200);
    assert_int_equal(written[9], 201);
    assert_int_equal(written[15], 202);
    assert_int_equal(written[10], 0);
    vk_buffer_destroy(t, &big);
    vk_buffer_destroy(t, &markers);
}

static void test_bad_ranges(void **state)
{
    struct vk_test *t = *state;
    uint32_t value;

    if (t->validation)
        skip();
    VkQueryPool pool = query_pool(t, VK_QUERY_TYPE_TIMESTAMP, 4, 0);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdResetQueryPool(cmd, pool, 2, 3);
    vk_test_expect_message(t, "queries 2 to 4");
    vkCmdWriteTimestamp(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, pool, 4);
    vk_test_expect_message(t, "queries 4 to 4");
    vk_run(t, cmd);
    assert_int_not_equal(vkGetQueryPoolResults(t->device, pool, 4, 1, 4, &value, 4, 0), VK_SUCCESS);
    vk_test_expect_message(t, "queries 4 to 4");
    vkDestroyQueryPool(t->device, pool, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_timestamps),
        VK_TEST_ENTRY(test_statistics),
        VK_TEST_ENTRY(test_markers),
        VK_TEST_ENTRY(test_bad_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
