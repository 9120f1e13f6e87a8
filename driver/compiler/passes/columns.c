/* SPDX-License-Identifier: MIT
 *
 * DOC: Columns
 *
 *     y[x * n + y] = ...        a transposition without workgroup memory
 *
 * The lanes of a row of the workgroup access a column: each a cache line of its own, of which the workgroup's
 * next rows access the rest. Lines that are a power of two apart compete for the few places of one set of
 * the first cache, and with 16 columns a line is gone before the next row comes. So such a workgroup goes
 * through its columns 8 at a time: invocation i is at
 *
 *     x = i % 8 + i / (8 * rows) * 8,  y = i / 8 % rows
 *
 * Only shaders qualify that can't see which invocations run side by side, and without loops: in those, the
 * first access of a line is not what counts.
 */
#include "ir.h"

#define BLOCK 8 /* the places of a set */
#define MIN_ROWS 4
#define MAX_DEPTH 8

/* LOCAL_ID.x and what else, at constant distances. Recursion is bounded by depth. */
static bool is_from_x(const struct ir_inst *inst, unsigned depth)
{
    if (inst->op == IR_LOCAL_ID)
        return inst->imm == 0;
    if (depth == 0)
        return false;
    if (inst->op == IR_ADD || inst->op == IR_SUB)
        return is_from_x(inst->args[0], depth - 1) || is_from_x(inst->args[1], depth - 1);
    return (inst->op == IR_MUL || inst->op == IR_SHL) && inst->args[1]->op == IR_CONST &&
           is_from_x(inst->args[0], depth - 1);
}

/* Is it LOCAL_ID.x times a distance that is not known? */
static bool is_column(const struct ir_inst *inst, unsigned depth)
{
    if (depth == 0)
        return false;
    if (inst->op == IR_ADD || inst->op == IR_SUB)
        return is_column(inst->args[0], depth - 1) || is_column(inst->args[1], depth - 1);
    if (inst->op != IR_MUL && inst->op != IR_SHL)
        return false;
    const struct ir_inst *a = inst->args[0], *b = inst->args[1];
    if (b->op == IR_CONST)
        return is_column(a, depth - 1);
    return inst->op == IR_MUL && a->op != IR_CONST && is_from_x(a, depth - 1) != is_from_x(b, depth - 1);
}

static bool qualifies(const struct ir_module *m)
{
    const uint32_t *size = m->local_size;
    bool columns = false;
    if (m->width < 2 || m->width > BLOCK || m->flat || m->uses_subgroup || m->uses_quads || size[2] != 1 ||
        size[0] % BLOCK || size[0] < 2 * BLOCK || size[1] < MIN_ROWS || size[1] & (size[1] - 1))
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        if (i->op == IR_LOOP || i->op == IR_BARRIER || i->op == IR_LOCAL_INDEX || i->op == IR_LANE ||
            i->op == IR_SUBGROUP_ID || (ir_op_infos[i->op].flags & IR_CROSS_LANE))
            return false;
        if ((i->op == IR_LOAD || i->op == IR_STORE) && i->mem.space == IR_SPACE_BUFFER)
            columns |= is_column(i->args[ir_address_args(i) - 1], MAX_DEPTH);
    }
    return columns;
}

static struct ir_inst *make(struct ir_module *m, struct ir_inst *at, enum ir_op op,
                            struct ir_inst *x, uint32_t by)
{
    struct ir_inst *c = ir_insert_before(m, at, IR_CONST, IR_I32, 0, NULL), *args[] = {x, c};
    c->imm = by;
    return ir_insert_before(m, at, op, IR_I32, 2, args);
}

static struct ir_inst *place(struct ir_module *m, struct ir_inst *id)
{
    uint32_t rows = m->local_size[1];
    struct ir_inst *i = ir_insert_before(m, id, IR_LOCAL_INDEX, IR_I32, 0, NULL);
    if (id->imm == 1)
        return make(m, id, IR_UREM, make(m, id, IR_UDIV, i, BLOCK), rows);
    struct ir_inst *block = make(m, id, IR_MUL, make(m, id, IR_UDIV, i, BLOCK * rows), BLOCK);
    struct ir_inst *args[] = {make(m, id, IR_UREM, i, BLOCK), block};
    return ir_insert_before(m, id, IR_ADD, IR_I32, 2, args);
}

void ir_columns(struct ir_module *m)
{
    if (!qualifies(m))
        return;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_LOCAL_ID && i->imm < 2)
            i->replaced_by = place(m, i);
    ir_resolve_all(m);
    ir_simplify(m);
    m->may_rows = m->rows = false;
}
