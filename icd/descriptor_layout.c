/* SPDX-License-Identifier: MIT */
#include "descriptor_layout.h"

#include <stdlib.h>
#include <string.h>

#include "sampler.h"

_Static_assert(WEFT_YCBCR_DESC_B <= ICD_YCBCR_DESCRIPTORS * WEFT_COMBINED_DESC_B,
               "a pool has room for what it was asked for");

static const struct {
    VkDescriptorType type;
    uint32_t size_B;
} type_table[] = {
    {VK_DESCRIPTOR_TYPE_SAMPLER, WEFT_SAMPLER_DESC_B},
    {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, WEFT_COMBINED_DESC_B},
    {VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE, WEFT_IMAGE_DESC_B},
    {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, WEFT_IMAGE_DESC_B},
    {VK_DESCRIPTOR_TYPE_INPUT_ATTACHMENT, WEFT_IMAGE_DESC_B},
    {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, WEFT_IMAGE_DESC_B},
    {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, WEFT_IMAGE_DESC_B},
    {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, WEFT_DESC_B},
    {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, WEFT_DESC_B},
    {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC, WEFT_DESC_B},
    {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC, WEFT_DESC_B},
    {VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK, 1},
};

uint32_t icd_descriptor_type_B(VkDescriptorType type)
{
    for (size_t i = 0; i < sizeof(type_table) / sizeof(type_table[0]); i++) {
        if (type_table[i].type == type)
            return type_table[i].size_B;
    }
    return 0;
}

uint32_t icd_descriptor_mutable_B(const VkMutableDescriptorTypeCreateInfoEXT *info, uint32_t index)
{
    const VkMutableDescriptorTypeListEXT *list =
        info && index < info->mutableDescriptorTypeListCount
            ? &info->pMutableDescriptorTypeLists[index]
            : NULL;
    uint32_t size_B = 0;

    /* Without a list it may be of any type that a mutable descriptor can be of. */
    if (!list || !list->descriptorTypeCount)
        return WEFT_COMBINED_DESC_B;
    for (uint32_t i = 0; i < list->descriptorTypeCount; i++) {
        uint32_t one_B = icd_descriptor_type_B(list->pDescriptorTypes[i]);
        size_B = one_B > size_B ? one_B : size_B;
    }
    return size_B;
}

uint32_t icd_descriptor_layout_find(const struct icd_descriptor_layout *layout, uint32_t binding)
{
    /* Most layouts number their bindings 0, 1, 2, ... */
    if (binding < layout->binding_count && layout->bindings[binding].binding == binding)
        return binding;
    uint32_t low = 0, high = layout->binding_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (layout->bindings[middle].binding < binding)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < layout->binding_count && layout->bindings[low].binding == binding)
        return low;
    return layout->binding_count;
}

uint32_t icd_descriptor_layout_set_B(const struct icd_descriptor_layout *layout,
                                     uint32_t variable_count)
{
    uint64_t size_B = layout->size_B;
    if (layout->variable) {
        const struct icd_descriptor_binding *last = &layout->bindings[layout->binding_count - 1];
        uint32_t count = variable_count < last->count ? variable_count : last->count;
        size_B = last->offset_B + (uint64_t)count * last->stride_B;
    }
    return (uint32_t)((size_B + ICD_SET_ALIGN_B - 1) & ~(uint64_t)(ICD_SET_ALIGN_B - 1));
}

bool icd_descriptor_layout_same(const struct icd_descriptor_layout *a,
                                const struct icd_descriptor_layout *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->binding_count != b->binding_count || a->size_B != b->size_B ||
        a->flags != b->flags)
        return false;
    for (uint32_t i = 0; i < a->binding_count; i++) {
        const struct icd_descriptor_binding *x = &a->bindings[i], *y = &b->bindings[i];
        if (x->binding != y->binding || x->type != y->type || x->count != y->count ||
            x->flags != y->flags || x->stride_B != y->stride_B || !x->samplers != !y->samplers)
            return false;
        if (x->samplers && memcmp(x->samplers, y->samplers, x->count * sizeof(*x->samplers)))
            return false;
    }
    return true;
}

static int compare_bindings(const void *a, const void *b)
{
    const struct icd_descriptor_binding *x = a, *y = b;
    return (x->binding > y->binding) - (x->binding < y->binding);
}

