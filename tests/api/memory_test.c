/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/mman.h>

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
    assert_int_equal(memory.memoryProperties.memoryTypeCount, 2);
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

/* The same memory at an address of ours. */
static void maps_where_it_is_told(void **state)
{
    struct api *api = *state;
    enum { SIZE = 1 << 16, HALF = SIZE / 2 };
    VkDeviceMemory memory;
    void *plain;
    unsigned char *place = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (api_validation())
        skip(); /* the layer is older than the extension */
    assert_ptr_not_equal(place, MAP_FAILED);
    assert_int_equal(allocate(api, SIZE, &memory), VK_SUCCESS);
    VkMemoryMapPlacedInfoEXT placed = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_MAP_PLACED_INFO_EXT, .pPlacedAddress = place};
    VkMemoryMapInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_MAP_INFO, .pNext = &placed,
        .flags = VK_MEMORY_MAP_PLACED_BIT_EXT, .memory = memory, .offset = HALF, .size = HALF,
    };
    VkMemoryUnmapInfo unmap = {.sType = VK_STRUCTURE_TYPE_MEMORY_UNMAP_INFO,
                               .flags = VK_MEMORY_UNMAP_RESERVE_BIT_EXT, .memory = memory};
    void *map;
    PFN_vkMapMemory2 map_memory = API_DEVICE_PROC(api, vkMapMemory2);
    PFN_vkUnmapMemory2 unmap_memory = API_DEVICE_PROC(api, vkUnmapMemory2);
    assert_int_equal(map_memory(api->device, &info, &map), VK_SUCCESS);
    assert_ptr_equal(map, place);
    memset(place, 0x5a, HALF);
    assert_int_equal(unmap_memory(api->device, &unmap), VK_SUCCESS);
    assert_int_equal(vkMapMemory(api->device, memory, HALF, HALF, 0, &plain), VK_SUCCESS);
    assert_int_equal(((unsigned char *)plain)[HALF - 1], 0x5a);
    vkUnmapMemory(api->device, memory);
    /* Reserved: nobody else was given the place meanwhile, so it can be mapped again. */
    assert_int_equal(map_memory(api->device, &info, &map), VK_SUCCESS);
    assert_int_equal(place[0], 0x5a);
    vkFreeMemory(api->device, memory, NULL);
    munmap(place, SIZE);
}

static uint32_t reported[5];
static uint64_t report_id;

static VKAPI_ATTR void VKAPI_CALL on_report(const VkDeviceMemoryReportCallbackDataEXT *data,
                                            void *user)
{
    assert_ptr_equal(user, reported);
    reported[data->type]++;
    report_id = data->memoryObjectId;
}

/* A device with callbacks for memory, and a messenger for addresses. */
static void reports_memory(void **state)
{
    struct api *api = *state;
    static const float priority = 1.0f;
    static const char *const names[] = {VK_EXT_DEVICE_MEMORY_REPORT_EXTENSION_NAME,
                                        VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME};
    VkDeviceDeviceMemoryReportCreateInfoEXT report = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT,
        .pfnUserCallback = on_report,
        .pUserData = reported,
    };
    VkPhysicalDeviceDeviceMemoryReportFeaturesEXT feature = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_MEMORY_REPORT_FEATURES_EXT,
        .pNext = &report,
        .deviceMemoryReport = VK_TRUE,
    };
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueCount = 1, .pQueuePriorities = &priority};
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &feature,
        .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue,
        .enabledExtensionCount = 2, .ppEnabledExtensionNames = names,
    };
    VkMemoryAllocateInfo allocation = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                       .allocationSize = 4096};
    VkDeviceMemory memory;
    VkDevice device;

    assert_int_equal(vkCreateDevice(api->physical, &info, NULL, &device), VK_SUCCESS);
    memset(reported, 0, sizeof(reported));
    assert_int_equal(vkAllocateMemory(device, &allocation, NULL, &memory), VK_SUCCESS);
    uint64_t id = report_id;
    assert_int_equal(reported[VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_ALLOCATE_EXT], 1);
    vkFreeMemory(device, memory, NULL);
    assert_int_equal(reported[VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_FREE_EXT], 1);
    assert_int_equal(report_id, id);

    /* Memory that is imported is reported under the exporter's number. */
    VkExportMemoryAllocateInfo export = {
        .sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO,
        .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    VkImportMemoryFdInfoKHR import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR,
        .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    VkMemoryGetFdInfoKHR get = {.sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR,
                                .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD_BIT};
    PFN_vkGetMemoryFdKHR get_fd =
        (PFN_vkGetMemoryFdKHR)vkGetDeviceProcAddr(device, "vkGetMemoryFdKHR");
    VkDeviceMemory again;
    allocation.pNext = &export;
    assert_int_equal(vkAllocateMemory(device, &allocation, NULL, &memory), VK_SUCCESS);
    assert_true(report_id != id);
    id = report_id;
    get.memory = memory;
    assert_int_equal(get_fd(device, &get, &import.fd), VK_SUCCESS);
    allocation.pNext = &import;
    assert_int_equal(vkAllocateMemory(device, &allocation, NULL, &again), VK_SUCCESS);
    assert_int_equal(reported[VK_DEVICE_MEMORY_REPORT_EVENT_TYPE_IMPORT_EXT], 1);
    assert_true(report_id == id);
    vkFreeMemory(device, memory, NULL);
    vkFreeMemory(device, again, NULL);
    vkDestroyDevice(device, NULL);
}

static uint32_t bound, unbound;

static VKAPI_ATTR VkBool32 VKAPI_CALL on_binding(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    const VkDeviceAddressBindingCallbackDataEXT *binding = data->pNext;

    assert_int_equal(binding->sType, VK_STRUCTURE_TYPE_DEVICE_ADDRESS_BINDING_CALLBACK_DATA_EXT);
    if (data->pObjects[0].objectType == VK_OBJECT_TYPE_BUFFER)
        *(binding->bindingType == VK_DEVICE_ADDRESS_BINDING_TYPE_BIND_EXT ? &bound : &unbound) += 1;
    return VK_FALSE;
}

static void reports_addresses(void **state)
{
    struct api *api = *state;
    VkDebugUtilsMessengerCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_DEVICE_ADDRESS_BINDING_BIT_EXT,
        .pfnUserCallback = on_binding,
    };
    VkDebugUtilsMessengerEXT messenger;
    struct api_buffer buffer;

    if (api_validation())
        skip(); /* the feature is off */
    PFN_vkCreateDebugUtilsMessengerEXT create =
        (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
            api->instance, "vkCreateDebugUtilsMessengerEXT");
    PFN_vkDestroyDebugUtilsMessengerEXT destroy =
        (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
            api->instance, "vkDestroyDebugUtilsMessengerEXT");
    assert_int_equal(create(api->instance, &info, NULL, &messenger), VK_SUCCESS);
    api_buffer_create(api, 4096, &buffer);
    assert_int_equal(bound, 1);
    assert_int_equal(unbound, 0);
    api_buffer_destroy(api, &buffer);
    assert_int_equal(unbound, 1);
    destroy(api->instance, messenger, NULL);
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
        cmocka_unit_test_setup_teardown(maps_where_it_is_told, api_open, api_close),
        cmocka_unit_test_setup_teardown(reports_memory, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(reports_addresses, api_open, api_close),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_there, api_open, api_close),
        cmocka_unit_test_setup_teardown(budget_counts_usage, api_open, api_close),
        cmocka_unit_test_setup_teardown(many_allocations, api_open, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
