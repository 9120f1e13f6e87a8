/* SPDX-License-Identifier: MIT
 *
 * Dispatches without workgroups. A workgroup that doesn't fill its last vector wastes lanes, one of a
 * single invocation all but one. Where a shader can't see the bounds between workgroups (it has no
 * barrier, no workgroup memory and no subgroup), the invocations of neighbouring workgroups along x
 * share vectors: such a module is flat. Invocation i of a row of workgroups is in workgroup
 * i / size.
 *
 *   - If the size divides the vector, the ids have exact patterns: workgroup ids 0 0 0 0 1 1 1 1, local
 *     ids 0 1 2 3 0 1 2 3, for vectors that start at a multiple of their width.
 *   - If it doesn't, only shaders qualify that use nothing but the sum of both, GlobalInvocationId.x.
 *
 * A workgroup of 8x8 touches a few bytes of each of eight rows of a picture. Where a shader without loops
 * can't see the bounds between workgroups, their invocations of one row run first, along all neighbouring
 * workgroups, then those of the next: memory is walked in order. Shaders with loops are left alone,
 * since what a workgroup's rows load again and again is in the first cache now.
 */
#include "ir.h"

static bool
sees_workgroup(const struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_LOAD:
    case IR_STORE:
    case IR_ATOMIC:
    case IR_ATOMIC_CMPXCHG:
    case IR_ATOMIC_LOAD:
    case IR_ATOMIC_STORE:
        return inst->mem.space == IR_SPACE_SHARED;
    case IR_BARRIER:
    case IR_SUBGROUP_ID:
    case IR_LANE:
        return true;
    default:
        return (ir_op_infos[inst->op].flags & IR_CROSS_LANE) != 0;
    }
}

bool
ir_by_rows(struct ir_module *m)
{
    const uint32_t *local = m->local_size;
    if (m->flat || m->width == 1 || m->uses_subgroup || local[1] * local[2] == 1 ||
        local[0] % m->width)
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_LOOP || sees_workgroup(i))
            return false;
    return true;
}

static bool
is_local_x(const struct ir_inst *inst)
{
    return (inst->op == IR_LOCAL_ID && inst->imm == 0) || inst->op == IR_LOCAL_INDEX;
}

static bool
is_group_x(const struct ir_inst *inst)
{
    return inst->op == IR_GROUP_ID && inst->imm == 0;
}

/* GroupId.x * size */
static bool
is_scaled_group(const struct ir_inst *inst, uint32_t size)
{
    return inst->op == IR_MUL && is_group_x(inst->args[0]) && inst->args[1]->op == IR_CONST &&
           inst->args[1]->imm == size;
}

static bool
is_global_x(const struct ir_inst *inst, uint32_t size)
{
    if (inst->op != IR_ADD)
        return false;
    const struct ir_inst *a = inst->args[0], *b = inst->args[1];
    return (is_local_x(a) && is_scaled_group(b, size)) ||
           (is_local_x(b) && is_scaled_group(a, size));
}

/* Counts every use of what only sums may use; use_count is what there is in all. */
static bool
only_sums(struct ir_module *m, uint32_t size)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_data = 0;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        bool sum = is_global_x(i, size), scaled = is_scaled_group(i, size);
        for (uint32_t a = 0; a < i->arg_count && (sum || scaled); a++)
            i->args[a]->pass_data++;
    }
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if ((is_local_x(i) || is_group_x(i) || is_scaled_group(i, size)) &&
            i->pass_data != i->use_count)
            return false;
    return true;
}

bool
ir_flatten(struct ir_module *m, uint32_t width)
{
    const uint32_t *local = m->local_size;
    uint32_t size = local[0] * local[1] * local[2];
    if (width == 1 || size % width == 0 || m->uses_subgroup)
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (sees_workgroup(i))
            return false;
    if (width % size == 0)
        return m->flat = true;
    ir_count_uses(m);
    if (size != local[0] || !only_sums(m, size))
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (is_global_x(i, size)) {
            i->op = IR_FLAT_ID;
            i->arg_count = 0;
            i->imm = 0;
        }
    return m->flat = true;
}