void icd_descriptor_layout_init_set(const struct icd_descriptor_layout *layout, uint8_t *memory,
                                    uint64_t size_B)
{
    if (!layout->samplers)
        return;
    for (uint32_t i = 0; i < layout->binding_count; i++) {
        const struct icd_descriptor_binding *binding = &layout->bindings[i];
        if (!binding->samplers)
            continue;
        bool alone = binding->type == VK_DESCRIPTOR_TYPE_SAMPLER;
        for (uint32_t element = 0; element < binding->count; element++) {
            uint64_t offset_B = binding->offset_B + (uint64_t)element * binding->stride_B;
            /* The variable binding of a set may have fewer. */
            if (offset_B + binding->stride_B > size_B)
                break;
            memcpy(memory + offset_B + (alone ? 0 : WEFT_IMAGE_DESC_B),
                   &binding->samplers[element], sizeof(binding->samplers[element]));
        }
    }
}

/* Whether a binding's samplers are fixed in its layout. */
static bool has_immutable_samplers(const VkDescriptorSetLayoutBinding *binding)
{
    return binding->pImmutableSamplers && binding->descriptorCount &&
           (binding->descriptorType == VK_DESCRIPTOR_TYPE_SAMPLER ||
            binding->descriptorType == VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER);
}

/* Copies the samplers of all bindings. NULL, or what is wrong. The bindings are not sorted yet. */
static const char *copy_samplers(struct icd_descriptor_layout *layout,
                                 const VkDescriptorSetLayoutCreateInfo *info)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < info->bindingCount; i++) {
        if (has_immutable_samplers(&info->pBindings[i]))
            count += info->pBindings[i].descriptorCount;
    }
    if (!count)
        return NULL;
    if (count > ICD_MAX_DESCRIPTORS)
        return "too many immutable samplers";
    layout->samplers = calloc(count, sizeof(*layout->samplers));
    if (!layout->samplers)
        return "no memory for immutable samplers";
    struct weft_sampler_desc *next = layout->samplers;
    for (uint32_t i = 0; i < info->bindingCount; i++) {
        const VkDescriptorSetLayoutBinding *in = &info->pBindings[i];
        if (!has_immutable_samplers(in))
            continue;
        layout->bindings[i].samplers = next;
        for (uint32_t j = 0; j < in->descriptorCount; j++, next++) {
            const struct icd_sampler *sampler = icd_sampler_from(in->pImmutableSamplers[j]);
            if (!sampler)
                return "an immutable sampler is none";
            *next = sampler->desc;
        }
    }
    return NULL;
}

static uint32_t stride_B(const struct icd_descriptor_binding *binding)
{
    if (binding->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT)
        return binding->stride_B;
    for (uint32_t i = 0; binding->samplers && i < binding->count; i++) {
        if (binding->samplers[i].ycbcr_model &&
            binding->type == VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER)
            return WEFT_YCBCR_DESC_B;
    }
    return icd_descriptor_type_B(binding->type);
}

