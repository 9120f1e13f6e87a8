/* SPDX-License-Identifier: MIT
 *
 * DOC: Descriptor set layouts
 *
 * A layout says where each descriptor lies in its set's memory, which machine code reads directly:
 *
 *     buffers, dynamic buffers                   WEFT_DESC_B bytes (struct weft_buffer_desc)
 *     images, texel buffers                      WEFT_IMAGE_DESC_B
 *     samplers                                   WEFT_SAMPLER_DESC_B
 *     both combined                              WEFT_COMBINED_DESC_B; WEFT_YCBCR_DESC_B in a binding
 *                                                with a conversion
 *     mutable descriptors                        as the largest type that they may be of
 *     inline uniform blocks                      their own bytes, aligned to WEFT_DESC_B
 *
 * A dynamic buffer has a slot too. It holds the descriptor before its offset is added;
 * vkCmdBindDescriptorSets adds the offsets and numbers the results over the pipeline layout's sets.
 *
 * Layouts are immutable. Sets, pipeline layouts and templates hold references, so that
 * vkDestroyDescriptorSetLayout may come at any time.
 */
#ifndef ICD_DESCRIPTOR_LAYOUT_H
#define ICD_DESCRIPTOR_LAYOUT_H

#include "device.h"
#include "weft/image.h"
#include "weft/kernel.h"

/* Sets start at multiples of this in their pool. */
#define ICD_SET_ALIGN_B 64u
/* Keeps every offset in a set within 32 bits, whatever a layout asks for. */
#define ICD_MAX_SET_B (1u << 30)

struct icd_descriptor_binding {
    uint32_t binding;
    VkDescriptorType type;
    VkDescriptorBindingFlags flags;
    uint32_t count;         /* descriptors; bytes of an inline uniform block */
    uint32_t offset_B;      /* in the set's memory */
    uint32_t stride_B;      /* between array elements; 1 in an inline uniform block */
    uint32_t dynamic_index; /* of a dynamic buffer's first element among the layout's */
    /* Immutable samplers, one for each descriptor, in the layout's memory; or NULL. */
    const struct weft_sampler_desc *samplers;
};

struct icd_descriptor_layout {
    struct icd_object base;
    VkDescriptorSetLayoutCreateFlags flags;
    uint32_t size_B;        /* of a set's memory, with the variable binding at its full count */
    uint32_t dynamic_count; /* dynamic descriptors, array elements counted */
    bool variable;          /* the last binding's count is chosen when a set is allocated */
    struct weft_sampler_desc *samplers; /* malloc; of all bindings; or NULL */
    uint32_t binding_count;
    struct icd_descriptor_binding bindings[]; /* ascending binding numbers */
};

ICD_DEFINE_CASTS(icd_descriptor_layout, VkDescriptorSetLayout, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT)

/* Bytes of one descriptor of a type in a set's memory (1 for inline uniform blocks); 0 for a type
 * that Weft does not have. A combined image and sampler with a YCbCr conversion takes more, and counts as
 * ICD_YCBCR_DESCRIPTORS in a pool. */
#define ICD_YCBCR_DESCRIPTORS 3u
uint32_t icd_descriptor_type_B(VkDescriptorType type);

/* The same for mutable descriptors: of the largest type in list number index, where there is one. */
uint32_t icd_descriptor_mutable_B(const VkMutableDescriptorTypeCreateInfoEXT *info, uint32_t index);

/* True for the types that vkCmdBindDescriptorSets takes a dynamic offset for. */
static inline bool icd_descriptor_type_is_dynamic(VkDescriptorType type)
{
    return type == VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC ||
           type == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC;
}

/* The index in layout->bindings of that binding number, or layout->binding_count. */
uint32_t icd_descriptor_layout_find(const struct icd_descriptor_layout *layout, uint32_t binding);

/* Bytes of a set whose variable binding has variable_count elements, rounded up to
 * ICD_SET_ALIGN_B. variable_count is ignored where no binding is variable. */
uint32_t icd_descriptor_layout_set_B(const struct icd_descriptor_layout *layout,
                                     uint32_t variable_count);

/* Writes the immutable samplers into a set's zeroed memory of size_B bytes. */
void icd_descriptor_layout_init_set(const struct icd_descriptor_layout *layout, uint8_t *memory,
                                    uint64_t size_B);

/* "Identically defined" in the sense of pipeline layout compatibility. Either may be NULL. */
bool icd_descriptor_layout_same(const struct icd_descriptor_layout *a,
                                const struct icd_descriptor_layout *b);

#endif
