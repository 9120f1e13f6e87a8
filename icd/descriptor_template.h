/* SPDX-License-Identifier: MIT
 *
 * VkDescriptorUpdateTemplate: a list of writes whose data lies in a structure of the application.
 */
#ifndef ICD_DESCRIPTOR_TEMPLATE_H
#define ICD_DESCRIPTOR_TEMPLATE_H

#include "descriptor_set.h"

struct icd_descriptor_template {
    struct icd_object base;
    VkDescriptorUpdateTemplateType type;
    uint32_t entry_count;
    VkDescriptorUpdateTemplateEntry entries[];
};

ICD_DEFINE_CASTS(icd_descriptor_template, VkDescriptorUpdateTemplate,
                 VK_OBJECT_TYPE_DESCRIPTOR_UPDATE_TEMPLATE)

/* Writes all of the template's descriptors from the application's structure. */
void icd_descriptor_template_write(const struct icd_descriptor_template *template_,
                                   const struct icd_descriptor_target *target, const void *data);

#endif
