/* SPDX-License-Identifier: MIT
 *
 * The shape analysis: what is expected for the built-in inputs, for arithmetic on them and in
 * loops.
 */
#include "ir_builder.h"

#include <string.h>

/* ---- Tables ---- */

enum kind { VARYING, OFFSETS, UNIFORM };

static void test_inputs(void **state)
{
    static const struct {
        uint32_t size[3], width;
        struct {
            enum kind kind;
            enum ir_scope scope;
        } x, y, index;
    } rows[] = {
#define SG IR_SCOPE_SUBGROUP
#define WG IR_SCOPE_WORKGROUP
        /* size         width  x              y              index */
        {{256, 1, 1}, 1, {UNIFORM, SG}, {UNIFORM, WG}, {UNIFORM, SG}},
        {{256, 1, 1}, 4, {OFFSETS, SG}, {UNIFORM, WG}, {OFFSETS, SG}},
        {{256, 1, 1}, 8, {OFFSETS, SG}, {UNIFORM, WG}, {OFFSETS, SG}},
        {{256, 1, 1}, 32, {OFFSETS, SG}, {UNIFORM, WG}, {OFFSETS, SG}},
        {{16, 16, 1}, 1, {UNIFORM, SG}, {UNIFORM, SG}, {UNIFORM, SG}},
        {{16, 16, 1}, 8, {OFFSETS, SG}, {UNIFORM, SG}, {OFFSETS, SG}},
        {{16, 16, 1}, 16, {OFFSETS, WG}, {UNIFORM, SG}, {OFFSETS, SG}},
        {{16, 16, 1}, 32, {OFFSETS, WG}, {OFFSETS, SG}, {OFFSETS, SG}},
        {{8, 8, 1}, 4, {OFFSETS, SG}, {UNIFORM, SG}, {OFFSETS, SG}},
        {{8, 8, 1}, 8, {OFFSETS, WG}, {UNIFORM, SG}, {OFFSETS, SG}},
        {{8, 8, 1}, 16, {OFFSETS, WG}, {OFFSETS, SG}, {OFFSETS, SG}},
        {{8, 8, 1}, 32, {OFFSETS, WG}, {OFFSETS, SG}, {OFFSETS, SG}},
        {{33, 1, 1}, 8, {OFFSETS, SG}, {UNIFORM, WG}, {OFFSETS, SG}},
        {{33, 2, 1}, 8, {VARYING, SG}, {VARYING, SG}, {OFFSETS, SG}},
        {{1, 1, 1}, 1, {UNIFORM, WG}, {UNIFORM, WG}, {UNIFORM, WG}},
        {{1, 1, 1}, 8, {UNIFORM, WG}, {UNIFORM, WG}, {UNIFORM, WG}},
        {{8, 1, 1}, 8, {OFFSETS, WG}, {UNIFORM, WG}, {OFFSETS, WG}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct build b = build_start();
        struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
        struct ir_inst *y = emit_imm(&b, IR_LOCAL_ID, IR_I32, 1);
        struct ir_inst *index = emit(&b, IR_LOCAL_INDEX, IR_I32, 0);
        memcpy(b.m->local_size, rows[i].size, sizeof(rows[i].size));
        b.m->width = rows[i].width;
        ir_shape(b.m);
        if (x->shape.kind != rows[i].x.kind || x->shape.scope != rows[i].x.scope)
            fail_msg("row %zu: x is %u %u", i, x->shape.kind, x->shape.scope);
        if (y->shape.kind != rows[i].y.kind || y->shape.scope != rows[i].y.scope)
            fail_msg("row %zu: y is %u %u", i, y->shape.kind, y->shape.scope);
        if (index->shape.kind != rows[i].index.kind || index->shape.scope != rows[i].index.scope)
            fail_msg("row %zu: index is %u %u", i, index->shape.kind, index->shape.scope);
        assert_int_equal(x->shape.hi, rows[i].size[0] - 1);
        build_end(&b);
    }
}

static void test_arithmetic(void **state)
{
    struct build b = build_start();
    b.m->local_size[0] = 256;
    b.m->width = 8;
    struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *group = emit_imm(&b, IR_GROUP_ID, IR_I32, 0);
    struct ir_inst *global = emit(&b, IR_ADD, IR_I32, 2, x,
                                  emit(&b, IR_MUL, IR_I32, 2, group, constant(&b, IR_I32, 256)));
    struct ir_inst *bytes = emit(&b, IR_SHL, IR_I32, 2, global, constant(&b, IR_I32, 2));
    struct ir_inst *wide = emit(&b, IR_ZEXT, IR_I64, 1, bytes);
    struct ir_inst *low = emit(&b, IR_AND, IR_I32, 2, global, constant(&b, IR_I32, 7));
    struct ir_inst *high = emit(&b, IR_LSHR, IR_I32, 2, global, constant(&b, IR_I32, 3));
    struct ir_inst *pair = emit(&b, IR_XOR, IR_I32, 2, x, constant(&b, IR_I32, 1));
    struct ir_inst *square = emit(&b, IR_MUL, IR_I32, 2, x, x);
    struct ir_inst *small = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 64));
    struct ir_inst *ragged = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 65));
    struct ir_inst *always = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 256));
    struct ir_inst *below = emit(&b, IR_ADD, IR_I32, 2, x, constant(&b, IR_I32, 0xffffffff));
    struct ir_inst *below_wide = emit(&b, IR_ZEXT, IR_I64, 1, below);
    ir_verify(b.m);
    assert_string_equal(b.m->message, "");
    ir_shape(b.m);
    assert_int_equal(bytes->shape.kind, OFFSETS);
    assert_int_equal(bytes->shape.offsets[7], 28);
    assert_int_equal(bytes->shape.align_log2, 5);
    assert_int_equal(wide->shape.kind, OFFSETS);
    assert_int_equal(low->shape.kind, OFFSETS);
    assert_int_equal(low->shape.hi, 7);
    assert_int_equal(high->shape.kind, UNIFORM);
    assert_int_equal(pair->shape.kind, OFFSETS);
    assert_int_equal(pair->shape.offsets[1], -1);
    assert_int_equal(square->shape.kind, VARYING);
    assert_int_equal(square->shape.hi, 255 * 255);
    assert_int_equal(small->shape.kind, UNIFORM);
    assert_int_equal(ragged->shape.kind, VARYING);
    assert_int_equal(always->op, IR_CONST);
    assert_int_equal(below->shape.kind, OFFSETS);
    assert_int_equal(below_wide->shape.kind, VARYING); /* lane 0 wraps around */
    build_end(&b);
}

