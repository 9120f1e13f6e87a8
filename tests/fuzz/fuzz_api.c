/* SPDX-License-Identifier: MIT
 *
 * Fuzzes the API: random sequences of calls through the loader, valid and not, with handles of destroyed
 * objects, offsets and sizes of all kinds, and objects destroyed while command buffers name them. A
 * sequence passes if the process lives and every call returns in time.
 *
 *     weft_fuzz_api FIRST COUNT     the seeds; each is one sequence with a device of its own
 *
 * The environment must have WEFT_DEBUG=handles: without it a stale handle is the application's crash.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "add_one.h"
#include "fuzz_api.h"

enum { CALLS = 400, SECONDS = 60 };

uint32_t fuzz_pick(struct fuzz *f, uint32_t count)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return (uint32_t)((f->random >> 16) % count);
}

uint64_t fuzz_number(struct fuzz *f)
{
    static const uint64_t odd[] = {0, 1, 3, 65535, 65536, UINT32_MAX, 1ull << 40, UINT64_MAX - 3,
                                   VK_WHOLE_SIZE};

    if (fuzz_pick(f, 4) == 0)
        return odd[fuzz_pick(f, sizeof(odd) / sizeof(odd[0]))];
    return 64ull * fuzz_pick(f, 64);
}

uint64_t *fuzz_place(struct fuzz *f, enum kind kind)
{
    return &f->slots[kind][fuzz_pick(f, SLOTS)];
}

/* ---- Creating and destroying ---- */

static void create_memory(struct fuzz *f)
{
    VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                 .allocationSize = fuzz_number(f), .memoryTypeIndex = fuzz_pick(f, 4)};

    /* Not the whole machine's. */
    if (info.allocationSize <= UINT32_MAX && info.allocationSize > 1u << 20)
        info.allocationSize = 1u << 20;
    CREATE(MEMORY, VkDeviceMemory, vkAllocateMemory(f->device, &info, NULL, &handle));
}

static void create_buffer(struct fuzz *f)
{
    VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = fuzz_number(f),
                               .flags = fuzz_pick(f, 8) ? 0 : VK_BUFFER_CREATE_SPARSE_BINDING_BIT,
                               .usage = 0x1ff};

    CREATE(BUFFER, VkBuffer, vkCreateBuffer(f->device, &info, NULL, &handle));
}

static void create_set_layout(struct fuzz *f)
{
    VkDescriptorSetLayoutBinding bindings[3];
    VkDescriptorSetLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = fuzz_pick(f, 4), .pBindings = bindings};

    for (uint32_t i = 0; i < 3; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){fuzz_pick(f, 3), (VkDescriptorType)fuzz_pick(f, 10),
                                                     fuzz_pick(f, 3), VK_SHADER_STAGE_COMPUTE_BIT, NULL};
    CREATE(SET_LAYOUT, VkDescriptorSetLayout,
           vkCreateDescriptorSetLayout(f->device, &info, NULL, &handle));
}

static void create_layout(struct fuzz *f)
{
    VkDescriptorSetLayout sets[2] = {HANDLE(VkDescriptorSetLayout, SET_LAYOUT),
                                     HANDLE(VkDescriptorSetLayout, SET_LAYOUT)};
    VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, fuzz_pick(f, 300), fuzz_pick(f, 300)};
    VkPipelineLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                       .setLayoutCount = fuzz_pick(f, 3), .pSetLayouts = sets,
                                       .pushConstantRangeCount = fuzz_pick(f, 2),
                                       .pPushConstantRanges = &range};

    CREATE(LAYOUT, VkPipelineLayout, vkCreatePipelineLayout(f->device, &info, NULL, &handle));
}

static void create_pipeline(struct fuzz *f)
{
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT, .module = f->module,
                  .pName = fuzz_pick(f, 8) ? "main" : "nothing"},
        .layout = HANDLE(VkPipelineLayout, LAYOUT)};

    CREATE(PIPELINE, VkPipeline,
           vkCreateComputePipelines(f->device, VK_NULL_HANDLE, 1, &info, NULL, &handle));
}

static void create_pool(struct fuzz *f)
{
    VkDescriptorPoolSize size = {(VkDescriptorType)fuzz_pick(f, 10), fuzz_pick(f, 8)};
    VkDescriptorPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                       .maxSets = fuzz_pick(f, 6), .poolSizeCount = 1,
                                       .pPoolSizes = &size};

    CREATE(POOL, VkDescriptorPool, vkCreateDescriptorPool(f->device, &info, NULL, &handle));
}

static void create_set(struct fuzz *f)
{
    VkDescriptorSetLayout layout = HANDLE(VkDescriptorSetLayout, SET_LAYOUT);
    VkDescriptorSetAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                        .descriptorPool = HANDLE(VkDescriptorPool, POOL),
                                        .descriptorSetCount = 1, .pSetLayouts = &layout};

    CREATE(SET, VkDescriptorSet, vkAllocateDescriptorSets(f->device, &info, &handle));
}

