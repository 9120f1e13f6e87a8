/* SPDX-License-Identifier: MIT
 *
 * Memory, fences and semaphores shared by file descriptor between two instances, and memory of the
 * process itself.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vk_test.h"

enum { SIZE = 1 << 16 };

static VkResult allocate(struct vk_test *t, VkDevice device, const void *chain,
                         VkDeviceMemory *memory_out)
{
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = chain, .allocationSize = SIZE};

    return vkAllocateMemory(device, &info, NULL, memory_out);
}

static VkBuffer bind_buffer(struct vk_test *t, VkDeviceMemory memory,
                            VkExternalMemoryHandleTypeFlags types)
{
    VkExternalMemoryBufferCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO, .handleTypes = types};
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .pNext = &external, .size = SIZE,
        .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    VkBuffer buffer;

    assert_vk(vkCreateBuffer(t->device, &info, NULL, &buffer));
    assert_vk(vkBindBufferMemory(t->device, buffer, memory, 0));
    return buffer;
}

static void fill(struct vk_test *t, VkBuffer buffer, uint32_t value)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdFillBuffer(cmd, buffer, 0, VK_WHOLE_SIZE, value);
    vk_barrier(cmd);
    vk_run(t, cmd);
}

static void share_memory(struct vk_test *t, VkExternalMemoryHandleTypeFlagBits type)
{
    struct api *other;
    VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO, .handleTypes = type};
    VkDeviceMemory here, there, again;
    uint32_t *map;
    int fd = -1;

    api_open((void **)&other);
    assert_vk(allocate(t, t->device, &export, &here));
    VkMemoryGetFdInfoKHR get = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR, .memory = here, .handleType = type};
    assert_vk(API_DEVICE_PROC(t->api, vkGetMemoryFdKHR)(t->device, &get, &fd));
    if (type == VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT) {
        VkMemoryFdPropertiesKHR properties = {
            .sType = VK_STRUCTURE_TYPE_MEMORY_FD_PROPERTIES_KHR};
        assert_vk(API_DEVICE_PROC(t->api, vkGetMemoryFdPropertiesKHR)(t->device, type, fd,
                                                                      &properties));
        assert_int_not_equal(properties.memoryTypeBits, 0);
    }
    VkImportMemoryFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR, .handleType = type, .fd = fd};
    assert_vk(allocate(t, other->device, &import, &there));
    assert_vk(vkMapMemory(other->device, there, 0, VK_WHOLE_SIZE, 0, (void **)&map));

    VkBuffer buffer = bind_buffer(t, here, type);
    fill(t, buffer, 0x12345678);
    assert_int_equal(map[0], 0x12345678);
    assert_int_equal(map[SIZE / 4 - 1], 0x12345678);
    /* The importer keeps the memory when the exporter is gone. */
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, here, NULL);
    assert_int_equal(map[77], 0x12345678);

    /* Imported memory can be exported once more. */
    get.memory = there;
    assert_vk(API_DEVICE_PROC(other, vkGetMemoryFdKHR)(other->device, &get, &import.fd));
    assert_vk(allocate(t, t->device, &import, &again));
    vkFreeMemory(t->device, again, NULL);
    vkFreeMemory(other->device, there, NULL);
    assert_int_equal(other->message_count, 0);
    api_close((void **)&other);
}

/* An image written here is read there: both lie alike in memory that is shared. */
static VkImage bind_image(VkDevice device, VkDeviceMemory memory, VkExternalMemoryHandleTypeFlags types)
{
    VkExternalMemoryImageCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO, .handleTypes = types};
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .pNext = &external,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = {50, 40, 1},
        .mipLevels = 3,
        .arrayLayers = 2,
        .samples = 1,
        .usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
    };
    VkImage image;

    assert_vk(vkCreateImage(device, &info, NULL, &image));
    assert_vk(vkBindImageMemory(device, image, memory, 0));
    return image;
}

