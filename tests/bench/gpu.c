/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Leaves the calling function with what failed. */
#define TRY(call)                                                                     \
    do {                                                                              \
        VkResult result_ = (call);                                                    \
        if (result_ != VK_SUCCESS) {                                                  \
            snprintf(gpu->why, sizeof(gpu->why), "%.*s: %d", (int)strcspn(#call, "("), \
                     #call, result_);                                                 \
            return false;                                                             \
        }                                                                             \
    } while (0)

double bench_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "Mesa 26.2.6 (LLVM 22.1)" -> "26.2.6": the first word that starts with a digit. */
static void find_version(const char *info, char *to, size_t to_B)
{
    for (const char *p = info; *p; p++) {
        if (*p >= '0' && *p <= '9' && (p == info || p[-1] == ' ')) {
            snprintf(to, to_B, " %.*s", (int)strcspn(p, " ,;)-+"), p);
            return;
        }
    }
}

static void describe(struct gpu *gpu)
{
    VkPhysicalDeviceDriverProperties driver = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceSubgroupProperties subgroup = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES, .pNext = &driver};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &subgroup};
    vkGetPhysicalDeviceProperties2(gpu->physical, &properties);
    gpu->properties = properties.properties;
    if ((subgroup.supportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT) &&
        (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT))
        gpu->has |= BENCH_NEED_SUBGROUP;
    char version[32] = "";
    find_version(driver.driverInfo, version, sizeof(version));
    const char *name = strncmp(driver.driverName, "SwiftShader", 11) ? driver.driverName : "SwiftShader";
    snprintf(gpu->label, sizeof(gpu->label), "%.24s%s", name, version);
    snprintf(gpu->driver, sizeof(gpu->driver), "%.60s %.100s; %.100s; subgroup size %u", driver.driverName,
             driver.driverInfo, properties.properties.deviceName, subgroup.subgroupSize);
}

static bool create_device(struct gpu *gpu)
{
    VkPhysicalDevice8BitStorageFeatures byte = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES};
    VkPhysicalDevice16BitStorageFeatures word = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES, .pNext = &byte};
    VkPhysicalDeviceFeatures2 has = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                     .pNext = &word};
    vkGetPhysicalDeviceFeatures2(gpu->physical, &has);
    gpu->has |= (byte.storageBuffer8BitAccess ? BENCH_NEED_8BIT : 0u) |
                (word.storageBuffer16BitAccess ? BENCH_NEED_16BIT : 0u);
    byte = (VkPhysicalDevice8BitStorageFeatures){
        .sType = byte.sType, .storageBuffer8BitAccess = byte.storageBuffer8BitAccess};
    word = (VkPhysicalDevice16BitStorageFeatures){
        .sType = word.sType, .pNext = &byte, .storageBuffer16BitAccess = word.storageBuffer16BitAccess};

    uint32_t family_count = 16, family = 0;
    VkQueueFamilyProperties families[16];
    vkGetPhysicalDeviceQueueFamilyProperties(gpu->physical, &family_count, families);
    while (family < family_count && !(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        family++;
    if (family == family_count) {
        snprintf(gpu->why, sizeof(gpu->why), "no compute queue");
        return false;
    }
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueFamilyIndex = family,
                                     .queueCount = 1,
                                     .pQueuePriorities = &priority};
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                               .pNext = &word,
                               .queueCreateInfoCount = 1,
                               .pQueueCreateInfos = &queue};
    TRY(vkCreateDevice(gpu->physical, &info, NULL, &gpu->device));
    vkGetDeviceQueue(gpu->device, family, 0, &gpu->queue);

    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(gpu->physical, &memory);
    VkMemoryPropertyFlags want =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    while (gpu->memory_type < memory.memoryTypeCount &&
           (memory.memoryTypes[gpu->memory_type].propertyFlags & want) != want)
        gpu->memory_type++;

    VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                    .queueFamilyIndex = family};
    TRY(vkCreateCommandPool(gpu->device, &pool, NULL, &gpu->commands));
    VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                            .commandPool = gpu->commands,
                                            .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                            .commandBufferCount = 1};
    TRY(vkAllocateCommandBuffers(gpu->device, &allocate, &gpu->command_buffer));
    VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    TRY(vkCreateFence(gpu->device, &fence, NULL, &gpu->fence));
    return true;
}

