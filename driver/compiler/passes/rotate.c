/* SPDX-License-Identifier: MIT
 *
 * Loops that test at the top become loops that test at the bottom:
 *
 *     LOOP x { P; IF c { A; yield b, n } else { E; yield false, e }; S }
 *
 * where P computes the condition c, and only what went through A may go on, becomes
 *
 *     P0; IF c0 { LOOP x { P; A; S; P1; c1; go on while b and c1 } } else { E; S }
 *
 * P0 is P of the initial values, P1 is P of the next values. So an iteration has one branch instead
 * of two, and what A computes reaches the next iteration directly: a counter stays uniform although
 * lanes leave the loop at different times. Values of P that cost something are handed on as
 * parameters; cheap ones are computed again.
 */
#include "arena.h"
#include "copy.h"
#include "simplify.h"

/* Instructions that are copied at most. */
#define MAX_COPIED 32
#define MAX_CARRIED 8
#define MAX_EXTRA 4

struct rotation {
    struct ir_module *m;
    struct ir_inst *loop, *branch; /* the LOOP, and the IF in it */
    struct ir_inst *p_first, *p_end; /* P: from first to before end */
    struct ir_inst *s_first, *s_end; /* S. The ends are markers while the loop is changed */
    struct ir_region *then, *otherwise;
    bool one_exit; /* b is true */
    uint32_t slots; /* of the loop before */

    struct ir_inst *carried[MAX_CARRIED], *carried_init[MAX_CARRIED];
    uint32_t carried_count;
};

/* ---- Does the loop fit? ---- */

static bool pure_list(const struct ir_inst *first, const struct ir_inst *end, unsigned *count,
                      bool loads)
{
    for (const struct ir_inst *inst = first; inst && inst != end; inst = inst->next) {
        bool load = inst->op == IR_LOCAL_LOAD ||
                    (inst->op == IR_LOAD && !(inst->mem.flags & IR_MEM_VOLATILE));
        if (!(ir_op_infos[inst->op].flags & IR_PURE) && !(load && loads))
            return false;
        if (++*count > MAX_COPIED)
            return false;
    }
    return true;
}

/* Is `value` what the IF yields, or its negation, and false for certain where `arm` yields it? */
static bool is_false_from(const struct rotation *r, const struct ir_inst *value,
                          const struct ir_region *arm)
{
    bool negated = value->op == IR_NOT;
    if (negated)
        value = value->args[0];
    if (value->op != IR_RESULT || value->args[0] != r->branch)
        return false;
    const struct ir_inst *yield = arm->yields[value->imm];
    return yield->op == IR_CONST && yield->imm == negated;
}

/* Does `value` being true say that the IF's condition was? */
static bool implies(const struct rotation *r, const struct ir_inst *value)
{
    if (value == r->branch->args[0] || is_false_from(r, value, r->otherwise))
        return true;
    return value->op == IR_AND && value->parent == r->loop->regions[0] &&
           (implies(r, value->args[0]) || implies(r, value->args[1]));
}

static bool is_inverse(const struct ir_inst *x, const struct ir_inst *y)
{
    enum ir_op op;
    bool swap;
    if (x->op == IR_NOT && x->args[0] == y)
        return true;
    return identity_inverse(y->op, &op, &swap) && x->op == op && x->args[0] == y->args[swap] &&
           x->args[1] == y->args[!swap];
}

/* Where the IF's second arm is the one that goes on: negates the condition and swaps the arms. */
static void turn(struct rotation *r)
{
    struct ir_region *body = r->loop->regions[0];
    struct ir_inst *cond = r->branch->args[0], *negated;
    enum ir_op op;
    bool swap;
    if (identity_inverse(cond->op, &op, &swap)) {
        struct ir_inst *args[] = {cond->args[swap], cond->args[!swap]};
        negated = ir_insert_before(r->m, r->branch, op, IR_BOOL, 2, args);
    } else {
        negated = ir_insert_before(r->m, r->branch, IR_NOT, IR_BOOL, 1, &cond);
    }
    if (!r->p_first || r->p_first == r->branch)
        r->p_first = negated;
    if (is_inverse(body->yields[0], cond))
        body->yields[0] = negated;
    r->branch->args[0] = negated;
    r->branch->regions[0] = r->otherwise;
    r->branch->regions[1] = r->then;
    r->then = r->branch->regions[0];
    r->otherwise = r->branch->regions[1];
}

