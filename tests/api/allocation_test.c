/* SPDX-License-Identifier: MIT
 *
 * Host memory through the application's callbacks: every allocation in turn fails, and then nothing
 * may be left behind; and what is allocated is freed through the same callbacks.
 */
#include <stdlib.h>

#include "api.h"

/* Callbacks that count, and fail the allocation number fail_at. */
struct meter {
    unsigned allocation_count, live_count;
    unsigned fail_at; /* 0: none */
};

static VKAPI_ATTR void *VKAPI_CALL count_allocate(void *data, size_t size_B, size_t alignment_B,
                                                  VkSystemAllocationScope scope)
{
    struct meter *meter = data;

    if (++meter->allocation_count == meter->fail_at)
        return NULL;
    size_t blocks = (size_B + alignment_B - 1) / alignment_B;
    void *memory = aligned_alloc(alignment_B, blocks * alignment_B);
    if (memory)
        meter->live_count++;
    return memory;
}

static VKAPI_ATTR void *VKAPI_CALL count_reallocate(void *data, void *memory, size_t size_B,
                                                    size_t alignment_B,
                                                    VkSystemAllocationScope scope)
{
    struct meter *meter = data;

    if (++meter->allocation_count == meter->fail_at)
        return NULL;
    return realloc(memory, size_B);
}

static VKAPI_ATTR void VKAPI_CALL count_free(void *data, void *memory)
{
    struct meter *meter = data;

    if (memory)
        meter->live_count--;
    free(memory);
}

/* What a test makes, one object of each kind; VK_NULL_HANDLE where it did not come to that. */
struct objects {
    VkDevice device;
    VkBuffer buffer;
    VkDeviceMemory memory;
    VkPrivateDataSlot slot;
    VkFence fence;
    VkSemaphore semaphore;
    VkEvent event;
    VkQueryPool queries;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout pipeline_layout;
    VkDescriptorPool descriptors;
    VkDescriptorSet set;
    VkPipelineCache cache;
    VkCommandPool commands;
    VkCommandBuffer command;
};

static VkResult create_device(VkPhysicalDevice physical, const VkAllocationCallbacks *alloc,
                              VkDevice *device_out)
{
    static const float priority = 1.0f;
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueCount = 1,
        .pQueuePriorities = &priority,
    };
    VkPhysicalDeviceVulkan13Features features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, .privateData = VK_TRUE};
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
        .pNext = &features,
        .queueCreateInfoCount = 1,
        .pQueueCreateInfos = &queue,
    };

    return vkCreateDevice(physical, &info, alloc, device_out);
}

#define TRY(call)                                                                                  \
    do {                                                                                           \
        VkResult try_result = (call);                                                              \
        if (try_result != VK_SUCCESS)                                                              \
            return try_result;                                                                     \
    } while (0)

static VkResult create_all(const struct api *api, const VkAllocationCallbacks *a, struct objects *o)
{
    VkBufferCreateInfo buffer = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = 256,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
    };
    VkMemoryAllocateInfo memory = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .allocationSize = 256};
    VkPrivateDataSlotCreateInfo slot = {.sType = VK_STRUCTURE_TYPE_PRIVATE_DATA_SLOT_CREATE_INFO};
    VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    VkSemaphoreCreateInfo semaphore = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    VkEventCreateInfo event = {.sType = VK_STRUCTURE_TYPE_EVENT_CREATE_INFO};
    VkQueryPoolCreateInfo queries = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
        .queryType = VK_QUERY_TYPE_TIMESTAMP,
        .queryCount = 4,
    };
    VkDescriptorSetLayoutBinding binding = {
        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .descriptorCount = 2,
        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    };
    VkDescriptorSetLayoutCreateInfo set_layout = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
        .bindingCount = 1,
        .pBindings = &binding,
    };
    VkDescriptorPoolSize size = {
        .type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, .descriptorCount = 2};
    VkDescriptorPoolCreateInfo descriptors = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
        .maxSets = 1,
        .poolSizeCount = 1,
        .pPoolSizes = &size,
    };
    VkPipelineCacheCreateInfo cache = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
    VkCommandPoolCreateInfo commands = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};

    TRY(create_device(api->physical, a, &o->device));
    TRY(vkCreateBuffer(o->device, &buffer, a, &o->buffer));
    TRY(vkAllocateMemory(o->device, &memory, a, &o->memory));
    TRY(vkBindBufferMemory(o->device, o->buffer, o->memory, 0));
    TRY(vkCreatePrivateDataSlot(o->device, &slot, a, &o->slot));
    TRY(vkCreateFence(o->device, &fence, a, &o->fence));
    TRY(vkCreateSemaphore(o->device, &semaphore, a, &o->semaphore));
    TRY(vkCreateEvent(o->device, &event, a, &o->event));
    TRY(vkCreateQueryPool(o->device, &queries, a, &o->queries));
    TRY(vkCreateDescriptorSetLayout(o->device, &set_layout, a, &o->set_layout));
    VkPipelineLayoutCreateInfo pipeline_layout = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &o->set_layout,
    };
    TRY(vkCreatePipelineLayout(o->device, &pipeline_layout, a, &o->pipeline_layout));
    TRY(vkCreateDescriptorPool(o->device, &descriptors, a, &o->descriptors));
    VkDescriptorSetAllocateInfo set = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorPool = o->descriptors,
        .descriptorSetCount = 1,
        .pSetLayouts = &o->set_layout,
    };
    TRY(vkAllocateDescriptorSets(o->device, &set, &o->set));
    TRY(vkCreatePipelineCache(o->device, &cache, a, &o->cache));
    TRY(vkCreateCommandPool(o->device, &commands, a, &o->commands));
    VkCommandBufferAllocateInfo command = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = o->commands,
        .commandBufferCount = 1,
    };
    return vkAllocateCommandBuffers(o->device, &command, &o->command);
}

