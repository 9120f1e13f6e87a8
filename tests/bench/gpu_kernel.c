/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include <errno.h>
#include <stdlib.h>

static bool create_buffer(struct gpu *gpu, size_t size_B, struct gpu_buffer *buffer)
{
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size_B,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                 VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                 VK_BUFFER_USAGE_TRANSFER_SRC_BIT};
    TRY(vkCreateBuffer(gpu->device, &info, NULL, &buffer->buffer));
    VkMemoryRequirements needs;
    vkGetBufferMemoryRequirements(gpu->device, buffer->buffer, &needs);
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .allocationSize = needs.size,
                                     .memoryTypeIndex = gpu->memory_type};
    TRY(vkAllocateMemory(gpu->device, &allocate, NULL, &buffer->memory));
    TRY(vkBindBufferMemory(gpu->device, buffer->buffer, buffer->memory, 0));
    TRY(vkMapMemory(gpu->device, buffer->memory, 0, VK_WHOLE_SIZE, 0, &buffer->map));
    return true;
}

static bool load_module(struct gpu *gpu, const char *shader, VkShaderModule *module)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.spv", gpu->spirv_dir, shader);
    FILE *file = fopen(path, "rb");
    uint32_t *words = malloc(1 << 20);
    size_t size_B = file && words ? fread(words, 1, 1 << 20, file) : 0;
    if (size_B == 0)
        snprintf(gpu->target->why, sizeof(gpu->target->why), "%.200s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = size_B, .pCode = words};
    VkResult result = size_B ? vkCreateShaderModule(gpu->device, &info, NULL, module)
                             : VK_ERROR_INITIALIZATION_FAILED;
    free(words);
    if (result != VK_SUCCESS && size_B)
        snprintf(gpu->target->why, sizeof(gpu->target->why), "vkCreateShaderModule: %d", result);
    return result == VK_SUCCESS;
}

bool gpu_create_pipeline(struct gpu *gpu, unsigned number, const uint32_t *unique)
{
    const struct bench_step *row = &gpu->target->kernel->steps[number];
    struct gpu_step *step = &gpu->steps[number];
    VkSpecializationMapEntry entries[BENCH_SPECS];
    uint32_t values[BENCH_SPECS], count = 0;
    for (uint32_t id = 0; id < BENCH_SPECS; id++) {
        bool replaced = id == 0 && unique;
        if (!replaced && row->spec[id] == 0)
            continue;
        entries[count] = (VkSpecializationMapEntry){id, count * 4, 4};
        values[count++] = replaced ? *unique : row->spec[id];
    }
    VkSpecializationInfo constants = {
        .mapEntryCount = count, .pMapEntries = entries, .dataSize = count * 4, .pData = values};
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = step->module,
                  .pName = "main",
                  .pSpecializationInfo = count ? &constants : NULL},
        .layout = step->layout};
    TRY(vkCreateComputePipelines(gpu->device, VK_NULL_HANDLE, 1, &info, NULL, &step->pipeline));
    return true;
}

/* A letter of a row's `bind`. */
static unsigned bound_buffer(char letter)
{
    return letter >= 'A' ? (unsigned)(letter - 'A') : (unsigned)(letter - '0');
}

static VkDescriptorType bound_type(char letter)
{
    if (gpu_bound_image(letter) >= 0)
        return gpu_bound_image_type(letter);
    return letter >= 'A' ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

static bool create_step(struct gpu *gpu, unsigned number)
{
    const struct bench_step *row = &gpu->target->kernel->steps[number];
    struct gpu_step *step = &gpu->steps[number];
    if (!load_module(gpu, row->shader, &step->module))
        return false;
    uint32_t binding_count = (uint32_t)strlen(row->bind);
    VkDescriptorSetLayoutBinding bindings[BENCH_BUFFERS];
    for (uint32_t i = 0; i < binding_count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){.binding = i,
                                                     .descriptorType = bound_type(row->bind[i]),
                                                     .descriptorCount = 1,
                                                     .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
    VkDescriptorSetLayoutCreateInfo set_info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = binding_count,
        .pBindings = bindings};
    TRY(vkCreateDescriptorSetLayout(gpu->device, &set_info, NULL, &step->set_layout));
    VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
                                 .size = 4 * BENCH_PUSH_WORDS};
    VkPipelineLayoutCreateInfo layout = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                         .setLayoutCount = 1,
                                         .pSetLayouts = &step->set_layout,
                                         .pushConstantRangeCount = 1,
                                         .pPushConstantRanges = &range};
    TRY(vkCreatePipelineLayout(gpu->device, &layout, NULL, &step->layout));
    if (gpu->target->kernel->how <= BENCH_SUBMIT && !gpu_create_pipeline(gpu, number, NULL))
        return false;

    VkDescriptorSetAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                            .descriptorPool = gpu->sets,
                                            .descriptorSetCount = 1,
                                            .pSetLayouts = &step->set_layout};
    TRY(vkAllocateDescriptorSets(gpu->device, &allocate, &step->set));
    for (uint32_t i = 0; i < binding_count; i++) {
        if (gpu_bound_image(row->bind[i]) >= 0) {
            if (!gpu_write_image(gpu, row, step, i))
                return false;
            continue;
        }
        VkDescriptorBufferInfo buffer = {.buffer = gpu->buffers[bound_buffer(row->bind[i])].buffer,
                                         .range = VK_WHOLE_SIZE};
        VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                      .dstSet = step->set,
                                      .dstBinding = i,
                                      .descriptorCount = 1,
                                      .descriptorType = bound_type(row->bind[i]),
                                      .pBufferInfo = &buffer};
        vkUpdateDescriptorSets(gpu->device, 1, &write, 0, NULL);
    }
    return true;
}

