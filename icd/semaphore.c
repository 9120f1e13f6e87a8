/* SPDX-License-Identifier: MIT */
#include "semaphore.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fence.h"
#include "weft/driver.h"

static void semaphore_finish(struct icd_object *object)
{
    struct icd_semaphore *semaphore = (struct icd_semaphore *)object;

    weft_timeline_put(&semaphore->timeline);
    icd_payload_finish(&semaphore->permanent);
    icd_payload_finish(&semaphore->temporary);
    pthread_mutex_destroy(&semaphore->lock);
}

static struct icd_payload *current_locked(struct icd_semaphore *semaphore)
{
    return semaphore->has_temporary ? &semaphore->temporary : &semaphore->permanent;
}

static int take_locked(struct icd_semaphore *semaphore, struct weft_fence **signal_out)
{
    struct icd_payload *payload = current_locked(semaphore);

    if (payload->fd >= 0) {
        int fd = icd_fd_duplicate(payload->fd);
        int error = fd < 0 ? -EMFILE
                           : weft_fence_import(semaphore->base.device->weft, fd, true, signal_out);
        if (error) {
            if (fd >= 0)
                close(fd);
            return error;
        }
    } else {
        *signal_out = payload->fence;
        payload->fence = NULL;
    }
    /* "A wait on a temporary payload restores the permanent one." */
    if (semaphore->has_temporary)
        icd_payload_finish(&semaphore->temporary);
    semaphore->has_temporary = false;
    return 0;
}

int icd_semaphore_take(struct icd_semaphore *semaphore, struct weft_fence **signal_out)
{
    pthread_mutex_lock(&semaphore->lock);
    int error = take_locked(semaphore, signal_out);
    pthread_mutex_unlock(&semaphore->lock);
    return error;
}

void icd_semaphore_give_back(struct icd_semaphore *semaphore, struct weft_fence *signal)
{
    if (!signal)
        return;
    pthread_mutex_lock(&semaphore->lock);
    if (semaphore->permanent.fd >= 0 && !semaphore->has_temporary) {
        semaphore->has_temporary = true;
        semaphore->temporary.fence = signal;
    } else {
        struct icd_payload *payload = current_locked(semaphore);
        weft_fence_put(&payload->fence);
        payload->fence = signal;
    }
    pthread_mutex_unlock(&semaphore->lock);
}

int icd_semaphore_signal(struct icd_semaphore *semaphore, struct weft_fence *fence,
                         struct weft_fence **old_out)
{
    int error = 0;

    *old_out = NULL;
    pthread_mutex_lock(&semaphore->lock);
    struct icd_payload *payload = current_locked(semaphore);
    if (payload->fd >= 0) {
        error = weft_fence_export(fence, payload->fd);
    } else {
        *old_out = payload->fence;
        payload->fence = weft_fence_get(fence);
    }
    pthread_mutex_unlock(&semaphore->lock);
    return error;
}

void icd_semaphore_unsignal(struct icd_semaphore *semaphore, struct weft_fence *old)
{
    pthread_mutex_lock(&semaphore->lock);
    struct icd_payload *payload = current_locked(semaphore);
    /* Nobody will signal the fence that an eventfd waits for. */
    if (payload->fd < 0) {
        weft_fence_put(&payload->fence);
        payload->fence = old;
    }
    pthread_mutex_unlock(&semaphore->lock);
}

/* ---- Exporting and importing ---- */

/* "host access to the semaphore must be externally synchronized", and no queue uses it. */
static VkResult import_timeline(struct icd_device *device, struct icd_semaphore *semaphore,
                                const VkImportSemaphoreFdInfoKHR *info)
{
    struct weft_timeline *timeline;

    if (info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT ||
        (info->flags & VK_SEMAPHORE_IMPORT_TEMPORARY_BIT))
        return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "vkImportSemaphoreFdKHR: a timeline is imported for good, by an opaque fd");
    int error = weft_timeline_import(device->weft, info->fd, &timeline);
    if (error == -EINVAL)
        return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "file descriptor %d is none of a timeline", info->fd);
    if (error)
        return icd_error_errno(device, error, "vkImportSemaphoreFdKHR");
    weft_timeline_put(&semaphore->timeline);
    semaphore->timeline = timeline;
    return VK_SUCCESS;
}

