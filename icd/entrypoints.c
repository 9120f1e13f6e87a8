/* SPDX-License-Identifier: MIT */
#include "entrypoints.h"

#include <string.h>

#include "device.h"
#include "entrypoint_table.h"
#include "instance.h"

/* The first row with this name, or NULL. */
static const struct icd_entrypoint *find(const char *name)
{
    uint32_t low = 0, high = icd_entrypoint_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(icd_entrypoints[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < icd_entrypoint_count && !strcmp(icd_entrypoints[low].name, name))
        return &icd_entrypoints[low];
    return NULL;
}

static bool is_row_of(const struct icd_entrypoint *row, const char *name)
{
    return row < icd_entrypoints + icd_entrypoint_count && !strcmp(row->name, name);
}

PFN_vkVoidFunction icd_find_global(const char *name)
{
    const struct icd_entrypoint *row = find(name);

    return row && row->level == ICD_LEVEL_GLOBAL ? row->function : NULL;
}

PFN_vkVoidFunction icd_find_instance(const struct icd_instance *instance, const char *name)
{
    for (const struct icd_entrypoint *row = find(name); row && is_row_of(row, name); row++) {
        /* "device extensions' physical-device-level and device-level commands are found by their
         * support, those of instance extensions only where enabled" (vkGetInstanceProcAddr). */
        if (row->provider == ICD_BY_INSTANCE_EXTENSION && !instance->extensions[row->key])
            continue;
        return row->function;
    }
    return NULL;
}

PFN_vkVoidFunction icd_find_physical(const char *name)
{
    const struct icd_entrypoint *row = find(name);

    return row && row->level == ICD_LEVEL_PHYSICAL ? row->function : NULL;
}

PFN_vkVoidFunction icd_find_device(const struct icd_device *device, const char *name)
{
    for (const struct icd_entrypoint *row = find(name); row && is_row_of(row, name); row++) {
        if (row->level != ICD_LEVEL_DEVICE)
            return NULL;
        /* "commands of core versions later than the apiVersion that the application gave" are not. */
        if (row->provider == ICD_BY_CORE && row->key > device->base.instance->api_version)
            continue;
        if (row->provider == ICD_BY_DEVICE_EXTENSION && !device->extensions[row->key])
            continue;
        if (row->provider == ICD_BY_INSTANCE_EXTENSION &&
            !device->base.instance->extensions[row->key])
            continue;
        return row->function;
    }
    return NULL;
}
