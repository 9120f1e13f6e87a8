/* SPDX-License-Identifier: MIT
 *
 * Work that the device's memory decides about: generated dispatches, conditions, indirect copies.
 */
#include "vk_test.h"

#include "add_one.h"
#include "push.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

#define SKIP_UNDER_VALIDATION()                                                                    \
    do {                                                                                           \
        if (t->validation)                                                                         \
            skip(); /* the extensions are off */                                                   \
    } while (0)

/* A buffer of 64 words in a set, and a layout with 256 bytes of push constants. */
struct bench {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkDescriptorPool pool;
    VkDescriptorSet set;
    struct api_buffer buffer;
    uint32_t *words;
};

static struct bench bench_create(struct vk_test *t)
{
    struct bench b;

    b.set_layout = vk_set_layout(t, 0, 1, &storage);
    b.layout = vk_pipeline_layout(t, 1, &b.set_layout, 256);
    b.pool = vk_descriptor_pool(t, 1);
    b.set = vk_descriptor_set(t, b.pool, b.set_layout);
    b.buffer = vk_buffer_create(t, 256);
    b.words = b.buffer.map;
    vk_write_buffer(t, b.set, 0, storage, b.buffer.buffer, 0, VK_WHOLE_SIZE);
    return b;
}

static void bench_destroy(struct vk_test *t, struct bench *b)
{
    vkDestroyPipelineLayout(t->device, b->layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, b->set_layout, NULL);
    vkDestroyDescriptorPool(t->device, b->pool, NULL);
    vk_buffer_destroy(t, &b->buffer);
}

static VkCommandBuffer bench_begin(struct vk_test *t, const struct bench *b)
{
    VkCommandBuffer cmd = vk_begin(t);

    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, b->layout, 0, 1, &b->set, 0, NULL);
    return cmd;
}

static VkDeviceAddress address_of(struct vk_test *t, const struct api_buffer *buffer)
{
    VkBufferDeviceAddressInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
                                      .buffer = buffer->buffer};

    return vkGetBufferDeviceAddress(t->device, &info);
}

static VkIndirectCommandsLayoutTokenEXT token(VkIndirectCommandsTokenTypeEXT type, uint32_t offset,
                                              VkIndirectCommandsTokenDataEXT data)
{
    return (VkIndirectCommandsLayoutTokenEXT){VK_STRUCTURE_TYPE_INDIRECT_COMMANDS_LAYOUT_TOKEN_EXT,
                                              NULL, type, data, offset};
}

static VkIndirectCommandsLayoutEXT make_layout(struct vk_test *t, const struct bench *b,
                                               uint32_t stride, uint32_t count,
                                               const VkIndirectCommandsLayoutTokenEXT *tokens)
{
    VkIndirectCommandsLayoutCreateInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_INDIRECT_COMMANDS_LAYOUT_CREATE_INFO_EXT,
        .shaderStages = VK_SHADER_STAGE_COMPUTE_BIT,
        .indirectStride = stride,
        .pipelineLayout = b->layout,
        .tokenCount = count,
        .pTokens = tokens,
    };
    VkIndirectCommandsLayoutEXT layout;

    assert_vk(API_DEVICE_PROC(t->api, vkCreateIndirectCommandsLayoutEXT)(t->device, &info, NULL,
                                                                         &layout));
    return layout;
}

/* Sequences of a push constant and a dispatch: the last one that runs wins, in order or not, so each
 * word is checked for being one of them. */
