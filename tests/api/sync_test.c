/* SPDX-License-Identifier: MIT
 *
 * Fences, semaphores of both types, events, chains of submits.
 */
#include "vk_test.h"

#include <pthread.h>
#include <unistd.h>

#define SECOND_NS 1000000000ull

static VkCommandBuffer fill_commands(struct vk_test *t, const struct api_buffer *buffer,
                                     VkDeviceSize offset, uint32_t value)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdFillBuffer(cmd, buffer->buffer, offset, 4, value);
    assert_vk(vkEndCommandBuffer(cmd));
    return cmd;
}

/* ---- Fences ---- */

static void test_fence_states(void **state)
{
    struct vk_test *t = *state;
    VkFence fences[2] = {vk_fence(t, true), vk_fence(t, false)};

    assert_int_equal(vkGetFenceStatus(t->device, fences[0]), VK_SUCCESS);
    assert_int_equal(vkGetFenceStatus(t->device, fences[1]), VK_NOT_READY);
    assert_int_equal(vkWaitForFences(t->device, 2, fences, VK_TRUE, 0), VK_TIMEOUT);
    assert_int_equal(vkWaitForFences(t->device, 2, fences, VK_TRUE, 1000000), VK_TIMEOUT);
    assert_vk(vkWaitForFences(t->device, 2, fences, VK_FALSE, UINT64_MAX));
    assert_vk(vkResetFences(t->device, 2, fences));
    assert_int_equal(vkGetFenceStatus(t->device, fences[0]), VK_NOT_READY);

    /* A submit without batches signals its fence. */
    assert_vk(vkQueueSubmit(t->queue, 0, NULL, fences[0]));
    assert_vk(vkQueueSubmit2(t->queue, 0, NULL, fences[1]));
    assert_vk(vkWaitForFences(t->device, 2, fences, VK_TRUE, UINT64_MAX));
    for (int i = 0; i < 2; i++)
        vkDestroyFence(t->device, fences[i], NULL);
}

struct waiter {
    struct vk_test *t;
    VkFence fence;
    VkResult result;
};

static void *wait_for_fence(void *data)
{
    struct waiter *waiter = data;

    waiter->result =
        vkWaitForFences(waiter->t->device, 1, &waiter->fence, VK_TRUE, 20 * SECOND_NS);
    return NULL;
}

static void test_fence_waited_before_submit(void **state)
{
    struct vk_test *t = *state;
    pthread_t thread;

    /* The validation layer takes it for a race, since both calls name the fence. */
    if (t->validation)
        skip();
    struct waiter waiter = {t, vk_fence(t, false), VK_ERROR_UNKNOWN};
    assert_int_equal(pthread_create(&thread, NULL, wait_for_fence, &waiter), 0);
    usleep(20000);
    assert_vk(vkQueueSubmit(t->queue, 0, NULL, waiter.fence));
    pthread_join(thread, NULL);
    assert_vk(waiter.result);
    vkDestroyFence(t->device, waiter.fence, NULL);
}

/* ---- Semaphores ---- */

