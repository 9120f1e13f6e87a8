/* SPDX-License-Identifier: MIT
 *
 * A device that is lost says so from every wait and submit, and can be destroyed.
 */
#include "vk_test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "poke.h"
#include "spin.h"

static void test_stuck_shader(void **state)
{
    struct vk_test *t = *state;

    /* The validation layer takes what a lost device never finished to be in use for ever. */
    if (t->validation)
        skip();
    const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, spin_spv, sizeof(spin_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    struct api_buffer buffer = vk_buffer_create(t, 256);
    VkFence fences[2] = {vk_fence(t, false), vk_fence(t, false)};
    VkSemaphore timeline = vk_timeline(t, 0);
    const uint64_t one = 1;
    uint64_t value;
    struct api_buffer markers = vk_buffer_create(t, 16);
    const uint32_t *reached = markers.map;
    PFN_vkCmdWriteBufferMarkerAMD mark = API_DEVICE_PROC(t->api, vkCmdWriteBufferMarkerAMD);
    VkCommandBuffer cmd = vk_begin(t);

    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    mark(cmd, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, markers.buffer, 0, 1);
    vkCmdDispatch(cmd, 1, 1, 1);
    mark(cmd, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, markers.buffer, 4, 2);
    assert_vk(vkEndCommandBuffer(cmd));
    vk_submit(t, t->queue, cmd, fences[0]);

    assert_int_equal(vkWaitForFences(t->device, 1, fences, VK_TRUE, UINT64_MAX),
                     VK_ERROR_DEVICE_LOST);
    vk_test_expect_message(t, "lost");
    assert_int_equal(vkGetFenceStatus(t->device, fences[0]), VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkWaitForFences(t->device, 1, &fences[1], VK_TRUE, UINT64_MAX),
                     VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkQueueSubmit(t->queue, 0, NULL, fences[1]), VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkQueueSubmit(t->other_queue, 1,
                                   &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO}, VK_NULL_HANDLE),
                     VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkQueueWaitIdle(t->queue), VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkDeviceWaitIdle(t->device), VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkGetSemaphoreCounterValue(t->device, timeline, &value),
                     VK_ERROR_DEVICE_LOST);
    assert_int_equal(vkWaitSemaphores(t->device,
                                      &(VkSemaphoreWaitInfo){VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                                             NULL, 0, 1, &timeline, &one},
                                      UINT64_MAX),
                     VK_ERROR_DEVICE_LOST);
    /* The markers say how far it came. */
    assert_int_equal(reached[0], 1);
    assert_int_equal(reached[1], 0);
    /* The watchdog says what the device was stuck in. */
    VkDeviceFaultCountsEXT counts = {.sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_COUNTS_EXT};
    VkDeviceFaultInfoEXT info = {.sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_INFO_EXT};
    VkDeviceFaultVendorInfoEXT vendor;
    PFN_vkGetDeviceFaultInfoEXT get = API_DEVICE_PROC(t->api, vkGetDeviceFaultInfoEXT);
    assert_vk(get(t->device, &counts, NULL));
    assert_int_equal(counts.addressInfoCount, 0);
    assert_int_equal(counts.vendorInfoCount, 1);
    info.pVendorInfos = &vendor;
    assert_vk(get(t->device, &counts, &info));
    assert_true(vendor.vendorFaultCode == (uint64_t)(uintptr_t)pipeline);
    assert_non_null(strstr(info.description, "ran for more than"));
    t->api->message_count = 0;

    for (int i = 0; i < 2; i++)
        vkDestroyFence(t->device, fences[i], NULL);
    vkDestroySemaphore(t->device, timeline, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
    vk_buffer_destroy(t, &markers);
}

static void test_crashing_shader(void **state)
{
    struct vk_test *t;

    if (api_validation())
        skip();
    /* A device of its own: cmocka's handlers were put in front of those of an older one. */
    vk_test_setup((void **)&t);
    const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, poke_spv, sizeof(poke_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    struct api_buffer buffer = vk_buffer_create(t, 256);
    VkFence fence = vk_fence(t, false);
    VkCommandBuffer cmd = vk_begin(t);

    *(uint64_t *)buffer.map = 0x1238;
    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    assert_vk(vkEndCommandBuffer(cmd));
    vk_submit(t, t->queue, cmd, fence);
    assert_int_equal(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX),
                     VK_ERROR_DEVICE_LOST);

    VkDeviceFaultAddressInfoEXT addresses[4];
    VkDeviceFaultVendorInfoEXT vendor[4];
    VkDeviceFaultCountsEXT counts = {.sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_COUNTS_EXT,
                                     .addressInfoCount = 4, .vendorInfoCount = 4};
    VkDeviceFaultInfoEXT info = {.sType = VK_STRUCTURE_TYPE_DEVICE_FAULT_INFO_EXT,
                                 .pAddressInfos = addresses, .pVendorInfos = vendor};
    PFN_vkGetDeviceFaultInfoEXT get = API_DEVICE_PROC(t->api, vkGetDeviceFaultInfoEXT);
    assert_vk(get(t->device, &counts, &info));
    assert_int_equal(counts.addressInfoCount, 2);
    assert_int_equal(addresses[0].addressType, VK_DEVICE_FAULT_ADDRESS_TYPE_WRITE_INVALID_EXT);
    assert_int_equal(addresses[0].reportedAddress, 0x1238);
    assert_int_equal(counts.vendorInfoCount, 1);
    assert_true(vendor[0].vendorFaultCode == (uint64_t)(uintptr_t)pipeline);
    assert_non_null(strstr(info.description, "in a shader"));
    counts.addressInfoCount = 1;
    assert_int_equal(get(t->device, &counts, &info), VK_INCOMPLETE);
    t->api->message_count = 0;

    vkDestroyFence(t->device, fence, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
    assert_int_equal(vk_test_teardown((void **)&t), 0);
}

#ifdef __SANITIZE_THREAD__
/* It ends a child that starts threads, if its parent had any. */
static bool has_own_device(const struct vk_test *t)
{
    (void)t;
    return true;
}
#else
static bool has_own_device(const struct vk_test *t)
{
    const float priority = 1;
    const VkDeviceQueueCreateInfo queue_info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    const VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue_info,
    };
    const VkFenceCreateInfo fence_info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    VkDevice device;
    VkQueue queue;
    VkFence fence;

    if (vkCreateDevice(t->physical, &info, NULL, &device) != VK_SUCCESS)
        return false;
    vkGetDeviceQueue(device, 0, 0, &queue);
    bool good = vkCreateFence(device, &fence_info, NULL, &fence) == VK_SUCCESS &&
                vkQueueSubmit(queue, 0, NULL, fence) == VK_SUCCESS &&
                vkWaitForFences(device, 1, &fence, VK_TRUE, UINT64_MAX) == VK_SUCCESS &&
                vkDeviceWaitIdle(device) == VK_SUCCESS;
    if (good)
        vkDestroyFence(device, fence, NULL);
    vkDestroyDevice(device, NULL);
    return good;
}
#endif

/* The child of a fork() finds the parent's device lost, can destroy it, and can have one of its own. */
static void test_fork(void **state)
{
    struct vk_test *t = *state;
    VkFence fence = vk_fence(t, false);
    int status;

    if (t->validation) /* its own locks are not the test's concern */
        skip();
    vkDeviceWaitIdle(t->device);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        bool lost = vkDeviceWaitIdle(t->device) == VK_ERROR_DEVICE_LOST &&
                    vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX) ==
                        VK_ERROR_DEVICE_LOST &&
                    vkQueueSubmit(t->queue, 0, NULL, fence) == VK_ERROR_DEVICE_LOST;

        vkDestroyFence(t->device, fence, NULL);
        vkDestroyCommandPool(t->device, t->pool, NULL);
        vkDestroyDevice(t->device, NULL);
        _exit(!lost ? 1 : !has_own_device(t) ? 2 : 0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_vk(vkQueueSubmit(t->queue, 0, NULL, fence));
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(t->device, fence, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_stuck_shader),
        VK_TEST_ENTRY(test_fork),
        cmocka_unit_test(test_crashing_shader),
    };

    setenv("WEFT_HANG_SECONDS", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
