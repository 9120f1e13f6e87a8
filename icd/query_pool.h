/* SPDX-License-Identifier: MIT
 *
 * DOC: Query pools
 *
 * A pool is a buffer object of slots {uint64_t available; uint64_t value[]} in which the driver
 * writes value[0] (driver.h). Of the statistics only compute shader invocations are ever counted,
 * so a slot has one value, and `column` says which of the query's results it is; all the other
 * results are 0. One more slot at the end is always available and 0: results that are 0 by
 * definition are copied from there.
 */
#ifndef ICD_QUERY_POOL_H
#define ICD_QUERY_POOL_H

#include "device.h"

#define ICD_QUERY_SLOT_B 16u

struct icd_query_pool {
    struct icd_object base;
    VkQueryType type;
    uint32_t query_count;
    uint32_t result_count; /* of each query */
    uint32_t column;       /* the result that value[0] is; result_count if none */
    struct weft_bo *bo;
    uint64_t address; /* of slot 0 */
};

ICD_DEFINE_CASTS(icd_query_pool, VkQueryPool, VK_OBJECT_TYPE_QUERY_POOL)

static inline uint64_t icd_query_slot(const struct icd_query_pool *pool, uint32_t query)
{
    return pool->address + (uint64_t)query * ICD_QUERY_SLOT_B;
}

/* True if first .. first + count - 1 are queries of the pool. */
static inline bool icd_query_range_ok(const struct icd_query_pool *pool, uint32_t first,
                                      uint32_t count)
{
    return pool && first <= pool->query_count && count <= pool->query_count - first;
}

#endif
