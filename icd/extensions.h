/* SPDX-License-Identifier: MIT
 *
 * The supported extensions, numbered. See extensions.def.
 */
#ifndef ICD_EXTENSIONS_H
#define ICD_EXTENSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "vk.h"

/* ICD_INSTANCE_EXT_debug_utils, ... */
enum icd_instance_extension {
#define INSTANCE(name, revision) ICD_INSTANCE_##name,
#include "extensions.def"
    ICD_INSTANCE_EXTENSION_COUNT
};

/* ICD_DEVICE_KHR_16bit_storage, ... */
enum icd_device_extension {
#define DEVICE(name, revision) ICD_DEVICE_##name,
#include "extensions.def"
    ICD_DEVICE_EXTENSION_COUNT
};

extern const VkExtensionProperties icd_instance_extensions[ICD_INSTANCE_EXTENSION_COUNT];
extern const VkExtensionProperties icd_device_extensions[ICD_DEVICE_EXTENSION_COUNT];

/* The index of a name in its table, or -1. */
int icd_instance_extension_find(const char *name);
int icd_device_extension_find(const char *name);

/* vkEnumerate*ExtensionProperties over a table: count and VK_INCOMPLETE as specified. */
VkResult icd_extensions_enumerate(const VkExtensionProperties *table, uint32_t table_count,
                                  uint32_t *count, VkExtensionProperties *properties);

#endif
