/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api.h"

static VkResult create(const struct api *api, uint32_t queue_count, const char *extension,
                       const VkPhysicalDeviceFeatures *core, const void *chain,
                       VkDevice *device_out)
{
    static const float priorities[8] = {0};
    VkDeviceQueueCreateInfo queues = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = queue_count,
        .pQueuePriorities = priorities,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = chain,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queues,
        .enabledExtensionCount = extension ? 1 : 0,
        .ppEnabledExtensionNames = &extension,
        .pEnabledFeatures = core,
    };

    return vkCreateDevice(api->physical, &info, NULL, device_out);
}

static void has_every_queue(void **state)
{
    struct api *api = *state;
    VkQueueFamilyProperties families[4], family;
    VkDevice device;
    uint32_t count = 4;

    vkGetPhysicalDeviceQueueFamilyProperties(api->physical, &count, families);
    assert_int_equal(count, 3);
    /* A transfer queue is found by having no other bit than this (and sparse binding's). */
    assert_true(families[1].queueFlags & VK_QUEUE_TRANSFER_BIT);
    assert_false(families[1].queueFlags & (VK_QUEUE_COMPUTE_BIT | VK_QUEUE_GRAPHICS_BIT));
    /* One for compute is found by having no graphics, and by being another than the first. */
    assert_int_equal(families[2].queueFlags, VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT);
    count = 1;
    vkGetPhysicalDeviceQueueFamilyProperties(api->physical, &count, &family);
    assert_int_equal(count, 1);
    assert_int_equal(family.queueFlags, VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT |
                                            VK_QUEUE_SPARSE_BINDING_BIT);
    assert_int_equal(family.timestampValidBits, 64);
    assert_true(family.queueCount > 1);
    assert_int_equal(create(api, family.queueCount, NULL, NULL, NULL, &device), VK_SUCCESS);
    VkQueue last = VK_NULL_HANDLE;
    for (uint32_t i = 0; i < family.queueCount; i++) {
        VkQueue queue = VK_NULL_HANDLE;
        vkGetDeviceQueue(device, 0, i, &queue);
        assert_non_null(queue);
        assert_ptr_not_equal(queue, last);
        last = queue;
    }
    assert_int_equal(vkDeviceWaitIdle(device), VK_SUCCESS);
    vkDestroyDevice(device, NULL);
}

static void refuses_missing_features(void **state)
{
    struct api *api = *state;
    VkDevice device;
    VkPhysicalDeviceFeatures core = {.geometryShader = VK_TRUE};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .shaderOutputLayer = VK_TRUE,
    };

    API_BREAKS_RULES();
    assert_int_equal(create(api, 1, NULL, &core, NULL, &device), VK_ERROR_FEATURE_NOT_PRESENT);
    api_expect_message(api, "geometryShader");
    assert_int_equal(create(api, 1, NULL, NULL, &v12, &device), VK_ERROR_FEATURE_NOT_PRESENT);
    api_expect_message(api, "shaderOutputLayer");
}

static void refuses_missing_extensions(void **state)
{
    struct api *api = *state;
    VkDevice device;

    API_BREAKS_RULES();
    assert_int_equal(create(api, 1, "VK_KHR_swapchain", NULL, NULL, &device),
                     VK_ERROR_EXTENSION_NOT_PRESENT);
}

static void enables_everything(void **state)
{
    struct api *api = *state;

    assert_int_equal(vkDeviceWaitIdle(api->device), VK_SUCCESS);
    assert_int_equal(api->message_count, 0);
}

/* Queues of all families, with priorities, and those that synchronise themselves. */
static void makes_queues_of_all_families(void **state)
{
    struct api *api = *state;
    static const float ones[2] = {1.0f, 1.0f};
    VkQueueFamilyGlobalPriorityProperties global[3] = {
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_GLOBAL_PRIORITY_PROPERTIES},
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_GLOBAL_PRIORITY_PROPERTIES},
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_GLOBAL_PRIORITY_PROPERTIES},
    };
    VkQueueFamilyProperties2 families[3] = {
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_PROPERTIES_2, .pNext = &global[0]},
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_PROPERTIES_2, .pNext = &global[1]},
        {.sType = VK_STRUCTURE_TYPE_QUEUE_FAMILY_PROPERTIES_2, .pNext = &global[2]},
    };
    VkDeviceQueueGlobalPriorityCreateInfo high = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_GLOBAL_PRIORITY_CREATE_INFO,
        .globalPriority = VK_QUEUE_GLOBAL_PRIORITY_HIGH,
    };
    VkPhysicalDeviceVulkan14Features v14 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_4_FEATURES,
        .globalPriorityQuery = VK_TRUE,
    };
    VkDeviceQueueCreateInfo queues[3] = {
        {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = 0,
         .queueCount = 2, .pQueuePriorities = ones, .pNext = &high},
        {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = 1,
         .queueCount = 1, .pQueuePriorities = ones},
        {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = 2,
         .queueCount = 1, .pQueuePriorities = ones},
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &v14,
        .queueCreateInfoCount = 3, .pQueueCreateInfos = queues,
    };
    uint32_t count = 3;
    VkDevice device;
    VkQueue a, b, c, d, none;

    if (api_validation())
        skip(); /* the layer may be older than Vulkan 1.4 */
    vkGetPhysicalDeviceQueueFamilyProperties2(api->physical, &count, families);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(global[i].priorityCount, 3);
        assert_int_equal(global[i].priorities[0], VK_QUEUE_GLOBAL_PRIORITY_LOW);
        assert_int_equal(global[i].priorities[2], VK_QUEUE_GLOBAL_PRIORITY_HIGH);
    }
    assert_int_equal(vkCreateDevice(api->physical, &info, NULL, &device), VK_SUCCESS);
    vkGetDeviceQueue(device, 0, 0, &a);
    vkGetDeviceQueue(device, 0, 1, &b);
    vkGetDeviceQueue(device, 1, 0, &c);
    vkGetDeviceQueue(device, 1, 1, &none);
    vkGetDeviceQueue(device, 2, 0, &d);
    assert_true(a && b && c && d && a != b && b != c && c != d && a != d && !none);
    VkDeviceQueueInfo2 other = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_INFO_2,
                                .flags = VK_DEVICE_QUEUE_CREATE_PROTECTED_BIT};
    vkGetDeviceQueue2(device, &other, &none);
    assert_null(none);
    vkDestroyDevice(device, NULL);
    API_BREAKS_RULES();
    high.globalPriority = VK_QUEUE_GLOBAL_PRIORITY_REALTIME; /* is not listed */
    assert_int_equal(vkCreateDevice(api->physical, &info, NULL, &device), VK_ERROR_NOT_PERMITTED);
}

