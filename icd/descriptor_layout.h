/* SPDX-License-Identifier: MIT
 *
 * DOC: Descriptor set layouts
 *
 * A layout says where each descriptor lies in its set's memory. Every descriptor is a slot in that
 * memory that machine code reads directly:
 *
 *     buffers, texel buffers, dynamic buffers    WEFT_DESC_B bytes (struct weft_buffer_desc)
 *     images, samplers                           ICD_IMAGE_DESC_B bytes
 *     inline uniform blocks                      their own bytes, aligned to WEFT_DESC_B
 *
 * Dynamic buffers have a slot too, which holds the descriptor before its offset is added; vkCmdBind
 * DescriptorSets adds the offsets and numbers the results over the sets of the pipeline layout.
 *
 * Layouts are immutable and counted: sets, pipeline layouts and templates hold references, so that
 * vkDestroyDescriptorSetLayout may be called at any time.
 */
#ifndef ICD_DESCRIPTOR_LAYOUT_H
#define ICD_DESCRIPTOR_LAYOUT_H

#include "object.h"
#include "weft/kernel.h"

#include <stdatomic.h>

#define ICD_IMAGE_DESC_B 64u
#define ICD_MAX_PUSH_DESCRIPTORS 32u
/* What VkPhysicalDeviceMaintenance3Properties::maxPerSetDescriptors promises. */
#define ICD_MAX_PER_SET_DESCRIPTORS (1u << 20)
/* A set's memory is bounded, so that offsets fit 32 bits whatever a layout asks for. */
#define ICD_MAX_SET_B (1u << 30)
#define ICD_SET_ALIGN_B 64u

struct icd_descriptor_binding {
    uint32_t binding;
    VkDescriptorType type;
    VkDescriptorBindingFlags flags;
    uint32_t count;         /* descriptors; bytes of an inline uniform block */
    uint32_t offset_B;      /* in the set's memory */
    uint32_t stride_B;      /* between array elements; 1 for an inline uniform block */
    uint32_t dynamic_index; /* of a dynamic buffer's first element among the layout's */
};

struct icd_descriptor_layout {
    struct icd_object base;
    struct icd_device *device;
    _Atomic uint32_t refs;
    VkDescriptorSetLayoutCreateFlags flags;
    uint32_t size_B;        /* of a set's memory, with the variable binding at its full count */
    uint32_t dynamic_count; /* dynamic descriptors, array elements counted */
    bool variable;          /* the last binding's count is chosen when a set is allocated */
    uint32_t binding_count;
    struct icd_descriptor_binding bindings[]; /* ascending binding numbers */
};

/* Bytes of one descriptor of a type in a set's memory; 0 for a type that Weft does not have. */
uint32_t icd_descriptor_type_B(VkDescriptorType type);

/* True for the types that vkCmdBindDescriptorSets takes a dynamic offset for. */
bool icd_descriptor_type_is_dynamic(VkDescriptorType type);

/* References. Any thread. put clears the caller's pointer; both take NULL. */
struct icd_descriptor_layout *icd_descriptor_layout_get(struct icd_descriptor_layout *layout);
void icd_descriptor_layout_put(struct icd_descriptor_layout **layout);

/* The binding with that number, or NULL. */
const struct icd_descriptor_binding *
icd_descriptor_layout_find(const struct icd_descriptor_layout *layout, uint32_t binding);

/* Bytes of a set whose variable binding has variable_count elements (bytes for an inline uniform
 * block), rounded up to ICD_SET_ALIGN_B. */
uint32_t icd_descriptor_layout_set_B(const struct icd_descriptor_layout *layout,
                                     uint32_t variable_count);

/* "Identically defined" in the sense of pipeline layout compatibility (14.2.2). Either may be NULL. */
bool icd_descriptor_layout_same(const struct icd_descriptor_layout *a,
                                const struct icd_descriptor_layout *b);

#endif
