/* SPDX-License-Identifier: MIT
 *
 * Properties and limits: what properties.def says, and writing Vulkan's structures of them.
 */
#ifndef ICD_PROPERTIES_H
#define ICD_PROPERTIES_H

#include "tables.h"
#include "weft/driver.h"

/* One structure that extends VkPhysicalDeviceProperties2. */
struct icd_property_struct {
    VkStructureType type;
    void (*fill)(const struct icd_properties *properties, void *chained);
};

/* Generated. */
extern const struct icd_property_struct icd_property_structs[];
extern const uint32_t icd_property_struct_count;

/* The rows of properties.def for this machine; heap_B is the size of the one heap. */
void icd_properties_init(struct icd_properties *properties_out, const struct weft_machine *machine,
                         uint64_t heap_B);
/* Writes a VkPhysicalDeviceProperties. Generated. */
void icd_properties_core(const struct icd_properties *p, VkPhysicalDeviceProperties *out);
/* Writes every known structure of a chain that extends VkPhysicalDeviceProperties2. */
void icd_properties_fill(const struct icd_properties *properties, void *chain);

#endif
