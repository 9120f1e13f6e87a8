/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <string.h>

#include "buffer.h"
#include "device_memory.h"
#include "image.h"

uint64_t icd_captured_address(const void *chain)
{
    const VkMemoryOpaqueCaptureAddressAllocateInfo *memory =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_MEMORY_OPAQUE_CAPTURE_ADDRESS_ALLOCATE_INFO);
    const VkBufferOpaqueCaptureAddressCreateInfo *buffer =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_BUFFER_OPAQUE_CAPTURE_ADDRESS_CREATE_INFO);
    const VkOpaqueCaptureDescriptorDataCreateInfoEXT *descriptor =
        icd_find_struct(chain, VK_STRUCTURE_TYPE_OPAQUE_CAPTURE_DESCRIPTOR_DATA_CREATE_INFO_EXT);
    uint64_t address = 0;

    if (memory)
        return memory->opaqueCaptureAddress;
    if (buffer && buffer->opaqueCaptureAddress)
        return buffer->opaqueCaptureAddress;
    if (descriptor)
        memcpy(&address, descriptor->opaqueCaptureDescriptorData, ICD_CAPTURE_B);
    return address;
}

VKAPI_ATTR uint64_t VKAPI_CALL vkGetDeviceMemoryOpaqueCaptureAddress(
    VkDevice _device, const VkDeviceMemoryOpaqueCaptureAddressInfo *info)
{
    const struct icd_device_memory *memory = icd_device_memory_from(info->memory);

    return memory ? (uintptr_t)weft_bo_map(memory->bo) : 0;
}

VKAPI_ATTR uint64_t VKAPI_CALL vkGetBufferOpaqueCaptureAddress(
    VkDevice _device, const VkBufferDeviceAddressInfo *info)
{
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    return buffer ? buffer->address : 0;
}

/* ---- VK_EXT_descriptor_buffer ---- */

VKAPI_ATTR VkResult VKAPI_CALL vkGetBufferOpaqueCaptureDescriptorDataEXT(
    VkDevice _device, const VkBufferCaptureDescriptorDataInfoEXT *info, void *data_out)
{
    const struct icd_buffer *buffer = icd_buffer_from(info->buffer);
    bool sparse = buffer && (buffer->flags & VK_BUFFER_CREATE_SPARSE_BINDING_BIT);

    memcpy(data_out, &(uint64_t){sparse ? buffer->address : 0}, ICD_CAPTURE_B);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetImageOpaqueCaptureDescriptorDataEXT(
    VkDevice _device, const VkImageCaptureDescriptorDataInfoEXT *info, void *data_out)
{
    const struct icd_image *image = icd_image_from(info->image);
    bool sparse = image && image->sparse;

    memcpy(data_out, &(uint64_t){sparse ? (uintptr_t)weft_bo_map(image->sparse) : 0},
           ICD_CAPTURE_B);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetImageViewOpaqueCaptureDescriptorDataEXT(
    VkDevice _device, const VkImageViewCaptureDescriptorDataInfoEXT *info, void *data_out)
{
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetSamplerOpaqueCaptureDescriptorDataEXT(
    VkDevice _device, const VkSamplerCaptureDescriptorDataInfoEXT *info, void *data_out)
{
    return VK_SUCCESS;
}
