/* SPDX-License-Identifier: MIT
 *
 * A loop that carries more vectors than there are registers becomes several loops, each with some of
 * them: a block of a matrix product sums as many numbers as it can, and spilling them costs more
 * than to load its operands again.
 *
 * That is possible where the values carried don't depend on each other, and where the body has no
 * effect and holds no control flow. What steers the loop is done in each of the loops.
 */
#include "arena.h"
#include "cg_target.h"
#include "ir.h"
#include "simplify.h"

#define MAX_SLOTS 256
#define MAX_BODY 2000
#define MAX_ARGS 4 /* of an instruction that is_simple() lets pass */
#define OPERANDS 4 /* registers for what an iteration computes with, besides what it carries */

struct split {
    struct ir_module *m;
    struct ir_inst *loop;
    unsigned vector_B; /* of a register */
    uint32_t registers;
    uint32_t slots;
    uint8_t set[MAX_SLOTS];    /* a representative of the slots that depend on each other */
    uint8_t part[MAX_SLOTS];   /* which of the loops gets the slot */
    uint8_t weight[MAX_SLOTS]; /* registers; 0: a scalar, each of the loops has it */
    struct ir_inst **stack;
    uint32_t round; /* pass_data of what the search has seen */
};

static uint32_t weight_of(const struct split *s, const struct ir_inst *inst)
{
    if (inst->op == IR_CONST || inst->op == IR_UNDEF || inst->shape.kind != IR_SHAPE_VARYING)
        return 0;
    unsigned size_B = ir_type_bits((enum ir_type)inst->type) == 64 ? 8 : 4;
    return (s->m->width * size_B + s->vector_B - 1) / s->vector_B;
}

static bool is_simple(const struct split *s)
{
    const struct ir_region *body = s->loop->regions[0];
    uint32_t count = 0;
    if (body->yields[0]->shape.kind != IR_SHAPE_UNIFORM)
        return false;
    for (const struct ir_inst *i = body->first; i; i = i->next) {
        uint8_t flags = ir_op_infos[i->op].flags;
        bool load = i->op == IR_LOAD && !(i->mem.flags & IR_MEM_VOLATILE);
        bool pure = (flags & IR_PURE) && !(flags & IR_CROSS_LANE);
        if (++count > MAX_BODY || i->arg_count > MAX_ARGS || (i->op != IR_PARAM && !load && !pure))
            return false;
    }
    return true;
}

typedef void source_fn(struct split *s, struct ir_inst *inst, void *data);

/* Calls fn on everything in the body that the value depends on, once in a round. */
static void each_source(struct split *s, struct ir_inst *value, source_fn *fn, void *data)
{
    uint32_t count = 0;
    s->stack[count++] = value;
    while (count) {
        struct ir_inst *i = s->stack[--count];
        if (i->parent != s->loop->regions[0] || i->pass_data == s->round)
            continue;
        i->pass_data = s->round;
        fn(s, i, data);
        for (uint32_t a = 0; a < i->arg_count; a++)
            s->stack[count++] = i->args[a];
    }
}

static uint8_t find(struct split *s, uint8_t k)
{
    while (s->set[k] != k)
        k = s->set[k];
    return k;
}

static void join(struct split *s, struct ir_inst *i, void *data)
{
    uint8_t k = *(uint8_t *)data;
    if (i->op != IR_PARAM)
        return;
    uint8_t a = find(s, k), b = find(s, (uint8_t)i->imm);
    if (s->weight[k] && s->weight[i->imm])
        s->set[a > b ? a : b] = a > b ? b : a;
}

static void add_weight(struct split *s, struct ir_inst *i, void *data)
{
    *(uint32_t *)data += i->op == IR_PARAM ? 0 : weight_of(s, i);
}

/* Vectors from outside that the body uses. */
static uint32_t outside_weight(struct split *s)
{
    uint32_t weight = 0;
    s->round++;
    for (struct ir_inst *i = s->loop->regions[0]->first; i; i = i->next)
        for (uint32_t a = 0; a < i->arg_count; a++) {
            struct ir_inst *value = i->args[a];
            if (value->parent == s->loop->regions[0] || value->pass_data == s->round)
                continue;
            value->pass_data = s->round;
            weight += weight_of(s, value);
        }
    return weight;
}

/* Deals the slots out, in order, so that each of the loops has about the same. */
static void deal(struct split *s, uint32_t carried, uint32_t parts)
{
    uint32_t dealt = 0;
    for (uint32_t k = 0; k < s->slots; k++) {
        uint8_t first = find(s, (uint8_t)k);
        if (first != k) {
            s->part[k] = s->part[first];
            continue;
        }
        uint32_t part = dealt * parts / carried;
        s->part[k] = (uint8_t)(part < parts ? part : parts - 1);
        for (uint32_t j = k; j < s->slots; j++)
            if (find(s, (uint8_t)j) == first)
                dealt += s->weight[j];
    }
}

