/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <string.h>

#include "feature.h"
#include "instance.h"
#include "memory_report.h"
#include "queue.h"

const void *icd_find_struct(const void *chain, VkStructureType type)
{
    const VkBaseInStructure *in = chain;

    while (in && in->sType != type)
        in = in->pNext;
    return in;
}

void *icd_find_struct_out(void *chain, VkStructureType type)
{
    VkBaseOutStructure *out = chain;

    while (out && out->sType != type)
        out = out->pNext;
    return out;
}

VkResult icd_device_check(struct icd_device *device)
{
    if (weft_device_status(device->weft) == 0)
        return VK_SUCCESS;
    const char *reason = weft_device_lost_reason(device->weft);
    return icd_error(device, VK_ERROR_DEVICE_LOST, "device lost: %s",
                     reason ? reason : "unknown reason");
}

/* The driver's messages, on their way to the application's messengers. */
static void forward_message(void *data, enum weft_message_severity severity, const char *id,
                            const char *text)
{
    static const VkDebugUtilsMessageSeverityFlagBitsEXT severities[] = {
        [WEFT_MESSAGE_INFO] = VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
        [WEFT_MESSAGE_WARNING] = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT,
        [WEFT_MESSAGE_ERROR] = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    };

    icd_message(data, severities[severity], id, "%s", text);
}

static VkResult enable_extensions(struct icd_device *device, const VkDeviceCreateInfo *info)
{
    for (uint32_t i = 0; i < info->enabledExtensionCount; i++) {
        int index = icd_device_extension_find(info->ppEnabledExtensionNames[i]);
        if (index < 0) {
            return icd_error(device->physical, VK_ERROR_EXTENSION_NOT_PRESENT,
                             "device extension %s is not supported",
                             info->ppEnabledExtensionNames[i]);
        }
        device->extensions[index] = true;
    }
    return VK_SUCCESS;
}

static VkResult enable_features(struct icd_device *device, const VkDeviceCreateInfo *info)
{
    const char *missing = icd_features_enable(&device->physical->features,
                                              info->pEnabledFeatures, info->pNext,
                                              &device->features);

    if (!missing)
        return VK_SUCCESS;
    return icd_error(device->physical, VK_ERROR_FEATURE_NOT_PRESENT, "feature %s is not supported",
                     missing);
}

static void destroy_queues(struct icd_device *device)
{
    for (uint32_t family = 0; family < ICD_FAMILY_COUNT; family++) {
        while (device->queue_counts[family] > 0)
            icd_queue_destroy(device->queues[family][--device->queue_counts[family]]);
    }
}

static VkResult create_queues(struct icd_device *device, const VkDeviceCreateInfo *info)
{
    for (uint32_t i = 0; i < info->queueCreateInfoCount; i++) {
        const VkDeviceQueueCreateInfo *queues = &info->pQueueCreateInfos[i];
        uint32_t family = queues->queueFamilyIndex;
        if (family >= ICD_FAMILY_COUNT ||
            queues->queueCount > ICD_MAX_QUEUES - device->queue_counts[family]) {
            return icd_error(device->physical, VK_ERROR_INITIALIZATION_FAILED,
                             "%u queues of family %u: there are %d families, of %u queues each",
                             queues->queueCount, family, ICD_FAMILY_COUNT, ICD_MAX_QUEUES);
        }
        for (uint32_t j = 0; j < queues->queueCount; j++) {
            uint32_t index = device->queue_counts[family];
            VkResult result =
                icd_queue_create(device, queues, index, &device->queues[family][index]);
            if (result != VK_SUCCESS)
                return result;
            device->queue_counts[family]++;
        }
    }
    return VK_SUCCESS;
}

void icd_device_keep(struct icd_device *device, struct icd_object *object)
{
    pthread_mutex_lock(&device->private_lock);
    object->next_kept = device->kept;
    device->kept = object;
    pthread_mutex_unlock(&device->private_lock);
}

static void free_kept(struct icd_device *device)
{
    while (device->kept) {
        struct icd_object *object = device->kept;
        VkAllocationCallbacks alloc = object->alloc;
        device->kept = object->next_kept;
        object->magic = 0;
        icd_free(&alloc, object);
    }
}

