/* SPDX-License-Identifier: MIT */
#include "cmd_buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrypoints.h"

void icd_cmd_bindings_finish(struct icd_cmd_bindings *bound)
{
    icd_object_put(bound->pipeline);
    for (uint32_t i = 0; i < WEFT_MAX_SETS; i++) {
        icd_object_put(bound->set_layouts[i]);
        free(bound->push_sets[i]);
    }
    memset(bound, 0, sizeof(*bound));
}

void icd_cmd_buffer_reset(struct icd_cmd_buffer *cmd)
{
    if (cmd->state == ICD_CMD_INITIAL)
        return;
    weft_stream_put(&cmd->stream);
    icd_cmd_bindings_finish(&cmd->bound);
    cmd->held = NULL;
    cmd->submitted = false;
    cmd->error = VK_SUCCESS;
    cmd->state = ICD_CMD_INITIAL;
}

static void cmd_buffer_finish(struct icd_object *object)
{
    icd_cmd_buffer_reset((struct icd_cmd_buffer *)object);
}

VkResult icd_cmd_buffer_create(struct icd_cmd_pool *pool, VkCommandBufferLevel level,
                               struct icd_cmd_buffer **cmd_out)
{
    struct icd_cmd_buffer *cmd =
        icd_object_create(pool->base.device, &pool->base.alloc, sizeof(*cmd),
                          VK_OBJECT_TYPE_COMMAND_BUFFER, cmd_buffer_finish);

    if (!cmd)
        return icd_error(pool, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a command buffer");
    set_loader_magic_value(&cmd->base.loader);
    cmd->pool = pool;
    cmd->level = level;
    cmd->next = pool->first;
    if (cmd->next)
        cmd->next->prev = cmd;
    pool->first = cmd;
    *cmd_out = cmd;
    return VK_SUCCESS;
}

void icd_cmd_buffer_destroy(struct icd_cmd_buffer *cmd)
{
    *(cmd->prev ? &cmd->prev->next : &cmd->pool->first) = cmd->next;
    if (cmd->next)
        cmd->next->prev = cmd->prev;
    icd_object_release(cmd);
}

/* ---- Help for vkCmd* ---- */

struct icd_cmd_buffer *icd_cmd_begin(VkCommandBuffer handle, const char *command)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (!cmd)
        return NULL;
    if (cmd->state != ICD_CMD_RECORDING) {
        icd_message(cmd, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-command",
                    "%s: the command buffer is not being recorded", command);
        return NULL;
    }
    return cmd->error == VK_SUCCESS ? cmd : NULL;
}

void icd_cmd_check(struct icd_cmd_buffer *cmd, int error)
{
    if (error && cmd->error == VK_SUCCESS)
        cmd->error = icd_error_errno(cmd, error, "a command can't be recorded");
}

void icd_cmd_drop_(struct icd_cmd_buffer *cmd, const char *command, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    icd_message(cmd, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-command",
                "%s is left out: %s", command, text);
}

void icd_cmd_hold_bo(struct icd_cmd_buffer *cmd, struct weft_bo *bo)
{
    if (cmd->held == bo)
        return;
    cmd->held = bo;
    icd_cmd_check(cmd, weft_stream_hold_bo(cmd->stream, bo));
}

void *icd_cmd_alloc(struct icd_cmd_buffer *cmd, size_t size_B)
{
    void *memory = weft_stream_alloc(cmd->stream, size_B);

    if (!memory && cmd->error == VK_SUCCESS)
        cmd->error = icd_error(cmd, VK_ERROR_OUT_OF_HOST_MEMORY,
                               "no memory for %zu bytes of commands", size_B);
    return memory;
}

void icd_cmd_unsupported(VkCommandBuffer handle, const char *command)
{
    struct icd_cmd_buffer *cmd = icd_cmd_begin(handle, command);

    if (cmd)
        cmd->error = icd_error(cmd, VK_ERROR_FEATURE_NOT_PRESENT,
                               "%s: Weft is a compute device and has no graphics",
                               command);
}

/* ---- Entry points ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkBeginCommandBuffer(VkCommandBuffer handle,
                                                    const VkCommandBufferBeginInfo *pBeginInfo)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (!cmd)
        return VK_ERROR_UNKNOWN;
    if (cmd->state == ICD_CMD_RECORDING)
        icd_message(cmd, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-command",
                    "vkBeginCommandBuffer: the command buffer is being recorded already");
    icd_cmd_buffer_reset(cmd);
    int error = weft_stream_create(cmd->base.device->weft, &cmd->stream);
    if (error)
        return icd_error_errno(cmd, error, "no memory for a command stream");
    cmd->usage = pBeginInfo->flags;
    cmd->state = ICD_CMD_RECORDING;
    /* The first dispatch gives the kernel push constants in any case, zeros if there are none. */
    cmd->bound.push_stale = true;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkEndCommandBuffer(VkCommandBuffer handle)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (!cmd || cmd->state != ICD_CMD_RECORDING)
        return icd_error(cmd, VK_ERROR_UNKNOWN,
                         "vkEndCommandBuffer: the command buffer is not being recorded");
    int error = weft_stream_freeze(cmd->stream);
    if (error)
        icd_cmd_check(cmd, error);
    icd_cmd_bindings_finish(&cmd->bound);
    cmd->state = cmd->error == VK_SUCCESS ? ICD_CMD_EXECUTABLE : ICD_CMD_INVALID;
    return cmd->error;
}

VKAPI_ATTR VkResult VKAPI_CALL vkResetCommandBuffer(VkCommandBuffer handle,
                                                    VkCommandBufferResetFlags flags)
{
    struct icd_cmd_buffer *cmd = icd_cmd_buffer_from(handle);

    if (cmd)
        icd_cmd_buffer_reset(cmd);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkCmdExecuteCommands(VkCommandBuffer handle, uint32_t commandBufferCount,
                                                const VkCommandBuffer *pCommandBuffers)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    for (uint32_t i = 0; cmd && i < commandBufferCount; i++) {
        const struct icd_cmd_buffer *callee = icd_cmd_buffer_from(pCommandBuffers[i]);
        if (!callee || callee->level != VK_COMMAND_BUFFER_LEVEL_SECONDARY ||
            callee->state != ICD_CMD_EXECUTABLE) {
            icd_cmd_drop(cmd, "pCommandBuffers[%u] is not an executable secondary command buffer",
                         i);
            continue;
        }
        icd_cmd_check(cmd, weft_emit_call(cmd->stream, callee->stream));
    }
}

VKAPI_ATTR void VKAPI_CALL vkCmdSetDeviceMask(VkCommandBuffer handle, uint32_t deviceMask)
{
    /* A device group of one has one mask. */
}