/* Layouts go before what uses them, and memory before its buffer: nobody may mind. */
static void destroy_all(const struct objects *o, const VkAllocationCallbacks *a)
{
    if (!o->device)
        return;
    vkDestroyDescriptorSetLayout(o->device, o->set_layout, a);
    vkDestroyPipelineLayout(o->device, o->pipeline_layout, a);
    vkDestroyDescriptorPool(o->device, o->descriptors, a);
    vkDestroyPipelineCache(o->device, o->cache, a);
    vkDestroyCommandPool(o->device, o->commands, a);
    vkDestroyQueryPool(o->device, o->queries, a);
    vkDestroyEvent(o->device, o->event, a);
    vkDestroySemaphore(o->device, o->semaphore, a);
    vkDestroyFence(o->device, o->fence, a);
    vkDestroyPrivateDataSlot(o->device, o->slot, a);
    vkFreeMemory(o->device, o->memory, a);
    vkDestroyBuffer(o->device, o->buffer, a);
    vkDestroyDevice(o->device, a);
}

static VkAllocationCallbacks callbacks(struct meter *meter)
{
    return (VkAllocationCallbacks){
        .pUserData = meter,
        .pfnAllocation = count_allocate,
        .pfnReallocation = count_reallocate,
        .pfnFree = count_free,
    };
}

static void everything_is_freed(void **state)
{
    struct api *api = *state;
    struct meter meter = {0};
    struct objects objects = {0};
    VkAllocationCallbacks alloc = callbacks(&meter);

    if (api_validation())
        skip();
    assert_int_equal(create_all(api, &alloc, &objects), VK_SUCCESS);
    assert_true(meter.live_count > 0);
    destroy_all(&objects, &alloc);
    assert_int_equal(meter.live_count, 0);
}

static void every_allocation_may_fail(void **state)
{
    struct api *api = *state;
    VkResult result = VK_ERROR_OUT_OF_HOST_MEMORY;

    if (api_validation())
        skip(); /* layers allocate, too */
    for (unsigned n = 1; result != VK_SUCCESS; n++) {
        struct meter meter = {.fail_at = n};
        struct objects objects = {0};
        VkAllocationCallbacks alloc = callbacks(&meter);

        result = create_all(api, &alloc, &objects);
        assert_true(result == VK_SUCCESS || result == VK_ERROR_OUT_OF_HOST_MEMORY);
        destroy_all(&objects, &alloc);
        assert_int_equal(meter.live_count, 0);
        assert_true(n < 1000);
    }
}

static void instances_may_fail(void **state)
{
    VkResult result = VK_ERROR_OUT_OF_HOST_MEMORY;
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};

    if (api_validation())
        skip();
    for (unsigned n = 1; result != VK_SUCCESS; n++) {
        struct meter meter = {.fail_at = n};
        VkAllocationCallbacks alloc = callbacks(&meter);
        VkInstance instance;

        result = vkCreateInstance(&info, &alloc, &instance);
        if (result == VK_SUCCESS)
            vkDestroyInstance(instance, &alloc);
        assert_int_equal(meter.live_count, 0);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_is_freed, api_open_instance, api_close),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, api_open_instance, api_close),
        cmocka_unit_test(instances_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
