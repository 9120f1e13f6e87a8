/* SPDX-License-Identifier: MIT */
#include "buffer_view.h"

static void finish_view(struct icd_object *object)
{
    icd_object_put(((struct icd_buffer_view *)object)->buffer);
}

/* The texels of range_B bytes at an address. NULL, or what is wrong. */
static const char *describe(const struct icd_device *device, VkFormat vk_format, uint64_t address,
                            uint64_t range_B, struct weft_image_desc *out)
{
    static const VkComponentMapping identity = {0};
    const struct icd_format *format = icd_format_find(vk_format);
    uint64_t count;

    if (!format || !icd_format_buffer_features(format))
        return "texel buffers can't have the format";
    if (!address || !range_B)
        return "the buffer has no memory there";
    count = range_B / format->planes[0].block_B;
    if (count > device->physical->properties.maxTexelBufferElements)
        return "there are more elements than maxTexelBufferElements";
    *out = (struct weft_image_desc){
        .address = address,
        .size_B = count * format->planes[0].block_B,
        .width = (uint32_t)count,
        .height = 1,
        .depth = 1,
        .layers = 1,
        .levels = 1,
        .samples = 1,
        .swizzle = icd_format_swizzle(format, &identity),
        .integer = icd_format_integer(format),
        .format = icd_format_texel(format),
    };
    out->quick = weft_image_quick(out);
    return NULL;
}

void icd_buffer_view_describe(struct icd_device *device, const VkDescriptorAddressInfoEXT *info,
                              struct weft_image_desc *out)
{
    const char *wrong = NULL;

    *out = (struct weft_image_desc){0};
    if (info && info->address)
        wrong = describe(device, info->format, info->address, info->range, out);
    if (wrong)
        icd_error(device, VK_ERROR_UNKNOWN, "a texel buffer's descriptor becomes null: %s", wrong);
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
    uint64_t address = buffer->address ? buffer->address + info->offset : 0;
    const char *wrong =
        describe(device, info->format, address,
                 icd_buffer_range_B(buffer, info->offset, info->range), &view->desc);
    if (wrong) {
        icd_object_discard(&view->base);
        return icd_error(buffer, VK_ERROR_UNKNOWN,
                         "vkCreateBufferView: format %d, offset %llu, range %llu: %s",
                         (int)info->format, (unsigned long long)info->offset,
                         (unsigned long long)info->range, wrong);
    }
    view->buffer = icd_object_get(buffer);
    *view_out = icd_buffer_view_to(view);
    return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyBufferView(VkDevice _device, VkBufferView view,
                                               const VkAllocationCallbacks *alloc)
{
    icd_object_release(icd_buffer_view_from(view));
}
