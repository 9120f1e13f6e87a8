/* SPDX-License-Identifier: MIT
 *
 * External memory, fences and semaphores: what can be exported and imported, and as what.
 *
 *     memory      opaque fd, dma-buf    shared memory behind a descriptor (driver/bo.c)
 *                 host allocation       the application's own pages
 *     fences,     opaque fd             an eventfd, which all importers share (external_fd.h)
 *     semaphores  sync fd               what a poll() of says whether it is signalled: an eventfd of
 *                                       ours, or another driver's sync file
 *     timelines   opaque fd             an eventfd whose count is the value (driver/timeline.h)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device_memory.h"
#include "external_fd.h"
#include "fence.h"

/* ---- What is supported ---- */

VkExternalMemoryProperties icd_external_memory_properties(VkExternalMemoryHandleTypeFlagBits type)
{
    VkExternalMemoryProperties properties = {.compatibleHandleTypes = type};

    if (type & ICD_MEMORY_FD_TYPES) {
        properties.externalMemoryFeatures =
            VK_EXTERNAL_MEMORY_FEATURE_EXPORTABLE_BIT | VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
        properties.exportFromImportedHandleTypes = ICD_MEMORY_FD_TYPES;
        properties.compatibleHandleTypes = ICD_MEMORY_FD_TYPES;
    } else if (type == VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT) {
        properties.externalMemoryFeatures = VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT;
    }
    return properties;
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalBufferProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalBufferInfo *info,
    VkExternalBufferProperties *out)
{
    out->externalMemoryProperties = icd_external_memory_properties(info->handleType);
    /* Memory behind a sparse buffer must be mapped once more. */
    if ((info->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT) &&
        info->handleType == VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT)
        out->externalMemoryProperties =
            (VkExternalMemoryProperties){.compatibleHandleTypes = info->handleType};
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalFenceProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalFenceInfo *info,
    VkExternalFenceProperties *out)
{
    out->exportFromImportedHandleTypes = 0;
    out->compatibleHandleTypes = 0;
    out->externalFenceFeatures = 0;
    if (info->handleType == VK_EXTERNAL_FENCE_HANDLE_TYPE_OPAQUE_FD_BIT ||
        info->handleType == VK_EXTERNAL_FENCE_HANDLE_TYPE_SYNC_FD_BIT) {
        out->exportFromImportedHandleTypes = info->handleType;
        out->compatibleHandleTypes = info->handleType;
        out->externalFenceFeatures = VK_EXTERNAL_FENCE_FEATURE_EXPORTABLE_BIT |
                                     VK_EXTERNAL_FENCE_FEATURE_IMPORTABLE_BIT;
    }
}

VKAPI_ATTR void VKAPI_CALL vkGetPhysicalDeviceExternalSemaphoreProperties(
    VkPhysicalDevice _physical, const VkPhysicalDeviceExternalSemaphoreInfo *info,
    VkExternalSemaphoreProperties *out)
{
    const VkSemaphoreTypeCreateInfo *type =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);

    out->exportFromImportedHandleTypes = 0;
    out->compatibleHandleTypes = 0;
    out->externalSemaphoreFeatures = 0;
    bool timeline = type && type->semaphoreType == VK_SEMAPHORE_TYPE_TIMELINE;
    if (info->handleType == VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD_BIT ||
        (info->handleType == VK_EXTERNAL_SEMAPHORE_HANDLE_TYPE_SYNC_FD_BIT && !timeline)) {
        out->exportFromImportedHandleTypes = info->handleType;
        out->compatibleHandleTypes = info->handleType;
        out->externalSemaphoreFeatures = VK_EXTERNAL_SEMAPHORE_FEATURE_EXPORTABLE_BIT |
                                         VK_EXTERNAL_SEMAPHORE_FEATURE_IMPORTABLE_BIT;
    }
}

/* ---- Memory ---- */

static VkResult import_result(struct icd_device *device, int error, const char *what)
{
    if (error == -ENOMEM)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory to import %s", what);
    return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE,
                     "%s can't be imported: it is no memory that can be mapped, or too small, or not "
                     "whole pages",
                     what);
}

