/* SPDX-License-Identifier: MIT
 *
 * DOC: Loops that the workgroup goes through together
 *
 *     for (i = 0; i < 64; i++) count[x[base + i * 256 + l]]++;
 *
 * Each subgroup by itself reads a short piece of every so many bytes, which the processor does not foresee, and
 * the next subgroup comes for the piece beside it when the line may be gone. In step, as if there was
 * a barrier in the loop, the workgroup reads one long piece after the other. Nothing forbids that where all
 * invocations go round equally often, and it costs nothing where they keep no values of their own meanwhile.
 */
#include "ir.h"

#define LINE_B 64
#define MAX_DEPTH 8   /* of an expression's tree */
#define MAX_OUTSIDE 2 /* values of each invocation that are loaded again in every iteration */

static bool is_inside(const struct ir_inst *inst, const struct ir_region *r)
{
    for (const struct ir_region *at = inst->parent; at; at = at->owner ? at->owner->parent : NULL)
        if (at == r)
            return true;
    return false;
}

static bool is_same_for_all(const struct ir_inst *inst)
{
    return inst->op == IR_CONST || (inst->shape.kind == IR_SHAPE_UNIFORM &&
                                    inst->shape.scope == IR_SCOPE_WORKGROUP);
}

/* Computed from constants, from what is outside of the region, and from the region's own parameters. */
static bool is_pure(const struct ir_inst *inst, const struct ir_region *r, unsigned depth)
{
    if (!is_same_for_all(inst) || depth == 0)
        return false;
    if (inst->op == IR_CONST || !is_inside(inst, r) || (inst->op == IR_PARAM && inst->parent == r))
        return true;
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!is_pure(inst->args[i], r, depth - 1))
            return false;
    return true;
}

/* How a value changes from one iteration to the next. */
struct step {
    bool known;
    bool changes; /* if known, by `by` */
    int64_t by;
};

static struct step step_of(const struct ir_inst *inst, const struct ir_region *r, unsigned depth)
{
    struct step unknown = {false, true, 0}, x, y;
    if (inst->op == IR_CONST || !is_inside(inst, r))
        return (struct step){true, false, 0};
    if (inst->op == IR_PARAM && inst->parent == r) {
        const struct ir_inst *next = r->yields[1 + inst->imm];
        if (next->op != IR_ADD || next->args[0] != inst || next->args[1]->op != IR_CONST)
            return unknown;
        return (struct step){true, true, (int32_t)next->args[1]->imm};
    }
    if (depth == 0 || inst->arg_count == 0 || !(ir_op_infos[inst->op].flags & IR_ELEMENTWISE))
        return (struct step){false, false, 0};
    x = step_of(inst->args[0], r, depth - 1);
    y = inst->arg_count > 1 ? step_of(inst->args[1], r, depth - 1) : (struct step){true, false, 0};
    if (!x.changes && !y.changes)
        return (struct step){x.known && y.known, false, 0};
    bool by_const = inst->arg_count == 2 && inst->args[1]->op == IR_CONST;
    if (!x.known || !y.known)
        return unknown;
    switch (inst->op) {
    case IR_ADD:
        return (struct step){true, true, x.by + y.by};
    case IR_SUB:
        return (struct step){true, true, x.by - y.by};
    case IR_MUL:
        return by_const ? (struct step){true, true, x.by * (int32_t)inst->args[1]->imm} : unknown;
    case IR_SHL:
        return by_const && inst->args[1]->imm < 32
                   ? (struct step){true, true, x.by * (INT64_C(1) << inst->args[1]->imm)}
                   : unknown;
    default:
        return unknown;
    }
}

/* A load of neighbouring elements by neighbouring lanes, that goes on elsewhere in the next iteration. */
static bool is_far_reading(const struct ir_module *m, const struct ir_inst *inst,
                           const struct ir_region *r)
{
    if (inst->op != IR_LOAD || inst->mem.space != IR_SPACE_BUFFER)
        return false;
    const struct ir_inst *address = inst->args[ir_address_args(inst) - 1];
    int64_t size_B = (int64_t)ir_type_B((enum ir_type)inst->type) * inst->mem.comps;
    if (address->shape.kind != IR_SHAPE_OFFSETS)
        return false;
    for (uint32_t l = 0; l < m->width; l++)
        if (address->shape.offsets[l] != (int64_t)l * size_B)
            return false;
    struct step step = step_of(address, r, MAX_DEPTH);
    return step.changes && (!step.known || step.by > LINE_B || step.by < -LINE_B);
}

/* May the instruction, somewhere in the loop, stay as it is? Counts what it takes from outside. */
static bool can_stay(const struct ir_inst *inst, const struct ir_region *r, unsigned *outside)
{
    if (inst->op == IR_LOCAL_LOAD || inst->op == IR_LOCAL_STORE ||
        (ir_region_count(inst) && inst->flags & IR_INST_BARRIER))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++) {
        const struct ir_inst *arg = inst->args[i];
        *outside += arg->shape.kind == IR_SHAPE_VARYING && arg->op != IR_CONST && !is_inside(arg, r);
    }
    return true;
}

/* Do all invocations go round equally often, and keep nothing of their own from one iteration to the next? */
static bool goes_together(const struct ir_inst *loop)
{
    const struct ir_region *r = loop->regions[0];
    if (!is_pure(r->yields[0], r, MAX_DEPTH))
        return false;
    for (uint32_t k = 1; k < r->yield_count; k++)
        if (!is_pure(r->yields[k], r, MAX_DEPTH))
            return false;
    for (const struct ir_inst *p = r->first; p && p->op == IR_PARAM; p = p->next)
        if (!is_same_for_all(p))
            return false;
    return true;
}

/* Is what is around the loop the whole workgroup's, or can it become so? */
static bool is_reached_together(const struct ir_inst *loop)
{
    for (const struct ir_inst *o = loop->parent->owner; o && !(o->flags & IR_INST_BARRIER);
         o = o->parent->owner) {
        if (o->op != IR_IF || !is_same_for_all(o->args[0]))
            return false;
        for (unsigned k = 0; k < 2; k++)
            for (uint32_t y = 0; y < o->regions[k]->yield_count; y++)
                if (!is_same_for_all(o->regions[k]->yields[y]))
                    return false;
    }
    return true;
}

static bool should_lift(const struct ir_module *m, struct ir_inst *loop)
{
    const struct ir_region *r = loop->regions[0];
    unsigned outside = 0;
    bool far = false;
    if (loop->flags & IR_INST_BARRIER || !is_reached_together(loop) || !goes_together(loop))
        return false;
    for (struct ir_inst *i = r->first; i && is_inside(i, r); i = ir_next(i)) {
        if (!can_stay(i, r, &outside))
            return false;
        far |= i->parent == r && is_far_reading(m, i, r);
    }
    return far && outside <= MAX_OUTSIDE;
}

void ir_lift(struct ir_module *m)
{
    uint32_t invocations = m->local_size[0] * m->local_size[1] * m->local_size[2];
    if (m->flat || m->rows || invocations < 2 * m->width)
        return;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        if (inst->op != IR_LOOP || !should_lift(m, inst))
            continue;
        inst->flags |= IR_INST_BARRIER;
        for (struct ir_inst *o = inst->parent->owner; o; o = o->parent->owner)
            o->flags |= IR_INST_BARRIER;
    }
}
