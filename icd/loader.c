/* SPDX-License-Identifier: MIT
 *
 * What the loader sees of the library: the negotiation and the three look-ups by name. Nothing else
 * is exported (icd.map).
 */
#include <string.h>

#include "device.h"
#include "entrypoints.h"
#include "instance.h"

/* Version 7 needs only these functions by name (or by vk_icdGetInstanceProcAddr). */
#define LOADER_VERSION_MAX 7

#define EXPORTED __attribute__((visibility("default")))

EXPORTED VKAPI_ATTR VkResult VKAPI_CALL vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version)
{
    /* Before 3 the driver would have had to export Vulkan's names themselves. */
    if (*version < 3)
        return VK_ERROR_INCOMPATIBLE_DRIVER;
    if (*version > LOADER_VERSION_MAX)
        *version = LOADER_VERSION_MAX;
    return VK_SUCCESS;
}

static PFN_vkVoidFunction own_function(const char *name)
{
    static const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } own[] = {
        {"vk_icdNegotiateLoaderICDInterfaceVersion",
         (PFN_vkVoidFunction)vk_icdNegotiateLoaderICDInterfaceVersion},
        {"vk_icdGetInstanceProcAddr", (PFN_vkVoidFunction)vk_icdGetInstanceProcAddr},
        {"vk_icdGetPhysicalDeviceProcAddr", (PFN_vkVoidFunction)vk_icdGetPhysicalDeviceProcAddr},
    };

    if (strncmp(name, "vk_icd", 6))
        return NULL;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (!strcmp(own[i].name, name))
            return own[i].function;
    }
    return NULL;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr(VkInstance _instance,
                                                               const char *name)
{
    if (!strcmp(name, "vkGetInstanceProcAddr"))
        return (PFN_vkVoidFunction)vkGetInstanceProcAddr;
    if (!_instance)
        return icd_find_global(name);
    struct icd_instance *instance = icd_instance_from(_instance);
    if (!instance)
        return NULL;
    return icd_find_instance(instance, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetDeviceProcAddr(VkDevice _device, const char *name)
{
    struct icd_device *device = icd_device_from(_device);

    return device ? icd_find_device(device, name) : NULL;
}

EXPORTED VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetInstanceProcAddr(VkInstance instance,
                                                                            const char *name)
{
    PFN_vkVoidFunction function = own_function(name);

    return function ? function : vkGetInstanceProcAddr(instance, name);
}

EXPORTED VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
vk_icdGetPhysicalDeviceProcAddr(VkInstance instance, const char *name)
{
    return icd_find_physical(name);
}
