/* SPDX-License-Identifier: MIT
 *
 * External memory, fences and semaphores: core Vulkan 1.1 obliges a driver to be asked about them.
 * No handle type can be exported or imported.
 */
#include "physical_device.h"

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalBufferProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalBufferInfo *info,
    VkExternalBufferProperties *out)
{
    out->externalMemoryProperties = (VkExternalMemoryProperties){
        .compatibleHandleTypes = info->handleType,
    };
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalFenceProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalFenceInfo *info,
    VkExternalFenceProperties *out)
{
    out->exportFromImportedHandleTypes = 0;
    out->compatibleHandleTypes = 0;
    out->externalFenceFeatures = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalSemaphoreProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalSemaphoreInfo *info,
    VkExternalSemaphoreProperties *out)
{
    out->exportFromImportedHandleTypes = 0;
    out->compatibleHandleTypes = 0;
    out->externalSemaphoreFeatures = 0;
}
