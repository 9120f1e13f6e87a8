/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_device_address_commands: what commands do at addresses, and what becomes of wrong ones. Views of
 * one layer that shaders take for the other kind (VK_KHR_maintenance11).
 */
#include "vk_test.h"

#include "add_one.h"
#include "arrayed.h"

#define SKIP_UNDER_VALIDATION()                                                                    \
    do {                                                                                           \
        if (t->validation)                                                                         \
            skip(); /* the extensions are off */                                                   \
    } while (0)

static VkDeviceAddress address_of(struct vk_test *t, const struct api_buffer *buffer)
{
    VkBufferDeviceAddressInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
                                      .buffer = buffer->buffer};

    return vkGetBufferDeviceAddress(t->device, &info);
}

static void copy(struct vk_test *t, VkCommandBuffer cmd, VkDeviceAddressRangeKHR src,
                 VkDeviceAddressRangeKHR dst)
{
    VkDeviceMemoryCopyKHR region = {.sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_COPY_KHR,
                                    .srcRange = src, .dstRange = dst};
    VkCopyDeviceMemoryInfoKHR info = {.sType = VK_STRUCTURE_TYPE_COPY_DEVICE_MEMORY_INFO_KHR,
                                      .regionCount = 1, .pRegions = &region};

    API_DEVICE_PROC(t->api, vkCmdCopyMemoryKHR)(cmd, &info);
}

/* A barrier over a range of memory. */
static void range_barrier(VkCommandBuffer cmd, VkDeviceAddressRangeKHR range)
{
    VkMemoryRangeBarrierKHR barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_RANGE_BARRIER_KHR,
        .srcStageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT,
        .srcAccessMask = VK_ACCESS_2_MEMORY_WRITE_BIT,
        .dstStageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT,
        .dstAccessMask = VK_ACCESS_2_MEMORY_READ_BIT | VK_ACCESS_2_MEMORY_WRITE_BIT,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .addressRange = range};
    VkMemoryRangeBarriersInfoKHR barriers = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_RANGE_BARRIERS_INFO_KHR,
        .memoryRangeBarrierCount = 1, .pMemoryRangeBarriers = &barrier};
    VkDependencyInfo info = {.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO, .pNext = &barriers};

    vkCmdPipelineBarrier2(cmd, &info);
}

static void test_memory(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    const uint32_t size_B = 1 << 22, part_B = 1 << 20;
    struct api_buffer buffer = vk_buffer_create(t, size_B);
    PFN_vkCmdFillMemoryKHR fill = API_DEVICE_PROC(t->api, vkCmdFillMemoryKHR);
    PFN_vkCmdUpdateMemoryKHR update = API_DEVICE_PROC(t->api, vkCmdUpdateMemoryKHR);
    VkDeviceAddress at = address_of(t, &buffer);
    const uint32_t words[] = {7, 8, 9, 10}, *map = buffer.map;
    VkCommandBuffer cmd = vk_begin(t);

    /* Each reads what the one before wrote. */
    fill(cmd, &(VkDeviceAddressRangeKHR){at, part_B}, 0, 0x01020304);
    range_barrier(cmd, (VkDeviceAddressRangeKHR){at, part_B});
    update(cmd, &(VkDeviceAddressRangeKHR){at + 16, 64}, 0, sizeof(words), words);
    range_barrier(cmd, (VkDeviceAddressRangeKHR){at, part_B});
    copy(t, cmd, (VkDeviceAddressRangeKHR){at, part_B},
         (VkDeviceAddressRangeKHR){at + part_B, part_B});
    range_barrier(cmd, (VkDeviceAddressRangeKHR){at, size_B});
    copy(t, cmd, (VkDeviceAddressRangeKHR){at + part_B, part_B},
         (VkDeviceAddressRangeKHR){at + 2 * part_B, 2 * part_B});
    vk_barrier(cmd);
    vk_run(t, cmd);
    for (uint32_t k = 0; k < 3; k++) {
        const uint32_t *part = map + k * (part_B / 4);
        assert_int_equal(part[3], 0x01020304);
        assert_memory_equal(part + 4, words, sizeof(words));
        assert_int_equal(part[8], 0x01020304);
        assert_int_equal(part[part_B / 4 - 1], 0x01020304);
    }
    assert_int_equal(map[3 * (part_B / 4)], 0);
    vk_buffer_destroy(t, &buffer);
}

