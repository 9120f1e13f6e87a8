/* SPDX-License-Identifier: MIT
 *
 * vkQueueBindSparse: memory put behind parts of buffers and images that are sparse bos.
 */
#include "buffer.h"
#include "device_memory.h"
#include "image.h"
#include "submission.h"

/* One bind of a resource of size_B bytes whose addresses are a sparse bo. */
static void add_bind(struct icd_submission *s, struct weft_bo *sparse, VkDeviceSize size_B,
                     const VkSparseMemoryBind *bind)
{
    const struct icd_device_memory *memory = icd_device_memory_from(bind->memory);
    VkDeviceSize page_B = s->queue->base.device->physical->machine.page_B;
    VkDeviceSize end_B = (size_B + ICD_SPARSE_BLOCK_B - 1) & ~(ICD_SPARSE_BLOCK_B - 1ull);
    VkDeviceSize last_B = (size_B + page_B - 1) & ~(page_B - 1);
    VkDeviceSize bind_B = bind->size;

    if (bind_B > end_B || bind->resourceOffset > end_B - bind_B) {
        icd_submission_blame(s, "a sparse bind outside of its resource is left out");
        return;
    }
    /* "size must be ... or the end of the resource": the block's rest lies behind its last page. */
    if (bind->resourceOffset + bind_B > last_B || bind->resourceOffset + bind_B == size_B)
        bind_B = last_B - bind->resourceOffset;
    icd_submission_add_bind(s, sparse, bind->resourceOffset, bind_B, memory ? memory->bo : NULL,
                            bind->memoryOffset);
}

static void add_buffer_binds(struct icd_submission *s, const VkSparseBufferMemoryBindInfo *info)
{
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    if (!buffer || !(buffer->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT)) {
        icd_submission_blame(s, "a sparse bind of a buffer that is not sparse is left out");
        return;
    }
    for (uint32_t i = 0; i < info->bindCount; i++)
        add_bind(s, buffer->bo, buffer->size_B, &info->pBinds[i]);
}

static void add_image_binds(struct icd_submission *s, const VkSparseImageOpaqueMemoryBindInfo *info)
{
    const struct icd_image *image = icd_image_from(info->image);

    if (!image || !image->sparse) {
        icd_submission_blame(s, "a sparse bind of an image that is not sparse is left out");
        return;
    }
    for (uint32_t i = 0; i < info->bindCount; i++)
        add_bind(s, image->sparse, image->size_B, &info->pBinds[i]);
}

VKAPI_ATTR VkResult VKAPI_CALL vkQueueBindSparse(VkQueue handle, uint32_t bindInfoCount,
                                                 const VkBindSparseInfo *pBindInfo, VkFence fence)
{
    struct icd_queue *queue = icd_queue_from(handle);
    struct icd_submission submission;
    uint64_t semaphores = 0;

    if (!queue)
        return VK_ERROR_UNKNOWN;
    for (uint32_t i = 0; i < bindInfoCount; i++)
        semaphores +=
            (uint64_t)pBindInfo[i].waitSemaphoreCount + pBindInfo[i].signalSemaphoreCount;
    VkResult result = icd_submission_begin(&submission, queue, bindInfoCount, semaphores);
    if (result)
        return result;
    for (uint32_t i = 0; i < bindInfoCount; i++) {
        const VkBindSparseInfo *info = &pBindInfo[i];
        icd_submission_add_batch(&submission);
        icd_submission_add_waits(&submission, info->waitSemaphoreCount, info->pWaitSemaphores,
                                 info->pNext);
        for (uint32_t b = 0; b < info->bufferBindCount; b++)
            add_buffer_binds(&submission, &info->pBufferBinds[b]);
        for (uint32_t b = 0; b < info->imageOpaqueBindCount; b++)
            add_image_binds(&submission, &info->pImageOpaqueBinds[b]);
        if (info->imageBindCount)
            icd_submission_blame(&submission, "sparse binds of parts of images are left out: images "
                                              "have no sparse residency");
        icd_submission_add_signals(&submission, info->signalSemaphoreCount,
                                   info->pSignalSemaphores, info->pNext);
    }
    return icd_submission_end(&submission, fence);
}
