/* SPDX-License-Identifier: MIT
 *
 * Reading a compile request (compile.h). The bytes may come from another process or from a file, so
 * everything is checked once, here; afterwards the accessors below are safe.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "ir.h"

/* Largest sizes that are accepted; far above what Vulkan's limits let an application ask for. */
#define REQUEST_MAX_B ((uint64_t)256 << 20)
#define REQUEST_MAX_BINDINGS (1u << 20)

/* Checks the bytes, copies them into the module's arena and sets m->request, m->bindings and
 * m->binding_count. On error m->error is set (-EINVAL). */
void request_read(struct ir_module *m, const void *bytes, size_t size_B);

/* Parts of a request that request_read accepted. */
static inline const void *request_at(const struct weft_request *request, uint32_t offset_B)
{
    return (const unsigned char *)request + offset_B;
}

static inline const uint32_t *
request_spirv(const struct weft_request *request) /* spirv_words of them */
{
    return request_at(request, request->spirv_offset_B);
}

static inline const char *
request_entry(const struct weft_request *request) /* the entry point's name */
{
    return request_at(request, request->entry_offset_B);
}

static inline const struct weft_spec_entry *
request_spec_entries(const struct weft_request *request) /* spec_entry_count of them */
{
    return request_at(request, request->spec_entry_offset_B);
}

/* spec_data_B bytes, unaligned. An entry's offset_B + size_B lies inside. */
static inline const unsigned char *request_spec_data(const struct weft_request *request)
{
    return request_at(request, request->spec_data_offset_B);
}

#endif
