/* SPDX-License-Identifier: MIT
 *
 * weft info: asks the driver itself, without the loader, so it also works where there is none.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <vulkan/vulkan.h>

#include "weft.h"

typedef PFN_vkVoidFunction(VKAPI_PTR *get_proc)(VkInstance instance, const char *name);

#define FETCH(name) PFN_##name name = (PFN_##name)get(instance, #name)

static void print_device(get_proc get, VkInstance instance, VkPhysicalDevice device)
{
    FETCH(vkGetPhysicalDeviceProperties2);
    FETCH(vkGetPhysicalDeviceMemoryProperties);
    FETCH(vkGetPhysicalDeviceQueueFamilyProperties);
    FETCH(vkEnumerateDeviceExtensionProperties);
    VkPhysicalDeviceVulkan13Properties v13 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES};
    VkPhysicalDeviceVulkan11Properties v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES, .pNext = &v13};
    VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                     .pNext = &v11};
    VkPhysicalDeviceMemoryProperties memory;
    VkQueueFamilyProperties family;
    uint32_t family_count = 1, extension_count = 0;

    vkGetPhysicalDeviceProperties2(device, &p);
    vkGetPhysicalDeviceMemoryProperties(device, &memory);
    vkGetPhysicalDeviceQueueFamilyProperties(device, &family_count, &family);
    vkEnumerateDeviceExtensionProperties(device, NULL, &extension_count, NULL);
    const VkPhysicalDeviceLimits *limits = &p.properties.limits;

    printf("device      %s\n", p.properties.deviceName);
    printf("Vulkan      %u.%u.%u, %u device extensions\n",
           VK_API_VERSION_MAJOR(p.properties.apiVersion),
           VK_API_VERSION_MINOR(p.properties.apiVersion),
           VK_API_VERSION_PATCH(p.properties.apiVersion), extension_count);
    printf("memory      %.1f GiB\n", (double)memory.memoryHeaps[0].size / (1 << 30));
    printf("queues      %u\n", family.queueCount);
    printf("workgroup   up to %u invocations, %u KiB of shared memory\n",
           limits->maxComputeWorkGroupInvocations, limits->maxComputeSharedMemorySize / 1024);
    printf("subgroup    %u invocations, on request %u to %u\n", v11.subgroupSize,
           v13.minSubgroupSize, v13.maxSubgroupSize);
}

int weft_info(int argc, char **argv)
{
    struct place place;

    if (place_find(&place))
        return 1;
    void *library = dlopen(place.driver, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "weft info: %s\n", dlerror());
        return 1;
    }
    get_proc get = (get_proc)dlsym(library, "vk_icdGetInstanceProcAddr");
    PFN_vkCreateInstance create = get ? (PFN_vkCreateInstance)get(NULL, "vkCreateInstance") : NULL;
    VkInstance instance;
    VkInstanceCreateInfo create_info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
    if (!create || create(&create_info, NULL, &instance) != VK_SUCCESS) {
        fprintf(stderr, "weft info: %s: no instance can be created\n", place.driver);
        return 1;
    }
    FETCH(vkEnumeratePhysicalDevices);
    FETCH(vkDestroyInstance);
    VkPhysicalDevice device;
    uint32_t count = 1;
    if (vkEnumeratePhysicalDevices(instance, &count, &device) == VK_SUCCESS && count == 1)
        print_device(get, instance, device);
    printf("driver      %s\n", place.driver);
    printf("manifest    %s\n", place.manifest);
    vkDestroyInstance(instance, NULL);
    return 0;
}
