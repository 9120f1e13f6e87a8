/* SPDX-License-Identifier: MIT
 *
 * DOC: Pipeline caches
 *
 * A cache maps the bytes of a compile request to the program that was compiled from them. Requests
 * hold all that an image depends on, and are compared byte for byte; a hash only finds the bucket.
 *
 * What vkGetPipelineCacheData writes:
 *
 *     VkPipelineCacheHeaderVersionOne
 *     then for each program
 *         struct record              sizes and checksums
 *         request bytes, image bytes each padded to 8
 *
 * The pipelineCacheUUID changes with every build of the driver, so that no image of another build
 * is ever loaded; a record whose checksums don't fit ends the reading.
 */
#ifndef ICD_PIPELINE_CACHE_H
#define ICD_PIPELINE_CACHE_H

#include <pthread.h>

#include "device.h"

struct icd_cache_entry;

struct icd_pipeline_cache {
    struct icd_object base;
    pthread_mutex_t lock; /* guards what follows; innermost */
    struct icd_cache_entry **buckets;
    uint32_t bucket_count; /* a power of two, or 0 */
    uint32_t entry_count;
};

ICD_DEFINE_CASTS(icd_pipeline_cache, VkPipelineCache, VK_OBJECT_TYPE_PIPELINE_CACHE)

/* The program made from these request bytes, with a reference for the caller; NULL if the cache has
 * none. Any thread. cache may be NULL. */
struct weft_program *icd_pipeline_cache_find(struct icd_pipeline_cache *cache, const void *request,
                                             size_t request_B);

/* Remembers a program. Takes over *request (from malloc) and clears it. Running out of memory only
 * costs the entry. cache may be NULL. */
void icd_pipeline_cache_add(struct icd_pipeline_cache *cache, void **request, size_t request_B,
                            struct weft_program *program);

/* The SPIR-V of a program that the cache has, found by its identifier (a digest, ICD_DIGEST_B bytes);
 * a copy to free(), or NULL. */
uint32_t *icd_pipeline_cache_find_module(struct icd_pipeline_cache *cache,
                                         const uint8_t *identifier, size_t *words_out);

#endif
