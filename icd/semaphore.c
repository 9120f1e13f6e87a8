/* SPDX-License-Identifier: MIT */
#include "semaphore.h"

#include <stdlib.h>

#include "fence.h"
#include "weft/driver.h"

static void semaphore_finish(struct icd_object *object)
{
    struct icd_semaphore *semaphore = (struct icd_semaphore *)object;

    weft_timeline_put(&semaphore->timeline);
    weft_fence_put(&semaphore->payload);
    pthread_mutex_destroy(&semaphore->lock);
}

struct weft_fence *icd_semaphore_swap(struct icd_semaphore *semaphore, struct weft_fence *payload)
{
    pthread_mutex_lock(&semaphore->lock);
    struct weft_fence *old = semaphore->payload;
    semaphore->payload = payload;
    pthread_mutex_unlock(&semaphore->lock);
    return old;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSemaphore(VkDevice handle,
                                                 const VkSemaphoreCreateInfo *pCreateInfo,
                                                 const VkAllocationCallbacks *pAllocator,
                                                 VkSemaphore *pSemaphore)
{
    struct icd_device *device = icd_device_from(handle);
    const VkSemaphoreTypeCreateInfo *type =
        icd_find_struct(pCreateInfo->pNext, VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
    struct icd_semaphore *semaphore = icd_object_create(
        device, pAllocator, sizeof(*semaphore), VK_OBJECT_TYPE_SEMAPHORE, semaphore_finish);

    if (!semaphore)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a semaphore");
    if (type && type->semaphoreType == VK_SEMAPHORE_TYPE_TIMELINE) {
        int error = weft_timeline_create(device->weft, type->initialValue, &semaphore->timeline);
        if (error) {
            icd_object_discard(&semaphore->base);
            return icd_error_errno(device, error, "no timeline");
        }
    }
    pthread_mutex_init(&semaphore->lock, NULL);
    *pSemaphore = icd_semaphore_to(semaphore);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroySemaphore(VkDevice handle, VkSemaphore semaphore,
                                              const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_semaphore_from(semaphore));
}

/* The timeline of a handle, or NULL with a message. */
static struct icd_semaphore *timeline_from(struct icd_device *device, VkSemaphore handle)
{
    struct icd_semaphore *semaphore = icd_semaphore_from(handle);

    if (semaphore && semaphore->timeline)
        return semaphore;
    icd_message(device, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-semaphore",
                "a timeline semaphore was expected");
    return NULL;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetSemaphoreCounterValue(VkDevice handle, VkSemaphore semaphore,
                                                          uint64_t *pValue)
{
    struct icd_device *device = icd_device_from(handle);
    const struct icd_semaphore *timeline = timeline_from(device, semaphore);

    if (!timeline)
        return VK_ERROR_UNKNOWN;
    if (weft_device_status(device->weft))
        return icd_device_check(device);
    *pValue = weft_timeline_value(timeline->timeline);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkSignalSemaphore(VkDevice handle,
                                                 const VkSemaphoreSignalInfo *pSignalInfo)
{
    struct icd_device *device = icd_device_from(handle);
    const struct icd_semaphore *timeline = timeline_from(device, pSignalInfo->semaphore);

    if (!timeline)
        return VK_ERROR_UNKNOWN;
    /* VUID-VkSemaphoreSignalInfo-value-03258 */
    if (pSignalInfo->value <= weft_timeline_value(timeline->timeline))
        icd_message(timeline, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-semaphore",
                    "a timeline can't go from %llu to %llu",
                    (unsigned long long)weft_timeline_value(timeline->timeline),
                    (unsigned long long)pSignalInfo->value);
    weft_timeline_signal(timeline->timeline, pSignalInfo->value);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkWaitSemaphores(VkDevice handle,
                                                const VkSemaphoreWaitInfo *pWaitInfo,
                                                uint64_t timeout)
{
    struct icd_device *device = icd_device_from(handle);
    struct weft_timeline *few[16], **timelines = few;
    uint32_t count = pWaitInfo->semaphoreCount;
    VkResult result = VK_SUCCESS;
    uint32_t taken = 0;

    if (count > 16) {
        timelines = malloc(count * sizeof(*timelines));
        if (!timelines)
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY,
                             "no memory to wait for %u semaphores", count);
    }
    for (; result == VK_SUCCESS && taken < count; taken++) {
        const struct icd_semaphore *timeline =
            timeline_from(device, pWaitInfo->pSemaphores[taken]);
        if (!timeline) {
            result = VK_ERROR_UNKNOWN;
            break;
        }
        timelines[taken] = weft_timeline_get(timeline->timeline);
    }
    if (result == VK_SUCCESS)
        result = icd_wait_result(
            device, weft_timeline_wait(timelines, pWaitInfo->pValues, count,
                                       !(pWaitInfo->flags & VK_SEMAPHORE_WAIT_ANY_BIT),
                                       icd_deadline_ns(timeout)));
    while (taken > 0)
        weft_timeline_put(&timelines[--taken]);
    if (timelines != few)
        free(timelines);
    return result;
}
