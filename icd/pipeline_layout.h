/* SPDX-License-Identifier: MIT
 *
 * VkPipelineLayout: the set layouts of a pipeline, and the same as the compiler's binding table.
 * Immutable; pipelines hold references.
 */
#ifndef ICD_PIPELINE_LAYOUT_H
#define ICD_PIPELINE_LAYOUT_H

#include "descriptor_layout.h"
#include "weft/driver.h"

struct icd_pipeline_layout {
    struct icd_object base;
    VkPipelineLayoutCreateFlags flags;
    uint32_t set_count;
    struct icd_descriptor_layout *sets[WEFT_MAX_SETS]; /* references; NULL where there is none */
    uint32_t dynamic_first[WEFT_MAX_SETS]; /* number of each set's first dynamic descriptor */
    uint32_t dynamic_count;
    uint32_t push_B; /* end of the last push constant range */
    uint32_t binding_count;
    struct weft_binding bindings[];
};

ICD_DEFINE_CASTS(icd_pipeline_layout, VkPipelineLayout, VK_OBJECT_TYPE_PIPELINE_LAYOUT)

#endif
