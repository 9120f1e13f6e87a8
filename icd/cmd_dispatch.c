/* SPDX-License-Identifier: MIT
 *
 * Dispatches. What did not change since the last dispatch is not copied again: all dispatches share
 * the blocks of push constants, dynamic descriptors and push sets in the stream.
 */
#include <string.h>

#include "buffer.h"
#include "cmd_buffer.h"
#include "instance.h"
#include "quirk.h"

/* Sets that the shader may read, but that aren't bound, get a block of null descriptors: a shader
 * that reads one of them gets zeros. No sane application needs a bigger one. */
#define MAX_NULL_SET_B (1u << 20)

static bool fill_null_set(struct icd_cmd_buffer *cmd, uint32_t set, uint32_t size_B)
{
    if (size_B > MAX_NULL_SET_B)
        return false;
    void *memory = icd_cmd_alloc(cmd, size_B);
    if (!memory)
        return false;
    memset(memory, 0, size_B);
    cmd->bound.args.sets[set] = memory;
    return true;
}

/* Checks the bound sets against the pipeline's layout. */
static bool check_sets(struct icd_cmd_buffer *cmd, const char *command)
{
    struct icd_cmd_bindings *bound = &cmd->bound;
    const struct icd_pipeline *pipeline = bound->pipeline;
    const struct icd_pipeline_layout *layout = pipeline->layout;

    for (uint32_t set = 0; set < layout->set_count; set++) {
        const struct icd_descriptor_layout *wanted = layout->sets[set];
        if (!wanted || !wanted->size_B || !(pipeline->set_mask & (1u << set)))
            continue;
        if (!bound->set_layouts[set]) {
            icd_message(cmd, VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT, "weft-command",
                        "%s: descriptor set %u is not bound; it reads as null descriptors",
                        command, set);
            if (!fill_null_set(cmd, set, wanted->size_B))
                return false;
        } else if (!icd_descriptor_layout_same(bound->set_layouts[set], wanted)) {
            icd_cmd_drop_(cmd, command,
                          "descriptor set %u was bound with another layout than the pipeline's",
                          set);
            return false;
        }
    }
    return true;
}

/* Copies the push sets that changed since the last dispatch into new blocks of the stream. */
static bool copy_push_sets(struct icd_cmd_buffer *cmd)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    for (uint32_t left = bound->push_sets_stale; left; left &= left - 1) {
        uint32_t set = (uint32_t)__builtin_ctz(left);
        const struct icd_descriptor_layout *layout = bound->set_layouts[set];
        /* An ordinary set may have been bound in its place since. */
        if (!layout || !(layout->flags & VK_DESCRIPTOR_SET_LAYOUT_CREATE_PUSH_DESCRIPTOR_BIT) ||
            !layout->size_B)
            continue;
        void *memory = icd_cmd_alloc(cmd, layout->size_B);
        if (!memory)
            return false;
        memcpy(memory, bound->push_sets[set], layout->size_B);
        bound->args.sets[set] = memory;
    }
    bound->push_sets_stale = 0;
    return true;
}

static bool copy_dynamic(struct icd_cmd_buffer *cmd)
{
    struct icd_cmd_bindings *bound = &cmd->bound;
    uint32_t count = bound->pipeline->layout->dynamic_count;

    /* Unbound ones are null: bound->dynamic starts as zeros. */
    if (count) {
        struct weft_buffer_desc *memory = icd_cmd_alloc(cmd, count * sizeof(*memory));
        if (!memory)
            return false;
        memcpy(memory, bound->dynamic, count * sizeof(*memory));
        bound->args.dynamic = memory;
    }
    bound->dynamic_stale = false;
    return true;
}

static bool copy_push_constants(struct icd_cmd_buffer *cmd)
{
    struct icd_cmd_bindings *bound = &cmd->bound;
    void *memory = icd_cmd_alloc(cmd, WEFT_MAX_PUSH_B);

    if (!memory)
        return false;
    memcpy(memory, bound->push_constants, WEFT_MAX_PUSH_B);
    bound->args.push_constants = memory;
    bound->push_stale = false;
    return true;
}

