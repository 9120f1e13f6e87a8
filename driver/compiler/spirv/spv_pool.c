/* SPDX-License-Identifier: MIT
 *
 * The pool: constants and the like, once each, at the start of the module's body.
 */
#include "spv_builder.h"

static uint32_t pool_hash(enum ir_op op, enum ir_type type, uint64_t imm, const struct ir_inst *arg)
{
    uint64_t h = imm * 0x9e3779b97f4a7c15u ^ (uint64_t)op << 40 ^ (uint64_t)type << 52 ^
                 (uint64_t)(uintptr_t)arg >> 4;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
}

static void pool_grow(struct spv_builder *b)
{
    uint32_t capacity = b->pool_capacity ? 2 * b->pool_capacity : 256;
    struct ir_inst **pool = arena_array(b->arena, struct ir_inst *, capacity);
    for (uint32_t i = 0; i < b->pool_capacity; i++) {
        struct ir_inst *inst = b->pool[i];
        if (!inst)
            continue;
        uint32_t at = pool_hash((enum ir_op)inst->op, (enum ir_type)inst->type, inst->imm,
                                inst->arg_count ? inst->args[0] : NULL);
        while (pool[at & (capacity - 1)])
            at++;
        pool[at & (capacity - 1)] = inst;
    }
    b->pool = pool;
    b->pool_capacity = capacity;
}

struct ir_inst *spv_pooled(struct spv_builder *b, enum ir_op op, enum ir_type type, uint64_t imm,
                           struct ir_inst *arg)
{
    if (4 * (b->pool_count + 1) > 3 * b->pool_capacity)
        pool_grow(b);
    uint32_t at = pool_hash(op, type, imm, arg);
    struct ir_inst *inst;
    for (; (inst = b->pool[at & (b->pool_capacity - 1)]); at++)
        if (inst->op == op && inst->type == type && inst->imm == imm &&
            (inst->arg_count ? inst->args[0] : NULL) == arg)
            return inst;
    struct ir_inst *next = b->pool_last ? b->pool_last->next : b->m->body->first;
    uint32_t count = arg ? 1 : 0;
    inst = next ? ir_insert_before(b->m, next, op, type, count, &arg)
                : ir_append(b->m, b->m->body, op, type, count, &arg);
    inst->imm = imm;
    b->pool_last = inst;
    b->pool[at & (b->pool_capacity - 1)] = inst;
    b->pool_count++;
    return inst;
}

struct ir_inst *spv_const(struct spv_builder *b, enum ir_type type, uint64_t bits)
{
    return spv_pooled(b, IR_CONST, type, bits & spv_mask(type), NULL);
}

struct ir_inst *spv_const_float(struct spv_builder *b, enum ir_type type, double value)
{
    return spv_const(b, type, spv_double_to_bits(type, value));
}

struct ir_inst *spv_i32(struct spv_builder *b, uint32_t value)
{
    return spv_const(b, IR_I32, value);
}

struct ir_inst *spv_bool(struct spv_builder *b, bool value)
{
    return spv_const(b, IR_BOOL, value);
}

struct ir_inst *spv_undef(struct spv_builder *b, enum ir_type type)
{
    return spv_pooled(b, IR_UNDEF, type, 0, NULL);
}