static void test_binary_chain(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 64);
    const uint32_t *words = buffer.map;
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkFence fence = vk_fence(t, false);
    VkCommandBuffer cmds[8];
    VkSemaphore semaphores[16];

    /* The validation layer of 2023 wants a semaphore for each link; one is enough. */
    for (uint32_t i = 0; i < 16; i++)
        semaphores[i] = i == 0 || t->validation ? vk_binary(t) : semaphores[0];

    /* Back and forth between the queues. */
    for (uint32_t i = 0; i < 8; i++) {
        cmds[i] = fill_commands(t, &buffer, 0, 100 + i);
        assert_vk(vkQueueSubmit(
            i % 2 ? t->other_queue : t->queue, 1,
            &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, i > 0, &semaphores[(i + 7) % 8],
                            &stage, 1, &cmds[i], i < 7, &semaphores[i]},
            i == 7 ? fence : VK_NULL_HANDLE));
    }
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    assert_int_equal(words[0], 107);
    assert_vk(vkDeviceWaitIdle(t->device));

    /* Several batches in one submit, each after the one before. */
    VkSubmitInfo batches[8];
    assert_vk(vkResetFences(t->device, 1, &fence));
    for (uint32_t i = 0; i < 8; i++)
        batches[i] = (VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, i > 0,
                                    &semaphores[8 + (i + 7) % 8], &stage, 1, &cmds[7 - i], i < 7,
                                    &semaphores[8 + i]};
    assert_vk(vkQueueSubmit(t->queue, 8, batches, fence));
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    assert_int_equal(words[0], 100);
    vkFreeCommandBuffers(t->device, t->pool, 8, cmds);
    for (uint32_t i = 0; i < (t->validation ? 16u : 1u); i++)
        vkDestroySemaphore(t->device, semaphores[i], NULL);
    vkDestroyFence(t->device, fence, NULL);
    vk_buffer_destroy(t, &buffer);
}

static void submit2(struct vk_test *t, VkQueue queue, VkCommandBuffer cmd, VkSemaphore wait,
                    uint64_t wait_value, VkSemaphore signal, uint64_t signal_value)
{
    VkSemaphoreSubmitInfo waits = {VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO, NULL, wait, wait_value,
                                   VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, 0};
    VkSemaphoreSubmitInfo signals = {VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO, NULL, signal,
                                     signal_value, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, 0};
    VkCommandBufferSubmitInfo commands = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO, NULL, cmd,
                                          0};

    assert_vk(vkQueueSubmit2(queue, 1,
                             &(VkSubmitInfo2){VK_STRUCTURE_TYPE_SUBMIT_INFO_2, NULL, 0, wait != 0,
                                              &waits, cmd != NULL, &commands, signal != 0,
                                              &signals},
                             VK_NULL_HANDLE));
}

static VkResult wait_value(struct vk_test *t, VkSemaphore semaphore, uint64_t value,
                           uint64_t timeout_ns)
{
    return vkWaitSemaphores(t->device,
                            &(VkSemaphoreWaitInfo){VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, NULL, 0,
                                                   1, &semaphore, &value},
                            timeout_ns);
}

static void test_timeline_wait_before_signal(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 64);
    volatile uint32_t *words = buffer.map;
    VkSemaphore timeline = vk_timeline(t, 5);
    VkCommandBuffer first = fill_commands(t, &buffer, 0, 1);
    VkCommandBuffer second = fill_commands(t, &buffer, 4, 2);
    uint64_t value;

    assert_vk(vkGetSemaphoreCounterValue(t->device, timeline, &value));
    assert_int_equal(value, 5);
    /* The second job waits for the first one's value, and that one for the host's. */
    submit2(t, t->other_queue, second, timeline, 20, timeline, 30);
    submit2(t, t->queue, first, timeline, 10, timeline, 20);
    assert_int_equal(wait_value(t, timeline, 20, 20000000), VK_TIMEOUT);
    assert_int_equal(words[0], 0);
    assert_vk(vkSignalSemaphore(
        t->device, &(VkSemaphoreSignalInfo){VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, NULL, timeline,
                                            10}));
    assert_vk(wait_value(t, timeline, 30, UINT64_MAX));
    assert_int_equal(words[0], 1);
    assert_int_equal(words[1], 2);
    assert_vk(vkGetSemaphoreCounterValue(t->device, timeline, &value));
    assert_int_equal(value, 30);
    assert_vk(vkDeviceWaitIdle(t->device));
    vkFreeCommandBuffers(t->device, t->pool, 1, &first);
    vkFreeCommandBuffers(t->device, t->pool, 1, &second);
    vkDestroySemaphore(t->device, timeline, NULL);
    vk_buffer_destroy(t, &buffer);
}