/* Frees what vkCreateDevice made, from the device's own memory up. */
static void free_device(struct icd_device *device)
{
    free_kept(device);
    icd_memory_report_finish(device);
    pthread_mutex_destroy(&device->private_lock);
    icd_object_fini(&device->base);
    VkAllocationCallbacks alloc = device->base.alloc;
    icd_free(&alloc, device);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateDevice(VkPhysicalDevice _physical,
                                              const VkDeviceCreateInfo *info,
                                              const VkAllocationCallbacks *alloc,
                                              VkDevice *device_out)
{
    struct icd_physical_device *physical = icd_physical_device_from(_physical);
    struct icd_instance *instance = physical->base.instance;
    const VkAllocationCallbacks *chosen = icd_alloc_choose(&instance->base.alloc, alloc);
    struct icd_device *device =
        icd_zalloc(chosen, sizeof(*device), VK_SYSTEM_ALLOCATION_SCOPE_DEVICE);

    if (!device)
        return icd_error(physical, VK_ERROR_OUT_OF_HOST_MEMORY, "device");
    icd_object_init(&device->base, instance, device, VK_OBJECT_TYPE_DEVICE);
    device->base.alloc = *chosen;
    device->physical = physical;
    pthread_mutex_init(&device->private_lock, NULL);

    VkResult result = enable_extensions(device, info);
    if (result == VK_SUCCESS)
        result = enable_features(device, info);
    if (result == VK_SUCCESS)
        result = icd_memory_report_init(device, info->pNext);
    if (result != VK_SUCCESS)
        goto free_device;

    struct weft_device_info weft_info = {
        .machine = &device->physical->machine,
        .message = forward_message,
        .message_data = device,
    };
    int error = weft_device_create(&weft_info, &device->weft);
    if (error) {
        result = icd_error_errno(physical, error, "device");
        goto free_device;
    }
    result = create_queues(device, info);
    if (result != VK_SUCCESS)
        goto destroy_queues;
    *device_out = icd_device_to(device);
    return VK_SUCCESS;

destroy_queues:
    destroy_queues(device);
    weft_device_destroy(&device->weft);
free_device:
    free_device(device);
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyDevice(VkDevice _device, const VkAllocationCallbacks *alloc)
{
    struct icd_device *device = icd_device_from(_device);

    if (!device)
        return;
    destroy_queues(device);
    weft_device_destroy(&device->weft);
    free_device(device);
}

/* "pQueue is VK_NULL_HANDLE if flags is not that of the queue's creation." */
static VkQueue find_queue(const struct icd_device *device, uint32_t family, uint32_t index,
                          VkDeviceQueueCreateFlags flags)
{
    if (family >= ICD_FAMILY_COUNT)
        return VK_NULL_HANDLE;
    for (uint32_t i = 0; i < device->queue_counts[family]; i++) {
        struct icd_queue *queue = device->queues[family][i];
        if (queue->flags == flags && index-- == 0)
            return icd_queue_to(queue);
    }
    return VK_NULL_HANDLE;
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceQueue(VkDevice _device, uint32_t family, uint32_t index,
                                            VkQueue *queue_out)
{
    *queue_out = find_queue(icd_device_from(_device), family, index, 0);
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceQueue2(VkDevice _device, const VkDeviceQueueInfo2 *info,
                                             VkQueue *queue_out)
{
    *queue_out = find_queue(icd_device_from(_device), info->queueFamilyIndex, info->queueIndex,
                            info->flags);
}

/* ---- Device groups: of one device ---- */

VKAPI_ATTR void VKAPI_CALL vkGetDeviceGroupPeerMemoryFeatures(VkDevice _device, uint32_t heap,
                                                              uint32_t local, uint32_t remote,
                                                              VkPeerMemoryFeatureFlags *out)
{
    *out = VK_PEER_MEMORY_FEATURE_COPY_SRC_BIT | VK_PEER_MEMORY_FEATURE_COPY_DST_BIT |
           VK_PEER_MEMORY_FEATURE_GENERIC_SRC_BIT | VK_PEER_MEMORY_FEATURE_GENERIC_DST_BIT;
}