/* Nothing happens where there is no memory or a range is too small, but a message. */
static void test_wrong_addresses(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct api_buffer buffer = vk_buffer_create(t, 256);
    PFN_vkCmdFillMemoryKHR fill = API_DEVICE_PROC(t->api, vkCmdFillMemoryKHR);
    VkDeviceAddress at = address_of(t, &buffer);
    VkCommandBuffer cmd = vk_begin(t);

    copy(t, cmd, (VkDeviceAddressRangeKHR){at, 64}, (VkDeviceAddressRangeKHR){at + 64, 32});
    vk_test_expect_message(t, "vkCmdCopyMemoryKHR");
    fill(cmd, &(VkDeviceAddressRangeKHR){at + 2, 64}, 0, 1);
    vk_test_expect_message(t, "vkCmdFillMemoryKHR");
    API_DEVICE_PROC(t->api, vkCmdDispatchIndirect2KHR)(
        cmd, &(VkDispatchIndirect2InfoKHR){
                 .sType = VK_STRUCTURE_TYPE_DISPATCH_INDIRECT_2_INFO_KHR, .addressRange = {at, 8}});
    vk_test_expect_message(t, "vkCmdDispatchIndirect2KHR");
    vk_run(t, cmd);
    cmd = vk_begin(t);
    fill(cmd, &(VkDeviceAddressRangeKHR){4096, 64}, 0, 1);
    vk_run(t, cmd);
    vk_test_expect_message(t, "fill dropped");
    vk_buffer_destroy(t, &buffer);
}

static void test_dispatch(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    struct api_buffer buffer = vk_buffer_create(t, 256), counts = vk_buffer_create(t, 64);
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, add_one_spv, sizeof(add_one_spv), NULL);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    VkDeviceAddress at = address_of(t, &counts);
    VkDispatchIndirect2InfoKHR info = {.sType = VK_STRUCTURE_TYPE_DISPATCH_INDIRECT_2_INFO_KHR,
                                       .addressRange = {at + 8, 12}};
    VkConditionalRenderingBeginInfo2EXT condition = {
        .sType = VK_STRUCTURE_TYPE_CONDITIONAL_RENDERING_BEGIN_INFO_2_EXT,
        .addressRange = {at + 24, 4}};

    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    memcpy((char *)counts.map + 8, (const uint32_t[]){1, 1, 1}, 12);
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    API_DEVICE_PROC(t->api, vkCmdDispatchIndirect2KHR)(cmd, &info);
    vk_barrier(cmd);
    /* The word there is zero: left out. */
    API_DEVICE_PROC(t->api, vkCmdBeginConditionalRendering2EXT)(cmd, &condition);
    API_DEVICE_PROC(t->api, vkCmdDispatchIndirect2KHR)(cmd, &info);
    API_DEVICE_PROC(t->api, vkCmdEndConditionalRenderingEXT)(cmd);
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_int_equal(((uint32_t *)buffer.map)[0], 1);
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
    vk_buffer_destroy(t, &counts);
}