static void test_timeline_any(void **state)
{
    struct vk_test *t = *state;
    VkSemaphore timelines[2] = {vk_timeline(t, 0), vk_timeline(t, 3)};
    const uint64_t values[2] = {1, 3};
    VkSemaphoreWaitInfo info = {VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, NULL, 0, 2, timelines,
                                values};

    assert_int_equal(vkWaitSemaphores(t->device, &info, 0), VK_TIMEOUT);
    info.flags = VK_SEMAPHORE_WAIT_ANY_BIT;
    assert_vk(vkWaitSemaphores(t->device, &info, 0));
    for (int i = 0; i < 2; i++)
        vkDestroySemaphore(t->device, timelines[i], NULL);
}

/* Overlapping submits on two queues, hundreds of them, ordered by one timeline. */
static void test_timeline_overlapping(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 4096);
    const uint32_t *words = buffer.map;
    VkSemaphore timeline = vk_timeline(t, 0);
    VkCommandBuffer copy = vk_begin(t);

    /* Moves everything one word further: a lost or doubled turn leaves its trace. */
    vkCmdFillBuffer(copy, buffer.buffer, 0, 4, 7);
    vk_barrier(copy);
    vkCmdCopyBuffer(copy, buffer.buffer, buffer.buffer, 1, &(VkBufferCopy){0, 2048, 1024});
    vk_barrier(copy);
    vkCmdCopyBuffer(copy, buffer.buffer, buffer.buffer, 1, &(VkBufferCopy){2048, 4, 1024});
    vk_barrier(copy);
    assert_vk(vkEndCommandBuffer(copy));
    if (!t->validation) { /* it would see one command buffer in flight twice */
        for (uint64_t i = 0; i < 200; i++)
            submit2(t, i % 2 ? t->queue : t->other_queue, copy, timeline, i, timeline, i + 1);
        assert_vk(wait_value(t, timeline, 200, UINT64_MAX));
        for (uint32_t i = 0; i < 200; i++)
            assert_int_equal(words[i], 7);
        assert_int_equal(words[202], 0);
    }
    assert_vk(vkDeviceWaitIdle(t->device));
    vkFreeCommandBuffers(t->device, t->pool, 1, &copy);
    vkDestroySemaphore(t->device, timeline, NULL);
    vk_buffer_destroy(t, &buffer);
}

static void test_mixed_submit(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 64);
    const uint32_t *words = buffer.map;
    VkSemaphore semaphores[2] = {vk_binary(t), vk_timeline(t, 0)};
    VkPipelineStageFlags stages[2] = {VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                                      VK_PIPELINE_STAGE_ALL_COMMANDS_BIT};
    const uint64_t values[2] = {0, 4};
    VkCommandBuffer first = fill_commands(t, &buffer, 0, 1);
    VkCommandBuffer second = fill_commands(t, &buffer, 0, 2);
    VkTimelineSemaphoreSubmitInfo timelines = {VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                               NULL, 0, NULL, 2, values};

    assert_vk(vkQueueSubmit(t->queue, 1,
                            &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, &timelines, 0, NULL,
                                            NULL, 1, &first, 2, semaphores},
                            VK_NULL_HANDLE));
    timelines = (VkTimelineSemaphoreSubmitInfo){VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                                NULL, 2, values, 0, NULL};
    assert_vk(vkQueueSubmit(t->other_queue, 1,
                            &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, &timelines, 2,
                                            semaphores, stages, 1, &second, 0, NULL},
                            VK_NULL_HANDLE));
    assert_vk(vkDeviceWaitIdle(t->device));
    assert_int_equal(words[0], 2);
    for (int i = 0; i < 2; i++)
        vkDestroySemaphore(t->device, semaphores[i], NULL);
    vkFreeCommandBuffers(t->device, t->pool, 1, &first);
    vkFreeCommandBuffers(t->device, t->pool, 1, &second);
    vk_buffer_destroy(t, &buffer);
}

