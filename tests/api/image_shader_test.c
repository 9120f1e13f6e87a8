/* SPDX-License-Identifier: MIT
 *
 * Descriptors of images, samplers and texel buffers, by every way that they can be written.
 */
#include <math.h>

#include "vk_test.h"

#include "images.h"
#include "texels.h"

/* A 2 x 2 image whose texels are red, green, blue and white, and what shaders see it through. */
struct world {
    struct vk_image image, stored;
    VkImageView view, stored_view;
    VkSampler sampler;
    struct api_buffer result;
    VkDescriptorPool pool;
};

static const uint8_t colors[4][4] = {
    {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}};

static VkImageView make_view(struct vk_test *t, VkImage image)
{
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = image,
        .viewType = VK_IMAGE_VIEW_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1},
    };
    VkImageView view;

    assert_vk(vkCreateImageView(t->device, &info, NULL, &view));
    return view;
}

static struct world world_create(struct vk_test *t)
{
    VkImageCreateInfo info = {
        .imageType = VK_IMAGE_TYPE_2D,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .extent = {2, 2, 1},
        .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_STORAGE_BIT |
                 VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT,
    };
    VkSamplerCreateInfo sampler_info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .magFilter = VK_FILTER_LINEAR,
        .minFilter = VK_FILTER_LINEAR,
        .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
    };
    VkDescriptorPoolSize sizes[] = {
        {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 4}, {VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE, 4},
        {VK_DESCRIPTOR_TYPE_SAMPLER, 4},                {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 4},
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 4},         {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, 4},
        {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, 4},
    };
    VkDescriptorPoolCreateInfo pool_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .flags = VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT,
        .maxSets = 4,
        .poolSizeCount = sizeof(sizes) / sizeof(sizes[0]),
        .pPoolSizes = sizes,
    };
    struct world w;
    struct api_buffer upload = vk_buffer_create(t, sizeof(colors));

    memcpy(upload.map, colors, sizeof(colors));
    w.image = vk_image_create(t, info);
    w.stored = vk_image_create(t, info);
    w.view = make_view(t, w.image.image);
    w.stored_view = make_view(t, w.stored.image);
    assert_vk(vkCreateSampler(t->device, &sampler_info, NULL, &w.sampler));
    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &w.pool));
    w.result = vk_buffer_create(t, 256);
    VkBufferImageCopy region = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {2, 2, 1},
    };
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, w.image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vk_image_to_general(cmd, w.stored.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, upload.buffer, w.image.image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    vkCmdCopyBufferToImage(cmd, upload.buffer, w.stored.image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    vk_barrier(cmd);
    vk_run(t, cmd);
    vk_buffer_destroy(t, &upload);
    return w;
}

static void world_destroy(struct vk_test *t, struct world *w)
{
    vkDestroyDescriptorPool(t->device, w->pool, NULL);
    vkDestroySampler(t->device, w->sampler, NULL);
    vkDestroyImageView(t->device, w->view, NULL);
    vkDestroyImageView(t->device, w->stored_view, NULL);
    vk_image_destroy(t, &w->image);
    vk_image_destroy(t, &w->stored);
    vk_buffer_destroy(t, &w->result);
}

static void assert_color(const float *color, float r, float g, float b, float a)
{
    const float expected[] = {r, g, b, a};

    for (int i = 0; i < 4; i++)
        assert_true(fabsf(color[i] - expected[i]) < 1e-3f);
}

/* What images.comp finds; the storage image has changed since. */
static void check(struct world *w)
{
    const float *result = w->result.map;

    assert_color(result + 0, 0.5f, 0.5f, 0.5f, 1);
    assert_color(result + 4, 0.5f, 0, 0.5f, 1);
    assert_color(result + 8, 0, 1, 0, 1);
    assert_color(result + 12, 1, 1, 1, 1);
    assert_color(result + 16, 2, 2, 2, 2);
    assert_color(result + 20, 0, 0, 0, 0);
    memset(w->result.map, 0, 256);
}

static const VkDescriptorType types[] = {
    VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE,
    VK_DESCRIPTOR_TYPE_SAMPLER, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE,
    VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};

struct writes {
    VkDescriptorImageInfo images[4];
    VkDescriptorBufferInfo buffer;
    VkWriteDescriptorSet writes[5];
};

static void fill_writes(struct world *w, VkDescriptorSet set, bool immutable, struct writes *out)
{
    VkSampler sampler = immutable ? VK_NULL_HANDLE : w->sampler;

    *out = (struct writes){
        .images = {
            {sampler, w->view, VK_IMAGE_LAYOUT_GENERAL},
            {VK_NULL_HANDLE, w->view, VK_IMAGE_LAYOUT_GENERAL},
            {sampler, VK_NULL_HANDLE, VK_IMAGE_LAYOUT_UNDEFINED},
            {VK_NULL_HANDLE, w->stored_view, VK_IMAGE_LAYOUT_GENERAL},
        },
        .buffer = {w->result.buffer, 0, VK_WHOLE_SIZE},
    };
    for (uint32_t i = 0; i < 5; i++) {
        out->writes[i] = (VkWriteDescriptorSet){
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set,
            .dstBinding = i,
            .descriptorCount = 1,
            .descriptorType = types[i],
            .pImageInfo = i < 4 ? &out->images[i] : NULL,
            .pBufferInfo = i == 4 ? &out->buffer : NULL,
        };
    }
}

static VkDescriptorSetLayout immutable_layout(struct vk_test *t, struct world *w)
{
    VkDescriptorSetLayoutBinding bindings[5];
    VkDescriptorSetLayout layout;

    for (uint32_t i = 0; i < 5; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            i, types[i], 1, VK_SHADER_STAGE_COMPUTE_BIT,
            types[i] == VK_DESCRIPTOR_TYPE_SAMPLER ||
                    types[i] == VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER
                ? &w->sampler
                : NULL};
    VkDescriptorSetLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = 5,
        .pBindings = bindings,
    };
    assert_vk(vkCreateDescriptorSetLayout(t->device, &info, NULL, &layout));
    return layout;
}