static bool used(const struct bench_step *row)
{
    return row->shader || row->bind;
}

bool gpu_open(struct gpu *gpu, const struct bench_kernel *kernel)
{
    gpu->target->kernel = kernel;
    VkDescriptorPoolSize sizes[] = {
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, BENCH_STEPS * BENCH_BUFFERS},
        {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, BENCH_STEPS * BENCH_BUFFERS},
        {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, BENCH_STEPS * BENCH_BUFFERS},
        {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, BENCH_STEPS * BENCH_BUFFERS}};
    VkDescriptorPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                       .maxSets = BENCH_STEPS,
                                       .poolSizeCount = sizeof(sizes) / sizeof(sizes[0]),
                                       .pPoolSizes = sizes};
    TRY(vkCreateDescriptorPool(gpu->device, &pool, NULL, &gpu->sets));
    for (unsigned i = 0; i < BENCH_BUFFERS && kernel->buffer_B[i]; i++) {
        if (!create_buffer(gpu, kernel->buffer_B[i], &gpu->buffers[i]))
            return false;
        gpu->target->maps[i] = gpu->buffers[i].map;
    }
    if (!gpu_create_images(gpu))
        return false;
    for (unsigned i = 0; i < BENCH_STEPS && used(&kernel->steps[i]); i++)
        if (kernel->steps[i].shader && !create_step(gpu, i))
            return false;
    return true;
}

void gpu_close(struct gpu *gpu)
{
    for (unsigned i = 0; i < BENCH_STEPS; i++) {
        struct gpu_step *step = &gpu->steps[i];
        for (unsigned binding = 0; binding < BENCH_BUFFERS; binding++)
            vkDestroyImageView(gpu->device, step->views[binding], NULL);
        vkDestroyPipeline(gpu->device, step->pipeline, NULL);
        vkDestroyPipelineLayout(gpu->device, step->layout, NULL);
        vkDestroyDescriptorSetLayout(gpu->device, step->set_layout, NULL);
        vkDestroyShaderModule(gpu->device, step->module, NULL);
    }
    gpu_destroy_images(gpu);
    for (unsigned i = 0; i < BENCH_BUFFERS; i++) {
        vkDestroyBuffer(gpu->device, gpu->buffers[i].buffer, NULL);
        vkFreeMemory(gpu->device, gpu->buffers[i].memory, NULL);
    }
    vkDestroyDescriptorPool(gpu->device, gpu->sets, NULL);
    gpu->target->kernel = NULL;
    gpu->sets = VK_NULL_HANDLE;
    memset(gpu->steps, 0, sizeof(gpu->steps));
    memset(gpu->buffers, 0, sizeof(gpu->buffers));
    memset(gpu->target->maps, 0, sizeof(gpu->target->maps));
}

/* A step without a shader. */
static void record_transfer(struct gpu *gpu, const struct bench_step *row)
{
    int from = gpu_bound_image(row->bind[0]), to = gpu_bound_image(row->bind[1]);
    if (from >= 0 && to >= 0)
        gpu_record_image_copy(gpu, (unsigned)from, (unsigned)to);
    else if (from >= 0)
        gpu_record_copy(gpu, (unsigned)from, bound_buffer(row->bind[1]), false);
    else if (to >= 0)
        gpu_record_copy(gpu, (unsigned)to, bound_buffer(row->bind[0]), true);
    else
        vkCmdFillBuffer(gpu->command_buffer, gpu->buffers[bound_buffer(row->bind[0])].buffer, 0,
                        VK_WHOLE_SIZE, 0);
}

static void record_step(struct gpu *gpu, const struct bench_step *row, const struct gpu_step *step)
{
    VkCommandBuffer cmd = gpu->command_buffer;
    if (row->shader) {
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, step->pipeline);
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, step->layout, 0, 1, &step->set,
                                0, NULL);
        vkCmdPushConstants(cmd, step->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(row->push),
                           row->push);
        if (row->groups[0])
            vkCmdDispatch(cmd, row->groups[0], row->groups[1], row->groups[2]);
        else
            vkCmdDispatchIndirect(cmd, gpu->buffers[row->groups[1]].buffer, 0);
    } else {
        record_transfer(gpu, row);
    }
    if (row->overlaps)
        return;
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                         VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT |
                         VK_ACCESS_HOST_READ_BIT};
    VkPipelineStageFlags stages =
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    vkCmdPipelineBarrier(cmd, stages, stages | VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
                         0, NULL);
}

bool gpu_record(struct gpu *gpu, uint32_t passes)
{
    const struct bench_kernel *kernel = gpu->target->kernel;
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    TRY(vkBeginCommandBuffer(gpu->command_buffer, &begin));
    uint64_t repeats = (uint64_t)passes * (kernel->repeat ? kernel->repeat : 1);
    for (uint64_t repeat = 0; repeat < repeats; repeat++)
        for (unsigned i = 0; i < BENCH_STEPS && used(&kernel->steps[i]); i++)
            record_step(gpu, &kernel->steps[i], &gpu->steps[i]);
    TRY(vkEndCommandBuffer(gpu->command_buffer));
    return true;
}

bool gpu_run(struct gpu *gpu, double *seconds_out)
{
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                           .commandBufferCount = 1,
                           .pCommandBuffers = &gpu->command_buffer};
    TRY(vkResetFences(gpu->device, 1, &gpu->fence));
    double start = bench_now_s();
    TRY(vkQueueSubmit(gpu->queue, 1, &submit, gpu->fence));
    TRY(vkWaitForFences(gpu->device, 1, &gpu->fence, VK_TRUE, UINT64_MAX));
    *seconds_out = bench_now_s() - start;
    return true;
}
