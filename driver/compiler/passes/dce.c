/* SPDX-License-Identifier: MIT
 *
 * Dead code elimination: marks from effects backwards, then sweeps. pass_data is 1 on live
 * instructions.
 */
#include "arena.h"
#include "simplify.h"

struct dce {
    struct ir_inst **stack;
    uint32_t count;
};

static void mark(struct dce *d, struct ir_inst *inst)
{
    if (inst->pass_data)
        return;
    inst->pass_data = 1;
    d->stack[d->count++] = inst;
}

/* The k-th PARAM or RESULT of a control instruction. */
static struct ir_inst *nth(struct ir_inst *first, uint64_t k)
{
    while (k--)
        first = first->next;
    return first;
}

/* A live slot of a LOOP keeps its parameter, initial value, yield and result. */
static void mark_loop_slot(struct dce *d, struct ir_inst *loop, uint64_t k)
{
    mark(d, loop);
    mark(d, loop->args[k]);
    mark(d, nth(loop->regions[0]->first, k));
    mark(d, nth(loop->next, k));
    mark(d, loop->regions[0]->yields[1 + k]);
}

static void mark_inputs(struct dce *d, struct ir_inst *inst)
{
    if (inst->parent->owner)
        mark(d, inst->parent->owner);
    switch (inst->op) {
    case IR_LOOP: /* its arguments belong to slots */
        mark(d, inst->regions[0]->yields[0]);
        return;
    case IR_PARAM:
        mark_loop_slot(d, inst->parent->owner, inst->imm);
        return;
    case IR_RESULT: {
        struct ir_inst *owner = inst->args[0];
        mark(d, owner);
        if (owner->op == IR_LOOP) {
            mark_loop_slot(d, owner, inst->imm);
        } else {
            mark(d, owner->regions[0]->yields[inst->imm]);
            mark(d, owner->regions[1]->yields[inst->imm]);
        }
        return;
    }
    default:
        for (uint32_t i = 0; i < inst->arg_count; i++)
            mark(d, inst->args[i]);
    }
}

/* Takes the slots without a live RESULT out of an IF or LOOP. RESULTs, PARAMs and, of both, what
 * numbers them stay in order. */
static bool compact(struct ir_inst *inst)
{
    bool loop = inst->op == IR_LOOP;
    uint32_t skip = loop, old_count = inst->regions[0]->yield_count - skip, count = 0;
    struct ir_inst *result = inst->next;
    struct ir_inst *param = loop ? inst->regions[0]->first : NULL;
    for (uint32_t k = 0; k < old_count; k++) {
        struct ir_inst *next_result = result->next;
        struct ir_inst *next_param = loop ? param->next : NULL;
        if (result->pass_data) {
            result->imm = count;
            if (loop) {
                param->imm = count;
                inst->args[count] = inst->args[k];
            }
            for (unsigned r = 0; r < ir_region_count(inst); r++)
                inst->regions[r]->yields[skip + count] = inst->regions[r]->yields[skip + k];
            count++;
        } else {
            ir_remove(result);
            if (loop)
                ir_remove(param);
        }
        result = next_result;
        param = next_param;
    }
    for (unsigned r = 0; r < ir_region_count(inst); r++)
        inst->regions[r]->yield_count = skip + count;
    if (loop)
        inst->arg_count = count;
    return count != old_count;
}

/* Removes what isn't marked. Recursion is bounded by IR_MAX_DEPTH. */
static bool sweep(struct ir_region *r)
{
    bool removed = false;
    for (struct ir_inst *inst = r->first, *next; inst; inst = next) {
        if (!inst->pass_data) { /* with all that is inside; its RESULTs are dead, too */
            next = inst->next;
            ir_remove(inst);
            removed = true;
            continue;
        }
        if (ir_region_count(inst))
            removed |= compact(inst);
        for (unsigned i = 0; i < ir_region_count(inst); i++)
            removed |= sweep(inst->regions[i]);
        next = inst->next;
    }
    return removed;
}

bool dce_run(struct ir_module *m)
{
    struct dce d = {0};
    uint32_t total = 0;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        inst->pass_data = 0;
        total++;
    }
    d.stack = arena_array(m->arena, struct ir_inst *, total + 1);

    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        if (ir_op_infos[inst->op].flags & IR_WRITES)
            mark(&d, inst);
    while (d.count)
        mark_inputs(&d, d.stack[--d.count]);

    return sweep(m->body);
}
