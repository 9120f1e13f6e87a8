/* SPDX-License-Identifier: MIT
 *
 * Values that leave the region they are made in, by RESULTs of what owns it, and values that loops carry.
 */
#include "spv_builder.h"

static bool is_inside(const struct ir_region *r, const struct ir_region *outer)
{
    for (; r; r = r->owner ? r->owner->parent : NULL)
        if (r == outer)
            return true;
    return false;
}

static void push_value(struct spv_builder *b, struct ir_inst ***values, uint32_t *count,
                       struct ir_inst *x)
{
    *values = arena_grow(b->arena, *values, *count, *count + 1, sizeof(**values));
    (*values)[(*count)++] = x;
}

/* The last of the PARAMs or RESULTs that start at first; after is what they follow. */
static struct ir_inst *last_of(struct ir_inst *first, enum ir_op op, struct ir_inst *after)
{
    for (; first && first->op == op; first = first->next)
        after = first;
    return after;
}

static struct ir_inst *insert_after(struct spv_builder *b, struct ir_region *r, struct ir_inst *at,
                                    enum ir_op op, enum ir_type type, struct ir_inst *arg,
                                    uint64_t imm)
{
    struct ir_inst *next = at ? at->next : r->first;
    uint32_t count = arg ? 1 : 0;
    struct ir_inst *inst = next ? ir_insert_before(b->m, next, op, type, count, &arg)
                                : ir_append(b->m, r, op, type, count, &arg);
    inst->imm = imm;
    inst->line = b->line;
    return inst;
}

struct ir_inst *spv_loop_carry(struct spv_builder *b, struct ir_inst *loop, struct ir_inst *init,
                               struct ir_inst *yield)
{
    struct ir_region *body = loop->regions[0];
    enum ir_type type = (enum ir_type)yield->type;
    uint32_t k = loop->arg_count;
    push_value(b, &body->yields, &body->yield_count, yield);
    push_value(b, &loop->args, &loop->arg_count, init);
    insert_after(b, body, last_of(body->first, IR_PARAM, NULL), IR_PARAM, type, NULL, k);
    b->count++;
    return insert_after(b, loop->parent, last_of(loop->next, IR_RESULT, loop), IR_RESULT, type,
                        loop, k);
}

/* Lets a value leave its region: a RESULT of the region's owner, the same for every use. */
static struct ir_inst *leave_region(struct spv_builder *b, struct ir_inst *x)
{
    struct ir_region *r = x->parent;
    struct ir_inst *owner = r->owner;
    enum ir_type type = (enum ir_type)x->type;
    uint32_t skip = owner->op == IR_LOOP; /* a loop's yields[0] is its condition */
    for (uint32_t k = skip; k < r->yield_count; k++) {
        if (r->yields[k] != x)
            continue;
        for (struct ir_inst *i = owner->next; i && i->op == IR_RESULT; i = i->next)
            if (i->imm == k - skip)
                return i;
    }
    if (owner->op == IR_LOOP)
        return spv_loop_carry(b, owner, spv_undef(b, type), x);
    uint32_t k = r->yield_count;
    struct ir_region *other = owner->regions[r == owner->regions[0]];
    push_value(b, &r->yields, &r->yield_count, x);
    push_value(b, &other->yields, &other->yield_count, spv_undef(b, type));
    b->count++;
    return insert_after(b, owner->parent, last_of(owner->next, IR_RESULT, owner), IR_RESULT, type,
                        owner, k);
}

struct ir_inst *spv_usable(struct spv_builder *b, struct ir_inst *x)
{
    x = ir_resolve(x);
    if (x->parent == b->region || x->parent == b->m->body)
        return x;
    while (!is_inside(b->region, x->parent)) {
        /* Out of an arm whose IF is still being built: its other arm wants the value. */
        struct ir_inst *owner = x->parent->owner;
        for (struct ir_region *r = b->region; r; r = r->owner ? r->owner->parent : NULL)
            if (r->owner == owner)
                spv_bad(b, "a value is used where its definition does not dominate");
        x = ir_resolve(leave_region(b, x));
    }
    return x;
}
