/* SPDX-License-Identifier: MIT
 *
 * Programs that need their dispatches in order without barriers: those that are known for it, and what
 * WEFT_DEBUG=order makes of others.
 */
#include <stdlib.h>

#include "vk_test.h"

#include "reverse.h"

enum { WORDS = 1 << 20, PASSES = 64, BYTES = WORDS * 4 };

static const VkDescriptorType storage[2] = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                            VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};

/* Each pass begins with what the one before ends with; two that overlap give wrong results. */
static void turn_many_times(struct vk_test *t)
{
    struct api_buffer buffers[2] = {vk_buffer_create(t, BYTES), vk_buffer_create(t, BYTES)};
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 2, storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, reverse_spv, sizeof(reverse_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 2);
    VkDescriptorSet sets[2];
    VkCommandBuffer cmd = vk_begin(t);
    const uint32_t *words = buffers[0].map;
    uint32_t wrong = 0;

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    for (uint32_t i = 0; i < 2; i++) {
        sets[i] = vk_descriptor_set(t, pool, set_layout);
        vk_write_buffer(t, sets[i], 0, storage[0], buffers[i].buffer, 0, VK_WHOLE_SIZE);
        vk_write_buffer(t, sets[i], 1, storage[1], buffers[!i].buffer, 0, VK_WHOLE_SIZE);
    }
    for (uint32_t i = 0; i < PASSES; i++) {
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &sets[i % 2], 0,
                                NULL);
        vkCmdDispatch(cmd, WORDS / 64, 1, 1);
    }
    vk_run(t, cmd);
    for (uint32_t i = 0; i < WORDS; i++)
        wrong += words[i] != PASSES;
    assert_int_equal(wrong, 0);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vk_buffer_destroy(t, &buffers[0]);
    vk_buffer_destroy(t, &buffers[1]);
}

static void test_known_program(void **state)
{
    turn_many_times(*state);
}

static void test_environment(void **state)
{
    turn_many_times(*state);
}

static int setup_known(void **state)
{
    api_engine_name = "libavutil";
    return vk_test_setup(state);
}

static int setup_environment(void **state)
{
    api_engine_name = NULL;
    setenv("WEFT_DEBUG", "order", 1);
    return vk_test_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_known_program, setup_known, vk_test_teardown),
        cmocka_unit_test_setup_teardown(test_environment, setup_environment, vk_test_teardown),
    };
    unsetenv("WEFT_DEBUG");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
