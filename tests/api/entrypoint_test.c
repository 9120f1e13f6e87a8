/* SPDX-License-Identifier: MIT */
#include "api.h"

/* Of each core version the commands that drivers most easily forget. */
static const char *const core_device_commands[] = {
    "vkQueueBindSparse", "vkGetDeviceMemoryCommitment", "vkGetImageSparseMemoryRequirements",
    "vkGetRenderAreaGranularity", "vkMergePipelineCaches", "vkCmdDrawIndexedIndirect",
    "vkCmdResolveImage", "vkCmdExecuteCommands", "vkCmdNextSubpass", "vkCmdClearAttachments",
    "vkGetDeviceGroupPeerMemoryFeatures", "vkCmdSetDeviceMask", "vkTrimCommandPool",
    "vkCreateSamplerYcbcrConversion", "vkGetDescriptorSetLayoutSupport", "vkCmdDispatchBase",
    "vkUpdateDescriptorSetWithTemplate", "vkCmdDrawIndirectCount", "vkCreateRenderPass2",
    "vkCmdBeginRenderPass2", "vkResetQueryPool", "vkGetSemaphoreCounterValue",
    "vkGetBufferOpaqueCaptureAddress", "vkGetDeviceMemoryOpaqueCaptureAddress",
    "vkCreatePrivateDataSlot", "vkCmdSetEvent2", "vkCmdWriteTimestamp2", "vkCmdBlitImage2",
    "vkCmdBeginRendering", "vkCmdSetPrimitiveTopology", "vkGetDeviceImageMemoryRequirements",
    "vkGetDeviceImageSparseMemoryRequirements", "vkCmdSetLineStipple", "vkMapMemory2",
    "vkUnmapMemory2", "vkCmdBindIndexBuffer2", "vkGetRenderingAreaGranularity",
    "vkGetDeviceImageSubresourceLayout", "vkGetImageSubresourceLayout2", "vkCmdPushDescriptorSet",
    "vkCmdPushDescriptorSetWithTemplate", "vkCmdSetRenderingAttachmentLocations",
    "vkCmdSetRenderingInputAttachmentIndices", "vkCmdBindDescriptorSets2", "vkCmdPushConstants2",
    "vkCmdPushDescriptorSet2", "vkCmdPushDescriptorSetWithTemplate2", "vkCopyMemoryToImage",
    "vkCopyImageToMemory", "vkCopyImageToImage", "vkTransitionImageLayout",
};

static void core_commands_exist(void **state)
{
    struct api *api = *state;

    if (api_validation())
        skip(); /* the layer and the instance may be older than 1.4 */
    for (size_t i = 0; i < sizeof(core_device_commands) / sizeof(core_device_commands[0]); i++)
        api_device_proc(api, core_device_commands[i]);
}

static void aliases_come_with_their_extension(void **state)
{
    struct api *api = *state;
    static const char *const aliases[] = {
        "vkBindBufferMemory2KHR", "vkCmdPipelineBarrier2KHR", "vkWaitSemaphoresKHR",
        "vkCmdPushDescriptorSetKHR", "vkCmdPushDescriptorSetWithTemplateKHR",
        "vkGetCalibratedTimestampsEXT", "vkResetQueryPoolEXT", "vkMapMemory2KHR",
        "vkCmdDispatchBaseKHR", "vkCmdCopyBuffer2KHR", "vkSetPrivateDataEXT",
        "vkGetDeviceBufferMemoryRequirementsKHR", "vkTrimCommandPoolKHR",
    };

    if (api_validation())
        skip(); /* the extensions are off */
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        api_device_proc(api, aliases[i]);
}

static void extensions_that_are_off_are_invisible(void **state)
{
    struct api *api = *state;
    static const float priority = 1.0f;
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
    };
    VkDevice device;

    assert_int_equal(vkCreateDevice(api->physical, &info, NULL, &device), VK_SUCCESS);
    assert_null(vkGetDeviceProcAddr(device, "vkCmdPushDescriptorSetKHR"));
    assert_null(vkGetDeviceProcAddr(device, "vkMapMemory2KHR"));
    assert_null(vkGetDeviceProcAddr(device, "vkCreateSwapchainKHR"));
    assert_null(vkGetDeviceProcAddr(device, "vkNoSuchCommand"));
    assert_non_null(vkGetDeviceProcAddr(device, "vkCmdPipelineBarrier2"));
    vkDestroyDevice(device, NULL);
}

/* An application that asked for Vulkan 1.1 gets no later core commands, and aliases where their extension is. */
static void later_versions_are_invisible(void **state)
{
    static const char *const extensions[] = {"VK_EXT_host_query_reset"};
    static const float priority = 1.0f;
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                     .apiVersion = VK_API_VERSION_1_1};
    VkInstanceCreateInfo instance_info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                          .pApplicationInfo = &application};
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueCount = 1, .pQueuePriorities = &priority};
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                               .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue,
                               .enabledExtensionCount = 1, .ppEnabledExtensionNames = extensions};
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    uint32_t count = 1;

    if (api_validation())
        skip(); /* the layer answers for itself */
    assert_int_equal(vkCreateInstance(&instance_info, NULL, &instance), VK_SUCCESS);
    assert_int_equal(vkEnumeratePhysicalDevices(instance, &count, &physical), VK_SUCCESS);
    assert_int_equal(vkCreateDevice(physical, &info, NULL, &device), VK_SUCCESS);
    assert_non_null(vkGetDeviceProcAddr(device, "vkTrimCommandPool"));
    assert_non_null(vkGetDeviceProcAddr(device, "vkCmdDispatchBase"));
    assert_non_null(vkGetDeviceProcAddr(device, "vkResetQueryPoolEXT"));
    assert_null(vkGetDeviceProcAddr(device, "vkResetQueryPool"));
    assert_null(vkGetDeviceProcAddr(device, "vkWaitSemaphores"));
    assert_null(vkGetDeviceProcAddr(device, "vkCmdPipelineBarrier2"));
    assert_null(vkGetDeviceProcAddr(device, "vkMapMemory2"));
    vkDestroyDevice(device, NULL);
    vkDestroyInstance(instance, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(core_commands_exist, api_open, api_close),
        cmocka_unit_test_setup_teardown(aliases_come_with_their_extension, api_open, api_close),
        cmocka_unit_test_setup_teardown(extensions_that_are_off_are_invisible, api_open_instance,
                                        api_close),
        cmocka_unit_test(later_versions_are_invisible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
