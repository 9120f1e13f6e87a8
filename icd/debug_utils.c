/* SPDX-License-Identifier: MIT */
#include "debug_utils.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

/* More messengers than this at once are not called; nobody has as many. */
#define MESSENGERS_MAX 16

VkResult icd_messenger_create(struct icd_instance *instance,
                              const VkDebugUtilsMessengerCreateInfoEXT *info,
                              const VkAllocationCallbacks *alloc,
                              struct icd_messenger **messenger_out)
{
    const VkAllocationCallbacks *chosen = icd_alloc_choose(&instance->base.alloc, alloc);
    struct icd_messenger *messenger =
        icd_zalloc(chosen, sizeof(*messenger), VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);

    if (!messenger)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    icd_object_init(&messenger->base, instance, NULL, VK_OBJECT_TYPE_DEBUG_UTILS_MESSENGER_EXT);
    messenger->base.alloc = *chosen;
    messenger->severities = info->messageSeverity;
    messenger->types = info->messageType;
    messenger->callback = info->pfnUserCallback;
    messenger->data = info->pUserData;

    pthread_mutex_lock(&instance->lock);
    messenger->next = instance->messengers;
    instance->messengers = messenger;
    pthread_mutex_unlock(&instance->lock);
    *messenger_out = messenger;
    return VK_SUCCESS;
}

void icd_messenger_destroy(struct icd_messenger *messenger)
{
    if (!messenger)
        return;
    struct icd_instance *instance = messenger->base.instance;

    pthread_mutex_lock(&instance->lock);
    struct icd_messenger **link = &instance->messengers;
    while (*link && *link != messenger)
        link = &(*link)->next;
    if (*link)
        *link = messenger->next;
    pthread_mutex_unlock(&instance->lock);
    icd_object_release(messenger);
}

/* Calls every messenger that wants the message, without the lock: a callback may take its time. */
static void call_messengers(struct icd_instance *instance,
                            VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                            VkDebugUtilsMessageTypeFlagsEXT types,
                            const VkDebugUtilsMessengerCallbackDataEXT *data)
{
    struct icd_messenger *messengers[MESSENGERS_MAX];
    uint32_t count = 0;

    pthread_mutex_lock(&instance->lock);
    for (struct icd_messenger *m = instance->messengers; m && count < MESSENGERS_MAX; m = m->next) {
        if ((m->severities & severity) && (m->types & types))
            messengers[count++] = icd_object_get(m);
    }
    pthread_mutex_unlock(&instance->lock);
    for (uint32_t i = 0; i < count; i++) {
        messengers[i]->callback(severity, types, data, messengers[i]->data);
        icd_object_put(messengers[i]);
    }
}

static const char *severity_name(VkDebugUtilsMessageSeverityFlagBitsEXT severity)
{
    if (severity >= VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT)
        return "error";
    if (severity >= VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT)
        return "warning";
    return "info";
}

void icd_debug_send(const struct icd_object *object,
                    VkDebugUtilsMessageSeverityFlagBitsEXT severity, const char *id,
                    int32_t number, const char *text)
{
    const char *debug = getenv("WEFT_DEBUG");

    if (debug && (strstr(debug, "messages") || strstr(debug, id)))
        fprintf(stderr, "weft: %s: %s\n", severity_name(severity), text);
    if (object && object->instance)
        icd_debug_send_data(object, severity, VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT, id,
                            number, text, NULL);
}

void icd_debug_send_data(const struct icd_object *object,
                         VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                         VkDebugUtilsMessageTypeFlagsEXT types, const char *id, int32_t number,
                         const char *text, const void *chain)
{
    char name[256] = "";
    pthread_mutex_lock(&object->instance->lock);
    if (object->name)
        snprintf(name, sizeof(name), "%s", object->name);
    pthread_mutex_unlock(&object->instance->lock);

    VkDebugUtilsObjectNameInfoEXT named = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
        .objectType = object->type,
        .objectHandle = (uint64_t)(uintptr_t)object,
        .pObjectName = name[0] ? name : NULL,
    };
    VkDebugUtilsMessengerCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CALLBACK_DATA_EXT,
        .pNext = chain,
        .pMessageIdName = id,
        .messageIdNumber = number,
        .pMessage = text,
        .objectCount = 1,
        .pObjects = &named,
    };
    call_messengers(object->instance, severity, types, &data);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateDebugUtilsMessengerEXT(
    VkInstance _instance, const VkDebugUtilsMessengerCreateInfoEXT *info,
    const VkAllocationCallbacks *alloc, VkDebugUtilsMessengerEXT *messenger_out)
{
    struct icd_messenger *messenger;
    VkResult result =
        icd_messenger_create(icd_instance_from(_instance), info, alloc, &messenger);

    if (result == VK_SUCCESS)
        *messenger_out = icd_messenger_to(messenger);
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyDebugUtilsMessengerEXT(VkInstance _instance,
                                                           VkDebugUtilsMessengerEXT messenger,
                                                           const VkAllocationCallbacks *alloc)
{
    icd_messenger_destroy(icd_messenger_from(messenger));
}

/* The loader calls the application's messengers for messages of its own making and of layers'; what
 * comes down to the driver has been delivered. */
VKAPI_ATTR void VKAPI_CALL vkSubmitDebugUtilsMessageEXT(
    VkInstance _instance, VkDebugUtilsMessageSeverityFlagBitsEXT severity,
    VkDebugUtilsMessageTypeFlagsEXT types, const VkDebugUtilsMessengerCallbackDataEXT *data)
{
}

/* ---- Names ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkSetDebugUtilsObjectNameEXT(
    VkDevice _device, const VkDebugUtilsObjectNameInfoEXT *info)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_instance *instance = device->base.instance;
    struct icd_object *object = (struct icd_object *)(uintptr_t)info->objectHandle;
    char *name = NULL;

    /* Handles of the loader's own (surfaces) aren't ours to look into. */
    if (!object || object->type != info->objectType)
        return VK_SUCCESS;
    if (info->pObjectName && info->pObjectName[0]) {
        name = strdup(info->pObjectName);
        if (!name)
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "object name");
    }
    pthread_mutex_lock(&instance->lock);
    char *old = object->name;
    object->name = name;
    pthread_mutex_unlock(&instance->lock);
    free(old);
    return VK_SUCCESS;
}

/* Tags are for layers and tools between the application and the driver. */
VKAPI_ATTR VkResult VKAPI_CALL vkSetDebugUtilsObjectTagEXT(VkDevice _device,
                                                           const VkDebugUtilsObjectTagInfoEXT *info)
{
    return VK_SUCCESS;
}