static bool find(struct rotation *r)
{
    struct ir_region *body = r->loop->regions[0];
    unsigned count = 0;
    struct ir_inst *at = body->first;
    while (at && at->op == IR_PARAM)
        at = at->next;
    r->p_first = at;
    while (at && at->op != IR_IF)
        at = at->next;
    if (!at)
        return false;
    r->branch = r->p_end = at;
    r->then = at->regions[0];
    r->otherwise = at->regions[1];
    for (at = at->next; at && at->op == IR_RESULT;)
        at = at->next;
    r->s_first = at;
    r->slots = r->loop->arg_count;
    struct ir_inst *go_on = body->yields[0], *cond = r->branch->args[0];
    if (is_false_from(r, go_on, r->then) || is_inverse(go_on, cond))
        turn(r);
    if (!implies(r, body->yields[0]))
        return false;
    r->one_exit = body->yields[0] == r->branch->args[0];
    return pure_list(r->p_first, r->p_end, &count, r->one_exit) &&
           pure_list(r->s_first, NULL, &count, false) &&
           pure_list(r->otherwise->first, NULL, &count, false);
}

/* ---- Copies: pass_ptr of an instruction is what stands for it ---- */

static void unmap(struct rotation *r)
{
    struct ir_region *lists[] = {r->loop->regions[0], r->otherwise};
    for (unsigned i = 0; i < 2; i++)
        for (struct ir_inst *inst = lists[i]->first; inst; inst = inst->next)
            inst->pass_ptr = NULL;
}

/* The way out through the IF's other arm: E and S, copied into the region. */
static void copy_exit(struct rotation *r, struct ir_region *into)
{
    copy_list(r->m, r->otherwise->first, NULL, into, NULL, NULL, NULL);
    for (struct ir_inst *result = r->branch->next; result != r->s_first; result = result->next)
        result->pass_ptr = copy_of(r->otherwise->yields[result->imm]);
    copy_list(r->m, r->s_first, r->s_end, into, NULL, NULL, NULL);
}

/* ---- Values of P that A and S use ---- */

static bool cheap(const struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_MUL:
    case IR_UMULH:
    case IR_SMULH:
    case IR_UDIV:
    case IR_SDIV:
    case IR_UREM:
    case IR_SREM:
    case IR_LOAD:
    case IR_LOCAL_LOAD:
        return false;
    case IR_COMP:
        return false;
    default:
        return !ir_type_is_float(inst->type);
    }
}

/* Marks values of P that are used outside of it, by pass_data. */
static void mark_used(struct rotation *r)
{
    for (struct ir_inst *inst = r->p_first; inst != r->p_end; inst = inst->next)
        inst->pass_data = 0;
    for (struct ir_inst *inst = r->branch; inst; inst = ir_next(inst)) {
        if (inst != r->branch)
            for (uint32_t i = 0; i < inst->arg_count; i++)
                inst->args[i]->pass_data = 1;
        for (unsigned k = 0; k < ir_region_count(inst); k++)
            for (uint32_t i = 0; i < inst->regions[k]->yield_count; i++)
                inst->regions[k]->yields[i]->pass_data = 1;
        /* What follows the loop uses nothing of its body. */
        if (!inst->next && inst->parent == r->loop->regions[0] && !ir_region_count(inst))
            break;
    }
    const struct ir_region *body = r->loop->regions[0];
    for (uint32_t i = 0; i < body->yield_count; i++)
        body->yields[i]->pass_data = 1;
}

static bool choose_carried(struct rotation *r)
{
    mark_used(r);
    for (struct ir_inst *inst = r->p_first; inst != r->p_end; inst = inst->next) {
        bool several = ir_comps(inst) > 1;
        if (inst->op == IR_CONST || inst->op == IR_UNDEF || !inst->pass_data || cheap(inst) ||
            several)
            continue;
        if (r->carried_count == MAX_CARRIED)
            return false;
        r->carried[r->carried_count++] = inst;
    }
    return true;
}

/* ---- The change ---- */

/* On the way out through the other arm, does slot k keep the parameter's value? */
static bool transparent(const struct rotation *r, uint32_t k)
{
    const struct ir_inst *value = r->loop->regions[0]->yields[1 + k];
    if (value->op == IR_RESULT && value->args[0] == r->branch)
        value = r->otherwise->yields[value->imm];
    return value->op == IR_PARAM && value->parent == r->loop->regions[0] && value->imm == k;
}

static struct ir_inst *nth(struct ir_inst *first, uint32_t k)
{
    while (k--)
        first = first->next;
    return first;
}

