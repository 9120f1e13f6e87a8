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
    uint16_t name;     /* where it starts in icd_entrypoint_names */
    uint16_t function; /* for icd_entrypoint_function() */
    uint8_t level;     /* enum icd_level */
    uint8_t provider;  /* enum icd_provider */
    uint32_t key;      /* a core version, or an extension's number */
};

/* Those of a bucket side by side, those of a name too: it has a row for each provider. */
extern const struct icd_entrypoint icd_entrypoints[];
extern const char icd_entrypoint_names[];
/* 1 << bucket_bits buckets, and where the last of them ends. */
extern const uint16_t icd_entrypoint_buckets[];
extern const uint32_t icd_entrypoint_bucket_bits;

PFN_vkVoidFunction icd_entrypoint_function(uint32_t number);

#endif