/* Work that `parts` loops do beyond what one does, in registers' worth of values. */
static uint32_t repeated(struct split *s, uint32_t parts)
{
    struct ir_region *body = s->loop->regions[0];
    uint32_t sum = 0, once = 0;
    for (uint32_t part = 0; part < parts; part++) {
        s->round++;
        for (uint32_t k = 0; k < s->slots; k++)
            if (s->weight[k] && s->part[k] == part)
                each_source(s, body->yields[1 + k], add_weight, &sum);
    }
    s->round++;
    for (uint32_t k = 0; k < s->slots; k++)
        if (s->weight[k])
            each_source(s, body->yields[1 + k], add_weight, &once);
    return sum - once;
}

static struct ir_inst *copy_inst(struct split *s, const struct ir_inst *inst,
                                 struct ir_region *into, struct ir_inst *before)
{
    struct ir_inst *copy =
        into ? ir_append(s->m, into, (enum ir_op)inst->op, (enum ir_type)inst->type, inst->arg_count,
                         inst->args)
             : ir_insert_before(s->m, before, (enum ir_op)inst->op, (enum ir_type)inst->type,
                                inst->arg_count, inst->args);
    copy->flags = inst->flags;
    copy->line = inst->line;
    return copy;
}

static struct ir_inst *map(struct ir_inst *value)
{
    return value->pass_ptr ? value->pass_ptr : value;
}

/* Copies the loop in front of itself; RESULTs of the slots of `part` become the copy's. The slots that
 * this leaves unused, here and there, are dead code. */
static void split_off(struct split *s, uint32_t part)
{
    struct ir_inst *loop = s->loop, *copy = copy_inst(s, loop, NULL, loop);
    struct ir_region *body = loop->regions[0], *into = ir_region_create(s->m, copy);
    copy->regions[0] = into;
    copy->regions[1] = NULL;
    for (struct ir_inst *i = body->first; i; i = i->next) {
        struct ir_inst *c = copy_inst(s, i, into, NULL);
        c->mem = i->mem; /* the largest member of the union */
        for (uint32_t a = 0; a < c->arg_count; a++)
            c->args[a] = map(i->args[a]);
        i->pass_ptr = c;
    }
    into->yield_count = body->yield_count;
    into->yields = arena_array(s->m->arena, struct ir_inst *, body->yield_count);
    for (uint32_t y = 0; y < body->yield_count; y++)
        into->yields[y] = map(body->yields[y]);
    for (struct ir_inst *i = body->first; i; i = i->next)
        i->pass_ptr = NULL;
    struct ir_inst *result = loop->next;
    for (uint32_t k = 0; k < s->slots; k++, result = result->next) {
        struct ir_inst *c = copy_inst(s, result, NULL, loop);
        c->args[0] = copy;
        c->imm = k;
        if (s->weight[k] && s->part[k] == part)
            result->replaced_by = c;
    }
}

static bool split_loop(struct split *s)
{
    uint32_t carried = 0;
    struct ir_inst *param = s->loop->regions[0]->first;
    s->slots = s->loop->arg_count;
    if (s->slots < 2 || s->slots > MAX_SLOTS || !is_simple(s))
        return false;
    for (uint32_t k = 0; k < s->slots; k++, param = param->next) {
        uint32_t weight = weight_of(s, param);
        s->weight[k] = (uint8_t)(weight > 255 ? 255 : weight);
        s->set[k] = (uint8_t)k;
        carried += weight;
    }
    if (carried + OPERANDS <= s->registers)
        return false;
    for (uint32_t k = 0; k < s->slots; k++) {
        uint8_t slot = (uint8_t)k;
        s->round++;
        each_source(s, s->loop->regions[0]->yields[1 + k], join, &slot);
    }
    uint32_t outside = outside_weight(s);
    if (outside + OPERANDS >= s->registers)
        return false;
    uint32_t room = s->registers - OPERANDS - outside, parts = (carried + room - 1) / room;
    deal(s, carried, parts);
    /* A value that finds no register is stored and loaded in each iteration. */
    uint32_t excess = carried + outside + OPERANDS - s->registers;
    if (repeated(s, parts) > 2 * excess)
        return false;
    for (uint32_t part = 1; part < parts; part++)
        split_off(s, part);
    return true;
}

void ir_split(struct ir_module *m)
{
    const struct cg_target *target = cg_target_get((enum weft_isa)m->request->isa);
    if (m->width == 1 || !target)
        return;
    struct split s = {.m = m, .vector_B = target->vector_B};
    s.registers = target->mask_registers ? 32 : 16;
    s.stack = arena_array(m->arena, struct ir_inst *, MAX_ARGS * MAX_BODY + 1);
    bool any = false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        i->pass_data = 0;
        i->pass_ptr = NULL;
    }
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_LOOP) {
            s.loop = i;
            any |= split_loop(&s);
        }
    if (!any)
        return;
    ir_resolve_all(m);
    dce_run(m);
    ir_shape(m);
}