static void create_sync(struct fuzz *f)
{
    VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO, .flags = fuzz_pick(f, 2)};
    VkSemaphoreCreateInfo semaphore = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    VkEventCreateInfo event = {.sType = VK_STRUCTURE_TYPE_EVENT_CREATE_INFO};
    VkQueryPoolCreateInfo queries = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                     .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                     .queryCount = 1 + fuzz_pick(f, 8)};

    CREATE(FENCE, VkFence, vkCreateFence(f->device, &fence, NULL, &handle));
    CREATE(SEMAPHORE, VkSemaphore, vkCreateSemaphore(f->device, &semaphore, NULL, &handle));
    CREATE(EVENT, VkEvent, vkCreateEvent(f->device, &event, NULL, &handle));
    CREATE(QUERIES, VkQueryPool, vkCreateQueryPool(f->device, &queries, NULL, &handle));
}

/* Any handle, destroyed before or not; its slot keeps it. */
static void destroy(struct fuzz *f)
{
    switch ((enum kind)fuzz_pick(f, KINDS)) {
    case MEMORY: vkFreeMemory(f->device, HANDLE(VkDeviceMemory, MEMORY), NULL); break;
    case BUFFER: vkDestroyBuffer(f->device, HANDLE(VkBuffer, BUFFER), NULL); break;
    case LAYOUT: vkDestroyPipelineLayout(f->device, HANDLE(VkPipelineLayout, LAYOUT), NULL); break;
    case SET_LAYOUT:
        vkDestroyDescriptorSetLayout(f->device, HANDLE(VkDescriptorSetLayout, SET_LAYOUT), NULL);
        break;
    case PIPELINE: vkDestroyPipeline(f->device, HANDLE(VkPipeline, PIPELINE), NULL); break;
    case POOL: vkDestroyDescriptorPool(f->device, HANDLE(VkDescriptorPool, POOL), NULL); break;
    case FENCE: vkDestroyFence(f->device, HANDLE(VkFence, FENCE), NULL); break;
    case SEMAPHORE: vkDestroySemaphore(f->device, HANDLE(VkSemaphore, SEMAPHORE), NULL); break;
    case EVENT: vkDestroyEvent(f->device, HANDLE(VkEvent, EVENT), NULL); break;
    case QUERIES: vkDestroyQueryPool(f->device, HANDLE(VkQueryPool, QUERIES), NULL); break;
    case IMAGE: vkDestroyImage(f->device, HANDLE(VkImage, IMAGE), NULL); break;
    case IMAGE_VIEW: vkDestroyImageView(f->device, HANDLE(VkImageView, IMAGE_VIEW), NULL); break;
    case SAMPLER: vkDestroySampler(f->device, HANDLE(VkSampler, SAMPLER), NULL); break;
    case BUFFER_VIEW: vkDestroyBufferView(f->device, HANDLE(VkBufferView, BUFFER_VIEW), NULL); break;
    default: break;
    }
}

/* A handle of another kind, or of nothing at all. */
static void confuse(struct fuzz *f)
{
    *fuzz_place(f, (enum kind)fuzz_pick(f, KINDS)) =
        fuzz_pick(f, 2) ? f->slots[fuzz_pick(f, KINDS)][fuzz_pick(f, SLOTS)]
                   : (uint64_t)(uintptr_t)f + 8 * fuzz_pick(f, 4096);
}

/* ---- Using ---- */

static void use_memory(struct fuzz *f)
{
    VkMemoryRequirements requirements;
    VkDeviceMemory memory = HANDLE(VkDeviceMemory, MEMORY);
    VkBuffer buffer = HANDLE(VkBuffer, BUFFER);
    void *map;

    vkGetBufferMemoryRequirements(f->device, buffer, &requirements);
    vkBindBufferMemory(f->device, buffer, memory, fuzz_number(f));
    if (vkMapMemory(f->device, memory, fuzz_number(f), fuzz_number(f), 0, &map) == VK_SUCCESS && fuzz_pick(f, 2))
        vkUnmapMemory(f->device, memory);
}