static struct ir_inst *make_constant(struct rotation *r, struct ir_inst *before, enum ir_type type,
                                     uint64_t bits)
{
    struct ir_inst *inst = ir_insert_before(r->m, before, IR_CONST, type, 0, NULL);
    inst->imm = bits;
    return inst;
}

/* P0 and the IF around the loop, with the loop's RESULTs for its own. */
static struct ir_inst *make_guard(struct rotation *r)
{
    struct ir_inst *loop = r->loop, *param = loop->regions[0]->first;
    unmap(r);
    for (uint32_t k = 0; k < r->slots; k++, param = param->next)
        param->pass_ptr = loop->args[k];
    copy_list(r->m, r->p_first, r->p_end, NULL, loop, NULL, NULL);
    for (uint32_t i = 0; i < r->carried_count; i++)
        r->carried_init[i] = copy_of(r->carried[i]);

    struct ir_inst *cond = copy_of(r->branch->args[0]);
    struct ir_inst *guard = ir_insert_before(r->m, loop, IR_IF, IR_VOID, 1, &cond);
    guard->line = loop->line;
    guard->regions[0] = ir_region_create(r->m, guard);
    guard->regions[1] = ir_region_create(r->m, guard);
    copy_exit(r, guard->regions[1]);
    guard->regions[1]->yields = arena_array(r->m->arena, struct ir_inst *, r->slots);
    guard->regions[1]->yield_count = r->slots;
    for (uint32_t k = 0; k < r->slots; k++)
        guard->regions[1]->yields[k] = copy_of(loop->regions[0]->yields[1 + k]);
    for (struct ir_inst *result = loop->next; result && result->op == IR_RESULT &&
                                              result->args[0] == loop; result = result->next)
        result->args[0] = guard;

    struct ir_inst *end = ir_append(r->m, guard->regions[0], IR_UNDEF, IR_BOOL, 0, NULL);
    ir_move_before(loop, end);
    ir_remove(end);
    return guard;
}

/* A new slot of the loop: its PARAM. */
static struct ir_inst *add_slot(struct rotation *r, uint32_t k, enum ir_type type,
                                struct ir_inst *init)
{
    struct ir_region *body = r->loop->regions[0];
    struct ir_inst *first = body->first;
    while (first->op == IR_PARAM)
        first = first->next;
    struct ir_inst *param = ir_insert_before(r->m, first, IR_PARAM, type, 0, NULL);
    param->imm = k;
    r->loop->args[k] = init;
    return param;
}

