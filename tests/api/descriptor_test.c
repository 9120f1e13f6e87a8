/* SPDX-License-Identifier: MIT
 *
 * Descriptor sets: pools and their ends, writes, copies, templates, dynamic offsets, inline blocks,
 * arrays of variable count, updates after binding, push descriptors.
 */
#include "vk_test.h"

#include <stdlib.h>

#include "copy_buffer.h"
#include "sum_array.h"
#include "sum_uniforms.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

static VkResult allocate(struct vk_test *t, VkDescriptorPool pool, VkDescriptorSetLayout layout,
                         VkDescriptorSet *set)
{
    return vkAllocateDescriptorSets(
        t->device,
        &(VkDescriptorSetAllocateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, NULL, pool,
                                       1, &layout},
        set);
}

static VkDescriptorPool small_pool(struct vk_test *t, uint32_t set_count, uint32_t buffer_count)
{
    VkDescriptorPool pool;

    assert_vk(vkCreateDescriptorPool(
        t->device,
        &(VkDescriptorPoolCreateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, NULL,
                                      VK_DESCRIPTOR_POOL_CREATE_FREE_DESCRIPTOR_SET_BIT, set_count,
                                      1, &(VkDescriptorPoolSize){storage, buffer_count}},
        NULL, &pool));
    return pool;
}

/* ---- Pools ---- */

static void test_pool_of_sets(void **state)
{
    struct vk_test *t = *state;
    VkDescriptorSetLayout layout = vk_set_layout(t, 0, 1, &storage);
    VkDescriptorPool pool = small_pool(t, 4, 4);
    VkDescriptorSet sets[5];

    for (int i = 0; i < 4; i++)
        assert_vk(allocate(t, pool, layout, &sets[i]));
    if (!t->validation) {
        assert_int_equal(allocate(t, pool, layout, &sets[4]), VK_ERROR_OUT_OF_POOL_MEMORY);
        assert_null(sets[4]);
    }
    assert_vk(vkFreeDescriptorSets(t->device, pool, 2, &sets[1]));
    assert_vk(allocate(t, pool, layout, &sets[1]));
    assert_vk(allocate(t, pool, layout, &sets[2]));
    assert_vk(vkResetDescriptorPool(t->device, pool, 0));
    for (int i = 0; i < 4; i++)
        assert_vk(allocate(t, pool, layout, &sets[i]));
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyDescriptorSetLayout(t->device, layout, NULL);
}

static VkDescriptorSetLayout array_layout(struct vk_test *t, uint32_t count)
{
    VkDescriptorSetLayoutBinding binding = {0, storage, count, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
    VkDescriptorSetLayout layout;

    assert_vk(vkCreateDescriptorSetLayout(
        t->device,
        &(VkDescriptorSetLayoutCreateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                           NULL, 0, 1, &binding},
        NULL, &layout));
    return layout;
}

static void test_pool_memory(void **state)
{
    struct vk_test *t = *state;
    VkDescriptorSetLayout small = array_layout(t, 64), large = array_layout(t, 128);
    VkDescriptorSet sets[8];

    if (!t->validation) { /* it does its own bookkeeping of the pool */
        VkDescriptorPool pool = small_pool(t, 8, 256);
        for (int i = 0; i < 4; i++)
            assert_vk(allocate(t, pool, small, &sets[i]));
        assert_int_equal(allocate(t, pool, small, &sets[4]), VK_ERROR_OUT_OF_POOL_MEMORY);
        /* Room for two small ones, but not in one piece. */
        assert_vk(vkFreeDescriptorSets(t->device, pool, 1, &sets[0]));
        assert_vk(vkFreeDescriptorSets(t->device, pool, 1, &sets[2]));
        assert_int_equal(allocate(t, pool, large, &sets[4]), VK_ERROR_FRAGMENTED_POOL);
        assert_vk(allocate(t, pool, small, &sets[0]));
        assert_vk(vkFreeDescriptorSets(t->device, pool, 1, &sets[1]));
        assert_vk(allocate(t, pool, large, &sets[1]));
        vkDestroyDescriptorPool(t->device, pool, NULL);
    }
    vkDestroyDescriptorSetLayout(t->device, small, NULL);
    vkDestroyDescriptorSetLayout(t->device, large, NULL);
}

static void test_layout_support(void **state)
{
    struct vk_test *t = *state;
    const VkDescriptorBindingFlags flags = VK_DESCRIPTOR_BINDING_VARIABLE_DESCRIPTOR_COUNT_BIT;
    VkDescriptorSetLayoutBindingFlagsCreateInfo binding_flags = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO, NULL, 1, &flags};
    VkDescriptorSetLayoutBinding binding = {3, storage, 100, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
    VkDescriptorSetVariableDescriptorCountLayoutSupport variable = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_VARIABLE_DESCRIPTOR_COUNT_LAYOUT_SUPPORT};
    VkDescriptorSetLayoutSupport support = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_SUPPORT,
                                            &variable};
    VkDescriptorSetLayoutCreateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                            &binding_flags, 0, 1, &binding};

    vkGetDescriptorSetLayoutSupport(t->device, &info, &support);
    assert_true(support.supported);
    assert_true(variable.maxVariableDescriptorCount >= 1000);
    if (!t->validation) {
        binding.descriptorCount = UINT32_MAX;
        vkGetDescriptorSetLayoutSupport(t->device, &info, &support);
        assert_false(support.supported);
    }
}

