/* SPDX-License-Identifier: MIT
 *
 * Sparse buffers: binding, residency, and memory in two places at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "vk_test.h"

enum { BLOCK = 64 << 10, BLOCKS = 4 };

static VkBuffer create(struct vk_test *t, VkDeviceSize size_B, VkBufferCreateFlags flags)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .flags = VK_BUFFER_CREATE_SPARSE_BINDING_BIT | flags,
        .size = size_B,
        .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    };
    VkBuffer buffer;

    assert_vk(vkCreateBuffer(t->device, &info, NULL, &buffer));
    return buffer;
}

static VkDeviceMemory allocate(struct vk_test *t, VkBuffer buffer, VkDeviceSize size_B)
{
    VkMemoryRequirements requirements;

    vkGetBufferMemoryRequirements(t->device, buffer, &requirements);
    assert_int_equal(BLOCK % requirements.alignment, 0);
    return vk_memory(t, &requirements, size_B);
}

static void bind(struct vk_test *t, VkBuffer buffer, uint32_t count, const VkSparseMemoryBind *binds)
{
    VkSparseBufferMemoryBindInfo buffers = {buffer, count, binds};
    VkBindSparseInfo info = {.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO,
                             .bufferBindCount = 1, .pBufferBinds = &buffers};
    VkFence fence = vk_fence(t, false);

    assert_vk(vkQueueBindSparse(t->queue, 1, &info, fence));
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(t->device, fence, NULL);
}

static void copy(struct vk_test *t, VkBuffer src, VkBuffer dst, VkDeviceSize size_B)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdCopyBuffer(cmd, src, dst, 1, &(VkBufferCopy){0, 0, size_B});
    vk_barrier(cmd);
    vk_run(t, cmd);
}

/* Blocks in reverse order: what is in the memory's end is the buffer's start. */
static void test_binds_blocks(void **state)
{
    struct vk_test *t = *state;
    VkBuffer buffer = create(t, BLOCKS * BLOCK, 0);
    VkDeviceMemory memory = allocate(t, buffer, BLOCKS * BLOCK);
    struct api_buffer back = vk_buffer_create(t, BLOCKS * BLOCK);
    VkSparseMemoryBind binds[BLOCKS];
    uint32_t *map;

    for (uint32_t i = 0; i < BLOCKS; i++)
        binds[i] = (VkSparseMemoryBind){i * BLOCK, BLOCK, memory, (BLOCKS - 1 - i) * BLOCK, 0};
    bind(t, buffer, BLOCKS, binds);
    assert_vk(vkMapMemory(t->device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    for (uint32_t i = 0; i < BLOCKS; i++)
        map[i * BLOCK / 4] = i + 1;
    copy(t, buffer, back.buffer, BLOCKS * BLOCK);
    for (uint32_t i = 0; i < BLOCKS; i++)
        assert_int_equal(((uint32_t *)back.map)[i * BLOCK / 4], BLOCKS - i);

    /* Writes through the buffer arrive in the memory. */
    ((uint32_t *)back.map)[0] = 99;
    copy(t, back.buffer, buffer, 4);
    assert_int_equal(map[(BLOCKS - 1) * BLOCK / 4], 99);
    vk_buffer_destroy(t, &back);
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

/* A hole may be read and written; memory that is taken away shows through no more. */
static void test_residency(void **state)
{
    struct vk_test *t = *state;
    VkBuffer buffer = create(t, BLOCKS * BLOCK, VK_BUFFER_CREATE_SPARSE_RESIDENCY_BIT);
    VkDeviceMemory memory = allocate(t, buffer, BLOCK);
    struct api_buffer back = vk_buffer_create(t, BLOCKS * BLOCK);
    uint32_t *map, *words = back.map;

    assert_vk(vkMapMemory(t->device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&map));
    bind(t, buffer, 1, &(VkSparseMemoryBind){2 * BLOCK, BLOCK, memory, 0, 0});
    map[3] = 33;
    copy(t, buffer, back.buffer, BLOCKS * BLOCK);
    assert_int_equal(words[2 * BLOCK / 4 + 3], 33);
    words[0] = 5;
    copy(t, back.buffer, buffer, BLOCKS * BLOCK);
    bind(t, buffer, 1, &(VkSparseMemoryBind){2 * BLOCK, BLOCK, VK_NULL_HANDLE, 0, 0});
    copy(t, buffer, back.buffer, BLOCKS * BLOCK);
    assert_int_not_equal(words[2 * BLOCK / 4 + 3], 33);
    assert_int_equal(map[3], 33);
    vk_buffer_destroy(t, &back);
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

static void test_aliases(void **state)
{
    struct vk_test *t = *state;
    VkBuffer buffer = create(t, 2 * BLOCK, VK_BUFFER_CREATE_SPARSE_RESIDENCY_BIT |
                                               VK_BUFFER_CREATE_SPARSE_ALIASED_BIT);
    VkDeviceMemory memory = allocate(t, buffer, BLOCK);
    struct api_buffer back = vk_buffer_create(t, 2 * BLOCK);

    bind(t, buffer, 2, (VkSparseMemoryBind[]){{0, BLOCK, memory, 0, 0}, {BLOCK, BLOCK, memory, 0, 0}});
    /* The handle may go: what is bound keeps the memory. */
    vkFreeMemory(t->device, memory, NULL);
    ((uint32_t *)back.map)[0] = 17;
    copy(t, back.buffer, buffer, 4);
    copy(t, buffer, back.buffer, 2 * BLOCK);
    assert_int_equal(((uint32_t *)back.map)[BLOCK / 4], 17);
    vk_buffer_destroy(t, &back);
    vkDestroyBuffer(t->device, buffer, NULL);
}

/* Binding waits for and signals semaphores, on the transfer family's queues as on the others. */
static void test_order(void **state)
{
    struct vk_test *t = *state;
    VkBuffer buffer = create(t, BLOCK, 0);
    VkDeviceMemory memory = allocate(t, buffer, BLOCK);
    VkSemaphore timeline = vk_timeline(t, 0);
    const uint64_t one = 1, two = 2;
    VkSparseMemoryBind bound = {0, BLOCK, memory, 0, 0};
    VkSparseBufferMemoryBindInfo buffers = {buffer, 1, &bound};
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1, .pWaitSemaphoreValues = &one,
        .signalSemaphoreValueCount = 1, .pSignalSemaphoreValues = &two};
    VkBindSparseInfo info = {
        .sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO, .pNext = &values,
        .waitSemaphoreCount = 1, .pWaitSemaphores = &timeline,
        .bufferBindCount = 1, .pBufferBinds = &buffers,
        .signalSemaphoreCount = 1, .pSignalSemaphores = &timeline};
    uint64_t value = 77;

    assert_vk(vkQueueBindSparse(t->other_queue, 1, &info, VK_NULL_HANDLE));
    assert_vk(vkGetSemaphoreCounterValue(t->device, timeline, &value));
    assert_int_equal(value, 0);
    VkSemaphoreSignalInfo signal = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, .semaphore = timeline, .value = 1};
    VkSemaphoreWaitInfo wait = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                .semaphoreCount = 1, .pSemaphores = &timeline, .pValues = &two};
    assert_vk(vkSignalSemaphore(t->device, &signal));
    assert_vk(vkWaitSemaphores(t->device, &wait, UINT64_MAX));
    assert_vk(vkDeviceWaitIdle(t->device));
    vkDestroySemaphore(t->device, timeline, NULL);
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

/* An image whose memory comes in blocks, in reverse order. */
static void test_image(void **state)
{
    struct vk_test *t = *state;
    VkImageCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT,
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R32_UINT,
        .extent = {200, 200, 1},
        .mipLevels = 1,
        .arrayLayers = 1,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL,
        .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
    };
    VkMemoryRequirements requirements;
    VkDeviceMemory memory;
    VkImage image;

    if (t->validation)
        skip();
    assert_vk(vkCreateImage(t->device, &info, NULL, &image));
    vkGetImageMemoryRequirements(t->device, image, &requirements);
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = requirements.size,
        .memoryTypeIndex = (uint32_t)__builtin_ctz(requirements.memoryTypeBits)};
    assert_vk(vkAllocateMemory(t->device, &allocation, NULL, &memory));
    uint32_t count = (uint32_t)(requirements.size / requirements.alignment);
    VkSparseMemoryBind binds[16];
    assert_true(count > 1 && count <= 16);
    for (uint32_t i = 0; i < count; i++)
        binds[i] = (VkSparseMemoryBind){i * requirements.alignment, requirements.alignment, memory,
                                        (count - 1 - i) * requirements.alignment, 0};
    VkSparseImageOpaqueMemoryBindInfo images = {image, count, binds};
    VkBindSparseInfo bind_info = {.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO,
                                  .imageOpaqueBindCount = 1, .pImageOpaqueBinds = &images};
    assert_vk(vkQueueBindSparse(t->queue, 1, &bind_info, VK_NULL_HANDLE));

    struct api_buffer there = vk_buffer_create(t, 160000), back = vk_buffer_create(t, 160000);
    VkBufferImageCopy whole = {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, {0}, {200, 200, 1}};
    for (uint32_t i = 0; i < 40000; i++)
        ((uint32_t *)there.map)[i] = i * 7;
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdCopyBufferToImage(cmd, there.buffer, image, VK_IMAGE_LAYOUT_GENERAL, 1, &whole);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image, VK_IMAGE_LAYOUT_GENERAL, back.buffer, 1, &whole);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal(back.map, there.map, 160000);
    vk_buffer_destroy(t, &there);
    vk_buffer_destroy(t, &back);
    vkDestroyImage(t->device, image, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

static void test_bad_binds(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    VkBuffer buffer = create(t, BLOCK, 0);
    VkDeviceMemory memory = allocate(t, buffer, BLOCK);
    bind(t, buffer, 1, &(VkSparseMemoryBind){BLOCK, BLOCK, memory, 0, 0});
    vk_test_expect_message(t, "sparse bind is left out");
    bind(t, buffer, 1, &(VkSparseMemoryBind){0, BLOCK, memory, BLOCK, 0});
    vk_test_expect_message(t, "sparse bind is left out");
    bind(t, buffer, 1, &(VkSparseMemoryBind){100, 200, memory, 0, 0});
    vk_test_expect_message(t, "sparse bind is left out");
    bind(t, buffer, 1, &(VkSparseMemoryBind){UINT64_MAX - 4095, 8192, memory, 0, 0});
    vk_test_expect_message(t, "sparse bind is left out");
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, memory, NULL);
}