static void rotate(struct rotation *r, const bool *extra)
{
    struct ir_module *m = r->m;
    struct ir_region *body = r->loop->regions[0];
    r->p_end = ir_insert_before(m, r->branch, IR_UNDEF, IR_BOOL, 0, NULL);
    if (r->p_first == r->branch)
        r->p_first = r->p_end;
    r->s_end = ir_append(m, body, IR_UNDEF, IR_BOOL, 0, NULL);
    if (!r->s_first)
        r->s_first = r->s_end;
    struct ir_inst *guard = make_guard(r);
    struct ir_inst *yes = make_constant(r, r->loop, IR_BOOL, 1);
    uint32_t n = r->slots, room = n + r->carried_count + MAX_EXTRA;
    struct ir_inst **old = body->yields;
    struct ir_inst **yields = arena_array(m->arena, struct ir_inst *, 1 + room);
    struct ir_inst *cond = r->branch->args[0];

    /* A in the IF's place. What S and the yields take from the IF comes from A now. */
    unmap(r);
    struct ir_inst *param = body->first, *result;
    while (r->then->first)
        ir_move_before(r->then->first, r->branch);
    for (result = r->branch->next; result != r->s_first; result = result->next)
        result->pass_ptr = r->then->yields[result->imm];
    struct ir_inst *go_on = r->one_exit ? yes : copy_of(old[0]);
    for (uint32_t k = 0; k < n; k++)
        yields[1 + k] = copy_of(old[1 + k]);
    for (result = r->branch->next; result != r->s_first; result = result->next)
        result->pass_ptr = NULL;

    /* P1, and the way out from it where it gives other values than the next iteration would get. */
    for (uint32_t k = 0; k < n; k++, param = param->next)
        param->pass_ptr = yields[1 + k];
    copy_list(r->m, r->p_first, r->p_end, body, NULL, NULL, NULL);
    struct ir_inst *next_cond = copy_of(cond);
    yields[0] = next_cond;
    if (!r->one_exit)
        yields[0] = ir_append(m, body, IR_AND, IR_BOOL, 2, (struct ir_inst *[]){go_on, next_cond});
    struct ir_inst *carried_next[MAX_CARRIED], *extra_next[MAX_EXTRA];
    uint32_t extra_slots[MAX_EXTRA], extra_count = 0;
    for (uint32_t i = 0; i < r->carried_count; i++)
        carried_next[i] = copy_of(r->carried[i]);
    for (uint32_t k = 0; k < n; k++)
        if (extra[k])
            extra_slots[extra_count++] = k;
    if (extra_count) {
        copy_list(r->m, r->otherwise->first, NULL, body, NULL, NULL, NULL);
        for (result = r->branch->next; result != r->s_first; result = result->next)
            result->pass_ptr = copy_of(r->otherwise->yields[result->imm]);
        copy_list(r->m, r->s_first, r->s_end, body, NULL, NULL, NULL);
        for (uint32_t i = 0; i < extra_count; i++) {
            uint32_t k = extra_slots[i];
            struct ir_inst *args[] = {go_on, copy_of(old[1 + k]), yields[1 + k]};
            extra_next[i] = r->one_exit ? args[1]
                                        : ir_append(m, body, IR_SELECT, args[1]->type, 3, args);
        }
    }
    /* The loop's new slots. */
    uint32_t count = n;
    struct ir_inst **args = arena_array(m->arena, struct ir_inst *, room);
    for (uint32_t k = 0; k < n; k++)
        args[k] = r->loop->args[k];
    r->loop->args = args;
    for (uint32_t i = 0; i < r->carried_count; i++, count++) {
        struct ir_inst *p = add_slot(r, count, r->carried[i]->type, r->carried_init[i]);
        yields[1 + count] = carried_next[i];
        r->carried[i]->replaced_by = p;
    }
    for (uint32_t i = 0; i < extra_count; i++, count++) {
        enum ir_type type = extra_next[i]->type;
        add_slot(r, count, type, make_constant(r, r->loop, type, 0));
        yields[1 + count] = extra_next[i];
    }
    r->loop->arg_count = count;
    body->yields = yields;
    body->yield_count = 1 + count;

    /* The guard yields the loop's results. */
    struct ir_region *arm = guard->regions[0];
    arm->yields = arena_array(m->arena, struct ir_inst *, n);
    arm->yield_count = n;
    param = body->first;
    for (uint32_t k = 0; k < count; k++, param = param->next) {
        result = ir_append(m, arm, IR_RESULT, param->type, 1, &r->loop);
        result->imm = k;
        if (k < n)
            arm->yields[k] = result;
        for (uint32_t i = 0; i < extra_count; i++)
            if (k == n + r->carried_count + i)
                arm->yields[extra_slots[i]] = result;
    }

    /* What is gone. Inside the loop the condition holds. */
    for (result = r->branch->next; result != r->s_first;) {
        struct ir_inst *next = result->next;
        result->replaced_by = r->then->yields[result->imm];
        ir_remove(result);
        result = next;
    }
    ir_remove(r->branch);
    ir_remove(r->p_end);
    ir_remove(r->s_end);
    for (uint32_t i = 0; i < r->carried_count; i++)
        ir_remove(r->carried[i]);
    if (cond->parent == body && cond->op != IR_PARAM && cond->op != IR_CONST &&
        !cond->replaced_by) {
        cond->replaced_by = yes;
        ir_remove(cond);
    }
}

static void try_rotate(struct ir_module *m, struct ir_inst *loop)
{
    struct rotation r = {.m = m, .loop = loop};
    if (!find(&r) || !choose_carried(&r))
        return;
    bool *extra = arena_array(m->arena, bool, r.slots + 1);
    uint32_t extra_count = 0;
    for (uint32_t k = 0; k < r.slots; k++) {
        extra[k] = nth(loop->next, k)->use_count && !transparent(&r, k);
        extra_count += extra[k];
    }
    if (extra_count > MAX_EXTRA)
        return;
    rotate(&r, extra);
    ir_resolve_all(m);
}

void ir_rotate(struct ir_module *m)
{
    /* Inner loops come after outer ones in walk order; the list is taken before anything changes.
     * */
    uint32_t count = 0, room = 0;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        room += inst->op == IR_LOOP;
    struct ir_inst **loops = arena_array(m->arena, struct ir_inst *, room);
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        inst->pass_ptr = NULL;
        if (inst->op == IR_LOOP)
            loops[count++] = inst;
    }
    ir_count_uses(m);
    while (count)
        try_rotate(m, loops[--count]);
    m->rotated = true;
    ir_number(m);
}
