/* SPDX-License-Identifier: MIT
 *
 * VkShaderEXT: a compute shader without a pipeline. It has all that a pipeline has, so it is one; its
 * layout is made of its own set layouts and push constants.
 */
#ifndef ICD_SHADER_OBJECT_H
#define ICD_SHADER_OBJECT_H

#include "pipeline.h"

struct icd_shader {
    struct icd_pipeline pipeline; /* its base has VK_OBJECT_TYPE_SHADER_EXT */
};

ICD_DEFINE_CASTS(icd_shader, VkShaderEXT, VK_OBJECT_TYPE_SHADER_EXT)

/* Accepts NULL. */
static inline struct icd_pipeline *icd_shader_pipeline(struct icd_shader *shader)
{
    return shader ? &shader->pipeline : NULL;
}

#endif