/* ---- Copying one buffer to another by a shader ---- */

struct copier {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    VkDescriptorPool pool;
    struct api_buffer from, to;
};

static struct copier copier_create(struct vk_test *t, VkDescriptorType type,
                                   VkDescriptorSetLayoutCreateFlags flags)
{
    const VkDescriptorType types[2] = {type, type};
    struct copier c;
    uint32_t *words;

    c.set_layout = vk_set_layout(t, flags, 2, types);
    c.layout = vk_pipeline_layout(t, 1, &c.set_layout, 0);
    c.pipeline = vk_pipeline(t, c.layout, copy_buffer_spv, sizeof(copy_buffer_spv), NULL);
    c.pool = vk_descriptor_pool(t, 4);
    c.from = vk_buffer_create(t, 4096);
    c.to = vk_buffer_create(t, 4096);
    words = c.from.map;
    for (uint32_t i = 0; i < 1024; i++)
        words[i] = i;
    return c;
}

static void copier_destroy(struct vk_test *t, struct copier *c)
{
    vkDestroyPipeline(t->device, c->pipeline, NULL);
    vkDestroyPipelineLayout(t->device, c->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, c->set_layout, NULL);
    vkDestroyDescriptorPool(t->device, c->pool, NULL);
    vk_buffer_destroy(t, &c->from);
    vk_buffer_destroy(t, &c->to);
}

static void copier_run(struct vk_test *t, struct copier *c, VkDescriptorSet set,
                       uint32_t offset_count, const uint32_t *offsets)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c->pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c->layout, 0, 1, &set,
                            offset_count, offsets);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
}

static void test_ranges(void **state)
{
    struct vk_test *t = *state;
    struct copier c = copier_create(t, storage, 0);
    VkDescriptorSet set = vk_descriptor_set(t, c.pool, c.set_layout);
    const uint32_t *to = c.to.map;

    vk_write_buffer(t, set, 0, storage, c.from.buffer, 256, 40);
    vk_write_buffer(t, set, 1, storage, c.to.buffer, 0, 52);
    copier_run(t, &c, set, 0, NULL);
    /* Reads from the tenth word on give zeros; writes from the thirteenth word on vanish. */
    assert_int_equal(to[0], 10);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(to[1 + i], 64 + i);
    memset(c.to.map, 0xff, 4096);
    copier_run(t, &c, set, 0, NULL);
    assert_int_equal(to[11], 0);
    assert_int_equal(to[12], 0);
    assert_int_equal(to[13], 0xffffffff);
    vk_write_buffer(t, set, 0, storage, c.from.buffer, 2048, VK_WHOLE_SIZE);
    copier_run(t, &c, set, 0, NULL);
    assert_int_equal(to[0], 512);
    assert_int_equal(to[1], 512);
    copier_destroy(t, &c);
}

