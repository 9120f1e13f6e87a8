/* SPDX-License-Identifier: MIT
 *
 * The IR's construction, and what the verifier refuses.
 */
#include "ir_builder.h"

#include <errno.h>
#include <string.h>

static void test_build(void **state)
{
    struct build b = build_start();
    struct ir_inst *one = constant(&b, IR_I32, 1);
    struct ir_inst *id = emit_imm(&b, IR_LOCAL_ID, IR_I32, 0);
    struct ir_inst *sum = emit(&b, IR_ADD, IR_I32, 2, id, one);
    struct ir_inst *before = ir_insert_before(b.m, sum, IR_MUL, IR_I32, 2,
                                              (struct ir_inst *[]){id, one});
    assert_ptr_equal(id->next, before);
    assert_ptr_equal(before->next, sum);
    assert_ptr_equal(sum->prev, before);
    sum->replaced_by = before;
    struct ir_inst *user = emit(&b, IR_SUB, IR_I32, 2, sum, one);
    assert_ptr_equal(user->args[0], before);
    ir_remove(sum);
    assert_ptr_equal(before->next, user);
    ir_count_uses(b.m);
    assert_int_equal(one->use_count, 2);
    ir_verify(b.m);
    assert_int_equal(b.m->error, 0);
    build_end(&b);
}

static void count_visit(struct ir_inst *inst, void *data)
{
    ++*(unsigned *)data;
}

static void test_walk(void **state)
{
    struct build b = build_start();
    struct ir_inst *yes = constant(&b, IR_BOOL, 1);
    struct ir_inst *outer = begin_if(&b, yes);
    begin_else(&b, outer);
    struct ir_inst *inner = begin_if(&b, yes);
    begin_else(&b, inner);
    struct ir_inst *deep = constant(&b, IR_I32, 3);
    end_control(&b, inner);
    end_control(&b, outer);
    struct ir_inst *last = constant(&b, IR_I32, 4);
    assert_ptr_equal(ir_next(yes), outer);
    assert_ptr_equal(ir_next(outer), inner);
    assert_ptr_equal(ir_next(inner), deep);
    assert_ptr_equal(ir_next(deep), last);
    assert_null(ir_next(last));
    unsigned count = 0;
    ir_walk(outer->regions[1], count_visit, &count);
    assert_int_equal(count, 2);
    ir_number(b.m);
    assert_int_equal(last->id, 4);
    build_end(&b);
}

/* ---- Modules with one mistake each ---- */

static void wrong_type(struct build *b)
{
    emit(b, IR_ADD, IR_I32, 2, constant(b, IR_I32, 1), constant(b, IR_I64, 1));
}

static void wrong_result(struct build *b)
{
    emit(b, IR_EQ, IR_I32, 2, constant(b, IR_I32, 1), constant(b, IR_I32, 1));
}

static void float_add(struct build *b)
{
    emit(b, IR_ADD, IR_F32, 2, constant(b, IR_F32, 1), constant(b, IR_F32, 1));
}

static void mixed_comparison(struct build *b)
{
    emit(b, IR_ULT, IR_BOOL, 2, constant(b, IR_I32, 1), constant(b, IR_I16, 1));
}

static void missing_argument(struct build *b)
{
    emit(b, IR_MUL, IR_I32, 1, constant(b, IR_I32, 1));
}

static void wide_constant(struct build *b)
{
    constant(b, IR_I8, 256);
}

static void trunc_wider(struct build *b)
{
    emit(b, IR_TRUNC, IR_I64, 1, constant(b, IR_I32, 1));
}

static void use_before(struct build *b)
{
    struct ir_inst *one = constant(b, IR_I32, 1);
    struct ir_inst *sum = emit(b, IR_ADD, IR_I32, 2, one, one);
    struct ir_inst *late = constant(b, IR_I32, 2);
    sum->args[1] = late;
}

static void out_of_region(struct build *b)
{
    struct ir_inst *inst = begin_if(b, constant(b, IR_BOOL, 1));
    struct ir_inst *inner = constant(b, IR_I32, 1);
    end_control(b, inst);
    emit(b, IR_NOT, IR_I32, 1, inner);
}

static void other_arm(struct build *b)
{
    struct ir_inst *inst = begin_if(b, constant(b, IR_BOOL, 1));
    struct ir_inst *inner = constant(b, IR_I32, 1);
    begin_else(b, inst);
    emit(b, IR_NOT, IR_I32, 1, inner);
}

static void uneven_yields(struct build *b)
{
    struct ir_inst *one = constant(b, IR_I32, 1);
    struct ir_inst *inst = begin_if(b, constant(b, IR_BOOL, 1));
    yield(b, 1, one);
    end_control(b, inst);
    result(b, inst, IR_I32, 0);
}

static void missing_result(struct build *b)
{
    struct ir_inst *one = constant(b, IR_I32, 1);
    struct ir_inst *inst = begin_if(b, constant(b, IR_BOOL, 1));
    yield(b, 1, one);
    begin_else(b, inst);
    yield(b, 1, one);
    end_control(b, inst);
    constant(b, IR_I32, 2);
}

