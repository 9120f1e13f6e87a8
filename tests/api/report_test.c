/* SPDX-License-Identifier: MIT
 *
 * WEFT_DEBUG=report: what stayed slow in a shader comes as messages, also when its code is in a cache.
 */
#include <stdlib.h>

#include "vk_test.h"

#include "gather.h"

struct lines {
    unsigned count, gathers;
};

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    struct lines *lines = user;

    if (data->pMessageIdName && strcmp(data->pMessageIdName, "report") == 0) {
        lines->count++;
        lines->gathers += strstr(data->pMessage, "main(): ") && strstr(data->pMessage, "gather of");
    }
    return VK_FALSE;
}

static int setup(void **state)
{
    setenv("WEFT_DEBUG", "report", 1);
    return vk_test_setup(state);
}

static int teardown(void **state)
{
    unsetenv("WEFT_DEBUG");
    return vk_test_teardown(state);
}

/* The lines that creating the pipeline brings. */
static struct lines create(struct vk_test *t)
{
    struct lines lines = {0};
    const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkDebugUtilsMessengerCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = &lines,
    };
    VkDebugUtilsMessengerEXT messenger;
    VkInstance instance = t->api->instance;

    assert_vk(((PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
        instance, "vkCreateDebugUtilsMessengerEXT"))(instance, &info, NULL, &messenger));
    VkPipeline pipeline = vk_pipeline(t, layout, gather_spv, sizeof(gather_spv), NULL);
    ((PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(
        instance, "vkDestroyDebugUtilsMessengerEXT"))(instance, messenger, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    return lines;
}

static void test_gather_is_reported(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct lines lines = create(*state);

        assert_int_equal(lines.gathers, 1);
        assert_true(lines.count >= 2); /* and the sums */
    }
}

static void test_silent_without(void **state)
{
    assert_int_equal(create(*state).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gather_is_reported, setup, teardown),
        VK_TEST_ENTRY(test_silent_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