static void test_copies(void **state)
{
    struct vk_test *t = *state;
    struct copier c = copier_create(t, storage, 0);
    VkDescriptorSet sets[2] = {vk_descriptor_set(t, c.pool, c.set_layout),
                               vk_descriptor_set(t, c.pool, c.set_layout)};
    VkCopyDescriptorSet copy = {VK_STRUCTURE_TYPE_COPY_DESCRIPTOR_SET, NULL, sets[0], 0, 0, sets[1],
                                0, 0, 2};
    VkDescriptorBufferInfo infos[2] = {{c.from.buffer, 256, 64}, {c.to.buffer, 0, VK_WHOLE_SIZE}};
    VkWriteDescriptorSet write = {VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL, sets[0], 0, 0, 2,
                                  storage, NULL, infos, NULL};
    const uint32_t *to = c.to.map;

    /* Both the write and the copy run over from binding 0 to binding 1. */
    vkUpdateDescriptorSets(t->device, 1, &write, 1, &copy);
    vkFreeDescriptorSets(t->device, c.pool, 1, &sets[0]);
    copier_run(t, &c, sets[1], 0, NULL);
    assert_int_equal(to[0], 16);
    assert_int_equal(to[16], 64 + 15);
    copier_destroy(t, &c);
}

static void test_dynamic_offsets(void **state)
{
    struct vk_test *t = *state;
    const VkDescriptorType dynamic = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC;
    struct copier c = copier_create(t, dynamic, 0);
    VkDescriptorSet set = vk_descriptor_set(t, c.pool, c.set_layout);
    const uint32_t *to = c.to.map;
    const uint32_t offsets[2] = {512, 1024};

    vk_write_buffer(t, set, 0, dynamic, c.from.buffer, 256, 64);
    vk_write_buffer(t, set, 1, dynamic, c.to.buffer, 0, 128);
    copier_run(t, &c, set, 2, offsets);
    assert_int_equal(to[0], 0);
    assert_int_equal(to[256], 16);
    assert_int_equal(to[257], (256 + 512) / 4);

    /* An offset past the end leaves nothing, rather than other memory. */
    if (!t->validation) {
        const uint32_t past[2] = {1 << 20, 2048};
        copier_run(t, &c, set, 2, past);
        assert_int_equal(to[512], 0);
        assert_int_equal(to[513], 0);
    }
    copier_destroy(t, &c);
}

static void test_update_template(void **state)
{
    struct vk_test *t = *state;
    struct copier c = copier_create(t, storage, 0);
    VkDescriptorSet set = vk_descriptor_set(t, c.pool, c.set_layout);
    struct {
        uint64_t unused;
        VkDescriptorBufferInfo infos[2];
    } data = {0, {{c.from.buffer, 512, 64}, {c.to.buffer, 0, VK_WHOLE_SIZE}}};
    VkDescriptorUpdateTemplateEntry entries[2] = {{0, 0, 1, storage, 8, 0},
                                                  {1, 0, 1, storage, 32, 0}};
    VkDescriptorUpdateTemplate template_;
    const uint32_t *to = c.to.map;

    assert_vk(vkCreateDescriptorUpdateTemplate(
        t->device,
        &(VkDescriptorUpdateTemplateCreateInfo){
            VK_STRUCTURE_TYPE_DESCRIPTOR_UPDATE_TEMPLATE_CREATE_INFO, NULL, 0, 2, entries,
            VK_DESCRIPTOR_UPDATE_TEMPLATE_TYPE_DESCRIPTOR_SET, c.set_layout,
            VK_PIPELINE_BIND_POINT_COMPUTE, VK_NULL_HANDLE, 0},
        NULL, &template_));
    vkUpdateDescriptorSetWithTemplate(t->device, set, template_, &data);
    copier_run(t, &c, set, 0, NULL);
    assert_int_equal(to[1], 128);
    vkDestroyDescriptorUpdateTemplate(t->device, template_, NULL);
    copier_destroy(t, &c);
}