static void write_set(struct fuzz *f)
{
    VkDescriptorBufferInfo buffer = {HANDLE(VkBuffer, BUFFER), fuzz_number(f), fuzz_number(f)};
    VkDescriptorImageInfo image = {HANDLE(VkSampler, SAMPLER), HANDLE(VkImageView, IMAGE_VIEW),
                                   VK_IMAGE_LAYOUT_GENERAL};
    VkBufferView texels = HANDLE(VkBufferView, BUFFER_VIEW);
    VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                  .dstSet = HANDLE(VkDescriptorSet, SET), .dstBinding = fuzz_pick(f, 5),
                                  .dstArrayElement = fuzz_pick(f, 3), .descriptorCount = 1,
                                  .descriptorType = (VkDescriptorType)fuzz_pick(f, 10),
                                  .pBufferInfo = &buffer, .pImageInfo = &image,
                                  .pTexelBufferView = &texels};
    VkCopyDescriptorSet copy = {.sType = VK_STRUCTURE_TYPE_COPY_DESCRIPTOR_SET,
                                .srcSet = HANDLE(VkDescriptorSet, SET), .srcBinding = fuzz_pick(f, 4),
                                .dstSet = HANDLE(VkDescriptorSet, SET), .dstBinding = fuzz_pick(f, 4),
                                .descriptorCount = fuzz_pick(f, 4)};

    vkUpdateDescriptorSets(f->device, 1, &write, fuzz_pick(f, 2), &copy);
}

static void record(struct fuzz *f, VkCommandBuffer cmd)
{
    VkBufferCopy region = {fuzz_number(f), fuzz_number(f), fuzz_number(f)};
    VkDescriptorSet sets[2] = {HANDLE(VkDescriptorSet, SET), HANDLE(VkDescriptorSet, SET)};
    VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER};
    uint32_t offsets[4] = {fuzz_pick(f, 512), 64 * fuzz_pick(f, 64), 0, UINT32_MAX};
    static const uint8_t bytes[256];

    switch (fuzz_pick(f, 16)) {
    case 0: vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, HANDLE(VkPipeline, PIPELINE)); break;
    case 1:
        vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE,
                                HANDLE(VkPipelineLayout, LAYOUT), fuzz_pick(f, 3), 1 + fuzz_pick(f, 2), sets,
                                fuzz_pick(f, 5), offsets);
        break;
    case 2: vkCmdDispatch(cmd, fuzz_pick(f, 4), 1, fuzz_pick(f, 70000)); break;
    case 3: /* not indirect: what other commands leave in memory would be 10^18 workgroups */
        vkCmdDispatchBase(cmd, fuzz_pick(f, 4), fuzz_pick(f, 70000), 0, 1, fuzz_pick(f, 4), 1);
        break;
    case 4: vkCmdCopyBuffer(cmd, HANDLE(VkBuffer, BUFFER), HANDLE(VkBuffer, BUFFER), 1, &region); break;
    case 5: vkCmdFillBuffer(cmd, HANDLE(VkBuffer, BUFFER), fuzz_number(f), fuzz_number(f), 7); break;
    case 6: vkCmdUpdateBuffer(cmd, HANDLE(VkBuffer, BUFFER), fuzz_number(f), fuzz_pick(f, 256), bytes); break;
    case 7:
        vkCmdPushConstants(cmd, HANDLE(VkPipelineLayout, LAYOUT), VK_SHADER_STAGE_COMPUTE_BIT,
                           fuzz_pick(f, 300), fuzz_pick(f, 256), bytes);
        break;
    case 8:
        vkCmdPipelineBarrier(cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                             VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 1, &barrier, 0, NULL, 0, NULL);
        break;
    case 9:
        vkCmdWriteTimestamp(cmd, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, HANDLE(VkQueryPool, QUERIES),
                            fuzz_pick(f, 10));
        break;
    case 10: vkCmdResetQueryPool(cmd, HANDLE(VkQueryPool, QUERIES), fuzz_pick(f, 9), fuzz_pick(f, 9)); break;
    case 11:
        vkCmdCopyQueryPoolResults(cmd, HANDLE(VkQueryPool, QUERIES), fuzz_pick(f, 9), fuzz_pick(f, 9),
                                  HANDLE(VkBuffer, BUFFER), fuzz_number(f), fuzz_number(f),
                                  VK_QUERY_RESULT_64_BIT);
        break;
    case 12:
    case 13:
    case 14: fuzz_record_image(f, cmd); break;
    default: vkCmdSetEvent(cmd, HANDLE(VkEvent, EVENT), VK_PIPELINE_STAGE_ALL_COMMANDS_BIT); break;
    }
}

/* One command buffer, and what was recorded may be destroyed before it is submitted. */
static void submit(struct fuzz *f)
{
    VkCommandBuffer cmd = f->cmds[fuzz_pick(f, 2)];
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    VkSemaphore wait = HANDLE(VkSemaphore, SEMAPHORE), signal = HANDLE(VkSemaphore, SEMAPHORE);
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1,
                         .pCommandBuffers = &cmd, .waitSemaphoreCount = fuzz_pick(f, 2),
                         .pWaitSemaphores = &wait, .pWaitDstStageMask = &stage,
                         .signalSemaphoreCount = fuzz_pick(f, 2), .pSignalSemaphores = &signal};

    if (fuzz_pick(f, 8))
        vkBeginCommandBuffer(cmd, &begin);
    for (uint32_t i = fuzz_pick(f, 12); i > 0; i--)
        record(f, cmd);
    if (fuzz_pick(f, 8))
        vkEndCommandBuffer(cmd);
    for (uint32_t i = fuzz_pick(f, 3); i > 0; i--)
        destroy(f);
    vkQueueSubmit(f->queues[fuzz_pick(f, 2)], 1, &info, HANDLE(VkFence, FENCE));
}