static void share_image(struct vk_test *t, VkExternalMemoryHandleTypeFlagBits type)
{
    VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO, .handleTypes = type};
    VkPhysicalDeviceExternalImageFormatInfo external = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO, .handleType = type};
    VkPhysicalDeviceImageFormatInfo2 format = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2,
        .pNext = &external,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .type = VK_IMAGE_TYPE_2D,
        .usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
    VkExternalImageFormatProperties handles = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES};
    VkImageFormatProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2, .pNext = &handles};
    VkDeviceMemory here, there;
    VkClearColorValue color = {.float32 = {1, 0, 0, 1}};
    VkImageSubresourceRange range = {VK_IMAGE_ASPECT_COLOR_BIT, 1, 1, 1, 1};
    VkBufferImageCopy region = {.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 1, 1, 1},
                                .imageExtent = {25, 20, 1}};
    struct api_buffer back = vk_buffer_create(t, 25 * 20 * 4);
    int fd = -1;

    assert_vk(vkGetPhysicalDeviceImageFormatProperties2(t->physical, &format, &properties));
    assert_true(handles.externalMemoryProperties.externalMemoryFeatures &
                VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT);
    assert_vk(allocate(t, t->device, &export, &here));
    VkMemoryGetFdInfoKHR get = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR, .memory = here, .handleType = type};
    assert_vk(API_DEVICE_PROC(t->api, vkGetMemoryFdKHR)(t->device, &get, &fd));
    VkImportMemoryFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR, .handleType = type, .fd = fd};
    assert_vk(allocate(t, t->device, &import, &there));
    VkImage from = bind_image(t->device, here, type), to = bind_image(t->device, there, type);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdClearColorImage(cmd, from, VK_IMAGE_LAYOUT_GENERAL, &color, 1, &range);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, to, VK_IMAGE_LAYOUT_GENERAL, back.buffer, 1, &region);
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 25 * 20; i++)
        assert_int_equal(((uint32_t *)back.map)[i], 0xff0000ff);
    vkDestroyImage(t->device, from, NULL);
    vkDestroyImage(t->device, to, NULL);
    vkFreeMemory(t->device, here, NULL);
    vkFreeMemory(t->device, there, NULL);
    vk_buffer_destroy(t, &back);
}

static void test_images(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    share_image(t, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT);
    share_image(t, VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT);
    VkExternalMemoryImageCreateInfo external = {
        .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO,
        .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_WIN32_BIT};
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .pNext = &external,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = {8, 8, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = 1,
        .usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
    VkImage image;
    assert_int_not_equal(vkCreateImage(t->device, &info, NULL, &image), VK_SUCCESS);
    vk_test_expect_message(t, "handles of the type");
}

static void test_memory_opaque(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    share_memory(t, VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT);
}

static void test_memory_dma_buf(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    share_memory(t, VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT);
}

static void test_memory_refused(void **state)
{
    struct vk_test *t = *state;
    VkDeviceMemory memory;
    int fd = open("/dev/null", O_RDWR);

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkImportMemoryFdInfoKHR import = {.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
                                      .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT,
                                      .fd = fd};
    assert_int_equal(allocate(t, t->device, &import, &memory), VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "can't be imported");
    /* A refused descriptor stays the application's. */
    assert_int_equal(close(fd), 0);
    int small = memfd_create("small", 0);
    assert_int_equal(ftruncate(small, SIZE / 2), 0);
    import.fd = small;
    assert_int_equal(allocate(t, t->device, &import, &memory), VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "too small");
    close(small);
}

static void test_memory_host(void **state)
{
    struct vk_test *t = *state;
    uint32_t *pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    VkImportMemoryHostPointerInfoEXT import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
        .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT,
        .pHostPointer = pages,
    };
    VkMemoryHostPointerPropertiesEXT properties = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
    VkDeviceMemory memory, twice;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    assert_vk(API_DEVICE_PROC(t->api, vkGetMemoryHostPointerPropertiesEXT)(
        t->device, import.handleType, pages, &properties));
    assert_int_equal(properties.memoryTypeBits, 1);
    assert_vk(allocate(t, t->device, &import, &memory));
    /* The same pages may be imported again. */
    assert_vk(allocate(t, t->device, &import, &twice));
    VkBuffer buffer = bind_buffer(t, memory, import.handleType);
    fill(t, buffer, 0xabcdef01);
    assert_int_equal(pages[0], 0xabcdef01);
    assert_int_equal(pages[SIZE / 4 - 1], 0xabcdef01);
    vkFreeMemory(t->device, twice, NULL);
    fill(t, buffer, 7);
    assert_int_equal(pages[1], 7);
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, memory, NULL);
    /* The pages are still the application's. */
    pages[0] = 1;
    import.pHostPointer = (char *)pages + 4;
    assert_int_equal(allocate(t, t->device, &import, &memory), VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "whole pages");
    munmap(pages, SIZE);
}

/* ---- Fences and semaphores ---- */

static int fence_fd(const struct api *api, VkFence fence, VkExternalFenceHandleTypeFlagBits type)
{
    VkFenceGetFdInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_FENCE_GET_FD_INFO_KHR, .fence = fence, .handleType = type};
    int fd = -1;

    assert_vk(API_DEVICE_PROC(api, vkGetFenceFdKHR)(api->device, &info, &fd));
    return fd;
}

static void import_fence(const struct api *api, VkFence fence, int fd,
                         VkExternalFenceHandleTypeFlagBits type, VkFenceImportFlags flags)
{
    VkImportFenceFdInfoKHR info = {.sType = VK_STRUCTURE_TYPE_IMPORT_FENCE_FD_INFO_KHR,
                                   .fence = fence, .flags = flags, .handleType = type, .fd = fd};

    assert_vk(API_DEVICE_PROC(api, vkImportFenceFdKHR)(api->device, &info));
}