static void test_queries(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    struct api_buffer results = vk_buffer_create(t, 64);
    PFN_vkCmdCopyQueryPoolResultsToMemoryKHR copy_results =
        API_DEVICE_PROC(t->api, vkCmdCopyQueryPoolResultsToMemoryKHR);
    VkDeviceAddress at = address_of(t, &results);
    VkQueryPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                  .queryType = VK_QUERY_TYPE_TIMESTAMP, .queryCount = 2};
    VkQueryResultFlags flags = VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WITH_AVAILABILITY_BIT;
    const uint64_t *map = results.map;
    uint64_t value;
    VkQueryPool pool;

    assert_vk(vkCreateQueryPool(t->device, &info, NULL, &pool));
    VkCommandBuffer cmd = vk_begin(t);
    vkCmdResetQueryPool(cmd, pool, 0, 2);
    vkCmdWriteTimestamp(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, pool, 0);
    copy_results(cmd, pool, 0, 2, &(VkStridedDeviceAddressRangeKHR){at + 8, 40, 24}, 0, flags);
    copy_results(cmd, pool, 0, 2, &(VkStridedDeviceAddressRangeKHR){at, 39, 24}, 0, flags);
    vk_test_expect_message(t, "vkCmdCopyQueryPoolResultsToMemoryKHR");
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_vk(vkGetQueryPoolResults(t->device, pool, 0, 1, 8, &value, 8, VK_QUERY_RESULT_64_BIT));
    assert_true(value);
    assert_memory_equal(map, ((const uint64_t[]){0, value, 1, 0, 0, 0, 0}), 56);
    vkDestroyQueryPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &results);
}

/* ---- Images ---- */

static struct vk_image small_image(struct vk_test *t)
{
    VkImageCreateInfo info = {
        .imageType = VK_IMAGE_TYPE_2D, .format = VK_FORMAT_R8G8B8A8_UNORM, .extent = {2, 2, 1},
        .usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_STORAGE_BIT |
                 VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT};

    return vk_image_create(t, info);
}

static const uint8_t colors[4][4] = {
    {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}};

/* From memory into the image, its rows 3 texels apart, or back. */
static VkCopyDeviceMemoryImageInfoKHR image_copy(VkImage image, VkDeviceAddressRangeKHR range,
                                                 VkDeviceMemoryImageCopyKHR *region)
{
    *region = (VkDeviceMemoryImageCopyKHR){
        .sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_IMAGE_COPY_KHR, .addressRange = range,
        .addressRowLength = 3, .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageLayout = VK_IMAGE_LAYOUT_GENERAL, .imageExtent = {2, 2, 1}};
    return (VkCopyDeviceMemoryImageInfoKHR){
        .sType = VK_STRUCTURE_TYPE_COPY_DEVICE_MEMORY_IMAGE_INFO_KHR, .image = image,
        .regionCount = 1, .pRegions = region};
}

static void test_images(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    PFN_vkCmdCopyMemoryToImageKHR to_image = API_DEVICE_PROC(t->api, vkCmdCopyMemoryToImageKHR);
    PFN_vkCmdCopyImageToMemoryKHR to_memory = API_DEVICE_PROC(t->api, vkCmdCopyImageToMemoryKHR);
    struct vk_image image = small_image(t);
    struct api_buffer buffer = vk_buffer_create(t, 128);
    VkDeviceAddress at = address_of(t, &buffer);
    VkDeviceMemoryImageCopyKHR in, out, small;
    uint8_t *map = buffer.map;

    memcpy(map, colors[0], 8);
    memcpy(map + 12, colors[2], 8);
    VkCopyDeviceMemoryImageInfoKHR in_info =
        image_copy(image.image, (VkDeviceAddressRangeKHR){at, 20}, &in);
    VkCopyDeviceMemoryImageInfoKHR out_info =
        image_copy(image.image, (VkDeviceAddressRangeKHR){at + 64, 20}, &out);
    VkCopyDeviceMemoryImageInfoKHR small_info =
        image_copy(image.image, (VkDeviceAddressRangeKHR){at + 64, 19}, &small);
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    to_image(cmd, &in_info);
    vk_barrier(cmd);
    to_memory(cmd, &out_info);
    to_memory(cmd, &small_info);
    vk_test_expect_message(t, "vkCmdCopyImageToMemoryKHR");
    vk_barrier(cmd);
    vk_run(t, cmd);
    assert_memory_equal(map + 64, colors[0], 8);
    assert_memory_equal(map + 76, colors[2], 8);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &buffer);
}