static void descriptors_are_read(void **state)
{
    struct vk_test *t = *state;

    for (int immutable = 0; immutable < 2; immutable++) {
        struct world w = world_create(t);
        VkDescriptorSetLayout set_layout =
            immutable ? immutable_layout(t, &w) : vk_set_layout(t, 0, 5, types);
        VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
        VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
        VkDescriptorSet set = vk_descriptor_set(t, w.pool, set_layout);
        struct writes writes;
        fill_writes(&w, set, immutable, &writes);
        /* Nothing of the sampler but its copy in the layout is left. */
        if (immutable && !t->validation) {
            vkDestroySampler(t->device, w.sampler, NULL);
            w.sampler = VK_NULL_HANDLE;
        }
        /* There is nothing to write of the immutable sampler that stands alone. */
        if (immutable)
            writes.writes[2] = writes.writes[4];
        vkUpdateDescriptorSets(t->device, immutable ? 4 : 5, writes.writes, 0, NULL);
        vk_run_pipeline(t, pipeline, layout, set, 1);
        check(&w);
        vkDestroyPipeline(t->device, pipeline, NULL);
        vkDestroyPipelineLayout(t->device, layout, NULL);
        vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
        world_destroy(t, &w);
    }
}

/* Stores are seen by copies, and those past the edge are seen by nobody. */
static void stores_stay_inside(void **state)
{
    struct vk_test *t = *state;
    struct world w = world_create(t);
    struct api_buffer out = vk_buffer_create(t, 16);
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 5, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
    VkDescriptorSet set = vk_descriptor_set(t, w.pool, set_layout);
    VkBufferImageCopy region = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {2, 2, 1},
    };
    struct writes writes;

    fill_writes(&w, set, false, &writes);
    vkUpdateDescriptorSets(t->device, 5, writes.writes, 0, NULL);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
    vkCmdCopyImageToBuffer(cmd, w.stored.image, VK_IMAGE_LAYOUT_GENERAL, out.buffer, 1, &region);
    vk_barrier(cmd);
    vk_run(t, cmd);
    const uint8_t *texels = out.map;
    assert_int_equal(texels[0], 255);
    assert_int_equal(texels[1], 0);
    assert_int_equal(texels[2], 255);
    assert_int_equal(texels[3], 0);
    assert_memory_equal(texels + 4, colors[1], 12);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vk_buffer_destroy(t, &out);
    world_destroy(t, &w);
}