static VkResult export_timeline(struct icd_device *device, const struct icd_semaphore *semaphore,
                                const VkSemaphoreGetFdInfoKHR *info, int *fd_out)
{
    int error = info->handleType == VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT
                    ? weft_timeline_export(semaphore->timeline, fd_out)
                    : -EINVAL;

    if (error == -EINVAL)
        return icd_error(device, VK_ERROR_UNKNOWN,
                         "vkGetSemaphoreFdKHR: the timeline was not created for that");
    return error ? icd_error(device, VK_ERROR_TOO_MANY_OBJECTS, "no more file descriptors")
                 : VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkImportSemaphoreFdKHR(VkDevice handle,
                                                      const VkImportSemaphoreFdInfoKHR *info)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_semaphore *semaphore = icd_semaphore_from(info->semaphore);
    bool sync = info->handleType == VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT;
    struct icd_payload payload;

    if (!semaphore)
        return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "vkImportSemaphoreFdKHR: no semaphore");
    if (semaphore->timeline)
        return import_timeline(device, semaphore, info);
    VkResult result = icd_payload_import(device, info->fd, sync, &payload);
    if (result != VK_SUCCESS)
        return result;
    pthread_mutex_lock(&semaphore->lock);
    /* Sync fds have temporary permanence only. */
    bool temporary = sync || (info->flags & VK_SEMAPHORE_IMPORT_TEMPORARY_BIT);
    struct icd_payload *target = temporary ? &semaphore->temporary : &semaphore->permanent;
    icd_payload_finish(target);
    *target = payload;
    if (temporary)
        semaphore->has_temporary = true;
    pthread_mutex_unlock(&semaphore->lock);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetSemaphoreFdKHR(VkDevice handle,
                                                   const VkSemaphoreGetFdInfoKHR *info,
                                                   int *fd_out)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_semaphore *semaphore = icd_semaphore_from(info->semaphore);

    if (!semaphore)
        return icd_error(device, VK_ERROR_UNKNOWN, "vkGetSemaphoreFdKHR: no semaphore");
    if (semaphore->timeline)
        return export_timeline(device, semaphore, info, fd_out);
    if (info->handleType != VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT) {
        pthread_mutex_lock(&semaphore->lock);
        int shared = current_locked(semaphore)->fd;
        int fd = shared >= 0 ? icd_fd_duplicate(shared) : -1;
        pthread_mutex_unlock(&semaphore->lock);
        if (fd < 0)
            return icd_error(semaphore, VK_ERROR_TOO_MANY_OBJECTS,
                             "vkGetSemaphoreFdKHR: %s",
                             shared >= 0 ? "no more file descriptors"
                                         : "the semaphore was not created for export");
        *fd_out = fd;
        return VK_SUCCESS;
    }
    /* "... has the same side effects on the source semaphore's payload as a wait." */
    struct weft_fence *signal = NULL;
    int error = icd_semaphore_take(semaphore, &signal);
    if (error)
        return icd_error_errno(semaphore, error, "vkGetSemaphoreFdKHR");
    if (!signal)
        return icd_error(semaphore, VK_ERROR_UNKNOWN,
                         "vkGetSemaphoreFdKHR: nothing was submitted that signals the semaphore");
    weft_fence_begin(signal);
    VkResult result = icd_payload_export_sync(device, signal, fd_out);
    if (result != VK_SUCCESS) {
        icd_semaphore_give_back(semaphore, signal);
        return result;
    }
    weft_fence_put(&signal);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSemaphore(VkDevice handle,
                                                 const VkSemaphoreCreateInfo *pCreateInfo,
                                                 const VkAllocationCallbacks *pAllocator,
                                                 VkSemaphore *pSemaphore)
{
    struct icd_device *device = icd_device_from(handle);
    const VkSemaphoreTypeCreateInfo *type =
        icd_find_struct(pCreateInfo->pNext, VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
    const VkExportSemaphoreCreateInfo *export =
        icd_find_struct(pCreateInfo->pNext, VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO);
    struct icd_semaphore *semaphore = icd_object_create(
        device, pAllocator, sizeof(*semaphore), VK_OBJECT_TYPE_SEMAPHORE, semaphore_finish);

    if (!semaphore)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a semaphore");
    bool shared =
        export && (export->handleTypes & VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT);
    if (type && type->semaphoreType == VK_SEMAPHORE_TYPE_TIMELINE) {
        int error = (shared ? weft_timeline_create_shared : weft_timeline_create)(
            device->weft, type->initialValue, &semaphore->timeline);
        if (error) {
            icd_object_discard(&semaphore->base);
            return icd_error_errno(device, error, "no timeline");
        }
    }
    semaphore->permanent.fd = semaphore->temporary.fd = -1;
    if (shared && !semaphore->timeline) {
        semaphore->permanent.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
        if (semaphore->permanent.fd < 0) {
            icd_object_discard(&semaphore->base);
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no more file descriptors");
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