static void test_push_and_dispatch(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    struct api_buffer commands = vk_buffer_create(t, 4096);
    VkPipeline pipeline = vk_pipeline(t, b.layout, push_spv, sizeof(push_spv), NULL);
    VkIndirectCommandsPushConstantTokenEXT eight = {{VK_SHADER_STAGE_COMPUTE_BIT, 4, 8}};
    VkIndirectCommandsPushConstantTokenEXT number = {{VK_SHADER_STAGE_COMPUTE_BIT, 16, 4}};
    VkIndirectCommandsLayoutTokenEXT tokens[] = {
        token(VK_INDIRECT_COMMANDS_TOKEN_TYPE_PUSH_CONSTANT_EXT, 0,
              (VkIndirectCommandsTokenDataEXT){.pPushConstant = &eight}),
        token(VK_INDIRECT_COMMANDS_TOKEN_TYPE_SEQUENCE_INDEX_EXT, 8,
              (VkIndirectCommandsTokenDataEXT){.pPushConstant = &number}),
        token(VK_INDIRECT_COMMANDS_TOKEN_TYPE_DISPATCH_EXT, 8, (VkIndirectCommandsTokenDataEXT){0}),
    };
    VkIndirectCommandsLayoutEXT layout = make_layout(t, &b, 32, 3, tokens);
    uint32_t *words = commands.map, push[64];

    /* Two sequences, of which the count in memory lets one run. */
    memcpy(words, (uint32_t[]){101, 102, 1, 1, 1}, 20);
    memcpy(words + 8, (uint32_t[]){201, 202, 1, 1, 1}, 20);
    words[512] = 1;
    for (uint32_t i = 0; i < 64; i++)
        push[i] = 1000 + i;
    VkGeneratedCommandsInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_GENERATED_COMMANDS_INFO_EXT,
        .shaderStages = VK_SHADER_STAGE_COMPUTE_BIT,
        .indirectCommandsLayout = layout,
        .indirectAddress = address_of(t, &commands),
        .indirectAddressSize = 64,
        .maxSequenceCount = 2,
        .sequenceCountAddress = address_of(t, &commands) + 2048,
    };
    PFN_vkCmdExecuteGeneratedCommandsEXT execute =
        API_DEVICE_PROC(t->api, vkCmdExecuteGeneratedCommandsEXT);
    VkCommandBuffer cmd = bench_begin(t, &b);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdPushConstants(cmd, b.layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, 256, push);
    execute(cmd, VK_FALSE, &info);
    vk_run(t, cmd);
    assert_int_equal(b.words[0], 1000);
    assert_int_equal(b.words[1], 101);
    assert_int_equal(b.words[2], 102);
    assert_int_equal(b.words[4], 0);
    assert_int_equal(b.words[63], 1063);

    /* Both, one after the other by their numbers of workgroups. */
    words[2] = 0;
    info.sequenceCountAddress = 0;
    cmd = bench_begin(t, &b);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdPushConstants(cmd, b.layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, 256, push);
    execute(cmd, VK_FALSE, &info);
    vk_run(t, cmd);
    assert_int_equal(b.words[1], 201);
    assert_int_equal(b.words[4], 1);

    /* Sequences outside of any buffer are left out. */
    info.indirectAddress = 4096;
    cmd = bench_begin(t, &b);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    execute(cmd, VK_FALSE, &info);
    vk_run(t, cmd);
    vk_test_expect_message(t, "generated dispatches dropped");
    API_DEVICE_PROC(t->api, vkDestroyIndirectCommandsLayoutEXT)(t->device, layout, NULL);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vk_buffer_destroy(t, &commands);
    bench_destroy(t, &b);
}

