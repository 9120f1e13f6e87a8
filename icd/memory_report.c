/* SPDX-License-Identifier: MIT */
#include "memory_report.h"

#include "debug_utils.h"

VkResult icd_memory_report_init(struct icd_device *device, const void *chain)
{
    uint32_t count = 0;

    for (const VkBaseInStructure *in = chain; in; in = in->pNext)
        count += in->sType == VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT;
    if (!count)
        return VK_SUCCESS;
    device->reports = icd_calloc(&device->base.alloc, count, sizeof(*device->reports),
                                 VK_SYSTEM_ALLOCATION_SCOPE_DEVICE);
    if (!device->reports)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for memory reports");
    for (const VkBaseInStructure *in = chain; in; in = in->pNext) {
        const VkDeviceDeviceMemoryReportCreateInfoEXT *info = (const void *)in;
        if (in->sType == VK_STRUCTURE_TYPE_DEVICE_DEVICE_MEMORY_REPORT_CREATE_INFO_EXT)
            device->reports[device->report_count++] =
                (struct icd_report){info->pfnUserCallback, info->pUserData};
    }
    return VK_SUCCESS;
}

void icd_memory_report_finish(struct icd_device *device)
{
    icd_free(&device->base.alloc, device->reports);
    device->reports = NULL;
    device->report_count = 0;
}

uint64_t icd_report_id(struct icd_device *device)
{
    return atomic_fetch_add_explicit(&device->report_id, 1, memory_order_relaxed) + 1;
}

void icd_report_memory(struct icd_device *device, VkDeviceMemoryReportEventTypeEXT event,
                       uint64_t id, VkDeviceSize size_B, VkObjectType type, const void *object)
{
    VkDeviceMemoryReportCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_MEMORY_REPORT_CALLBACK_DATA_EXT,
        .type = event,
        .memoryObjectId = id,
        .size = size_B,
        .objectType = type,
        .objectHandle = (uint64_t)(uintptr_t)object,
        .heapIndex = 0,
    };

    for (uint32_t i = 0; i < device->report_count; i++)
        device->reports[i].callback(&data, device->reports[i].data);
}

void icd_report_address(const void *object, uint64_t address, VkDeviceSize size_B, bool bound)
{
    const struct icd_object *base = object;
    VkDeviceAddressBindingCallbackDataEXT data = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_ADDRESS_BINDING_CALLBACK_DATA_EXT,
        .baseAddress = address,
        .size = size_B,
        .bindingType = bound ? VK_DEVICE_ADDRESS_BINDING_TYPE_BIND_EXT
                             : VK_DEVICE_ADDRESS_BINDING_TYPE_UNBIND_EXT,
    };

    if (base->device->features.reportAddressBinding)
        icd_debug_send_data(base, VK_DEBUG_UTILS_MESSAGE_SEVERITY_INFO_BIT_EXT,
                            VK_DEBUG_UTILS_MESSAGE_TYPE_DEVICE_ADDRESS_BINDING_BIT_EXT,
                            "weft-address", 0, bound ? "address range bound" : "address range free",
                            &data);
}
