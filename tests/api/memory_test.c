/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api.h"

static VkResult allocate(const struct api *api, VkDeviceSize size_B, VkDeviceMemory *memory_out)
{
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = size_B,
    };

    return vkAllocateMemory(api->device, &info, NULL, memory_out);
}

static VkMemoryHeap heap(const struct api *api, VkPhysicalDeviceMemoryBudgetPropertiesEXT *budget)
{
    VkPhysicalDeviceMemoryProperties2 memory = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, .pNext = budget};

    vkGetPhysicalDeviceMemoryProperties2(api->physical, &memory);
    assert_int_equal(memory.memoryProperties.memoryTypeCount, 1);
    assert_int_equal(memory.memoryProperties.memoryHeapCount, 1);
    return memory.memoryProperties.memoryHeaps[0];
}

static void maps_zeroed_memory(void **state)
{
    struct api *api = *state;
    VkDeviceMemory memory;
    unsigned char *map;

    assert_int_equal(allocate(api, 100000, &memory), VK_SUCCESS);
    assert_int_equal(vkMapMemory(api->device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&map),
                     VK_SUCCESS);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(map[i], 0);
    memset(map, 7, 100000);
    vkUnmapMemory(api->device, memory);
    assert_int_equal(vkMapMemory(api->device, memory, 49984, 128, 0, (void **)&map), VK_SUCCESS);
    assert_int_equal(map[0], 7);
    VkMappedMemoryRange range = {
        .sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE,
        .memory = memory,
        .offset = 49984,
        .size = 64,
    };
    assert_int_equal(vkFlushMappedMemoryRanges(api->device, 1, &range), VK_SUCCESS);
    assert_int_equal(vkInvalidateMappedMemoryRanges(api->device, 1, &range), VK_SUCCESS);
    vkFreeMemory(api->device, memory, NULL);
}

static void map_2_is_map(void **state)
{
    struct api *api = *state;
    VkDeviceMemory memory;
    void *map = NULL;

    if (api_validation())
        skip(); /* the layer may be older than the extension */
    assert_int_equal(allocate(api, 4096, &memory), VK_SUCCESS);
    VkMemoryMapInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_MAP_INFO_KHR,
        .memory = memory,
        .size = VK_WHOLE_SIZE,
    };
    VkMemoryUnmapInfoKHR unmap = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_UNMAP_INFO_KHR, .memory = memory};
    assert_int_equal(API_DEVICE_PROC(api, vkMapMemory2KHR)(api->device, &info, &map), VK_SUCCESS);
    assert_non_null(map);
    assert_int_equal(API_DEVICE_PROC(api, vkUnmapMemory2KHR)(api->device, &unmap), VK_SUCCESS);
    vkFreeMemory(api->device, memory, NULL);
}

static void refuses_what_is_not_there(void **state)
{
    struct api *api = *state;
    VkDeviceMemory memory;
    void *map;

    API_BREAKS_RULES();
    assert_int_equal(allocate(api, heap(api, NULL).size + 1, &memory),
                     VK_ERROR_OUT_OF_DEVICE_MEMORY);
    api_expect_message(api, "vkAllocateMemory");
    assert_int_equal(allocate(api, UINT64_MAX, &memory), VK_ERROR_OUT_OF_DEVICE_MEMORY);
    assert_int_equal(allocate(api, 64, &memory), VK_SUCCESS);
    assert_int_equal(vkMapMemory(api->device, memory, 128, VK_WHOLE_SIZE, 0, &map),
                     VK_ERROR_MEMORY_MAP_FAILED);
    assert_int_equal(vkMapMemory(api->device, memory, 32, UINT64_MAX - 8, 0, &map),
                     VK_ERROR_MEMORY_MAP_FAILED);
    vkFreeMemory(api->device, memory, NULL);
    vkFreeMemory(api->device, VK_NULL_HANDLE, NULL);
}

static void budget_counts_usage(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT before = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
    VkPhysicalDeviceMemoryBudgetPropertiesEXT after = before;
    VkDeviceMemory memory;

    VkMemoryHeap whole = heap(api, &before);
    assert_int_equal(allocate(api, 1 << 20, &memory), VK_SUCCESS);
    heap(api, &after);
    assert_int_equal(after.heapUsage[0], before.heapUsage[0] + (1 << 20));
    assert_true(after.heapBudget[0] > 0 && after.heapBudget[0] <= whole.size);
    assert_int_equal(after.heapBudget[1], 0);
    vkFreeMemory(api->device, memory, NULL);
    heap(api, &after);
    assert_int_equal(after.heapUsage[0], before.heapUsage[0]);
}

static void many_allocations(void **state)
{
    struct api *api = *state;
    enum { COUNT = 5000 };
    static VkDeviceMemory memory[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(allocate(api, 256, &memory[i]), VK_SUCCESS);
    for (size_t i = 0; i < COUNT; i++)
        vkFreeMemory(api->device, memory[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(maps_zeroed_memory, api_open, api_close),
        cmocka_unit_test_setup_teardown(map_2_is_map, api_open, api_close),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_there, api_open, api_close),
        cmocka_unit_test_setup_teardown(budget_counts_usage, api_open, api_close),
        cmocka_unit_test_setup_teardown(many_allocations, api_open, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
