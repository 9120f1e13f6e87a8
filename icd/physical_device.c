/* SPDX-License-Identifier: MIT */
#include "physical_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extensions.h"
#include "feature.h"
#include "instance.h"
#include "properties.h"
#include "quirk.h"
#include "result.h"
#include "version.h"

/* Memory that the process needs for itself stays out of the heap. */
#define RESERVED_B (256ull << 20)

static uint64_t heap_size_B(const struct weft_machine *machine)
{
    uint64_t heap_B = machine->memory_B;

    heap_B -= heap_B > 4 * RESERVED_B ? RESERVED_B : heap_B / 4;
    return heap_B & ~(machine->page_B - 1);
}

VkResult icd_physical_device_create(struct icd_instance *instance,
                                    struct icd_physical_device **physical_out)
{
    struct icd_physical_device *physical = icd_zalloc(&instance->base.alloc, sizeof(*physical),
                                                      VK_SYSTEM_ALLOCATION_SCOPE_INSTANCE);

    if (!physical)
        return icd_error(instance, VK_ERROR_OUT_OF_HOST_MEMORY, "physical device");
    icd_object_init(&physical->base, instance, NULL, VK_OBJECT_TYPE_PHYSICAL_DEVICE);
    weft_machine_query(&physical->machine);
    physical->heap_B = heap_size_B(&physical->machine);
    icd_features_supported(&physical->features);
    icd_properties_init(&physical->properties, &physical->machine, physical->heap_B);
    /* wgpu hides a device that names none. */
    if (instance->quirks & ICD_QUIRK_CONFORMANCE)
        physical->properties.conformanceVersion = (VkConformanceVersion){1, 4, 0, 0};
    *physical_out = physical;
    return VK_SUCCESS;
}

void icd_physical_device_destroy(struct icd_physical_device *physical)
{
    if (!physical)
        return;
    VkAllocationCallbacks alloc = physical->base.instance->base.alloc;
    icd_object_fini(&physical->base);
    icd_free(&alloc, physical);
}