static VkImageView view_of(struct vk_test *t, VkImage image, VkImageViewType type)
{
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO, .image = image, .viewType = type,
        .format = VK_FORMAT_R8G8B8A8_UNORM,
        .subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
    VkImageView view;

    assert_vk(vkCreateImageView(t->device, &info, NULL, &view));
    return view;
}

static void test_layers(void **state)
{
    struct vk_test *t = *state;

    SKIP_UNDER_VALIDATION();
    static const VkDescriptorType types[] = {
        VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
        VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    struct vk_image image = small_image(t);
    struct api_buffer upload = vk_buffer_create(t, sizeof(colors)), result = vk_buffer_create(t, 80);
    VkImageView single = view_of(t, image.image, VK_IMAGE_VIEW_TYPE_2D);
    VkImageView array = view_of(t, image.image, VK_IMAGE_VIEW_TYPE_2D_ARRAY);
    VkSamplerCreateInfo sampler_info = {.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 2},
                                    {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 1},
                                    {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1}};
    VkDescriptorPoolCreateInfo pool_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, .maxSets = 1, .poolSizeCount = 3,
        .pPoolSizes = sizes};
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 4, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkPipeline pipeline = vk_pipeline(t, layout, arrayed_spv, sizeof(arrayed_spv), NULL);
    VkDescriptorPool pool;
    VkSampler sampler;

    assert_vk(vkCreateSampler(t->device, &sampler_info, NULL, &sampler));
    assert_vk(vkCreateDescriptorPool(t->device, &pool_info, NULL, &pool));
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    VkDescriptorImageInfo infos[] = {{sampler, array, VK_IMAGE_LAYOUT_GENERAL},
                                     {sampler, single, VK_IMAGE_LAYOUT_GENERAL},
                                     {VK_NULL_HANDLE, single, VK_IMAGE_LAYOUT_GENERAL}};
    for (uint32_t i = 0; i < 3; i++) {
        VkWriteDescriptorSet write = {
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstSet = set, .dstBinding = i,
            .descriptorCount = 1, .descriptorType = types[i], .pImageInfo = &infos[i]};
        vkUpdateDescriptorSets(t->device, 1, &write, 0, NULL);
    }
    vk_write_buffer(t, set, 3, types[3], result.buffer, 0, VK_WHOLE_SIZE);
    memcpy(upload.map, colors, sizeof(colors));
    VkBufferImageCopy region = {.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
                                .imageExtent = {2, 2, 1}};
    VkCommandBuffer cmd = vk_begin(t);
    vk_image_to_general(cmd, image.image, VK_IMAGE_ASPECT_COLOR_BIT);
    vkCmdCopyBufferToImage(cmd, upload.buffer, image.image, VK_IMAGE_LAYOUT_GENERAL, 1, &region);
    vk_barrier(cmd);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_barrier(cmd);
    vk_run(t, cmd);
    static const float expected[5][4] = {
        {0, 1, 0, 1}, {0, 0, 1, 1}, {0, 0, 1, 1}, {1, 1, 1, 1}, {2, 2, 1, 1}};
    assert_memory_equal(result.map, expected, sizeof(expected));
    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vkDestroySampler(t->device, sampler, NULL);
    vkDestroyImageView(t->device, single, NULL);
    vkDestroyImageView(t->device, array, NULL);
    vk_image_destroy(t, &image);
    vk_buffer_destroy(t, &upload);
    vk_buffer_destroy(t, &result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VK_TEST_ENTRY(test_memory),   VK_TEST_ENTRY(test_wrong_addresses),
        VK_TEST_ENTRY(test_dispatch), VK_TEST_ENTRY(test_queries),
        VK_TEST_ENTRY(test_images),   VK_TEST_ENTRY(test_layers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
