/* SPDX-License-Identifier: MIT
 *
 * vkQueueBindSparse: memory put behind parts of buffers and images that are sparse bos.
 */
#include "buffer.h"
#include "device_memory.h"
#include "image.h"
#include "sparse_image.h"
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
        icd_submission_blame(s, "a sparse bind is left out: its range is outside of the resource");
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

/* The blocks that a range of texels covers in one direction. */
struct span {
    uint32_t first, count;
};

/* False when the range is not one of whole blocks, but for the level's end, or lies outside of it. */
static bool block_span(int32_t offset, uint32_t size, uint32_t level, uint32_t block, struct span *out)
{
    if (offset < 0 || (uint32_t)offset % block || !size || (uint32_t)offset > level ||
        size > level - (uint32_t)offset || (size % block && (uint32_t)offset + size != level))
        return false;
    *out = (struct span){(uint32_t)offset / block, (size + block - 1) / block};
    return true;
}

/* One block, page after page; pages that lie side by side together. */
static void add_block(struct icd_submission *s, const struct icd_image *image,
                      const struct icd_image_level *level, VkExtent3D block, uint64_t offset_B,
                      const struct icd_device_memory *memory, VkDeviceSize memory_B)
{
    bool whole = level->row_B == ICD_SPARSE_PAGE_B;
    uint32_t rows = whole ? 1 : block.height;
    uint64_t piece_B = whole ? (uint64_t)block.height * ICD_SPARSE_PAGE_B : ICD_SPARSE_PAGE_B;

    for (uint32_t z = 0; z < block.depth; z++) {
        for (uint32_t row = 0; row < rows; row++) {
            icd_submission_add_bind(s, image->sparse,
                                    offset_B + (uint64_t)z * level->slice_B +
                                        (uint64_t)row * level->row_B,
                                    piece_B, memory ? memory->bo : NULL, memory_B);
            memory_B += piece_B;
        }
    }
}

#define LEFT_OUT "a sparse bind of an image's blocks is left out: "

/* NULL, or what is wrong with the bind. */
static const char *add_blocks(struct icd_submission *s, const struct icd_image *image,
                              const VkSparseImageMemoryBind *bind)
{
    const struct icd_device_memory *memory = icd_device_memory_from(bind->memory);
    const VkImageSubresource *subresource = &bind->subresource;
    VkImageAspectFlags aspect = subresource->aspectMask;
    int index = aspect & (aspect - 1) ? -1 : icd_format_plane(image->format, aspect);

    if (index < 0)
        return LEFT_OUT "the image has no such aspect";
    const struct icd_image_plane *plane = &image->planes[index];
    if (subresource->mipLevel >= plane->tail_level || subresource->arrayLayer >= image->layers)
        return LEFT_OUT "there is no such level before the mip tail, or no such layer";
    const struct icd_image_level *level = &plane->levels[subresource->mipLevel];
    VkExtent3D extent = icd_image_extent(image, (uint32_t)index, subresource->mipLevel);
    VkExtent3D block = icd_sparse_block(plane->format, image->type, image->samples);
    struct span x, y, z;
    if (!block_span(bind->offset.x, bind->extent.width, extent.width,
                    block.width * plane->format->block_width, &x) ||
        !block_span(bind->offset.y, bind->extent.height, extent.height,
                    block.height * plane->format->block_height, &y) ||
        !block_span(bind->offset.z, bind->extent.depth, extent.depth, block.depth, &z))
        return LEFT_OUT "its texels are not the level's, or not in whole blocks";
    uint64_t start_B = plane->offset_B + (uint64_t)subresource->arrayLayer * plane->layer_B +
                       level->offset_B;
    uint64_t count = (uint64_t)x.count * y.count * z.count;
    if (memory && (bind->memoryOffset > memory->size_B ||
                   count > (memory->size_B - bind->memoryOffset) / ICD_SPARSE_BLOCK_B))
        return LEFT_OUT "the memory is too small";
    for (uint64_t i = 0; i < count; i++) {
        uint64_t column = x.first + i % x.count, line = y.first + i / x.count % y.count;
        uint64_t slice = z.first + i / x.count / y.count;
        add_block(s, image, level, block,
                  start_B + slice * block.depth * level->slice_B + line * block.height * level->row_B +
                      column * ICD_SPARSE_PAGE_B,
                  memory, bind->memoryOffset + i * ICD_SPARSE_BLOCK_B);
    }
    return NULL;
}

static void add_image_blocks(struct icd_submission *s, const VkSparseImageMemoryBindInfo *info)
{
    const struct icd_image *image = icd_image_from(info->image);

    if (!image || !(image->flags & VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT)) {
        icd_submission_blame(s, "sparse binds of blocks of an image without residency are left out");
        return;
    }
    for (uint32_t i = 0; i < info->bindCount; i++) {
        const char *wrong = add_blocks(s, image, &info->pBinds[i]);
        if (wrong)
            icd_submission_blame(s, wrong);
    }
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
        for (uint32_t b = 0; b < info->imageBindCount; b++)
            add_image_blocks(&submission, &info->pImageBinds[b]);
        icd_submission_add_signals(&submission, info->signalSemaphoreCount,
                                   info->pSignalSemaphores, info->pNext);
    }
    return icd_submission_end(&submission, fence);
}
