/* SPDX-License-Identifier: MIT
 *
 * The shape analysis: tables of what is expected for the built-in inputs, and random programs, run
 * lane by lane, of which every claim is checked.
 */
#include "ir_builder.h"

#include <stdlib.h>
#include <string.h>

#include "fold.h"

#define MAX_WIDTH 32

/* ---- Tables ---- */

enum kind { VARYING, OFFSETS, UNIFORM };

static void
test_inputs(void **state)
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

static void
test_arithmetic(void **state)
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

static void
test_memory(void **state)
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
static void
test_counted_loop(void **state)
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
static void
test_divergent_loop(void **state)
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

static void
test_width(void **state)
{
    static const struct {
        uint32_t isa, asked, subgroup, size;
        bool uses_subgroup;
        uint32_t width;
    } rows[] = {
        {WEFT_ISA_SSE, 0, 0, 64, false, 4},   {WEFT_ISA_AVX2, 0, 0, 64, false, 8},
        {WEFT_ISA_AVX512, 0, 0, 64, false, 16}, {WEFT_ISA_AVX2, 0, 0, 5, false, 8},
        {WEFT_ISA_AVX2, 0, 0, 3, false, 4},   {WEFT_ISA_AVX2, 0, 0, 1, false, 1},
        {WEFT_ISA_AVX2, 32, 0, 64, false, 32}, {WEFT_ISA_AVX2, 0, 32, 64, true, 32},
        {WEFT_ISA_AVX2, 0, 0, 64, true, 16},  {WEFT_ISA_AVX2, 1, 32, 64, true, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct build b = build_start();
        struct weft_request request = {.isa = rows[i].isa, .width = rows[i].asked,
                                       .subgroup_size = rows[i].subgroup};
        b.m->request = &request;
        b.m->local_size[0] = rows[i].size;
        b.m->uses_subgroup = rows[i].uses_subgroup;
        ir_choose_width(b.m);
        if (b.m->width != rows[i].width)
            fail_msg("row %zu: width %u", i, b.m->width);
        build_end(&b);
    }
}

static void
test_regions(void **state)
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

/* ---- Random programs ---- */

static uint32_t seed;

static uint32_t
pick(uint32_t count)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(seed >> 4) * count >> 28);
}

#define POOL 256

/* Values that may be used where code is being generated. */
struct pool {
    struct ir_inst *values[POOL];
    unsigned count;
};

static struct ir_inst *
choose(struct pool *pool, enum ir_type type)
{
    for (unsigned tries = 0; tries < 100; tries++) {
        /* The newest ones twice as often. */
        unsigned from = pick(2) && pool->count > 12 ? pool->count - 12 : 0;
        struct ir_inst *value = pool->values[from + pick(pool->count - from)];
        if (value->type == type)
            return value;
    }
    for (unsigned i = 0; i < pool->count; i++)
        if (pool->values[i]->type == type)
            return pool->values[i];
    return NULL;
}

static void
put(struct pool *pool, struct ir_inst *value)
{
    if (pool->count < POOL)
        pool->values[pool->count++] = value;
}

static void
random_inst(struct build *b, struct pool *pool)
{
    static const uint16_t ops[] = {
        IR_ADD, IR_ADD, IR_SUB, IR_MUL,  IR_UDIV, IR_SDIV, IR_UREM, IR_SREM, IR_AND, IR_OR,   IR_XOR,
        IR_NOT, IR_SHL, IR_SHL, IR_LSHR, IR_ASHR, IR_SMIN, IR_SMAX, IR_UMIN, IR_UMAX, IR_BITCOUNT,
    };
    static const uint16_t compares[] = {IR_EQ, IR_NE, IR_ULT, IR_ULE, IR_SLT, IR_SLE};
    static const uint8_t types[] = {IR_I8, IR_I16, IR_I32, IR_I32, IR_I32, IR_I64};
    enum ir_type type = types[pick(6)];
    struct ir_inst *inst;
    switch (pick(8)) {
    case 0: {
        static const uint64_t constants[] = {0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 64, 100, 255};
        uint64_t bits = pick(6) ? constants[pick(15)] : pick(1u << 28) * UINT64_C(0x9e3779b97f4a7c15);
        put(pool, constant(b, type, bits & fold_mask(type)));
        return;
    }
    case 1:
        inst = emit(b, compares[pick(6)], IR_BOOL, 2, choose(pool, type), choose(pool, type));
        break;
    case 2:
        inst = emit(b, IR_SELECT, type, 3, choose(pool, IR_BOOL), choose(pool, type),
                    choose(pool, type));
        break;
    case 3: {
        enum ir_type from = types[pick(6)];
        if (from == type)
            return;
        enum ir_op op = ir_type_bits(from) > ir_type_bits(type) ? IR_TRUNC
                        : pick(2)                               ? IR_ZEXT
                                                                : IR_SEXT;
        inst = emit(b, op, type, 1, choose(pool, from));
        break;
    }
    default: {
        enum ir_op op = ops[pick(sizeof(ops) / sizeof(ops[0]))];
        unsigned arity = (unsigned)strlen(ir_op_infos[op].args);
        struct ir_inst *right = choose(pool, type);
        if (pick(2)) { /* constants are what the analysis knows most about */
            right = constant(b, type, pick(20));
            put(pool, right);
        }
        inst = emit(b, op, type, arity, choose(pool, type), right);
    }
    }
    put(pool, inst);
}

