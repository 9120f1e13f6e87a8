/* SPDX-License-Identifier: MIT
 *
 * Binding pipelines, descriptor sets and push constants. Nothing is emitted here: the next dispatch
 * brings its arguments up to date (cmd_dispatch.c).
 */
#include <stdlib.h>
#include <string.h>

#include "cmd_buffer.h"
#include "descriptor_template.h"

VKAPI_ATTR void VKAPI_CALL vkCmdBindPipeline(VkCommandBuffer handle,
                                             VkPipelineBindPoint pipelineBindPoint,
                                             VkPipeline pipeline_handle)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    struct icd_pipeline *pipeline = icd_pipeline_from(pipeline_handle);

    if (!cmd)
        return;
    if (pipelineBindPoint != VK_PIPELINE_BIND_POINT_COMPUTE || !pipeline) {
        icd_cmd_drop(cmd, "bind point %d, but Weft has compute pipelines only",
                     (int)pipelineBindPoint);
        return;
    }
    /* VUID-vkCmdBindPipeline-pipelineProtectedAccess-07409. There is no protected memory, so no command
     * buffer is protected. */
    if (pipeline->flags & VK_PIPELINE_CREATE_2_PROTECTED_ACCESS_ONLY_BIT_EXT) {
        icd_cmd_drop(cmd, "the pipeline is for protected command buffers only");
        return;
    }
    icd_cmd_bind_program(cmd, pipeline);
}

void icd_cmd_bind_program(struct icd_cmd_buffer *cmd, struct icd_pipeline *pipeline)
{
    if (cmd->bound.pipeline == pipeline)
        return;
    icd_object_put(cmd->bound.pipeline);
    cmd->bound.pipeline = icd_object_get(pipeline);
    cmd->bound.sets_stale = true;
    /* The new layout may have more dynamic buffers than were copied for the last one. */
    if (pipeline && pipeline->layout->dynamic_count)
        cmd->bound.dynamic_stale = true;
}

void icd_cmd_set_layout(struct icd_cmd_buffer *cmd, uint32_t index,
                        struct icd_descriptor_layout *layout)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    bound->sets_stale = true;
    if (bound->set_layouts[index] == layout)
        return;
    icd_object_put(bound->set_layouts[index]);
    bound->set_layouts[index] = icd_object_get(layout);
}

/* Adds a set's dynamic offsets to its descriptors; offsets has one for each of them. */
static void apply_offsets(struct icd_cmd_buffer *cmd, const struct icd_descriptor_set *set,
                          uint32_t first, const uint32_t *offsets)
{
    const struct icd_descriptor_layout *layout = set->layout;

    for (uint32_t i = 0; i < layout->binding_count; i++) {
        const struct icd_descriptor_binding *binding = &layout->bindings[i];
        if (!icd_descriptor_type_is_dynamic(binding->type))
            continue;
        for (uint32_t element = 0; element < binding->count; element++) {
            uint32_t index = binding->dynamic_index + element;
            uint64_t rest_B = set->dynamic_rest_B[index], offset_B = offsets[index];
            struct weft_buffer_desc desc;
            memcpy(&desc, set->memory + binding->offset_B + (size_t)element * binding->stride_B,
                   sizeof(desc));
            /* Past the buffer's end nothing is left, robust access or not. */
            if (offset_B > rest_B)
                offset_B = rest_B;
            desc.address += offset_B;
            if (desc.size_B > rest_B - offset_B)
                desc.size_B = rest_B - offset_B;
            if (desc.size_B == 0)
                desc.address = 0;
            cmd->bound.dynamic[first + index] = desc;
        }
    }
    if (cmd->bound.dynamic_count < first + layout->dynamic_count)
        cmd->bound.dynamic_count = first + layout->dynamic_count;
    cmd->bound.dynamic_stale = true;
}