bool icd_cmd_flush_bindings(struct icd_cmd_buffer *cmd, const char *command)
{
    struct icd_cmd_bindings *bound = &cmd->bound;

    if (bound->push_sets_stale && !copy_push_sets(cmd))
        return false;
    if (bound->sets_stale) {
        if (!bound->pipeline) {
            icd_cmd_drop_(cmd, command, "no compute pipeline is bound");
            return false;
        }
        bound->unusable = !check_sets(cmd, command);
        bound->sets_stale = false;
    }
    if (bound->unusable || !bound->pipeline) {
        if (!bound->pipeline)
            icd_cmd_drop_(cmd, command, "no compute pipeline is bound");
        return false;
    }
    if (bound->dynamic_stale && !copy_dynamic(cmd))
        return false;
    if (bound->push_stale && !copy_push_constants(cmd))
        return false;
    if (cmd->base.instance->quirks & ICD_QUIRK_ORDER)
        icd_cmd_check(cmd, weft_emit_barrier(cmd->stream));
    return true;
}

static void dispatch(struct icd_cmd_buffer *cmd, const char *command, const uint32_t base[3],
                     const uint32_t count[3])
{
    const uint32_t *max = cmd->base.device->physical->properties.maxComputeWorkGroupCount;
    struct weft_kernel_args *args = &cmd->bound.args;

    for (int i = 0; i < 3; i++) {
        /* VUID-vkCmdDispatch-groupCountX-00386, VUID-vkCmdDispatchBase-groupCountX-00424 */
        if (base[i] > max[i] || count[i] > max[i] - base[i]) {
            icd_cmd_drop_(cmd, command, "%u + %u workgroups in dimension %d; %u are possible",
                          base[i], count[i], i, max[i]);
            return;
        }
    }
    if (!count[0] || !count[1] || !count[2] || !icd_cmd_flush_bindings(cmd, command))
        return;
    memcpy(args->group_base, base, sizeof(args->group_base));
    memcpy(args->group_count, count, sizeof(args->group_count));
    icd_cmd_check(cmd, weft_emit_dispatch(cmd->stream, cmd->bound.pipeline->program, args));
}

VKAPI_ATTR void VKAPI_CALL vkCmdDispatch(VkCommandBuffer handle, uint32_t groupCountX,
                                         uint32_t groupCountY, uint32_t groupCountZ)
{
    static const uint32_t base[3];
    const uint32_t count[3] = {groupCountX, groupCountY, groupCountZ};
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        dispatch(cmd, __func__, base, count);
}

VKAPI_ATTR void VKAPI_CALL vkCmdDispatchBase(VkCommandBuffer handle, uint32_t baseGroupX,
                                             uint32_t baseGroupY, uint32_t baseGroupZ,
                                             uint32_t groupCountX, uint32_t groupCountY,
                                             uint32_t groupCountZ)
{
    const uint32_t base[3] = {baseGroupX, baseGroupY, baseGroupZ};
    const uint32_t count[3] = {groupCountX, groupCountY, groupCountZ};
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    if (cmd)
        dispatch(cmd, __func__, base, count);
}

VKAPI_ATTR void VKAPI_CALL vkCmdDispatchIndirect(VkCommandBuffer handle, VkBuffer buffer_handle,
                                                 VkDeviceSize offset)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);
    const struct icd_buffer *buffer = icd_buffer_from(buffer_handle);

    if (!cmd)
        return;
    if (!buffer || !buffer->address || offset % 4 ||
        icd_buffer_range_B(buffer, offset, VK_WHOLE_SIZE) < sizeof(VkDispatchIndirectCommand)) {
        icd_cmd_drop(cmd, "no three words at offset %llu of the buffer",
                     (unsigned long long)offset);
        return;
    }
    if (!icd_cmd_flush_bindings(cmd, __func__))
        return;
    struct weft_kernel_args *args = &cmd->bound.args;
    memset(args->group_base, 0, sizeof(args->group_base));
    memset(args->group_count, 0, sizeof(args->group_count));
    icd_cmd_check(cmd, weft_emit_dispatch_indirect(cmd->stream, cmd->bound.pipeline->program, args,
                                                   buffer->address + offset));
}
