/* SPDX-License-Identifier: MIT */
#include "vk_test.h"

#include <stdio.h>
#include <stdlib.h>

int vk_test_setup(void **state)
{
    struct vk_test *t = calloc(1, sizeof(*t));
    void *api;

    assert_non_null(t);
    t->validation = api_validation();
    api_open(&api);
    t->api = api;
    t->physical = t->api->physical;
    t->device = t->api->device;
    t->queue = t->api->queue;
    vkGetDeviceQueue(t->device, 0, 1, &t->other_queue);
    assert_vk(vkCreateCommandPool(
        t->device,
        &(VkCommandPoolCreateInfo){VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, NULL,
                                   VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, 0},
        NULL, &t->pool));
    *state = t;
    return 0;
}

int vk_test_teardown(void **state)
{
    struct vk_test *t = *state;
    void *api = t->api;

    vkDestroyCommandPool(t->device, t->pool, NULL);
    bool clean = t->api->message_count == 0;
    if (!clean)
        fprintf(stderr, "unexpected message: %s\n", t->api->message);
    api_close(&api);
    free(t);
    return clean ? 0 : -1;
}

void vk_test_expect_message(struct vk_test *t, const char *text)
{
    assert_int_not_equal(t->api->message_count, 0);
    api_expect_message(t->api, text);
    t->api->message_count = 0;
}

struct api_buffer vk_buffer_create(struct vk_test *t, VkDeviceSize size_B)
{
    struct api_buffer buffer;

    api_buffer_create(t->api, size_B, &buffer);
    memset(buffer.map, 0, size_B);
    return buffer;
}

void vk_buffer_destroy(struct vk_test *t, struct api_buffer *buffer)
{
    api_buffer_destroy(t->api, buffer);
}

struct vk_image vk_image_create(struct vk_test *t, VkImageCreateInfo info)
{
    struct vk_image image;
    VkMemoryRequirements requirements;

    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
    info.mipLevels = info.mipLevels ? info.mipLevels : 1;
    info.arrayLayers = info.arrayLayers ? info.arrayLayers : 1;
    info.samples = info.samples ? info.samples : VK_SAMPLE_COUNT_1_BIT;
    info.extent.height = info.extent.height ? info.extent.height : 1;
    info.extent.depth = info.extent.depth ? info.extent.depth : 1;
    assert_vk(vkCreateImage(t->device, &info, NULL, &image.image));
    vkGetImageMemoryRequirements(t->device, image.image, &requirements);
    VkMemoryAllocateInfo allocation = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = requirements.size,
    };
    assert_vk(vkAllocateMemory(t->device, &allocation, NULL, &image.memory));
    assert_vk(vkBindImageMemory(t->device, image.image, image.memory, 0));
    assert_vk(vkMapMemory(t->device, image.memory, 0, VK_WHOLE_SIZE, 0, &image.map));
    image.size_B = requirements.size;
    return image;
}

void vk_image_destroy(struct vk_test *t, struct vk_image *image)
{
    vkDestroyImage(t->device, image->image, NULL);
    vkFreeMemory(t->device, image->memory, NULL);
}

void vk_image_to_general(VkCommandBuffer cmd, VkImage image, VkImageAspectFlags aspects)
{
    VkImageMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER,
        .dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED,
        .newLayout = VK_IMAGE_LAYOUT_GENERAL,
        .image = image,
        .subresourceRange = {aspects, 0, VK_REMAINING_MIP_LEVELS, 0, VK_REMAINING_ARRAY_LAYERS},
    };

    vkCmdPipelineBarrier(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT, 0,
                         0, NULL, 0, NULL, 1, &barrier);
}

VkDeviceMemory vk_memory(struct vk_test *t, const VkMemoryRequirements *requirements,
                         VkDeviceSize size_B)
{
    VkDeviceMemory memory;
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .allocationSize = size_B,
        .memoryTypeIndex = (uint32_t)__builtin_ctz(requirements->memoryTypeBits),
    };

    assert_vk(vkAllocateMemory(t->device, &info, NULL, &memory));
    return memory;
}

/* ---- Descriptors and pipelines ---- */

VkDescriptorSetLayout vk_set_layout(struct vk_test *t, VkDescriptorSetLayoutCreateFlags flags,
                                    uint32_t count, const VkDescriptorType *types)
{
    VkDescriptorSetLayoutBinding bindings[16];
    VkDescriptorSetLayout layout;

    assert_true(count <= 16);
    for (uint32_t i = 0; i < count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){i, types[i], 1, VK_SHADER_STAGE_COMPUTE_BIT,
                                                     NULL};
    assert_vk(vkCreateDescriptorSetLayout(
        t->device,
        &(VkDescriptorSetLayoutCreateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                           NULL, flags, count, bindings},
        NULL, &layout));
    return layout;
}

VkPipelineLayout vk_pipeline_layout(struct vk_test *t, uint32_t set_count,
                                    const VkDescriptorSetLayout *sets, uint32_t push_B)
{
    VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, push_B};
    VkPipelineLayout layout;

    assert_vk(vkCreatePipelineLayout(
        t->device,
        &(VkPipelineLayoutCreateInfo){VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, NULL, 0,
                                      set_count, sets, push_B ? 1 : 0, &range},
        NULL, &layout));
    return layout;
}

VkShaderModule vk_shader_module(struct vk_test *t, const uint32_t *spirv, size_t spirv_B)
{
    VkShaderModule module;

    assert_vk(vkCreateShaderModule(
        t->device,
        &(VkShaderModuleCreateInfo){VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, NULL, 0, spirv_B,
                                    spirv},
        NULL, &module));
    return module;
}

