/* SPDX-License-Identifier: MIT
 *
 * Constant folding and simplification.
 */
#include "ir_builder.h"

#include <math.h>
#include <string.h>

#include "fold.h"

static uint64_t f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static void test_fold(void **state)
{
    static const struct {
        enum ir_op op;
        enum ir_type type, from;
        uint64_t args[3];
        uint64_t result;
    } rows[] = {
        {IR_ADD, IR_I8, IR_I8, {200, 100}, 44},
        {IR_SUB, IR_I32, IR_I32, {0, 1}, 0xffffffff},
        {IR_UMULH, IR_I64, IR_I64, {UINT64_MAX, UINT64_MAX}, UINT64_MAX - 1},
        {IR_SMULH, IR_I32, IR_I32, {0xffffffff, 0x7fffffff}, 0xffffffff},
        {IR_SDIV, IR_I16, IR_I16, {0xfff9, 2}, 0xfffd},
        {IR_SREM, IR_I16, IR_I16, {0xfff9, 2}, 0xffff},
        {IR_ASHR, IR_I8, IR_I8, {0x80, 3}, 0xf0},
        {IR_SMIN, IR_I8, IR_I8, {0x80, 1}, 0x80},
        {IR_UMIN, IR_I8, IR_I8, {0x80, 1}, 1},
        {IR_SADD_SAT, IR_I8, IR_I8, {100, 100}, 127},
        {IR_UADD_SAT, IR_I64, IR_I64, {UINT64_MAX, 1}, UINT64_MAX},
        {IR_BITREVERSE, IR_I16, IR_I16, {1}, 0x8000},
        {IR_CLZ, IR_I16, IR_I16, {1}, 15},
        {IR_CLZ, IR_I32, IR_I32, {0}, 32},
        {IR_CTZ, IR_I8, IR_I8, {0}, 8},
        {IR_NOT, IR_BOOL, IR_BOOL, {1}, 0},
        {IR_SDOT4, IR_I32, IR_I32, {0xff01, 0x0203, 10}, 11},
        {IR_UDOT4, IR_I32, IR_I32, {0xff01, 0x0203, 0}, 0xff * 2 + 3},
        {IR_SUDOT4, IR_I32, IR_I32, {0xff, 0xff, 0}, 0xffffff01},
        {IR_SLT, IR_BOOL, IR_I8, {0xff, 0}, 1},
        {IR_ULT, IR_BOOL, IR_I8, {0xff, 0}, 0},
        {IR_FOLT, IR_BOOL, IR_F32, {0x7fc00000, 0}, 0},
        {IR_FULT, IR_BOOL, IR_F32, {0x7fc00000, 0}, 1},
        {IR_FUNE, IR_BOOL, IR_F32, {0x7fc00000, 0x7fc00000}, 1},
        {IR_SEXT, IR_I64, IR_I8, {0x80}, 0xffffffffffffff80},
        {IR_ZEXT, IR_I64, IR_I8, {0x80}, 0x80},
        {IR_TRUNC, IR_I8, IR_I32, {0x1234}, 0x34},
        {IR_F2S, IR_I32, IR_F32, {0x4f000000}, 0x7fffffff}, /* 2^31 */
        {IR_F2S, IR_I32, IR_F32, {0xff800000}, 0x80000000}, /* -inf */
        {IR_F2U, IR_I32, IR_F32, {0xbf800000}, 0},          /* -1 */
        {IR_F2U, IR_I64, IR_F32, {0x7f800000}, UINT64_MAX},
        {IR_S2F, IR_F32, IR_I8, {0xff}, 0xbf800000},
        {IR_U2F, IR_F32, IR_I32, {16777217}, 0x4b800000},
        {IR_FEXT, IR_F32, IR_F16, {0x3c00}, 0x3f800000},
        {IR_FEXT, IR_F32, IR_F16, {0x0001}, 0x33800000},
        {IR_FTRUNC_TO, IR_F16, IR_F32, {0x3f800000}, 0x3c00},
        {IR_FTRUNC_TO, IR_F16, IR_F32, {0x477fefff}, 0x7bff}, /* just below the tie at 65520 */
        {IR_FTRUNC_TO, IR_F16, IR_F32, {0x477ff000}, 0x7c00}, /* 65520 */
        {IR_FTRUNC_TO, IR_F16, IR_F32, {0x33000000}, 0},      /* 2^-25: tie to even */
        {IR_FTRUNC_TO, IR_F16, IR_F32, {0x33000001}, 1},
        {IR_FADD, IR_F16, IR_F16, {0x3c00, 0x1400}, 0x3c01}, /* 1 + 2^-10 */
        {IR_FADD, IR_F16, IR_F16, {0x3c00, 0x1000}, 0x3c00}, /* 1 + 2^-11: tie */
        {IR_FRINT, IR_F32, IR_F32, {0x40200000}, 0x40000000}, /* 2.5 */
        {IR_FMIN, IR_F32, IR_F32, {0x7fc00000, 0x3f800000}, 0x3f800000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t bits = ~UINT64_C(0);
        bool known = fold_op(rows[i].op, rows[i].type, rows[i].from, 0, rows[i].args, &bits);
        if (!known || bits != rows[i].result)
            fail_msg("row %zu (%s): %d 0x%llx, not 0x%llx", i, ir_op_infos[rows[i].op].name, known,
                     (unsigned long long)bits, (unsigned long long)rows[i].result);
    }
    uint64_t bits, args[] = {1, 0};
    assert_false(fold_op(IR_UDIV, IR_I32, IR_I32, 0, args, &bits));
    args[0] = f32(1.1f);
    assert_true(fold_op(IR_FTRUNC_TO, IR_F16, IR_F32, 1, args, &bits)); /* towards zero */
    assert_int_equal(bits, 0x3c66);
}

/* Every half, there and back. */
static void test_half(void **state)
{
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        double value = fold_to_double(IR_F16, bits);
        if (isnan(value))
            continue;
        assert_int_equal(fold_from_double(IR_F16, value, false), bits);
        assert_int_equal(fold_from_double(IR_F16, value, true), bits);
    }
}

