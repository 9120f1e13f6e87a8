/* SPDX-License-Identifier: MIT
 *
 * Helpers for tests that record and submit commands, on top of api.h: a command pool, and the
 * objects that a test only needs on its way. They fail the cmocka test when a call does not return
 * VK_SUCCESS.
 *
 * vk_test_teardown() also fails if a warning or an error reached the debug messenger (the driver's
 * own, or the validation layer's where it is on) that the test did not expect.
 */
#ifndef VK_TEST_H
#define VK_TEST_H

#include <stdbool.h>
#include <string.h>

#include "api.h"

#define VK_TEST_ENTRY(function)                                                                    \
    cmocka_unit_test_setup_teardown(function, vk_test_setup, vk_test_teardown)

#define assert_vk(expression) assert_int_equal((expression), VK_SUCCESS)

struct vk_test {
    struct api *api;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue, other_queue; /* of family 0 */
    VkCommandPool pool;         /* with RESET_COMMAND_BUFFER */
    bool validation; /* the validation layer is on: leave out what it would complain about */
};

/* cmocka's set-up and tear-down: *state is a struct vk_test. */
int vk_test_setup(void **state);
int vk_test_teardown(void **state);

/* The test provoked a message with this text: fails if there was none; forgets it. */
void vk_test_expect_message(struct vk_test *t, const char *text);

/* A mapped buffer for every use, filled with zeros. */
struct api_buffer vk_buffer_create(struct vk_test *t, VkDeviceSize size_B);
void vk_buffer_destroy(struct vk_test *t, struct api_buffer *buffer);

/* An image with memory of its own, which is mapped. */
struct vk_image {
    VkImage image;
    VkDeviceMemory memory;
    void *map;
    VkDeviceSize size_B;
};
/* Fills in what is left at zero of the structure (its type, one level, layer and sample). */
struct vk_image vk_image_create(struct vk_test *t, VkImageCreateInfo info);
void vk_image_destroy(struct vk_test *t, struct vk_image *image);
/* From no layout, what it holds lost, to the general one, for transfers; all levels and layers. */
void vk_image_to_general(VkCommandBuffer cmd, VkImage image, VkImageAspectFlags aspects);
/* Memory of the first type that will do. */
VkDeviceMemory vk_memory(struct vk_test *t, const VkMemoryRequirements *requirements,
                         VkDeviceSize size_B);

/* A set layout of bindings 0 .. count-1 with one descriptor each. */
VkDescriptorSetLayout vk_set_layout(struct vk_test *t, VkDescriptorSetLayoutCreateFlags flags,
                                    uint32_t count, const VkDescriptorType *types);
VkPipelineLayout vk_pipeline_layout(struct vk_test *t, uint32_t set_count,
                                    const VkDescriptorSetLayout *sets, uint32_t push_B);
/* A pipeline that vkCmdDispatchBase may use. */
VkPipeline vk_pipeline(struct vk_test *t, VkPipelineLayout layout, const uint32_t *spirv,
                       size_t spirv_B, const VkSpecializationInfo *spec);
VkShaderModule vk_shader_module(struct vk_test *t, const uint32_t *spirv, size_t spirv_B);
/* A pool for set_count sets and 16 descriptors of every type for buffers. */
VkDescriptorPool vk_descriptor_pool(struct vk_test *t, uint32_t set_count);
VkDescriptorSet vk_descriptor_set(struct vk_test *t, VkDescriptorPool pool,
                                  VkDescriptorSetLayout layout);
void vk_write_buffer(struct vk_test *t, VkDescriptorSet set, uint32_t binding,
                     VkDescriptorType type,
                     VkBuffer buffer, VkDeviceSize offset, VkDeviceSize range);

/* For tests of extensions: under the validation layer they are off. */
#define VK_TEST_SKIP_UNDER_VALIDATION(t)                                                           \
    do {                                                                                           \
        if ((t)->validation)                                                                       \
            skip();                                                                                \
    } while (0)

/* A primary command buffer that is being recorded. */
VkCommandBuffer vk_begin(struct vk_test *t);
/* Ends it, submits it, waits and frees it. */
void vk_run(struct vk_test *t, VkCommandBuffer cmd);
void vk_submit(struct vk_test *t, VkQueue queue, VkCommandBuffer cmd, VkFence fence);
/* Dispatches so many workgroups and waits for them: what they wrote can be read. */
void vk_run_pipeline(struct vk_test *t, VkPipeline pipeline, VkPipelineLayout layout,
                     VkDescriptorSet set, uint32_t groups);
/* Everything before happens before everything after, the host's reads too. */
void vk_barrier(VkCommandBuffer cmd);

VkFence vk_fence(struct vk_test *t, bool signalled);
VkSemaphore vk_timeline(struct vk_test *t, uint64_t value);
VkSemaphore vk_binary(struct vk_test *t);

#endif