VkResult icd_memory_import(struct icd_device *device, const VkMemoryAllocateInfo *info,
                           struct weft_bo **bo_out)
{
    const VkImportMemoryHostPointerInfoEXT *host =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT);
    const VkImportMemoryFdInfoKHR *import =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR);
    int error = 0;

    *bo_out = NULL;
    if (host && host->handleType) {
        error = host->pHostPointer ? weft_bo_import_host(device->weft, host->pHostPointer,
                                                         info->allocationSize, bo_out)
                                   : -EINVAL;
        return error ? import_result(device, error, "a host pointer") : VK_SUCCESS;
    }
    if (import && import->handleType) {
        error = import->handleType & ICD_MEMORY_FD_TYPES
                    ? weft_bo_import_fd(device->weft, import->fd, info->allocationSize, bo_out)
                    : -EINVAL;
        return error ? import_result(device, error, "a file descriptor") : VK_SUCCESS;
    }
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetMemoryFdKHR(VkDevice _device,
                                                const VkMemoryGetFdInfoKHR *info, int *fd_out)
{
    struct icd_device *device = icd_device_from(_device);
    const struct icd_device_memory *memory = icd_device_memory_from(info->memory);
    bool dma_buf = info->handleType == VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT;
    int error = memory && (info->handleType & ICD_MEMORY_FD_TYPES)
                    ? weft_bo_export(memory->bo, dma_buf, fd_out)
                    : -EINVAL;

    if (error == -EMFILE)
        return icd_error(device, VK_ERROR_TOO_MANY_OBJECTS, "no more file descriptors");
    if (error)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY,
                         "vkGetMemoryFdKHR: the memory was not allocated for export");
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL
vkGetMemoryFdPropertiesKHR(VkDevice _device, VkExternalMemoryHandleTypeFlagBits type, int fd,
                           VkMemoryFdPropertiesKHR *out)
{
    if (type != VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT || lseek(fd, 0, SEEK_END) <= 0)
        return icd_error(icd_device_from(_device), VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "vkGetMemoryFdPropertiesKHR: %d is no dma-buf", fd);
    out->memoryTypeBits = ICD_MEMORY_TYPE_BITS;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetMemoryHostPointerPropertiesEXT(
    VkDevice _device, VkExternalMemoryHandleTypeFlagBits type, const void *pointer,
    VkMemoryHostPointerPropertiesEXT *out)
{
    if (type != VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT)
        return icd_error(icd_device_from(_device), VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "vkGetMemoryHostPointerPropertiesEXT: handle type 0x%x", type);
    /* Not the type whose memory can be mapped once more. */
    out->memoryTypeBits = 1u << ICD_MEMORY_PRIVATE;
    return VK_SUCCESS;
}

/* ---- Payloads ---- */

void icd_payload_finish(struct icd_payload *payload)
{
    weft_fence_put(&payload->fence);
    if (payload->fd >= 0)
        close(payload->fd);
    payload->fd = -1;
}

VkResult icd_payload_import(struct icd_device *device, int fd, bool sync,
                            struct icd_payload *payload_out)
{
    struct icd_payload payload = {NULL, -1};
    char path[64], target[64];
    int error = 0;

    if (sync && fd == -1) {
        /* "If the file descriptor is -1, it represents an already signaled payload." */
        error = weft_fence_create(device->weft, &payload.fence);
        if (!error)
            weft_fence_signal(payload.fence, 0);
    } else if (sync) {
        error = weft_fence_import(device->weft, fd, false, &payload.fence);
    } else {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = 0;
        if (strcmp(target, "anon_inode:[eventfd]") != 0)
            error = -EINVAL;
        payload.fd = fd;
    }
    if (error == -EINVAL)
        return icd_error(device, VK_ERROR_INVALID_EXTERNAL_HANDLE,
                         "file descriptor %d is none of a fence or semaphore", fd);
    if (error)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory to import a payload");
    *payload_out = payload;
    return VK_SUCCESS;
}

VkResult icd_payload_export_sync(struct icd_device *device, struct weft_fence *fence, int *fd_out)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return icd_error(device, VK_ERROR_TOO_MANY_OBJECTS, "no more file descriptors");
    if (weft_fence_export(fence, fd)) {
        close(fd);
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory to export a payload");
    }
    *fd_out = fd;
    return VK_SUCCESS;
}

int icd_fd_duplicate(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}
