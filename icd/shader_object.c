/* SPDX-License-Identifier: MIT */
#include "shader_object.h"

#include <string.h>

#include "cmd_buffer.h"
#include "program_blob.h"

/* The stage flags that a shader's flags stand for. */
static VkPipelineShaderStageCreateFlags stage_flags(VkShaderCreateFlagsEXT flags)
{
    VkPipelineShaderStageCreateFlags stage = 0;

    if (flags & VK_SHADER_CREATE_ALLOW_VARYING_SUBGROUP_SIZE_BIT_EXT)
        stage |= VK_PIPELINE_SHADER_STAGE_CREATE_ALLOW_VARYING_SUBGROUP_SIZE_BIT;
    if (flags & VK_SHADER_CREATE_REQUIRE_FULL_SUBGROUPS_BIT_EXT)
        stage |= VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
    return stage;
}

static VkResult init_spirv(struct icd_device *device, const VkShaderCreateInfoEXT *info,
                           VkPipelineLayout layout, struct icd_shader *shader)
{
    VkShaderModuleCreateInfo module = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
        .pNext = info->pNext,
        .codeSize = info->codeSize,
        .pCode = info->pCode,
    };
    VkPipelineCreateFlags2CreateInfo flags = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CREATE_FLAGS_2_CREATE_INFO,
        .flags = info->flags & VK_SHADER_CREATE_64_BIT_INDEXING_BIT_EXT
                     ? VK_PIPELINE_CREATE_2_64_BIT_INDEXING_BIT_EXT
                     : 0,
    };
    VkComputePipelineCreateInfo pipeline = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .pNext = &flags,
        .stage = {
            .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
            .pNext = &module,
            .flags = stage_flags(info->flags),
            .stage = info->stage,
            .pName = info->pName,
            .pSpecializationInfo = info->pSpecializationInfo,
        },
        .layout = layout,
    };

    /* A shader's code may be asked for at any time, and is the same each time. */
    shader->pipeline.code_kept = true;
    return icd_pipeline_init(device, VK_NULL_HANDLE, &pipeline, &shader->pipeline);
}

static VkResult init(struct icd_device *device, const VkShaderCreateInfoEXT *info,
                     VkPipelineLayout layout, struct icd_shader *shader)
{
    if (info->stage != VK_SHADER_STAGE_COMPUTE_BIT)
        return icd_error(device, VK_ERROR_FEATURE_NOT_PRESENT,
                         "vkCreateShadersEXT: stage 0x%x; Weft has compute shaders only",
                         info->stage);
    if (info->codeType == VK_SHADER_CODE_TYPE_SPIRV_EXT)
        return init_spirv(device, info, layout, shader);
    VkResult result = icd_blob_read(device, info->pCode, info->codeSize, &shader->pipeline);
    if (result == VK_ERROR_VALIDATION_FAILED_EXT)
        return VK_INCOMPATIBLE_SHADER_BINARY_EXT;
    if (result == VK_SUCCESS)
        shader->pipeline.layout = icd_object_get(icd_pipeline_layout_from(layout));
    return result;
}

static VkResult create_one(struct icd_device *device, const VkShaderCreateInfoEXT *info,
                           struct icd_shader **shader_out)
{
    VkPipelineLayoutCreateInfo layout_info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = info->setLayoutCount,
        .pSetLayouts = info->pSetLayouts,
        .pushConstantRangeCount = info->pushConstantRangeCount,
        .pPushConstantRanges = info->pPushConstantRanges,
    };
    VkPipelineLayout layout;
    VkResult result =
        vkCreatePipelineLayout(icd_device_to(device), &layout_info, NULL, &layout);

    if (result != VK_SUCCESS)
        return result;
    struct icd_shader *shader = icd_object_create(
        device, NULL, sizeof(*shader), VK_OBJECT_TYPE_SHADER_EXT, icd_pipeline_finish);
    result = shader ? init(device, info, layout, shader)
                    : icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a shader");
    /* The shader holds it. */
    vkDestroyPipelineLayout(icd_device_to(device), layout, NULL);
    if (result != VK_SUCCESS) {
        icd_object_release(shader);
        return result;
    }
    *shader_out = shader;
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateShadersEXT(VkDevice handle, uint32_t count,
                                                  const VkShaderCreateInfoEXT *infos,
                                                  const VkAllocationCallbacks *alloc,
                                                  VkShaderEXT *shaders_out)
{
    struct icd_device *device = icd_device_from(handle);
    VkResult result = VK_SUCCESS;

    for (uint32_t i = 0; i < count; i++)
        shaders_out[i] = VK_NULL_HANDLE;
    /* "... the first failure ends it; those after it are VK_NULL_HANDLE." */
    for (uint32_t i = 0; i < count && result == VK_SUCCESS; i++) {
        struct icd_shader *shader = NULL;
        result = create_one(device, &infos[i], &shader);
        shaders_out[i] = icd_shader_to(shader);
    }
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyShaderEXT(VkDevice handle, VkShaderEXT shader,
                                              const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_shader_from(shader));
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetShaderBinaryDataEXT(VkDevice handle, VkShaderEXT _shader,
                                                        size_t *size, void *data)
{
    struct icd_shader *shader = icd_shader_from(_shader);

    if (!shader) {
        *size = 0;
        return VK_ERROR_UNKNOWN;
    }
    size_t need_B = icd_blob_size(&shader->pipeline);
    if (!data) {
        *size = need_B;
        return VK_SUCCESS;
    }
    if (*size < need_B) {
        *size = 0;
        return VK_INCOMPLETE;
    }
    icd_blob_write(&shader->pipeline, data);
    *size = need_B;
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkCmdBindShadersEXT(VkCommandBuffer handle, uint32_t count,
                                               const VkShaderStageFlagBits *stages,
                                               const VkShaderEXT *shaders)
{
    struct icd_cmd_buffer *cmd = ICD_CMD(handle);

    for (uint32_t i = 0; cmd && i < count; i++) {
        struct icd_pipeline *pipeline =
            shaders ? icd_shader_pipeline(icd_shader_from(shaders[i])) : NULL;
        if (stages[i] == VK_SHADER_STAGE_COMPUTE_BIT)
            icd_cmd_bind_program(cmd, pipeline);
    }
}