static void test_push_descriptors(void **state)
{
    struct vk_test *t = *state;
    struct copier c = copier_create(
        t, storage, VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR);
    PFN_vkCmdPushDescriptorSetKHR push = API_DEVICE_PROC(t->api, vkCmdPushDescriptorSetKHR);
    PFN_vkCmdPushDescriptorSetWithTemplateKHR push_template =
        API_DEVICE_PROC(t->api, vkCmdPushDescriptorSetWithTemplateKHR);
    VkDescriptorBufferInfo infos[2] = {{c.from.buffer, 0, 64}, {c.to.buffer, 0, 256}};
    VkWriteDescriptorSet write = {VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL, VK_NULL_HANDLE, 0,
                                  0, 2, storage, NULL, infos, NULL};
    VkDescriptorUpdateTemplateEntry entry = {1, 0, 1, storage, 0, 0};
    VkDescriptorUpdateTemplate template_;
    const uint32_t *to = c.to.map;
    VkCommandBuffer cmd = vk_begin(t);

    assert_vk(vkCreateDescriptorUpdateTemplate(
        t->device,
        &(VkDescriptorUpdateTemplateCreateInfo){
            VK_STRUCTURE_TYPE_DESCRIPTOR_UPDATE_TEMPLATE_CREATE_INFO, NULL, 0, 1, &entry,
            VK_DESCRIPTOR_UPDATE_TEMPLATE_TYPE_PUSH_DESCRIPTORS_KHR, VK_NULL_HANDLE,
            VK_PIPELINE_BIND_POINT_COMPUTE, c.layout, 0},
        NULL, &template_));
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c.pipeline);
    push(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c.layout, 0, 1, &write);
    vkCmdDispatch(cmd, 1, 1, 1);
    /* Another source, the destination stays; then another destination, the source stays. The
     * dispatches recorded before are not touched. */
    infos[0].offset = 1024;
    write.descriptorCount = 1;
    infos[1].offset = 512;
    push(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c.layout, 0, 1, &write);
    push_template(cmd, template_, c.layout, 0, &infos[1]);
    vkCmdDispatch(cmd, 1, 1, 1);
    infos[1].offset = 1024;
    push_template(cmd, template_, c.layout, 0, &infos[1]);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
    assert_int_equal(to[0], 16);
    assert_int_equal(to[2], 1);
    assert_int_equal(to[128], 16);
    assert_int_equal(to[130], 257);
    assert_int_equal(to[258], 257);
    vkDestroyDescriptorUpdateTemplate(t->device, template_, NULL);
    copier_destroy(t, &c);
}

/* ---- Uniform data of three kinds ---- */

