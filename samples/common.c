/* SPDX-License-Identifier: MIT */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_SETS = 16, MAX_BUFFERS = 8 };

void sample_check(VkResult result, const char *call, const char *file, int line)
{
    if (result == VK_SUCCESS)
        return;
    fprintf(stderr, "%s:%d: VkResult %d from %s\n", file, line, result, call);
    exit(1);
}

static void fail(const struct sample *sample, const char *what)
{
    fprintf(stderr, "%s: %s\n", sample->name, what);
    exit(1);
}

static uint32_t find_compute_family(struct sample *sample, uint32_t *queue_count)
{
    VkQueueFamilyProperties families[16];
    uint32_t count = 16;
    vkGetPhysicalDeviceQueueFamilyProperties(sample->physical, &count, families);
    for (uint32_t i = 0; i < count; i++) {
        if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) {
            *queue_count = families[i].queueCount < 2 ? 1 : 2;
            return i;
        }
    }
    fail(sample, "no queue family that computes");
    return 0;
}

static void create_device(struct sample *sample, uint32_t family, uint32_t queue_count,
                          bool with_addresses)
{
    VkPhysicalDeviceVulkan12Features features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .timelineSemaphore = VK_TRUE,
        .bufferDeviceAddress = with_addresses,
    };
    float priorities[2] = {1.0f, 1.0f};
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueFamilyIndex = family,
        .queueCount = queue_count,
        .pQueuePriorities = priorities,
    };
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = &features,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
    };
    CHECK(vkCreateDevice(sample->physical, &info, NULL, &sample->device));
    sample->two_queues = queue_count == 2;
    sample->with_addresses = with_addresses;
    vkGetDeviceQueue(sample->device, family, 0, &sample->queues[0]);
    vkGetDeviceQueue(sample->device, family, queue_count - 1, &sample->queues[1]);
}

void sample_open(struct sample *sample, const char *name, bool with_addresses)
{
    *sample = (struct sample){.name = name};
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .pApplicationName = name,
        .apiVersion = VK_API_VERSION_1_2,
    };
    VkInstanceCreateInfo instance = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application,
    };
    CHECK(vkCreateInstance(&instance, NULL, &sample->instance));
    uint32_t count = 1;
    VkResult result = vkEnumeratePhysicalDevices(sample->instance, &count, &sample->physical);
    if (result != VK_INCOMPLETE)
        CHECK(result);
    if (count == 0)
        fail(sample, "no Vulkan device");
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(sample->physical, &properties);
    snprintf(sample->device_name, sizeof(sample->device_name), "%s", properties.deviceName);

    uint32_t queue_count, family = find_compute_family(sample, &queue_count);
    create_device(sample, family, queue_count, with_addresses);
    VkCommandPoolCreateInfo command_pool = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
        .queueFamilyIndex = family,
    };
    CHECK(vkCreateCommandPool(sample->device, &command_pool, NULL, &sample->command_pool));
    const VkDescriptorPoolSize sizes[] = {
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, MAX_SETS * MAX_BUFFERS},
        {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, MAX_SETS * 2},
        {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, MAX_SETS * 2},
    };
    VkDescriptorPoolCreateInfo descriptor_pool = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = MAX_SETS,
        .poolSizeCount = sizeof(sizes) / sizeof(sizes[0]),
        .pPoolSizes = sizes,
    };
    CHECK(vkCreateDescriptorPool(sample->device, &descriptor_pool, NULL, &sample->descriptor_pool));
}

void sample_close(struct sample *sample)
{
    vkDestroyDescriptorPool(sample->device, sample->descriptor_pool, NULL);
    vkDestroyCommandPool(sample->device, sample->command_pool, NULL);
    vkDestroyDevice(sample->device, NULL);
    vkDestroyInstance(sample->instance, NULL);
}