static void random_region(struct build *b, struct pool *pool, unsigned count, unsigned depth);

static void
random_if(struct build *b, struct pool *pool, unsigned depth)
{
    struct ir_inst *inst = begin_if(b, choose(pool, IR_BOOL));
    unsigned kept = pool->count;
    for (unsigned arm = 0; arm < 2; arm++) {
        b->at = inst->regions[arm];
        random_region(b, pool, 6, depth + 1);
        yield(b, 2, choose(pool, IR_I32), choose(pool, IR_I16));
        pool->count = kept;
    }
    end_control(b, inst);
    put(pool, result(b, inst, IR_I32, 0));
    put(pool, result(b, inst, IR_I16, 1));
}

/* A counter keeps it finite; the other parameter does anything. */
static void
random_loop(struct build *b, struct pool *pool, unsigned depth)
{
    struct ir_inst *init[] = {pick(3) ? constant(b, IR_I32, pick(5)) : choose(pool, IR_I32),
                              choose(pool, IR_I32), constant(b, IR_I8, 0)};
    struct ir_inst *bound = choose(pool, IR_I32);
    struct ir_inst *loop = ir_append(b->m, b->at, IR_LOOP, IR_VOID, 3, init);
    loop->regions[0] = ir_region_create(b->m, loop);
    b->at = loop->regions[0];
    unsigned kept = pool->count;
    struct ir_inst *i = param(b, IR_I32, 0), *free_param = param(b, IR_I32, 1);
    struct ir_inst *fuel = param(b, IR_I8, 2);
    put(pool, i);
    put(pool, free_param);
    random_region(b, pool, 6, depth + 1);
    struct ir_inst *next = emit(b, IR_ADD, IR_I32, 2, i, constant(b, IR_I32, 1 + pick(8)));
    struct ir_inst *more = emit(b, pick(2) ? IR_ULT : IR_SLT, IR_BOOL, 2, next, bound);
    struct ir_inst *burnt = emit(b, IR_ADD, IR_I8, 2, fuel, constant(b, IR_I8, 1));
    struct ir_inst *left = emit(b, IR_ULT, IR_BOOL, 2, burnt, constant(b, IR_I8, 9));
    yield(b, 4, emit(b, IR_AND, IR_BOOL, 2, more, left), next, choose(pool, IR_I32), burnt);
    pool->count = kept;
    end_control(b, loop);
    put(pool, result(b, loop, IR_I32, 0));
    put(pool, result(b, loop, IR_I32, 1));
    result(b, loop, IR_I8, 2);
}

static void
random_region(struct build *b, struct pool *pool, unsigned count, unsigned depth)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned what = depth < 3 ? pick(10) : 9;
        if (what == 0)
            random_if(b, pool, depth);
        else if (what == 1)
            random_loop(b, pool, depth);
        else
            random_inst(b, pool);
    }
}

/* ---- Running them as code generation would ---- */

struct run {
    const struct build *b;
    uint32_t subgroup, group[3];
    uint64_t (*lanes)[MAX_WIDTH]; /* by id: the truth */
    uint64_t *scalars;            /* by id: UNIFORM and OFFSETS values as generated code has them */
    unsigned steps;
};

static uint64_t
scalar_value(const struct run *run, const struct ir_inst *inst)
{
    return run->scalars[inst->id];
}

static uint64_t
input_of(const struct run *run, const struct ir_inst *inst, unsigned lane)
{
    const struct ir_module *m = run->b->m;
    uint32_t index = run->subgroup * m->width + lane;
    switch (inst->op) {
    case IR_CONST:
        return inst->imm;
    case IR_LOCAL_ID:
        return inst->imm == 0   ? index % m->local_size[0]
               : inst->imm == 1 ? index / m->local_size[0] % m->local_size[1]
                                : index / m->local_size[0] / m->local_size[1];
    case IR_LOCAL_INDEX:
        return index;
    case IR_GROUP_ID:
        return run->group[inst->imm];
    case IR_SUBGROUP_ID:
        return run->subgroup;
    case IR_LANE:
        return lane;
    default:
        return 0;
    }
}