static void test_uniforms(void **state)
{
    struct vk_test *t = *state;
    VkDescriptorSetLayoutBinding bindings[3] = {
        {0, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
        {1, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
        {2, VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK, 8, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
    };
    VkDescriptorSetLayout layouts[2];
    assert_vk(vkCreateDescriptorSetLayout(
        t->device,
        &(VkDescriptorSetLayoutCreateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                           NULL, 0, 3, bindings},
        NULL, &layouts[0]));
    layouts[1] = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 2, layouts, 0);
    VkPipeline pipeline =
        vk_pipeline(t, layout, sum_uniforms_spv, sizeof(sum_uniforms_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 2);
    VkDescriptorSet sets[2] = {vk_descriptor_set(t, pool, layouts[0]),
                               vk_descriptor_set(t, pool, layouts[1])};
    struct api_buffer in = vk_buffer_create(t, 1024), out = vk_buffer_create(t, 64);
    const uint32_t block[2] = {1000, 20000}, offset = 512, *result = out.map;
    uint32_t *words = in.map;

    words[0] = 1;
    words[(256 + 512) / 4] = 50;
    vk_write_buffer(t, sets[0], 0, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, in.buffer, 0, 16);
    vk_write_buffer(t, sets[0], 1, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC, in.buffer, 256, 16);
    vk_write_buffer(t, sets[1], 0, storage, out.buffer, 0, VK_WHOLE_SIZE);
    for (uint32_t i = 0; i < 2; i++) {
        VkWriteDescriptorSetInlineUniformBlock data = {
            VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET_INLINE_UNIFORM_BLOCK, NULL, 4, &block[i]};
        vkUpdateDescriptorSets(
            t->device, 1,
            &(VkWriteDescriptorSet){VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, &data, sets[0], 2,
                                    4 * i,
                                    4, VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK, NULL, NULL, NULL},
            0, NULL);
    }
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 2, sets, 1, &offset);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
    assert_int_equal(*result, 21051);

    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    for (int i = 0; i < 2; i++)
        vkDestroyDescriptorSetLayout(t->device, layouts[i], NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &in);
    vk_buffer_destroy(t, &out);
}

/* ---- An array of variable count, partly bound, updated after it is bound ---- */

static void test_variable_array(void **state)
{
    struct vk_test *t = *state;
    const VkDescriptorBindingFlags flags[2] = {
        0, VK_DESCRIPTOR_BINDING_VARIABLE_DESCRIPTOR_COUNT_BIT |
               VK_DESCRIPTOR_BINDING_PARTIALLY_BOUND_BIT |
               VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT};
    VkDescriptorSetLayoutBindingFlagsCreateInfo binding_flags = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO, NULL, 2, flags};
    VkDescriptorSetLayoutBinding bindings[2] = {
        {0, storage, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL},
        {1, storage, 1000, VK_SHADER_STAGE_COMPUTE_BIT, NULL}};
    VkDescriptorSetLayout set_layout;
    assert_vk(vkCreateDescriptorSetLayout(
        t->device,
        &(VkDescriptorSetLayoutCreateInfo){
            VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, &binding_flags,
            VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT, 2, bindings},
        NULL, &set_layout));
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, sum_array_spv, sizeof(sum_array_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    const uint32_t count = 10;
    VkDescriptorSetVariableDescriptorCountAllocateInfo variable = {
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_VARIABLE_DESCRIPTOR_COUNT_ALLOCATE_INFO, NULL, 1, &count};
    VkDescriptorSet set;
    assert_vk(vkAllocateDescriptorSets(
        t->device,
        &(VkDescriptorSetAllocateInfo){VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, &variable,
                                       pool, 1, &set_layout},
        &set));
    struct api_buffer out = vk_buffer_create(t, 64), in = vk_buffer_create(t, 4096);
    uint32_t *words = out.map, *values = in.map;

    words[0] = 8;
    for (uint32_t i = 0; i < 10; i++)
        values[64 * i] = 1u << i;
    vk_write_buffer(t, set, 0, storage, out.buffer, 0, VK_WHOLE_SIZE);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    VkDescriptorBufferInfo infos[10];
    for (uint32_t i = 0; i < 10; i++)
        infos[i] = (VkDescriptorBufferInfo){in.buffer, 256 * i, 4};
    vkUpdateDescriptorSets(t->device, 1,
                           &(VkWriteDescriptorSet){VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL,
                                                   set, 1, 0, 10, storage, NULL, infos, NULL},
                           0, NULL);
    vk_run(t, cmd);
    assert_int_equal(words[1], 255);

    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &in);
    vk_buffer_destroy(t, &out);
}

static void test_null_and_unbound(void **state)
{
    struct vk_test *t = *state;
    struct copier c = copier_create(t, storage, 0);
    VkDescriptorSet set = vk_descriptor_set(t, c.pool, c.set_layout);
    const uint32_t *to = c.to.map;

    memset(c.to.map, 0xff, 4096);
    vk_write_buffer(t, set, 0, storage, VK_NULL_HANDLE, 0, VK_WHOLE_SIZE);
    vk_write_buffer(t, set, 1, storage, c.to.buffer, 0, VK_WHOLE_SIZE);
    copier_run(t, &c, set, 0, NULL);
    assert_int_equal(to[0], 0);
    assert_int_equal(to[16], 0);
    assert_int_equal(to[17], 0xffffffff);

    /* No set at all: the shader reads null descriptors. */
    if (!t->validation) {
        VkCommandBuffer cmd = vk_begin(t);
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, c.pipeline);
        vkCmdDispatch(cmd, 1, 1, 1);
        vk_test_expect_message(t, "not bound");
        vk_run(t, cmd);
    }
    copier_destroy(t, &c);
}

static void test_wrong_updates(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    VkDescriptorSetLayout layout = vk_set_layout(t, 0, 1, &storage);
    VkDescriptorPool pool = small_pool(t, 1, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, layout);
    struct api_buffer buffer = vk_buffer_create(t, 64);

    vk_write_buffer(t, set, 5, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    vk_test_expect_message(t, "binding 5");
    vk_write_buffer(t, set, 0, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, buffer.buffer, 0, VK_WHOLE_SIZE);
    vk_test_expect_message(t, "binding 0");
    vk_write_buffer(t, set, 0, storage, buffer.buffer, 128, VK_WHOLE_SIZE);
    vk_test_expect_message(t, "offset 128");
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroyDescriptorSetLayout(t->device, layout, NULL);
    vk_buffer_destroy(t, &buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_pool_of_sets),
        VK_TEST_ENTRY(test_pool_memory),
        VK_TEST_ENTRY(test_layout_support),
        VK_TEST_ENTRY(test_ranges),
        VK_TEST_ENTRY(test_copies),
        VK_TEST_ENTRY(test_dynamic_offsets),
        VK_TEST_ENTRY(test_update_template),
        VK_TEST_ENTRY(test_push_descriptors),
        VK_TEST_ENTRY(test_uniforms),
        VK_TEST_ENTRY(test_variable_array),
        VK_TEST_ENTRY(test_null_and_unbound),
        VK_TEST_ENTRY(test_wrong_updates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
