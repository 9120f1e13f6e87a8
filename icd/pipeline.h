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
    VkPipelineCreateFlags2 flags;
    bool code_kept;    /* what is compiled first may be asked for; see weft_program_info.well */
    void *request;     /* what the program was compiled from, where something asked for it; or NULL */
    size_t request_B;
};

ICD_DEFINE_CASTS(icd_pipeline, VkPipeline, VK_OBJECT_TYPE_PIPELINE)

/* Fills in a pipeline that icd_object_create() made, of any object type: shader objects are pipelines
 * of their own kind. icd_pipeline_finish is the object's finish function. */
VkResult icd_pipeline_init(struct icd_device *device, VkPipelineCache cache,
                           const VkComputePipelineCreateInfo *info, struct icd_pipeline *pipeline);
void icd_pipeline_finish(struct icd_object *object);

/* The bytes that say all about what would be compiled; to free(). */
VkResult icd_pipeline_request(struct icd_device *device, const VkComputePipelineCreateInfo *info,
                              void **request_out, size_t *request_B_out);

/* VkPipelineCreateFlags2CreateInfo replaces flags where it is chained. */
VkPipelineCreateFlags2 icd_pipeline_flags(const VkComputePipelineCreateInfo *info);

#endif
