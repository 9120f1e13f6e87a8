/* SPDX-License-Identifier: MIT
 *
 * What the files of the API's fuzzer share: its state, random numbers, and handles of all kinds.
 */
#ifndef FUZZ_API_H
#define FUZZ_API_H

#include <stdint.h>

#include <vulkan/vulkan.h>

enum { SLOTS = 8 };

/* Kinds of objects that do not go through the loader's tables, so that stale ones may be passed. */
enum kind {
    MEMORY, BUFFER, LAYOUT, SET_LAYOUT, PIPELINE, POOL, SET, FENCE, SEMAPHORE, EVENT, QUERIES,
    IMAGE, IMAGE_VIEW, SAMPLER, BUFFER_VIEW, KINDS
};

struct fuzz {
    uint64_t random;
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queues[2];
    VkCommandPool cmd_pool;
    VkCommandBuffer cmds[2];
    VkShaderModule module;
    uint64_t slots[KINDS][SLOTS]; /* handles, of destroyed objects too */
};

/* 0 <= result < count */
uint32_t fuzz_pick(struct fuzz *f, uint32_t count);
/* Sizes and offsets: mostly small and aligned, sometimes anything. */
uint64_t fuzz_number(struct fuzz *f);
/* Where a new object goes; what was there is forgotten, not destroyed. */
uint64_t *fuzz_place(struct fuzz *f, enum kind kind);

#define HANDLE(type, kind) ((type)(uintptr_t)f->slots[kind][fuzz_pick(f, SLOTS)])

#define CREATE(kind, type, call)                                                                   \
    do {                                                                                           \
        type handle = VK_NULL_HANDLE;                                                              \
        if ((call) == VK_SUCCESS)                                                                  \
            *fuzz_place(f, kind) = (uint64_t)(uintptr_t)handle;                                    \
    } while (0)

/* ---- Images (fuzz_image.c) ---- */

void fuzz_create_image(struct fuzz *f);
void fuzz_create_image_view(struct fuzz *f);
void fuzz_create_sampler(struct fuzz *f);
void fuzz_query_image(struct fuzz *f);
void fuzz_record_image(struct fuzz *f, VkCommandBuffer cmd);

#endif
