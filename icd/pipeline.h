/* SPDX-License-Identifier: MIT
 *
 * VkPipeline: a compute program and the layout that its dispatches are recorded with. Immutable.
 */
#ifndef ICD_PIPELINE_H
#define ICD_PIPELINE_H

#include "pipeline_layout.h"

struct icd_pipeline {
    struct icd_object base;
    struct icd_pipeline_layout *layout; /* reference */
    struct weft_program *program;       /* reference */
    uint32_t set_mask; /* sets that the shader may read; the others need not be bound */
};

ICD_DEFINE_CASTS(icd_pipeline, VkPipeline, VK_OBJECT_TYPE_PIPELINE)

#endif