/* ---- Features and properties ---- */

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFeatures(VkPhysicalDevice _physical,
                                                       VkPhysicalDeviceFeatures *out)
{
    icd_features_core(&icd_physical_device_from(_physical)->features, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceFeatures2(VkPhysicalDevice _physical,
                                                        VkPhysicalDeviceFeatures2 *out)
{
    icd_features_fill(&icd_physical_device_from(_physical)->features, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceProperties(VkPhysicalDevice _physical,
                                                         VkPhysicalDeviceProperties *out)
{
    icd_properties_core(&icd_physical_device_from(_physical)->properties, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceProperties2(VkPhysicalDevice _physical,
                                                          VkPhysicalDeviceProperties2 *out)
{
    struct icd_physical_device *physical = icd_physical_device_from(_physical);

    icd_properties_core(&physical->properties, &out->properties);
    icd_properties_fill(&physical->properties, out->pNext);
}

/* ---- Extensions and layers ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkEnumerateDeviceExtensionProperties(
    VkPhysicalDevice _physical, const char *layer, uint32_t *count,
    VkExtensionProperties *properties)
{
    if (layer)
        return VK_ERROR_LAYER_NOT_PRESENT;
    return icd_extensions_enumerate(icd_device_extensions, ICD_DEVICE_EXTENSION_COUNT, count,
                                    properties);
}

VKAPI_ATTR VkResult VKAPI_CALL vkEnumerateDeviceLayerProperties(VkPhysicalDevice _physical,
                                                                uint32_t *count,
                                                                VkLayerProperties *properties)
{
    *count = 0;
    return VK_SUCCESS;
}

/* ---- Queue families ---- */

static const VkQueueFamilyProperties families_table[ICD_FAMILY_COUNT] = {
    [ICD_FAMILY_COMPUTE] = {
        .queueFlags =
            VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT,
        .queueCount = ICD_MAX_QUEUES,
        .timestampValidBits = 64,
        .minImageTransferGranularity = {1, 1, 1},
    },
    [ICD_FAMILY_TRANSFER] = {
        .queueFlags = VK_QUEUE_TRANSFER_BIT | VK_QUEUE_SPARSE_BINDING_BIT,
        .queueCount = ICD_MAX_QUEUES,
        .timestampValidBits = 64,
        .minImageTransferGranularity = {1, 1, 1},
    },
    [ICD_FAMILY_ASYNC_COMPUTE] = {
        .queueFlags = VK_QUEUE_COMPUTE_BIT | VK_QUEUE_TRANSFER_BIT,
        .queueCount = ICD_MAX_QUEUES,
        .timestampValidBits = 64,
        .minImageTransferGranularity = {1, 1, 1},
    },
};

/* VK_QUEUE_GLOBAL_PRIORITY_REALTIME would promise what no ordinary process can have. */
static const VkQueueGlobalPriority priorities[] = {
    VK_QUEUE_GLOBAL_PRIORITY_LOW,
    VK_QUEUE_GLOBAL_PRIORITY_MEDIUM,
    VK_QUEUE_GLOBAL_PRIORITY_HIGH,
};

bool icd_has_global_priority(VkQueueGlobalPriority priority)
{
    for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++) {
        if (priorities[i] == priority)
            return true;
    }
    return false;
}

static VkQueueFamilyProperties family_properties(const struct icd_physical_device *physical,
                                                 uint32_t family)
{
    VkQueueFamilyProperties properties = families_table[family];

    if (family == ICD_FAMILY_COMPUTE && physical->base.instance->quirks & ICD_QUIRK_GRAPHICS)
        properties.queueFlags |= VK_QUEUE_GRAPHICS_BIT;
    return properties;
}

static void fill_family(const struct icd_physical_device *physical, VkQueueFamilyProperties2 *out,
                        uint32_t family)
{
    out->queueFamilyProperties = family_properties(physical, family);
    for (VkBaseOutStructure *s = out->pNext; s; s = s->pNext) {
        if (s->sType == VK_STRUCTURE_TYPE_QUEUE_FAMILY_GLOBAL_PRIORITY_PROPERTIES) {
            VkQueueFamilyGlobalPriorityProperties *global = (void *)s;
            global->priorityCount = sizeof(priorities) / sizeof(priorities[0]);
            memcpy(global->priorities, priorities, sizeof(priorities));
        } else if (s->sType == VK_STRUCTURE_TYPE_QUEUE_FAMILY_OWNERSHIP_TRANSFER_PROPERTIES_KHR) {
            /* Nothing is ever moved or converted. */
            ((VkQueueFamilyOwnershipTransferPropertiesKHR *)s)
                ->optimalImageTransferToQueueFamilies = (1u << ICD_FAMILY_COUNT) - 1;
        } else if (s->sType ==
                   VK_STRUCTURE_TYPE_QUEUE_FAMILY_OPTIMAL_IMAGE_TRANSFER_GRANULARITY_PROPERTIES_KHR) {
            ((VkQueueFamilyOptimalImageTransferGranularityPropertiesKHR *)s)
                ->optimalImageTransferGranularity = (VkExtent3D){1, 1, 1};
        }
    }
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceQueueFamilyProperties(
    VkPhysicalDevice _physical, uint32_t *count, VkQueueFamilyProperties *families)
{
    if (!families || *count > ICD_FAMILY_COUNT)
        *count = ICD_FAMILY_COUNT;
    for (uint32_t i = 0; families && i < *count; i++)
        families[i] = family_properties(icd_physical_device_from(_physical), i);
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceQueueFamilyProperties2(
    VkPhysicalDevice _physical, uint32_t *count, VkQueueFamilyProperties2 *families)
{
    if (!families || *count > ICD_FAMILY_COUNT)
        *count = ICD_FAMILY_COUNT;
    for (uint32_t i = 0; families && i < *count; i++)
        fill_family(icd_physical_device_from(_physical), &families[i], i);
}

/* ---- Memory: one heap; its types have every property ---- */

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceMemoryProperties(
    VkPhysicalDevice _physical, VkPhysicalDeviceMemoryProperties *out)
{
    const struct icd_physical_device *physical = icd_physical_device_from(_physical);

    *out = (VkPhysicalDeviceMemoryProperties){
        .memoryTypeCount = ICD_MEMORY_TYPE_COUNT,
        .memoryHeapCount = 1,
        .memoryHeaps[0] = {
            .size = physical->heap_B,
            .flags = VK_MEMORY_HEAP_DEVICE_LOCAL_BIT,
        },
    };
    for (uint32_t i = 0; i < ICD_MEMORY_TYPE_COUNT; i++)
        out->memoryTypes[i] = (VkMemoryType){
            .propertyFlags = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT |
                             VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                             VK_MEMORY_PROPERTY_HOST_COHERENT_BIT |
                             VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
            .heapIndex = 0,
        };
}

/* heapUsage is what the process has of the heap: since other processes share the machine's memory,
 * the budget is what could still be had on top of it. */
static void fill_budget(const struct icd_physical_device *physical,
                        VkPhysicalDeviceMemoryBudgetPropertiesEXT *budget)
{
    uint64_t used_B = atomic_load(&physical->allocated_B);
    uint64_t budget_B = used_B + weft_machine_available_B();

    memset(budget->heapBudget, 0, sizeof(budget->heapBudget));
    memset(budget->heapUsage, 0, sizeof(budget->heapUsage));
    budget->heapBudget[0] = budget_B < physical->heap_B ? budget_B : physical->heap_B;
    budget->heapUsage[0] = used_B;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceMemoryProperties2(
    VkPhysicalDevice _physical, VkPhysicalDeviceMemoryProperties2 *out)
{
    vkGetPhysicalDeviceMemoryProperties(_physical, &out->memoryProperties);
    for (VkBaseOutStructure *s = out->pNext; s; s = s->pNext) {
        if (s->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT)
            fill_budget(icd_physical_device_from(_physical), (void *)s);
    }
}

/* ---- Tools ---- */

/* The driver is the only tool: it validates shaders, and says what is wrong through debug utils. */
VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceToolProperties(
    VkPhysicalDevice _physical, uint32_t *count, VkPhysicalDeviceToolProperties *tools)
{
    *count = 0;
    return VK_SUCCESS;
}