static void wait(struct fuzz *f)
{
    VkFence fence = HANDLE(VkFence, FENCE);
    uint64_t values[16];

    vkWaitForFences(f->device, 1, &fence, VK_TRUE, 1000000);
    vkGetFenceStatus(f->device, fence);
    vkResetFences(f->device, 1, &fence);
    vkGetEventStatus(f->device, HANDLE(VkEvent, EVENT));
    vkGetQueryPoolResults(f->device, HANDLE(VkQueryPool, QUERIES), fuzz_pick(f, 9), fuzz_pick(f, 9),
                          sizeof(values), values, 8, VK_QUERY_RESULT_64_BIT);
}

static void step(struct fuzz *f)
{
    static void (*const calls[])(struct fuzz *f) = {
        create_memory, create_buffer, create_set_layout, create_layout, create_pipeline,
        create_pool, create_set, create_sync, use_memory, use_memory, write_set, write_set,
        submit, submit, submit, wait, destroy, destroy, confuse,
        fuzz_create_image, fuzz_create_image, fuzz_create_image_view, fuzz_create_image_view,
        fuzz_create_sampler, fuzz_query_image,
    };

    calls[fuzz_pick(f, sizeof(calls) / sizeof(calls[0]))](f);
}

static void check(VkResult result, const char *what)
{
    if (result == VK_SUCCESS)
        return;
    fprintf(stderr, "fuzz: %s: %d\n", what, (int)result);
    exit(1);
}

static void run(uint32_t seed)
{
    static const float priorities[2] = {1.0f, 1.0f};
    struct fuzz *f = calloc(1, sizeof(*f));
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                     .apiVersion = VK_API_VERSION_1_4};
    VkInstanceCreateInfo instance = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                     .pApplicationInfo = &application};
    VkDeviceQueueCreateInfo queues = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                      .queueCount = 2, .pQueuePriorities = priorities};
    VkPhysicalDeviceFeatures features = {.robustBufferAccess = VK_TRUE, .sparseBinding = VK_TRUE};
    VkDeviceCreateInfo device = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                 .queueCreateInfoCount = 1, .pQueueCreateInfos = &queues,
                                 .pEnabledFeatures = &features};
    VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT};
    VkCommandBufferAllocateInfo cmds = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                        .commandBufferCount = 2};
    VkShaderModuleCreateInfo module = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                       .codeSize = sizeof(add_one_spv), .pCode = add_one_spv};
    uint32_t one = 1;

    alarm(SECONDS);
    f->random = (seed + 1) * 0x9e3779b97f4a7c15u;
    check(vkCreateInstance(&instance, NULL, &f->instance), "instance");
    VkResult found = vkEnumeratePhysicalDevices(f->instance, &one, &f->physical);
    check(found == VK_INCOMPLETE ? VK_SUCCESS : found, "physical device");
    check(vkCreateDevice(f->physical, &device, NULL, &f->device), "device");
    for (uint32_t i = 0; i < 2; i++)
        vkGetDeviceQueue(f->device, 0, i, &f->queues[i]);
    check(vkCreateCommandPool(f->device, &pool, NULL, &f->cmd_pool), "command pool");
    cmds.commandPool = f->cmd_pool;
    check(vkAllocateCommandBuffers(f->device, &cmds, f->cmds), "command buffers");
    check(vkCreateShaderModule(f->device, &module, NULL, &f->module), "module");
    for (uint32_t i = 0; i < CALLS; i++)
        step(f);
    /* What is left goes with the device, as in a program that ends without cleaning up. */
    vkDestroyShaderModule(f->device, f->module, NULL);
    vkDestroyCommandPool(f->device, f->cmd_pool, NULL);
    vkDestroyDevice(f->device, NULL);
    vkDestroyInstance(f->instance, NULL);
    free(f);
}

int main(int argc, char **argv)
{
    uint32_t first = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 0;
    uint32_t count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1;
    const char *debug = getenv("WEFT_DEBUG");

    if (!debug || !strstr(debug, "handles")) {
        fprintf(stderr, "fuzz: WEFT_DEBUG=handles is not set\n");
        return 77;
    }
    for (uint32_t seed = first; seed - first < count; seed++) {
        /* So that a crash names its sequence. */
        printf("seed %u\n", seed);
        fflush(stdout);
        run(seed);
    }
    return 0;
}
