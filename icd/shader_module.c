/* SPDX-License-Identifier: MIT */
#include "shader_module.h"

#include <string.h>

#include "digest.h"
#include "result.h"

/* From the SPIR-V specification, section 3. */
#define SPIRV_MAGIC 0x07230203u
#define SPIRV_HEADER_WORDS 5
#define SPIRV_OP_FUNCTION 54
#define SPIRV_OP_DECORATE 71
#define SPIRV_DECORATION_DESCRIPTOR_SET 34

uint32_t icd_spirv_set_mask(const uint32_t *words, size_t word_count)
{
    uint32_t mask = 0;

    /* Decorations come before the first function. */
    for (size_t i = SPIRV_HEADER_WORDS; i < word_count;) {
        uint32_t length = words[i] >> 16, op = words[i] & 0xffff;
        if (!length || length > word_count - i || op == SPIRV_OP_FUNCTION)
            break;
        if (op == SPIRV_OP_DECORATE && length >= 4 &&
            words[i + 2] == SPIRV_DECORATION_DESCRIPTOR_SET && words[i + 3] < 32)
            mask |= 1u << words[i + 3];
        i += length;
    }
    return mask;
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateShaderModule(VkDevice handle,
                                                    const VkShaderModuleCreateInfo *pCreateInfo,
                                                    const VkAllocationCallbacks *pAllocator,
                                                    VkShaderModule *pShaderModule)
{
    struct icd_device *device = icd_device_from(handle);
    size_t size_B = pCreateInfo->codeSize;

    if (size_B % 4 || size_B < SPIRV_HEADER_WORDS * 4 || pCreateInfo->pCode[0] != SPIRV_MAGIC)
        return icd_error(device, VK_ERROR_INVALID_SHADER_NV,
                         "a shader module of %zu bytes that is not SPIR-V", size_B);
    struct icd_shader_module *module =
        icd_object_create(device, pAllocator, sizeof(*module) + size_B,
                          VK_OBJECT_TYPE_SHADER_MODULE, NULL);
    if (!module)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY,
                         "no memory for a shader module of %zu bytes", size_B);
    module->word_count = size_B / 4;
    memcpy(module->words, pCreateInfo->pCode, size_B);
    *pShaderModule = icd_shader_module_to(module);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyShaderModule(VkDevice handle, VkShaderModule shader_module,
                                                 const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_shader_module_from(shader_module));
}

/* ---- VK_EXT_shader_module_identifier ---- */

static void identify(const uint32_t *words, size_t size_B, VkShaderModuleIdentifierEXT *out)
{
    memset(out->identifier, 0, sizeof(out->identifier));
    out->identifierSize = ICD_DIGEST_B;
    icd_digest(words, size_B, out->identifier);
}

VKAPI_ATTR void VKAPI_CALL vkGetShaderModuleIdentifierEXT(VkDevice handle,
                                                          VkShaderModule shader_module,
                                                          VkShaderModuleIdentifierEXT *out)
{
    const struct icd_shader_module *module = icd_shader_module_from(shader_module);

    out->identifierSize = 0;
    if (module)
        identify(module->words, module->word_count * 4, out);
}

VKAPI_ATTR void VKAPI_CALL vkGetShaderModuleCreateInfoIdentifierEXT(
    VkDevice handle, const VkShaderModuleCreateInfo *info, VkShaderModuleIdentifierEXT *out)
{
    identify(info->pCode, info->codeSize, out);
}