static void test_memory(void **state)
{
    struct build b = build_start();
    b.m->local_size[0] = 64;
    b.m->width = 8;
    struct ir_inst *handle = buffer(&b, 0), *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *zero = constant(&b, IR_I32, 0);
    struct ir_inst *plain = load(&b, IR_I32, 1, handle, zero);
    struct ir_inst *readonly = load(&b, IR_I32, 1, handle, zero);
    readonly->mem.flags = IR_MEM_READONLY;
    struct ir_inst *lanes = load(&b, IR_I32, 1, handle, x);
    struct ir_inst *any = emit(&b, IR_SG_ANY, IR_BOOL, 1,
                               emit(&b, IR_EQ, IR_BOOL, 2, lanes, zero));
    ir_shape(b.m);
    assert_int_equal(plain->shape.kind, UNIFORM);
    assert_int_equal(plain->shape.scope, IR_SCOPE_SUBGROUP);
    assert_int_equal(readonly->shape.scope, IR_SCOPE_WORKGROUP);
    assert_int_equal(lanes->shape.kind, VARYING);
    assert_int_equal(any->shape.kind, UNIFORM);
    build_end(&b);
}

/* for (i = 0; i < n; i++), tested at the end: i stays uniform, and below n. */
static void test_counted_loop(void **state)
{
    struct build b = build_start();
    b.m->local_size[0] = 64;
    b.m->width = 8;
    struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *loop = begin_loop(&b, 1, constant(&b, IR_I32, 0));
    struct ir_inst *i = param(&b, IR_I32, 0);
    struct ir_inst *sum = emit(&b, IR_ADD, IR_I32, 2, i, x);
    struct ir_inst *next = emit(&b, IR_ADD, IR_I32, 2, i, constant(&b, IR_I32, 1));
    struct ir_inst *more = emit(&b, IR_SLT, IR_BOOL, 2, next, constant(&b, IR_I32, 100));
    yield(&b, 2, more, next);
    end_control(&b, loop);
    struct ir_inst *end = result(&b, loop, IR_I32, 0);
    ir_shape(b.m);
    assert_int_equal(i->shape.kind, UNIFORM);
    assert_int_equal(i->shape.scope, IR_SCOPE_WORKGROUP);
    assert_int_equal(i->shape.lo, 0);
    assert_int_equal(i->shape.hi, 99);
    assert_int_equal(sum->shape.kind, OFFSETS);
    assert_int_equal(sum->shape.hi, 99 + 63);
    assert_int_equal(end->shape.kind, UNIFORM);
    assert_int_equal(end->shape.hi, 100);
    build_end(&b);
}

