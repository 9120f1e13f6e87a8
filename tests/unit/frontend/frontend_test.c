/* SPDX-License-Identifier: MIT
 *
 * What the front end makes of some shaders: which control flow is left, what lives in memory, how
 * wide accesses are. Values are checked elsewhere, by running shaders (tests/spirv).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "ir.h"
#include "request.h"
#include "spv.h"

static const char *folder;

struct spec {
    uint32_t id, value;
};

/* A module built and simplified; the caller frees the arena. */
struct built {
    struct arena *arena;
    struct ir_module *m;
    void *request;
};

static uint32_t *read_words(const char *name, uint32_t *count_out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.spv", folder, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size_B = ftell(f);
    rewind(f);
    assert_true(size_B > 20 && size_B % 4 == 0);
    uint32_t *words = malloc((size_t)size_B);
    assert_non_null(words);
    assert_int_equal(fread(words, 1, (size_t)size_B, f), size_B);
    fclose(f);
    *count_out = (uint32_t)(size_B / 4);
    return words;
}

/* A layout of four storage buffers in set 0. */
static void *make_request(const uint32_t *words, uint32_t count, const struct spec *specs,
                          uint32_t spec_count, size_t *size_out)
{
    enum { BINDINGS = 4 };
    size_t bindings = sizeof(struct weft_request);
    size_t entries = bindings + BINDINGS * sizeof(struct weft_binding);
    size_t data = entries + spec_count * sizeof(struct weft_spec_entry);
    size_t entry = data + 4 * (size_t)spec_count;
    size_t spirv = entry + 8;
    size_t size_B = spirv + 4 * (size_t)count;
    unsigned char *bytes = calloc(1, size_B);
    assert_non_null(bytes);
    struct weft_request *r = (struct weft_request *)(void *)bytes;
    *r = (struct weft_request){
        .magic = WEFT_REQUEST_MAGIC,
        .version = WEFT_REQUEST_VERSION,
        .request_B = size_B,
        .binding_offset_B = (uint32_t)bindings,
        .binding_count = BINDINGS,
        .spec_entry_offset_B = (uint32_t)entries,
        .spec_entry_count = spec_count,
        .spec_data_offset_B = (uint32_t)data,
        .spec_data_B = 4 * spec_count,
        .entry_offset_B = (uint32_t)entry,
        .spirv_offset_B = (uint32_t)spirv,
        .spirv_words = count,
        .isa = WEFT_ISA_SSE,
    };
    for (uint32_t i = 0; i < BINDINGS; i++) {
        struct weft_binding b = {.binding = i,
                                 .kind = WEFT_BINDING_BUFFER,
                                 .count = 1,
                                 .offset_B = 16 * i,
                                 .stride_B = 16};
        memcpy(bytes + bindings + i * sizeof(b), &b, sizeof(b));
    }
    for (uint32_t i = 0; i < spec_count; i++) {
        struct weft_spec_entry e = {.id = specs[i].id, .offset_B = 4 * i, .size_B = 4};
        memcpy(bytes + entries + i * sizeof(e), &e, sizeof(e));
        memcpy(bytes + data + 4 * (size_t)i, &specs[i].value, 4);
    }
    memcpy(bytes + entry, "main", 5);
    memcpy(bytes + spirv, words, 4 * (size_t)count);
    *size_out = size_B;
    return bytes;
}

static struct built build_words(const uint32_t *words, uint32_t count, const struct spec *specs,
                                uint32_t spec_count)
{
    struct built built = {.arena = arena_create((size_t)64 << 20)};
    size_t size_B;
    assert_non_null(built.arena);
    built.request = make_request(words, count, specs, spec_count, &size_B);
    if (setjmp(*arena_recovery(built.arena)))
        fail_msg("out of memory");
    built.m = ir_module_create(built.arena);
    request_read(built.m, built.request, size_B);
    assert_int_equal(built.m->error, 0);
    spv_build(built.m);
    if (!built.m->error)
        ir_verify(built.m);
    if (!built.m->error)
        ir_simplify(built.m);
    return built;
}

static struct built build(const char *name, const struct spec *specs, uint32_t spec_count)
{
    uint32_t count;
    uint32_t *words = read_words(name, &count);
    struct built built = build_words(words, count, specs, spec_count);
    free(words);
    if (built.m->error)
        fail_msg("%s: %s", name, built.m->message);
    return built;
}

