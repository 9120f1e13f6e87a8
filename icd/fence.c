/* SPDX-License-Identifier: MIT */
#include "fence.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "weft/driver.h"

uint64_t icd_deadline_ns(uint64_t timeout_ns)
{
    uint64_t now_ns = timeout_ns == UINT64_MAX ? 0 : weft_clock_ns();

    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

VkResult icd_wait_result(struct icd_device *device, int error)
{
    switch (error) {
    case 0:
        return VK_SUCCESS;
    case -ETIMEDOUT:
        return VK_TIMEOUT;
    case -EIO:
        /* icd_device_check() has the reason for the messenger. */
        icd_device_check(device);
        return VK_ERROR_DEVICE_LOST;
    default:
        return icd_error_errno(device, error, "a wait failed");
    }
}

static void fence_finish(struct icd_object *object)
{
    struct icd_fence *fence = (struct icd_fence *)object;

    icd_payload_finish(&fence->permanent);
    icd_payload_finish(&fence->temporary);
    pthread_mutex_destroy(&fence->lock);
}

static bool is_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    return fd >= 0 && poll(&poll_fd, 1, 0) == 1;
}

/* A fence of the driver's that shows the present state, with a reference. 0 or -errno */
static int current(struct icd_fence *fence, struct weft_fence **weft_out)
{
    int error = 0;

    pthread_mutex_lock(&fence->lock);
    struct icd_payload *payload = fence->has_temporary ? &fence->temporary : &fence->permanent;
    /* Another owner of the descriptor may have reset it. */
    if (payload->fd >= 0 && payload->fence && weft_fence_status(payload->fence) == 0 &&
        !is_readable(payload->fd))
        weft_fence_put(&payload->fence);
    if (!payload->fence) {
        int fd = icd_fd_duplicate(payload->fd);
        error = fd < 0 ? -EMFILE
                       : weft_fence_import(fence->base.device->weft, fd, false, &payload->fence);
        if (error && fd >= 0)
            close(fd);
    }
    *weft_out = weft_fence_get(payload->fence);
    pthread_mutex_unlock(&fence->lock);
    return error;
}

