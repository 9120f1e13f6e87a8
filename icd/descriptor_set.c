/* SPDX-License-Identifier: MIT */
#include "descriptor_set.h"

#include <string.h>

#include "weft/driver.h"

/* ---- Pools ---- */

static void pool_finish(struct icd_object *object)
{
    struct icd_descriptor_pool *pool = (struct icd_descriptor_pool *)object;

    weft_bo_close(&pool->bo);
}

/* The memory that a pool's descriptors can take at most. */
static uint64_t pool_size_B(const VkDescriptorPoolCreateInfo *info)
{
    const VkDescriptorPoolInlineUniformBlockCreateInfo *inline_info = icd_find_struct(
        info->pNext, VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_INLINE_UNIFORM_BLOCK_CREATE_INFO);
    const VkMutableDescriptorTypeCreateInfoEXT *mutable_types =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_MUTABLE_DESCRIPTOR_TYPE_CREATE_INFO_EXT);
    uint64_t size_B = (uint64_t)info->maxSets * ICD_SET_ALIGN_B; /* what sets lose at their ends */

    for (uint32_t i = 0; i < info->poolSizeCount; i++) {
        const VkDescriptorPoolSize *size = &info->pPoolSizes[i];
        size_B += (uint64_t)size->descriptorCount *
                  (size->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT
                       ? icd_descriptor_mutable_B(mutable_types, i)
                       : icd_descriptor_type_B(size->type));
    }
    if (inline_info)
        size_B += (uint64_t)inline_info->maxInlineUniformBlockBindings * WEFT_DESC_B;
    return size_B;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateDescriptorPool(VkDevice handle,
                                                      const VkDescriptorPoolCreateInfo *pCreateInfo,
                                                      const VkAllocationCallbacks *pAllocator,
                                                      VkDescriptorPool *pDescriptorPool)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_descriptor_pool *pool = icd_object_create(
        device, pAllocator, sizeof(*pool), VK_OBJECT_TYPE_DESCRIPTOR_POOL, pool_finish);
    int error;

    if (!pool)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a descriptor pool");
    pool->flags = pCreateInfo->flags;
    pool->set_max = pCreateInfo->maxSets;
    pool->size_B = pool_size_B(pCreateInfo);
    if (!pool->size_B)
        pool->size_B = ICD_SET_ALIGN_B;
    error = weft_bo_create(device->weft, pool->size_B, 0, &pool->bo);
    if (error) {
        uint64_t size_B = pool->size_B;
        icd_object_discard(&pool->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "no memory for a descriptor pool of %llu bytes",
                         (unsigned long long)size_B);
    }
    pool->memory = weft_bo_map(pool->bo);
    *pDescriptorPool = icd_descriptor_pool_to(pool);
    return VK_SUCCESS;
}

static void set_free(struct icd_descriptor_set *set)
{
    struct icd_descriptor_pool *pool = set->pool;

    *(set->prev ? &set->prev->next : &pool->first) = set->next;
    *(set->next ? &set->next->prev : &pool->last) = set->prev;
    pool->used_B -= set->size_B;
    pool->set_count--;
    icd_object_release(set);
}

static void pool_reset(struct icd_descriptor_pool *pool)
{
    while (pool->last)
        set_free(pool->last);
}

VKAPI_ATTR void VKAPI_CALL vkDestroyDescriptorPool(VkDevice handle,
                                                   VkDescriptorPool descriptor_pool,
                                                   const VkAllocationCallbacks *pAllocator)
{
    struct icd_descriptor_pool *pool = icd_descriptor_pool_from(descriptor_pool);

    if (!pool)
        return;
    pool_reset(pool);
    icd_object_release(pool);
}

VKAPI_ATTR VkResult VKAPI_CALL vkResetDescriptorPool(VkDevice handle,
                                                     VkDescriptorPool descriptor_pool,
                                                     VkDescriptorPoolResetFlags flags)
{
    struct icd_descriptor_pool *pool = icd_descriptor_pool_from(descriptor_pool);

    if (pool)
        pool_reset(pool);
    return VK_SUCCESS;
}

/* ---- Sets ---- */

static void set_finish(struct icd_object *object)
{
    struct icd_descriptor_set *set = (struct icd_descriptor_set *)object;

    icd_object_put(set->layout);
}

/* Finds room for size_B bytes. *after_out is the set to go behind, NULL for the pool's start. */
static VkResult pool_find_room(const struct icd_descriptor_pool *pool, uint64_t size_B,
                               struct icd_descriptor_set **after_out, uint64_t *offset_B_out)
{
    uint64_t end_B = pool->last ? pool->last->offset_B + pool->last->size_B : 0;