static void test_execution_set(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    struct api_buffer commands = vk_buffer_create(t, 4096);
    VkPipeline add = vk_pipeline(t, b.layout, add_one_spv, sizeof(add_one_spv), NULL);
    VkPipeline push = vk_pipeline(t, b.layout, push_spv, sizeof(push_spv), NULL);
    VkIndirectExecutionSetPipelineInfoEXT pipelines = {
        .sType = VK_STRUCTURE_TYPE_INDIRECT_EXECUTION_SET_PIPELINE_INFO_EXT,
        .initialPipeline = push, .maxPipelineCount = 2};
    VkIndirectExecutionSetCreateInfoEXT set_info = {
        .sType = VK_STRUCTURE_TYPE_INDIRECT_EXECUTION_SET_CREATE_INFO_EXT,
        .type = VK_INDIRECT_EXECUTION_SET_INFO_TYPE_PIPELINES_EXT,
        .info.pPipelineInfo = &pipelines};
    VkIndirectExecutionSetEXT set;
    assert_vk(API_DEVICE_PROC(t->api, vkCreateIndirectExecutionSetEXT)(t->device, &set_info, NULL,
                                                                       &set));
    VkIndirectCommandsExecutionSetTokenEXT of = {VK_INDIRECT_EXECUTION_SET_INFO_TYPE_PIPELINES_EXT,
                                                 VK_SHADER_STAGE_COMPUTE_BIT};
    VkIndirectCommandsLayoutTokenEXT tokens[] = {
        token(VK_INDIRECT_COMMANDS_TOKEN_TYPE_EXECUTION_SET_EXT, 0,
              (VkIndirectCommandsTokenDataEXT){.pExecutionSet = &of}),
        token(VK_INDIRECT_COMMANDS_TOKEN_TYPE_DISPATCH_EXT, 4, (VkIndirectCommandsTokenDataEXT){0}),
    };
    VkIndirectCommandsLayoutEXT layout = make_layout(t, &b, 16, 2, tokens);
    memcpy(commands.map, (uint32_t[]){1, 1, 1, 1}, 16);
    VkGeneratedCommandsInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_GENERATED_COMMANDS_INFO_EXT,
        .shaderStages = VK_SHADER_STAGE_COMPUTE_BIT,
        .indirectExecutionSet = set, .indirectCommandsLayout = layout,
        .indirectAddress = address_of(t, &commands), .indirectAddressSize = 16,
        .maxSequenceCount = 1};
    b.words[3] = 10;
    VkCommandBuffer cmd = bench_begin(t, &b);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, push);
    API_DEVICE_PROC(t->api, vkCmdExecuteGeneratedCommandsEXT)(cmd, VK_FALSE, &info);
    /* The set's contents count when the commands execute. */
    VkWriteIndirectExecutionSetPipelineEXT write = {
        .sType = VK_STRUCTURE_TYPE_WRITE_INDIRECT_EXECUTION_SET_PIPELINE_EXT,
        .index = 1, .pipeline = add};
    API_DEVICE_PROC(t->api, vkUpdateIndirectExecutionSetPipelineEXT)(t->device, set, 1, &write);
    vkDestroyPipeline(t->device, add, NULL);
    vkDestroyPipeline(t->device, push, NULL);
    API_DEVICE_PROC(t->api, vkDestroyIndirectExecutionSetEXT)(t->device, set, NULL);
    vk_run(t, cmd);
    assert_int_equal(b.words[3], 11);
    assert_int_equal(b.words[63], 1);
    API_DEVICE_PROC(t->api, vkDestroyIndirectCommandsLayoutEXT)(t->device, layout, NULL);
    vk_buffer_destroy(t, &commands);
    bench_destroy(t, &b);
}

static void test_conditions(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct bench b = bench_create(t);
    struct api_buffer conditions = vk_buffer_create(t, 64);
    VkPipeline pipeline = vk_pipeline(t, b.layout, add_one_spv, sizeof(add_one_spv), NULL);
    PFN_vkCmdBeginConditionalRenderingEXT begin =
        API_DEVICE_PROC(t->api, vkCmdBeginConditionalRenderingEXT);
    PFN_vkCmdEndConditionalRenderingEXT end =
        API_DEVICE_PROC(t->api, vkCmdEndConditionalRenderingEXT);

    ((uint32_t *)conditions.map)[1] = 0x80000000;
    /* offset, inverted, runs */
    static const uint32_t cases[][3] = {{0, 0, 0}, {4, 0, 1}, {0, 1, 1}, {4, 1, 0}};
    for (size_t i = 0; i < 4; i++) {
        VkConditionalRenderingBeginInfoEXT info = {
            .sType = VK_STRUCTURE_TYPE_CONDITIONAL_RENDERING_BEGIN_INFO_EXT,
            .buffer = conditions.buffer, .offset = cases[i][0],
            .flags = cases[i][1] ? VK_CONDITIONAL_RENDERING_INVERTED_BIT_EXT : 0};
        VkCommandBuffer cmd = bench_begin(t, &b);
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
        vkCmdFillBuffer(cmd, b.buffer.buffer, 0, VK_WHOLE_SIZE, 0);
        vk_barrier(cmd);
        begin(cmd, &info);
        vkCmdDispatch(cmd, 1, 1, 1);
        end(cmd);
        vk_barrier(cmd);
        /* Behind the end everything runs. */
        vkCmdDispatch(cmd, 1, 1, 1);
        vk_run(t, cmd);
        assert_int_equal(b.words[0], 1 + cases[i][2]);
    }
    vkDestroyPipeline(t->device, pipeline, NULL);
    vk_buffer_destroy(t, &conditions);
    bench_destroy(t, &b);
}