/* Lanes leave at different times: uniform inside, not afterwards. */
static void test_divergent_loop(void **state)
{
    struct build b = build_start();
    b.m->local_size[0] = 64;
    b.m->width = 8;
    struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *loop = begin_loop(&b, 1, constant(&b, IR_I32, 0));
    struct ir_inst *i = param(&b, IR_I32, 0);
    struct ir_inst *next = emit(&b, IR_ADD, IR_I32, 2, i, constant(&b, IR_I32, 1));
    yield(&b, 2, emit(&b, IR_ULT, IR_BOOL, 2, next, x), next);
    end_control(&b, loop);
    struct ir_inst *end = result(&b, loop, IR_I32, 0);
    ir_shape(b.m);
    assert_int_equal(i->shape.kind, UNIFORM);
    assert_int_equal(i->shape.scope, IR_SCOPE_SUBGROUP);
    assert_int_equal(i->shape.hi, 62);
    assert_int_equal(end->shape.kind, VARYING);
    build_end(&b);
}

static void test_width(void **state)
{
    static const struct {
        uint32_t isa, asked, subgroup, size;
        bool uses_subgroup, barrier;
        uint32_t width;
        bool flat;
    } rows[] = {
        {WEFT_ISA_SSE, 0, 0, 64, false, false, 4, false},
        {WEFT_ISA_AVX2, 0, 0, 64, false, false, 8, false},
        {WEFT_ISA_AVX512, 0, 0, 64, false, false, 16, false},
        {WEFT_ISA_AVX2, 0, 0, 5, false, true, 8, false},
        {WEFT_ISA_AVX2, 0, 0, 3, false, true, 4, false},
        {WEFT_ISA_AVX2, 0, 0, 1, false, true, 1, false},
        {WEFT_ISA_AVX2, 0, 0, 3, false, false, 8, true},
        {WEFT_ISA_AVX2, 0, 0, 1, false, false, 8, true},
        {WEFT_ISA_AVX512, 0, 0, 33, false, false, 16, true},
        {WEFT_ISA_AVX2, 1, 0, 1, false, false, 1, false},
        {WEFT_ISA_AVX2, 32, 0, 64, false, false, 32, false},
        {WEFT_ISA_AVX2, 0, 32, 64, true, false, 32, false},
        {WEFT_ISA_AVX2, 0, 0, 64, true, false, 16, false},
        {WEFT_ISA_AVX2, 1, 32, 64, true, false, 32, false},
        {WEFT_ISA_AVX2, 1, 0, 64, true, false, 1, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct build b = build_start();
        struct weft_request request = {.isa = rows[i].isa, .width = rows[i].asked,
                                       .subgroup_size = rows[i].subgroup};
        b.m->request = &request;
        b.m->local_size[0] = rows[i].size;
        b.m->uses_subgroup = rows[i].uses_subgroup;
        if (rows[i].barrier)
            emit(&b, IR_BARRIER, IR_VOID, 0);
        ir_choose_width(b.m);
        if (b.m->width != rows[i].width || b.m->flat != rows[i].flat)
            fail_msg("row %zu: width %u", i, b.m->width);
        build_end(&b);
    }
}

/* Workgroups of 4 share vectors of 8; ids of workgroups of 3 have no pattern, their sum has. */
static void test_flat(void **state)
{
    for (uint32_t size = 3; size <= 4; size++)
        for (unsigned alone = 0; alone < 2; alone++) {
            struct build b = build_start();
            struct weft_request request = {.isa = WEFT_ISA_AVX2};
            b.m->request = &request;
            b.m->local_size[0] = size;
            struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
            struct ir_inst *group = emit_imm(&b, IR_GROUP_ID, IR_I32, 0);
            struct ir_inst *global =
                emit(&b, IR_ADD, IR_I32, 2, x,
                     emit(&b, IR_MUL, IR_I32, 2, group, constant(&b, IR_I32, size)));
            struct ir_inst *out = emit(&b, IR_STORE, IR_VOID, 3, buffer(&b, 0), global,
                                       alone ? group : global);
            out->mem = (struct ir_mem){.space = IR_SPACE_BUFFER, .comps = 1, .stride_B = 4};
            ir_choose_width(b.m);
            assert_int_equal(b.m->flat, size == 4 || !alone);
            ir_shape(b.m);
            if (b.m->flat) { /* the sum may have become another instruction */
                const struct ir_shape *shape = &out->args[1]->shape;
                assert_int_equal(shape->kind, OFFSETS);
                assert_int_equal(shape->offsets[7], 7);
            }
            if (size == 4) {
                assert_int_equal(group->shape.offsets[3], 0);
                assert_int_equal(group->shape.offsets[4], 1);
                assert_int_equal(x->shape.offsets[5], 1);
            }
            build_end(&b);
        }
}

/* Four times the width, but not where it takes two rows of a picture whose distance is not known. */
static void test_widen(void **state)
{
    for (uint32_t rows = 1; rows <= 8; rows += 7) {
        struct build b = build_start();
        b.m->local_size[0] = 64 / rows;
        b.m->local_size[1] = rows;
        b.m->width = 8;
        struct ir_inst *x = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
        struct ir_inst *y = emit_imm(&b, IR_LOCAL_ID, IR_I32, 1);
        struct ir_inst *pitch = load(&b, IR_I32, 1, buffer(&b, 0), constant(&b, IR_I32, 0));
        struct ir_inst *at = emit(&b, IR_ADD, IR_I32, 2, x, emit(&b, IR_MUL, IR_I32, 2, y, pitch));
        struct ir_inst *bytes = emit(&b, IR_SHL, IR_I32, 2, at, constant(&b, IR_I32, 2));
        store(&b, constant(&b, IR_I32, 0), load(&b, IR_I32, 1, buffer(&b, 1), bytes));
        ir_shape(b.m);
        ir_widen(b.m);
        assert_int_equal(b.m->width, rows == 1 ? 32 : 8);
        assert_int_equal(bytes->shape.kind, OFFSETS);
        build_end(&b);
    }
}

static void test_regions(void **state)
{
    struct build b = build_start();
    struct ir_inst *yes = constant(&b, IR_BOOL, 1);
    struct ir_inst *outer = begin_if(&b, yes);
    struct ir_inst *inner = begin_if(&b, yes);
    emit(&b, IR_BARRIER, IR_VOID, 0);
    end_control(&b, inner);
    struct ir_inst *other = begin_if(&b, yes);
    end_control(&b, other);
    end_control(&b, outer);
    ir_regions(b.m);
    assert_true(outer->flags & IR_INST_BARRIER);
    assert_true(inner->flags & IR_INST_BARRIER);
    assert_false(other->flags & IR_INST_BARRIER);
    build_end(&b);
}

/* A loop with `sums` vectors, each sum its own value of a pair of loads. */
static void emit_sums(struct build *b, uint32_t sums)
{
    struct ir_inst *handle = buffer(b, 0), *x = emit_imm(b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *zero = constant(b, IR_I32, 0), *inits[32], *next[32], *params[32];
    for (uint32_t k = 0; k <= sums; k++)
        inits[k] = k ? constant(b, IR_F32, 0) : zero;
    struct ir_inst *loop = ir_append(b->m, b->at, IR_LOOP, IR_VOID, sums + 1, inits);
    loop->regions[0] = ir_region_create(b->m, loop);
    b->at = loop->regions[0];
    for (uint32_t k = 0; k <= sums; k++)
        params[k] = param(b, k ? IR_F32 : IR_I32, k);
    struct ir_inst *first = load(b, IR_F32, 1, handle, emit(b, IR_ADD, IR_I32, 2, params[0], x));
    for (uint32_t k = 1; k <= sums; k++) {
        struct ir_inst *one = load(b, IR_F32, 1, handle, params[0]);
        next[k] = emit(b, IR_FMA, IR_F32, 3, first, one, params[k]);
    }
    next[0] = emit(b, IR_ADD, IR_I32, 2, params[0], constant(b, IR_I32, 4));
    struct ir_region *body = b->at;
    body->yield_count = sums + 2;
    body->yields = arena_array(b->m->arena, struct ir_inst *, sums + 2);
    body->yields[0] = emit(b, IR_ULT, IR_BOOL, 2, next[0], constant(b, IR_I32, 100));
    for (uint32_t k = 0; k <= sums; k++)
        body->yields[1 + k] = next[k];
    end_control(b, loop);
    for (uint32_t k = 0; k <= sums; k++)
        params[k] = result(b, loop, k ? IR_F32 : IR_I32, k);
    for (uint32_t k = 1; k <= sums; k++)
        store(b, x, params[k]);
}

/* Loops with more sums than registers are split, others aren't; every sum stays. */
static void test_split(void **state)
{
    static const struct {
        uint32_t width, sums, loops;
    } rows[] = {{8, 12, 1}, {8, 16, 2}, {8, 24, 2}, {16, 8, 2}, {16, 6, 1}, {1, 16, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct build b = build_start();
        b.m->local_size[0] = 64;
        b.m->shared_B = 4096;
        b.m->width = rows[i].width;
        emit_sums(&b, rows[i].sums);
        ir_verify(b.m);
        assert_string_equal(b.m->message, "");
        ir_shape(b.m);
        ir_split(b.m);
        ir_verify(b.m);
        assert_string_equal(b.m->message, "");
        if (count_ops(&b, IR_LOOP) != rows[i].loops)
            fail_msg("row %zu: %u loops", i, count_ops(&b, IR_LOOP));
        assert_int_equal(count_ops(&b, IR_FMA), rows[i].sums);
        build_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_counted_loop),
        cmocka_unit_test(test_divergent_loop),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_widen),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
