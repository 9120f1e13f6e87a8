/* SPDX-License-Identifier: MIT
 *
 * Writes and copies of descriptors.
 */
#include <string.h>

#include "buffer.h"
#include "buffer_view.h"
#include "descriptor_set.h"
#include "image_view.h"
#include "sampler.h"

/* A position in a layout: an element of a binding. Updates run on into the following bindings. */
struct cursor {
    const struct icd_descriptor_target *target;
    uint32_t index; /* into layout->bindings */
    uint32_t element;
};

static uint32_t binding_count(const struct icd_descriptor_target *target, uint32_t index)
{
    const struct icd_descriptor_layout *layout = target->layout;
    const struct icd_descriptor_binding *binding = &layout->bindings[index];

    if (layout->variable && index == layout->binding_count - 1 &&
        target->variable_count < binding->count)
        return target->variable_count;
    return binding->count;
}

/* Returns how many descriptors of the type lie in a row from the cursor on, after moving it past
 * bindings that are used up; 0 at the layout's end or at another type. */
static uint32_t cursor_run(struct cursor *cursor, VkDescriptorType type,
                           const struct icd_descriptor_binding **binding_out)
{
    const struct icd_descriptor_layout *layout = cursor->target->layout;

    while (cursor->index < layout->binding_count) {
        uint32_t count = binding_count(cursor->target, cursor->index);
        const struct icd_descriptor_binding *binding = &layout->bindings[cursor->index];
        if (cursor->element < count) {
            *binding_out = binding;
            bool fits = binding->type == type || binding->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT ||
                        type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT;
            return fits ? count - cursor->element : 0;
        }
        /* "any remaining elements go to the next binding, starting at array element zero" */
        cursor->element -= count;
        cursor->index++;
    }
    return 0;
}

static uint8_t *slot_address(const struct cursor *cursor,
                             const struct icd_descriptor_binding *binding)
{
    return cursor->target->memory + binding->offset_B +
           (size_t)cursor->element * binding->stride_B;
}

static struct weft_buffer_desc buffer_desc(const void *object, const VkDescriptorBufferInfo *info,
                                           uint64_t *rest_B_out)
{
    struct icd_buffer *buffer = icd_buffer_from(info->buffer);
    struct weft_buffer_desc desc = {0, 0};

    *rest_B_out = 0;
    if (!buffer)
        return desc;
    if (!buffer->address || info->offset >= buffer->size_B) {
        icd_message(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-descriptor",
                    buffer->address ? "the offset %llu of a buffer descriptor is past the "
                                      "buffer's %llu bytes; the descriptor becomes null"
                                    : "offset %llu in a buffer of %llu bytes without memory; the "
                                      "descriptor becomes null",
                    (unsigned long long)info->offset, (unsigned long long)buffer->size_B);
        return desc;
    }
    uint64_t range_B = icd_buffer_range_B(buffer, info->offset, info->range);
    desc.address = buffer->address + info->offset;
    desc.size_B = range_B; /* beyond 4 GiB only for shaders with 64-bit indexing */
    *rest_B_out = buffer->size_B - info->offset;
    return desc;
}

/* ---- Images, samplers, texel buffers ---- */

/* A view, of the device's; NULL for a null descriptor. */
static const struct icd_image_view *view_from(const void *object, VkImageView handle)
{
    const struct icd_image_view *view = icd_image_view_from(handle);

    if (handle && !view)
        icd_message(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-descriptor",
                    "an image descriptor has no image view; it becomes null");
    return view;
}

static void write_sampled(const void *object, const struct icd_descriptor_binding *binding,
                          VkImageView handle, uint8_t *slot)
{
    const struct icd_image_view *view = view_from(object, handle);

    if (!view) {
        memset(slot, 0, WEFT_IMAGE_DESC_B);
        if (binding->stride_B == WEFT_YCBCR_DESC_B)
            memset(slot + WEFT_COMBINED_DESC_B, 0, sizeof(view->chroma));
        return;
    }
    memcpy(slot, &view->sampled, sizeof(view->sampled));
    if (binding->stride_B == WEFT_YCBCR_DESC_B)
        memcpy(slot + WEFT_COMBINED_DESC_B, view->chroma, sizeof(view->chroma));
}