static uint32_t find_memory_type(const struct sample *sample, uint32_t allowed)
{
    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(sample->physical, &memory);
    const VkMemoryPropertyFlags wanted =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    for (uint32_t i = 0; i < memory.memoryTypeCount; i++)
        if ((allowed & 1u << i) && (memory.memoryTypes[i].propertyFlags & wanted) == wanted)
            return i;
    fail(sample, "no memory that the CPU can map");
    return 0;
}

struct sample_buffer sample_create_buffer(struct sample *sample, size_t size_B)
{
    struct sample_buffer buffer = {.size_B = size_B};
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size_B,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                 VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
    };
    if (sample->with_addresses)
        info.usage |= VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    CHECK(vkCreateBuffer(sample->device, &info, NULL, &buffer.buffer));

    VkMemoryRequirements needs;
    vkGetBufferMemoryRequirements(sample->device, buffer.buffer, &needs);
    VkMemoryAllocateFlagsInfo flags = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
        .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
    };
    VkMemoryAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
        .pNext = sample->with_addresses ? &flags : NULL,
        .allocationSize = needs.size,
        .memoryTypeIndex = find_memory_type(sample, needs.memoryTypeBits),
    };
    CHECK(vkAllocateMemory(sample->device, &allocate, NULL, &buffer.memory));
    CHECK(vkBindBufferMemory(sample->device, buffer.buffer, buffer.memory, 0));
    CHECK(vkMapMemory(sample->device, buffer.memory, 0, VK_WHOLE_SIZE, 0, &buffer.map));
    if (sample->with_addresses) {
        VkBufferDeviceAddressInfo address = {
            .sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
            .buffer = buffer.buffer,
        };
        buffer.address = vkGetBufferDeviceAddress(sample->device, &address);
    }
    return buffer;
}

void sample_destroy_buffer(struct sample *sample, struct sample_buffer *buffer)
{
    vkDestroyBuffer(sample->device, buffer->buffer, NULL);
    vkFreeMemory(sample->device, buffer->memory, NULL);
}

struct sample_pipeline sample_create_pipeline(struct sample *sample, const uint32_t *spirv,
                                              size_t spirv_B, uint32_t buffer_count, uint32_t push_B)
{
    VkDescriptorType types[MAX_BUFFERS];
    for (uint32_t i = 0; i < buffer_count; i++)
        types[i] = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    return sample_create_pipeline_of(sample, spirv, spirv_B, buffer_count, types, push_B);
}

struct sample_pipeline sample_create_pipeline_of(struct sample *sample, const uint32_t *spirv,
                                                 size_t spirv_B, uint32_t buffer_count,
                                                 const VkDescriptorType *types, uint32_t push_B)
{
    struct sample_pipeline pipeline = {.buffer_count = buffer_count, .push_B = push_B};
    VkDescriptorSetLayoutBinding bindings[MAX_BUFFERS];
    for (uint32_t i = 0; i < buffer_count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            .binding = i,
            .descriptorType = types[i],
            .descriptorCount = 1,
            .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
        };
    VkDescriptorSetLayoutCreateInfo set_layout = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = buffer_count,
        .pBindings = bindings,
    };
    CHECK(vkCreateDescriptorSetLayout(sample->device, &set_layout, NULL, &pipeline.set_layout));
    VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = push_B};
    VkPipelineLayoutCreateInfo layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &pipeline.set_layout,
        .pushConstantRangeCount = push_B ? 1 : 0,
        .pPushConstantRanges = &range,
    };
    CHECK(vkCreatePipelineLayout(sample->device, &layout, NULL, &pipeline.layout));

    VkShaderModuleCreateInfo module_info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .codeSize = spirv_B,
        .pCode = spirv,
    };
    VkShaderModule module;
    CHECK(vkCreateShaderModule(sample->device, &module_info, NULL, &module));
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main"},
        .layout = pipeline.layout,
    };
    CHECK(vkCreateComputePipelines(sample->device, VK_NULL_HANDLE, 1, &info, NULL,
                                   &pipeline.pipeline));
    vkDestroyShaderModule(sample->device, module, NULL);
    return pipeline;
}

