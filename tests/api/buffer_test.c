/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api.h"

static VkBufferCreateInfo buffer_info(VkDeviceSize size_B)
{
    return (VkBufferCreateInfo){
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size_B,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
    };
}

static void address_is_where_the_memory_is(void **state)
{
    struct api *api = *state;
    struct api_buffer buffer;

    api_buffer_create(api, 1000, &buffer);
    VkBufferDeviceAddressInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, .buffer = buffer.buffer};
    VkDeviceAddress address = vkGetBufferDeviceAddress(api->device, &info);
    assert_int_not_equal(address, 0);
    assert_int_equal(address % 64, 0);
    if (!api_validation()) {
        assert_int_equal(API_DEVICE_PROC(api, vkGetBufferDeviceAddressKHR)(api->device, &info),
                         address);
    }
    api_buffer_destroy(api, &buffer);
}

static void requirements_agree(void **state)
{
    struct api *api = *state;
    VkBufferCreateInfo info = buffer_info(1001);
    VkBuffer buffer;
    VkMemoryDedicatedRequirements dedicated = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_DEDICATED_REQUIREMENTS,
        .prefersDedicatedAllocation = 77,
    };
    VkMemoryRequirements2 two = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2, .pNext = &dedicated};
    VkMemoryRequirements2 three = {.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2};
    VkDeviceBufferMemoryRequirements by_info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS, .pCreateInfo = &info};

    assert_int_equal(vkCreateBuffer(api->device, &info, NULL, &buffer), VK_SUCCESS);
    VkBufferMemoryRequirementsInfo2 query = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_REQUIREMENTS_INFO_2, .buffer = buffer};
    vkGetBufferMemoryRequirements2(api->device, &query, &two);
    vkGetDeviceBufferMemoryRequirements(api->device, &by_info, &three);
    assert_memory_equal(&two.memoryRequirements, &three.memoryRequirements,
                        sizeof(VkMemoryRequirements));
    assert_true(two.memoryRequirements.size >= 1001);
    assert_int_equal(two.memoryRequirements.memoryTypeBits, 3);
    assert_int_equal(dedicated.prefersDedicatedAllocation, VK_FALSE);
    vkDestroyBuffer(api->device, buffer, NULL);
}

static void refuses_impossible_sizes(void **state)
{
    struct api *api = *state;
    VkBufferCreateInfo info = buffer_info(UINT64_MAX);
    VkBuffer buffer;

    API_BREAKS_RULES();
    assert_int_equal(vkCreateBuffer(api->device, &info, NULL, &buffer),
                     VK_ERROR_OUT_OF_DEVICE_MEMORY);
    api_expect_message(api, "maxBufferSize");
    info = buffer_info(1024);
    info.flags = VK_BUFFER_CREATE_PROTECTED_BIT;
    assert_int_not_equal(vkCreateBuffer(api->device, &info, NULL, &buffer), VK_SUCCESS);
}

static void refuses_binding_past_the_end(void **state)
{
    struct api *api = *state;
    VkBufferCreateInfo info = buffer_info(1024);
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = 1024};
    VkDeviceMemory memory;
    VkBuffer buffer;

    API_BREAKS_RULES();
    assert_int_equal(vkCreateBuffer(api->device, &info, NULL, &buffer), VK_SUCCESS);
    assert_int_equal(vkAllocateMemory(api->device, &allocation, NULL, &memory), VK_SUCCESS);
    assert_int_not_equal(vkBindBufferMemory(api->device, buffer, memory, 64), VK_SUCCESS);
    api_expect_message(api, "vkBindBufferMemory");
    VkBindBufferMemoryInfo bind = {
        .sType = VK_STRUCTURE_TYPE_BIND_BUFFER_MEMORY_INFO, .buffer = buffer, .memory = memory};
    assert_int_equal(vkBindBufferMemory2(api->device, 1, &bind), VK_SUCCESS);
    vkDestroyBuffer(api->device, buffer, NULL);
    vkFreeMemory(api->device, memory, NULL);
}

/* "A buffer may be destroyed after the memory that it is bound to." */
static void memory_may_go_first(void **state)
{
    struct api *api = *state;
    struct api_buffer buffer;

    api_buffer_create(api, 4096, &buffer);
    vkFreeMemory(api->device, buffer.memory, NULL);
    vkDestroyBuffer(api->device, buffer.buffer, NULL);
    vkDestroyBuffer(api->device, VK_NULL_HANDLE, NULL);
}

static void views_hold_their_buffer(void **state)
{
    struct api *api = *state;
    struct api_buffer buffer;
    VkBufferView view;


    API_BREAKS_RULES(); /* the buffer has no usage for texels */
    api_buffer_create(api, 4096, &buffer);
    VkBufferViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
        .buffer = buffer.buffer,
        .format = VK_FORMAT_R32_UINT,
        .range = VK_WHOLE_SIZE,
    };
    assert_int_equal(vkCreateBufferView(api->device, &info, NULL, &view),
                     VK_SUCCESS);
    info.offset = 4096;
    VkBufferView none;
    assert_int_equal(vkCreateBufferView(api->device, &info, NULL, &none), VK_ERROR_UNKNOWN);
    api_expect_message(api, "vkCreateBufferView");
    api_buffer_destroy(api, &buffer);
    vkDestroyBufferView(api->device, view, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(address_is_where_the_memory_is, api_open, api_close),
        cmocka_unit_test_setup_teardown(requirements_agree, api_open, api_close),
        cmocka_unit_test_setup_teardown(refuses_impossible_sizes, api_open, api_close),
        cmocka_unit_test_setup_teardown(refuses_binding_past_the_end, api_open, api_close),
        cmocka_unit_test_setup_teardown(memory_may_go_first, api_open, api_close),
        cmocka_unit_test_setup_teardown(views_hold_their_buffer, api_open, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
