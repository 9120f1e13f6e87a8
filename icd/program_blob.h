/* SPDX-License-Identifier: MIT
 *
 * A program as the application may keep it: VK_EXT_shader_object's binaries and VK_KHR_pipeline_binary's
 * data. The kernel image with what recording needs to know, the driver's build and a digest in front.
 */
#ifndef ICD_PROGRAM_BLOB_H
#define ICD_PROGRAM_BLOB_H

#include "device.h"
#include "pipeline.h"

size_t icd_blob_size(const struct icd_pipeline *pipeline);
/* Writes icd_blob_size() bytes. */
void icd_blob_write(const struct icd_pipeline *pipeline, void *blob);
/* Whether the bytes are a blob of this build for this machine. */
bool icd_blob_is_valid(const struct icd_device *device, const void *blob, size_t blob_B);
/* Gives the pipeline the blob's program. -> VK_ERROR_OUT_OF_HOST_MEMORY, and
 * VK_ERROR_VALIDATION_FAILED_EXT where the blob is not valid. */
VkResult icd_blob_read(struct icd_device *device, const void *blob, size_t blob_B,
                       struct icd_pipeline *pipeline);

#endif