void sample_destroy_pipeline(struct sample *sample, struct sample_pipeline *pipeline)
{
    vkDestroyPipeline(sample->device, pipeline->pipeline, NULL);
    vkDestroyPipelineLayout(sample->device, pipeline->layout, NULL);
    vkDestroyDescriptorSetLayout(sample->device, pipeline->set_layout, NULL);
}

VkDescriptorSet sample_allocate_set(struct sample *sample, const struct sample_pipeline *pipeline)
{
    VkDescriptorSetAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorPool = sample->descriptor_pool,
        .descriptorSetCount = 1,
        .pSetLayouts = &pipeline->set_layout,
    };
    VkDescriptorSet set;
    CHECK(vkAllocateDescriptorSets(sample->device, &allocate, &set));
    return set;
}

VkDescriptorSet sample_create_set(struct sample *sample, const struct sample_pipeline *pipeline,
                                  const struct sample_buffer *const *buffers)
{
    VkDescriptorSet set = sample_allocate_set(sample, pipeline);
    for (uint32_t i = 0; i < pipeline->buffer_count; i++) {
        VkDescriptorBufferInfo buffer = {.buffer = buffers[i]->buffer, .range = VK_WHOLE_SIZE};
        VkWriteDescriptorSet write = {
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set,
            .dstBinding = i,
            .descriptorCount = 1,
            .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
            .pBufferInfo = &buffer,
        };
        vkUpdateDescriptorSets(sample->device, 1, &write, 0, NULL);
    }
    return set;
}

VkCommandBuffer sample_begin(struct sample *sample)
{
    VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = sample->command_pool,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 1,
    };
    VkCommandBuffer commands;
    CHECK(vkAllocateCommandBuffers(sample->device, &allocate, &commands));
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    CHECK(vkBeginCommandBuffer(commands, &begin));
    return commands;
}

void sample_dispatch(VkCommandBuffer commands, const struct sample_pipeline *pipeline,
                     VkDescriptorSet set, const void *push, uint32_t x, uint32_t y, uint32_t z)
{
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->pipeline);
    if (set)
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->layout, 0, 1, &set,
                                0, NULL);
    if (pipeline->push_B)
        vkCmdPushConstants(commands, pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                           pipeline->push_B, push);
    vkCmdDispatch(commands, x, y, z);
}

void sample_barrier(VkCommandBuffer commands)
{
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                         VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT |
                         VK_ACCESS_HOST_READ_BIT,
    };
    const VkPipelineStageFlags shader = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
    vkCmdPipelineBarrier(commands, shader | VK_PIPELINE_STAGE_TRANSFER_BIT,
                         shader | VK_PIPELINE_STAGE_TRANSFER_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                         &barrier, 0, NULL, 0, NULL);
}

void sample_end(VkCommandBuffer commands)
{
    CHECK(vkEndCommandBuffer(commands));
}

double sample_run(struct sample *sample, VkCommandBuffer commands)
{
    VkFenceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    VkFence fence;
    CHECK(vkCreateFence(sample->device, &info, NULL, &fence));
    VkSubmitInfo submit = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
    };
    double start = sample_now();
    CHECK(vkQueueSubmit(sample->queues[0], 1, &submit, fence));
    CHECK(vkWaitForFences(sample->device, 1, &fence, VK_TRUE, UINT64_MAX));
    double seconds = sample_now() - start;
    vkDestroyFence(sample->device, fence, NULL);
    return seconds;
}

double sample_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int sample_report(const struct sample *sample, const char *what, double seconds, double rate,
                  const char *unit, bool right)
{
    printf("%s: %s: %s in %.3f ms, %.2f %s: %s\n", sample->name, sample->device_name, what,
           seconds * 1e3, rate, unit, right ? "right" : "WRONG");
    return right ? 0 : 1;
}