/* Fills in a layout with room for the create info's bindings. Returns NULL, or what is wrong. */
static const char *layout_fill(struct icd_descriptor_layout *layout,
                               const VkDescriptorSetLayoutCreateInfo *info)
{
    const VkDescriptorSetLayoutBindingFlagsCreateInfo *binding_flags = icd_find_struct(
        info->pNext, VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO);
    const VkMutableDescriptorTypeCreateInfoEXT *mutable_types =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_MUTABLE_DESCRIPTOR_TYPE_CREATE_INFO_EXT);

    layout->flags = info->flags;
    layout->binding_count = info->bindingCount;
    for (uint32_t i = 0; i < info->bindingCount; i++) {
        const VkDescriptorSetLayoutBinding *in = &info->pBindings[i];
        struct icd_descriptor_binding *binding = &layout->bindings[i];
        binding->binding = in->binding;
        binding->type = in->descriptorType;
        binding->count = in->descriptorCount;
        /* Before they are sorted: the lists are in the application's order. */
        if (binding->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT)
            binding->stride_B = icd_descriptor_mutable_B(mutable_types, i);
        if (binding_flags && binding_flags->bindingCount > i)
            binding->flags = binding_flags->pBindingFlags[i];
    }
    const char *wrong = copy_samplers(layout, info);
    if (wrong)
        return wrong;
    /* An empty layout has no array to sort. */
    if (info->bindingCount)
        qsort(layout->bindings, info->bindingCount, sizeof(layout->bindings[0]), compare_bindings);

    uint64_t size_B = 0, descriptor_count = 0;
    for (uint32_t i = 0; i < layout->binding_count; i++) {
        struct icd_descriptor_binding *binding = &layout->bindings[i];
        bool inline_block = binding->type == VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK;
        if (i && binding[-1].binding == binding->binding)
            return "two bindings have the same number";
        binding->stride_B = stride_B(binding);
        if (!binding->stride_B && binding->count)
            return "a binding has an unknown descriptor type";
        if (inline_block && binding->count > ICD_MAX_INLINE_UNIFORM_BLOCK_B)
            return "an inline uniform block is larger than maxInlineUniformBlockSize";
        if (icd_descriptor_type_is_dynamic(binding->type)) {
            binding->dynamic_index = layout->dynamic_count;
            if (binding->count > ICD_MAX_DYNAMIC_BUFFERS - layout->dynamic_count)
                return "too many dynamic buffers";
            layout->dynamic_count += binding->count;
        }
        if (binding->flags & VK_DESCRIPTOR_BINDING_VARIABLE_DESCRIPTOR_COUNT_BIT) {
            if (i != layout->binding_count - 1)
                return "a binding of variable count is not the last one";
            layout->variable = true;
        }
        /* No descriptor needs more, so that what a pool was asked for always fits into it. */
        size_B = (size_B + WEFT_DESC_B - 1) & ~(uint64_t)(WEFT_DESC_B - 1);
        binding->offset_B = (uint32_t)size_B;
        size_B += (uint64_t)binding->count * binding->stride_B;
        descriptor_count += inline_block ? 1 : binding->count;
        if (size_B > ICD_MAX_SET_B || descriptor_count > ICD_MAX_DESCRIPTORS)
            return "too many descriptors";
    }
    layout->size_B = (uint32_t)((size_B + WEFT_DESC_B - 1) & ~(uint64_t)(WEFT_DESC_B - 1));
    if (info->flags & VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT) {
        /* VUID-VkDescriptorSetLayoutCreateInfo-flags-00280, -00281 */
        if (descriptor_count > ICD_MAX_PUSH_DESCRIPTORS)
            return "more push descriptors than maxPushDescriptors";
        if (layout->dynamic_count)
            return "push descriptors can't be dynamic";
    }
    return NULL;
}

static void layout_finish(struct icd_object *object)
{
    free(((struct icd_descriptor_layout *)object)->samplers);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateDescriptorSetLayout(
    VkDevice handle, const VkDescriptorSetLayoutCreateInfo *pCreateInfo,
    const VkAllocationCallbacks *pAllocator, VkDescriptorSetLayout *pSetLayout)
{
    struct icd_device *device = icd_device_from(handle);
    size_t size_B = sizeof(struct icd_descriptor_layout) +
                    (size_t)pCreateInfo->bindingCount * sizeof(struct icd_descriptor_binding);
    struct icd_descriptor_layout *layout = icd_object_create(
        device, NULL, size_B, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT, layout_finish);

    if (!layout)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a set layout");
    const char *wrong = layout_fill(layout, pCreateInfo);
    if (wrong) {
        free(layout->samplers);
        icd_object_discard(&layout->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY, "descriptor set layout: %s",
                         wrong);
    }
    *pSetLayout = icd_descriptor_layout_to(layout);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyDescriptorSetLayout(VkDevice handle,
                                                        VkDescriptorSetLayout set_layout,
                                                        const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_descriptor_layout_from(set_layout));
}

VKAPI_ATTR void VKAPI_CALL
vkGetDescriptorSetLayoutSupport(VkDevice handle, const VkDescriptorSetLayoutCreateInfo *pCreateInfo,
                                VkDescriptorSetLayoutSupport *pSupport)
{
    VkDescriptorSetVariableDescriptorCountLayoutSupport *variable = icd_find_struct_out(
        pSupport->pNext,
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_VARIABLE_DESCRIPTOR_COUNT_LAYOUT_SUPPORT);
    struct icd_descriptor_layout *layout = calloc(
        1, sizeof(*layout) + (size_t)pCreateInfo->bindingCount * sizeof(layout->bindings[0]));

    pSupport->supported = layout && !layout_fill(layout, pCreateInfo);
    if (variable)
        variable->maxVariableDescriptorCount = 0;
    if (variable && layout && layout->variable) {
        const struct icd_descriptor_binding *last = &layout->bindings[layout->binding_count - 1];
        uint32_t max = ICD_MAX_DESCRIPTORS - (layout->binding_count - 1);
        if (last->type == VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK)
            max = ICD_MAX_INLINE_UNIFORM_BLOCK_B;
        else if (icd_descriptor_type_is_dynamic(last->type))
            max = ICD_MAX_DYNAMIC_BUFFERS - last->dynamic_index;
        variable->maxVariableDescriptorCount = max;
    }
    if (layout)
        free(layout->samplers);
    free(layout);
}
