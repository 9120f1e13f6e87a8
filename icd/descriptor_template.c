/* SPDX-License-Identifier: MIT */
#include "descriptor_template.h"

#include <string.h>

void icd_descriptor_template_write(const struct icd_descriptor_template *template_,
                                   const struct icd_descriptor_target *target, const void *data)
{
    for (uint32_t i = 0; i < template_->entry_count; i++) {
        const VkDescriptorUpdateTemplateEntry *entry = &template_->entries[i];
        icd_descriptor_write(target, entry->dstBinding, entry->dstArrayElement,
                             entry->descriptorCount, entry->descriptorType,
                             (const uint8_t *)data + entry->offset, entry->stride);
    }
}

VKAPI_ATTR VkResult VKAPI_CALL
vkCreateDescriptorUpdateTemplate(VkDevice handle,
                                 const VkDescriptorUpdateTemplateCreateInfo *pCreateInfo,
                                 const VkAllocationCallbacks *pAllocator,
                                 VkDescriptorUpdateTemplate *pDescriptorUpdateTemplate)
{
    struct icd_device *device = icd_device_from(handle);
    uint32_t count = pCreateInfo->descriptorUpdateEntryCount;
    struct icd_descriptor_template *template_ = icd_object_create(
        device, pAllocator, sizeof(*template_) + count * sizeof(template_->entries[0]),
        VK_OBJECT_TYPE_DESCRIPTOR_UPDATE_TEMPLATE, NULL);

    if (!template_)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for an update template");
    template_->type = pCreateInfo->templateType;
    template_->entry_count = count;
    if (count)
        memcpy(template_->entries, pCreateInfo->pDescriptorUpdateEntries,
               count * sizeof(template_->entries[0]));
    *pDescriptorUpdateTemplate = icd_descriptor_template_to(template_);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyDescriptorUpdateTemplate(
    VkDevice handle, VkDescriptorUpdateTemplate descriptor_update_template,
    const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_descriptor_template_from(descriptor_update_template));
}

VKAPI_ATTR void VKAPI_CALL
vkUpdateDescriptorSetWithTemplate(VkDevice handle, VkDescriptorSet descriptor_set,
                                  VkDescriptorUpdateTemplate descriptor_update_template,
                                  const void *pData)
{
    struct icd_descriptor_set *set = icd_descriptor_set_from(descriptor_set);
    struct icd_descriptor_template *template_ =
        icd_descriptor_template_from(descriptor_update_template);

    if (!set || !template_)
        return;
    struct icd_descriptor_target target = icd_descriptor_set_target(set);
    icd_descriptor_template_write(template_, &target, pData);
}