static void bind_sets(struct icd_cmd_buffer *cmd, const char *command,
                      const struct icd_pipeline_layout *layout, uint32_t first_set,
                      uint32_t set_count, const VkDescriptorSet *sets, uint32_t offset_count,
                      const uint32_t *offsets)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    if (!layout || first_set > layout->set_count || set_count > layout->set_count - first_set) {
        icd_cmd_drop_(cmd, command, "sets %u to %u, but the pipeline layout has %u", first_set,
                      first_set + set_count - 1, layout ? layout->set_count : 0);
        return;
    }
    for (uint32_t i = 0; i < set_count; i++) {
        struct icd_descriptor_set *set = icd_descriptor_set_from(sets[i]);
        uint32_t index = first_set + i;
        if (!set) {
            bound->args.sets[index] = NULL;
            icd_cmd_set_layout(cmd, index, NULL);
            continue;
        }
        if (!icd_descriptor_layout_same(set->layout, layout->sets[index])) {
            icd_cmd_drop_(cmd, command, "set %u was not allocated with the layout's set layout",
                          index);
            return;
        }
        if (set->layout->dynamic_count) {
            if (set->layout->dynamic_count > offset_count) {
                icd_cmd_drop_(cmd, command, "too few dynamic offsets for set %u", index);
                return;
            }
            apply_offsets(cmd, set, layout->dynamic_first[index], offsets);
            offsets += set->layout->dynamic_count;
            offset_count -= set->layout->dynamic_count;
        }
        bound->args.sets[index] = set->memory;
        icd_cmd_set_layout(cmd, index, set->layout);
        icd_cmd_hold_bo(cmd, set->pool->bo);
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdBindDescriptorSets(
    VkCommandBuffer handle, VkPipelineBindPoint pipelineBindPoint, VkPipelineLayout layout,
    uint32_t firstSet, uint32_t descriptorSetCount, const VkDescriptorSet *pDescriptorSets,
    uint32_t dynamicOffsetCount, const uint32_t *pDynamicOffsets)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && pipelineBindPoint == VK_PIPELINE_BIND_POINT_COMPUTE)
        bind_sets(cmd, __func__, icd_pipeline_layout_from(layout), firstSet, descriptorSetCount,
                  pDescriptorSets, dynamicOffsetCount, pDynamicOffsets);
}

VKAPI_ATTR void VKAPI_CALL vkCmdBindDescriptorSets2(VkCommandBuffer handle,
                                                    const VkBindDescriptorSetsInfo *pInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && (pInfo->stageFlags & VK_SHADER_STAGE_COMPUTE_BIT))
        bind_sets(cmd, __func__, icd_pipeline_layout_from(pInfo->layout), pInfo->firstSet,
                  pInfo->descriptorSetCount, pInfo->pDescriptorSets, pInfo->dynamicOffsetCount,
                  pInfo->pDynamicOffsets);
}

/* ---- Push descriptors ---- */