static void pushed_descriptors_are_read(void **state)
{
    struct vk_test *t = *state;
    struct world w = world_create(t);
    VkDescriptorSetLayout set_layout = vk_set_layout(
        t, VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT_KHR, 5, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
    PFN_vkCmdPushDescriptorSetKHR push = API_DEVICE_PROC(t->api, vkCmdPushDescriptorSetKHR);
    struct writes writes;

    fill_writes(&w, VK_NULL_HANDLE, false, &writes);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    push(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 5, writes.writes);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
    vk_run(t, cmd);
    check(&w);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    world_destroy(t, &w);
}

static void templates_and_copies_write_all_kinds(void **state)
{
    struct vk_test *t = *state;
    struct world w = world_create(t);
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 5, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
    VkDescriptorSet sets[] = {vk_descriptor_set(t, w.pool, set_layout),
                              vk_descriptor_set(t, w.pool, set_layout)};
    VkDescriptorUpdateTemplateEntry entries[5];
    VkDescriptorUpdateTemplate template_;
    VkCopyDescriptorSet copies[5];
    struct writes writes;

    fill_writes(&w, sets[0], false, &writes);
    for (uint32_t i = 0; i < 5; i++) {
        entries[i] = (VkDescriptorUpdateTemplateEntry){
            i, 0, 1, types[i],
            i < 4 ? i * sizeof(VkDescriptorImageInfo) : offsetof(struct writes, buffer), 0};
        copies[i] = (VkCopyDescriptorSet){VK_STRUCTURE_TYPE_COPY_DESCRIPTOR_SET, NULL, sets[0], i,
                                          0, sets[1], i, 0, 1};
    }
    VkDescriptorUpdateTemplateCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_UPDATE_TEMPLATE_CREATE_INFO,
        .descriptorUpdateEntryCount = 5,
        .pDescriptorUpdateEntries = entries,
        .templateType = VK_DESCRIPTOR_UPDATE_TEMPLATE_TYPE_DESCRIPTOR_SET,
        .descriptorSetLayout = set_layout,
    };
    assert_vk(vkCreateDescriptorUpdateTemplate(t->device, &info, NULL, &template_));
    vkUpdateDescriptorSetWithTemplate(t->device, sets[0], template_, &writes);
    vkUpdateDescriptorSets(t->device, 0, NULL, 5, copies);
    vk_run_pipeline(t, pipeline, layout, sets[1], 1);
    check(&w);
    vkDestroyDescriptorUpdateTemplate(t->device, template_, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    world_destroy(t, &w);
}

/* Views, sampler and images go at every phase of a job; what the job reads stays. */
static void everything_may_go_while_it_is_read(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    for (int phase = 0; phase < 4; phase++) {
        struct world w = world_create(t);
        VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 5, types);
        VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
        VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
        VkDescriptorSet set = vk_descriptor_set(t, w.pool, set_layout);
        struct writes writes;
        VkFence fence = vk_fence(t, false);
        fill_writes(&w, set, false, &writes);
        vkUpdateDescriptorSets(t->device, 5, writes.writes, 0, NULL);
        VkCommandBuffer cmd = vk_begin(t);
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
        vkCmdDispatch(cmd, 1, 1, 1);
        assert_vk(vkEndCommandBuffer(cmd));
        for (int now = 0; now < 4; now++) {
            if (now == 2)
                vk_submit(t, t->queue, cmd, fence);
            if (now == phase) {
                vkDestroySampler(t->device, w.sampler, NULL);
                vkDestroyImageView(t->device, w.view, NULL);
                vkDestroyImageView(t->device, w.stored_view, NULL);
                w.sampler = VK_NULL_HANDLE;
                w.view = w.stored_view = VK_NULL_HANDLE;
                vkDestroyImage(t->device, w.image.image, NULL);
                vkDestroyImage(t->device, w.stored.image, NULL);
                w.image.image = w.stored.image = VK_NULL_HANDLE;
                /* Memory must be there when the job is submitted, as for buffers. */
                if (now >= 2) {
                    vkFreeMemory(t->device, w.image.memory, NULL);
                    vkFreeMemory(t->device, w.stored.memory, NULL);
                    w.image.memory = w.stored.memory = VK_NULL_HANDLE;
                }
            }
        }
        assert_vk(vkWaitForFences(t->device, 1, &fence, VK_TRUE, UINT64_MAX));
        check(&w);
        vkFreeCommandBuffers(t->device, t->pool, 1, &cmd);
        vkDestroyFence(t->device, fence, NULL);
        vkDestroyPipeline(t->device, pipeline, NULL);
        vkDestroyPipelineLayout(t->device, layout, NULL);
        vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
        world_destroy(t, &w);
    }
}

