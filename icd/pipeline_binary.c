/* SPDX-License-Identifier: MIT */
#include "pipeline_binary.h"

#include <stdlib.h>
#include <string.h>

#include "program_blob.h"

VkResult icd_pipeline_binary_use(struct icd_device *device, VkPipelineBinaryKHR handle,
                                 struct icd_pipeline *pipeline)
{
    const struct icd_pipeline_binary *binary = icd_pipeline_binary_from(handle);
    VkResult result = binary ? icd_blob_read(device, binary->blob, binary->blob_B, pipeline)
                             : VK_ERROR_VALIDATION_FAILED_EXT;

    if (result == VK_ERROR_VALIDATION_FAILED_EXT)
        return icd_error(device, result, "a pipeline binary is damaged, or of another driver");
    return result;
}

static struct icd_pipeline_binary *create(struct icd_device *device, size_t blob_B,
                                          const VkAllocationCallbacks *alloc)
{
    struct icd_pipeline_binary *binary = icd_object_create(
        device, alloc, sizeof(*binary) + blob_B, VK_OBJECT_TYPE_PIPELINE_BINARY_KHR, NULL);

    if (binary)
        binary->blob_B = blob_B;
    else
        icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a pipeline binary");
    return binary;
}

static VkResult create_from_data(struct icd_device *device, const VkPipelineBinaryKeyKHR *key,
                                 const VkPipelineBinaryDataKHR *data,
                                 const VkAllocationCallbacks *alloc,
                                 struct icd_pipeline_binary **binary_out)
{
    if (key->keySize > ICD_DIGEST_B || !icd_blob_is_valid(device, data->pData, data->dataSize))
        return icd_error(device, VK_ERROR_VALIDATION_FAILED_EXT,
                         "a pipeline binary's data is damaged, or of another driver");
    *binary_out = create(device, data->dataSize, alloc);
    if (!*binary_out)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    memcpy((*binary_out)->key, key->key, key->keySize);
    memcpy((*binary_out)->blob, data->pData, data->dataSize);
    return VK_SUCCESS;
}

static VkResult create_from_pipeline(struct icd_device *device, const struct icd_pipeline *pipeline,
                                     const VkAllocationCallbacks *alloc,
                                     struct icd_pipeline_binary **binary_out)
{
    if (!pipeline->request)
        return icd_error(pipeline, VK_ERROR_UNKNOWN,
                         "vkCreatePipelineBinariesKHR: the pipeline's data was not captured, or it "
                         "is released");
    *binary_out = create(device, icd_blob_size(pipeline), alloc);
    if (!*binary_out)
        return VK_ERROR_OUT_OF_HOST_MEMORY;
    icd_digest(pipeline->request, pipeline->request_B, (*binary_out)->key);
    icd_blob_write(pipeline, (*binary_out)->blob);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreatePipelineBinariesKHR(
    VkDevice handle, const VkPipelineBinaryCreateInfoKHR *info, const VkAllocationCallbacks *alloc,
    VkPipelineBinaryHandlesInfoKHR *out)
{
    struct icd_device *device = icd_device_from(handle);
    const VkPipelineBinaryKeysAndDataKHR *stored = info->pKeysAndDataInfo;
    const struct icd_pipeline *pipeline = icd_pipeline_from(info->pipeline);
    uint32_t count = stored ? stored->binaryCount : pipeline ? 1 : 0;
    VkResult result = VK_SUCCESS;

    /* There is no cache of binaries inside that a create info could be looked up in. */
    if (!stored && !pipeline) {
        out->pipelineBinaryCount = 0;
        return VK_PIPELINE_BINARY_MISSING_KHR;
    }
    if (!out->pPipelineBinaries) {
        out->pipelineBinaryCount = count;
        return VK_SUCCESS;
    }
    if (count > out->pipelineBinaryCount) {
        count = out->pipelineBinaryCount;
        result = VK_INCOMPLETE;
    }
    out->pipelineBinaryCount = count;
    for (uint32_t i = 0; i < count; i++)
        out->pPipelineBinaries[i] = VK_NULL_HANDLE;
    for (uint32_t i = 0; i < count; i++) {
        struct icd_pipeline_binary *binary = NULL;
        VkResult one =
            stored ? create_from_data(device, &stored->pPipelineBinaryKeys[i],
                                      &stored->pPipelineBinaryData[i], alloc, &binary)
                   : create_from_pipeline(device, pipeline, alloc, &binary);
        if (one != VK_SUCCESS)
            return one;
        out->pPipelineBinaries[i] = icd_pipeline_binary_to(binary);
    }
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyPipelineBinaryKHR(VkDevice handle, VkPipelineBinaryKHR binary,
                                                      const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_pipeline_binary_from(binary));
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineKeyKHR(VkDevice handle,
                                                   const VkPipelineCreateInfoKHR *info,
                                                   VkPipelineBinaryKeyKHR *key)
{
    struct icd_device *device = icd_device_from(handle);
    const VkComputePipelineCreateInfo *compute =
        info ? icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO) : NULL;
    void *request = NULL;
    size_t request_B = 0;

    memset(key->key, 0, sizeof(key->key));
    key->keySize = ICD_DIGEST_B;
    if (!info) {
        /* The key of everything: what is stored under another one is of no use. */
        icd_digest(device->physical->properties.pipelineCacheUUID, VK_UUID_SIZE, key->key);
        return VK_SUCCESS;
    }
    if (!compute)
        return icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT,
                         "vkGetPipelineKeyKHR: Weft has compute pipelines only");
    VkResult result = icd_pipeline_request(device, compute, &request, &request_B);
    if (result == VK_SUCCESS)
        icd_digest(request, request_B, key->key);
    free(request);
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineBinaryDataKHR(VkDevice handle,
                                                          const VkPipelineBinaryDataInfoKHR *info,
                                                          VkPipelineBinaryKeyKHR *key, size_t *size,
                                                          void *data)
{
    const struct icd_pipeline_binary *binary = icd_pipeline_binary_from(info->pipelineBinary);

    if (!binary)
        return VK_ERROR_UNKNOWN;
    memset(key->key, 0, sizeof(key->key));
    key->keySize = ICD_DIGEST_B;
    memcpy(key->key, binary->key, ICD_DIGEST_B);
    if (data && *size < binary->blob_B) {
        *size = binary->blob_B;
        return VK_ERROR_NOT_ENOUGH_SPACE_KHR;
    }
    if (data)
        memcpy(data, binary->blob, binary->blob_B);
    *size = binary->blob_B;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkReleaseCapturedPipelineDataKHR(
    VkDevice handle, const VkReleaseCapturedPipelineDataInfoKHR *info,
    const VkAllocationCallbacks *alloc)
{
    struct icd_pipeline *pipeline = icd_pipeline_from(info->pipeline);

    if (pipeline) {
        free(pipeline->request);
        pipeline->request = NULL;
    }
    return VK_SUCCESS;
}
