/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api.h"

static void core_and_extension_structures_agree(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceTimelineSemaphoreFeatures timeline = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES};
    VkPhysicalDevice16BitStorageFeatures storage = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES, .pNext = &timeline};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &storage};
    VkPhysicalDeviceVulkan11Features v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &v12};
    VkPhysicalDeviceFeatures2 two = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v11};
    VkPhysicalDeviceFeatures one;

    memset(&one, 0x55, sizeof(one));
    vkGetPhysicalDeviceFeatures(api->physical, &one);
    vkGetPhysicalDeviceFeatures2(api->physical, &two);
    assert_memory_equal(&one, &two.features, sizeof(one));
    assert_int_equal(timeline.timelineSemaphore, v12.timelineSemaphore);
    assert_int_equal(storage.storageBuffer16BitAccess, v11.storageBuffer16BitAccess);
    assert_int_equal(storage.storageInputOutput16, v11.storageInputOutput16);
}

/* What applications of compute look for first. */
static void has_what_compute_needs(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceVulkan13Features v13 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v13};
    VkPhysicalDeviceVulkan11Features v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &v12};
    VkPhysicalDeviceFeatures2 f = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v11};

    vkGetPhysicalDeviceFeatures2(api->physical, &f);
    assert_true(f.features.robustBufferAccess && f.features.shaderFloat64);
    assert_true(f.features.shaderInt64 && f.features.shaderInt16);
    assert_true(v11.storageBuffer16BitAccess && v11.variablePointers);
    assert_true(v12.storageBuffer8BitAccess && v12.shaderInt8 && v12.shaderFloat16);
    assert_true(v12.bufferDeviceAddress && v12.timelineSemaphore && v12.vulkanMemoryModel);
    assert_true(v13.synchronization2 && v13.maintenance4 && v13.subgroupSizeControl);
    assert_true(v13.shaderIntegerDotProduct && v13.inlineUniformBlock && v13.privateData);
}

/* What Vulkan 1.4 obliges a device to have, images aside. */
static void has_what_1_4_requires(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceVulkan14Features v14 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_4_FEATURES};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v14};
    VkPhysicalDeviceFeatures2 f = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v12};
    VkPhysicalDeviceVulkan14Properties p14 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_4_PROPERTIES};
    VkPhysicalDeviceProperties2 p = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &p14};

    if (api_validation())
        skip(); /* the layer may be older */
    vkGetPhysicalDeviceFeatures2(api->physical, &f);
    assert_true(f.features.fullDrawIndexUint32 && f.features.independentBlend);
    assert_true(f.features.depthClamp && f.features.largePoints && f.features.shaderInt16);
    assert_true(v12.scalarBlockLayout && v12.shaderInt8 && v12.storageBuffer8BitAccess);
    assert_true(v14.globalPriorityQuery && v14.shaderSubgroupRotate && v14.shaderExpectAssume);
    assert_true(v14.shaderFloatControls2 && v14.bresenhamLines && v14.indexTypeUint8);
    assert_true(v14.vertexAttributeInstanceRateDivisor && v14.dynamicRenderingLocalRead);
    assert_true(v14.maintenance5 && v14.maintenance6 && v14.pipelineRobustness);
    assert_true(v14.pushDescriptor);

    /* Without room the numbers of layouts come back, with room no more than there is. */
    vkGetPhysicalDeviceProperties2(api->physical, &p);
    assert_true(p.properties.apiVersion >= VK_API_VERSION_1_4);
    assert_true(p.properties.limits.maxPushConstantsSize >= 256);
    assert_true(p.properties.limits.maxColorAttachments >= 8);
    VkImageLayout layouts[64];
    uint32_t src_count = p14.copySrcLayoutCount;
    p14.pCopySrcLayouts = layouts;
    p14.copySrcLayoutCount = 64;
    vkGetPhysicalDeviceProperties2(api->physical, &p);
    assert_int_equal(p14.copySrcLayoutCount, src_count);
}

/* "must" rows of the specification's tables of limits and features. */
static void keeps_the_required_minimums(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceVulkan13Properties v13 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES};
    VkPhysicalDeviceVulkan12Properties v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES, .pNext = &v13};
    VkPhysicalDeviceVulkan11Properties v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES, .pNext = &v12};
    VkPhysicalDeviceProperties2 p = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v11};

    vkGetPhysicalDeviceProperties2(api->physical, &p);
    const VkPhysicalDeviceLimits *l = &p.properties.limits;
    assert_true(l->maxStorageBufferRange >= 1u << 27);
    assert_true(l->maxPushConstantsSize >= 128);
    assert_true(l->maxComputeSharedMemorySize >= 16384);
    assert_true(l->maxComputeWorkGroupInvocations >= 128);
    assert_true(l->maxBoundDescriptorSets >= 4);
    assert_true(l->maxMemoryAllocationCount >= 4096);
    assert_true(v11.maxMemoryAllocationSize >= 1u << 30);
    assert_true(v11.maxPerSetDescriptors >= 1024);
    assert_true(v12.maxTimelineSemaphoreValueDifference >= (1u << 31) - 1);
    assert_true(v12.maxPerStageUpdateAfterBindResources >= 500000);
    assert_true(v13.minSubgroupSize <= v11.subgroupSize);
    assert_true(v13.maxSubgroupSize >= v11.subgroupSize);
    assert_true(v13.maxInlineUniformBlockSize >= 256);
    assert_true(v13.maxBufferSize >= 1u << 30);
}

/* Structures of extensions that Weft does not know are left alone. */
static void leaves_unknown_structures_alone(void **state)
{
    struct api *api = *state;
    VkPhysicalDeviceTransformFeedbackFeaturesEXT unknown = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TRANSFORM_FEEDBACK_FEATURES_EXT,
        .transformFeedback = 0x1234,
    };
    VkPhysicalDeviceFeatures2 f = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &unknown};

    vkGetPhysicalDeviceFeatures2(api->physical, &f);
    assert_int_equal(unknown.transformFeedback, 0x1234);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(core_and_extension_structures_agree, api_open_instance,
                                        api_close),
        cmocka_unit_test_setup_teardown(has_what_compute_needs, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(has_what_1_4_requires, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(keeps_the_required_minimums, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(leaves_unknown_structures_alone, api_open_instance,
                                        api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