static struct ir_inst *input(struct build *b)
{
    return emit_imm(b, IR_GROUP_ID, IR_I32, 0);
}

static void simplify(struct build *b)
{
    ir_verify(b->m);
    assert_string_equal(b->m->message, "");
    ir_simplify(b->m);
    ir_verify(b->m);
    assert_string_equal(b->m->message, "");
}

static void test_identities(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b), *zero = constant(&b, IR_I32, 0);
    struct ir_inst *sum = emit(&b, IR_ADD, IR_I32, 2, zero, x);
    struct ir_inst *more = emit(&b, IR_ADD, IR_I32, 2,
                                emit(&b, IR_ADD, IR_I32, 2, sum, constant(&b, IR_I32, 5)),
                                constant(&b, IR_I32, 7));
    struct ir_inst *at_x =
        store(&b, x, emit(&b, IR_SUB, IR_I32, 2, more, constant(&b, IR_I32, 12)));
    struct ir_inst *at_12 =
        store(&b, more, emit(&b, IR_UDIV, IR_I32, 2, x, constant(&b, IR_I32, 8)));
    struct ir_inst *flag = emit(&b, IR_NOT, IR_BOOL, 1,
                                emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 9)));
    struct ir_inst *chosen = store(&b, x, emit(&b, IR_SELECT, IR_I32, 3, flag, zero, x));
    simplify(&b);
    assert_ptr_equal(at_x->args[1], x);
    assert_int_equal(at_12->mem.const_B, 12); /* the constant part of the address */
    assert_ptr_equal(at_12->args[0], x);
    assert_int_equal(at_12->args[1]->op, IR_LSHR);
    assert_int_equal(chosen->args[1]->args[0]->op, IR_ULE);
    assert_int_equal(count_ops(&b, IR_ADD), 0);
    build_end(&b);
}

