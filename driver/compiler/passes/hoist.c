/* SPDX-License-Identifier: MIT
 *
 * Loop-invariant code: pure values, and loads of memory that nobody writes, move in front of the
 * outermost loop that they don't depend on. Pure values leave IFs on their way, since nothing pure
 * can trap; loads only leave loops whose body begins with them unconditionally, so that nothing is
 * read that wasn't read before.
 */
#include "ir.h"

static bool movable(const struct ir_inst *inst)
{
    if (inst->op == IR_CONST || inst->op == IR_UNDEF)
        return false;
    if (inst->op == IR_LOAD)
        return (inst->mem.flags & IR_MEM_READONLY) && !(inst->mem.flags & IR_MEM_VOLATILE);
    if (inst->op == IR_LOCAL_LOAD)
        return inst->local->constant;
    return ir_op_infos[inst->op].flags & IR_PURE;
}

/* Does `value` lie outside of the control instruction? */
static bool outside(const struct ir_inst *value, const struct ir_inst *control)
{
    for (const struct ir_region *r = value->parent; r; r = r->owner ? r->owner->parent : NULL)
        if (r->owner == control)
            return false;
    return true;
}

static bool invariant(const struct ir_inst *inst, const struct ir_inst *loop)
{
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!outside(inst->args[i], loop))
            return false;
    return true;
}

static void hoist(struct ir_inst *inst)
{
    struct ir_inst *target = NULL;
    bool speculate = inst->op != IR_LOAD;
    for (struct ir_inst *owner = inst->parent->owner; owner; owner = owner->parent->owner) {
        if (owner->op == IR_IF && !speculate)
            break;
        if (owner->op != IR_LOOP)
            continue;
        if (!invariant(inst, owner))
            break; /* nor of loops around it */
        target = owner;
    }
    if (target)
        ir_move_before(inst, target);
}

void ir_hoist(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first, *next; inst; inst = next) {
        next = ir_next(inst);
        if (inst->parent->owner && movable(inst))
            hoist(inst);
    }
}
