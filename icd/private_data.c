/* SPDX-License-Identifier: MIT */
#include "private_data.h"

#include <stdlib.h>

#include "device.h"

struct icd_private_value {
    struct icd_private_value *next;
    uint64_t slot;
    uint64_t value;
};

void icd_private_data_finish(struct icd_object *object)
{
    while (object->private_values) {
        struct icd_private_value *value = object->private_values;
        object->private_values = value->next;
        free(value);
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreatePrivateDataSlot(VkDevice _device,
                                                       const VkPrivateDataSlotCreateInfo *info,
                                                       const VkAllocationCallbacks *alloc,
                                                       VkPrivateDataSlot *slot_out)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_private_slot *slot = icd_object_create(
        device, alloc, sizeof(*slot), VK_OBJECT_TYPE_PRIVATE_DATA_SLOT, NULL);

    if (!slot)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "private data slot");
    slot->number = atomic_fetch_add(&device->private_slot_next, 1);
    *slot_out = icd_private_slot_to(slot);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyPrivateDataSlot(VkDevice _device, VkPrivateDataSlot slot,
                                                    const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_private_slot_from(slot));
}

static struct icd_private_value *find(struct icd_object *object, uint64_t slot)
{
    struct icd_private_value *value = object->private_values;

    while (value && value->slot != slot)
        value = value->next;
    return value;
}

/* "objectHandle must be a VkDevice or a handle whose parent is a VkDevice": all have our base. */
VKAPI_ATTR VkResult VKAPI_CALL vkSetPrivateData(VkDevice _device, VkObjectType type,
                                                uint64_t handle, VkPrivateDataSlot _slot,
                                                uint64_t data)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_private_slot *slot = icd_private_slot_from(_slot);
    struct icd_object *object = (struct icd_object *)(uintptr_t)handle;
    VkResult result = VK_SUCCESS;

    if (!slot || !object)
        return VK_ERROR_UNKNOWN;
    pthread_mutex_lock(&device->private_lock);
    struct icd_private_value *value = find(object, slot->number);
    if (!value) {
        value = calloc(1, sizeof(*value));
        if (value) {
            value->slot = slot->number;
            value->next = object->private_values;
            object->private_values = value;
        }
    }
    if (value)
        value->value = data;
    else
        result = VK_ERROR_OUT_OF_HOST_MEMORY;
    pthread_mutex_unlock(&device->private_lock);
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkGetPrivateData(VkDevice _device, VkObjectType type, uint64_t handle,
                                            VkPrivateDataSlot _slot, uint64_t *data_out)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_private_slot *slot = icd_private_slot_from(_slot);
    struct icd_object *object = (struct icd_object *)(uintptr_t)handle;

    *data_out = 0;
    if (!slot || !object)
        return;
    pthread_mutex_lock(&device->private_lock);
    struct icd_private_value *value = find(object, slot->number);
    *data_out = value ? value->value : 0;
    pthread_mutex_unlock(&device->private_lock);
}
