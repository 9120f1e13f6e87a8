/* SPDX-License-Identifier: MIT */
#include "instance.h"

#include <string.h>

#include "debug_utils.h"
#include "physical_device.h"
#include "quirk.h"
#include "result.h"

/* The messengers that vkCreateInstance's chain asks for live during vkCreateInstance only. Adds
 * those of the chain to the instance, as many as fit in memory. */
static void add_creation_messengers(struct icd_instance *instance, const void *chain)
{
    for (const VkBaseInStructure *in = chain; in; in = in->pNext) {
        struct icd_messenger *messenger;
        if (in->sType == VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT)
            (void)icd_messenger_create(instance, (const void *)in, NULL, &messenger);
    }
}

static void remove_messengers(struct icd_instance *instance)
{
    while (instance->messengers)
        icd_messenger_destroy(instance->messengers);
}

static VkResult enable_extensions(struct icd_instance *instance, const VkInstanceCreateInfo *info)
{
    for (uint32_t i = 0; i < info->enabledExtensionCount; i++) {
        int index = icd_instance_extension_find(info->ppEnabledExtensionNames[i]);
        if (index < 0) {
            return icd_error(instance, VK_ERROR_EXTENSION_NOT_PRESENT,
                             "instance extension %s is not supported",
                             info->ppEnabledExtensionNames[i]);
        }
        instance->extensions[index] = true;
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateInstance(const VkInstanceCreateInfo *info,
                                                const VkAllocationCallbacks *alloc,
                                                VkInstance *instance_out)
{
    const VkAllocationCallbacks *chosen = icd_alloc_choose(NULL, alloc);
    struct icd_instance *instance =
        icd_zalloc(chosen, sizeof(*instance), VK_SYSTEM_ALLOCATION_SCOPE_INSTANCE);

    if (!instance)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    icd_object_init(&instance->base, instance, NULL, VK_OBJECT_TYPE_INSTANCE);
    instance->base.alloc = *chosen;
    pthread_mutex_init(&instance->lock, NULL);
    add_creation_messengers(instance, info->pNext);

    /* "Vulkan 1.1 and later never return VK_ERROR_INCOMPATIBLE_DRIVER for a newer apiVersion." */
    if (info->pApplicationInfo)
        instance->api_version = info->pApplicationInfo->apiVersion;
    if (!instance->api_version)
        instance->api_version = VK_API_VERSION_1_0;
    instance->quirks = icd_quirks_of(info->pApplicationInfo);

    VkResult result = enable_extensions(instance, info);
    if (result == VK_SUCCESS)
        result = icd_physical_device_create(instance, &instance->physical);
    remove_messengers(instance);
    if (result != VK_SUCCESS) {
        pthread_mutex_destroy(&instance->lock);
        icd_object_fini(&instance->base);
        icd_free(chosen, instance);
        return result;
    }
    *instance_out = icd_instance_to(instance);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyInstance(VkInstance _instance,
                                             const VkAllocationCallbacks *alloc)
{
    struct icd_instance *instance = icd_instance_from(_instance);

    if (!instance)
        return;
    icd_physical_device_destroy(instance->physical);
    remove_messengers(instance);
    pthread_mutex_destroy(&instance->lock);
    icd_object_fini(&instance->base);
    VkAllocationCallbacks own = instance->base.alloc;
    icd_free(&own, instance);
}

VKAPI_ATTR VkResult VKAPI_CALL vkEnumerateInstanceVersion(uint32_t *version_out)
{
    *version_out = ICD_API_VERSION;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkEnumerateInstanceExtensionProperties(
    const char *layer, uint32_t *count, VkExtensionProperties *properties)
{
    if (layer)
        return VK_ERROR_LAYER_NOT_PRESENT;
    return icd_extensions_enumerate(icd_instance_extensions, ICD_INSTANCE_EXTENSION_COUNT, count,
                                    properties);
}

VKAPI_ATTR VkResult VKAPI_CALL vkEnumerateInstanceLayerProperties(uint32_t *count,
                                                                  VkLayerProperties *properties)
{
    *count = 0;
    return VK_SUCCESS;
}

/* Copies one handle, or counts it, as vkEnumeratePhysicalDevices and its like do. */
VKAPI_ATTR VkResult VKAPI_CALL vkEnumeratePhysicalDevices(VkInstance _instance, uint32_t *count,
                                                          VkPhysicalDevice *devices)
{
    struct icd_instance *instance = icd_instance_from(_instance);

    if (!devices) {
        *count = 1;
        return VK_SUCCESS;
    }
    if (*count == 0)
        return VK_INCOMPLETE;
    devices[0] = icd_physical_device_to(instance->physical);
    *count = 1;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkEnumeratePhysicalDeviceGroups(
    VkInstance _instance, uint32_t *count, VkPhysicalDeviceGroupProperties *groups)
{
    struct icd_instance *instance = icd_instance_from(_instance);

    if (!groups) {
        *count = 1;
        return VK_SUCCESS;
    }
    if (*count == 0)
        return VK_INCOMPLETE;
    memset(groups[0].physicalDevices, 0, sizeof(groups[0].physicalDevices));
    groups[0].physicalDeviceCount = 1;
    groups[0].physicalDevices[0] = icd_physical_device_to(instance->physical);
    groups[0].subsetAllocation = VK_FALSE;
    *count = 1;
    return VK_SUCCESS;
}
