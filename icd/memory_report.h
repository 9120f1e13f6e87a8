/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_device_memory_report and VK_EXT_device_address_binding_report: telling the application about
 * memory and addresses as they come and go.
 */
#ifndef ICD_MEMORY_REPORT_H
#define ICD_MEMORY_REPORT_H

#include "device.h"

/* Takes note of the callbacks that vkCreateDevice's chain has. -> VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_memory_report_init(struct icd_device *device, const void *chain);
void icd_memory_report_finish(struct icd_device *device);

/* A number for a piece of memory, never used before. */
uint64_t icd_report_id(struct icd_device *device);
/* One event for every callback. object is a handle's object, or NULL. */
void icd_report_memory(struct icd_device *device, VkDeviceMemoryReportEventTypeEXT event,
                       uint64_t id, VkDeviceSize size_B, VkObjectType type, const void *object);
/* A message of the type DEVICE_ADDRESS_BINDING about an object that got or lost an address range, where
 * the feature reportAddressBinding is enabled. */
void icd_report_address(const void *object, uint64_t address, VkDeviceSize size_B, bool bound);

#endif
