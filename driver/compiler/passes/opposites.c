/* SPDX-License-Identifier: MIT
 *
 * A comparison and its opposite are one too many where one of them only decides selections: those take the
 * other with their arms exchanged. The exit of a loop is often such a pair:
 *
 *     a = less x y; k = select a 1 2; b = unordered or not less x y; yield b
 *     b = unordered or not less x y; k = select b 2 1; yield b
 *
 * LLVM makes opposites itself, and does not find this.
 */
#include "ir.h"
#include "simplify.h"

#define MAX_DISTANCE 32 /* instructions between the two */

/* Only decides selections? pass_data counts those. */
static bool selects(const struct ir_inst *comparison)
{
    return comparison->use_count > 0 && comparison->pass_data == comparison->use_count;
}

/* The comparison's opposite, not far before it in the same region; or NULL. */
static struct ir_inst *find(const struct ir_inst *y)
{
    enum ir_op op;
    bool swap;
    if (!identity_inverse((enum ir_op)y->op, &op, &swap))
        return NULL;
    struct ir_inst *x = y->prev;
    for (unsigned k = 0; x && k < MAX_DISTANCE; k++, x = x->prev)
        if (x->op == op && x->args[0] == y->args[swap] && x->args[1] == y->args[!swap])
            return x;
    return NULL;
}

static void count_selections(struct ir_inst *inst, void *data)
{
    (void)data;
    if (inst->op != IR_SELECT)
        return;
    struct ir_inst *condition = inst->args[0];
    if (inst->args[1] != condition && inst->args[2] != condition)
        condition->pass_data++;
}

static void exchange(struct ir_inst *inst, void *data)
{
    struct ir_inst **pair = data;
    if (inst->op != IR_SELECT || inst->args[0] != pair[0])
        return;
    struct ir_inst *arm = inst->args[1];
    inst->args[0] = pair[1];
    inst->args[1] = inst->args[2];
    inst->args[2] = arm;
}

void ir_opposites(struct ir_module *m)
{
    ir_count_uses(m);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_data = 0;
    ir_walk(m->body, count_selections, NULL);
    for (struct ir_inst *y = m->body->first, *next; y; y = next) {
        next = ir_next(y);
        struct ir_inst *x = find(y);
        if (!x || (!selects(x) && !selects(y)))
            continue;
        struct ir_inst *pair[] = {selects(y) ? y : x, selects(y) ? x : y};
        if (pair[0] == x)
            ir_move_before(y, x);
        ir_walk(m->body, exchange, pair);
        ir_remove(pair[0]);
    }
}
