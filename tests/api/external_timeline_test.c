/* SPDX-License-Identifier: MIT
 *
 * Timeline semaphores shared by file descriptor: between two instances, with a child process, and what is
 * refused.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vk_test.h"

#define OPAQUE VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT

static VkSemaphore make_timeline(VkDevice device, VkExternalSemaphoreHandleTypeFlags types,
                                 uint64_t value)
{
    VkExportSemaphoreCreateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO, .handleTypes = types};
    VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .pNext = &export,
        .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
        .initialValue = value,
    };
    VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
                                  .pNext = &type};
    VkSemaphore semaphore = VK_NULL_HANDLE;

    return vkCreateSemaphore(device, &info, NULL, &semaphore) == VK_SUCCESS ? semaphore
                                                                            : VK_NULL_HANDLE;
}

static VkResult get_fd(const struct vk_test *t, VkSemaphore semaphore, int *fd_out)
{
    VkSemaphoreGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
                                   .semaphore = semaphore, .handleType = OPAQUE};

    return API_DEVICE_PROC(t->api, vkGetSemaphoreFdKHR)(t->device, &get, fd_out);
}

static VkResult import(VkDevice device, VkSemaphore semaphore, int fd, VkSemaphoreImportFlags flags)
{
    VkImportSemaphoreFdInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR, .semaphore = semaphore,
        .flags = flags, .handleType = OPAQUE, .fd = fd};
    PFN_vkImportSemaphoreFdKHR command =
        (PFN_vkImportSemaphoreFdKHR)vkGetDeviceProcAddr(device, "vkImportSemaphoreFdKHR");

    return command(device, &info);
}

static VkResult host_signal(VkDevice device, VkSemaphore semaphore, uint64_t value)
{
    VkSemaphoreSignalInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO,
                                  .semaphore = semaphore, .value = value};

    return vkSignalSemaphore(device, &info);
}

static VkResult host_wait(VkDevice device, VkSemaphore semaphore, uint64_t value, uint64_t timeout)
{
    VkSemaphoreWaitInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                .semaphoreCount = 1, .pSemaphores = &semaphore, .pValues = &value};

    return vkWaitSemaphores(device, &info, timeout);
}

/* A submission without commands that waits for one value, and signals another. */
static VkResult submit(VkQueue queue, VkSemaphore semaphore, uint64_t wait, uint64_t signal)
{
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1, .pWaitSemaphoreValues = &wait,
        .signalSemaphoreValueCount = 1, .pSignalSemaphoreValues = &signal};
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .pNext = &values,
                         .waitSemaphoreCount = 1, .pWaitSemaphores = &semaphore,
                         .pWaitDstStageMask = &stage,
                         .signalSemaphoreCount = 1, .pSignalSemaphores = &semaphore};

    return vkQueueSubmit(queue, 1, &info, VK_NULL_HANDLE);
}

static uint64_t value_of(VkDevice device, VkSemaphore semaphore)
{
    uint64_t value = UINT64_MAX;

    assert_vk(vkGetSemaphoreCounterValue(device, semaphore, &value));
    return value;
}

/* Each side waits for what only the other signals, on the host and in queues, wait before signal. */
static void test_two_instances(void **state)
{
    struct vk_test *t = *state;
    const uint64_t far = UINT64_C(1) << 40;
    struct api *other;
    int fd;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    api_open((void **)&other);
    VkSemaphore here = make_timeline(t->device, OPAQUE, 7);
    VkSemaphore there = make_timeline(other->device, 0, 0);
    assert_vk(get_fd(t, here, &fd));
    assert_vk(import(other->device, there, fd, 0));
    assert_int_equal(value_of(other->device, there), 7);
    assert_int_equal(host_wait(other->device, there, 8, 1000000), VK_TIMEOUT);
    for (uint64_t value = 8; value < 408; value += 4) {
        assert_vk(submit(t->queue, here, value + 2, value + 3));
        assert_vk(submit(other->queue, there, value, value + 1));
        assert_vk(host_signal(t->device, here, value));
        assert_vk(host_wait(t->device, here, value + 1, UINT64_MAX));
        assert_true(value_of(other->device, there) == value + 1);
        assert_vk(host_signal(other->device, there, value + 2));
        assert_vk(host_wait(other->device, there, value + 3, UINT64_MAX));
        assert_true(value_of(t->device, here) == value + 3);
    }
    assert_vk(host_signal(other->device, there, far));
    assert_true(value_of(t->device, here) == far);
    /* What was imported lives without the timeline that it is from. */
    vkDestroySemaphore(t->device, here, NULL);
    assert_vk(submit(other->queue, there, far, far + 1));
    assert_vk(host_wait(other->device, there, far + 1, UINT64_MAX));
    vkDestroySemaphore(other->device, there, NULL);
    assert_int_equal(other->message_count, 0);
    api_close((void **)&other);
}

