/* SPDX-License-Identifier: MIT
 *
 * Command buffers: copies, fills, updates, dispatches, secondaries, life cycle.
 */
#include "vk_test.h"

#include "add_one.h"
#include "which_group.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

/* ---- Transfers ---- */

static void test_fill(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 1024 + 2);
    const uint32_t *words = buffer.map;
    const uint8_t *bytes = buffer.map;
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdFillBuffer(cmd, buffer.buffer, 0, 16, 0x01020304);
    vkCmdFillBuffer(cmd, buffer.buffer, 512, VK_WHOLE_SIZE, 0xffffffff);
    vk_barrier(cmd);
    vkCmdFillBuffer(cmd, buffer.buffer, 8, 4, 0);
    vk_run(t, cmd);
    assert_int_equal(words[0], 0x01020304);
    assert_int_equal(words[1], 0x01020304);
    assert_int_equal(words[2], 0);
    assert_int_equal(words[3], 0x01020304);
    assert_int_equal(words[4], 0);
    assert_int_equal(words[127], 0);
    assert_int_equal(words[128], 0xffffffff);
    assert_int_equal(words[255], 0xffffffff);
    /* The two bytes after the last whole word. */
    assert_int_equal(bytes[1024], 0);
    vk_buffer_destroy(t, &buffer);
}

static void test_copy_and_update(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer src = vk_buffer_create(t, 4096), dst = vk_buffer_create(t, 4096);
    uint32_t *from = src.map, *to = dst.map, data[4] = {11, 12, 13, 14};
    VkBufferCopy regions[200];
    VkCommandBuffer cmd = vk_begin(t);

    for (uint32_t i = 0; i < 1024; i++)
        from[i] = i;
    for (uint32_t i = 0; i < 200; i++)
        regions[i] = (VkBufferCopy){i * 4, (199 - i) * 4, 4};
    vkCmdCopyBuffer(cmd, src.buffer, dst.buffer, 200, regions);
    vkCmdCopyBuffer2(cmd,
                     &(VkCopyBufferInfo2){
                         VK_STRUCTURE_TYPE_COPY_BUFFER_INFO_2, NULL, src.buffer, dst.buffer, 1,
                         &(VkBufferCopy2){VK_STRUCTURE_TYPE_BUFFER_COPY_2, NULL, 2048, 2048,
                                          2048}});
    vkCmdUpdateBuffer(cmd, dst.buffer, 1024, sizeof(data), data);
    /* What was updated with is taken when it is recorded. */
    data[0] = 0;
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 200; i++)
        assert_int_equal(to[i], 199 - i);
    assert_int_equal(to[200], 0);
    assert_int_equal(to[256], 11);
    assert_int_equal(to[259], 14);
    assert_memory_equal(to + 512, from + 512, 2048);
    vk_buffer_destroy(t, &src);
    vk_buffer_destroy(t, &dst);
}

static void test_transfers_out_of_bounds(void **state)
{
    struct vk_test *t = *state;
    const uint32_t data[4] = {1, 2, 3, 4};

    if (t->validation)
        skip();
    struct api_buffer buffer = vk_buffer_create(t, 64);
    const uint32_t *words = buffer.map;
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdFillBuffer(cmd, buffer.buffer, 60, 8, 1);
    vk_test_expect_message(t, "vkCmdFillBuffer");
    vkCmdFillBuffer(cmd, buffer.buffer, 128, VK_WHOLE_SIZE - 3, 1);
    vk_test_expect_message(t, "vkCmdFillBuffer");
    vkCmdUpdateBuffer(cmd, buffer.buffer, 56, 16, data);
    vk_test_expect_message(t, "vkCmdUpdateBuffer");
    vkCmdCopyBuffer(cmd, buffer.buffer, buffer.buffer, 1,
                    &(VkBufferCopy){0, UINT64_MAX - 3, 8});
    vk_test_expect_message(t, "vkCmdCopyBuffer");
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_test_expect_message(t, "no compute pipeline");
    /* The commands that are in order still run. */
    vkCmdFillBuffer(cmd, buffer.buffer, 0, 4, 5);
    vk_run(t, cmd);
    assert_int_equal(words[0], 5);
    assert_int_equal(words[15], 0);
    vk_buffer_destroy(t, &buffer);
}

/* ---- Dispatches ---- */

/* A pipeline with one storage buffer, and a set with that buffer. */
struct kernel {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer buffer;
};

static struct kernel kernel_create(struct vk_test *t, const uint32_t *spirv, size_t spirv_B)
{
    struct kernel k;

