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
 *   - If it doesn't, only shaders qualify that use nothing but sums of both, GlobalInvocationId.x and what is
 *     computed likewise from a workgroup's number in several dimensions.
 *
 * A workgroup of 8x8 touches a few bytes of each of eight rows of a picture. Where a shader without loops
 * can't see the bounds between workgroups, their invocations of one row run first, along all neighbouring
 * workgroups, then those of the next: memory is walked in order. Shaders with loops are left alone,
 * since what a workgroup's rows load again and again is in the first cache now.
 */
#include "arena.h"
#include "ir.h"

static bool sees_workgroup(const struct ir_inst *inst)
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

bool ir_by_rows(const struct ir_module *m)
{
    return m->may_rows && m->width > 1 && m->local_size[0] % m->width == 0;
}

/* Of a module that does not use the subgroup: what the image library asks of a vector's lanes, whichever they are. */
static bool is_vote(const struct ir_inst *inst)
{
    return inst->op == IR_LANE || inst->op == IR_SG_ALL || inst->op == IR_SG_ANY || inst->op == IR_SG_ROW ||
           inst->op == IR_SG_FIRST;
}

bool ir_may_rows(struct ir_module *m)
{
    const uint32_t *local = m->local_size;
    if (m->flat || m->uses_subgroup || m->uses_quads || local[1] * local[2] == 1)
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_LOOP || (sees_workgroup(i) && !is_vote(i)))
            return false;
    return true;
}

static bool is_local_x(const struct ir_inst *inst)
{
    return (inst->op == IR_LOCAL_ID && inst->imm == 0) || inst->op == IR_LOCAL_INDEX;
}

static bool is_group_x(const struct ir_inst *inst)
{
    return inst->op == IR_GROUP_ID && inst->imm == 0;
}

/* A value that is something else + group * GroupId.x + local * LocalId.x, modulo 2^32. */
struct sum {
    bool found;
    uint32_t group, local;
    uint32_t nodes; /* of its tree */
};

#define MAX_NODES 64

struct flattening {
    struct ir_module *m;
    uint32_t size;    /* invocations of a workgroup */
    struct sum *sums; /* by instruction id */
    struct ir_inst *flat;
};

static struct sum sum_of(const struct flattening *f, const struct ir_inst *inst)
{
    struct sum none = {.found = false};
    if (inst->type != IR_I32)
        return none;
    if (is_group_x(inst))
        return (struct sum){true, 1, 0, 1};
    if (is_local_x(inst))
        return (struct sum){true, 0, 1, 1};
    if (inst->op != IR_ADD && inst->op != IR_SUB && inst->op != IR_MUL)
        return none;
    struct sum a = f->sums[inst->args[0]->id], b = f->sums[inst->args[1]->id];
    uint32_t nodes = a.nodes + b.nodes + 1;
    if ((!a.found && !b.found) || nodes > MAX_NODES)
        return none;
    if (inst->op == IR_ADD)
        return (struct sum){true, a.group + b.group, a.local + b.local, nodes};
    if (inst->op == IR_SUB)
        return (struct sum){true, a.group - b.group, a.local - b.local, nodes};
    if (b.found || inst->args[1]->op != IR_CONST)
        return none;
    uint32_t by = (uint32_t)inst->args[1]->imm;
    return (struct sum){true, a.group * by, a.local * by, nodes};
}

/* Something else + a multiple of GroupId.x * size + LocalId.x. */
static bool is_flat(const struct flattening *f, const struct ir_inst *inst)
{
    struct sum sum = f->sums[inst->id];
    return sum.found && sum.local && sum.group == sum.local * f->size;
}

static bool is_part(const struct flattening *f, const struct ir_inst *inst)
{
    return f->sums[inst->id].found && !is_flat(f, inst);
}

/* Does nothing but sums use what only sums may use? */
static bool only_sums(struct flattening *f)
{
    for (struct ir_inst *i = f->m->body->first; i; i = ir_next(i))
        f->sums[i->id] = sum_of(f, i);
    for (struct ir_inst *i = f->m->body->first; i; i = ir_next(i)) {
        for (uint32_t a = 0; a < i->arg_count; a++)
            if (is_part(f, i->args[a]) && !f->sums[i->id].found)
                return false;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            for (uint32_t y = 0; y < i->regions[k]->yield_count; y++)
                if (is_part(f, i->regions[k]->yields[y]))
                    return false;
    }
    return true;
}

static struct ir_inst *make(struct flattening *f, struct ir_inst *at, enum ir_op op,
                            struct ir_inst *x, struct ir_inst *y)
{
    struct ir_inst *args[] = {x, y};
    struct ir_inst *inst = ir_insert_before(f->m, at, op, IR_I32, 2, args);
    inst->line = at->line;
    return inst;
}

static struct ir_inst *times(struct flattening *f, struct ir_inst *at, struct ir_inst *value,
                             uint32_t by)
{
    if (by == 1)
        return value;
    struct ir_inst *c = ir_insert_before(f->m, at, IR_CONST, IR_I32, 0, NULL);
    c->imm = by;
    return make(f, at, IR_MUL, value, c);
}

/* total + by * what else there is in the value; total may be NULL. Recursion is bounded by
 * MAX_NODES. */
static struct ir_inst *add_else(struct flattening *f, struct ir_inst *at, struct ir_inst *total,
                                struct ir_inst *value, uint32_t by)
{
    if (is_group_x(value) || is_local_x(value))
        return total;
    if (!f->sums[value->id].found) {
        value = times(f, at, value, by);
        return total ? make(f, at, IR_ADD, total, value) : value;
    }
    if (value->op == IR_MUL)
        return add_else(f, at, total, value->args[0], by * (uint32_t)value->args[1]->imm);
    total = add_else(f, at, total, value->args[0], by);
    return add_else(f, at, total, value->args[1], value->op == IR_SUB ? -by : by);
}

static void rewrite(struct flattening *f, struct ir_inst *inst)
{
    struct ir_inst *flat = ir_insert_before(f->m, inst, IR_FLAT_ID, IR_I32, 0, NULL);
    flat = times(f, inst, flat, f->sums[inst->id].local);
    struct ir_inst *other = add_else(f, inst, NULL, inst, 1);
    inst->replaced_by = other ? make(f, inst, IR_ADD, flat, other) : flat;
}

/* Rewrites what is made of workgroup and invocation into what is made of FLAT_ID. */
static bool use_flat_id(struct ir_module *m, uint32_t size)
{
    struct flattening f = {.m = m, .size = size};
    ir_number(m);
    uint32_t count = m->next_id;
    f.sums = arena_array(m->arena, struct sum, count + 1);
    if (!only_sums(&f))
        return false;
    /* What is made on the way has higher ids. */
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->id < count && is_flat(&f, i))
            rewrite(&f, i);
    ir_resolve_all(m);
    ir_simplify(m);
    return true;
}

bool ir_flatten(struct ir_module *m, uint32_t width)
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
    return m->flat = size == local[0] && use_flat_id(m, size);
}