static void test_indirect_copies(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct api_buffer commands = vk_buffer_create(t, 4096), data = vk_buffer_create(t, 4096);
    PFN_vkCmdCopyMemoryIndirectKHR copy = API_DEVICE_PROC(t->api, vkCmdCopyMemoryIndirectKHR);
    VkCopyMemoryIndirectCommandKHR *list = commands.map;
    VkDeviceAddress at = address_of(t, &data);

    for (uint32_t i = 0; i < 512; i++)
        ((uint32_t *)data.map)[i] = i;
    list[0] = (VkCopyMemoryIndirectCommandKHR){at, at + 2048, 400};
    list[1] = (VkCopyMemoryIndirectCommandKHR){at + 1000, at + 3000, 96};
    list[2] = (VkCopyMemoryIndirectCommandKHR){at, 12345, 96}; /* nowhere */
    VkCopyMemoryIndirectInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_COPY_MEMORY_INDIRECT_INFO_KHR, .copyCount = 2,
        .copyAddressRange = {address_of(t, &commands), 3 * sizeof(*list), sizeof(*list)}};
    VkCommandBuffer cmd = vk_begin(t);
    copy(cmd, &info);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal((char *)data.map + 2048, data.map, 400);
    assert_memory_equal((char *)data.map + 3000, (char *)data.map + 1000, 96);
    info.copyCount = 3;
    cmd = vk_begin(t);
    copy(cmd, &info);
    vk_run(t, cmd);
    vk_test_expect_message(t, "indirect copy dropped");
    vk_buffer_destroy(t, &commands);
    vk_buffer_destroy(t, &data);
}

