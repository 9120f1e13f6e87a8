/* SPDX-License-Identifier: MIT
 *
 * Reading compile requests: what is refused, and that nothing outside is read.
 */
#include "ir_builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "weft/kernel.h"

struct sample {
    struct weft_request header;
    struct weft_binding bindings[2];
    struct weft_spec_entry entries[1];
    uint32_t spec_data[1];
    char entry[8];
    uint32_t spirv[4];
};

static struct sample make_sample(void)
{
    return (struct sample){
        .header = {
            .magic = WEFT_REQUEST_MAGIC,
            .version = WEFT_REQUEST_VERSION,
            .request_B = sizeof(struct sample),
            .binding_offset_B = offsetof(struct sample, bindings),
            .binding_count = 2,
            .spec_entry_offset_B = offsetof(struct sample, entries),
            .spec_entry_count = 1,
            .spec_data_offset_B = offsetof(struct sample, spec_data),
            .spec_data_B = 4,
            .entry_offset_B = offsetof(struct sample, entry),
            .spirv_offset_B = offsetof(struct sample, spirv),
            .spirv_words = 4,
            .isa = WEFT_ISA_AVX2,
        },
        .bindings = {{.kind = WEFT_BINDING_BUFFER, .count = 1, .stride_B = 16},
                     {.binding = 1, .kind = WEFT_BINDING_DYNAMIC, .count = 2, .dynamic_index = 3}},
        .entries = {{.id = 1, .size_B = 4}},
        .entry = "main",
    };
}

/* The error of reading these bytes, which end where a sanitizer sees it. */
static int read_error(const void *bytes, size_t size_B)
{
    struct arena *arena = arena_create((size_t)1 << 20);
    struct ir_module *m = ir_module_create(arena);
    unsigned char *copy = malloc(size_B ? size_B : 1);
    memcpy(copy, bytes, size_B);
    request_read(m, copy, size_B);
    int error = m->error;
    assert_true(error == 0 || m->message[0]);
    free(copy);
    arena_destroy(arena);
    return error;
}

static void test_good(void **state)
{
    struct sample sample = make_sample();
    struct arena *arena = arena_create((size_t)1 << 20);
    struct ir_module *m = ir_module_create(arena);
    request_read(m, &sample, sizeof(sample));
    assert_string_equal(m->message, "");
    assert_int_equal(m->binding_count, 2);
    assert_int_equal(m->bindings[1].dynamic_index, 3);
    assert_string_equal(request_entry(m->request), "main");
    assert_memory_equal(request_spirv(m->request), sample.spirv, sizeof(sample.spirv));
    assert_int_equal(request_spec_entries(m->request)[0].id, 1);
    assert_memory_equal(request_spec_data(m->request), sample.spec_data, 4);
    arena_destroy(arena);
}

static void test_bad_fields(void **state)
{
#define FIELD(name) offsetof(struct sample, name), sizeof(((struct sample *)0)->name)
    static const struct {
        size_t offset_B, size_B;
        uint64_t value;
    } rows[] = {
        {FIELD(header.magic), 0},
        {FIELD(header.version), 99},
        {FIELD(header.request_B), sizeof(struct sample) + 1},
        {FIELD(header.request_B), UINT64_MAX},
        {FIELD(header.binding_offset_B), 1},
        {FIELD(header.binding_offset_B), 0xfffffffc},
        {FIELD(header.binding_count), 0xffffffff},
        {FIELD(header.spec_entry_count), 0x10000000},
        {FIELD(header.spec_entry_offset_B), sizeof(struct sample) - 4},
        {FIELD(header.spec_data_B), 0xffffffff},
        {FIELD(header.entry_offset_B), 0xffffffff},
        {FIELD(header.entry_offset_B), sizeof(struct sample)},
        {FIELD(header.spirv_offset_B), offsetof(struct sample, spirv) + 2},
        {FIELD(header.spirv_words), 5},
        {FIELD(header.spirv_words), 0x40000000},
        {FIELD(header.isa), 0},
        {FIELD(header.isa), 9},
        {FIELD(header.features), WEFT_FEATURE_END},
        {FIELD(header.width), 3},
        {FIELD(header.width), 256},
        {FIELD(header.subgroup_size), 0x80000000},
        {FIELD(bindings[0].kind), 0},
        {FIELD(bindings[0].kind), 77},
        {FIELD(bindings[0].set), WEFT_MAX_SETS},
        {FIELD(bindings[0].count), 0xffffffff},
        {FIELD(bindings[1].dynamic_index), WEFT_MAX_DYNAMIC},
        {FIELD(bindings[1].count), WEFT_MAX_DYNAMIC},
        {FIELD(entries[0].offset_B), 1},
        {FIELD(entries[0].size_B), 0xffffffff},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample sample = make_sample();
        memcpy((unsigned char *)&sample + rows[i].offset_B, &rows[i].value, rows[i].size_B);
        if (read_error(&sample, sizeof(sample)) != -EINVAL)
            fail_msg("row %zu is accepted", i);
    }
}

static void test_truncated(void **state)
{
    struct sample sample = make_sample();
    for (size_t size_B = 0; size_B < sizeof(sample); size_B++) {
        assert_int_equal(read_error(&sample, size_B), -EINVAL);
        struct sample shorter = sample; /* says itself that it is so short */
        shorter.header.request_B = size_B;
        assert_int_equal(read_error(&shorter, size_B), -EINVAL);
    }
}

/* One message whatever the bytes, through the library's own entry. */
static void test_compile(void **state)
{
    struct sample sample = make_sample();
    struct weft_compile_result result;
    assert_int_equal(weft_compile(NULL, &sample, sizeof(sample), &result), -EINVAL);
    assert_null(result.image);
    assert_non_null(result.message);
    weft_compile_result_finish(&result);
    assert_int_equal(weft_compile(NULL, "", 0, &result), -EINVAL);
    assert_non_null(result.message);
    weft_compile_result_finish(&result);
    assert_null(result.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad_fields),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