/* (c * x) * x for x and for -x is one value. */
static void test_negated_product(void **state)
{
    struct build b = build_start();
    struct ir_inst *at = input(&b), *x = load(&b, IR_F32, 1, buffer(&b, 0), at);
    struct ir_inst *half = constant(&b, IR_F32, f32(0.5f)), *square[2];
    for (unsigned k = 0; k < 2; k++) {
        struct ir_inst *v = k ? emit(&b, IR_FNEG, IR_F32, 1, x) : x;
        square[k] = store(&b, at, emit(&b, IR_FMUL, IR_F32, 2,
                                       emit(&b, IR_FMUL, IR_F32, 2, half, v), v));
    }
    simplify(&b);
    assert_ptr_equal(square[0]->args[1], square[1]->args[1]);
    assert_int_equal(count_ops(&b, IR_FNEG), 0);
    assert_int_equal(count_ops(&b, IR_FMUL), 2);
    build_end(&b);
}

static void test_merges_and_drops(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *first = load(&b, IR_I32, 1, buffer(&b, 0), x);
    struct ir_inst *again = load(&b, IR_I32, 1, buffer(&b, 0), x);
    load(&b, IR_I32, 1, buffer(&b, 1), x); /* unused */
    struct ir_inst *use = store(&b, x, emit(&b, IR_ADD, IR_I32, 2, first, again));
    struct ir_inst *third = load(&b, IR_I32, 1, buffer(&b, 0), x); /* shared memory was written */
    emit(&b, IR_FENCE, IR_VOID, 0);
    struct ir_inst *fourth = load(&b, IR_I32, 1, buffer(&b, 0), x);
    store(&b, x, emit(&b, IR_ADD, IR_I32, 2, third, fourth));
    simplify(&b);
    assert_ptr_equal(use->args[1]->args[0], use->args[1]->args[1]);
    assert_int_equal(count_ops(&b, IR_LOAD), 2);
    assert_int_equal(count_ops(&b, IR_BUFFER), 1);
    build_end(&b);
}

static void test_forwards_stores(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b), *y = emit_imm(&b, IR_GROUP_ID, IR_I32, 1);
    store(&b, x, y);
    struct ir_inst *loaded = emit(&b, IR_LOAD, IR_I32, 1, x);
    loaded->mem = (struct ir_mem){.space = IR_SPACE_SHARED, .comps = 1, .align_B = 1};
    struct ir_inst *user = store(&b, y, loaded);
    struct ir_inst *stale = emit(&b, IR_LOAD, IR_I32, 1, x); /* y may equal x */
    stale->mem = loaded->mem;
    struct ir_inst *later = store(&b, x, stale);
    simplify(&b);
    assert_ptr_equal(user->args[1], y);
    assert_int_equal(later->args[1]->op, IR_LOAD);
    build_end(&b);
}

static void test_if(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b), *yes = constant(&b, IR_BOOL, 1), *no = constant(&b, IR_BOOL, 0);
    struct ir_inst *cond = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 9));
    struct ir_inst *outer = begin_if(&b, cond);
    struct ir_inst *inner = begin_if(&b, cond); /* known here */
    store(&b, x, x);
    begin_else(&b, inner);
    emit(&b, IR_BARRIER, IR_VOID, 0);
    end_control(&b, inner);
    yield(&b, 3, yes, x, x);
    begin_else(&b, outer);
    yield(&b, 3, no, x, constant(&b, IR_I32, 1));
    end_control(&b, outer);
    struct ir_inst *r0 = result(&b, outer, IR_BOOL, 0);
    struct ir_inst *r1 = result(&b, outer, IR_I32, 1);
    struct ir_inst *r2 = result(&b, outer, IR_I32, 2);
    struct ir_inst *s0 = store(&b, x, r0), *s1 = store(&b, x, r1), *s2 = store(&b, x, r2);
    simplify(&b);
    assert_ptr_equal(s0->args[1], cond);
    assert_ptr_equal(s1->args[1], x);
    assert_ptr_equal(s2->args[1], r2);
    assert_int_equal(count_ops(&b, IR_IF), 1);
    assert_int_equal(count_ops(&b, IR_BARRIER), 0);
    assert_int_equal(outer->regions[0]->yield_count, 1);
    build_end(&b);
}