static void write_storage(const void *object, VkImageView handle, uint8_t *slot)
{
    const struct icd_image_view *view = view_from(object, handle);

    if (view)
        memcpy(slot, &view->storage, sizeof(view->storage));
    else
        memset(slot, 0, WEFT_IMAGE_DESC_B);
}

/* Immutable samplers are in the set already. */
static void write_sampler(const void *object, const struct icd_descriptor_binding *binding,
                          VkSampler handle, uint8_t *slot)
{
    const struct icd_sampler *sampler;

    if (binding->samplers)
        return;
    sampler = icd_sampler_from(handle);
    if (sampler) {
        memcpy(slot, &sampler->desc, sizeof(sampler->desc));
        return;
    }
    icd_message(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-descriptor",
                "a sampler descriptor has no sampler; it becomes null");
    memset(slot, 0, WEFT_SAMPLER_DESC_B);
}

static void write_texel_buffer(VkBufferView handle, uint8_t *slot)
{
    const struct icd_buffer_view *view = icd_buffer_view_from(handle);

    if (view)
        memcpy(slot, &view->desc, sizeof(view->desc));
    else
        memset(slot, 0, WEFT_IMAGE_DESC_B);
}

static void write_images(const void *object, const struct icd_descriptor_binding *binding,
                         VkDescriptorType type, uint32_t count, const uint8_t *data,
                         size_t stride_B, uint8_t *slot)
{
    for (uint32_t i = 0; i < count; i++, slot += binding->stride_B, data += stride_B) {
        const VkDescriptorImageInfo *info = (const VkDescriptorImageInfo *)data;
        switch (type) {
        case VK_DESCRIPTOR_TYPE_SAMPLER:
            write_sampler(object, binding, info->sampler, slot);
            break;
        case VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER:
            write_sampled(object, binding, info->imageView, slot);
            write_sampler(object, binding, info->sampler, slot + WEFT_IMAGE_DESC_B);
            break;
        case VK_DESCRIPTOR_TYPE_STORAGE_IMAGE:
            write_storage(object, info->imageView, slot);
            break;
        default: /* sampled images and input attachments */
            write_sampled(object, binding, info->imageView, slot);
            break;
        }
    }
}

/* type: the binding's, or what a mutable descriptor is to become. */
static void write_run(const struct cursor *cursor, const struct icd_descriptor_binding *binding,
                      VkDescriptorType type, uint32_t count, const uint8_t *data, size_t stride_B)
{
    const struct icd_descriptor_target *target = cursor->target;
    uint8_t *slot = slot_address(cursor, binding);
    struct weft_buffer_desc desc;
    uint64_t rest_B;

    switch (type) {
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER:
        for (uint32_t i = 0; i < count; i++, slot += binding->stride_B, data += stride_B) {
            desc = buffer_desc(target->object, (const VkDescriptorBufferInfo *)data, &rest_B);
            memcpy(slot, &desc, sizeof(desc));
        }
        break;
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC:
        for (uint32_t i = 0; i < count; i++, slot += sizeof(desc), data += stride_B) {
            desc = buffer_desc(target->object, (const VkDescriptorBufferInfo *)data, &rest_B);
            memcpy(slot, &desc, sizeof(desc));
            target->dynamic_rest_B[binding->dynamic_index + cursor->element + i] = rest_B;
        }
        break;
    case VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER:
        for (uint32_t i = 0; i < count; i++, slot += binding->stride_B, data += stride_B)
            write_texel_buffer(*(const VkBufferView *)data, slot);
        break;
    case VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK:
        memcpy(slot, data, count);
        break;
    default:
        write_images(target->object, binding, type, count, data, stride_B, slot);
        break;
    }
}

void icd_descriptor_write(const struct icd_descriptor_target *target, uint32_t binding_number,
                          uint32_t element, uint32_t count, VkDescriptorType type,
                          const void *data, size_t stride_B)
{
    struct cursor cursor = {target, icd_descriptor_layout_find(target->layout, binding_number),
                            element};
    const struct icd_descriptor_binding *binding = NULL;
    const uint8_t *bytes = data;
    size_t data_stride_B = type == VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK ? 1 : stride_B;

    while (count > 0) {
        uint32_t run = cursor_run(&cursor, type, &binding);
        if (!run) {
            icd_message(target->object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
                        "weft-descriptor",
                        "an update of binding %u, element %u: the set layout has no room for %u "
                        "more descriptors of type %d there",
                        binding_number, element, count, (int)type);
            return;
        }
        if (run > count)
            run = count;
        write_run(&cursor, binding, type, run, bytes, data_stride_B);
        bytes += data_stride_B * run;
        cursor.element += run;
        count -= run;
    }
}

