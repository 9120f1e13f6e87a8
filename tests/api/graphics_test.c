/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "vk_test.h"

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

static void the_queue_says_graphics_to_programs_that_need_it(void **state)
{
    unsetenv("WEFT_QUEUE_GRAPHICS");
    api_engine_name = "ncnn";
    assert_true(first_family_flags() & VK_QUEUE_GRAPHICS_BIT);
    setenv("WEFT_QUEUE_GRAPHICS", "0", 1);
    assert_false(first_family_flags() & VK_QUEUE_GRAPHICS_BIT);
    unsetenv("WEFT_QUEUE_GRAPHICS");
    api_engine_name = NULL;
}

static int setup_graphics(void **state)
{
    setenv("WEFT_QUEUE_GRAPHICS", "1", 1);
    return vk_test_setup(state);
}

static int teardown_graphics(void **state)
{
    unsetenv("WEFT_QUEUE_GRAPHICS");
    return vk_test_teardown(state);
}

/* A render pass without draws clears its attachment; that much works where it was asked for. */
static void render_passes_clear(void **state)
{
    struct vk_test *t = *state;
    struct vk_image image = vk_image_create(
        t, (VkImageCreateInfo){
               .imageType = VK_IMAGE_TYPE_2D,
               .format = VK_FORMAT_R8G8B8A8_UNORM,
               .extent = {8, 8, 1},
               .usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
           });
    struct api_buffer out = vk_buffer_create(t, 8 * 8 * 4);
    VkImageViewCreateInfo view_info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = image.image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    VkAttachmentDescription attachment = {
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR,
        .finalLayout = VK_IMAGE_LAYOUT_GENERAL,
    };
    VkAttachmentReference reference = {0, VK_IMAGE_LAYOUT_GENERAL};
    VkSubpassDescription subpass = {.colorAttachmentCount = 1, .pColorAttachments = &reference};
    VkRenderPassCreateInfo pass_info = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO,
        .attachmentCount = 1,
        .pAttachments = &attachment,
        .subpassCount = 1,
        .pSubpasses = &subpass,
    };
    VkImageView view;
    VkRenderPass pass;
    VkFramebuffer framebuffer;

    assert_vk(vkCreateImageView(t->device, &view_info, NULL, &view));
    assert_vk(vkCreateRenderPass(t->device, &pass_info, NULL, &pass));
    VkFramebufferCreateInfo framebuffer_info = {
        .sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO,
        .renderPass = pass,
        .attachmentCount = 1,
        .pAttachments = &view,
        .width = 8,
        .height = 8,
        .layers = 1,
    };
    assert_vk(vkCreateFramebuffer(t->device, &framebuffer_info, NULL, &framebuffer));
    VkClearValue value = {.color = {{1, 0, 0, 1}}};
    VkRenderPassBeginInfo begin = {
        .sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO,
        .renderPass = pass,
        .framebuffer = framebuffer,
        .renderArea = {{2, 3}, {4, 5}},
        .clearValueCount = 1,
        .pClearValues = &value,
    };
    VkBufferImageCopy region = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {8, 8, 1},
    };
    memset(image.map, 0, image.size_B);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBeginRenderPass(cmd, &begin, VK_SUBPASS_CONTENTS_INLINE);
    vkCmdEndRenderPass(cmd);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, image.image, VK_IMAGE_LAYOUT_GENERAL, out.buffer, 1, &region);
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t y = 0; y < 8; y++) {
        for (uint32_t x = 0; x < 8; x++) {
            bool inside = x >= 2 && x < 6 && y >= 3;
            assert_int_equal(((uint32_t *)out.map)[8 * y + x], inside ? 0xff0000ff : 0);
        }
    }
    /* Drawing is as impossible as ever. */
    if (!t->validation) {
        VkGraphicsPipelineCreateInfo info = {
            .sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO};
        VkPipeline pipeline;
        assert_int_equal(vkCreateGraphicsPipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL,
                                                   &pipeline),
                         VK_ERROR_FEATURE_NOT_PRESENT);
        vk_test_expect_message(t, "vkCreateGraphicsPipelines");
    }
    vkDestroyFramebuffer(t->device, framebuffer, NULL);
    vkDestroyRenderPass(t->device, pass, NULL);
    vkDestroyImageView(t->device, view, NULL);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(render_passes_are_refused, api_open, api_close),
        cmocka_unit_test_setup_teardown(graphics_pipelines_are_refused, api_open, api_close),
        cmocka_unit_test_setup_teardown(render_passes_clear, setup_graphics, teardown_graphics),
        cmocka_unit_test(the_queue_says_graphics_only_when_asked_to),
        cmocka_unit_test(the_queue_says_graphics_to_programs_that_need_it),
        cmocka_unit_test_setup_teardown(drawing_invalidates_the_command_buffer, api_open,
                                        api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