    if (pool->set_count >= pool->set_max || size_B > pool->size_B - pool->used_B)
        return VK_ERROR_OUT_OF_POOL_MEMORY;
    if (size_B <= pool->size_B - end_B) {
        *after_out = pool->last;
        *offset_B_out = end_B;
        return VK_SUCCESS;
    }
    end_B = 0;
    for (struct icd_descriptor_set *set = pool->first; set; set = set->next) {
        if (set->offset_B - end_B >= size_B) {
            *after_out = set->prev;
            *offset_B_out = end_B;
            return VK_SUCCESS;
        }
        end_B = set->offset_B + set->size_B;
    }
    return VK_ERROR_FRAGMENTED_POOL;
}

static VkResult set_allocate(struct icd_descriptor_pool *pool, struct icd_descriptor_layout *layout,
                             uint32_t variable_count, struct icd_descriptor_set **set_out)
{
    struct icd_device *device = pool->base.device;
    uint64_t size_B = icd_descriptor_layout_set_B(layout, variable_count);
    struct icd_descriptor_set *after, *set;
    uint64_t offset_B;
    VkResult result = pool_find_room(pool, size_B, &after, &offset_B);

    /* Running out of a pool is how many applications find out that they need another one: it is
     * not worth a message. */
    if (result != VK_SUCCESS)
        return result;
    set = icd_object_create(device, NULL,
                            sizeof(*set) + layout->dynamic_count * sizeof(set->dynamic_rest_B[0]),
                            VK_OBJECT_TYPE_DESCRIPTOR_SET, set_finish);
    if (!set)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a descriptor set");
    set->pool = pool;
    set->layout = icd_object_get(layout);
    set->variable_count = variable_count;
    set->offset_B = offset_B;
    set->size_B = size_B;
    set->memory = pool->memory + offset_B;

    set->prev = after;
    set->next = after ? after->next : pool->first;
    *(set->prev ? &set->prev->next : &pool->first) = set;
    *(set->next ? &set->next->prev : &pool->last) = set;
    pool->used_B += size_B;
    pool->set_count++;

    /* A descriptor that is never written must read as null, not as what an earlier set had. */
    if (offset_B < pool->clean_B) {
        uint64_t dirty_B = pool->clean_B - offset_B;
        memset(set->memory, 0, dirty_B < size_B ? dirty_B : size_B);
    }
    if (offset_B + size_B > pool->clean_B)
        pool->clean_B = offset_B + size_B;
    icd_descriptor_layout_init_set(layout, set->memory, size_B);
    *set_out = set;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL
vkAllocateDescriptorSets(VkDevice handle, const VkDescriptorSetAllocateInfo *pAllocateInfo,
                         VkDescriptorSet *pDescriptorSets)
{
    struct icd_descriptor_pool *pool = icd_descriptor_pool_from(pAllocateInfo->descriptorPool);
    const VkDescriptorSetVariableDescriptorCountAllocateInfo *variable = icd_find_struct(
        pAllocateInfo->pNext,
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_VARIABLE_DESCRIPTOR_COUNT_ALLOCATE_INFO);
    VkResult result = pool ? VK_SUCCESS : VK_ERROR_OUT_OF_POOL_MEMORY;
    uint32_t done;

    for (done = 0; result == VK_SUCCESS && done < pAllocateInfo->descriptorSetCount; done++) {
        struct icd_descriptor_layout *layout =
            icd_descriptor_layout_from(pAllocateInfo->pSetLayouts[done]);
        /* "If descriptorSetCount is zero ... the variable lengths are considered to be zero." */
        uint32_t count = variable && variable->descriptorSetCount > done
                             ? variable->pDescriptorCounts[done]
                             : 0;
        struct icd_descriptor_set *set = NULL;
        if (!layout) {
            result = icd_error(pool, VK_ERROR_OUT_OF_POOL_MEMORY, "pSetLayouts[%u] is no layout",
                               done);
            break;
        }
        result = set_allocate(pool, layout, count, &set);
        if (result != VK_SUCCESS)
            break;
        pDescriptorSets[done] = icd_descriptor_set_to(set);
    }
    if (result == VK_SUCCESS)
        return VK_SUCCESS;
    /* All or nothing: "pDescriptorSets must be set to VK_NULL_HANDLE". */
    while (done > 0)
        set_free(icd_descriptor_set_from(pDescriptorSets[--done]));
    for (uint32_t i = 0; i < pAllocateInfo->descriptorSetCount; i++)
        pDescriptorSets[i] = VK_NULL_HANDLE;
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL vkFreeDescriptorSets(VkDevice handle,
                                                    VkDescriptorPool descriptor_pool,
                                                    uint32_t descriptorSetCount,
                                                    const VkDescriptorSet *pDescriptorSets)
{
    for (uint32_t i = 0; i < descriptorSetCount; i++) {
        struct icd_descriptor_set *set = icd_descriptor_set_from(pDescriptorSets[i]);
        if (set)
            set_free(set);
    }
    return VK_SUCCESS;
}