/* Where vkCmdPushDescriptorSet* writes; false (the command is dropped) if there is no such set. */
static bool push_target(struct icd_cmd_buffer *cmd, const char *command, VkPipelineLayout handle,
                        uint32_t set, struct icd_descriptor_target *target_out)
{
    const struct icd_pipeline_layout *layout = icd_pipeline_layout_from(handle);
    struct icd_cmd_bindings *bound = &cmd->bound;

    if (!layout || set >= layout->set_count || !layout->sets[set] ||
        !(layout->sets[set]->flags & VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT)) {
        icd_cmd_drop_(cmd, command, "set %u of the layout is not for push descriptors", set);
        return false;
    }
    struct icd_descriptor_layout *wanted = layout->sets[set];
    /* "Each element ... undefined" after another layout disturbs the set: start with nulls then. */
    if (!bound->push_sets[set] || !icd_descriptor_layout_same(bound->set_layouts[set], wanted)) {
        uint8_t *memory = calloc(1, wanted->size_B ? wanted->size_B : 1);
        if (!memory) {
            cmd->error = icd_error(cmd, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a push set");
            return false;
        }
        icd_descriptor_layout_init_set(wanted, memory, wanted->size_B);
        free(bound->push_sets[set]);
        bound->push_sets[set] = memory;
    }
    icd_cmd_set_layout(cmd, set, wanted);
    bound->push_sets_stale |= 1u << set;
    *target_out = (struct icd_descriptor_target){wanted, bound->push_sets[set], NULL, UINT32_MAX,
                                                 cmd};
    return true;
}

static void push_descriptors(struct icd_cmd_buffer *cmd, const char *command,
                             VkPipelineLayout layout, uint32_t set, uint32_t write_count,
                             const VkWriteDescriptorSet *writes)
{
    struct icd_descriptor_target target;

    if (!push_target(cmd, command, layout, set, &target))
        return;
    for (uint32_t i = 0; i < write_count; i++)
        icd_descriptor_write_info(&target, &writes[i]);
}

static void push_with_template(struct icd_cmd_buffer *cmd, const char *command,
                               VkDescriptorUpdateTemplate handle, VkPipelineLayout layout,
                               uint32_t set, const void *data)
{
    const struct icd_descriptor_template *template_ = icd_descriptor_template_from(handle);
    struct icd_descriptor_target target;

    if (template_ && push_target(cmd, command, layout, set, &target))
        icd_descriptor_template_write(template_, &target, data);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushDescriptorSet(VkCommandBuffer handle,
                                                  VkPipelineBindPoint pipelineBindPoint,
                                                  VkPipelineLayout layout, uint32_t set,
                                                  uint32_t descriptorWriteCount,
                                                  const VkWriteDescriptorSet *pDescriptorWrites)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && pipelineBindPoint == VK_PIPELINE_BIND_POINT_COMPUTE)
        push_descriptors(cmd, __func__, layout, set, descriptorWriteCount, pDescriptorWrites);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushDescriptorSet2(VkCommandBuffer handle,
                                                   const VkPushDescriptorSetInfo *pInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd && (pInfo->stageFlags & VK_SHADER_STAGE_COMPUTE_BIT))
        push_descriptors(cmd, __func__, pInfo->layout, pInfo->set, pInfo->descriptorWriteCount,
                         pInfo->pDescriptorWrites);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushDescriptorSetWithTemplate(
    VkCommandBuffer handle, VkDescriptorUpdateTemplate descriptorUpdateTemplate,
    VkPipelineLayout layout, uint32_t set, const void *pData)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        push_with_template(cmd, __func__, descriptorUpdateTemplate, layout, set, pData);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushDescriptorSetWithTemplate2(
    VkCommandBuffer handle, const VkPushDescriptorSetWithTemplateInfo *pInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        push_with_template(cmd, __func__, pInfo->descriptorUpdateTemplate, pInfo->layout,
                           pInfo->set, pInfo->pData);
}

/* ---- Push constants ---- */

static void push_constants(struct icd_cmd_buffer *cmd, const char *command, uint32_t offset_B,
                           uint32_t size_B, const void *values)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    if (offset_B > WEFT_MAX_PUSH_B || size_B > WEFT_MAX_PUSH_B - offset_B) {
        icd_cmd_drop_(cmd, command, "bytes %u to %llu, but maxPushConstantsSize is %u", offset_B,
                      (unsigned long long)offset_B + size_B, WEFT_MAX_PUSH_B);
        return;
    }
    /* Loops that push the same values again and again share one copy. */
    if (!memcmp(bound->push_constants + offset_B, values, size_B))
        return;
    memcpy(bound->push_constants + offset_B, values, size_B);
    bound->push_stale = true;
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushConstants(VkCommandBuffer handle, VkPipelineLayout layout,
                                              VkShaderStageFlags stageFlags, uint32_t offset,
                                              uint32_t size, const void *pValues)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        push_constants(cmd, __func__, offset, size, pValues);
}

VKAPI_ATTR void VKAPI_CALL vkCmdPushConstants2(VkCommandBuffer handle,
                                               const VkPushConstantsInfo *pPushConstantsInfo)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        push_constants(cmd, __func__, pPushConstantsInfo->offset, pPushConstantsInfo->size,
                       pPushConstantsInfo->pValues);
}
