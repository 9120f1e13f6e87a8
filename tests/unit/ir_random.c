/* SPDX-License-Identifier: MIT */
#include "ir_random.h"

#include <string.h>

#include "fold.h"

uint32_t random_seed;

uint32_t random_pick(uint32_t count)
{
    random_seed = random_seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(random_seed >> 4) * count >> 28);
}

#define POOL 256

/* Values that may be used where code is being generated. */
struct pool {
    struct ir_inst *values[POOL];
    unsigned count;
};

static struct ir_inst *choose(struct pool *pool, enum ir_type type)
{
    for (unsigned tries = 0; tries < 100; tries++) {
        /* The newest ones twice as often. */
        unsigned from = random_pick(2) && pool->count > 12 ? pool->count - 12 : 0;
        struct ir_inst *value = pool->values[from + random_pick(pool->count - from)];
        if (value->type == type)
            return value;
    }
    for (unsigned i = 0; i < pool->count; i++)
        if (pool->values[i]->type == type)
            return pool->values[i];
    return NULL;
}

static void put(struct pool *pool, struct ir_inst *value)
{
    if (pool->count < POOL)
        pool->values[pool->count++] = value;
}

static void random_inst(struct build *b, struct pool *pool)
{
    static const uint16_t ops[] = {
        IR_ADD, IR_ADD, IR_SUB, IR_MUL, IR_UDIV, IR_SDIV, IR_UREM, IR_SREM, IR_AND, IR_OR, IR_XOR,
        IR_NOT, IR_SHL, IR_SHL, IR_LSHR, IR_ASHR, IR_SMIN, IR_SMAX, IR_UMIN, IR_UMAX, IR_BITCOUNT,
    };
    static const uint16_t compares[] = {IR_EQ, IR_NE, IR_ULT, IR_ULE, IR_SLT, IR_SLE};
    static const uint8_t types[] = {IR_I8, IR_I16, IR_I32, IR_I32, IR_I32, IR_I64};
    enum ir_type type = types[random_pick(6)];
    struct ir_inst *inst;
    switch (random_pick(8)) {
    case 0: {
        static const uint64_t constants[] = {0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 64, 100, 255};
        uint64_t bits = random_pick(6) ? constants[random_pick(15)]
                                       : random_pick(1u << 28) * UINT64_C(0x9e3779b97f4a7c15);
        put(pool, constant(b, type, bits & fold_mask(type)));
        return;
    }
    case 1:
        inst = emit(b, compares[random_pick(6)], IR_BOOL, 2, choose(pool, type),
                    choose(pool, type));
        break;
    case 2:
        inst = emit(b, IR_SELECT, type, 3, choose(pool, IR_BOOL), choose(pool, type),
                    choose(pool, type));
        break;
    case 3: {
        enum ir_type from = types[random_pick(6)];
        if (from == type)
            return;
        enum ir_op op = ir_type_bits(from) > ir_type_bits(type) ? IR_TRUNC
                        : random_pick(2)                               ? IR_ZEXT
                                                                : IR_SEXT;
        inst = emit(b, op, type, 1, choose(pool, from));
        break;
    }
    default: {
        enum ir_op op = ops[random_pick(sizeof(ops) / sizeof(ops[0]))];
        unsigned arity = (unsigned)strlen(ir_op_infos[op].args);
        struct ir_inst *right = choose(pool, type);
        if (random_pick(2)) { /* constants are what the analysis knows most about */
            right = constant(b, type, random_pick(20));
            put(pool, right);
        }
        inst = emit(b, op, type, arity, choose(pool, type), right);
    }
    }
    put(pool, inst);
}

static void random_region(struct build *b, struct pool *pool, unsigned count, unsigned depth);

static void random_if(struct build *b, struct pool *pool, unsigned depth)
{
    struct ir_inst *cond = choose(pool, IR_BOOL), *value = NULL;
    if (random_pick(2)) { /* says something about a value, which is then likely to be used */
        value = choose(pool, IR_I32);
        cond = emit(b, random_pick(2) ? IR_ULT : IR_SLT, IR_BOOL, 2, value,
                    constant(b, IR_I32, random_pick(70)));
    }
    struct ir_inst *inst = begin_if(b, cond);
    unsigned kept = pool->count;
    for (unsigned arm = 0; arm < 2; arm++) {
        b->at = inst->regions[arm];
        if (value) {
            put(pool, emit(b, IR_ADD, IR_I32, 2, value,
                           constant(b, IR_I32, -random_pick(3) & 0xffffffff)));
            put(pool, emit(b, random_pick(2) ? IR_ZEXT : IR_SEXT, IR_I64, 1,
                           pool->values[pool->count - 1]));
        }
        random_region(b, pool, 6, depth + 1);
        yield(b, 2, choose(pool, IR_I32), choose(pool, IR_I16));
        pool->count = kept;
    }
    end_control(b, inst);
    put(pool, result(b, inst, IR_I32, 0));
    put(pool, result(b, inst, IR_I16, 1));
}