void icd_descriptor_write_info(const struct icd_descriptor_target *target,
                               const VkWriteDescriptorSet *write)
{
    const VkWriteDescriptorSetInlineUniformBlock *block;
    const void *data = NULL;
    size_t stride_B = 0;
    uint32_t count = write->descriptorCount;

    switch (write->descriptorType) {
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER:
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER_DYNAMIC:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER_DYNAMIC:
        data = write->pBufferInfo;
        stride_B = sizeof(*write->pBufferInfo);
        break;
    case VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER:
        data = write->pTexelBufferView;
        stride_B = sizeof(*write->pTexelBufferView);
        break;
    case VK_DESCRIPTOR_TYPE_INLINE_UNIFORM_BLOCK:
        block = icd_find_struct(write->pNext,
                                VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET_INLINE_UNIFORM_BLOCK);
        if (!block)
            return;
        data = block->pData;
        count = count < block->dataSize ? count : block->dataSize;
        stride_B = 1;
        break;
    default:
        data = write->pImageInfo;
        stride_B = sizeof(*write->pImageInfo);
        break;
    }
    icd_descriptor_write(target, write->dstBinding, write->dstArrayElement, count,
                         write->descriptorType, data, stride_B);
}

static void copy_run(uint8_t *dst, const struct icd_descriptor_binding *dst_binding,
                     const uint8_t *src, const struct icd_descriptor_binding *src_binding,
                     uint32_t count)
{
    /* Between a mutable descriptor and one of its types: what both have room for. */
    if ((dst_binding->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT ||
         src_binding->type == VK_DESCRIPTOR_TYPE_MUTABLE_EXT) &&
        dst_binding->stride_B != src_binding->stride_B) {
        uint32_t size_B = dst_binding->stride_B < src_binding->stride_B ? dst_binding->stride_B
                                                                        : src_binding->stride_B;
        for (uint32_t i = 0; i < count; i++)
            memmove(dst + (size_t)i * dst_binding->stride_B,
                    src + (size_t)i * src_binding->stride_B, size_B);
        return;
    }
    /* A set may be copied to itself. */
    if (!dst_binding->samplers && dst_binding->stride_B == src_binding->stride_B) {
        memmove(dst, src, (size_t)count * src_binding->stride_B);
        return;
    }
    /* The destination keeps its immutable samplers. */
    if (dst_binding->type == VK_DESCRIPTOR_TYPE_SAMPLER)
        return;
    for (uint32_t i = 0; i < count; i++) {
        memmove(dst, src, WEFT_IMAGE_DESC_B);
        if (!dst_binding->samplers)
            memmove(dst + WEFT_IMAGE_DESC_B, src + WEFT_IMAGE_DESC_B, WEFT_SAMPLER_DESC_B);
        if (dst_binding->stride_B == WEFT_YCBCR_DESC_B &&
            src_binding->stride_B == WEFT_YCBCR_DESC_B)
            memmove(dst + WEFT_COMBINED_DESC_B, src + WEFT_COMBINED_DESC_B, 2 * WEFT_IMAGE_DESC_B);
        dst += dst_binding->stride_B;
        src += src_binding->stride_B;
    }
}