#ifndef __SANITIZE_THREAD__ /* it ends a child that starts threads, if its parent had any */
static int be_child(VkPhysicalDevice physical, int fd)
{
    const char *extension = VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME;
    VkPhysicalDeviceVulkan12Features features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .timelineSemaphore = VK_TRUE};
    const float priority = 1;
    VkDeviceQueueCreateInfo queue_info = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                          .queueCount = 1, .pQueuePriorities = &priority};
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features,
        .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue_info,
        .enabledExtensionCount = 1, .ppEnabledExtensionNames = &extension};
    VkDevice device;
    VkQueue queue;

    if (vkCreateDevice(physical, &info, NULL, &device) != VK_SUCCESS)
        return 1;
    vkGetDeviceQueue(device, 0, 0, &queue);
    VkSemaphore semaphore = make_timeline(device, 0, 0);
    if (!semaphore || import(device, semaphore, fd, 0) != VK_SUCCESS)
        return 2;
    if (submit(queue, semaphore, 1, 2) != VK_SUCCESS ||
        host_wait(device, semaphore, 3, UINT64_MAX) != VK_SUCCESS)
        return 3;
    if (host_signal(device, semaphore, 4) != VK_SUCCESS)
        return 4;
    vkDestroySemaphore(device, semaphore, NULL);
    vkDestroyDevice(device, NULL);
    return 0;
}

static void test_child(void **state)
{
    struct vk_test *t = *state;
    int fd, status;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkSemaphore semaphore = make_timeline(t->device, OPAQUE, 0);
    assert_vk(get_fd(t, semaphore, &fd));
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        _exit(be_child(t->physical, fd));
    }
    assert_true(child > 0);
    assert_vk(host_signal(t->device, semaphore, 1));
    assert_vk(host_wait(t->device, semaphore, 2, UINT64_MAX));
    assert_vk(submit(t->queue, semaphore, 2, 3));
    assert_vk(host_wait(t->device, semaphore, 4, UINT64_MAX));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
    vkDestroySemaphore(t->device, semaphore, NULL);
}
#endif

/* Timelines come and go while others signal the one that they share. */
static void test_many(void **state)
{
    struct vk_test *t = *state;
    int fd;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkSemaphore semaphore = make_timeline(t->device, OPAQUE, 0);
    for (uint64_t value = 1; value < 300; value++) {
        VkSemaphore copy = make_timeline(t->device, 0, 0);
        assert_vk(get_fd(t, semaphore, &fd));
        assert_vk(import(t->device, copy, fd, 0));
        assert_vk(submit(t->queue, semaphore, 0, value));
        if (value % 2)
            assert_vk(host_wait(t->device, copy, value, UINT64_MAX));
        vkDestroySemaphore(t->device, copy, NULL);
    }
    assert_vk(vkDeviceWaitIdle(t->device));
    vkDestroySemaphore(t->device, semaphore, NULL);
}

static void test_refused(void **state)
{
    struct vk_test *t = *state;
    int fd;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkSemaphore own = make_timeline(t->device, 0, 3), shared = make_timeline(t->device, OPAQUE, 5);
    assert_int_equal(get_fd(t, own, &fd), VK_ERROR_UNKNOWN);
    vk_test_expect_message(t, "was not created for that");
    fd = open("/dev/null", O_RDWR);
    assert_int_equal(import(t->device, own, fd, 0), VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "none of a timeline");
    assert_int_equal(close(fd), 0);
    assert_int_equal(import(t->device, own, 1 << 20, 0), VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "none of a timeline");
    assert_vk(get_fd(t, shared, &fd));
    assert_int_equal(import(t->device, own, fd, VK_SEMAPHORE_IMPORT_TEMPORARY_BIT),
                     VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "for good");
    assert_int_equal(close(fd), 0);
    assert_true(value_of(t->device, own) == 3);
    vkDestroySemaphore(t->device, own, NULL);
    vkDestroySemaphore(t->device, shared, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_two_instances),
#ifndef __SANITIZE_THREAD__
        VK_TEST_ENTRY(test_child),
#endif
        VK_TEST_ENTRY(test_many),
        VK_TEST_ENTRY(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
