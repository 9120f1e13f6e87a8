/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_device_generated_commands for compute: VkIndirectCommandsLayoutEXT, the tokens of a sequence;
 * VkIndirectExecutionSetEXT, a table of the driver's from which sequences choose their programs.
 */
#ifndef ICD_GENERATED_COMMANDS_H
#define ICD_GENERATED_COMMANDS_H

#include "device.h"

struct icd_indirect_layout {
    struct icd_object base;
    uint32_t stride_B;
    bool chooses_program; /* it has a token for an execution set */
    bool dispatches;      /* it ends in a dispatch */
    uint32_t token_count;
    struct weft_token tokens[];
};

struct icd_execution_set {
    struct icd_object base;
    struct weft_program_table *table;
};

ICD_DEFINE_CASTS(icd_indirect_layout, VkIndirectCommandsLayoutEXT,
                 VK_OBJECT_TYPE_INDIRECT_COMMANDS_LAYOUT_EXT)
ICD_DEFINE_CASTS(icd_execution_set, VkIndirectExecutionSetEXT,
                 VK_OBJECT_TYPE_INDIRECT_EXECUTION_SET_EXT)

#define ICD_MAX_INDIRECT_TOKENS 16u
#define ICD_MAX_INDIRECT_OFFSET_B 2047u
#define ICD_MAX_INDIRECT_STRIDE_B 2048u
#define ICD_MAX_INDIRECT_SEQUENCES (1u << 20)
#define ICD_MAX_INDIRECT_PROGRAMS 4096u

#endif
