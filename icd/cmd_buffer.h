/* SPDX-License-Identifier: MIT
 *
 * DOC: Command buffers
 *
 * Recording writes packets into a command stream of the driver, which is frozen by
 * vkEndCommandBuffer. Submitted jobs reference the stream, not the command buffer: resetting or
 * freeing a command buffer in flight only drops a reference (lifetime rule 2).
 *
 *     vkCmdBind*, vkCmdPush*    change struct icd_cmd_bindings and mark what is stale   cmd_bind.c
 *     vkCmdDispatch*            bring stale parts of the kernel's arguments up to date, emit
 *                                                                                  cmd_dispatch.c
 *     everything else           emits its packet at once
 *                                                       cmd_copy.c, cmd_sync.c, cmd_query.c
 *
 * Errors stick: the first one makes later calls do nothing and is what vkEndCommandBuffer returns.
 * A command that breaks a rule of the specification in a way that would touch memory out of bounds
 * is left out, with a message, and recording goes on.
 *
 * Command buffers are externally synchronised.
 */
#ifndef ICD_CMD_BUFFER_H
#define ICD_CMD_BUFFER_H

#include "cmd_pool.h"
#include "descriptor_set.h"
#include "pipeline.h"
#include "weft/driver.h"

enum icd_cmd_state {
    ICD_CMD_INITIAL,
    ICD_CMD_RECORDING,
    ICD_CMD_EXECUTABLE,
    ICD_CMD_INVALID,
};

/* What is bound, and what of it the kernel's arguments don't show yet. */
struct icd_cmd_bindings {
    struct icd_pipeline *pipeline; /* reference, or NULL */
    struct weft_kernel_args args;  /* as the next dispatch takes them; group counts aside */

    struct icd_descriptor_layout *set_layouts[WEFT_MAX_SETS]; /* references; of what is bound */
    uint32_t dynamic_count; /* entries of dynamic that were ever bound */
    struct weft_buffer_desc dynamic[WEFT_MAX_DYNAMIC]; /* offsets applied */
    VkDeviceAddress descriptor_buffers[ICD_MAX_SETS]; /* 0: none bound */
    uint8_t push_constants[WEFT_MAX_PUSH_B];
    uint8_t *push_sets[WEFT_MAX_SETS]; /* descriptors of push sets; malloc; NULL until used */

    bool sets_stale;    /* sets or pipeline changed: look whether they fit each other */
    bool dynamic_stale; /* dynamic changed */
    bool push_stale;    /* push_constants changed */
    uint32_t push_sets_stale; /* bit n: push_sets[n] changed */
    bool unusable;      /* the bound sets don't fit the pipeline, and a message said so */
};

struct icd_cmd_buffer {
    struct icd_object base;
    struct icd_cmd_pool *pool; /* outlives its command buffers; no reference */
    struct icd_cmd_buffer *prev, *next; /* in the pool */
    VkCommandBufferLevel level;
    enum icd_cmd_state state;
    VkCommandBufferUsageFlags usage;
    VkResult error;             /* sticky; VK_SUCCESS */
    struct weft_stream *stream; /* reference; NULL in the initial state */
    const struct weft_bo *held; /* the buffer object that the stream was last asked to hold */
    _Atomic bool submitted;     /* once, since recording */
    struct icd_cmd_bindings bound;
};

ICD_DEFINE_CASTS(icd_cmd_buffer, VkCommandBuffer, VK_OBJECT_TYPE_COMMAND_BUFFER)

/* -> VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_cmd_buffer_create(struct icd_cmd_pool *pool, VkCommandBufferLevel level,
                               struct icd_cmd_buffer **cmd_out);
void icd_cmd_buffer_destroy(struct icd_cmd_buffer *cmd);
/* Back to the initial state. */
void icd_cmd_buffer_reset(struct icd_cmd_buffer *cmd);
/* Forgets what is bound. */
void icd_cmd_bindings_finish(struct icd_cmd_bindings *bound);

/* ---- For vkCmd* functions ---- */

/* The command buffer if it is recording without an error so far, else NULL: the command is to be
 * left out. A message says so if the application is to blame. */
struct icd_cmd_buffer *icd_cmd_begin(VkCommandBuffer handle, const char *command);
#define ICD_CMD(handle) icd_cmd_begin(handle, __func__)

/* Takes note of a driver function's 0 or -errno. */
void icd_cmd_check(struct icd_cmd_buffer *cmd, int error);

/* A message about a command that is left out. */
#define icd_cmd_drop(cmd, ...) icd_cmd_drop_(cmd, __func__, __VA_ARGS__)
void icd_cmd_drop_(struct icd_cmd_buffer *cmd, const char *command, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes the stream hold a buffer object; repeating the last one costs nothing. */
void icd_cmd_hold_bo(struct icd_cmd_buffer *cmd, struct weft_bo *bo);

/* A set was bound, of this layout (NULL: none). */
void icd_cmd_set_layout(struct icd_cmd_buffer *cmd, uint32_t index,
                        struct icd_descriptor_layout *layout);
/* Binds a compute pipeline, or a shader object's; NULL for none. */
void icd_cmd_bind_program(struct icd_cmd_buffer *cmd, struct icd_pipeline *pipeline);
/* Brings bound.args up to date. False: the dispatch is to be left out; a message says why. */
bool icd_cmd_flush_bindings(struct icd_cmd_buffer *cmd, const char *command);

/* Memory that lives as long as the stream; NULL (sticky error) when out of memory. */
void *icd_cmd_alloc(struct icd_cmd_buffer *cmd, size_t size_B);

#endif
