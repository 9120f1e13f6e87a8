/* SPDX-License-Identifier: MIT
 *
 * Capture and replay: what was at an address in one process is at the same in another.
 */
#include "vk_test.h"

#include <sys/wait.h>
#include <unistd.h>

#define SIZE_B (3u << 20)
#define SPARSE_B (1u << 20)

struct capture {
    uint64_t memory, buffer, address, sparse;
};

static const VkBufferUsageFlags usage =
    VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;

static VkResult allocate(struct vk_test *t, uint64_t captured, VkDeviceMemory *memory_out)
{
    VkMemoryOpaqueCaptureAddressAllocateInfo opaque = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_OPAQUE_CAPTURE_ADDRESS_ALLOCATE_INFO,
        .opaqueCaptureAddress = captured};
    VkMemoryAllocateFlagsInfo flags = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, .pNext = &opaque,
        .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT |
                 VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_CAPTURE_REPLAY_BIT};
    VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &flags,
                                 .allocationSize = SIZE_B};

    return vkAllocateMemory(t->device, &info, NULL, memory_out);
}

static VkResult create(struct vk_test *t, VkBufferCreateFlags more, uint64_t size_B,
                       uint64_t captured, VkBuffer *buffer_out)
{
    VkBufferOpaqueCaptureAddressCreateInfo opaque = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_OPAQUE_CAPTURE_ADDRESS_CREATE_INFO,
        .opaqueCaptureAddress = captured};
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .pNext = &opaque,
        .flags = more | VK_BUFFER_CREATE_DEVICE_ADDRESS_CAPTURE_REPLAY_BIT,
        .size = size_B, .usage = usage};

    return vkCreateBuffer(t->device, &info, NULL, buffer_out);
}

/* Makes memory with a buffer in it, and a sparse buffer, where they were captured (or anywhere), and says
 * where they are. */
static struct capture play(struct vk_test *t, const struct capture *from)
{
    VkBufferDeviceAddressInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
    VkDeviceMemoryOpaqueCaptureAddressInfo of = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_OPAQUE_CAPTURE_ADDRESS_INFO};
    struct capture c;
    VkBuffer sparse;

    assert_vk(create(t, VK_BUFFER_CREATE_SPARSE_BINDING_BIT, SPARSE_B, from->sparse, &sparse));
    assert_vk(create(t, 0, 4096, from->buffer, &info.buffer));
    assert_vk(allocate(t, from->memory, &of.memory));
    assert_vk(vkBindBufferMemory(t->device, info.buffer, of.memory, 8192));
    c.memory = vkGetDeviceMemoryOpaqueCaptureAddress(t->device, &of);
    c.buffer = vkGetBufferOpaqueCaptureAddress(t->device, &info);
    c.address = vkGetBufferDeviceAddress(t->device, &info);

    /* The memory is there and zeroed, wherever that is. */
    void *map;
    assert_vk(vkMapMemory(t->device, of.memory, 0, VK_WHOLE_SIZE, 0, &map));
    for (uint32_t i = 0; i < SIZE_B; i += 4093)
        assert_int_equal(((unsigned char *)map)[i], 0);
    memset(map, 0x55, SIZE_B);

    vkDestroyBuffer(t->device, info.buffer, NULL);
    vkFreeMemory(t->device, of.memory, NULL);
    info.buffer = sparse;
    c.sparse = vkGetBufferOpaqueCaptureAddress(t->device, &info);
    assert_true(c.sparse == vkGetBufferDeviceAddress(t->device, &info));
    vkDestroyBuffer(t->device, sparse, NULL);
    return c;
}

/* Where sanitizers leave no room, memory comes back only by chance. */
static bool places_exist(uint64_t address)
{
    return address >> 45 == 1;
}