static void test_wait_for_nothing(void **state)
{
    struct vk_test *t = *state;
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSemaphore semaphore = vk_binary(t);

    /* A real GPU would hang. */
    if (!t->validation) {
        assert_vk(vkQueueSubmit(t->queue, 1,
                                &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, 1, &semaphore,
                                                &stage},
                                VK_NULL_HANDLE));
        vk_test_expect_message(t, "nothing signals");
        assert_vk(vkQueueWaitIdle(t->queue));
    }
    vkDestroySemaphore(t->device, semaphore, NULL);
}

/* ---- Events ---- */

static VkEvent event_create(struct vk_test *t)
{
    VkEvent event;

    assert_vk(vkCreateEvent(t->device, &(VkEventCreateInfo){VK_STRUCTURE_TYPE_EVENT_CREATE_INFO},
                            NULL, &event));
    return event;
}

static void test_event_host(void **state)
{
    struct vk_test *t = *state;
    VkEvent event = event_create(t);

    assert_int_equal(vkGetEventStatus(t->device, event), VK_EVENT_RESET);
    assert_vk(vkSetEvent(t->device, event));
    assert_int_equal(vkGetEventStatus(t->device, event), VK_EVENT_SET);
    assert_vk(vkResetEvent(t->device, event));
    assert_int_equal(vkGetEventStatus(t->device, event), VK_EVENT_RESET);
    vkDestroyEvent(t->device, event, NULL);
}

static void test_event_device(void **state)
{
    struct vk_test *t = *state;
    struct api_buffer buffer = vk_buffer_create(t, 64);
    volatile uint32_t *words = buffer.map;
    VkEvent events[2] = {event_create(t), event_create(t)};
    VkFence fence = vk_fence(t, false);
    VkMemoryBarrier barrier = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, VK_ACCESS_HOST_WRITE_BIT,
                               VK_ACCESS_TRANSFER_WRITE_BIT};
    VkMemoryBarrier2 barrier2 = {VK_STRUCTURE_TYPE_MEMORY_BARRIER_2, NULL,
                                 VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                                 VK_ACCESS_2_TRANSFER_WRITE_BIT,
                                 VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                                 VK_ACCESS_2_TRANSFER_WRITE_BIT};
    VkDependencyInfo dependency = {VK_STRUCTURE_TYPE_DEPENDENCY_INFO, NULL, 0, 1, &barrier2};
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdWaitEvents(cmd, 1, &events[0], VK_PIPELINE_STAGE_HOST_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                    1, &barrier, 0, NULL, 0, NULL);
    vkCmdFillBuffer(cmd, buffer.buffer, 0, 4, 1);
    vkCmdSetEvent2(cmd, events[1], &dependency);
    vkCmdWaitEvents2(cmd, 1, &events[1], &dependency);
    vkCmdFillBuffer(cmd, buffer.buffer, 0, 4, 2);
    vkCmdResetEvent2(cmd, events[1], VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT);
    assert_vk(vkEndCommandBuffer(cmd));
    vk_submit(t, t->queue, cmd, fence);
    assert_int_equal(vkWaitForFences(t->device, 1, &fence, VK_TRUE, 20000000), VK_TIMEOUT);
    assert_int_equal(words[0], 0);
    assert_vk(vkSetEvent(t->device, events[0]));
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    assert_int_equal(words[0], 2);
    assert_int_equal(vkGetEventStatus(t->device, events[1]), VK_EVENT_RESET);
    vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
    vkDestroyFence(t->device, fence, NULL);
    for (int i = 0; i < 2; i++)
        vkDestroyEvent(t->device, events[i], NULL);
    vk_buffer_destroy(t, &buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_fence_states),
        VK_TEST_ENTRY(test_fence_waited_before_submit),
        VK_TEST_ENTRY(test_binary_chain),
        VK_TEST_ENTRY(test_timeline_wait_before_signal),
        VK_TEST_ENTRY(test_timeline_any),
        VK_TEST_ENTRY(test_timeline_overlapping),
        VK_TEST_ENTRY(test_mixed_submit),
        VK_TEST_ENTRY(test_wait_for_nothing),
        VK_TEST_ENTRY(test_event_host),
        VK_TEST_ENTRY(test_event_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
