/* SPDX-License-Identifier: MIT
 *
 * What core Vulkan 1.4 obliges every driver to export and Weft does not do: drawing.
 * Creating such an object fails with VK_ERROR_FEATURE_NOT_PRESENT and a message; a query answers
 * with zeros; since nothing was created, there is nothing to destroy. The vkCmd* calls of this kind
 * are in the generated table (icd_cmd_unsupported). Render passes are in render_pass.c.
 */
#include "device.h"
#include "entrypoints.h"

VkResult icd_unsupported(const void *handle, const char *call)
{
    return icd_error(handle, VK_ERROR_FEATURE_NOT_PRESENT,
                     "%s is not supported: Weft is a compute device", call);
}

static VkResult unsupported(VkDevice device, const char *call, const char *what)
{
    return icd_error(icd_device_from(device), VK_ERROR_FEATURE_NOT_PRESENT,
                     "%s: %s are not supported; Weft runs compute shaders", call, what);
}

/* ---- Drawing ---- */

VKAPI_ATTR void VKAPI_CALL vkGetRenderingAreaGranularity(VkDevice device,
                                                         const VkRenderingAreaInfo *info,
                                                         VkExtent2D *out)
{
    *out = (VkExtent2D){1, 1};
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateGraphicsPipelines(
    VkDevice device, VkPipelineCache cache, uint32_t count,
    const VkGraphicsPipelineCreateInfo *infos, const VkAllocationCallbacks *alloc,
    VkPipeline *pipelines_out)
{
    for (uint32_t i = 0; i < count; i++)
        pipelines_out[i] = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateGraphicsPipelines", "graphics pipelines");
}

VKAPI_ATTR void VKAPI_CALL vkGetRenderAreaGranularity(VkDevice device, VkRenderPass pass,
                                                      VkExtent2D *out)
{
    *out = (VkExtent2D){1, 1};
}