static void test_flattens(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *cond = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 9));
    struct ir_inst *inst = begin_if(&b, cond);
    yield(&b, 1, emit(&b, IR_MUL, IR_I32, 2, x, x));
    begin_else(&b, inst);
    yield(&b, 1, constant(&b, IR_I32, 1));
    end_control(&b, inst);
    store(&b, x, result(&b, inst, IR_I32, 0));
    simplify(&b);
    assert_int_equal(count_ops(&b, IR_IF), 0);
    assert_int_equal(count_ops(&b, IR_SELECT), 1);
    build_end(&b);
}

/* Two IFs on a condition become one, unless what lies between is needed behind them or arms would change places. */
static void pair(bool used_later, bool swaps, unsigned ifs)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b), *one = constant(&b, IR_I32, 1);
    struct ir_inst *cond = emit(&b, IR_ULT, IR_BOOL, 2, x, constant(&b, IR_I32, 9));
    struct ir_inst *first = begin_if(&b, cond);
    store(&b, x, one);
    yield(&b, 1, emit(&b, IR_MUL, IR_I32, 2, x, x));
    begin_else(&b, first);
    if (swaps)
        store(&b, constant(&b, IR_I32, 4), one);
    yield(&b, 1, one);
    end_control(&b, first);
    struct ir_inst *between = emit(&b, IR_MUL, IR_I32, 2, result(&b, first, IR_I32, 0), x);
    struct ir_inst *apart = emit(&b, IR_UDIV, IR_I32, 2, one, x);
    struct ir_inst *second = begin_if(&b, cond);
    if (swaps)
        store(&b, constant(&b, IR_I32, 8), between);
    yield(&b, 1, between);
    begin_else(&b, second);
    store(&b, x, x);
    yield(&b, 1, apart);
    end_control(&b, second);
    struct ir_inst *last = store(&b, x, result(&b, second, IR_I32, 0));
    store(&b, apart, used_later ? between : apart);
    simplify(&b);
    assert_int_equal(count_ops(&b, IR_IF), ifs);
    assert_ptr_equal(last->args[1]->args[0], ifs == 1 ? first : second);
    build_end(&b);
}

static void test_pairs(void **state)
{
    pair(false, false, 1);
    pair(true, false, 2);
    pair(false, true, 2);
}

/* A byte of a texel, from 0 to 1, times `by` and moved: limited to 0..1 where it can be outside. */
static void limits(float by, float moved, unsigned minima, unsigned maxima)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *byte = emit(&b, IR_AND, IR_I32, 2, x, constant(&b, IR_I32, 255));
    struct ir_inst *v = emit(&b, IR_FMUL, IR_F32, 2, emit(&b, IR_S2F, IR_F32, 1, byte),
                             constant(&b, IR_F32, f32(1 / 255.0f)));
    v->flags |= IR_INST_NORMALIZED;
    v = emit(&b, IR_FMUL, IR_F32, 2, v, constant(&b, IR_F32, f32(by)));
    v = emit(&b, IR_FADD, IR_F32, 2, v, constant(&b, IR_F32, f32(moved)));
    v = emit(&b, IR_FMAX, IR_F32, 2, v, constant(&b, IR_F32, 0));
    store(&b, x, emit(&b, IR_FMIN, IR_F32, 2, v, constant(&b, IR_F32, f32(1))));
    simplify(&b);
    assert_int_equal(count_ops(&b, IR_FMIN), minima);
    assert_int_equal(count_ops(&b, IR_FMAX), maxima);
    build_end(&b);
}

static void test_limits(void **state)
{
    limits(0.75f, 0.125f, 0, 0);
    limits(0.75f, 0.25f, 0, 0);
    limits(0.75f, 0.25001f, 1, 0);
    limits(-0.5f, 0.5f, 0, 0);
    limits(-0.5f, 0.49f, 0, 1);
    limits(2, -0.5f, 1, 1);
    limits(1, INFINITY, 1, 1);
    limits(1, NAN, 1, 1);
}

