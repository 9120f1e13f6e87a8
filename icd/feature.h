/* SPDX-License-Identifier: MIT
 *
 * Features: what features.def says, and reading and writing chains of Vulkan's feature structures.
 */
#ifndef ICD_FEATURE_H
#define ICD_FEATURE_H

#include <stddef.h>

#include "tables.h"

/* One VkBool32 of a structure and the bool of struct icd_features that it shows. */
struct icd_feature_field {
    uint16_t name; /* where it starts in icd_feature_names */
    uint16_t struct_offset, feature_offset;
};

/* One structure of the chain; offset is where its fields start. */
struct icd_feature_struct {
    VkStructureType type;
    uint32_t offset;
    uint16_t first_field, field_count; /* of icd_feature_fields */
};

/* Generated, without a pointer, which would have to be relocated. The first is VkPhysicalDeviceFeatures
 * inside VkPhysicalDeviceFeatures2. */
extern const char icd_feature_names[];
extern const struct icd_feature_field icd_feature_fields[];
extern const struct icd_feature_struct icd_feature_structs[];
extern const uint32_t icd_feature_struct_count;

/* What Weft supports: the rows of features.def. */
void icd_features_supported(struct icd_features *features_out);
/* Writes a VkPhysicalDeviceFeatures. */
void icd_features_core(const struct icd_features *features, VkPhysicalDeviceFeatures *out);
/* Writes every known structure of a chain that starts with a VkPhysicalDeviceFeatures2. */
void icd_features_fill(const struct icd_features *features, void *chain);
/* Reads what VkDeviceCreateInfo asks for: core (or NULL) and the feature structures of chain.
 * Returns NULL, or the name of a feature that is asked for and not supported. */
const char *icd_features_enable(const struct icd_features *supported,
                                const VkPhysicalDeviceFeatures *core, const void *chain,
                                struct icd_features *enabled_out);

#endif
