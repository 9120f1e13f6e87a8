/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_pipeline_binary: a pipeline's program as bytes, named by a key.
 */
#ifndef ICD_PIPELINE_BINARY_H
#define ICD_PIPELINE_BINARY_H

#include "digest.h"
#include "pipeline.h"

struct icd_pipeline_binary {
    struct icd_object base;
    uint8_t key[ICD_DIGEST_B];
    size_t blob_B;
    char blob[]; /* program_blob.h */
};

ICD_DEFINE_CASTS(icd_pipeline_binary, VkPipelineBinaryKHR, VK_OBJECT_TYPE_PIPELINE_BINARY_KHR)

/* Gives a pipeline the program of a binary. -> VK_ERROR_VALIDATION_FAILED_EXT */
VkResult icd_pipeline_binary_use(struct icd_device *device, VkPipelineBinaryKHR binary,
                                 struct icd_pipeline *pipeline);

#endif