VkPipeline vk_pipeline(struct vk_test *t, VkPipelineLayout layout, const uint32_t *spirv,
                       size_t spirv_B, const VkSpecializationInfo *spec)
{
    VkShaderModule module = vk_shader_module(t, spirv, spirv_B);
    VkPipeline pipeline;
    VkResult result = vkCreateComputePipelines(
        t->device, VK_NULL_HANDLE, 1,
        &(VkComputePipelineCreateInfo){
            VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, NULL,
            VK_PIPELINE_CREATE_DISPATCH_BASE_BIT,
            {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, NULL, 0,
             VK_SHADER_STAGE_COMPUTE_BIT, module, "main", spec},
            layout, VK_NULL_HANDLE, -1},
        NULL, &pipeline);

    if (result != VK_SUCCESS)
        fail_msg("no pipeline (%d): %s", (int)result, t->api->message);
    vkDestroyShaderModule(t->device, module, NULL);
    return pipeline;
}

VkDescriptorPool vk_descriptor_pool(struct vk_test *t, uint32_t set_count)
{
    const VkDescriptorPoolSize sizes[] = {
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 16},
        {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, 16},
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC, 16},
        {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC, 16},
        {VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK, 1024},
    };
    VkDescriptorPoolInlineUniformBlockCreateInfo blocks = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_INLINE_UNIFORM_BLOCK_CREATE_INFO, NULL, 4};
    VkDescriptorPool pool;

    assert_vk(vkCreateDescriptorPool(
        t->device,
        &(VkDescriptorPoolCreateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, &blocks,
                                      VK_DESCRIPTOR_POOL_CREATE_FREE_DESCRIPTOR_SET_BIT |
                                          VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT,
                                      set_count, 5, sizes},
        NULL, &pool));
    return pool;
}

VkDescriptorSet vk_descriptor_set(struct vk_test *t, VkDescriptorPool pool,
                                  VkDescriptorSetLayout layout)
{
    VkDescriptorSet set;

    assert_vk(vkAllocateDescriptorSets(
        t->device,
        &(VkDescriptorSetAllocateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, NULL, pool,
                                       1, &layout},
        &set));
    return set;
}

void vk_write_buffer(struct vk_test *t, VkDescriptorSet set, uint32_t binding,
                     VkDescriptorType type,
                     VkBuffer buffer, VkDeviceSize offset, VkDeviceSize range)
{
    VkDescriptorBufferInfo info = {buffer, offset, range};

    vkUpdateDescriptorSets(t->device, 1,
                           &(VkWriteDescriptorSet){VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL,
                                                   set, binding, 0, 1, type, NULL, &info, NULL},
                           0, NULL);
}

/* ---- Commands ---- */

VkCommandBuffer vk_begin(struct vk_test *t)
{
    VkCommandBuffer cmd;

    assert_vk(vkAllocateCommandBuffers(
        t->device,
        &(VkCommandBufferAllocateInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL,
                                       t->pool, VK_COMMAND_BUFFER_LEVEL_PRIMARY, 1},
        &cmd));
    assert_vk(vkBeginCommandBuffer(
        cmd, &(VkCommandBufferBeginInfo){VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO}));
    return cmd;
}

void vk_submit(struct vk_test *t, VkQueue queue, VkCommandBuffer cmd, VkFence fence)
{
    assert_vk(vkQueueSubmit(queue, 1,
                            &(VkSubmitInfo){VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1,
                                            .pCommandBuffers = &cmd},
                            fence));
}

void vk_run(struct vk_test *t, VkCommandBuffer cmd)
{
    VkFence fence = vk_fence(t, false);

    assert_vk(vkEndCommandBuffer(cmd));
    vk_submit(t, t->queue, cmd, fence);
    assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
    vkDestroyFence(t->device, fence, NULL);
    vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
}

void vk_barrier(VkCommandBuffer cmd)
{
    VkMemoryBarrier barrier = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, VK_ACCESS_MEMORY_WRITE_BIT,
                               VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT};

    vkCmdPipelineBarrier(cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                         VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                         &barrier, 0, NULL, 0, NULL);
}

/* ---- Synchronisation ---- */

VkFence vk_fence(struct vk_test *t, bool signalled)
{
    VkFence fence;

    assert_vk(vkCreateFence(
        t->device,
        &(VkFenceCreateInfo){VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, NULL,
                             signalled ? VK_FENCE_CREATE_SIGNALED_BIT : 0},
        NULL, &fence));
    return fence;
}

VkSemaphore vk_timeline(struct vk_test *t, uint64_t value)
{
    VkSemaphore semaphore;

    assert_vk(vkCreateSemaphore(
        t->device,
        &(VkSemaphoreCreateInfo){
            VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
            &(VkSemaphoreTypeCreateInfo){VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, NULL,
                                         VK_SEMAPHORE_TYPE_TIMELINE, value},
            0},
        NULL, &semaphore));
    return semaphore;
}

VkSemaphore vk_binary(struct vk_test *t)
{
    VkSemaphore semaphore;

    assert_vk(vkCreateSemaphore(
        t->device, &(VkSemaphoreCreateInfo){VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO}, NULL,
        &semaphore));
    return semaphore;
}

void vk_run_pipeline(struct vk_test *t, VkPipeline pipeline, VkPipelineLayout layout,
                     VkDescriptorSet set, uint32_t groups)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, groups, 1, 1);
    vk_barrier(cmd);
    vk_run(t, cmd);
}