static void calibrates_timestamps(void **state)
{
    struct api *api = *state;
    VkCalibratedTimestampInfoKHR infos[] = {
        {.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_KHR,
         .timeDomain = VK_TIME_DOMAIN_DEVICE_KHR},
        {.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_KHR,
         .timeDomain = VK_TIME_DOMAIN_CLOCK_MONOTONIC_KHR},
    };
    uint64_t times[2], deviation;

    if (api_validation())
        skip(); /* the layer may be older than the extension */
    PFN_vkGetCalibratedTimestampsKHR get = API_DEVICE_PROC(api, vkGetCalibratedTimestampsKHR);
    assert_int_equal(get(api->device, 2, infos, times, &deviation), VK_SUCCESS);
    assert_true(times[1] >= times[0] && times[1] - times[0] <= deviation);
}

/* Limits of Vulkan 1.4 that a device without graphics might forget. */
static void has_limits_of_vulkan_1_4(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceVulkan11Properties v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v11};
    const VkPhysicalDeviceLimits *limits = &properties.properties.limits;
    const VkShaderStageFlags stages = VK_SHADER_STAGE_COMPUTE_BIT | VK_SHADER_STAGE_FRAGMENT_BIT;

    vkGetPhysicalDeviceProperties2(api->physical, &properties);
    assert_int_equal(v11.subgroupSupportedStages & stages, stages);
    assert_true(limits->pointSizeGranularity <= 0.125f);
    assert_true(limits->pointSizeRange[0] <= 1.0f &&
                limits->pointSizeRange[1] >= 256.0f - limits->pointSizeGranularity);
    assert_true(limits->maxPushConstantsSize >= 256 && limits->maxBoundDescriptorSets >= 7);
    assert_true(limits->maxComputeWorkGroupInvocations >= 256);
}

static void lists_cooperative_matrices(void **state)
{
    struct api *api = *state;
    VkCooperativeMatrixPropertiesKHR rows[64];
    uint32_t count = 0, few = 2;

    if (api_validation())
        skip(); /* the layer may be older than the extension */
    PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR get =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)vkGetInstanceProcAddr(
            api->instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
    assert_non_null(get);
    assert_int_equal(get(api->physical, &count, NULL), VK_SUCCESS);
    assert_in_range(count, 3, 64);
    for (uint32_t i = 0; i < 64; i++)
        rows[i] = (VkCooperativeMatrixPropertiesKHR){
            .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR};
    assert_int_equal(get(api->physical, &few, rows), VK_INCOMPLETE);
    assert_int_equal(few, 2);
    assert_int_equal(rows[2].MSize, 0);
    count = 64;
    assert_int_equal(get(api->physical, &count, rows), VK_SUCCESS);
    bool halves = false;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].scope, VK_SCOPE_SUBGROUP_KHR);
        assert_true(rows[i].MSize && rows[i].NSize && rows[i].KSize);
        halves |= rows[i].AType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
                  rows[i].ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR;
    }
    assert_true(halves);

    /* Those of the older extension are among them. */
    VkCooperativeMatrixPropertiesNV old[64] = {{0}};
    uint32_t old_count = 0;
    PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesNV get_old =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesNV)vkGetInstanceProcAddr(
            api->instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesNV");
    assert_non_null(get_old);
    assert_int_equal(get_old(api->physical, &old_count, NULL), VK_SUCCESS);
    assert_in_range(old_count, 3, count);
    few = 1;
    assert_int_equal(get_old(api->physical, &few, old), VK_INCOMPLETE);
    assert_int_equal(few, 1);
    assert_int_equal(old[1].MSize, 0);
    assert_int_equal(get_old(api->physical, &old_count, old), VK_SUCCESS);
    for (uint32_t i = 0, k = 0; i < old_count; i++, k++) {
        while (k < count && (rows[k].MSize != old[i].MSize || rows[k].KSize != old[i].KSize ||
                             rows[k].AType != old[i].AType || rows[k].ResultType != old[i].DType ||
                             rows[k].saturatingAccumulation))
            k++;
        assert_true(k < count);
        assert_int_equal(old[i].scope, VK_SCOPE_SUBGROUP_NV);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_every_queue, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(makes_queues_of_all_families, api_open_instance,
                                        api_close),
        cmocka_unit_test_setup_teardown(refuses_missing_features, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(refuses_missing_extensions, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(enables_everything, api_open, api_close),
        cmocka_unit_test_setup_teardown(calibrates_timestamps, api_open, api_close),
        cmocka_unit_test_setup_teardown(has_limits_of_vulkan_1_4, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(lists_cooperative_matrices, api_open_instance, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
