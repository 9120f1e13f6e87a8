/* SPDX-License-Identifier: MIT
 *
 * What core Vulkan 1.4 obliges every driver to export and Weft does not do: images, and drawing.
 * Creating such an object fails with VK_ERROR_FEATURE_NOT_PRESENT and a message; a query answers
 * with zeros; since nothing was created, there is nothing to destroy. The vkCmd* calls of this kind
 * are in the generated table (icd_cmd_unsupported).
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
                     "%s: %s are not supported; Weft runs compute shaders on buffers", call, what);
}

/* ---- Images ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkCreateImage(VkDevice device, const VkImageCreateInfo *info,
                                             const VkAllocationCallbacks *alloc,
                                             VkImage *image_out)
{
    *image_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateImage", "images");
}

VKAPI_ATTR void VKAPI_CALL vkDestroyImage(VkDevice device, VkImage image,
                                          const VkAllocationCallbacks *alloc)
{
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateImageView(VkDevice device,
                                                 const VkImageViewCreateInfo *info,
                                                 const VkAllocationCallbacks *alloc,
                                                 VkImageView *view_out)
{
    *view_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateImageView", "images");
}

VKAPI_ATTR void VKAPI_CALL vkDestroyImageView(VkDevice device, VkImageView view,
                                              const VkAllocationCallbacks *alloc)
{
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindImageMemory(VkDevice device, VkImage image,
                                                 VkDeviceMemory memory, VkDeviceSize offset)
{
    return unsupported(device, "vkBindImageMemory", "images");
}

VKAPI_ATTR VkResult VKAPI_CALL vkBindImageMemory2(VkDevice device, uint32_t count,
                                                  const VkBindImageMemoryInfo *infos)
{
    return count ? unsupported(device, "vkBindImageMemory2", "images") : VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageMemoryRequirements(VkDevice device, VkImage image,
                                                        VkMemoryRequirements *out)
{
    *out = (VkMemoryRequirements){0};
}

VKAPI_ATTR void VKAPI_CALL vkGetImageMemoryRequirements2(VkDevice device,
                                                         const VkImageMemoryRequirementsInfo2 *info,
                                                         VkMemoryRequirements2 *out)
{
    out->memoryRequirements = (VkMemoryRequirements){0};
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceImageMemoryRequirements(
    VkDevice device, const VkDeviceImageMemoryRequirements *info, VkMemoryRequirements2 *out)
{
    out->memoryRequirements = (VkMemoryRequirements){0};
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSparseMemoryRequirements(
    VkDevice device, VkImage image, uint32_t *count, VkSparseImageMemoryRequirements *out)
{
    *count = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSparseMemoryRequirements2(
    VkDevice device, const VkImageSparseMemoryRequirementsInfo2 *info, uint32_t *count,
    VkSparseImageMemoryRequirements2 *out)
{
    *count = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetDeviceImageSparseMemoryRequirements(
    VkDevice device, const VkDeviceImageMemoryRequirements *info, uint32_t *count,
    VkSparseImageMemoryRequirements2 *out)
{
    *count = 0;
}

VKAPI_ATTR void VKAPI_CALL vkGetImageSubresourceLayout(VkDevice device, VkImage image,
                                                       const VkImageSubresource *subresource,
                                                       VkSubresourceLayout *out)
{
    *out = (VkSubresourceLayout){0};
}

/* ---- Samplers ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSampler(VkDevice device, const VkSamplerCreateInfo *info,
                                               const VkAllocationCallbacks *alloc,
                                               VkSampler *sampler_out)
{
    *sampler_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateSampler", "samplers");
}

VKAPI_ATTR void VKAPI_CALL vkDestroySampler(VkDevice device, VkSampler sampler,
                                            const VkAllocationCallbacks *alloc)
{
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateSamplerYcbcrConversion(
    VkDevice device, const VkSamplerYcbcrConversionCreateInfo *info,
    const VkAllocationCallbacks *alloc, VkSamplerYcbcrConversion *conversion_out)
{
    *conversion_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateSamplerYcbcrConversion", "samplers");
}

VKAPI_ATTR void VKAPI_CALL vkDestroySamplerYcbcrConversion(VkDevice device,
                                                           VkSamplerYcbcrConversion conversion,
                                                           const VkAllocationCallbacks *alloc)
{
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

VKAPI_ATTR VkResult VKAPI_CALL vkCreateRenderPass(VkDevice device,
                                                  const VkRenderPassCreateInfo *info,
                                                  const VkAllocationCallbacks *alloc,
                                                  VkRenderPass *pass_out)
{
    *pass_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateRenderPass", "render passes");
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateRenderPass2(VkDevice device,
                                                   const VkRenderPassCreateInfo2 *info,
                                                   const VkAllocationCallbacks *alloc,
                                                   VkRenderPass *pass_out)
{
    *pass_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateRenderPass2", "render passes");
}

VKAPI_ATTR void VKAPI_CALL vkDestroyRenderPass(VkDevice device, VkRenderPass pass,
                                               const VkAllocationCallbacks *alloc)
{
}

VKAPI_ATTR void VKAPI_CALL vkGetRenderAreaGranularity(VkDevice device, VkRenderPass pass,
                                                      VkExtent2D *out)
{
    *out = (VkExtent2D){1, 1};
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateFramebuffer(VkDevice device,
                                                   const VkFramebufferCreateInfo *info,
                                                   const VkAllocationCallbacks *alloc,
                                                   VkFramebuffer *framebuffer_out)
{
    *framebuffer_out = VK_NULL_HANDLE;
    return unsupported(device, "vkCreateFramebuffer", "framebuffers");
}

VKAPI_ATTR void VKAPI_CALL vkDestroyFramebuffer(VkDevice device, VkFramebuffer framebuffer,
                                                const VkAllocationCallbacks *alloc)
{
}
