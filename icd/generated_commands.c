/* SPDX-License-Identifier: MIT */
#include "generated_commands.h"

#include <errno.h>
#include <string.h>

#include "cmd_buffer.h"
#include "device_memory.h"
#include "pipeline.h"
#include "shader_object.h"

/* ---- Layouts ---- */

/* One token in the driver's words. NULL, or what is wrong with it. */
static const char *read_token(struct icd_indirect_layout *layout,
                              const VkIndirectCommandsLayoutTokenEXT *in, struct weft_token *out)
{
    const VkPushConstantRange *range;

    *out = (struct weft_token){.offset_B = in->offset};
    if (in->offset > ICD_MAX_INDIRECT_OFFSET_B || in->offset % 4)
        return "a token's offset is too large, or no multiple of 4";
    switch (in->type) {
    case VK_INDIRECT_COMMANDS_TOKEN_TYPE_EXECUTION_SET_EXT:
        out->kind = WEFT_TOKEN_PROGRAM;
        out->size_B = sizeof(uint32_t);
        layout->chooses_program = true;
        return NULL;
    case VK_INDIRECT_COMMANDS_TOKEN_TYPE_PUSH_CONSTANT_EXT:
    case VK_INDIRECT_COMMANDS_TOKEN_TYPE_SEQUENCE_INDEX_EXT:
        range = &in->data.pPushConstant->updateRange;
        if (range->offset > ICD_MAX_PUSH_CONSTANTS_B ||
            range->size > ICD_MAX_PUSH_CONSTANTS_B - range->offset || range->size < 4)
            return "a token's push constants lie outside of maxPushConstantsSize";
        out->kind = in->type == VK_INDIRECT_COMMANDS_TOKEN_TYPE_PUSH_CONSTANT_EXT
                        ? WEFT_TOKEN_PUSH
                        : WEFT_TOKEN_SEQUENCE;
        out->dst_B = range->offset;
        out->size_B = range->size;
        return NULL;
    case VK_INDIRECT_COMMANDS_TOKEN_TYPE_DISPATCH_EXT:
        out->kind = WEFT_TOKEN_DISPATCH;
        out->size_B = sizeof(VkDispatchIndirectCommand);
        layout->dispatches = true;
        return NULL;
    default:
        return "a token is of a kind that a compute device does not have";
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateIndirectCommandsLayoutEXT(
    VkDevice handle, const VkIndirectCommandsLayoutCreateInfoEXT *info,
    const VkAllocationCallbacks *alloc, VkIndirectCommandsLayoutEXT *layout_out)
{
    struct icd_device *device = icd_device_from(handle);
    const char *wrong = NULL;

    if (info->tokenCount > ICD_MAX_INDIRECT_TOKENS ||
        info->indirectStride > ICD_MAX_INDIRECT_STRIDE_B)
        wrong = "too many tokens, or too large a stride";
    struct icd_indirect_layout *layout = icd_object_create(
        device, alloc, sizeof(*layout) + (wrong ? 0 : info->tokenCount) * sizeof(layout->tokens[0]),
        VK_OBJECT_TYPE_INDIRECT_COMMANDS_LAYOUT_EXT, NULL);
    if (!layout)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a commands layout");
    layout->stride_B = info->indirectStride;
    for (uint32_t i = 0; i < info->tokenCount && !wrong; i++) {
        wrong = read_token(layout, &info->pTokens[i], &layout->tokens[i]);
        layout->token_count++;
    }
    if (!wrong && !layout->dispatches)
        wrong = "no token dispatches anything";
    if (wrong) {
        icd_object_discard(&layout->base);
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "vkCreateIndirectCommandsLayoutEXT: %s", wrong);
    }
    *layout_out = icd_indirect_layout_to(layout);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyIndirectCommandsLayoutEXT(VkDevice handle,
                                                              VkIndirectCommandsLayoutEXT layout,
                                                              const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_indirect_layout_from(layout));
}

/* ---- Execution sets ---- */

static void finish_set(struct icd_object *object)
{
    weft_program_table_put(&((struct icd_execution_set *)object)->table);
}

static VkResult put_program(struct icd_execution_set *set, uint32_t index,
                            const struct icd_pipeline *pipeline)
{
    int error = pipeline ? weft_program_table_set(set->table, index, pipeline->program) : -EINVAL;

    if (error == -EINVAL)
        return icd_error(set, VK_ERROR_UNKNOWN,
                         "an execution set has no place %u, or no program was given for it", index);
    if (error)
        return icd_error(set, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for an execution set");
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateIndirectExecutionSetEXT(
    VkDevice handle, const VkIndirectExecutionSetCreateInfoEXT *info,
    const VkAllocationCallbacks *alloc, VkIndirectExecutionSetEXT *set_out)
{
    struct icd_device *device = icd_device_from(handle);
    bool pipelines = info->type == VK_INDIRECT_EXECUTION_SET_INFO_TYPE_PIPELINES_EXT;
    uint32_t count =
        pipelines ? info->info.pPipelineInfo->maxPipelineCount : info->info.pShaderInfo->maxShaderCount;
    VkResult result = VK_SUCCESS;

    if (count > ICD_MAX_INDIRECT_PROGRAMS)
        return icd_error(device, VK_ERROR_OUT_OF_DEVICE_MEMORY,
                         "an execution set of %u programs; %u are possible", count,
                         ICD_MAX_INDIRECT_PROGRAMS);
    struct icd_execution_set *set = icd_object_create(
        device, alloc, sizeof(*set), VK_OBJECT_TYPE_INDIRECT_EXECUTION_SET_EXT, finish_set);
    if (!set || weft_program_table_create(device->weft, count, &set->table)) {
        icd_object_discard(set ? &set->base : NULL);
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for an execution set");
    }
    if (pipelines) {
        result = put_program(set, 0, icd_pipeline_from(info->info.pPipelineInfo->initialPipeline));
    } else {
        const VkIndirectExecutionSetShaderInfoEXT *shaders = info->info.pShaderInfo;
        for (uint32_t i = 0; i < shaders->shaderCount && result == VK_SUCCESS; i++)
            result = put_program(set, i,
                                 icd_shader_pipeline(icd_shader_from(shaders->pInitialShaders[i])));
    }
    if (result != VK_SUCCESS) {
        icd_object_release(set);
        return result;
    }
    *set_out = icd_execution_set_to(set);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyIndirectExecutionSetEXT(VkDevice handle,
                                                            VkIndirectExecutionSetEXT set,
                                                            const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_execution_set_from(set));
}

VKAPI_ATTR void VKAPI_CALL vkUpdateIndirectExecutionSetPipelineEXT(
    VkDevice handle, VkIndirectExecutionSetEXT _set, uint32_t count,
    const VkWriteIndirectExecutionSetPipelineEXT *writes)
{
    struct icd_execution_set *set = icd_execution_set_from(_set);

    for (uint32_t i = 0; set && i < count; i++)
        (void)put_program(set, writes[i].index, icd_pipeline_from(writes[i].pipeline));
}

VKAPI_ATTR void VKAPI_CALL vkUpdateIndirectExecutionSetShaderEXT(
    VkDevice handle, VkIndirectExecutionSetEXT _set, uint32_t count,
    const VkWriteIndirectExecutionSetShaderEXT *writes)
{
    struct icd_execution_set *set = icd_execution_set_from(_set);

    for (uint32_t i = 0; set && i < count; i++)
        (void)put_program(set, writes[i].index,
                          icd_shader_pipeline(icd_shader_from(writes[i].shader)));
}

/* ---- Commands ---- */

/* Sequences are read as they are: nothing is prepared, and no memory needed for it. */
VKAPI_ATTR void VKAPI_CALL vkGetGeneratedCommandsMemoryRequirementsEXT(
    VkDevice handle, const VkGeneratedCommandsMemoryRequirementsInfoEXT *info,
    VkMemoryRequirements2 *out)
{
    out->memoryRequirements = (VkMemoryRequirements){
        .size = 0,
        .alignment = ICD_MEMORY_ALIGNMENT_B,
        .memoryTypeBits = ICD_MEMORY_TYPE_BITS,
    };
}

VKAPI_ATTR void VKAPI_CALL vkCmdPreprocessGeneratedCommandsEXT(
    VkCommandBuffer handle, const VkGeneratedCommandsInfoEXT *info, VkCommandBuffer state)
{
}

VKAPI_ATTR void VKAPI_CALL vkCmdExecuteGeneratedCommandsEXT(VkCommandBuffer handle,
                                                            VkBool32 isPreprocessed,
                                                            const VkGeneratedCommandsInfoEXT *info)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_indirect_layout *layout =
        icd_indirect_layout_from(info->indirectCommandsLayout);
    const struct icd_execution_set *set = icd_execution_set_from(info->indirectExecutionSet);

    if (!cmd)
        return;
    if (!layout || (layout->chooses_program && !set)) {
        icd_cmd_drop(cmd, "no layout, or no execution set for it");
        return;
    }
    if (!icd_cmd_flush_bindings(cmd, __func__))
        return;
    /* As many as the range has room for, whatever maxSequenceCount says. */
    uint64_t room = layout->stride_B ? info->indirectAddressSize / layout->stride_B : 1;
    size_t tokens_B = layout->token_count * sizeof(layout->tokens[0]);
    struct weft_token *tokens = icd_cmd_alloc(cmd, tokens_B);
    if (!tokens)
        return;
    memcpy(tokens, layout->tokens, tokens_B);
    struct weft_generated generated = {
        .program = layout->chooses_program ? NULL : cmd->bound.pipeline->program,
        .table = set ? set->table : NULL,
        .tokens = tokens,
        .token_count = layout->token_count,
        .address = info->indirectAddress,
        .stride_B = layout->stride_B,
        .count_address = info->sequenceCountAddress,
        .max_count = info->maxSequenceCount < room ? info->maxSequenceCount : (uint32_t)room,
        .args = cmd->bound.args,
    };
    memset(generated.args.group_base, 0, sizeof(generated.args.group_base));
    icd_cmd_check(cmd, weft_emit_generated(cmd->stream, &generated));
    /* The application's push constants are undefined now; its next ones must not be taken for these. */
    cmd->bound.push_stale = true;
}
