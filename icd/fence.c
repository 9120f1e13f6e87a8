/* SPDX-License-Identifier: MIT */
#include "fence.h"

#include <errno.h>
#include <stdlib.h>

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

    weft_fence_put(&fence->fence);
    pthread_mutex_destroy(&fence->lock);
}

static struct weft_fence *current(struct icd_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    struct weft_fence *weft = weft_fence_get(fence->fence);
    pthread_mutex_unlock(&fence->lock);
    return weft;
}

/* Puts a new, pending fence in. -errno leaves the old one. */
static int renew_locked(struct icd_fence *fence)
{
    struct weft_fence *renewed = NULL;
    int error = weft_fence_create(fence->base.device->weft, &renewed);

    if (error)
        return error;
    weft_fence_put(&fence->fence);
    fence->fence = renewed;
    fence->submitted = false;
    return 0;
}

struct weft_fence *icd_fence_take_for_submit(struct icd_fence *fence)
{
    struct weft_fence *weft = NULL;

    pthread_mutex_lock(&fence->lock);
    bool reused = fence->submitted;
    if (!reused || !renew_locked(fence)) {
        fence->submitted = true;
        weft = weft_fence_get(fence->fence);
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
    struct icd_fence *fence = icd_object_create(device, pAllocator, sizeof(*fence),
                                                VK_OBJECT_TYPE_FENCE, fence_finish);

    if (!fence)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a fence");
    int error = weft_fence_create(device->weft, &fence->fence);
    if (error) {
        icd_object_discard(&fence->base);
        return icd_error_errno(device, error, "no fence");
    }
    pthread_mutex_init(&fence->lock, NULL);
    if (pCreateInfo->flags & VK_FENCE_CREATE_SIGNALED_BIT) {
        weft_fence_signal(fence->fence, 0);
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
        int error = fence->submitted ? renew_locked(fence) : 0;
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
    struct weft_fence *weft = current(fence);
    int status = weft_fence_status(weft);
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

    if (fenceCount > 16) {
        fences = malloc(fenceCount * sizeof(*fences));
        if (!fences)
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory to wait for %u fences",
                             fenceCount);
    }
    for (uint32_t i = 0; i < fenceCount; i++) {
        struct icd_fence *fence = icd_fence_from(pFences[i]);
        if (fence)
            fences[count++] = current(fence);
    }
    int error = weft_fence_wait(fences, count, waitAll, icd_deadline_ns(timeout));
    for (uint32_t i = 0; i < count; i++)
        weft_fence_put(&fences[i]);
    if (fences != few)
        free(fences);
    return icd_wait_result(device, error);
}