/* A counter keeps it finite; the other parameter does anything. */
static void random_loop(struct build *b, struct pool *pool, unsigned depth)
{
    struct ir_inst *init[] = {random_pick(3) ? constant(b, IR_I32, random_pick(5))
                                             : choose(pool, IR_I32),
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
    struct ir_inst *next = emit(b, IR_ADD, IR_I32, 2, i, constant(b, IR_I32, 1 + random_pick(8)));
    struct ir_inst *more = emit(b, random_pick(2) ? IR_ULT : IR_SLT, IR_BOOL, 2, next, bound);
    struct ir_inst *burnt = emit(b, IR_ADD, IR_I8, 2, fuel, constant(b, IR_I8, 1));
    struct ir_inst *left = emit(b, IR_ULT, IR_BOOL, 2, burnt, constant(b, IR_I8, 9));
    yield(b, 4, emit(b, IR_AND, IR_BOOL, 2, more, left), next, choose(pool, IR_I32), burnt);
    pool->count = kept;
    end_control(b, loop);
    put(pool, result(b, loop, IR_I32, 0));
    put(pool, result(b, loop, IR_I32, 1));
    result(b, loop, IR_I8, 2);
}

/* while (condition) { ... if (...) break; ... }: tested at the top, as shaders have them. */
static void random_while(struct build *b, struct pool *pool, unsigned depth)
{
    struct ir_inst *init[] = {random_pick(3) ? constant(b, IR_I32, random_pick(5))
                                             : choose(pool, IR_I32),
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
    for (unsigned n = random_pick(4); n; n--)
        random_inst(b, pool);
    struct ir_inst *less = emit(b, random_pick(2) ? IR_ULT : IR_SLT, IR_BOOL, 2, i, bound);
    struct ir_inst *left = emit(b, IR_ULT, IR_BOOL, 2, fuel, constant(b, IR_I8, 9));
    struct ir_inst *cond = emit(b, IR_AND, IR_BOOL, 2, less, left);
    bool inverted = random_pick(3) == 0, breaks = random_pick(2);
    unsigned before = pool->count;
    struct ir_inst *inst = begin_if(b, inverted ? emit(b, IR_NOT, IR_BOOL, 1, cond) : cond);
    b->at = inst->regions[inverted];
    random_region(b, pool, 5, depth + 1);
    yield(b, 4, breaks ? choose(pool, IR_BOOL) : constant(b, IR_BOOL, 1),
          emit(b, IR_ADD, IR_I32, 2, i, constant(b, IR_I32, 1 + random_pick(3))),
          choose(pool, IR_I32), emit(b, IR_ADD, IR_I8, 2, fuel, constant(b, IR_I8, 1)));
    pool->count = before;
    b->at = inst->regions[!inverted];
    yield(b, 4, constant(b, IR_BOOL, 0), random_pick(2) ? i : choose(pool, IR_I32),
          random_pick(2) ? free_param : choose(pool, IR_I32), fuel);
    end_control(b, inst);
    struct ir_inst *go_on = result(b, inst, IR_BOOL, 0), *next = result(b, inst, IR_I32, 1);
    struct ir_inst *free_next = result(b, inst, IR_I32, 2), *fuel_next = result(b, inst, IR_I8, 3);
    yield(b, 4, go_on, next, random_pick(2) ? free_next : choose(pool, IR_I32), fuel_next);
    pool->count = kept;
    end_control(b, loop);
    put(pool, result(b, loop, IR_I32, 0));
    put(pool, result(b, loop, IR_I32, 1));
    result(b, loop, IR_I8, 2);
}

static void random_region(struct build *b, struct pool *pool, unsigned count, unsigned depth)
{
    static const uint8_t types[] = {IR_I8, IR_I16, IR_I32, IR_I64, IR_BOOL};
    for (unsigned i = 0; i < count; i++) {
        unsigned what = depth < 3 ? random_pick(10) : 9;
        if (random_pick(8) == 0)
            store(b, choose(pool, IR_I32), choose(pool, types[random_pick(5)]));
        if (what == 0)
            random_if(b, pool, depth);
        else if (what == 1)
            random_loop(b, pool, depth);
        else if (what == 2)
            random_while(b, pool, depth);
        else
            random_inst(b, pool);
    }
}

void random_program(struct build *b)
{
    struct pool pool = {.count = 0};
    for (unsigned i = 0; i < 3; i++) {
        put(&pool, emit_imm(b, IR_LOCAL_ID, IR_I32, i));
        put(&pool, emit_imm(b, IR_GROUP_ID, IR_I32, i));
    }
    put(&pool, emit(b, IR_LOCAL_INDEX, IR_I32, 0));
    put(&pool, emit(b, IR_SUBGROUP_ID, IR_I32, 0));
    put(&pool, emit(b, IR_LANE, IR_I32, 0));
    put(&pool, constant(b, IR_I8, 3));
    put(&pool, emit(b, IR_TRUNC, IR_I16, 1, pool.values[0]));
    put(&pool, emit(b, IR_TRUNC, IR_I8, 1, pool.values[1]));
    put(&pool, emit(b, IR_ZEXT, IR_I64, 1, pool.values[0]));
    put(&pool, emit(b, IR_ULT, IR_BOOL, 2, pool.values[0], constant(b, IR_I32, 4)));
    random_region(b, &pool, 40, 0);
}
