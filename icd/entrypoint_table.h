/* SPDX-License-Identifier: MIT
 *
 * The rows of the generated table of entry points; only entrypoints.c looks at them.
 */
#ifndef ICD_ENTRYPOINT_TABLE_H
#define ICD_ENTRYPOINT_TABLE_H

#include "entrypoints.h"
#include "extensions.h"

/* What a command is dispatched by. */
enum icd_level {
    ICD_LEVEL_GLOBAL,
    ICD_LEVEL_INSTANCE,
    ICD_LEVEL_PHYSICAL,
    ICD_LEVEL_DEVICE, /* VkDevice, VkQueue, VkCommandBuffer */
};

/* What makes a name available. */
enum icd_provider {
    ICD_BY_CORE,
    ICD_BY_INSTANCE_EXTENSION,
    ICD_BY_DEVICE_EXTENSION,
};

struct icd_entrypoint {
    const char *name;
    enum icd_level level;
    enum icd_provider provider;
    uint32_t key; /* a core version, or an extension's number */
    PFN_vkVoidFunction function; /* NULL where nothing implements it */
};

/* Sorted by name; a name may have several rows, one for each provider. */
extern const struct icd_entrypoint icd_entrypoints[];
extern const uint32_t icd_entrypoint_count;

#endif