/* Descriptors that nothing was written to. */
static void null_descriptors_read_as_zeros(void **state)
{
    struct vk_test *t = *state;

    if (t->validation)
        skip();
    struct world w = world_create(t);
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 5, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, images_spv, sizeof(images_spv), NULL);
    VkDescriptorSet set = vk_descriptor_set(t, w.pool, set_layout);
    struct writes writes;

    fill_writes(&w, set, false, &writes);
    writes.images[0].imageView = writes.images[1].imageView = writes.images[3].imageView =
        VK_NULL_HANDLE;
    vkUpdateDescriptorSets(t->device, 5, writes.writes, 0, NULL);
    memset(w.result.map, 0xff, 256);
    vk_run_pipeline(t, pipeline, layout, set, 1);
    for (int i = 0; i < 6; i++)
        assert_color((const float *)w.result.map + 4 * i, 0, 0, 0, 0);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    world_destroy(t, &w);
}

static void texel_buffers_are_read_and_written(void **state)
{
    static const VkDescriptorType texel_types[] = {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
                                                   VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER,
                                                   VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    struct vk_test *t = *state;

    if (t->validation)
        skip(); /* the helper's buffers have no usage for texels */
    struct world w = world_create(t);
    struct api_buffer buffer = vk_buffer_create(t, 1024);
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 3, texel_types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, texels_spv, sizeof(texels_spv), NULL);
    VkDescriptorSet set = vk_descriptor_set(t, w.pool, set_layout);
    VkBufferView views[2];

    for (int i = 0; i < 2; i++) {
        VkBufferViewCreateInfo info = {
            .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
            .buffer = buffer.buffer,
            .format = i ? VK_FORMAT_R32_UINT : VK_FORMAT_R8G8B8A8_UNORM,
            .offset = i ? 512 : 0,
            .range = i ? 64 : 200,
        };
        assert_vk(vkCreateBufferView(t->device, &info, NULL, &views[i]));
        VkWriteDescriptorSet write = {
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set,
            .dstBinding = (uint32_t)i,
            .descriptorCount = 1,
            .descriptorType = texel_types[i],
            .pTexelBufferView = &views[i],
        };
        vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
    }
    vk_write_buffer(t, set, 2, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, w.result.buffer, 0,
                    VK_WHOLE_SIZE);
    memcpy((uint8_t *)buffer.map + 8, colors[2], 4);
    ((uint32_t *)buffer.map)[129] = 40;
    vk_run_pipeline(t, pipeline, layout, set, 1);
    const float *result = w.result.map;
    assert_color(result, 0, 0, 1, 1);
    assert_color(result + 4, 0, 0, 0, 0);
    assert_color(result + 8, 50, 16, 40, 0);
    assert_int_equal(((uint32_t *)buffer.map)[128], 7);
    assert_int_equal(((uint32_t *)buffer.map)[129], 45);
    for (int i = 0; i < 2; i++)
        vkDestroyBufferView(t->device, views[i], NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vk_buffer_destroy(t, &buffer);
    world_destroy(t, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(descriptors_are_read),
        VK_TEST_ENTRY(stores_stay_inside),
        VK_TEST_ENTRY(pushed_descriptors_are_read),
        VK_TEST_ENTRY(templates_and_copies_write_all_kinds),
        VK_TEST_ENTRY(everything_may_go_while_it_is_read),
        VK_TEST_ENTRY(null_descriptors_read_as_zeros),
        VK_TEST_ENTRY(texel_buffers_are_read_and_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
