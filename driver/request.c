/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "program.h"

/* Where the next part of the request goes; 0 once the request is too large for its own offsets. */
struct layout {
    uint64_t size_B;
    bool overflow;
};

static uint32_t place(struct layout *layout, uint64_t size_B, uint64_t alignment)
{
    uint64_t offset_B = (layout->size_B + alignment - 1) / alignment * alignment;

    if (layout->overflow || size_B > UINT32_MAX || offset_B + size_B > UINT32_MAX) {
        layout->overflow = true;
        return 0;
    }
    layout->size_B = offset_B + size_B;
    return (uint32_t)offset_B;
}

static void put_bytes(char *request, uint32_t offset_B, const void *bytes, uint64_t size_B)
{
    if (size_B != 0)
        memcpy(request + offset_B, bytes, size_B);
}

void weft_program_request_fast(struct weft_device *device, const struct weft_program_info *info,
                               struct weft_request *request)
{
    request->flags |= WEFT_REQUEST_FAST;
    if (info->isa == 0 && request->isa != device->machine.fast_isa) {
        request->isa = device->machine.fast_isa;
        request->features = 0;
    }
}

int weft_program_request(struct weft_device *device, const struct weft_program_info *info,
                         void **request_out, size_t *request_B_out)
{
    struct weft_request header = {
        .magic = WEFT_REQUEST_MAGIC,
        .version = WEFT_REQUEST_VERSION,
        .binding_count = info->binding_count,
        .spec_entry_count = info->spec_entry_count,
        .isa = info->isa != 0 ? info->isa : device->machine.isa,
        .features = info->isa != 0 ? info->features : device->machine.features,
        .width = info->width != 0 ? info->width : device->machine.width,
        .subgroup_size = info->subgroup_size,
        .flags = info->flags,
    };
    struct layout layout = {.size_B = sizeof(header)};
    uint64_t bindings_B = (uint64_t)info->binding_count * sizeof(struct weft_binding);
    uint64_t entries_B = (uint64_t)info->spec_entry_count * sizeof(struct weft_spec_entry);
    uint64_t name_B = strlen(info->entry) + 1, spirv_B;
    char *request;

    if (info->spirv_words > UINT32_MAX / 4 || info->spec_data_B > UINT32_MAX)
        return -ENOMEM;
    spirv_B = (uint64_t)info->spirv_words * 4;
    if (info->flags & WEFT_REQUEST_FAST)
        weft_program_request_fast(device, info, &header);
    header.binding_offset_B = place(&layout, bindings_B, 8);
    header.spec_entry_offset_B = place(&layout, entries_B, 8);
    header.spec_data_offset_B = place(&layout, info->spec_data_B, 8);
    header.spec_data_B = (uint32_t)info->spec_data_B;
    header.entry_offset_B = place(&layout, name_B, 1);
    header.spirv_offset_B = place(&layout, spirv_B, 8);
    header.spirv_words = (uint32_t)info->spirv_words;
    header.request_B = layout.size_B;
    if (layout.overflow)
        return -ENOMEM;

    /* Zeroed: the padding is part of the cache key. */
    request = calloc(1, layout.size_B);
    if (request == NULL)
        return -ENOMEM;
    memcpy(request, &header, sizeof(header));
    put_bytes(request, header.binding_offset_B, info->bindings, bindings_B);
    put_bytes(request, header.spec_entry_offset_B, info->spec_entries, entries_B);
    put_bytes(request, header.spec_data_offset_B, info->spec_data, info->spec_data_B);
    put_bytes(request, header.entry_offset_B, info->entry, name_B);
    put_bytes(request, header.spirv_offset_B, info->spirv, spirv_B);
    *request_out = request;
    *request_B_out = layout.size_B;
    return 0;
}