static uint64_t
evaluate(const struct ir_inst *inst, const uint64_t *args)
{
    uint64_t bits;
    if (!fold_op(inst->op, inst->type, inst->args[0]->type, inst->imm, args, &bits))
        return 0x5a & fold_mask(inst->type);
    return bits;
}

static void
check_claims(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    const struct ir_shape *s = &inst->shape;
    uint64_t bits = fold_mask(inst->type);
    for (unsigned i = 0; i < run->b->m->width; i++) {
        if (!(mask >> i & 1))
            continue;
        uint64_t value = run->lanes[inst->id][i];
        if (s->kind != IR_SHAPE_VARYING) {
            uint64_t offset = s->kind == IR_SHAPE_OFFSETS ? (uint64_t)s->offsets[i] : 0;
            uint64_t scalar = scalar_value(run, inst);
            if (value != ((scalar + offset) & bits))
                fail_msg("seed %u: %%%u %s lane %u is 0x%llx, not 0x%llx + %lld", seed, inst->id,
                         ir_op_infos[inst->op].name, i, (unsigned long long)value,
                         (unsigned long long)scalar, (long long)offset);
            if (s->known && scalar != s->base)
                fail_msg("seed %u: %%%u isn't the known 0x%llx", seed, inst->id,
                         (unsigned long long)s->base);
            if (s->align_log2 && ir_type_is_int(inst->type) && s->align_log2 < 63 &&
                (scalar & ((UINT64_C(1) << s->align_log2) - 1) & bits))
                fail_msg("seed %u: %%%u 0x%llx isn't aligned to 2^%u", seed, inst->id,
                         (unsigned long long)scalar, s->align_log2);
        }
        if (ir_type_is_int(inst->type) && (value < s->lo || value > s->hi))
            fail_msg("seed %u: %%%u %s is 0x%llx, outside of 0x%llx..0x%llx", seed, inst->id,
                     ir_op_infos[inst->op].name, (unsigned long long)value,
                     (unsigned long long)s->lo, (unsigned long long)s->hi);
    }
}

/* Copies a value that control flow moves. */
static void
move(struct run *run, const struct ir_inst *to, const struct ir_inst *from, uint64_t mask)
{
    for (unsigned i = 0; i < run->b->m->width; i++)
        if (mask >> i & 1)
            run->lanes[to->id][i] = run->lanes[from->id][i];
    if (to->shape.kind == IR_SHAPE_VARYING)
        return;
    if (from->shape.kind == IR_SHAPE_VARYING)
        fail_msg("seed %u: %%%u is scalar, what it takes isn't", seed, to->id);
    run->scalars[to->id] = scalar_value(run, from);
}

static void run_region(struct run *run, const struct ir_region *r, uint64_t mask);

static void
run_plain(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    uint64_t args[3];
    bool elementwise = ir_op_infos[inst->op].flags & IR_ELEMENTWISE;
    for (unsigned i = 0; i < run->b->m->width; i++) {
        for (unsigned a = 0; a < inst->arg_count; a++)
            args[a] = run->lanes[inst->args[a]->id][i];
        /* Inactive lanes hold anything. */
        uint64_t value = elementwise ? evaluate(inst, args) : input_of(run, inst, i);
        run->lanes[inst->id][i] = mask >> i & 1 ? value
                                                : UINT64_C(0xdeadbeef12345) & fold_mask(inst->type);
    }
    if (inst->shape.kind != IR_SHAPE_VARYING) {
        for (unsigned a = 0; a < inst->arg_count; a++) {
            if (inst->args[a]->shape.kind == IR_SHAPE_VARYING)
                fail_msg("seed %u: %%%u is scalar, its argument isn't", seed, inst->id);
            args[a] = scalar_value(run, inst->args[a]);
        }
        run->scalars[inst->id] = elementwise ? evaluate(inst, args) : input_of(run, inst, 0);
    }
}