static VkFence make_fence(const struct api *api, VkExternalFenceHandleTypeFlags types)
{
    VkExportFenceCreateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_FENCE_CREATE_INFO, .handleTypes = types};
    VkFenceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, .pNext = &export};
    VkFence fence;

    assert_vk(vkCreateFence(api->device, &info, NULL, &fence));
    return fence;
}

static void test_fence_opaque(void **state)
{
    struct vk_test *t = *state;
    const VkExternalFenceHandleTypeFlagBits type = VK_EXTERNAL_FENCE_HANDLE_TYPE_OPAQUE_FD_BIT;
    struct api *other;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    api_open((void **)&other);
    VkFence here = make_fence(t->api, type), there = make_fence(other, 0);
    import_fence(other, there, fence_fd(t->api, here, type), type, 0);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(vkGetFenceStatus(other->device, there), VK_NOT_READY);
        assert_int_equal(vkWaitForFences(other->device, 1, &there, VK_TRUE, 1000), VK_TIMEOUT);
        assert_vk(vkQueueSubmit(t->queue, 0, NULL, here));
        assert_vk(vkWaitForFences(other->device, 1, &there, VK_TRUE, UINT64_MAX));
        assert_vk(vkWaitForFences(t->device, 1, &here, VK_TRUE, UINT64_MAX));
        assert_vk(vkGetFenceStatus(other->device, there));
        assert_vk(vkGetFenceStatus(t->device, here));
        /* One state: the other's reset is ours. */
        assert_vk(vkResetFences(other->device, 1, &there));
        assert_int_equal(vkGetFenceStatus(t->device, here), VK_NOT_READY);
    }
    vkDestroyFence(t->device, here, NULL);
    vkDestroyFence(other->device, there, NULL);
    api_close((void **)&other);
}

static void test_fence_sync(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    const VkExternalFenceHandleTypeFlagBits type = VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT;
    VkFence fence = make_fence(t->api, type), copy = make_fence(t->api, 0);
    VkSemaphore gate = vk_timeline(t, 0);
    const uint64_t one = 1;
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1, .pWaitSemaphoreValues = &one};
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .pNext = &values,
                           .waitSemaphoreCount = 1, .pWaitSemaphores = &gate,
                           .pWaitDstStageMask = &stage};
    assert_vk(vkQueueSubmit(t->queue, 1, &submit, fence));
    int fd = fence_fd(t->api, fence, type);
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    /* Exporting resets the source, whose signal is in the descriptor now. */
    assert_int_equal(vkGetFenceStatus(t->device, fence), VK_NOT_READY);
    VkSemaphoreSignalInfo signal = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, .semaphore = gate, .value = 1};
    assert_vk(vkSignalSemaphore(t->device, &signal));
    assert_int_equal(poll(&poll_fd, 1, 10000), 1);
    import_fence(t->api, copy, fd, type, VK_FENCE_IMPORT_TEMPORARY_BIT);
    assert_vk(vkWaitForFences(t->device, 1, &copy, VK_TRUE, UINT64_MAX));
    /* A reset restores what the fence was before. */
    assert_vk(vkResetFences(t->device, 1, &copy));
    assert_int_equal(vkGetFenceStatus(t->device, copy), VK_NOT_READY);
    import_fence(t->api, copy, -1, type, VK_FENCE_IMPORT_TEMPORARY_BIT);
    assert_vk(vkGetFenceStatus(t->device, copy));
    vkDestroyFence(t->device, fence, NULL);
    vkDestroyFence(t->device, copy, NULL);
    vkDestroySemaphore(t->device, gate, NULL);
}

static VkSemaphore make_semaphore(const struct api *api, VkExternalSemaphoreHandleTypeFlags types)
{
    VkExportSemaphoreCreateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO, .handleTypes = types};
    VkSemaphoreCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &export};
    VkSemaphore semaphore;

    assert_vk(vkCreateSemaphore(api->device, &info, NULL, &semaphore));
    return semaphore;
}