static void test_other_process(void **state)
{
    const struct capture nothing = {0};
    struct capture first, again;
    struct vk_test *t;
    int pipes[2], status;

    if (api_validation())
        skip(); /* the layer hands out its own addresses for nothing here */
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        vk_test_setup((void **)&t);
        first = play(t, &nothing);
        bool sent = write(pipes[1], &first, sizeof(first)) == sizeof(first);
        _exit(sent && vk_test_teardown((void **)&t) == 0 ? 0 : 1);
    }
    assert_int_equal(read(pipes[0], &first, sizeof(first)), sizeof(first));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(first.memory && first.buffer == first.address && first.sparse);
    assert_int_equal(first.buffer, first.memory + 8192);
    if (!places_exist(first.memory))
        skip();

    vk_test_setup((void **)&t);
    again = play(t, &first);
    assert_memory_equal(&again, &first, sizeof(first));
    /* Twice in one process, too, and not without being asked. */
    again = play(t, &first);
    assert_memory_equal(&again, &first, sizeof(first));
    again = play(t, &nothing);
    assert_true(again.memory != first.memory && again.sparse != first.sparse);
    assert_int_equal(vk_test_teardown((void **)&t), 0);
}

static void test_taken(void **state)
{
    struct vk_test *t = *state;
    VkDeviceMemory first, second;
    VkDeviceMemoryOpaqueCaptureAddressInfo of = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_OPAQUE_CAPTURE_ADDRESS_INFO};
    VkBuffer buffer;

    if (t->validation)
        skip();
    assert_vk(allocate(t, 0, &first));
    of.memory = first;
    uint64_t at = vkGetDeviceMemoryOpaqueCaptureAddress(t->device, &of);
    assert_int_equal(allocate(t, at, &second), VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
    vk_test_expect_message(t, "are free at");
    assert_int_equal(allocate(t, at + 1, &second), VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
    vk_test_expect_message(t, "are free at");
    assert_int_equal(create(t, VK_BUFFER_CREATE_SPARSE_BINDING_BIT, SPARSE_B, at, &buffer),
                     VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
    vk_test_expect_message(t, "are free at");
    assert_int_equal(allocate(t, UINT64_C(1) << 60, &second),
                     VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
    vk_test_expect_message(t, "are free at");

    /* A buffer that is bound elsewhere than it was. */
    assert_vk(create(t, 0, 4096, at + 4096, &buffer));
    assert_int_equal(vkBindBufferMemory(t->device, buffer, first, 0),
                     VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
    vk_test_expect_message(t, "it was captured at");
    assert_vk(vkBindBufferMemory(t->device, buffer, first, 4096));
    vkDestroyBuffer(t->device, buffer, NULL);
    vkFreeMemory(t->device, first, NULL);
}

/* What VK_EXT_descriptor_buffer captures of a sparse buffer brings it back, too. */
static void test_descriptor_data(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip(); /* the extension is off */
    unsigned char data[8];
    VkOpaqueCaptureDescriptorDataCreateInfoEXT opaque = {
        .sType = VK_STRUCTURE_TYPE_OPAQUE_CAPTURE_DESCRIPTOR_DATA_CREATE_INFO_EXT,
        .opaqueCaptureDescriptorData = data};
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .flags = VK_BUFFER_CREATE_SPARSE_BINDING_BIT |
                 VK_BUFFER_CREATE_DESCRIPTOR_BUFFER_CAPTURE_REPLAY_BIT_EXT,
        .size = SPARSE_B, .usage = usage};
    VkBufferCaptureDescriptorDataInfoEXT get = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CAPTURE_DESCRIPTOR_DATA_INFO_EXT};
    VkBufferDeviceAddressInfo of = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};

    assert_vk(vkCreateBuffer(t->device, &info, NULL, &get.buffer));
    of.buffer = get.buffer;
    VkDeviceAddress first = vkGetBufferDeviceAddress(t->device, &of);
    assert_vk(API_DEVICE_PROC(t->api, vkGetBufferOpaqueCaptureDescriptorDataEXT)(t->device, &get,
                                                                                 data));
    vkDestroyBuffer(t->device, get.buffer, NULL);
    info.pNext = &opaque;
    assert_vk(vkCreateBuffer(t->device, &info, NULL, &of.buffer));
    assert_true(vkGetBufferDeviceAddress(t->device, &of) == first);
    vkDestroyBuffer(t->device, of.buffer, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_process), /* before this process has threads */
        VK_TEST_ENTRY(test_taken),
        VK_TEST_ENTRY(test_descriptor_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
