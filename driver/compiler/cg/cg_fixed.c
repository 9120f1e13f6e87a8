/* SPDX-License-Identifier: MIT
 *
 * Values that are the same in every workgroup: what is computed of constants and of the invocation's place in its
 * workgroup, such as a transform's sines and cosines. Those that take long are computed when the kernel
 * starts, for each subgroup, and stay in its frame while the kernel goes from workgroup to workgroup.
 */
#include "arena.h"
#include "cg_group.h"

#define LEAST_OPS 12u    /* fewer are not worth a load */
#define SLOW_OPS 6u      /* as which a division or a root counts */
#define MAX_B (16u << 10) /* of a workgroup's frames: half of a first-level cache */

enum { FIXED = 1, USED_ELSEWHERE = 2, NEEDED = 4 };

struct plan {
    struct cg *cg;
    uint8_t *flags;   /* by instruction id */
    uint32_t *counted; /* the count that looked at it last */
    uint32_t counts, size_B;
};

static bool is_fixed_op(struct plan *p, const struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_CONST:
    case IR_LOCAL_ID:
    case IR_LOCAL_INDEX:
    case IR_SUBGROUP_ID:
    case IR_LANE:
        return true;
    default:
        break;
    }
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE) || cg_is_group_scalar(p->cg, inst))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!(p->flags[inst->args[i]->id] & FIXED))
            return false;
    return true;
}

/* Stands where the workgroup's pieces are cut, not in the arm of a condition or in a loop of theirs. */
static bool is_on_a_level(const struct ir_inst *inst)
{
    return !inst->parent->owner || cg_is_group_control(inst->parent->owner);
}

static void find(struct ir_inst *inst, void *data)
{
    struct plan *p = data;
    if (is_on_a_level(inst) && is_fixed_op(p, inst))
        p->flags[inst->id] |= FIXED;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!(p->flags[inst->id] & FIXED))
            p->flags[inst->args[i]->id] |= USED_ELSEWHERE;
    for (unsigned k = 0; k < ir_region_count(inst); k++)
        for (uint32_t y = 0; inst->regions[k] && y < inst->regions[k]->yield_count; y++)
            p->flags[inst->regions[k]->yields[y]->id] |= USED_ELSEWHERE;
}

/* The operations that it takes from what is kept, each once; or LEAST_OPS or more. */
static unsigned count_ops(struct plan *p, const struct ir_inst *inst, unsigned ops)
{
    if (inst->op == IR_CONST || p->counted[inst->id] == p->counts || cg_where(p->cg, inst)->fixed)
        return ops;
    p->counted[inst->id] = p->counts;
    ops += inst->op == IR_FDIV || inst->op == IR_FSQRT ? SLOW_OPS : 1;
    for (uint32_t i = 0; i < inst->arg_count && ops < LEAST_OPS; i++)
        ops = count_ops(p, inst->args[i], ops);
    return ops;
}

static void need(struct plan *p, const struct ir_inst *inst)
{
    if (p->flags[inst->id] & NEEDED)
        return;
    p->flags[inst->id] |= NEEDED;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        need(p, inst->args[i]);
}

static void choose(struct ir_inst *inst, void *data)
{
    struct plan *p = data;
    uint32_t size_B = ir_type_B((enum ir_type)inst->type) * p->cg->width * p->cg->p->subgroups;
    if ((p->flags[inst->id] & (FIXED | USED_ELSEWHERE)) != (FIXED | USED_ELSEWHERE) ||
        cg_is_scalar(p->cg, inst) || p->size_B + size_B > MAX_B)
        return;
    p->counts++;
    if (count_ops(p, inst, 0) < LEAST_OPS)
        return;
    need(p, inst);
    cg_where(p->cg, inst)->fixed = true;
    cg_where(p->cg, inst)->piece = CG_PIECE_SEVERAL;
    p->size_B += size_B;
}

void cg_fixed_plan(struct cg *cg)
{
    struct ir_module *m = cg->m;
    if (m->flat || m->rows || cg->width == 1 || cg_fast(cg))
        return;
    struct plan plan = {
        .cg = cg,
        .flags = arena_alloc(m->arena, (m->next_id + 1) * sizeof *plan.flags),
        .counted = arena_alloc(m->arena, (m->next_id + 1) * sizeof *plan.counted),
    };
    ir_walk(m->body, find, &plan);
    ir_walk(m->body, choose, &plan);
    if (plan.size_B)
        cg->p->fixed = plan.flags;
}

static void emit(struct ir_inst *inst, void *data)
{
    struct cg *cg = data;
    if (!(cg->p->fixed[inst->id] & NEEDED) || cg_is_free(inst))
        return;
    cg_inst(cg, inst);
    if (cg_where(cg, inst)->fixed)
        cg_home_store(cg, inst, cg_form_of(cg, inst, inst));
}

static void emit_body(struct cg *cg, void *data)
{
    ir_walk(cg->m->body, emit, cg);
}

void cg_fixed_emit(struct cg *cg)
{
    if (cg->p->fixed)
        cg_each_subgroup(cg, emit_body, NULL);
}
