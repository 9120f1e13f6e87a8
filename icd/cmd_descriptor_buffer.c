/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_descriptor_buffer: descriptor sets that are memory of the application. What kernels read is the
 * same as in a set of ours, so binding one is only its address; the job's snapshot of the address space
 * keeps the memory.
 */
#include <string.h>

#include "cmd_buffer.h"

VKAPI_ATTR void VKAPI_CALL vkGetDescriptorSetLayoutSizeEXT(VkDevice handle,
                                                           VkDescriptorSetLayout _layout,
                                                           VkDeviceSize *size_out)
{
    const struct icd_descriptor_layout *layout = icd_descriptor_layout_from(_layout);

    *size_out = layout ? layout->size_B : 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetDescriptorSetLayoutBindingOffsetEXT(VkDevice handle,
                                                                    VkDescriptorSetLayout _layout,
                                                                    uint32_t binding,
                                                                    VkDeviceSize *offset_out)
{
    const struct icd_descriptor_layout *layout = icd_descriptor_layout_from(_layout);
    uint32_t index = layout ? icd_descriptor_layout_find(layout, binding) : 0;

    *offset_out = layout && index < layout->binding_count ? layout->bindings[index].offset_B : 0;
}

VKAPI_ATTR void VKAPI_CALL
vkCmdBindDescriptorBuffersEXT(VkCommandBuffer handle, uint32_t count,
                              const VkDescriptorBufferBindingInfoEXT *infos)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && count > ICD_MAX_SETS) {
        icd_cmd_drop(cmd, "%u descriptor buffers; maxDescriptorBufferBindings is %u", count,
                     ICD_MAX_SETS);
        return;
    }
    for (uint32_t i = 0; cmd && i < count; i++)
        cmd->bound.descriptor_buffers[i] = infos[i].address;
}

static void set_offsets(struct icd_cmd_buffer *cmd, const char *command,
                        const struct icd_pipeline_layout *layout, uint32_t first, uint32_t count,
                        const uint32_t *buffers, const VkDeviceSize *offsets)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    if (!layout || first > layout->set_count || count > layout->set_count - first) {
        icd_cmd_drop_(cmd, command, "sets %u to %u, but the pipeline layout has %u", first,
                      first + count - 1, layout ? layout->set_count : 0);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (buffers[i] >= ICD_MAX_SETS || !bound->descriptor_buffers[buffers[i]]) {
            icd_cmd_drop_(cmd, command, "no descriptor buffer %u is bound", buffers[i]);
            return;
        }
        bound->args.sets[first + i] =
            (const void *)(uintptr_t)(bound->descriptor_buffers[buffers[i]] + offsets[i]);
        icd_cmd_set_layout(cmd, first + i, layout->sets[first + i]);
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetDescriptorBufferOffsetsEXT(
    VkCommandBuffer handle, VkPipelineBindPoint bindPoint, VkPipelineLayout layout,
    uint32_t firstSet, uint32_t setCount, const uint32_t *pBufferIndices,
    const VkDeviceSize *pOffsets)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && bindPoint == VK_PIPELINE_BIND_POINT_COMPUTE)
        set_offsets(cmd, __func__, icd_pipeline_layout_from(layout), firstSet, setCount,
                    pBufferIndices, pOffsets);
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetDescriptorBufferOffsets2EXT(
    VkCommandBuffer handle, const VkSetDescriptorBufferOffsetsInfoEXT *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && (info->stageFlags & VK_SHADER_STAGE_COMPUTE_BIT))
        set_offsets(cmd, __func__, icd_pipeline_layout_from(info->layout), info->firstSet,
                    info->setCount, info->pBufferIndices, info->pOffsets);
}

/* A set of immutable samplers only, which have no memory of the application's. */
static void bind_embedded(struct icd_cmd_buffer *cmd, const char *command,
                          const struct icd_pipeline_layout *layout, uint32_t set)
{
    struct icd_descriptor_layout *set_layout =
        layout && set < layout->set_count ? layout->sets[set] : NULL;

    if (!set_layout) {
        icd_cmd_drop_(cmd, command, "the pipeline layout has no set %u", set);
        return;
    }
    void *memory = icd_cmd_alloc(cmd, set_layout->size_B);
    if (!memory)
        return;
    memset(memory, 0, set_layout->size_B);
    icd_descriptor_layout_init_set(set_layout, memory, set_layout->size_B);
    cmd->bound.args.sets[set] = memory;
    icd_cmd_set_layout(cmd, set, set_layout);
}

VKAPI_ATTR void VKAPI_CALL vkCmdBindDescriptorBufferEmbeddedSamplersEXT(
    VkCommandBuffer handle, VkPipelineBindPoint bindPoint, VkPipelineLayout layout, uint32_t set)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && bindPoint == VK_PIPELINE_BIND_POINT_COMPUTE)
        bind_embedded(cmd, __func__, icd_pipeline_layout_from(layout), set);
}

VKAPI_ATTR void VKAPI_CALL vkCmdBindDescriptorBufferEmbeddedSamplers2EXT(
    VkCommandBuffer handle, const VkBindDescriptorBufferEmbeddedSamplersInfoEXT *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && (info->stageFlags & VK_SHADER_STAGE_COMPUTE_BIT))
        bind_embedded(cmd, __func__, icd_pipeline_layout_from(info->layout), info->set);
}
