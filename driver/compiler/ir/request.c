/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "weft/kernel.h"

/* The widest vector that code is generated for. */
#define MAX_WIDTH 128

static bool fail(struct ir_module *m, const char *what)
{
    ir_error(m, -EINVAL, "compile request: %s", what);
    return false;
}

static bool inside(const struct weft_request *request, uint32_t offset_B, uint64_t count,
                   uint64_t size_B, uint32_t align_B)
{
    uint64_t length_B = count * size_B; /* 32-bit counts of small structures: no overflow */
    return offset_B % align_B == 0 && offset_B <= request->request_B &&
           length_B <= request->request_B - offset_B;
}

static bool check_parts(struct ir_module *m, const struct weft_request *r)
{
    if (!inside(r, r->binding_offset_B, r->binding_count, sizeof(struct weft_binding), 4) ||
        r->binding_count > REQUEST_MAX_BINDINGS)
        return fail(m, "bindings lie outside");
    if (!inside(r, r->spec_entry_offset_B, r->spec_entry_count, sizeof(struct weft_spec_entry), 4))
        return fail(m, "specialisation entries lie outside");
    if (!inside(r, r->spec_data_offset_B, r->spec_data_B, 1, 1))
        return fail(m, "specialisation data lies outside");
    if (!inside(r, r->spirv_offset_B, r->spirv_words, 4, 4))
        return fail(m, "SPIR-V lies outside");
    if (!inside(r, r->entry_offset_B, 1, 1, 1) ||
        !memchr(request_entry(r), 0, r->request_B - r->entry_offset_B))
        return fail(m, "the entry point's name lies outside");
    return true;
}

static bool check_spec_entries(struct ir_module *m, const struct weft_request *r)
{
    const struct weft_spec_entry *entries = request_spec_entries(r);
    for (uint32_t i = 0; i < r->spec_entry_count; i++) {
        if (entries[i].offset_B > r->spec_data_B ||
            entries[i].size_B > r->spec_data_B - entries[i].offset_B)
            return fail(m, "a specialisation entry lies outside its data");
    }
    return true;
}

static bool check_bindings(struct ir_module *m, const struct weft_request *r)
{
    const struct weft_binding *bindings = request_at(r, r->binding_offset_B);
    for (uint32_t i = 0; i < r->binding_count; i++) {
        const struct weft_binding *b = &bindings[i];
        if (b->kind < WEFT_BINDING_BUFFER || b->kind >= WEFT_BINDING_KIND_END)
            return fail(m, "a binding has an unknown kind");
        if (b->set >= WEFT_MAX_SETS)
            return fail(m, "a binding's set is out of range");
        if (b->kind == WEFT_BINDING_DYNAMIC &&
            (b->dynamic_index >= WEFT_MAX_DYNAMIC ||
             b->count > WEFT_MAX_DYNAMIC - b->dynamic_index))
            return fail(m, "a dynamic binding is out of range");
        if ((uint64_t)b->offset_B + (uint64_t)b->count * b->stride_B > UINT32_MAX)
            return fail(m, "a binding's array is too large");
    }
    return true;
}

static bool power_of_two_or_0(uint32_t value, uint32_t max)
{
    return value <= max && (value & (value - 1)) == 0;
}

static bool check_choices(struct ir_module *m, const struct weft_request *r)
{
    if (r->isa < WEFT_ISA_SSE || r->isa > WEFT_ISA_AVX512)
        return fail(m, "unknown instruction set");
    if (r->features >= WEFT_FEATURE_END)
        return fail(m, "unknown features of a processor");
    if (!power_of_two_or_0(r->width, MAX_WIDTH))
        return fail(m, "the width isn't a power of two up to 128");
    if (!power_of_two_or_0(r->subgroup_size, MAX_WIDTH))
        return fail(m, "the subgroup size isn't a power of two up to 128");
    if (!memchr(r->dump_pass, 0, sizeof(r->dump_pass)))
        return fail(m, "the name of the pass to dump doesn't end");
    return true;
}

void request_read(struct ir_module *m, const void *bytes, size_t size_B)
{
    struct weft_request header;
    if (size_B < sizeof(header) || size_B > REQUEST_MAX_B) {
        fail(m, "impossible size");
        return;
    }
    memcpy(&header, bytes, sizeof(header));
    if (header.magic != WEFT_REQUEST_MAGIC || header.version != WEFT_REQUEST_VERSION) {
        fail(m, "not a request of this version");
        return;
    }
    if (header.request_B != size_B) {
        fail(m, "truncated");
        return;
    }

    /* The copy is aligned, and nobody else can change it while it is read. */
    struct weft_request *r = arena_copy(m->arena, bytes, size_B);
    *r = header;
    if (!check_parts(m, r) || !check_spec_entries(m, r) || !check_bindings(m, r) ||
        !check_choices(m, r))
        return;
    m->request = r;
    m->bindings = request_at(r, r->binding_offset_B);
    m->binding_count = r->binding_count;
}
