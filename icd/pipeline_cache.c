/* SPDX-License-Identifier: MIT */
#include "pipeline_cache.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "weft/driver.h"

#define RECORD_MAGIC 0x43504657u /* "WFPC" */

struct icd_cache_entry {
    struct icd_cache_entry *next;
    uint64_t hash; /* of the request */
    void *request; /* malloc */
    size_t request_B;
    void *image;   /* malloc; NULL once the program is loaded */
    size_t image_B;
    struct weft_program *program; /* NULL until an entry from stored data is first used */
    const struct weft_image *told; /* of the program: whose size was given out last, or NULL */
};

/* In stored data, in front of the two byte strings. */
struct record {
    uint32_t magic, reserved;
    uint64_t request_B, image_B;
    uint64_t request_hash, image_hash;
};

static uint64_t hash_bytes(const void *data, size_t size_B)
{
    const uint8_t *bytes = data;
    uint64_t hash = 0x9e3779b97f4a7c15u ^ size_B;

    for (size_t i = 0; i < size_B; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, size_B - i < 8 ? size_B - i : 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

static size_t pad8(size_t size_B)
{
    return (size_B + 7) & ~(size_t)7;
}

static void entry_destroy(struct icd_cache_entry *entry)
{
    weft_program_put(&entry->program);
    free(entry->request);
    free(entry->image);
    free(entry);
}

static struct icd_cache_entry *find_locked(const struct icd_pipeline_cache *cache, uint64_t hash,
                                           const void *request, size_t request_B)
{
    if (!cache->bucket_count)
        return NULL;
    for (struct icd_cache_entry *entry = cache->buckets[hash & (cache->bucket_count - 1)]; entry;
         entry = entry->next) {
        if (entry->hash == hash && entry->request_B == request_B &&
            !memcmp(entry->request, request, request_B))
            return entry;
    }
    return NULL;
}

static bool grow_locked(struct icd_pipeline_cache *cache)
{
    uint32_t count = cache->bucket_count ? cache->bucket_count * 2 : 64;
    struct icd_cache_entry **buckets = calloc(count, sizeof(*buckets));

    if (!buckets)
        return false;
    for (uint32_t i = 0; i < cache->bucket_count; i++) {
        for (struct icd_cache_entry *entry = cache->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash & (count - 1)];
            buckets[entry->hash & (count - 1)] = entry;
        }
    }
    free(cache->buckets);
    cache->buckets = buckets;
    cache->bucket_count = count;
    return true;
}

/* Takes the entry, or destroys it where the cache has its like already or has no memory. */
static void insert_locked(struct icd_pipeline_cache *cache, struct icd_cache_entry *entry)
{
    if (find_locked(cache, entry->hash, entry->request, entry->request_B) ||
        (cache->entry_count >= cache->bucket_count && !grow_locked(cache))) {
        entry_destroy(entry);
        return;
    }
    struct icd_cache_entry **bucket = &cache->buckets[entry->hash & (cache->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    cache->entry_count++;
}

struct weft_program *icd_pipeline_cache_find(struct icd_pipeline_cache *cache, const void *request,
                                             size_t request_B)
{
    struct weft_program *program = NULL;

    if (!cache)
        return NULL;
    uint64_t hash = hash_bytes(request, request_B);
    pthread_mutex_lock(&cache->lock);
    struct icd_cache_entry *entry = find_locked(cache, hash, request, request_B);
    if (entry && !entry->program && entry->image) {
        /* An image that does not load (damaged, or of another CPU) is as good as none. */
        if (!weft_program_load(cache->base.device->weft, entry->image, entry->image_B,
                               &entry->program))
            weft_program_improve(entry->program, request, request_B, true);
        free(entry->image);
        entry->image = NULL;
    }
    if (entry)
        program = weft_program_get(entry->program);
    pthread_mutex_unlock(&cache->lock);
    return program;
}

/* The SPIR-V in an entry's request. False if it does not lie in there: stored data may be anything. */
static bool request_spirv(const struct icd_cache_entry *entry, const uint32_t **code_out,
                          size_t *words_out)
{
    const struct weft_request *request = entry->request;

    if (entry->request_B < sizeof(*request) || request->spirv_offset_B > entry->request_B ||
        request->spirv_words > (entry->request_B - request->spirv_offset_B) / 4)
        return false;
    *code_out = (const uint32_t *)((const char *)entry->request + request->spirv_offset_B);
    *words_out = request->spirv_words;
    return true;
}

uint32_t *icd_pipeline_cache_find_module(struct icd_pipeline_cache *cache,
                                         const uint8_t *identifier, size_t *words_out)
{
    uint8_t digest[ICD_DIGEST_B];
    const uint32_t *code;
    uint32_t *copy = NULL;

    if (!cache)
        return NULL;
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < cache->bucket_count && !copy; i++) {
        for (struct icd_cache_entry *entry = cache->buckets[i]; entry && !copy;
             entry = entry->next) {
            if (!request_spirv(entry, &code, words_out))
                continue;
            icd_digest(code, *words_out * 4, digest);
            if (!memcmp(digest, identifier, sizeof(digest)))
                copy = malloc(*words_out * 4);
            if (copy)
                memcpy(copy, code, *words_out * 4);
        }
    }
    pthread_mutex_unlock(&cache->lock);
    return copy;
}

void icd_pipeline_cache_add(struct icd_pipeline_cache *cache, void **request, size_t request_B,
                            struct weft_program *program)
{
    if (!cache)
        return;
    uint64_t hash = hash_bytes(*request, request_B);
    pthread_mutex_lock(&cache->lock);
    struct icd_cache_entry *entry = find_locked(cache, hash, *request, request_B);
    if (entry) {
        /* Another thread was faster, or has code that was compiled fast where this is compiled well. */
        struct weft_program *old = entry->program;
        if (!old || (weft_program_image(old)->flags & WEFT_IMAGE_FAST)) {
            entry->program = weft_program_get(program);
            entry->told = NULL;
            weft_program_put(&old);
        }
    } else if ((entry = calloc(1, sizeof(*entry)))) {
        entry->hash = hash;
        entry->request = *request;
        entry->request_B = request_B;
        entry->program = weft_program_get(program);
        *request = NULL;
        insert_locked(cache, entry);
    }
    pthread_mutex_unlock(&cache->lock);
}

/* The best image that there is; after that was counted, the one that was, so that it fits. */
static const void *entry_image(struct icd_cache_entry *entry, bool count, size_t *image_B_out)
{
    if (entry->program) {
        if (count || !entry->told)
            entry->told = weft_program_image(entry->program);
        *image_B_out = entry->told->image_B;
        return entry->told;
    }
    *image_B_out = entry->image_B;
    return entry->image;
}

/* ---- Stored data ---- */

static VkPipelineCacheHeaderVersionOne make_header(const struct icd_device *device)
{
    const struct icd_properties *properties = &device->physical->properties;
    VkPipelineCacheHeaderVersionOne header = {
        .headerSize = sizeof(header),
        .headerVersion = VK_PIPELINE_CACHE_HEADER_VERSION_ONE,
        .vendorID = properties->vendorID,
        .deviceID = properties->deviceID,
    };

    memcpy(header.pipelineCacheUUID, properties->pipelineCacheUUID,
           sizeof(header.pipelineCacheUUID));
    return header;
}

static void load_data(struct icd_pipeline_cache *cache, const uint8_t *data, size_t size_B)
{
    VkPipelineCacheHeaderVersionOne header = make_header(cache->base.device);

    /* Data of another driver, machine or version is ignored, not refused. */
    if (size_B < sizeof(header) || memcmp(data, &header, sizeof(header)))
        return;
    for (size_t at = sizeof(header); size_B - at >= sizeof(struct record);) {
        struct record record;
        memcpy(&record, data + at, sizeof(record));
        at += sizeof(record);
        if (record.magic != RECORD_MAGIC || record.request_B > size_B || record.image_B > size_B ||
            pad8(record.request_B) + pad8(record.image_B) > size_B - at)
            return;
        const uint8_t *request = data + at, *image = request + pad8(record.request_B);
        at += pad8(record.request_B) + pad8(record.image_B);
        if (hash_bytes(request, record.request_B) != record.request_hash ||
            hash_bytes(image, record.image_B) != record.image_hash)
            return;
        struct icd_cache_entry *entry = calloc(1, sizeof(*entry));
        if (!entry)
            return;
        entry->hash = record.request_hash;
        entry->request = malloc(record.request_B);
        entry->request_B = record.request_B;
        entry->image = malloc(record.image_B);
        entry->image_B = record.image_B;
        if (!entry->request || !entry->image) {
            entry_destroy(entry);
            return;
        }
        memcpy(entry->request, request, record.request_B);
        memcpy(entry->image, image, record.image_B);
        insert_locked(cache, entry);
    }
}

/* ---- Entry points ---- */

static void pipeline_cache_finish(struct icd_object *object)
{
    struct icd_pipeline_cache *cache = (struct icd_pipeline_cache *)object;

    for (uint32_t i = 0; i < cache->bucket_count; i++) {
        for (struct icd_cache_entry *entry = cache->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            entry_destroy(entry);
        }
    }
    free(cache->buckets);
    pthread_mutex_destroy(&cache->lock);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreatePipelineCache(VkDevice handle,
                                                     const VkPipelineCacheCreateInfo *pCreateInfo,
                                                     const VkAllocationCallbacks *pAllocator,
                                                     VkPipelineCache *pPipelineCache)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_pipeline_cache *cache = icd_object_create(
        device, pAllocator, sizeof(*cache), VK_OBJECT_TYPE_PIPELINE_CACHE, pipeline_cache_finish);

    if (!cache)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a pipeline cache");
    pthread_mutex_init(&cache->lock, NULL);
    if (pCreateInfo->initialDataSize)
        load_data(cache, pCreateInfo->pInitialData, pCreateInfo->initialDataSize);
    *pPipelineCache = icd_pipeline_cache_to(cache);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyPipelineCache(VkDevice handle, VkPipelineCache pipeline_cache,
                                                  const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_pipeline_cache_from(pipeline_cache));
}

/* Appends the entry's record if it fits in capacity_B. *size_B counts what fitted, always whole
 * records. data may be NULL, to count only. */
static bool store_entry(struct icd_cache_entry *entry, uint8_t *data, size_t capacity_B,
                        size_t *size_B)
{
    struct record record = {.magic = RECORD_MAGIC, .request_B = entry->request_B};
    size_t image_B;
    const void *image = entry_image(entry, !data, &image_B);

    if (!image)
        return true;
    record.image_B = image_B;
    size_t need_B = sizeof(record) + pad8(entry->request_B) + pad8(image_B);
    if (data) {
        if (need_B > capacity_B - *size_B)
            return false;
        uint8_t *out = data + *size_B;
        record.request_hash = entry->hash;
        record.image_hash = hash_bytes(image, image_B);
        memset(out, 0, need_B);
        memcpy(out, &record, sizeof(record));
        memcpy(out + sizeof(record), entry->request, entry->request_B);
        memcpy(out + sizeof(record) + pad8(entry->request_B), image, image_B);
    }
    *size_B += need_B;
    return true;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineCacheData(VkDevice handle,
                                                      VkPipelineCache pipeline_cache,
                                                      size_t *pDataSize, void *pData)
{
    struct icd_pipeline_cache *cache = icd_pipeline_cache_from(pipeline_cache);
    VkPipelineCacheHeaderVersionOne header;
    size_t size_B = sizeof(header);
    bool complete = true;

    if (!cache) {
        *pDataSize = 0;
        return VK_SUCCESS;
    }
    header = make_header(cache->base.device);
    if (pData) {
        /* "If dataSize is less than what is necessary to store this header, nothing will be
         * written to pData and zero will be written to dataSize." */
        if (*pDataSize < sizeof(header)) {
            *pDataSize = 0;
            return VK_INCOMPLETE;
        }
        memcpy(pData, &header, sizeof(header));
    }
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < cache->bucket_count; i++) {
        for (struct icd_cache_entry *entry = cache->buckets[i]; entry; entry = entry->next)
            complete &= store_entry(entry, pData, *pDataSize, &size_B);
    }
    pthread_mutex_unlock(&cache->lock);
    *pDataSize = size_B;
    return complete ? VK_SUCCESS : VK_INCOMPLETE;
}

VKAPI_ATTR VkResult VKAPI_CALL vkMergePipelineCaches(VkDevice handle, VkPipelineCache dst_cache,
                                                     uint32_t srcCacheCount,
                                                     const VkPipelineCache *pSrcCaches)
{
    struct icd_pipeline_cache *dst = icd_pipeline_cache_from(dst_cache);

    for (uint32_t s = 0; dst && s < srcCacheCount; s++) {
        struct icd_pipeline_cache *src = icd_pipeline_cache_from(pSrcCaches[s]);
        if (!src || src == dst)
            continue;
        /* Two merges in opposite directions at once must not wait for each other. */
        struct icd_pipeline_cache *low = src < dst ? src : dst, *high = src < dst ? dst : src;
        pthread_mutex_lock(&low->lock);
        pthread_mutex_lock(&high->lock);
        for (uint32_t i = 0; i < src->bucket_count; i++) {
            for (const struct icd_cache_entry *from = src->buckets[i]; from; from = from->next) {
                struct icd_cache_entry *entry = calloc(1, sizeof(*entry));
                if (!entry)
                    continue;
                entry->hash = from->hash;
                entry->request_B = from->request_B;
                entry->program = weft_program_get(from->program);
                entry->request = malloc(from->request_B);
                if (from->image && (entry->image = malloc(from->image_B))) {
                    memcpy(entry->image, from->image, from->image_B);
                    entry->image_B = from->image_B;
                }
                if (!entry->request || (!entry->program && !entry->image)) {
                    entry_destroy(entry);
                    continue;
                }
                memcpy(entry->request, from->request, from->request_B);
                insert_locked(dst, entry);
            }
        }
        pthread_mutex_unlock(&high->lock);
        pthread_mutex_unlock(&low->lock);
    }
    return VK_SUCCESS;
}
