/* SPDX-License-Identifier: MIT */
#include "pipeline_layout.h"

static void pipeline_layout_finish(struct icd_object *object)
{
    struct icd_pipeline_layout *layout = (struct icd_pipeline_layout *)object;

    for (uint32_t i = 0; i < layout->set_count; i++)
        icd_object_put(layout->sets[i]);
}

static enum weft_binding_kind binding_kind(VkDescriptorType type)
{
    switch (type) {
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER:
        return WEFT_BINDING_BUFFER;
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC:
        return WEFT_BINDING_DYNAMIC;
    case VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK:
        return WEFT_BINDING_INLINE;
    case VK_DESCRIPTOR_TYPE_SAMPLER:
        return WEFT_BINDING_SAMPLER;
    case VK_DESCRIPTOR_TYPE_MUTABLE_EXT:
        return WEFT_BINDING_MUTABLE;
    case VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER:
        return WEFT_BINDING_COMBINED;
    default:
        return WEFT_BINDING_IMAGE;
    }
}

static void add_set(struct icd_pipeline_layout *layout, uint32_t set,
                    struct icd_descriptor_layout *set_layout)
{
    layout->dynamic_first[set] = layout->dynamic_count;
    if (!set_layout)
        return;
    layout->sets[set] = icd_object_get(set_layout);
    for (uint32_t i = 0; i < set_layout->binding_count; i++) {
        const struct icd_descriptor_binding *binding = &set_layout->bindings[i];
        if (!binding->count)
            continue;
        layout->bindings[layout->binding_count++] = (struct weft_binding){
            .set = set,
            .binding = binding->binding,
            .kind = binding_kind(binding->type),
            .count = binding->count,
            .offset_B = binding->offset_B,
            .stride_B = binding->stride_B,
            .dynamic_index = layout->dynamic_count + binding->dynamic_index,
        };
    }
    layout->dynamic_count += set_layout->dynamic_count;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreatePipelineLayout(VkDevice handle,
                                                      const VkPipelineLayoutCreateInfo *pCreateInfo,
                                                      const VkAllocationCallbacks *pAllocator,
                                                      VkPipelineLayout *pPipelineLayout)
{
    struct icd_device *device = icd_device_from(handle);
    uint32_t set_count = pCreateInfo->setLayoutCount, binding_count = 0, push_B = 0;

    if (set_count > WEFT_MAX_SETS)
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "a pipeline layout with %u sets; maxBoundDescriptorSets is %u", set_count,
                         WEFT_MAX_SETS);
    for (uint32_t i = 0; i < set_count; i++) {
        const struct icd_descriptor_layout *set_layout =
            icd_descriptor_layout_from(pCreateInfo->pSetLayouts[i]);
        binding_count += set_layout ? set_layout->binding_count : 0;
    }
    for (uint32_t i = 0; i < pCreateInfo->pushConstantRangeCount; i++) {
        const VkPushConstantRange *range = &pCreateInfo->pPushConstantRanges[i];
        uint64_t end_B = (uint64_t)range->offset + range->size;
        if (end_B > ICD_MAX_PUSH_CONSTANTS_B)
            return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                             "push constants up to byte %llu; maxPushConstantsSize is %u",
                             (unsigned long long)end_B, ICD_MAX_PUSH_CONSTANTS_B);
        push_B = end_B > push_B ? (uint32_t)end_B : push_B;
    }

    struct icd_pipeline_layout *layout = icd_object_create(
        device, NULL, sizeof(*layout) + binding_count * sizeof(layout->bindings[0]),
        VK_OBJECT_TYPE_PIPELINE_LAYOUT, pipeline_layout_finish);
    if (!layout)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a pipeline layout");
    layout->flags = pCreateInfo->flags;
    layout->set_count = set_count;
    layout->push_B = push_B;
    for (uint32_t i = 0; i < set_count; i++)
        add_set(layout, i, icd_descriptor_layout_from(pCreateInfo->pSetLayouts[i]));
    if (layout->dynamic_count > ICD_MAX_DYNAMIC_BUFFERS) {
        uint32_t count = layout->dynamic_count;
        icd_object_release(layout);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "a pipeline layout with %u dynamic buffers; %u are possible", count,
                         ICD_MAX_DYNAMIC_BUFFERS);
    }
    *pPipelineLayout = icd_pipeline_layout_to(layout);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyPipelineLayout(VkDevice handle,
                                                   VkPipelineLayout pipeline_layout,
                                                   const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_pipeline_layout_from(pipeline_layout));
}
