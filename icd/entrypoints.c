/* SPDX-License-Identifier: MIT */
#include "entrypoints.h"

#include <string.h>

#include "device.h"
#include "entrypoint_table.h"
#include "instance.h"

/* FNV-1a, as in gen_entrypoints.py. */
static uint32_t bucket(const char *name)
{
    uint32_t value = 2166136261u;

    for (; *name; name++)
        value = (value ^ (unsigned char)*name) * 16777619u;
    return value >> (32 - icd_entrypoint_bucket_bits);
}

struct rows {
    const struct icd_entrypoint *first, *end;
};

/* The rows with this name. */
static struct rows find(const char *name)
{
    uint32_t number = bucket(name);
    const struct icd_entrypoint *end = icd_entrypoints + icd_entrypoint_buckets[number + 1];
    struct rows rows = {icd_entrypoints + icd_entrypoint_buckets[number], end};

    while (rows.first < end && strcmp(icd_entrypoint_names + rows.first->name, name))
        rows.first++;
    for (rows.end = rows.first; rows.end < end && rows.end->name == rows.first->name;)
        rows.end++;
    return rows;
}

PFN_vkVoidFunction icd_find_global(const char *name)
{
    struct rows rows = find(name);

    if (rows.first == rows.end || rows.first->level != ICD_LEVEL_GLOBAL)
        return NULL;
    return icd_entrypoint_function(rows.first->function);
}

PFN_vkVoidFunction icd_find_instance(const struct icd_instance *instance, const char *name)
{
    struct rows rows = find(name);

    for (const struct icd_entrypoint *row = rows.first; row < rows.end; row++) {
        /* "device extensions' physical-device-level and device-level commands are found by their
         * support, those of instance extensions only where enabled" (vkGetInstanceProcAddr). */
        if (row->provider == ICD_BY_INSTANCE_EXTENSION && !instance->extensions[row->key])
            continue;
        return icd_entrypoint_function(row->function);
    }
    return NULL;
}

PFN_vkVoidFunction icd_find_physical(const char *name)
{
    struct rows rows = find(name);

    if (rows.first == rows.end || rows.first->level != ICD_LEVEL_PHYSICAL)
        return NULL;
    return icd_entrypoint_function(rows.first->function);
}

PFN_vkVoidFunction icd_find_device(const struct icd_device *device, const char *name)
{
    struct rows rows = find(name);

    for (const struct icd_entrypoint *row = rows.first; row < rows.end; row++) {
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
        return icd_entrypoint_function(row->function);
    }
    return NULL;
}
