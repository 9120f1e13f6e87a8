/* SPDX-License-Identifier: MIT */
#include "query_pool.h"

#include <string.h>
#include <time.h>

#include "weft/driver.h"

struct slot {
    uint64_t available;
    uint64_t value;
};

static struct slot *slot_at(const struct icd_query_pool *pool, uint32_t query)
{
    return (struct slot *)(uintptr_t)icd_query_slot(pool, query);
}

static void query_pool_finish(struct icd_object *object)
{
    weft_bo_close(&((struct icd_query_pool *)object)->bo);
}

/* How many results a query has and which of them the driver writes. */
static bool set_results(struct icd_query_pool *pool, const VkQueryPoolCreateInfo *info)
{
    const VkQueryPipelineStatisticFlags counted =
        VK_QUERY_PIPELINE_STATISTIC_COMPUTE_SHADER_INVOCATIONS_BIT;
    VkQueryPipelineStatisticFlags statistics = info->pipelineStatistics;

    switch (info->queryType) {
    case VK_QUERY_TYPE_TIMESTAMP:
        pool->result_count = 1;
        pool->column = 0;
        return true;
    case VK_QUERY_TYPE_PIPELINE_STATISTICS:
        pool->result_count = (uint32_t)__builtin_popcount(statistics);
        pool->column = statistics & counted
                           ? (uint32_t)__builtin_popcount(statistics & (counted - 1))
                           : pool->result_count;
        return true;
    case VK_QUERY_TYPE_OCCLUSION:
        pool->result_count = 1;
        pool->column = 1;
        return true;
    default:
        return false;
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateQueryPool(VkDevice handle,
                                                 const VkQueryPoolCreateInfo *pCreateInfo,
                                                 const VkAllocationCallbacks *pAllocator,
                                                 VkQueryPool *pQueryPool)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_query_pool *pool = icd_object_create(device, pAllocator, sizeof(*pool),
                                                    VK_OBJECT_TYPE_QUERY_POOL, query_pool_finish);

    if (!pool)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a query pool");
    pool->type = pCreateInfo->queryType;
    pool->query_count = pCreateInfo->queryCount;
    if (!set_results(pool, pCreateInfo)) {
        icd_object_discard(&pool->base);
        return icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT, "queries of type %d",
                         (int)pCreateInfo->queryType);
    }
    int error = weft_bo_create(device->weft, ((uint64_t)pool->query_count + 1) * ICD_QUERY_SLOT_B,
                               WEFT_BO_ZERO, &pool->bo);
    if (error) {
        icd_object_discard(&pool->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY, "no memory for %u queries",
                         pCreateInfo->queryCount);
    }
    pool->address = (uintptr_t)weft_bo_map(pool->bo);
    slot_at(pool, pool->query_count)->available = 1;
    *pQueryPool = icd_query_pool_to(pool);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyQueryPool(VkDevice handle, VkQueryPool query_pool,
                                              const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_query_pool_from(query_pool));
}

VKAPI_ATTR void VKAPI_CALL vkResetQueryPool(VkDevice handle, VkQueryPool query_pool,
                                            uint32_t firstQuery, uint32_t queryCount)
{
    const struct icd_query_pool *pool = icd_query_pool_from(query_pool);

    if (!icd_query_range_ok(pool, firstQuery, queryCount)) {
        icd_error(pool, VK_ERROR_UNKNOWN, "vkResetQueryPool: queries %u to %u of %u", firstQuery,
                  firstQuery + queryCount - 1, pool ? pool->query_count : 0);
        return;
    }
    for (uint32_t i = 0; i < queryCount; i++) {
        struct slot *slot = slot_at(pool, firstQuery + i);
        __atomic_store_n(&slot->value, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&slot->available, 0, __ATOMIC_RELEASE);
    }
}

static bool is_available(const struct slot *slot)
{
    return __atomic_load_n(&slot->available, __ATOMIC_ACQUIRE) != 0;
}

/* Waits for a query that some job will write. Nothing wakes the waiter, so it looks again and
 * again, less and less often. */
static VkResult wait_available(struct icd_device *device, const struct slot *slot)
{
    for (long sleep_ns = 1000; !is_available(slot);) {
        if (weft_device_status(device->weft))
            return icd_device_check(device);
        nanosleep(&(struct timespec){0, sleep_ns}, NULL);
        if (sleep_ns < 500000)
            sleep_ns *= 2;
    }
    return VK_SUCCESS;
}

static void put_value(uint8_t *out, uint32_t index, bool wide, uint64_t value)
{
    if (wide) {
        memcpy(out + index * sizeof(value), &value, sizeof(value));
    } else {
        uint32_t narrow = (uint32_t)value;
        memcpy(out + index * sizeof(narrow), &narrow, sizeof(narrow));
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetQueryPoolResults(VkDevice handle, VkQueryPool query_pool,
                                                     uint32_t firstQuery, uint32_t queryCount,
                                                     size_t dataSize, void *pData,
                                                     VkDeviceSize stride, VkQueryResultFlags flags)
{
    struct icd_device *device = icd_device_from(handle);
    const struct icd_query_pool *pool = icd_query_pool_from(query_pool);
    bool wide = flags & VK_QUERY_RESULT_64_BIT;
    VkResult result = VK_SUCCESS;

    if (!icd_query_range_ok(pool, firstQuery, queryCount))
        return icd_error(device, VK_ERROR_UNKNOWN, "vkGetQueryPoolResults: queries %u to %u of %u",
                         firstQuery, firstQuery + queryCount - 1, pool ? pool->query_count : 0);
    size_t need_B = (pool->result_count + !!(flags & VK_QUERY_RESULT_WITH_AVAILABILITY_BIT)) *
                    (wide ? 8u : 4u);
    for (uint32_t i = 0; i < queryCount; i++) {
        const struct slot *slot = slot_at(pool, firstQuery + i);
        uint64_t at_B = i * stride;
        if (at_B > dataSize || need_B > dataSize - at_B)
            return icd_error(pool, VK_ERROR_UNKNOWN,
                             "vkGetQueryPoolResults: query %u does not fit into %zu bytes", i,
                             dataSize);
        if (flags & VK_QUERY_RESULT_WAIT_BIT) {
            VkResult waited = wait_available(device, slot);
            if (waited != VK_SUCCESS)
                return waited;
        }
        bool available = is_available(slot);
        uint8_t *out = (uint8_t *)pData + at_B;
        if (!available)
            result = VK_NOT_READY;
        /* "If VK_QUERY_RESULT_PARTIAL_BIT is not set ... nothing is written for a query that is
         * not available", its availability aside. */
        if (available || (flags & VK_QUERY_RESULT_PARTIAL_BIT)) {
            for (uint32_t r = 0; r < pool->result_count; r++)
                put_value(out, r, wide, r == pool->column ? slot->value : 0);
        }
        if (flags & VK_QUERY_RESULT_WITH_AVAILABILITY_BIT)
            put_value(out, pool->result_count, wide, available);
    }
    /* A lost device outranks queries that will never be ready. */
    if (result == VK_NOT_READY && weft_device_status(device->weft))
        return icd_device_check(device);
    return result;
}
