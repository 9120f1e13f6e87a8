/* SPDX-License-Identifier: MIT */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTENSIONS_MAX 256

bool api_validation(void)
{
    static const char *const variables[] = {"VK_INSTANCE_LAYERS", "VK_LOADER_LAYERS_ENABLE"};

    for (size_t i = 0; i < 2; i++) {
        const char *value = getenv(variables[i]);
        if (value && strstr(value, "validation"))
            return true;
    }
    return false;
}

/* Extensions that every validation layer knows. */
static bool is_old(const char *name)
{
    static const char *const old[] = {"VK_KHR_push_descriptor", "VK_EXT_robustness2",
                                      "VK_KHR_synchronization2", "VK_EXT_memory_budget",
                                      "VK_AMD_buffer_marker"};

    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
        if (!strcmp(old[i], name))
            return true;
    }
    return false;
}

/* Structures of features that tests use, besides those of core 1.1 to 1.3. */
static const VkStructureType newer_features[] = {
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_4_FEATURES,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ADDRESS_BINDING_REPORT_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_CONDITIONAL_RENDERING_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COPY_MEMORY_INDIRECT_FEATURES_KHR,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_BUFFER_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MUTABLE_DESCRIPTOR_TYPE_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FAULT_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_GENERATED_COMMANDS_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAP_MEMORY_PLACED_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PRIORITY_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_BINARY_FEATURES_KHR,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_MODULE_IDENTIFIER_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_OBJECT_FEATURES_EXT,
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PAGEABLE_DEVICE_LOCAL_MEMORY_FEATURES_EXT,
};
#define NEWER_COUNT (sizeof(newer_features) / sizeof(newer_features[0]))

/* Room for any of them. */
union any_features {
    VkBaseOutStructure base;
    char bytes[512];
};

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    struct api *api = user;

    /* The loader's own messages are not the driver's. */
    if (data->pMessageIdName && strstr(data->pMessageIdName, "Loader"))
        return VK_FALSE;
    api->message_count++;
    snprintf(api->message, sizeof(api->message), "%s", data->pMessage);
    return VK_FALSE;
}

const char *api_engine_name;

int api_open_instance(void **state)
{
    static const char *const extensions[] = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME};
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pEngineName = api_engine_name,
        /* An old layer warns of a newer version than its own. */
        .apiVersion = api_validation() ? VK_API_VERSION_1_3 : VK_API_VERSION_1_4,
    };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application,
        .enabledExtensionCount = 1,
        .ppEnabledExtensionNames = extensions,
    };
    VkDebugUtilsMessengerCreateInfoEXT messenger = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                           VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message,
    };
    struct api *api = calloc(1, sizeof(*api));
    uint32_t count = 1;

    assert_non_null(api);
    messenger.pUserData = api;
    assert_int_equal(vkCreateInstance(&info, NULL, &api->instance), VK_SUCCESS);
    assert_int_equal(vkEnumeratePhysicalDevices(api->instance, &count, &api->physical), VK_SUCCESS);
    assert_int_equal(count, 1);
    PFN_vkCreateDebugUtilsMessengerEXT create =
        (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
            api->instance, "vkCreateDebugUtilsMessengerEXT");
    assert_int_equal(create(api->instance, &messenger, NULL, &api->messenger), VK_SUCCESS);
    *state = api;
    return 0;
}

int api_open(void **state)
{
    static const float priorities[] = {1.0f, 0.5f};
    VkExtensionProperties extensions[EXTENSIONS_MAX];
    const char *names[EXTENSIONS_MAX];
    uint32_t extension_count = EXTENSIONS_MAX, enabled_count = 0;

    api_open_instance(state);
    struct api *api = *state;
    assert_int_equal(vkEnumerateDeviceExtensionProperties(api->physical, NULL, &extension_count,
                                                          extensions),
                     VK_SUCCESS);
    for (uint32_t i = 0; i < extension_count; i++) {
        if (!api_validation() || is_old(extensions[i].extensionName))
            names[enabled_count++] = extensions[i].extensionName;
    }

    VkPhysicalDeviceRobustness2FeaturesEXT robustness = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ROBUSTNESS_2_FEATURES_EXT};
    VkPhysicalDeviceVulkan13Features v13 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, .pNext = &robustness};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v13};
    VkPhysicalDeviceVulkan11Features v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &v12};
    VkPhysicalDeviceFeatures2 features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v11};
    union any_features newer[NEWER_COUNT] = {0};
    for (size_t i = 0; i < NEWER_COUNT && !api_validation(); i++) {
        newer[i].base.sType = newer_features[i];
        newer[i].base.pNext = robustness.pNext;
        robustness.pNext = &newer[i];
    }
    vkGetPhysicalDeviceFeatures2(api->physical, &features);

    VkDeviceQueueCreateInfo queues = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 2,
        .pQueuePriorities = priorities,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = &features,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queues,
        .enabledExtensionCount = enabled_count,
        .ppEnabledExtensionNames = names,
    };
    assert_int_equal(vkCreateDevice(api->physical, &info, NULL, &api->device), VK_SUCCESS);
    vkGetDeviceQueue(api->device, 0, 0, &api->queue);
    assert_non_null(api->queue);
    return 0;
}

int api_close(void **state)
{
    struct api *api = *state;
    PFN_vkDestroyDebugUtilsMessengerEXT destroy =
        (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
            api->instance, "vkDestroyDebugUtilsMessengerEXT");

    vkDestroyDevice(api->device, NULL);
    destroy(api->instance, api->messenger, NULL);
    vkDestroyInstance(api->instance, NULL);
    free(api);
    return 0;
}

void api_expect_message(const struct api *api, const char *text)
{
    if (!strstr(api->message, text))
        fail_msg("expected a message with \"%s\"; the last is \"%s\"", text, api->message);
}

PFN_vkVoidFunction api_device_proc(const struct api *api, const char *name)
{
    PFN_vkVoidFunction function = vkGetDeviceProcAddr(api->device, name);

    if (!function)
        fail_msg("%s is missing", name);
    return function;
}

void api_buffer_create(const struct api *api, VkDeviceSize size_B, struct api_buffer *buffer_out)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size_B,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                 VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
    };
    VkMemoryAllocateFlagsInfo flags = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
        .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
    };
    VkMemoryRequirements requirements;

    assert_int_equal(vkCreateBuffer(api->device, &info, NULL, &buffer_out->buffer), VK_SUCCESS);
    vkGetBufferMemoryRequirements(api->device, buffer_out->buffer, &requirements);
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = &flags,
        .allocationSize = requirements.size,
    };
    assert_int_equal(vkAllocateMemory(api->device, &allocation, NULL, &buffer_out->memory),
                     VK_SUCCESS);
    assert_int_equal(vkBindBufferMemory(api->device, buffer_out->buffer, buffer_out->memory, 0),
                     VK_SUCCESS);
    assert_int_equal(vkMapMemory(api->device, buffer_out->memory, 0, VK_WHOLE_SIZE, 0,
                                 &buffer_out->map),
                     VK_SUCCESS);
    buffer_out->size_B = size_B;
}

void api_buffer_destroy(const struct api *api, struct api_buffer *buffer)
{
    vkDestroyBuffer(api->device, buffer->buffer, NULL);
    vkFreeMemory(api->device, buffer->memory, NULL);
}