bool gpu_init(struct gpu *gpu, const char *spirv_dir)
{
    gpu->spirv_dir = spirv_dir;
    /* SwiftShader refuses applications that ask for more than 1.3. */
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                     .pApplicationName = "weft_bench",
                                     .apiVersion = VK_API_VERSION_1_3};
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                 .pApplicationInfo = &application};
    TRY(vkCreateInstance(&info, NULL, &gpu->instance));
    uint32_t count = 1;
    VkResult result = vkEnumeratePhysicalDevices(gpu->instance, &count, &gpu->physical);
    if ((result != VK_SUCCESS && result != VK_INCOMPLETE) || count == 0) {
        snprintf(gpu->why, sizeof(gpu->why), "no device (vkEnumeratePhysicalDevices: %d)", result);
        return false;
    }
    describe(gpu);
    return create_device(gpu);
}

void gpu_finish(struct gpu *gpu)
{
    if (gpu->device) {
        gpu_close(gpu);
        vkDestroyFence(gpu->device, gpu->fence, NULL);
        vkDestroyCommandPool(gpu->device, gpu->commands, NULL);
        vkDestroyDevice(gpu->device, NULL);
    }
    if (gpu->instance)
        vkDestroyInstance(gpu->instance, NULL);
    memset(gpu, 0, sizeof(*gpu));
}

static bool create_buffer(struct gpu *gpu, size_t size_B, struct gpu_buffer *buffer)
{
    VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                               .size = size_B,
                               .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT};
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
        snprintf(gpu->why, sizeof(gpu->why), "%.200s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    VkShaderModuleCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                     .codeSize = size_B,
                                     .pCode = words};
    VkResult result = size_B ? vkCreateShaderModule(gpu->device, &info, NULL, module)
                             : VK_ERROR_INITIALIZATION_FAILED;
    free(words);
    if (result != VK_SUCCESS && size_B)
        snprintf(gpu->why, sizeof(gpu->why), "vkCreateShaderModule: %d", result);
    return result == VK_SUCCESS;
}

static bool create_pipeline(struct gpu *gpu, struct gpu_step *step, const uint32_t *unique)
{
    VkSpecializationMapEntry entry = {.constantID = 0, .size = 4};
    VkSpecializationInfo constants = {
        .mapEntryCount = 1, .pMapEntries = &entry, .dataSize = 4, .pData = unique};
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = step->module,
                  .pName = "main",
                  .pSpecializationInfo = unique ? &constants : NULL},
        .layout = step->layout};
    TRY(vkCreateComputePipelines(gpu->device, VK_NULL_HANDLE, 1, &info, NULL, &step->pipeline));
    return true;
}

