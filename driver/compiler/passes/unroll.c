/* SPDX-License-Identifier: MIT
 *
 * DOC: Filters' inner loops
 *
 * A loop over the taps of a filter's row, inside of one over its rows, finds the same columns in each row. Made
 * of copies, as many as it goes round, those columns depend on nothing of the outer loop, and leave it. Only loops
 * that read texels are so, and short ones.
 */
#include "arena.h"
#include "copy.h"
#include "fold.h"

#define MAX_ROUNDS 8
#define MAX_BODY 260   /* instructions */
#define MAX_COPIES 1400 /* of all iterations */

/* ---- How often it goes round ---- */

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
        uint64_t args[] = {(uint32_t)(value + by), cond->args[1]->imm}, again;
        if (!fold_op((enum ir_op)cond->op, IR_BOOL, IR_I32, cond->imm, args, &again))
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

/* ---- Copies ---- */

static void unroll(struct ir_module *m, struct ir_inst *loop, uint32_t rounds)
{
    struct ir_region *body = loop->regions[0];
    struct ir_inst **values = arena_array(m->arena, struct ir_inst *, loop->arg_count + 1);
    copy_forget(m);
    for (uint32_t k = 0; k < loop->arg_count; k++)
        values[k] = loop->args[k];
    for (uint32_t round = 0; round < rounds; round++) {
        struct ir_inst *first = body->first;
        for (; first && first->op == IR_PARAM; first = first->next)
            first->pass_ptr = values[first->imm];
        copy_list(m, first, NULL, NULL, loop, NULL, NULL);
        for (uint32_t k = 0; k < loop->arg_count; k++)
            values[k] = copy_of(body->yields[1 + k]);
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