static void result_elsewhere(struct build *b)
{
    struct ir_inst *one = constant(b, IR_I32, 1);
    struct ir_inst *inst = begin_if(b, constant(b, IR_BOOL, 1));
    yield(b, 1, one);
    begin_else(b, inst);
    yield(b, 1, one);
    end_control(b, inst);
    result(b, inst, IR_I32, 0);
    constant(b, IR_I32, 2);
    result(b, inst, IR_I32, 0);
}

static void loop_without_condition(struct build *b)
{
    struct ir_inst *loop = begin_loop(b, 0, NULL);
    end_control(b, loop);
}

static void loop_param_type(struct build *b)
{
    struct ir_inst *loop = begin_loop(b, 1, constant(b, IR_I32, 0));
    struct ir_inst *p = param(b, IR_I64, 0);
    yield(b, 2, constant(b, IR_BOOL, 0), p);
    end_control(b, loop);
    result(b, loop, IR_I64, 0);
}

static void param_outside(struct build *b)
{
    param(b, IR_I32, 0);
}

static void bad_component(struct build *b)
{
    struct ir_inst *vec = load(b, IR_F32, 2, buffer(b, 0), constant(b, IR_I32, 0));
    emit(b, IR_COMP, IR_F32, 1, vec)->imm = 2;
}

static void vector_as_value(struct build *b)
{
    struct ir_inst *vec = load(b, IR_F32, 2, buffer(b, 0), constant(b, IR_I32, 0));
    emit(b, IR_FNEG, IR_F32, 1, vec);
}

static void too_many_components(struct build *b)
{
    load(b, IR_F32, 17, buffer(b, 0), constant(b, IR_I32, 0));
}

static void bad_binding(struct build *b)
{
    buffer(b, 7);
}

static void foreign_local(struct build *b)
{
    static struct ir_local local = {.type = IR_I32, .length = 4};
    emit(b, IR_LOCAL_LOAD, IR_I32, 1, constant(b, IR_I32, 0))->local = &local;
}

static void float_reduction_of_int(struct build *b)
{
    emit(b, IR_SG_REDUCE, IR_I32, 1, constant(b, IR_I32, 0))->imm = IR_REDUCE_FADD;
}

static void atomic_of_bool(struct build *b)
{
    struct ir_inst *inst = emit(b, IR_ATOMIC, IR_BOOL, 2, constant(b, IR_I32, 0),
                                constant(b, IR_BOOL, 0));
    inst->mem = (struct ir_mem){.space = IR_SPACE_SHARED, .comps = 1, .align_B = 4};
}

static void deep_nesting(struct build *b)
{
    struct ir_inst *yes = constant(b, IR_BOOL, 1);
    for (int i = 0; i < IR_MAX_DEPTH + 1; i++)
        begin_if(b, yes);
}

static void huge_workgroup(struct build *b)
{
    b->m->local_size[0] = b->m->local_size[1] = b->m->local_size[2] = 1024;
}

static void test_refuses(void **state)
{
    static const struct {
        void (*build)(struct build *b);
        const char *message; /* a part of it */
    } rows[] = {
        {wrong_type, "wrong type"},
        {wrong_result, "result type"},
        {float_add, "result type"},
        {mixed_comparison, "wrong type"},
        {missing_argument, "number of arguments"},
        {wide_constant, "above its type"},
        {trunc_wider, "wrong way"},
        {use_before, "out of scope"},
        {out_of_region, "out of scope"},
        {other_arm, "out of scope"},
        {uneven_yields, "different numbers"},
        {missing_result, "lacks a result"},
        {result_elsewhere, "in order"},
        {loop_without_condition, "yields"},
        {loop_param_type, "parameter"},
        {param_outside, "parameter"},
        {bad_component, "component"},
        {vector_as_value, "several components"},
        {too_many_components, "impossible number"},
        {bad_binding, "binding"},
        {foreign_local, "array"},
        {float_reduction_of_int, "reduction"},
        {atomic_of_bool, "result type"},
        {deep_nesting, "nested"},
        {huge_workgroup, "invocations"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct build b = build_start();
        rows[i].build(&b);
        ir_verify(b.m);
        if (b.m->error == 0 || !strstr(b.m->message, rows[i].message))
            fail_msg("row %zu: error %d \"%s\", not \"%s\"", i, b.m->error, b.m->message,
                     rows[i].message);
        build_end(&b);
    }
}

static void test_arena_limit(void **state)
{
    struct arena *arena = arena_create(1000);
    volatile unsigned given = 0;
    if (setjmp(*arena_recovery(arena)) == 0) {
        for (;;) {
            unsigned char *bytes = arena_alloc(arena, 100);
            for (int i = 0; i < 100; i++)
                assert_int_equal(bytes[i], 0);
            memset(bytes, 255, 100);
            given = given + 1;
        }
    }
    assert_in_range(given, 8, 10);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_arena_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