static bool create_step(struct gpu *gpu, const struct bench_step *row, struct gpu_step *step)
{
    if (!load_module(gpu, row->shader, &step->module))
        return false;
    uint32_t binding_count = (uint32_t)strlen(row->bind);
    VkDescriptorSetLayoutBinding bindings[BENCH_BUFFERS];
    for (uint32_t i = 0; i < binding_count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){.binding = i,
                                                     .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
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
    if (!gpu->kernel->create && !create_pipeline(gpu, step, NULL))
        return false;

    VkDescriptorSetAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                            .descriptorPool = gpu->sets,
                                            .descriptorSetCount = 1,
                                            .pSetLayouts = &step->set_layout};
    TRY(vkAllocateDescriptorSets(gpu->device, &allocate, &step->set));
    for (uint32_t i = 0; i < binding_count; i++) {
        VkDescriptorBufferInfo buffer = {.buffer = gpu->buffers[row->bind[i] - '0'].buffer,
                                         .range = VK_WHOLE_SIZE};
        VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                      .dstSet = step->set,
                                      .dstBinding = i,
                                      .descriptorCount = 1,
                                      .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
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
    gpu->kernel = kernel;
    VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, BENCH_STEPS * BENCH_BUFFERS};
    VkDescriptorPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                       .maxSets = BENCH_STEPS,
                                       .poolSizeCount = 1,
                                       .pPoolSizes = &size};
    TRY(vkCreateDescriptorPool(gpu->device, &pool, NULL, &gpu->sets));
    for (unsigned i = 0; i < BENCH_BUFFERS && kernel->buffer_B[i]; i++) {
        if (!create_buffer(gpu, kernel->buffer_B[i], &gpu->buffers[i]))
            return false;
        gpu->maps[i] = gpu->buffers[i].map;
    }
    for (unsigned i = 0; i < BENCH_STEPS && used(&kernel->steps[i]); i++)
        if (kernel->steps[i].shader && !create_step(gpu, &kernel->steps[i], &gpu->steps[i]))
            return false;
    return true;
}

void gpu_close(struct gpu *gpu)
{
    for (unsigned i = 0; i < BENCH_STEPS; i++) {
        struct gpu_step *step = &gpu->steps[i];
        vkDestroyPipeline(gpu->device, step->pipeline, NULL);
        vkDestroyPipelineLayout(gpu->device, step->layout, NULL);
        vkDestroyDescriptorSetLayout(gpu->device, step->set_layout, NULL);
        vkDestroyShaderModule(gpu->device, step->module, NULL);
    }
    for (unsigned i = 0; i < BENCH_BUFFERS; i++) {
        vkDestroyBuffer(gpu->device, gpu->buffers[i].buffer, NULL);
        vkFreeMemory(gpu->device, gpu->buffers[i].memory, NULL);
    }
    vkDestroyDescriptorPool(gpu->device, gpu->sets, NULL);
    gpu->kernel = NULL;
    gpu->sets = VK_NULL_HANDLE;
    memset(gpu->steps, 0, sizeof(gpu->steps));
    memset(gpu->buffers, 0, sizeof(gpu->buffers));
    memset(gpu->maps, 0, sizeof(gpu->maps));
}

static void record_step(struct gpu *gpu, const struct bench_step *row, const struct gpu_step *step)
{
    VkCommandBuffer cmd = gpu->command_buffer;
    if (row->shader) {
        vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, step->pipeline);
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, step->layout, 0, 1, &step->set, 0,
                                NULL);
        vkCmdPushConstants(cmd, step->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(row->push),
                           row->push);
        vkCmdDispatch(cmd, row->groups[0], row->groups[1], row->groups[2]);
    } else {
        vkCmdFillBuffer(cmd, gpu->buffers[row->bind[0] - '0'].buffer, 0, VK_WHOLE_SIZE, 0);
    }
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                         VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_HOST_READ_BIT};
    VkPipelineStageFlags stages =
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    vkCmdPipelineBarrier(cmd, stages, stages | VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0,
                         NULL);
}

bool gpu_record(struct gpu *gpu, uint32_t passes)
{
    const struct bench_kernel *kernel = gpu->kernel;
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

bool gpu_run_create(struct gpu *gpu, uint32_t unique, double *seconds_out)
{
    struct gpu_step *step = &gpu->steps[0];
    double start = bench_now_s(), run;
    bool ok = create_pipeline(gpu, step, &unique) && gpu_record(gpu, 1) && gpu_run(gpu, &run);
    *seconds_out = bench_now_s() - start;
    vkDestroyPipeline(gpu->device, step->pipeline, NULL);
    step->pipeline = VK_NULL_HANDLE;
    return ok;
}
