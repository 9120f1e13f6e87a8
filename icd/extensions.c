/* SPDX-License-Identifier: MIT */
#include "extensions.h"

#include <string.h>

const VkExtensionProperties icd_instance_extensions[ICD_INSTANCE_EXTENSION_COUNT] = {
#define INSTANCE(name, revision) {"VK_" #name, revision},
#include "extensions.def"
};

const VkExtensionProperties icd_device_extensions[ICD_DEVICE_EXTENSION_COUNT] = {
#define DEVICE(name, revision) {"VK_" #name, revision},
#include "extensions.def"
};

static int find(const VkExtensionProperties *table, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(table[i].extensionName, name))
            return (int)i;
    }
    return -1;
}

int icd_instance_extension_find(const char *name)
{
    return find(icd_instance_extensions, ICD_INSTANCE_EXTENSION_COUNT, name);
}

int icd_device_extension_find(const char *name)
{
    return find(icd_device_extensions, ICD_DEVICE_EXTENSION_COUNT, name);
}

VkResult icd_extensions_enumerate(const VkExtensionProperties *table, uint32_t table_count,
                                  uint32_t *count, VkExtensionProperties *properties)
{
    if (!properties) {
        *count = table_count;
        return VK_SUCCESS;
    }
    uint32_t copied = *count < table_count ? *count : table_count;
    memcpy(properties, table, copied * sizeof(*table));
    *count = copied;
    return copied < table_count ? VK_INCOMPLETE : VK_SUCCESS;
}
