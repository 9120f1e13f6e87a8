/* SPDX-License-Identifier: MIT
 *
 * DOC: Descriptor pools and sets
 *
 * A pool is one buffer object; its sets are ranges of it. Command streams that use a set hold the
 * pool's buffer object, so that freeing sets and destroying pools cannot pull memory from under a
 * job. Sets are kept in a list by offset: allocation takes the end while there is room there and
 * looks for a gap afterwards.
 *
 * Pools and sets are externally synchronised, as the specification has it.
 */
#ifndef ICD_DESCRIPTOR_SET_H
#define ICD_DESCRIPTOR_SET_H

#include "descriptor_layout.h"

struct icd_descriptor_set {
    struct icd_object base;
    struct icd_descriptor_pool *pool;    /* outlives its sets; no reference */
    struct icd_descriptor_layout *layout; /* reference */
    struct icd_descriptor_set *prev, *next; /* in the pool, by offset */
    uint32_t variable_count;             /* elements of the variable binding */
    uint64_t offset_B, size_B;           /* in the pool's memory */
    uint8_t *memory;
    /* For each dynamic descriptor the bytes from its address to its buffer's end: as much as a
     * dynamic offset may use up. */
    uint64_t dynamic_rest_B[];
};

struct icd_descriptor_pool {
    struct icd_object base;
    VkDescriptorPoolCreateFlags flags;
    struct weft_bo *bo;
    uint8_t *memory;
    uint64_t size_B, used_B;
    uint64_t clean_B; /* memory from here on was never used and is zero */
    uint32_t set_max, set_count;
    struct icd_descriptor_set *first, *last;
};

ICD_DEFINE_CASTS(icd_descriptor_set, VkDescriptorSet, VK_OBJECT_TYPE_DESCRIPTOR_SET)
ICD_DEFINE_CASTS(icd_descriptor_pool, VkDescriptorPool, VK_OBJECT_TYPE_DESCRIPTOR_POOL)

/* ---- Writing descriptors (descriptor_update.c) ---- */

/* Where descriptors are written: a set, or the memory of a command buffer's push descriptors. */
struct icd_descriptor_target {
    const struct icd_descriptor_layout *layout;
    uint8_t *memory;
    uint64_t *dynamic_rest_B; /* NULL where the layout has no dynamic buffers */
    uint32_t variable_count;
    const void *object; /* for messages */
};

static inline struct icd_descriptor_target icd_descriptor_set_target(struct icd_descriptor_set *set)
{
    return (struct icd_descriptor_target){set->layout, set->memory, set->dynamic_rest_B,
                                          set->variable_count, set};
}

/* Writes count descriptors of a type from binding[element] on, going over to the next bindings as
 * vkUpdateDescriptorSets does. data: VkDescriptorBufferInfo, VkDescriptorImageInfo or VkBufferView,
 * stride_B apart; the bytes themselves for an inline uniform block. What lies outside the layout is
 * left out, with a message. */
void icd_descriptor_write(const struct icd_descriptor_target *target, uint32_t binding,
                          uint32_t element, uint32_t count, VkDescriptorType type,
                          const void *data, size_t stride_B);

/* The same for one VkWriteDescriptorSet; its dstSet is ignored. */
void icd_descriptor_write_info(const struct icd_descriptor_target *target,
                               const VkWriteDescriptorSet *write);

#endif
