/* SPDX-License-Identifier: MIT */
#include "cc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weft.h"
#include "weft/compile.h"

/* The best that this CPU has. */
static uint32_t native_isa(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return WEFT_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return WEFT_ISA_AVX2;
#endif
    return WEFT_ISA_SSE;
}

/* Parses "id=value" into the entry and 8 bytes of data. */
static int parse_spec(const char *text, const struct spirv_facts *facts,
                      struct weft_spec_entry *entry, unsigned char data[8])
{
    uint32_t id = (uint32_t)strtoul(text, NULL, 0);
    const char *value = strchr(text, '=') + 1;

    for (uint32_t i = 0; i < facts->spec_count; i++) {
        const struct spec_constant *spec = &facts->specs[i];
        if (spec->id != id)
            continue;
        entry->id = id;
        entry->size_B = spec->bits / 8;
        if (spec->is_float && spec->bits == 32) {
            float number = strtof(value, NULL);
            memcpy(data, &number, sizeof(number));
        } else if (spec->is_float && spec->bits == 64) {
            double number = strtod(value, NULL);
            memcpy(data, &number, sizeof(number));
        } else {
            /* Negative numbers come out right at every size, little-endian. */
            uint64_t number = strtoull(value, NULL, 0);
            memcpy(data, &number, sizeof(number));
        }
        return 0;
    }
    fprintf(stderr, "weft cc: the shader has no specialisation constant %u\n", id);
    return -1;
}

/* Every part is a multiple of 8 bytes but the last two. */
void *cc_request_make(const struct cc_options *o, const struct spirv_facts *facts,
                      const void *spirv, size_t spirv_B, size_t *request_B_out)
{
    const char *entry = o->entry ? o->entry : facts->entry ? facts->entry : "main";
    size_t bindings_B = facts->binding_count * sizeof(struct weft_binding);
    size_t specs_B = o->spec_count * sizeof(struct weft_spec_entry);
    struct weft_request header = {
        .magic = WEFT_REQUEST_MAGIC,
        .version = WEFT_REQUEST_VERSION,
        .binding_count = facts->binding_count,
        .spec_entry_count = o->spec_count,
        .isa = o->isa ? o->isa : native_isa(),
        .features = o->features,
        .width = o->width,
        .subgroup_size = o->subgroup_size,
        .flags = o->flags,
        .list = o->list,
        .spirv_words = (uint32_t)(spirv_B / 4),
    };
    size_t at = (sizeof(header) + 7) & ~(size_t)7;
    header.binding_offset_B = (uint32_t)at;
    at = (at + bindings_B + 7) & ~(size_t)7;
    header.spec_entry_offset_B = (uint32_t)at;
    at = (at + specs_B + 7) & ~(size_t)7;
    header.spec_data_offset_B = (uint32_t)at;
    header.spec_data_B = o->spec_count * 8;
    at += header.spec_data_B;
    header.entry_offset_B = (uint32_t)at;
    at = (at + strlen(entry) + 1 + 7) & ~(size_t)7;
    header.spirv_offset_B = (uint32_t)at;
    at += spirv_B & ~(size_t)3;
    header.request_B = at;
    memcpy(header.dump_pass, o->dump_pass, sizeof(header.dump_pass));

    char *request = at <= UINT32_MAX ? calloc(1, at) : NULL;
    if (!request) {
        fprintf(stderr, "weft cc: out of memory\n");
        return NULL;
    }
    memcpy(request, &header, sizeof(header));
    if (bindings_B)
        memcpy(request + header.binding_offset_B, facts->bindings, bindings_B);
    for (uint32_t i = 0; i < o->spec_count; i++) {
        struct weft_spec_entry spec = {.offset_B = i * 8};
        if (parse_spec(o->specs[i], facts, &spec,
                       (unsigned char *)request + header.spec_data_offset_B + i * 8)) {
            free(request);
            return NULL;
        }
        memcpy(request + header.spec_entry_offset_B + i * sizeof(spec), &spec, sizeof(spec));
    }
    strcpy(request + header.entry_offset_B, entry);
    memcpy(request + header.spirv_offset_B, spirv, spirv_B & ~(size_t)3);
    *request_B_out = at;
    return request;
}

bool cc_is_request(const void *bytes, size_t size_B)
{
    struct weft_request header;

    if (size_B < sizeof(header))
        return false;
    memcpy(&header, bytes, sizeof(header));
    return header.magic == WEFT_REQUEST_MAGIC;
}

void cc_request_change(const struct cc_options *o, void *request)
{
    struct weft_request *header = request;

    if (o->isa) {
        header->isa = o->isa;
        header->features = o->features;
    }
    if (o->width)
        header->width = o->width;
    if (o->subgroup_size)
        header->subgroup_size = o->subgroup_size;
    header->flags |= o->flags;
    header->list = o->list;
    memcpy(header->dump_pass, o->dump_pass, sizeof(header->dump_pass));
}
