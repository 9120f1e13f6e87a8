/* SPDX-License-Identifier: MIT */
#include "feature.h"

#include <string.h>

static bool *feature(struct icd_features *features, const struct icd_feature_field *field)
{
    return (bool *)((char *)features + field->feature_offset);
}

static const struct icd_feature_struct *find(VkStructureType type)
{
    for (uint32_t i = 0; i < icd_feature_struct_count; i++) {
        if (icd_feature_structs[i].type == type)
            return &icd_feature_structs[i];
    }
    return NULL;
}

/* Writes the fields of one structure, which start at fields_start. */
static void write_fields(const struct icd_features *features,
                         const struct icd_feature_struct *structure, char *fields_start)
{
    for (uint32_t i = 0; i < structure->field_count; i++) {
        const struct icd_feature_field *field = &icd_feature_fields[structure->first_field + i];
        bool supported;
        memcpy(&supported, (const char *)features + field->feature_offset, sizeof(supported));
        VkBool32 value = supported;
        memcpy(fields_start + field->struct_offset, &value, sizeof(value));
    }
}

/* Adds the fields that are set to enabled; returns the name of the first one not supported. */
static const char *read_fields(struct icd_features *supported, struct icd_features *enabled,
                               const struct icd_feature_struct *structure,
                               const char *fields_start)
{
    for (uint32_t i = 0; i < structure->field_count; i++) {
        const struct icd_feature_field *field = &icd_feature_fields[structure->first_field + i];
        VkBool32 value;
        memcpy(&value, fields_start + field->struct_offset, sizeof(value));
        if (!value)
            continue;
        if (!*feature(supported, field))
            return icd_feature_names + field->name;
        *feature(enabled, field) = true;
    }
    return NULL;
}

void icd_features_supported(struct icd_features *features_out)
{
    *features_out = (struct icd_features){
#define FEATURE(name, value, ...) .name = (value),
#include "features.def"
    };
}

void icd_features_core(const struct icd_features *features, VkPhysicalDeviceFeatures *out)
{
    write_fields(features, &icd_feature_structs[0], (char *)out);
}

void icd_features_fill(const struct icd_features *features, void *chain)
{
    for (VkBaseOutStructure *out = chain; out; out = out->pNext) {
        const struct icd_feature_struct *structure = find(out->sType);
        if (structure)
            write_fields(features, structure, (char *)out + structure->offset);
    }
}

const char *icd_features_enable(const struct icd_features *supported,
                                const VkPhysicalDeviceFeatures *core, const void *chain,
                                struct icd_features *enabled_out)
{
    struct icd_features known = *supported, enabled = {0};
    const char *missing = NULL;

    if (core)
        missing = read_fields(&known, &enabled, &icd_feature_structs[0], (const char *)core);
    for (const VkBaseInStructure *in = chain; in && !missing; in = in->pNext) {
        const struct icd_feature_struct *structure = find(in->sType);
        if (structure) {
            missing = read_fields(&known, &enabled, structure,
                                  (const char *)in + structure->offset);
        }
    }
    if (!missing)
        *enabled_out = enabled;
    return missing;
}