static void finish(struct built *built)
{
    arena_destroy(built->arena);
    free(built->request);
}

static unsigned count_of(const struct built *built, enum ir_op op)
{
    unsigned n = 0;
    for (struct ir_inst *i = built->m->body->first; i; i = ir_next(i))
        n += i->op == op;
    return n;
}

/* ---- Control flow and memory, by shader ---- */

static void test_shapes(void **state)
{
    static const struct {
        const char *name;
        enum ir_op op;
        unsigned least, most;
    } rows[] = {
        {"guard", IR_IF, 1, 1},         {"guard", IR_LOOP, 0, 0},
        {"guard", IR_RESULT, 0, 0},     {"count", IR_LOOP, 1, 1},
        {"count", IR_LOCAL_LOAD, 0, 0}, {"blocked", IR_LOOP, 1, 1},
        {"blocked", IR_FMUL, 16, 16},   {"blocked", IR_LOCAL_STORE, 0, 0},
        {"rounds", IR_LOOP, 0, 0},      {"rounds", IR_LOCAL_LOAD, 0, 0},
        {"table", IR_LOCAL_LOAD, 1, 1}, {"table", IR_LOCAL_STORE, 0, 0},
        {"sort", IR_LOCAL_LOAD, 2, 40}, {"sort", IR_LOCAL_STORE, 2, 40},
        {"leave", IR_LOOP, 2, 2},       {"vectors", IR_LOAD, 2, 2},
        {"vectors", IR_STORE, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct built built = build(rows[i].name, NULL, 0);
        unsigned n = count_of(&built, rows[i].op);
        if (n < rows[i].least || n > rows[i].most)
            fail_msg("%s: %u of %s, not %u to %u", rows[i].name, n, ir_op_infos[rows[i].op].name,
                     rows[i].least, rows[i].most);
        finish(&built);
    }
}

static void test_table(void **state)
{
    (void)state;
    struct built built = build("table", NULL, 0);
    const struct ir_local *local = built.m->locals;
    assert_non_null(local);
    assert_true(local->constant);
    assert_int_equal(local->length, 8);
    assert_int_equal(local->init[7], 19);
    finish(&built);
}

static void test_specialisation(void **state)
{
    static const struct spec specs[] = {{0, 32}, {1, 100}, {2, 1}};
    (void)state;
    struct built built = build("sizes", specs, 3);
    assert_int_equal(built.m->local_size[0], 32);
    assert_int_equal(built.m->shared_B, 100 * 4 * 4);
    assert_int_equal(count_of(&built, IR_FMUL), 1);
    assert_int_equal(count_of(&built, IR_IF), 0);
    assert_int_equal(count_of(&built, IR_BARRIER), 1);
    finish(&built);
}

/* ---- Untrusted words: an error with a message, or a module that verifies ---- */

static void check_any(const uint32_t *words, uint32_t count)
{
    struct built built = build_words(words, count, NULL, 0);
    if (built.m->error) {
        assert_true(built.m->message[0]);
        assert_null(strstr(built.m->message, "internal"));
    }
    finish(&built);
}

static void test_truncated(void **state)
{
    (void)state;
    uint32_t count;
    uint32_t *words = read_words("leave", &count);
    for (uint32_t n = 0; n < count; n += 3)
        check_any(words, n);
    free(words);
}

static void test_each_word_changed(void **state)
{
    static const char *const names[] = {"leave", "table", "vectors"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint32_t count;
        uint32_t *words = read_words(names[i], &count);
        for (uint32_t at = 0; at < count; at++) {
            uint32_t old = words[at];
            const uint32_t tries[] = {0, UINT32_MAX, old + 1, old ^ 0x10000u, words[at / 2]};
            for (size_t t = 0; t < sizeof(tries) / sizeof(tries[0]); t++) {
                words[at] = tries[t];
                check_any(words, count);
            }
            words[at] = old;
        }
        free(words);
    }
}

static void test_swapped_bytes(void **state)
{
    (void)state;
    uint32_t count;
    uint32_t *words = read_words("guard", &count);
    for (uint32_t i = 0; i < count; i++)
        words[i] = __builtin_bswap32(words[i]);
    struct built built = build_words(words, count, NULL, 0);
    assert_int_equal(built.m->error, 0);
    finish(&built);
    free(words);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),         cmocka_unit_test(test_table),
        cmocka_unit_test(test_specialisation), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_each_word_changed), cmocka_unit_test(test_swapped_bytes),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