static void share_semaphore(struct vk_test *t, VkExternalSemaphoreHandleTypeFlagBits type)
{
    bool sync = type == VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT;
    struct api *other;

    api_open((void **)&other);
    VkSemaphore here = make_semaphore(t->api, type), there = make_semaphore(other, 0);
    VkFence fence = make_fence(other, 0);
    VkSubmitInfo signal = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                           .signalSemaphoreCount = 1, .pSignalSemaphores = &here};
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo wait = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .waitSemaphoreCount = 1,
                         .pWaitSemaphores = &there, .pWaitDstStageMask = &stage};
    for (int round = 0; round < 3; round++) {
        assert_vk(vkQueueSubmit(t->queue, 1, &signal, VK_NULL_HANDLE));
        if (sync || round == 0) {
            VkSemaphoreGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
                                           .semaphore = here, .handleType = type};
            VkImportSemaphoreFdInfoKHR import = {
                .sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR, .semaphore = there,
                .flags = sync ? VK_SEMAPHORE_IMPORT_TEMPORARY_BIT : 0, .handleType = type};
            assert_vk(API_DEVICE_PROC(t->api, vkGetSemaphoreFdKHR)(t->device, &get, &import.fd));
            assert_vk(API_DEVICE_PROC(other, vkImportSemaphoreFdKHR)(other->device, &import));
        }
        assert_vk(vkQueueSubmit(other->queue, 1, &wait, fence));
        assert_vk(vkWaitForFences(other->device, 1, &fence, VK_TRUE, UINT64_MAX));
        assert_vk(vkResetFences(other->device, 1, &fence));
    }
    if (!sync) {
        /* A wait before its signal is submitted, which comes from elsewhere. */
        assert_vk(vkQueueSubmit(other->queue, 1, &wait, fence));
        assert_int_equal(vkWaitForFences(other->device, 1, &fence, VK_TRUE, 1000000), VK_TIMEOUT);
        assert_vk(vkQueueSubmit(t->queue, 1, &signal, VK_NULL_HANDLE));
        assert_vk(vkWaitForFences(other->device, 1, &fence, VK_TRUE, UINT64_MAX));
    }
    assert_vk(vkDeviceWaitIdle(t->device));
    vkDestroyFence(other->device, fence, NULL);
    vkDestroySemaphore(t->device, here, NULL);
    vkDestroySemaphore(other->device, there, NULL);
    assert_int_equal(other->message_count, 0);
    api_close((void **)&other);
}

static void test_semaphore_opaque(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    share_semaphore(t, VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT);
}

/* Two waits for one payload, both submitted before the work of the first has run: the second must not take
 * the signal that is meant for the first. */
static void test_semaphore_order(void **state)
{
    struct vk_test *t = *state;
    VkExternalSemaphoreHandleTypeFlagBits type = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT;
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkSemaphore a = make_semaphore(t->api, type), b = make_semaphore(t->api, 0);
    VkSemaphoreGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_GET_FD_INFO_KHR,
                                   .semaphore = a, .handleType = type};
    VkImportSemaphoreFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR, .semaphore = b, .handleType = type};
    assert_vk(API_DEVICE_PROC(t->api, vkGetSemaphoreFdKHR)(t->device, &get, &import.fd));
    assert_vk(API_DEVICE_PROC(t->api, vkImportSemaphoreFdKHR)(t->device, &import));
    for (int round = 0; round < 100; round++) {
        VkSubmitInfo submits[4];
        for (int i = 0; i < 4; i++)
            submits[i] = (VkSubmitInfo){.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                                        .signalSemaphoreCount = i % 2 == 0,
                                        .pSignalSemaphores = i < 2 ? &a : &b,
                                        .waitSemaphoreCount = i % 2,
                                        .pWaitSemaphores = i < 2 ? &b : &a,
                                        .pWaitDstStageMask = &stage};
        assert_vk(vkQueueSubmit(t->queue, 4, submits, VK_NULL_HANDLE));
        assert_vk(vkQueueWaitIdle(t->queue));
    }
    vkDestroySemaphore(t->device, a, NULL);
    vkDestroySemaphore(t->device, b, NULL);
}

static void test_semaphore_sync(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    share_semaphore(t, VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT);
}

static void test_payload_refused(void **state)
{
    struct vk_test *t = *state;

    VK_TEST_SKIP_UNDER_VALIDATION(t);
    VkSemaphore semaphore = vk_binary(t);
    int fd = open("/dev/null", O_RDWR);
    VkImportSemaphoreFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_SEMAPHORE_FD_INFO_KHR, .semaphore = semaphore,
        .handleType = VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT, .fd = fd};
    assert_int_equal(API_DEVICE_PROC(t->api, vkImportSemaphoreFdKHR)(t->device, &import),
                     VK_ERROR_INVALID_EXTERNAL_HANDLE);
    vk_test_expect_message(t, "none of a fence or semaphore");
    assert_int_equal(close(fd), 0);
    vkDestroySemaphore(t->device, semaphore, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_memory_opaque), VK_TEST_ENTRY(test_images),    VK_TEST_ENTRY(test_memory_dma_buf),
        VK_TEST_ENTRY(test_memory_refused),   VK_TEST_ENTRY(test_memory_host),
        VK_TEST_ENTRY(test_fence_opaque),     VK_TEST_ENTRY(test_fence_sync),
        VK_TEST_ENTRY(test_semaphore_opaque), VK_TEST_ENTRY(test_semaphore_order),
        VK_TEST_ENTRY(test_semaphore_sync),
        VK_TEST_ENTRY(test_payload_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
