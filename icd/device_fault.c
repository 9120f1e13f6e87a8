/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_device_fault: what is known of the crash or hang that lost the device. One address, one
 * instruction, and the pipeline with the line of its shader.
 */
#include <stdio.h>

#include "device.h"

#define ADDRESS_MAX 2u
#define VENDOR_MAX 1u

static uint32_t put_addresses(const struct weft_fault_info *fault,
                              VkDeviceFaultAddressInfoEXT out[ADDRESS_MAX])
{
    /* A device that was stuck accessed nothing. */
    if (!fault->pc)
        return 0;
    out[0] = (VkDeviceFaultAddressInfoEXT){
        .addressType = fault->write ? VK_DEVICE_FAULT_ADDRESS_TYPE_WRITE_INVALID_EXT
                                    : VK_DEVICE_FAULT_ADDRESS_TYPE_READ_INVALID_EXT,
        .reportedAddress = fault->address,
        .addressPrecision = 1,
    };
    out[1] = (VkDeviceFaultAddressInfoEXT){
        .addressType = VK_DEVICE_FAULT_ADDRESS_TYPE_INSTRUCTION_POINTER_FAULT_EXT,
        .reportedAddress = fault->pc,
        .addressPrecision = 1,
    };
    return 2;
}

static uint32_t put_vendor(const struct weft_fault_info *fault, VkDeviceFaultVendorInfoEXT *out)
{
    if (!fault->label)
        return 0;
    *out = (VkDeviceFaultVendorInfoEXT){
        .vendorFaultCode = (uint64_t)(uintptr_t)fault->label,
        .vendorFaultData = fault->line,
    };
    snprintf(out->description, sizeof(out->description),
             "pipeline or shader object 0x%llx; data is the shader's source line, or 0",
             (unsigned long long)out->vendorFaultCode);
    return 1;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetDeviceFaultInfoEXT(VkDevice handle,
                                                       VkDeviceFaultCountsEXT *counts,
                                                       VkDeviceFaultInfoEXT *info)
{
    struct icd_device *device = icd_device_from(handle);
    const char *reason = weft_device_lost_reason(device->weft);
    VkDeviceFaultAddressInfoEXT addresses[ADDRESS_MAX];
    VkDeviceFaultVendorInfoEXT vendor[VENDOR_MAX];
    uint32_t address_count = 0, vendor_count = 0;
    struct weft_fault_info fault;
    VkResult result = VK_SUCCESS;

    if (weft_device_fault(device->weft, &fault)) {
        address_count = put_addresses(&fault, addresses);
        vendor_count = put_vendor(&fault, vendor);
    }
    if (info) {
        if (counts->addressInfoCount < address_count || counts->vendorInfoCount < vendor_count)
            result = VK_INCOMPLETE;
        if (address_count > counts->addressInfoCount)
            address_count = counts->addressInfoCount;
        if (vendor_count > counts->vendorInfoCount)
            vendor_count = counts->vendorInfoCount;
        snprintf(info->description, sizeof(info->description), "%s",
                 reason ? reason : "the device is not lost");
        for (uint32_t i = 0; info->pAddressInfos && i < address_count; i++)
            info->pAddressInfos[i] = addresses[i];
        for (uint32_t i = 0; info->pVendorInfos && i < vendor_count; i++)
            info->pVendorInfos[i] = vendor[i];
    }
    counts->addressInfoCount = address_count;
    counts->vendorInfoCount = vendor_count;
    counts->vendorBinarySize = 0;
    return result;
}
