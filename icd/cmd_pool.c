/* SPDX-License-Identifier: MIT */
#include "cmd_pool.h"

#include "cmd_buffer.h"

VKAPI_ATTR VkResult VKAPI_CALL vkCreateCommandPool(VkDevice handle,
                                                   const VkCommandPoolCreateInfo *pCreateInfo,
                                                   const VkAllocationCallbacks *pAllocator,
                                                   VkCommandPool *pCommandPool)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_cmd_pool *pool = icd_object_create(device, pAllocator, sizeof(*pool),
                                                  VK_OBJECT_TYPE_COMMAND_POOL, NULL);

    if (!pool)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a command pool");
    pool->flags = pCreateInfo->flags;
    *pCommandPool = icd_cmd_pool_to(pool);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyCommandPool(VkDevice handle, VkCommandPool command_pool,
                                                const VkAllocationCallbacks *pAllocator)
{
    struct icd_cmd_pool *pool = icd_cmd_pool_from(command_pool);

    if (!pool)
        return;
    while (pool->first)
        icd_cmd_buffer_destroy(pool->first);
    icd_object_release(pool);
}

VKAPI_ATTR VkResult VKAPI_CALL vkResetCommandPool(VkDevice handle, VkCommandPool command_pool,
                                                  VkCommandPoolResetFlags flags)
{
    struct icd_cmd_pool *pool = icd_cmd_pool_from(command_pool);

    for (struct icd_cmd_buffer *cmd = pool ? pool->first : NULL; cmd; cmd = cmd->next)
        icd_cmd_buffer_reset(cmd);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkTrimCommandPool(VkDevice handle, VkCommandPool command_pool,
                                             VkCommandPoolTrimFlags flags)
{
    /* A reset command buffer keeps nothing: there is nothing to give back. */
}

VKAPI_ATTR VkResult VKAPI_CALL
vkAllocateCommandBuffers(VkDevice handle, const VkCommandBufferAllocateInfo *pAllocateInfo,
                         VkCommandBuffer *pCommandBuffers)
{
    struct icd_cmd_pool *pool = icd_cmd_pool_from(pAllocateInfo->commandPool);
    VkResult result = pool ? VK_SUCCESS : VK_ERROR_OUT_OF_HOST_MEMORY;
    uint32_t done;

    for (done = 0; result == VK_SUCCESS && done < pAllocateInfo->commandBufferCount; done++) {
        struct icd_cmd_buffer *cmd = NULL;
        result = icd_cmd_buffer_create(pool, pAllocateInfo->level, &cmd);
        if (result != VK_SUCCESS)
            break;
        pCommandBuffers[done] = icd_cmd_buffer_to(cmd);
    }
    if (result == VK_SUCCESS)
        return VK_SUCCESS;
    while (done > 0)
        icd_cmd_buffer_destroy(icd_cmd_buffer_from(pCommandBuffers[--done]));
    for (uint32_t i = 0; i < pAllocateInfo->commandBufferCount; i++)
        pCommandBuffers[i] = NULL;
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkFreeCommandBuffers(VkDevice handle, VkCommandPool command_pool,
                                                uint32_t commandBufferCount,
                                                const VkCommandBuffer *pCommandBuffers)
{
    for (uint32_t i = 0; i < commandBufferCount; i++) {
        struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(pCommandBuffers[i]);
        if (cmd)
            icd_cmd_buffer_destroy(cmd);
    }
}
