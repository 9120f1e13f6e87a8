/* SPDX-License-Identifier: MIT
 *
 * DOC: Filters' inner loops
 *
 * A loop over the taps of a filter's row, inside of one over its rows, finds the same columns in each row. Made
 * of copies, as many as it goes round, those columns depend on nothing of the outer loop, and leave it. Only loops
 * that read texels are so, and short ones.
 */
#include "arena.h"
#include "ir.h"

#define MAX_ROUNDS 8
#define MAX_BODY 260   /* instructions */
#define MAX_COPIES 1400 /* of all iterations */

/* ---- How often it goes round ---- */

static bool compare(enum ir_op op, uint32_t x, uint32_t y, bool *result_out)
{
    switch (op) {
    case IR_SLT:
        *result_out = (int32_t)x < (int32_t)y;
        return true;
    case IR_SLE:
        *result_out = (int32_t)x <= (int32_t)y;
        return true;
    case IR_ULT:
        *result_out = x < y;
        return true;
    case IR_ULE:
        *result_out = x <= y;
        return true;
    case IR_NE:
        *result_out = x != y;
        return true;
    default:
        return false;
    }
}

/* 0: unknown, or too often. */
static uint32_t rounds_of(const struct ir_inst *loop)
{
    const struct ir_region *body = loop->regions[0];
    const struct ir_inst *cond = body->yields[0];
    if (cond->parent != body || cond->arg_count != 2 || cond->args[1]->op != IR_CONST ||
        cond->args[0]->type != IR_I32)
        return 0;
    const struct ir_inst *step = cond->args[0], *param = step;
    uint32_t by = 0;
    if (step->op == IR_ADD && step->args[1]->op == IR_CONST) {
        param = step->args[0];
        by = (uint32_t)step->args[1]->imm;
    }
    if (param->op != IR_PARAM || param->parent != body || loop->args[param->imm]->op != IR_CONST)
        return 0;
    const struct ir_inst *next = body->yields[1 + param->imm];
    if (next->op != IR_ADD || next->args[0] != param || next->args[1]->op != IR_CONST)
        return 0;
    uint32_t value = (uint32_t)loop->args[param->imm]->imm;
    for (uint32_t round = 1; round <= MAX_ROUNDS; round++) {
        bool again;
        if (!compare((enum ir_op)cond->op, value + by, (uint32_t)cond->args[1]->imm, &again))
            return 0;
        if (!again)
            return round;
        value += (uint32_t)next->args[1]->imm;
    }
    return 0;
}

/* Counts instructions; false: not to be copied. Recursion is bounded by IR_MAX_DEPTH. */
static bool measure(const struct ir_region *r, uint32_t *count, bool *texels)
{
    for (const struct ir_inst *i = r->first; i; i = i->next) {
        if (i->op == IR_LOOP || i->op == IR_BARRIER || ++*count > MAX_BODY)
            return false;
        *texels |= i->op == IR_TEXELS;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            if (!measure(i->regions[k], count, texels))
                return false;
    }
    return true;
}

/* ---- Copies: pass_ptr of an instruction is what stands for it ---- */

static struct ir_inst *map(struct ir_inst *value)
{
    return value->pass_ptr ? value->pass_ptr : value;
}

/* In front of `before`, or to the end of `into`. Recursion is bounded by IR_MAX_DEPTH. */
static void copy_list(struct ir_module *m, struct ir_inst *first, struct ir_region *into,
                      struct ir_inst *before)
{
    for (struct ir_inst *i = first; i; i = i->next) {
        if (i->op == IR_PARAM)
            continue;
        struct ir_inst *copy =
            before ? ir_insert_before(m, before, (enum ir_op)i->op, (enum ir_type)i->type, i->arg_count, i->args)
                   : ir_append(m, into, (enum ir_op)i->op, (enum ir_type)i->type, i->arg_count, i->args);
        for (uint32_t a = 0; a < copy->arg_count; a++)
            copy->args[a] = map(i->args[a]);
        copy->mem = i->mem; /* the largest member of the union */
        copy->flags = i->flags;
        copy->line = i->line;
        i->pass_ptr = copy;
        for (unsigned k = 0; k < ir_region_count(i); k++) {
            struct ir_region *from = i->regions[k], *to = ir_region_create(m, copy);
            copy->regions[k] = to;
            copy_list(m, from->first, to, NULL);
            to->yield_count = from->yield_count;
            to->yields = arena_array(m->arena, struct ir_inst *, from->yield_count + 1);
            for (uint32_t y = 0; y < from->yield_count; y++)
                to->yields[y] = map(from->yields[y]);
        }
    }
}

static void unroll(struct ir_module *m, struct ir_inst *loop, uint32_t rounds)
{
    struct ir_region *body = loop->regions[0];
    struct ir_inst **values = arena_array(m->arena, struct ir_inst *, loop->arg_count + 1);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_ptr = NULL;
    for (uint32_t k = 0; k < loop->arg_count; k++)
        values[k] = loop->args[k];
    for (uint32_t round = 0; round < rounds; round++) {
        for (struct ir_inst *p = body->first; p && p->op == IR_PARAM; p = p->next)
            p->pass_ptr = values[p->imm];
        copy_list(m, body->first, NULL, loop);
        for (uint32_t k = 0; k < loop->arg_count; k++)
            values[k] = map(body->yields[1 + k]);
    }
    for (struct ir_inst *result = loop->next, *next; result && result->op == IR_RESULT && result->args[0] == loop;
         result = next) {
        next = result->next;
        result->replaced_by = values[result->imm];
        ir_remove(result);
    }
    ir_remove(loop);
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static bool visit(struct ir_module *m, struct ir_region *r, bool in_loop)
{
    bool changed = false;
    for (struct ir_inst *i = r->first, *next; i; i = next) {
        uint32_t count = 0, rounds;
        bool texels = false;
        next = i->next;
        if (i->op == IR_LOOP && in_loop && (rounds = rounds_of(i)) && measure(i->regions[0], &count, &texels) &&
            texels && count * rounds <= MAX_COPIES) {
            while (next && next->op == IR_RESULT)
                next = next->next;
            unroll(m, i, rounds);
            changed = true;
            continue;
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            changed |= visit(m, i->regions[k], in_loop || i->op == IR_LOOP);
    }
    return changed;
}

void ir_unroll(struct ir_module *m)
{
    if (m->request->flags & (WEFT_REQUEST_FAST | WEFT_REQUEST_LIBRARY) || !visit(m, m->body, false))
        return;
    ir_resolve_all(m);
    ir_simplify(m);
}