/* Makes the permanent payload unsignalled. -errno leaves it. */
static int renew_locked(struct icd_fence *fence)
{
    struct weft_fence *renewed = NULL;
    uint64_t count;

    if (fence->permanent.fd >= 0) {
        /* Empties the eventfd; what follows it is made anew by the next wait. */
        if (read(fence->permanent.fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
            return -errno;
    } else {
        int error = weft_fence_create(fence->base.device->weft, &renewed);
        if (error)
            return error;
    }
    weft_fence_put(&fence->permanent.fence);
    fence->permanent.fence = renewed;
    fence->submitted = false;
    return 0;
}

static int reset_locked(struct icd_fence *fence)
{
    /* "If any member of pFences has its payload imported with temporary permanence, that fence's prior
     * permanent payload is first restored. The remaining operations act on the restored payload." */
    if (fence->has_temporary)
        icd_payload_finish(&fence->temporary);
    fence->has_temporary = false;
    return fence->submitted || fence->permanent.fd >= 0 ? renew_locked(fence) : 0;
}

/* What a submit signals for a payload with a descriptor. */
static struct weft_fence *shared_signal_locked(struct icd_fence *fence, int fd)
{
    struct weft_fence *weft = NULL;

    if (weft_fence_create(fence->base.device->weft, &weft))
        return NULL;
    if (weft_fence_export(weft, fd))
        weft_fence_put(&weft);
    return weft;
}

struct weft_fence *icd_fence_take_for_submit(struct icd_fence *fence)
{
    struct weft_fence *weft = NULL;

    pthread_mutex_lock(&fence->lock);
    struct icd_payload *payload = fence->has_temporary ? &fence->temporary : &fence->permanent;
    bool reused = fence->submitted && payload->fd < 0 && !fence->has_temporary;
    if (payload->fd >= 0) {
        weft = shared_signal_locked(fence, payload->fd);
    } else if (!reused || !renew_locked(fence)) {
        fence->submitted = true;
        weft = weft_fence_get(payload->fence);
    }
    pthread_mutex_unlock(&fence->lock);
    if (reused)
        icd_message(fence, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-fence",
                    "a fence is submitted again without vkResetFences");
    return weft;
}

void icd_fence_submit_failed(struct icd_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    fence->submitted = false;
    pthread_mutex_unlock(&fence->lock);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateFence(VkDevice handle, const VkFenceCreateInfo *pCreateInfo,
                                             const VkAllocationCallbacks *pAllocator,
                                             VkFence *pFence)
{
    struct icd_device *device = icd_device_from(handle);
    const VkExportFenceCreateInfo *export =
        icd_find_struct(pCreateInfo->pNext, VK_STRUCTURE_TYPE_EXPORT_FENCE_CREATE_INFO);
    bool signaled = pCreateInfo->flags & VK_FENCE_CREATE_SIGNALED_BIT;
    struct icd_fence *fence = icd_object_create(device, pAllocator, sizeof(*fence),
                                                VK_OBJECT_TYPE_FENCE, fence_finish);

    if (!fence)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a fence");
    int error = 0;
    fence->permanent.fd = fence->temporary.fd = -1;
    if (export && (export->handleTypes & VK_EXTERNAL_FENCE_HANDLE_TYPE_OPAQUE_FD_BIT)) {
        fence->permanent.fd = eventfd(signaled, EFD_CLOEXEC | EFD_NONBLOCK);
        error = fence->permanent.fd < 0 ? -EMFILE : 0;
    } else {
        error = weft_fence_create(device->weft, &fence->permanent.fence);
    }
    if (error) {
        icd_object_discard(&fence->base);
        return icd_error_errno(device, error, "no fence");
    }
    pthread_mutex_init(&fence->lock, NULL);
    if (signaled && fence->permanent.fence) {
        weft_fence_signal(fence->permanent.fence, 0);
        fence->submitted = true;
    }
    *pFence = icd_fence_to(fence);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyFence(VkDevice handle, VkFence fence,
                                          const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_fence_from(fence));
}

VKAPI_ATTR VkResult VKAPI_CALL vkResetFences(VkDevice handle, uint32_t fenceCount,
                                             const VkFence *pFences)
{
    struct icd_device *device = icd_device_from(handle);

    for (uint32_t i = 0; i < fenceCount; i++) {
        struct icd_fence *fence = icd_fence_from(pFences[i]);
        if (!fence)
            continue;
        pthread_mutex_lock(&fence->lock);
        int error = reset_locked(fence);
        pthread_mutex_unlock(&fence->lock);
        if (error)
            return icd_error_errno(device, error, "no memory to reset a fence");
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetFenceStatus(VkDevice handle, VkFence fence_handle)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_fence *fence = icd_fence_from(fence_handle);

    if (!fence)
        return VK_ERROR_UNKNOWN;
    struct weft_fence *weft = NULL;
    int error = current(fence, &weft);
    if (error)
        return icd_error_errno(device, error, "vkGetFenceStatus");
    /* A descriptor's news may take a moment to come through. */
    int status = weft_fence_status(weft);
    pthread_mutex_lock(&fence->lock);
    if (status > 0 && is_readable(fence->has_temporary ? fence->temporary.fd : fence->permanent.fd))
        status = 0;
    pthread_mutex_unlock(&fence->lock);
    weft_fence_put(&weft);
    if (weft_device_status(device->weft) || status < 0)
        return icd_wait_result(device, -EIO);
    return status == 0 ? VK_SUCCESS : VK_NOT_READY;
}

VKAPI_ATTR VkResult VKAPI_CALL vkWaitForFences(VkDevice handle, uint32_t fenceCount,
                                               const VkFence *pFences, VkBool32 waitAll,
                                               uint64_t timeout)
{
    struct icd_device *device = icd_device_from(handle);
    struct weft_fence *few[16], **fences = few;
    uint32_t count = 0;
    int error = 0;

    if (fenceCount > 16) {
        fences = malloc(fenceCount * sizeof(*fences));
        if (!fences)
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory to wait for %u fences",
                             fenceCount);
    }
    for (uint32_t i = 0; i < fenceCount && !error; i++) {
        struct icd_fence *fence = icd_fence_from(pFences[i]);
        if (fence)
            error = current(fence, &fences[count]);
        if (fence && !error)
            count++;
    }
    if (!error)
        error = weft_fence_wait(fences, count, waitAll, icd_deadline_ns(timeout));
    for (uint32_t i = 0; i < count; i++)
        weft_fence_put(&fences[i]);
    if (fences != few)
        free(fences);
    return icd_wait_result(device, error);
}

/* ---- Exporting and importing ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkImportFenceFdKHR(VkDevice handle,
                                                  const VkImportFenceFdInfoKHR *info)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_fence *fence = icd_fence_from(info->fence);
    bool sync = info->handleType == VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT;
    struct icd_payload payload;

    if (!fence)
        return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE, "vkImportFenceFdKHR: no fence");
    VkResult result = icd_payload_import(device, info->fd, sync, &payload);
    if (result != VK_SUCCESS)
        return result;
    pthread_mutex_lock(&fence->lock);
    /* Sync fds have temporary permanence only. */
    bool temporary = sync || (info->flags & VK_FENCE_IMPORT_TEMPORARY_BIT);
    struct icd_payload *target = temporary ? &fence->temporary : &fence->permanent;
    icd_payload_finish(target);
    *target = payload;
    if (temporary)
        fence->has_temporary = true;
    pthread_mutex_unlock(&fence->lock);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetFenceFdKHR(VkDevice handle, const VkFenceGetFdInfoKHR *info,
                                               int *fd_out)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_fence *fence = icd_fence_from(info->fence);
    struct weft_fence *weft = NULL;

    if (!fence)
        return icd_error(device, VK_ERROR_UNKNOWN, "vkGetFenceFdKHR: no fence");
    if (info->handleType != VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT) {
        pthread_mutex_lock(&fence->lock);
        int shared = fence->has_temporary ? fence->temporary.fd : fence->permanent.fd;
        int fd = shared >= 0 ? icd_fd_duplicate(shared) : -1;
        pthread_mutex_unlock(&fence->lock);
        if (fd < 0)
            return icd_error(fence, VK_ERROR_TOO_MANY_OBJECTS, "vkGetFenceFdKHR: %s",
                             shared >= 0 ? "no more file descriptors"
                                         : "the fence was not created for export");
        *fd_out = fd;
        return VK_SUCCESS;
    }
    int error = current(fence, &weft);
    if (error)
        return icd_error_errno(fence, error, "vkGetFenceFdKHR");
    VkResult result = icd_payload_export_sync(device, weft, fd_out);
    weft_fence_put(&weft);
    /* "... has the same side effects on the source fence's payload as vkResetFences." */
    return result == VK_SUCCESS ? vkResetFences(handle, 1, &info->fence) : result;
}
