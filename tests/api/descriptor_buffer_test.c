/* SPDX-License-Identifier: MIT
 *
 * Descriptors in the application's memory, and descriptors whose type is chosen when they are written.
 */
#include "vk_test.h"

#include "copy_buffer.h"

#define SKIP_UNDER_VALIDATION()                                                                    \
    do {                                                                                           \
        if (t->validation)                                                                         \
            skip(); /* the extensions are off */                                                   \
    } while (0)

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

/* Two buffers of 64 words, of which the first is copied behind the second's first word. */
struct bench {
    struct api_buffer from, to;
    uint32_t *words;
};

static struct bench bench_create(struct vk_test *t)
{
    struct bench b = {vk_buffer_create(t, 256), vk_buffer_create(t, 512), NULL};

    for (uint32_t i = 0; i < 64; i++)
        ((uint32_t *)b.from.map)[i] = 100 + i;
    b.words = b.to.map;
    return b;
}

static void bench_check(struct vk_test *t, struct bench *b)
{
    assert_int_equal(b->words[0], 64);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(b->words[1 + i], 100 + i);
    vk_buffer_destroy(t, &b->from);
    vk_buffer_destroy(t, &b->to);
}

static VkDeviceAddress address_of(struct vk_test *t, const struct api_buffer *buffer)
{
    VkBufferDeviceAddressInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
                                      .buffer = buffer->buffer};

    return vkGetBufferDeviceAddress(t->device, &info);
}

static void get_descriptor(struct vk_test *t, const struct api_buffer *buffer, void *out)
{
    VkDescriptorAddressInfoEXT address = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_ADDRESS_INFO_EXT,
        .address = buffer ? address_of(t, buffer) : 0,
        .range = buffer ? buffer->size_B : VK_WHOLE_SIZE,
    };
    VkDescriptorGetInfoEXT info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_GET_INFO_EXT,
                                   .type = storage, .data.pStorageBuffer = &address};
    VkPhysicalDeviceDescriptorBufferPropertiesEXT properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DESCRIPTOR_BUFFER_PROPERTIES_EXT};
    VkPhysicalDeviceProperties2 two = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                       .pNext = &properties};

    vkGetPhysicalDeviceProperties2(t->physical, &two);
    API_DEVICE_PROC(t->api, vkGetDescriptorEXT)(t->device, &info,
                                                properties.storageBufferDescriptorSize, out);
}

static void run(struct vk_test *t, VkPipeline pipeline, VkPipelineLayout layout,
                const struct api_buffer *descriptors, VkDeviceSize offset)
{
    VkDescriptorBufferBindingInfoEXT binding = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_BUFFER_BINDING_INFO_EXT,
        .address = address_of(t, descriptors),
        .usage = VK_BUFFER_USAGE_RESOURCE_DESCRIPTOR_BUFFER_BIT_EXT};
    const uint32_t index = 0;
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    API_DEVICE_PROC(t->api, vkCmdBindDescriptorBuffersEXT)(cmd, 1, &binding);
    API_DEVICE_PROC(t->api, vkCmdSetDescriptorBufferOffsetsEXT)(
        cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &index, &offset);
    vkCmdDispatch(cmd, 4, 1, 1);
    vk_run(t, cmd);
}

static void test_descriptor_buffer(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    struct api_buffer descriptors = vk_buffer_create(t, 4096);
    const VkDescriptorType types[] = {storage, storage};
    VkDescriptorSetLayout set_layout =
        vk_set_layout(t, VK_DESCRIPTOR_SET_LAYOUT_CREATE_DESCRIPTOR_BUFFER_BIT_EXT, 2, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, copy_buffer_spv, sizeof(copy_buffer_spv), NULL);
    VkDeviceSize size, offsets[2];

    API_DEVICE_PROC(t->api, vkGetDescriptorSetLayoutSizeEXT)(t->device, set_layout, &size);
    for (uint32_t i = 0; i < 2; i++)
        API_DEVICE_PROC(t->api, vkGetDescriptorSetLayoutBindingOffsetEXT)(t->device, set_layout, i,
                                                                          &offsets[i]);
    assert_true(size > offsets[1] && offsets[1] > offsets[0]);
    const VkDeviceSize at = 1024;
    get_descriptor(t, &b.from, (char *)descriptors.map + at + offsets[0]);
    get_descriptor(t, &b.to, (char *)descriptors.map + at + offsets[1]);
    run(t, pipeline, layout, &descriptors, at);

    /* A null descriptor reads as a buffer of no length. */
    struct bench null = bench_create(t);
    get_descriptor(t, NULL, (char *)descriptors.map + at + offsets[0]);
    get_descriptor(t, &null.to, (char *)descriptors.map + at + offsets[1]);
    run(t, pipeline, layout, &descriptors, at);
    for (uint32_t i = 0; i < 65; i++)
        assert_int_equal(null.words[i], 0);
    vk_buffer_destroy(t, &null.from);
    vk_buffer_destroy(t, &null.to);

    bench_check(t, &b);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vk_buffer_destroy(t, &descriptors);
}

static void test_mutable(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                             VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
                                             VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE};
    static const VkMutableDescriptorTypeListEXT lists[2] = {{3, types}, {2, types}};
    VkMutableDescriptorTypeCreateInfoEXT mutable_types = {
        VK_STRUCTURE_TYPE_MUTABLE_DESCRIPTOR_TYPE_CREATE_INFO_EXT, NULL, 2, lists};
    VkDescriptorSetLayoutBinding bindings[2] = {
        {0, VK_DESCRIPTOR_TYPE_MUTABLE_EXT, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
        {1, VK_DESCRIPTOR_TYPE_MUTABLE_EXT, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL}};
    VkDescriptorSetLayoutCreateInfo layout_info = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, &mutable_types, 0, 2, bindings};
    VkDescriptorSetLayout set_layout, plain_layout = vk_set_layout(t, 0, 1, &storage);
    VkDescriptorPoolSize sizes[2] = {{VK_DESCRIPTOR_TYPE_MUTABLE_EXT, 2}, {storage, 1}};
    VkDescriptorPoolCreateInfo pool_info = {VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                            NULL, 0, 2, 2, sizes};
    VkDescriptorPool pool;

    assert_vk(vkCreateDescriptorSetLayout(t->device, &layout_info, NULL, &set_layout));
    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &pool));
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, copy_buffer_spv, sizeof(copy_buffer_spv), NULL);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    VkDescriptorSet plain = vk_descriptor_set(t, pool, plain_layout);
    vk_write_buffer(t, set, 0, storage, b.from.buffer, 0, VK_WHOLE_SIZE);
    /* From an ordinary descriptor, whose slot is smaller. */
    vk_write_buffer(t, plain, 0, storage, b.to.buffer, 0, VK_WHOLE_SIZE);
    VkCopyDescriptorSet copy = {VK_STRUCTURE_TYPE_COPY_DESCRIPTOR_SET, NULL, plain, 0, 0, set, 1, 0, 1};
    vkUpdateDescriptorSets(t->device, 0, NULL, 1, &copy);

    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 4, 1, 1);
    vk_run(t, cmd);
    bench_check(t, &b);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, plain_layout, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_descriptor_buffer),
        VK_TEST_ENTRY(test_mutable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
