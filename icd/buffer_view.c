/* SPDX-License-Identifier: MIT */
#include "buffer_view.h"

static void finish_view(struct icd_object *object)
{
    icd_object_put(((struct icd_buffer_view *)object)->buffer);
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateBufferView(VkDevice _device,
                                                  const VkBufferViewCreateInfo *info,
                                                  const VkAllocationCallbacks *alloc,
                                                  VkBufferView *view_out)
{
    struct icd_device *device = icd_device_from(_device);
    struct icd_buffer *buffer = icd_buffer_from(info->buffer);

    if (!buffer)
        return icd_error(device, VK_ERROR_UNKNOWN, "vkCreateBufferView: no buffer");
    struct icd_buffer_view *view = icd_object_create(device, NULL, sizeof(*view),
                                                     VK_OBJECT_TYPE_BUFFER_VIEW, finish_view);

    if (!view)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "vkCreateBufferView");
    view->buffer = icd_object_get(buffer);
    view->format = info->format;
    view->offset_B = info->offset;
    view->range_B = icd_buffer_range_B(buffer, info->offset, info->range);
    *view_out = icd_buffer_view_to(view);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyBufferView(VkDevice _device, VkBufferView view,
                                               const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_buffer_view_from(view));
}
