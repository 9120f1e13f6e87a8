/* SPDX-License-Identifier: MIT */
#include "event.h"

#include "weft/driver.h"

static void event_finish(struct icd_object *object)
{
    weft_event_put(&((struct icd_event *)object)->event);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateEvent(VkDevice handle, const VkEventCreateInfo *pCreateInfo,
                                             const VkAllocationCallbacks *pAllocator,
                                             VkEvent *pEvent)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_event *event = icd_object_create(device, pAllocator, sizeof(*event),
                                                VK_OBJECT_TYPE_EVENT, event_finish);

    if (!event)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for an event");
    int error = weft_event_create(device->weft, &event->event);
    if (error) {
        icd_object_discard(&event->base);
        return icd_error_errno(device, error, "no event");
    }
    *pEvent = icd_event_to(event);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyEvent(VkDevice handle, VkEvent event,
                                          const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_event_from(event));
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetEventStatus(VkDevice handle, VkEvent event_handle)
{
    struct icd_device *device = icd_device_from(handle);
    const struct icd_event *event = icd_event_from(event_handle);

    if (weft_device_status(device->weft))
        return icd_device_check(device);
    return event && weft_event_status(event->event) ? VK_EVENT_SET : VK_EVENT_RESET;
}

VKAPI_ATTR VkResult VKAPI_CALL vkSetEvent(VkDevice handle, VkEvent event_handle)
{
    const struct icd_event *event = icd_event_from(event_handle);

    if (event)
        weft_event_set(event->event, true);
    return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkResetEvent(VkDevice handle, VkEvent event_handle)
{
    const struct icd_event *event = icd_event_from(event_handle);

    if (event)
        weft_event_set(event->event, false);
    return VK_SUCCESS;
}