/* Two copies, to a volume and to compressed layers; then such as do not fit. */
static void test_indirect_image_copies(void **state)
{
    static const struct {
        int32_t offset[3];
        uint32_t extent[3], row_length, image_height;
    } wrong[] = {
        {{-1, 0, 0}, {4, 4, 1}, 0, 0}, {{0, 0, 1}, {4, 4, 2}, 0, 0},
        {{0, 0, 0}, {9, 4, 1}, 0, 0},  {{0, 0, 0}, {4, 4, 1}, 3, 0},
        {{0, 0, 0}, {4, 4, 1}, 0, 3},  {{INT32_MAX, 0, 0}, {UINT32_MAX, 4, 1}, 0, 0},
        {{0, 0, 0}, {8, 4, 2}, UINT32_MAX, UINT32_MAX},
    };
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct api_buffer commands = vk_buffer_create(t, 4096), data = vk_buffer_create(t, 4096);
    struct api_buffer back = vk_buffer_create(t, 4096);
    PFN_vkCmdCopyMemoryToImageIndirectKHR copy =
        API_DEVICE_PROC(t->api, vkCmdCopyMemoryToImageIndirectKHR);
    VkCopyMemoryToImageIndirectCommandKHR *list = commands.map;
    VkDeviceAddress at = address_of(t, &data);
    VkImageUsageFlags usage = VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    VkImageCreateInfo volume_info = {.imageType = VK_IMAGE_TYPE_3D, .format = VK_FORMAT_R32_UINT,
                                     .extent = {8, 4, 2}, .usage = usage};
    VkImageCreateInfo layers_info = {.imageType = VK_IMAGE_TYPE_2D,
                                     .format = VK_FORMAT_BC1_RGB_UNORM_BLOCK,
                                     .extent = {18, 10, 1}, .mipLevels = 2, .arrayLayers = 3,
                                     .usage = usage};
    struct vk_image volume = vk_image_create(t, volume_info);
    struct vk_image layers = vk_image_create(t, layers_info);
    VkImageSubresourceLayers all = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    VkImageSubresourceLayers two = {VK_IMAGE_ASPECT_COLOR_BIT, 1, 1, 2};

    memset(volume.map, 0, volume.size_B);
    memset(layers.map, 0, layers.size_B);
    for (uint32_t i = 0; i < 1024; i++)
        ((uint32_t *)data.map)[i] = i + 1;
    /* Rows of 5 texels, slices of 3 rows. */
    list[0] = (VkCopyMemoryToImageIndirectCommandKHR){at + 8, 5, 3, all, {2, 1, 0}, {4, 2, 2}};
    /* Of 9 x 5 texels, 3 x 2 blocks, all but the first column; two layers, whatever depth says. */
    list[1] = (VkCopyMemoryToImageIndirectCommandKHR){at, 0, 0, two, {4, 0, 0}, {5, 5, 1}};
    VkCopyMemoryToImageIndirectInfoKHR info = {
        .sType = VK_STRUCTURE_TYPE_COPY_MEMORY_TO_IMAGE_INDIRECT_INFO_KHR, .copyCount = 1,
        .copyAddressRange = {address_of(t, &commands), 2 * sizeof(*list), sizeof(*list)},
        .dstImage = volume.image, .dstImageLayout = VK_IMAGE_LAYOUT_GENERAL,
        .pImageSubresources = &all};
    VkCommandBuffer cmd = vk_begin(t);
    copy(cmd, &info);
    info.copyAddressRange.address += sizeof(*list);
    info.dstImage = layers.image;
    info.pImageSubresources = &two;
    copy(cmd, &info);
    vk_barrier(cmd);
    VkBufferImageCopy whole = {.imageSubresource = all, .imageExtent = {8, 4, 2}};
    VkBufferImageCopy blocks = {.bufferOffset = 1024, .imageSubresource = two,
                                .imageExtent = {9, 5, 1}};
    vkCmdCopyImageToBuffer(cmd, volume.image, VK_IMAGE_LAYOUT_GENERAL, back.buffer, 1, &whole);
    vkCmdCopyImageToBuffer(cmd, layers.image, VK_IMAGE_LAYOUT_GENERAL, back.buffer, 1, &blocks);
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t x = i % 8 - 2, y = i / 8 % 4 - 1, z = i / 32;
        assert_int_equal(((uint32_t *)back.map)[i],
                         x < 4 && y < 2 ? 3 + x + 5 * y + 15 * z : 0);
    }
    for (uint32_t i = 0; i < 12; i++) { /* blocks of two words */
        uint32_t column = i % 3, block = column - 1 + 2 * (i / 3);
        assert_int_equal(((uint32_t *)back.map)[256 + 2 * i], column ? 2 * block + 1 : 0);
    }

    info = (VkCopyMemoryToImageIndirectInfoKHR){
        .sType = VK_STRUCTURE_TYPE_COPY_MEMORY_TO_IMAGE_INDIRECT_INFO_KHR, .copyCount = 1,
        .copyAddressRange = {address_of(t, &commands), sizeof(*list), sizeof(*list)},
        .dstImage = volume.image, .dstImageLayout = VK_IMAGE_LAYOUT_GENERAL,
        .pImageSubresources = &all};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        list[0] = (VkCopyMemoryToImageIndirectCommandKHR){
            .srcAddress = at, .bufferRowLength = wrong[i].row_length,
            .bufferImageHeight = wrong[i].image_height, .imageSubresource = all};
        memcpy(&list[0].imageOffset, wrong[i].offset, sizeof(wrong[i].offset));
        memcpy(&list[0].imageExtent, wrong[i].extent, sizeof(wrong[i].extent));
        cmd = vk_begin(t);
        copy(cmd, &info);
        vk_run(t, cmd);
        vk_test_expect_message(t, "copy dropped");
    }
    vk_image_destroy(t, &volume);
    vk_image_destroy(t, &layers);
    vk_buffer_destroy(t, &commands);
    vk_buffer_destroy(t, &data);
    vk_buffer_destroy(t, &back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_push_and_dispatch), VK_TEST_ENTRY(test_execution_set),
        VK_TEST_ENTRY(test_conditions),        VK_TEST_ENTRY(test_indirect_copies),
        VK_TEST_ENTRY(test_indirect_image_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