    k.set_layout = vk_set_layout(t, 0, 1, &storage);
    k.layout = vk_pipeline_layout(t, 1, &k.set_layout, 0);
    k.pipeline = vk_pipeline(t, k.layout, spirv, spirv_B, NULL);
    k.pool = vk_descriptor_pool(t, 1);
    k.set = vk_descriptor_set(t, k.pool, k.set_layout);
    k.buffer = vk_buffer_create(t, 16384);
    vk_write_buffer(t, k.set, 0, storage, k.buffer.buffer, 0, VK_WHOLE_SIZE);
    return k;
}

static void kernel_bind(const struct kernel *k, VkCommandBuffer cmd)
{
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, k->pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, k->layout, 0, 1, &k->set, 0, NULL);
}

static void kernel_destroy(struct vk_test *t, struct kernel *k)
{
    vkDestroyPipeline(t->device, k->pipeline, NULL);
    vkDestroyPipelineLayout(t->device, k->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, k->set_layout, NULL);
    vkDestroyDescriptorPool(t->device, k->pool, NULL);
    vk_buffer_destroy(t, &k->buffer);
}

static void test_dispatch(void **state)
{
    struct vk_test *t = *state;
    struct kernel k = kernel_create(t, which_group_spv, sizeof(which_group_spv));
    const uint32_t *words = k.buffer.map;
    VkCommandBuffer cmd = vk_begin(t);

    kernel_bind(&k, cmd);
    vkCmdDispatch(cmd, 3, 2, 1);
    vkCmdDispatch(cmd, 0, 5, 5);
    vkCmdDispatchBase(cmd, 4, 5, 6, 2, 1, 2);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 4096; i++) {
        uint32_t x = i % 16, y = i / 16 % 16, z = i / 256;
        bool hit = (x < 3 && y < 2 && z == 0) ||
                   (x >= 4 && x < 6 && y == 5 && z >= 6 && z < 8);
        assert_int_equal(words[i], hit ? i + 1 : 0);
    }
    kernel_destroy(t, &k);
}

static void test_dispatch_indirect(void **state)
{
    struct vk_test *t = *state;
    struct kernel k = kernel_create(t, which_group_spv, sizeof(which_group_spv));
    const uint32_t *words = k.buffer.map;
    struct api_buffer counts = vk_buffer_create(t, 64);
    VkCommandBuffer cmd = vk_begin(t);

    /* The counts are read when the command runs: an earlier command may have written them. */
    vkCmdUpdateBuffer(cmd, counts.buffer, 4, 12, (const uint32_t[]){2, 3, 4});
    vk_barrier(cmd);
    kernel_bind(&k, cmd);
    vkCmdDispatchIndirect(cmd, counts.buffer, 4);
    vkCmdDispatchIndirect(cmd, counts.buffer, 32);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 4096; i++) {
        uint32_t x = i % 16, y = i / 16 % 16, z = i / 256;
        assert_int_equal(words[i], x < 2 && y < 3 && z < 4 ? i + 1 : 0);
    }
    vk_buffer_destroy(t, &counts);
    kernel_destroy(t, &k);
}

static VkCommandBuffer begin_secondary(struct vk_test *t, VkCommandBufferUsageFlags usage)
{
    VkCommandBufferInheritanceInfo inheritance = {
        VK_STRUCTURE_TYPE_COMMAND_BUFFER_INHERITANCE_INFO};
    VkCommandBuffer cmd;

    assert_vk(vkAllocateCommandBuffers(
        t->device,
        &(VkCommandBufferAllocateInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL,
                                       t->pool, VK_COMMAND_BUFFER_LEVEL_SECONDARY, 1},
        &cmd));
    assert_vk(vkBeginCommandBuffer(
        cmd, &(VkCommandBufferBeginInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, NULL, usage,
                                         &inheritance}));
    return cmd;
}

static void test_secondary(void **state)
{
    struct vk_test *t = *state;
    struct kernel k = kernel_create(t, add_one_spv, sizeof(add_one_spv));
    const uint32_t *words = k.buffer.map;
    VkCommandBuffer secondary =
        begin_secondary(t, VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT);
    VkCommandBuffer cmd = vk_begin(t), both[2] = {secondary, secondary};

    kernel_bind(&k, secondary);
    vkCmdDispatch(secondary, 1, 1, 1);
    vk_barrier(secondary);
    assert_vk(vkEndCommandBuffer(secondary));
    vkCmdFillBuffer(cmd, k.buffer.buffer, 0, VK_WHOLE_SIZE, 40);
    vk_barrier(cmd);
    vkCmdExecuteCommands(cmd, 2, both);
    vkCmdExecuteCommands(cmd, 1, both);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(words[i], 43);
    assert_int_equal(words[64], 40);
    vkFreeCommandBuffers(t->device, t->pool, 1, &secondary);
    kernel_destroy(t, &k);
}

