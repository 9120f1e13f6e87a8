/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "api.h"

struct seen {
    uint32_t count;
    char object_name[64];
    VkObjectType type;
};

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    struct seen *seen = user;

    seen->count++;
    if (data->objectCount > 0) {
        seen->type = data->pObjects[0].objectType;
        if (data->pObjects[0].pObjectName)
            snprintf(seen->object_name, sizeof(seen->object_name), "%s",
                     data->pObjects[0].pObjectName);
    }
    return VK_FALSE;
}

static VkDebugUtilsMessengerEXT add_messenger(const struct api *api, struct seen *seen)
{
    VkDebugUtilsMessengerCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = seen,
    };
    VkDebugUtilsMessengerEXT messenger;
    PFN_vkCreateDebugUtilsMessengerEXT create =
        (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
            api->instance, "vkCreateDebugUtilsMessengerEXT");

    assert_int_equal(create(api->instance, &info, NULL, &messenger), VK_SUCCESS);
    return messenger;
}

static void remove_messenger(const struct api *api, VkDebugUtilsMessengerEXT messenger)
{
    ((PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
        api->instance, "vkDestroyDebugUtilsMessengerEXT"))(api->instance, messenger, NULL);
}

static void messages_name_their_object(void **state)
{
    struct api *api = *state;
    struct seen seen = {0};
    struct api_buffer buffer;

    API_BREAKS_RULES();
    VkDebugUtilsMessengerEXT messenger = add_messenger(api, &seen);
    api_buffer_create(api, 64, &buffer);
    VkDebugUtilsObjectNameInfoEXT name = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
        .objectType = VK_OBJECT_TYPE_DEVICE_MEMORY,
        .objectHandle = (uint64_t)buffer.memory,
        .pObjectName = "the weights",
    };
    assert_int_equal(API_DEVICE_PROC(api, vkSetDebugUtilsObjectNameEXT)(api->device, &name),
                     VK_SUCCESS);
    void *map;
    assert_int_equal(vkMapMemory(api->device, buffer.memory, 0, VK_WHOLE_SIZE, 0, &map),
                     VK_ERROR_MEMORY_MAP_FAILED);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.type, VK_OBJECT_TYPE_DEVICE_MEMORY);
    assert_string_equal(seen.object_name, "the weights");
    remove_messenger(api, messenger);
    vkMapMemory(api->device, buffer.memory, 0, VK_WHOLE_SIZE, 0, &map);
    assert_int_equal(seen.count, 1);
    api_buffer_destroy(api, &buffer);
}

static void submitted_messages_come_once(void **state)
{
    struct api *api = *state;
    struct seen seen = {0};
    VkDebugUtilsMessengerEXT messenger = add_messenger(api, &seen);
    VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pMessageIdName = "test",
        .pMessage = "hello",
    };
    PFN_vkSubmitDebugUtilsMessageEXT submit =
        (PFN_vkSubmitDebugUtilsMessageEXT)vkGetInstanceProcAddr(api->instance,
                                                                "vkSubmitDebugUtilsMessageEXT");

    submit(api->instance, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
           VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT, &data);
    assert_int_equal(seen.count, 1);
    remove_messenger(api, messenger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_name_their_object, api_open, api_close),
        cmocka_unit_test_setup_teardown(submitted_messages_come_once, api_open, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
