/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "api.h"

static void render_passes_are_refused(void **state)
{
    struct api *api = *state;
    VkRenderPassCreateInfo info = {.sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO};
    VkRenderPass pass = (VkRenderPass)1;

    API_BREAKS_RULES();
    assert_int_equal(vkCreateRenderPass(api->device, &info, NULL, &pass),
                     VK_ERROR_FEATURE_NOT_PRESENT);
    assert_true(pass == VK_NULL_HANDLE);
    api_expect_message(api, "vkCreateRenderPass");
}

static void graphics_pipelines_are_refused(void **state)
{
    struct api *api = *state;
    VkGraphicsPipelineCreateInfo infos[2] = {
        {.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO},
        {.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO},
    };
    VkPipeline pipelines[2] = {(VkPipeline)1, (VkPipeline)1};

    API_BREAKS_RULES();
    assert_int_equal(vkCreateGraphicsPipelines(api->device, VK_NULL_HANDLE, 2, infos, NULL,
                                               pipelines),
                     VK_ERROR_FEATURE_NOT_PRESENT);
    assert_true(pipelines[0] == VK_NULL_HANDLE && pipelines[1] == VK_NULL_HANDLE);
    api_expect_message(api, "vkCreateGraphicsPipelines");
}

static void drawing_invalidates_the_command_buffer(void **state)
{
    struct api *api = *state;
    VkCommandPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
    VkCommandPool pool;
    VkCommandBuffer cmd;

    API_BREAKS_RULES();
    assert_int_equal(vkCreateCommandPool(api->device, &pool_info, NULL, &pool), VK_SUCCESS);
    VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = pool,
        .commandBufferCount = 1,
    };
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    assert_int_equal(vkAllocateCommandBuffers(api->device, &info, &cmd), VK_SUCCESS);
    assert_int_equal(vkBeginCommandBuffer(cmd, &begin), VK_SUCCESS);
    vkCmdDraw(cmd, 3, 1, 0, 0);
    api_expect_message(api, "vkCmdDraw");
    assert_int_not_equal(vkEndCommandBuffer(cmd), VK_SUCCESS);
    vkDestroyCommandPool(api->device, pool, NULL);
}

static VkQueueFlags first_family_flags(void)
{
    VkQueueFamilyProperties family;
    uint32_t count = 1;
    void *api;

    api_open_instance(&api);
    vkGetPhysicalDeviceQueueFamilyProperties(((struct api *)api)->physical, &count, &family);
    api_close(&api);
    return family.queueFlags;
}

static void the_queue_says_graphics_only_when_asked_to(void **state)
{
    unsetenv("WEFT_QUEUE_GRAPHICS");
    assert_false(first_family_flags() & VK_QUEUE_GRAPHICS_BIT);
    setenv("WEFT_QUEUE_GRAPHICS", "1", 1);
    assert_true(first_family_flags() & VK_QUEUE_GRAPHICS_BIT);
    assert_true(first_family_flags() & VK_QUEUE_COMPUTE_BIT);
    setenv("WEFT_QUEUE_GRAPHICS", "0", 1);
    assert_false(first_family_flags() & VK_QUEUE_GRAPHICS_BIT);
    unsetenv("WEFT_QUEUE_GRAPHICS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(render_passes_are_refused, api_open, api_close),
        cmocka_unit_test_setup_teardown(graphics_pipelines_are_refused, api_open, api_close),
        cmocka_unit_test(the_queue_says_graphics_only_when_asked_to),
        cmocka_unit_test_setup_teardown(drawing_invalidates_the_command_buffer, api_open,
                                        api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