static void test_loop(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *init[] = {constant(&b, IR_I32, 0), x, x};
    struct ir_inst *loop = ir_append(b.m, b.at, IR_LOOP, IR_VOID, 3, init);
    loop->regions[0] = ir_region_create(b.m, loop);
    b.at = loop->regions[0];
    struct ir_inst *i = param(&b, IR_I32, 0), *same = param(&b, IR_I32, 1);
    struct ir_inst *dead = param(&b, IR_I32, 2);
    struct ir_inst *body_store = store(&b, i, same);
    struct ir_inst *next = emit(&b, IR_ADD, IR_I32, 2, i, constant(&b, IR_I32, 1));
    struct ir_inst *dead_next = emit(&b, IR_MUL, IR_I32, 2, dead, next);
    yield(&b, 4, emit(&b, IR_ULT, IR_BOOL, 2, next, x), next, same, dead_next);
    end_control(&b, loop);
    result(&b, loop, IR_I32, 0);
    struct ir_inst *r1 = result(&b, loop, IR_I32, 1);
    result(&b, loop, IR_I32, 2);
    struct ir_inst *after = store(&b, x, r1);
    simplify(&b);
    assert_ptr_equal(body_store->args[1], x);
    assert_ptr_equal(after->args[1], x);
    assert_int_equal(loop->arg_count, 1);
    assert_int_equal(count_ops(&b, IR_MUL), 0);
    build_end(&b);
}

static void test_loop_once(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *loop = begin_loop(&b, 1, x);
    struct ir_inst *p = param(&b, IR_I32, 0);
    yield(&b, 2, constant(&b, IR_BOOL, 0), emit(&b, IR_MUL, IR_I32, 2, p, p));
    end_control(&b, loop);
    store(&b, x, result(&b, loop, IR_I32, 0));
    simplify(&b);
    assert_int_equal(count_ops(&b, IR_LOOP), 0);
    assert_int_equal(count_ops(&b, IR_MUL), 1);
    build_end(&b);
}

static void test_hoist(void **state)
{
    struct build b = build_start();
    struct ir_inst *x = input(&b);
    struct ir_inst *loop = begin_loop(&b, 1, x);
    struct ir_inst *p = param(&b, IR_I32, 0);
    struct ir_inst *square = emit(&b, IR_MUL, IR_I32, 2, x, x);
    struct ir_inst *next = emit(&b, IR_ADD, IR_I32, 2, p, square);
    yield(&b, 2, emit(&b, IR_ULT, IR_BOOL, 2, next, constant(&b, IR_I32, 99)), next);
    end_control(&b, loop);
    store(&b, x, result(&b, loop, IR_I32, 0));
    ir_hoist(b.m);
    ir_verify(b.m);
    assert_string_equal(b.m->message, "");
    assert_ptr_equal(square->parent, b.m->body);
    assert_ptr_equal(next->parent, loop->regions[0]);
    build_end(&b);
}

/* A selection takes the opposite of its condition where that is needed anyway, whichever comes first. */
static void test_opposites(void **state)
{
    for (unsigned first = 0; first < 2; first++) {
        struct build b = build_start();
        struct ir_inst *x = input(&b), *y = input(&b), *pair[2];
        static const enum ir_op ops[] = {IR_FOLT, IR_FULE};
        struct ir_inst *f[] = {emit(&b, IR_U2F, IR_F32, 1, x), emit(&b, IR_U2F, IR_F32, 1, y)};
        for (unsigned k = 0; k < 2; k++)
            pair[k] = emit(&b, ops[k], IR_BOOL, 2, f[k], f[!k]);
        struct ir_inst *choice = emit(&b, IR_SELECT, IR_I32, 3, pair[first], x, y);
        struct ir_inst *branch = begin_if(&b, pair[!first]);
        store(&b, x, choice);
        end_control(&b, branch);
        ir_opposites(b.m);
        ir_verify(b.m);
        assert_string_equal(b.m->message, "");
        assert_int_equal(count_ops(&b, ops[first]), 0);
        assert_ptr_equal(choice->args[0], pair[!first]);
        assert_ptr_equal(choice->args[1], y);
        assert_ptr_equal(choice->args[2], x);
        build_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_half),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_negated_product),
        cmocka_unit_test(test_merges_and_drops),
        cmocka_unit_test(test_forwards_stores),
        cmocka_unit_test(test_if),
        cmocka_unit_test(test_flattens),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_loop_once),
        cmocka_unit_test(test_hoist),
        cmocka_unit_test(test_opposites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