static void copy_descriptors(const VkCopyDescriptorSet *copy)
{
    struct icd_descriptor_set *src = icd_descriptor_set_from(copy->srcSet);
    struct icd_descriptor_set *dst = icd_descriptor_set_from(copy->dstSet);

    if (!src || !dst)
        return;
    struct icd_descriptor_target src_target = icd_descriptor_set_target(src);
    struct icd_descriptor_target dst_target = icd_descriptor_set_target(dst);
    struct cursor from = {&src_target, icd_descriptor_layout_find(src->layout, copy->srcBinding),
                          copy->srcArrayElement};
    struct cursor to = {&dst_target, icd_descriptor_layout_find(dst->layout, copy->dstBinding),
                        copy->dstArrayElement};
    const struct icd_descriptor_binding *src_binding = NULL, *dst_binding = NULL;

    if (from.index == src->layout->binding_count)
        return;
    for (uint32_t left = copy->descriptorCount; left > 0;) {
        VkDescriptorType type = src->layout->bindings[from.index].type;
        uint32_t run = cursor_run(&from, type, &src_binding);
        uint32_t room = cursor_run(&to, type, &dst_binding);
        if (!run || !room) {
            icd_message(dst, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-descriptor",
                        "a copy from binding %u to binding %u: %u descriptors of type %d don't fit "
                        "the layouts",
                        copy->srcBinding, copy->dstBinding, left, (int)type);
            return;
        }
        run = run < room ? run : room;
        run = run < left ? run : left;
        copy_run(slot_address(&to, dst_binding), dst_binding, slot_address(&from, src_binding),
                 src_binding, run);
        if (icd_descriptor_type_is_dynamic(type))
            memmove(&dst->dynamic_rest_B[dst_binding->dynamic_index + to.element],
                    &src->dynamic_rest_B[src_binding->dynamic_index + from.element],
                    run * sizeof(uint64_t));
        from.element += run;
        to.element += run;
        left -= run;
    }
}

/* ---- VK_EXT_descriptor_buffer ---- */

/* A buffer by its address. NULL or an address of 0 is the null descriptor. */
static void put_address(const VkDescriptorAddressInfoEXT *info, struct weft_buffer_desc *out)
{
    *out = (struct weft_buffer_desc){0, 0};
    if (!info || !info->address)
        return;
    out->address = info->address;
    out->size_B = info->range;
}

VKAPI_ATTR void VKAPI_CALL vkGetDescriptorEXT(VkDevice handle, const VkDescriptorGetInfoEXT *info,
                                              size_t size, void *descriptor)
{
    struct icd_device *device = icd_device_from(handle);
    struct icd_descriptor_binding binding = {.type = info->type,
                                             .stride_B = icd_descriptor_type_B(info->type)};
    const VkDescriptorImageInfo nothing = {0};
    VkDescriptorImageInfo sampler = {0};
    const void *image = NULL;

    if (size < binding.stride_B || !binding.stride_B) {
        icd_error(device, VK_ERROR_UNKNOWN, "vkGetDescriptorEXT: %zu bytes for type %d, which has %u",
                  size, (int)info->type, binding.stride_B);
        return;
    }
    memset(descriptor, 0, size);
    switch (info->type) {
    case VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_BUFFER:
        put_address(info->data.pStorageBuffer, descriptor);
        return;
    case VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER:
    case VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER:
        icd_buffer_view_describe(device, info->data.pStorageTexelBuffer, descriptor);
        return;
    case VK_DESCRIPTOR_TYPE_SAMPLER:
        sampler.sampler = *info->data.pSampler;
        image = &sampler;
        break;
    case VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER:
    case VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE:
    case VK_DESCRIPTOR_TYPE_STORAGE_IMAGE:
    case VK_DESCRIPTOR_TYPE_INPUT_ATTACHMENT:
        image = info->data.pSampledImage ? info->data.pSampledImage : &nothing;
        break;
    default:
        return;
    }
    /* A YCbCr view has two more planes, where there is room for them. */
    if (info->type == VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER && size >= WEFT_YCBCR_DESC_B)
        binding.stride_B = WEFT_YCBCR_DESC_B;
    write_images(device, &binding, info->type, 1, image, sizeof(VkDescriptorImageInfo), descriptor);
}

VKAPI_ATTR void VKAPI_CALL vkUpdateDescriptorSets(VkDevice handle, uint32_t descriptorWriteCount,
                                                  const VkWriteDescriptorSet *pDescriptorWrites,
                                                  uint32_t descriptorCopyCount,
                                                  const VkCopyDescriptorSet *pDescriptorCopies)
{
    for (uint32_t i = 0; i < descriptorWriteCount; i++) {
        struct icd_descriptor_set *set = icd_descriptor_set_from(pDescriptorWrites[i].dstSet);
        if (!set)
            continue;
        struct icd_descriptor_target target = icd_descriptor_set_target(set);
        icd_descriptor_write_info(&target, &pDescriptorWrites[i]);
    }
    for (uint32_t i = 0; i < descriptorCopyCount; i++)
        copy_descriptors(&pDescriptorCopies[i]);
}