static void
run_control(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    if (inst->op == IR_IF) {
        uint64_t taken = 0;
        for (unsigned i = 0; i < run->b->m->width; i++)
            taken |= (run->lanes[inst->args[0]->id][i] & 1) << i;
        for (unsigned arm = 0; arm < 2; arm++) {
            uint64_t lanes = mask & (arm ? ~taken : taken);
            if (!lanes)
                continue;
            run_region(run, inst->regions[arm], lanes);
            const struct ir_inst *result = inst->next;
            for (uint32_t k = 0; k < inst->regions[arm]->yield_count; k++, result = result->next)
                move(run, result, inst->regions[arm]->yields[k], lanes);
        }
        return;
    }
    const struct ir_region *body = inst->regions[0];
    const struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        move(run, param, inst->args[k], mask);
    while (mask) {
        uint64_t go = 0;
        run_region(run, body, mask);
        for (unsigned i = 0; i < run->b->m->width; i++)
            go |= (run->lanes[body->yields[0]->id][i] & 1) << i;
        const struct ir_inst *result = inst->next;
        for (uint32_t k = 0; k < inst->arg_count; k++, result = result->next)
            if (mask & ~go)
                move(run, result, body->yields[1 + k], mask & ~go);
        mask &= go;
        if (!mask)
            return;
        /* All next values before any of them: a yield may be another parameter. */
        uint64_t next[3][MAX_WIDTH], scalars[3];
        for (uint32_t k = 0; k < inst->arg_count; k++) {
            memcpy(next[k], run->lanes[body->yields[1 + k]->id], sizeof(next[k]));
            scalars[k] = scalar_value(run, body->yields[1 + k]);
        }
        param = body->first;
        for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next) {
            memcpy(run->lanes[param->id], next[k], sizeof(next[k]));
            run->scalars[param->id] = scalars[k];
            if (param->shape.kind != body->yields[1 + k]->shape.kind &&
                param->shape.kind != IR_SHAPE_VARYING)
                fail_msg("seed %u: %%%u is scalar, what it takes isn't", seed, param->id);
        }
    }
}

static void
run_region(struct run *run, const struct ir_region *r, uint64_t mask)
{
    for (const struct ir_inst *inst = r->first; inst; inst = inst->next) {
        run->steps++;
        if (ir_region_count(inst))
            run_control(run, inst, mask);
        else if (inst->op != IR_PARAM && inst->op != IR_RESULT)
            run_plain(run, inst, mask);
        if (inst->type != IR_VOID)
            check_claims(run, inst, mask);
    }
}

static void
test_random(void **state)
{
    static const struct {
        uint32_t size[3], width;
    } sizes[] = {
        {{64, 1, 1}, 8}, {{8, 8, 1}, 8}, {{8, 8, 1}, 16}, {{4, 4, 4}, 32}, {{33, 1, 1}, 8},
        {{5, 3, 2}, 4},  {{16, 2, 1}, 4}, {{64, 1, 1}, 1}, {{7, 1, 1}, 16},
    };
    for (unsigned round = 0; round < 300; round++) {
        seed = round * 7919 + 1;
        struct build b = build_start();
        unsigned which = pick(sizeof(sizes) / sizeof(sizes[0]));
        memcpy(b.m->local_size, sizes[which].size, sizeof(b.m->local_size));
        b.m->width = sizes[which].width;

        struct pool pool = {.count = 0};
        for (unsigned i = 0; i < 3; i++) {
            put(&pool, emit_imm(&b, IR_LOCAL_ID, IR_I32, i));
            put(&pool, emit_imm(&b, IR_GROUP_ID, IR_I32, i));
        }
        put(&pool, emit(&b, IR_LOCAL_INDEX, IR_I32, 0));
        put(&pool, emit(&b, IR_SUBGROUP_ID, IR_I32, 0));
        put(&pool, emit(&b, IR_LANE, IR_I32, 0));
        put(&pool, constant(&b, IR_I8, 3));
        put(&pool, emit(&b, IR_TRUNC, IR_I16, 1, pool.values[0]));
        put(&pool, emit(&b, IR_TRUNC, IR_I8, 1, pool.values[1]));
        put(&pool, emit(&b, IR_ZEXT, IR_I64, 1, pool.values[0]));
        put(&pool, emit(&b, IR_ULT, IR_BOOL, 2, pool.values[0], constant(&b, IR_I32, 4)));
        random_region(&b, &pool, 40, 0);

        ir_verify(b.m);
        if (b.m->error)
            fail_msg("round %u: %s", round, b.m->message);
        ir_number(b.m);
        ir_shape(b.m);
        if (getenv("SHAPE_ROUND") && (unsigned)atoi(getenv("SHAPE_ROUND")) == round)
            ir_print(b.m, stdout);

        uint32_t size = sizes[which].size[0] * sizes[which].size[1] * sizes[which].size[2];
        uint32_t width = b.m->width;
        struct run run = {.b = &b};
        run.lanes = calloc(b.m->next_id, sizeof(*run.lanes));
        run.scalars = calloc(b.m->next_id, sizeof(*run.scalars));
        for (run.subgroup = 0; run.subgroup * width < size; run.subgroup++) {
            uint32_t left = size - run.subgroup * width;
            uint64_t mask = left >= width ? (UINT64_C(1) << width) - 1 : (UINT64_C(1) << left) - 1;
            run.group[0] = pick(2) ? pick(4) : pick(1u << 28);
            run.group[1] = pick(65534);
            run.group[2] = pick(3);
            seed = round; /* what messages name */
            run_region(&run, b.m->body, mask);
            seed = seed * 7919 + run.subgroup;
        }
        free(run.lanes);
        free(run.scalars);
        build_end(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_counted_loop),
        cmocka_unit_test(test_divergent_loop),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
