/* SPDX-License-Identifier: MIT
 *
 * VkCommandPool: a list of command buffers that are reset and freed together.
 */
#ifndef ICD_CMD_POOL_H
#define ICD_CMD_POOL_H

#include "device.h"

struct icd_cmd_buffer;

struct icd_cmd_pool {
    struct icd_object base;
    VkCommandPoolCreateFlags flags;
    struct icd_cmd_buffer *first; /* list; externally synchronised */
};

ICD_DEFINE_CASTS(icd_cmd_pool, VkCommandPool, VK_OBJECT_TYPE_COMMAND_POOL)

#endif