static void test_resubmit_and_reset(void **state)
{
    struct vk_test *t = *state;
    struct kernel k = kernel_create(t, add_one_spv, sizeof(add_one_spv));
    const uint32_t *words = k.buffer.map;
    VkCommandBuffer cmd = vk_begin(t);

    kernel_bind(&k, cmd);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
    assert_vk(vkEndCommandBuffer(cmd));
    for (int i = 0; i < 10; i++) {
        vk_submit(t, t->queue, cmd, VK_NULL_HANDLE);
        if (t->validation)
            assert_vk(vkQueueWaitIdle(t->queue));
    }
    assert_vk(vkQueueWaitIdle(t->queue));
    assert_int_equal(words[0], 10);

    /* Recording it anew forgets the dispatch. */
    assert_vk(vkBeginCommandBuffer(
        cmd, &(VkCommandBufferBeginInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO}));
    vkCmdFillBuffer(cmd, k.buffer.buffer, 0, 4, 99);
    assert_vk(vkEndCommandBuffer(cmd));
    vk_submit(t, t->queue, cmd, VK_NULL_HANDLE);
    assert_vk(vkQueueWaitIdle(t->queue));
    assert_int_equal(words[0], 99);
    assert_int_equal(words[1], 10);

    assert_vk(vkResetCommandPool(t->device, t->pool, 0));
    vkTrimCommandPool(t->device, t->pool, 0);
    assert_vk(vkBeginCommandBuffer(
        cmd, &(VkCommandBufferBeginInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO}));
    vk_run(t, cmd);
    kernel_destroy(t, &k);
}

/* All that a job uses is destroyed while the job waits for its turn. It runs all the same. */
static void test_destroy_in_flight(void **state)
{
    struct vk_test *t = *state;
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    const uint64_t one = 1;

    if (t->validation)
        skip();
    struct kernel k = kernel_create(t, add_one_spv, sizeof(add_one_spv));
    struct api_buffer out = vk_buffer_create(t, 256);
    const uint32_t *words = out.map;
    VkSemaphore timeline = vk_timeline(t, 0);
    VkFence fence = vk_fence(t, false);
    VkCommandBuffer cmd = vk_begin(t), secondary = begin_secondary(t, 0);

    kernel_bind(&k, secondary);
    vkCmdDispatch(secondary, 1, 1, 1);
    assert_vk(vkEndCommandBuffer(secondary));
    vkCmdFillBuffer(cmd, k.buffer.buffer, 0, VK_WHOLE_SIZE, 10);
    vk_barrier(cmd);
    vkCmdExecuteCommands(cmd, 1, &secondary);
    vk_barrier(cmd);
    vkCmdCopyBuffer(cmd, k.buffer.buffer, out.buffer, 1, &(VkBufferCopy){0, 0, 256});
    assert_vk(vkEndCommandBuffer(cmd));
    assert_vk(vkQueueSubmit(
        t->queue, 1,
        &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO,
                        &(VkTimelineSemaphoreSubmitInfo){
                            VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO, NULL, 1, &one, 0,
                            NULL},
                        1, &timeline, &stage, 1, &cmd, 0, NULL},
        fence));

    vkFreeCommandBuffers(t->device, t->pool, 1, &secondary);
    vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
    kernel_destroy(t, &k);
    assert_vk(vkSignalSemaphore(
        t->device,
        &(VkSemaphoreSignalInfo){VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, NULL, timeline, 1}));
    vkDestroySemaphore(t->device, timeline, NULL);
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(words[i], 11);
    vkDestroyFence(t->device, fence, NULL);
    vk_buffer_destroy(t, &out);
}

static void test_wrong_state(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    struct api_buffer buffer = vk_buffer_create(t, 64);
    VkCommandBuffer cmd = vk_begin(t);
    assert_vk(vkEndCommandBuffer(cmd));
    vkCmdFillBuffer(cmd, buffer.buffer, 0, 4, 1);
    vk_test_expect_message(t, "not being recorded");
    assert_int_not_equal(vkEndCommandBuffer(cmd), VK_SUCCESS);
    vk_test_expect_message(t, "not being recorded");
    assert_vk(vkResetCommandBuffer(cmd, 0));
    vk_submit(t, t->queue, cmd, VK_NULL_HANDLE);
    vk_test_expect_message(t, "not executable");
    assert_vk(vkQueueWaitIdle(t->queue));
    vk_buffer_destroy(t, &buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_fill),
        VK_TEST_ENTRY(test_copy_and_update),
        VK_TEST_ENTRY(test_transfers_out_of_bounds),
        VK_TEST_ENTRY(test_dispatch),
        VK_TEST_ENTRY(test_dispatch_indirect),
        VK_TEST_ENTRY(test_secondary),
        VK_TEST_ENTRY(test_resubmit_and_reset),
        VK_TEST_ENTRY(test_destroy_in_flight),
        VK_TEST_ENTRY(test_wrong_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