/* More pieces than the system maps: refused when it is submitted, and nothing is lost. Pieces that are bound again
 * and again are not counted again, and a buffer's are given back with it. */
static void test_too_many_pieces(void **state)
{
    struct vk_test *t = *state;
    unsigned most = 0;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");

    if (file) {
        if (fscanf(file, "%u", &most) != 1)
            most = 0;
        fclose(file);
    }
    if (t->validation || most < 1000 || most > 300000)
        skip();
    uint32_t count = most / 2 + 1; /* a hole after each */
    VkSparseMemoryBind *binds = calloc(count, sizeof(*binds));
    for (uint32_t round = 0; round < 2; round++) {
        VkBuffer buffer = create(t, 2ull * count * BLOCK, VK_BUFFER_CREATE_SPARSE_RESIDENCY_BIT |
                                                              VK_BUFFER_CREATE_SPARSE_ALIASED_BIT);
        VkDeviceMemory memory = allocate(t, buffer, BLOCK);
        for (uint32_t i = 0; i < count; i++)
            binds[i] = (VkSparseMemoryBind){2ull * i * BLOCK, BLOCK, memory, 0, 0};
        VkSparseBufferMemoryBindInfo buffers = {buffer, count, binds};
        VkBindSparseInfo info = {.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO,
                                 .bufferBindCount = 1, .pBufferBinds = &buffers};
        assert_int_equal(vkQueueBindSparse(t->queue, 1, &info, VK_NULL_HANDLE),
                         VK_ERROR_OUT_OF_DEVICE_MEMORY);
        vk_test_expect_message(t, "max_map_count");
        /* A quarter of them is no problem, however often. Of two in one submission, the second too large,
         * neither leaves anything. */
        buffers.bindCount = count / 4;
        for (uint32_t i = 0; i < 2; i++)
            assert_vk(vkQueueBindSparse(t->queue, 1, &info, VK_NULL_HANDLE));
        VkSparseBufferMemoryBindInfo more = {buffer, count / 4, binds + count / 4};
        VkSparseBufferMemoryBindInfo rest = {buffer, count / 2, binds + count / 2};
        VkBindSparseInfo two[2] = {info, info};
        two[0].pBufferBinds = &more;
        two[1].pBufferBinds = &rest;
        for (uint32_t i = 0; i < 4; i++) {
            assert_int_equal(vkQueueBindSparse(t->queue, 2, two, VK_NULL_HANDLE),
                             VK_ERROR_OUT_OF_DEVICE_MEMORY);
            vk_test_expect_message(t, "max_map_count");
        }
        assert_vk(vkQueueBindSparse(t->queue, 1, &two[0], VK_NULL_HANDLE));
        assert_vk(vkQueueWaitIdle(t->queue));
        struct api_buffer back = vk_buffer_create(t, 4);
        ((uint32_t *)back.map)[0] = 7 + round;
        copy(t, back.buffer, buffer, 4);
        ((uint32_t *)back.map)[0] = 0;
        copy(t, buffer, back.buffer, 4);
        assert_int_equal(((uint32_t *)back.map)[0], 7 + round);
        vk_buffer_destroy(t, &back);
        vkDestroyBuffer(t->device, buffer, NULL);
        vkFreeMemory(t->device, memory, NULL);
    }
    free(binds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_binds_blocks), VK_TEST_ENTRY(test_residency),
        VK_TEST_ENTRY(test_aliases),      VK_TEST_ENTRY(test_order),
        VK_TEST_ENTRY(test_image),        VK_TEST_ENTRY(test_bad_binds),
        VK_TEST_ENTRY(test_too_many_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
