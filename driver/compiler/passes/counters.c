/* SPDX-License-Identifier: MIT
 *
 * DOC: Counters of loops that lanes leave at different times
 *
 *     for (k = 0; k < n; k++) if (bound[k] > x) break;      uses k afterwards
 *
 * The value of k that a lane leaves with differs between lanes; the one that it goes on with doesn't.
 * In the tree both are one yield, SELECT(left, k, k + 1). What goes on has met the loop's condition:
 * under that assumption, the yield is k + 1. So where it makes a parameter uniform (or a pattern), its
 * slot becomes two: the parameter takes k + 1, the result the old yield in a slot of its own. The parts
 * of the condition itself hold together, so each is simplified under the assumption that the others do.
 *
 * Only slots that are VARYING now and would depend on nothing varying are split: otherwise a second
 * slot costs registers for nothing.
 */
#include "arena.h"
#include "simplify.h"

#define MAX_FACTS 32
#define MAX_PARTS 8
#define MAX_DEPTH 8   /* of a yield's tree */
#define MAX_ADDED 64  /* instructions made for one loop */
#define MAX_SLOTS 256

struct facts {
    struct ir_inst *insts[MAX_FACTS];
    bool truths[MAX_FACTS];
    unsigned count;
};

struct counters {
    struct ir_module *m;
    struct ir_inst *loop;
    struct ir_region *body;
    struct facts facts;
    unsigned added;
    bool failed; /* there was something that cannot be made at the end of the body */
    bool changed;
};

/* ---- What follows from the condition ---- */

static bool is_inside(const struct ir_inst *value, const struct ir_region *r)
{
    for (const struct ir_region *at = value->parent; at; at = at->owner ? at->owner->parent : NULL)
        if (at == r)
            return true;
    return false;
}

static bool add_fact(struct facts *f, struct ir_inst *inst, bool truth)
{
    if (inst->op == IR_CONST || inst->type != IR_BOOL || f->count == MAX_FACTS)
        return false;
    for (unsigned i = 0; i < f->count; i++)
        if (f->insts[i] == inst)
            return false;
    f->insts[f->count] = inst;
    f->truths[f->count++] = truth;
    return true;
}

/* `cond` chose between a and b, and what it chose is `truth`. */
static void learn_choice(struct facts *f, struct ir_inst *cond, struct ir_inst *a,
                         struct ir_inst *b, bool truth)
{
    if (is_const(a, !truth)) {
        add_fact(f, cond, false);
        add_fact(f, b, truth);
    } else if (is_const(b, !truth)) {
        add_fact(f, cond, true);
        add_fact(f, a, truth);
    }
}

/* Adds that cond is `truth` and what follows. The list may run full; the rest isn't noted. */
static void learn(struct facts *f, struct ir_inst *cond, bool truth)
{
    unsigned next = f->count;
    add_fact(f, cond, truth);
    for (; next < f->count; next++) {
        struct ir_inst *c = f->insts[next];
        truth = f->truths[next];
        if (c->op == IR_NOT) {
            add_fact(f, c->args[0], !truth);
        } else if (c->op == (truth ? IR_AND : IR_OR)) {
            add_fact(f, c->args[0], truth);
            add_fact(f, c->args[1], truth);
        } else if (c->op == IR_SELECT) {
            learn_choice(f, c->args[0], c->args[1], c->args[2], truth);
        } else if (c->op == IR_RESULT && c->args[0]->op == IR_IF) {
            struct ir_inst *branch = c->args[0];
            learn_choice(f, branch->args[0], branch->regions[0]->yields[c->imm],
                         branch->regions[1]->yields[c->imm], truth);
        }
    }
}

static bool is_inverse(const struct ir_inst *x, const struct ir_inst *y)
{
    enum ir_op op;
    bool swap;
    if ((x->op == IR_NOT && x->args[0] == y) || (y->op == IR_NOT && y->args[0] == x))
        return true;
    return identity_inverse(y->op, &op, &swap) && x->op == op && x->args[0] == y->args[swap] &&
           x->args[1] == y->args[!swap];
}

static bool is_known(const struct facts *f, const struct ir_inst *value, bool *truth_out)
{
    for (unsigned i = 0; i < f->count; i++) {
        bool same = f->insts[i] == value;
        if (!same && !is_inverse(f->insts[i], value))
            continue;
        *truth_out = f->truths[i] == same;
        return true;
    }
    return false;
}

/* ---- Values under the assumption ---- */

static struct ir_inst *make_const(struct counters *c, enum ir_type type, uint64_t bits)
{
    struct ir_inst *inst = ir_append(c->m, c->body, IR_CONST, type, 0, NULL);
    inst->imm = bits;
    return inst;
}

/* A copy at the end of the body, with other arguments. */
static struct ir_inst *make_copy(struct counters *c, const struct ir_inst *inst,
                                 struct ir_inst *const *args)
{
    if (++c->added > MAX_ADDED) {
        c->failed = true;
        return c->body->last;
    }
    struct ir_inst *copy = ir_append(c->m, c->body, inst->op, inst->type, inst->arg_count, args);
    copy->mem = inst->mem; /* the largest member of the union */
    copy->flags = inst->flags;
    copy->line = inst->line;
    copy->shape = inst->shape;
    return copy;
}

/* What `value` equals where the facts hold, in reach at the end of the loop's body. Recursion is bounded
 * by depth. */
static struct ir_inst *assume(struct counters *c, struct ir_inst *value, unsigned depth)
{
    bool truth;
    if (c->failed || !is_inside(value, c->body))
        return value;
    if (value->type == IR_BOOL && is_known(&c->facts, value, &truth))
        return make_const(c, IR_BOOL, truth);
    if (value->op == IR_CONST || (value->op == IR_PARAM && value->parent == c->body))
        return value;
    if (depth == 0) {
        c->failed |= value->parent != c->body;
        return value;
    }
    if (value->op == IR_SELECT && is_known(&c->facts, value->args[0], &truth))
        return assume(c, value->args[truth ? 1 : 2], depth - 1);
    if (value->op == IR_RESULT && value->args[0]->op == IR_IF &&
        is_known(&c->facts, value->args[0]->args[0], &truth))
        return assume(c, value->args[0]->regions[!truth]->yields[value->imm], depth - 1);
    bool here = value->parent == c->body;
    if (!(ir_op_infos[value->op].flags & IR_ELEMENTWISE) || value->arg_count > 3) {
        c->failed |= !here;
        return value;
    }
    struct ir_inst *args[3];
    bool same = here;
    for (uint32_t i = 0; i < value->arg_count; i++) {
        args[i] = assume(c, value->args[i], depth - 1);
        same &= args[i] == value->args[i];
    }
    if (same || c->failed)
        return value;
    if (value->op == IR_SELECT && args[1] == args[2])
        return args[1];
    return make_copy(c, value, args);
}

/* Takes away what was made since. */
static void drop_after(struct counters *c, struct ir_inst *last)
{
    while (c->body->last != last)
        ir_remove(c->body->last);
    c->failed = false;
}

/* ---- The condition's own parts ---- */

static unsigned take_parts(struct ir_inst *cond, const struct ir_region *body,
                           struct ir_inst **parts, unsigned count)
{
    if (cond->op == IR_AND && cond->parent == body && count + 2 <= MAX_PARTS) {
        count = take_parts(cond->args[0], body, parts, count);
        return take_parts(cond->args[1], body, parts, count);
    }
    if (count < MAX_PARTS)
        parts[count++] = cond;
    return count;
}

static void simplify_condition(struct counters *c)
{
    struct ir_inst *cond = c->body->yields[0], *parts[MAX_PARTS];
    /* A chain of ANDs as long as the list might not be in it as a whole. */
    unsigned count = take_parts(cond, c->body, parts, 0);
    if (count < 2 || count == MAX_PARTS)
        return;
    bool changed = false;
    for (unsigned k = 0; k < count; k++) {
        struct ir_inst *last = c->body->last;
        c->facts.count = 0;
        for (unsigned i = 0; i < count; i++)
            if (i != k)
                learn(&c->facts, parts[i], true);
        struct ir_inst *part = assume(c, parts[k], MAX_DEPTH);
        if (c->failed) {
            drop_after(c, last);
            continue;
        }
        changed |= part != parts[k];
        parts[k] = part;
    }
    if (!changed)
        return;
    for (unsigned k = 1; k < count; k++) {
        struct ir_inst *args[] = {parts[0], parts[k]};
        parts[0] = ir_append(c->m, c->body, IR_AND, IR_BOOL, 2, args);
    }
    c->body->yields[0] = parts[0];
    c->changed = true;
}

/* ---- Slots ---- */

/* Would the value have a shape if the loop's chosen parameters had one? Recursion is bounded by depth. */
static bool has_shape(const struct counters *c, const struct ir_inst *value, const bool *chosen,
                      unsigned depth)
{
    if (value->op == IR_CONST || value->shape.kind != IR_SHAPE_VARYING)
        return true;
    if (!is_inside(value, c->body))
        return false;
    if (value->op == IR_PARAM && value->parent == c->body)
        return chosen[value->imm];
    if (depth == 0 || !(ir_op_infos[value->op].flags & IR_ELEMENTWISE))
        return false;
    for (uint32_t i = 0; i < value->arg_count; i++)
        if (!has_shape(c, value->args[i], chosen, depth - 1))
            return false;
    return true;
}

static void add_slots(struct counters *c, const bool *chosen, struct ir_inst *const *next)
{
    struct ir_inst *loop = c->loop, *first = c->body->first, *after = loop->next;
    uint32_t n = loop->arg_count, count = n, room = 2 * n;
    struct ir_inst **args = arena_array(c->m->arena, struct ir_inst *, room);
    struct ir_inst **yields = arena_array(c->m->arena, struct ir_inst *, 1 + room);
    struct ir_inst **results = arena_array(c->m->arena, struct ir_inst *, n);
    while (first->op == IR_PARAM)
        first = first->next;
    for (uint32_t k = 0; k < n; k++, after = after->next) {
        args[k] = loop->args[k];
        results[k] = after;
    }
    for (uint32_t k = 0; k <= n; k++)
        yields[k] = c->body->yields[k];
    /* RESULTs directly follow their LOOP: a marker where there is nothing else after it. */
    struct ir_inst *marker = after ? after : ir_append(c->m, loop->parent, IR_UNDEF, IR_BOOL, 0, NULL);
    for (uint32_t k = 0; k < n; k++) {
        if (!chosen[k])
            continue;
        enum ir_type type = results[k]->type;
        struct ir_inst *param = ir_insert_before(c->m, first, IR_PARAM, type, 0, NULL);
        struct ir_inst *result = ir_insert_before(c->m, marker, IR_RESULT, type, 1, &loop);
        struct ir_inst *zero = ir_insert_before(c->m, loop, IR_CONST, type, 0, NULL);
        param->imm = result->imm = count;
        param->line = result->line = results[k]->line;
        args[count] = zero;
        yields[1 + count] = yields[1 + k];
        yields[1 + k] = next[k];
        results[k]->replaced_by = result;
        count++;
    }
    loop->args = args;
    loop->arg_count = count;
    c->body->yields = yields;
    c->body->yield_count = 1 + count;
    /* The old RESULTs stay for their slots' parameters. */
    for (uint32_t k = 0; k < n; k++) {
        if (!chosen[k])
            continue;
        struct ir_inst *old = results[k], *by = old->replaced_by;
        old->replaced_by = NULL;
        old->pass_ptr = by;
    }
    c->changed = true;
}

static void split_slots(struct counters *c)
{
    struct ir_inst *loop = c->loop, *next[MAX_SLOTS];
    bool chosen[MAX_SLOTS] = {false};
    uint32_t n = loop->arg_count;
    struct ir_inst *param = c->body->first, *before = c->body->last;
    bool any = false;
    if (n > MAX_SLOTS)
        return;
    c->facts.count = 0;
    learn(&c->facts, c->body->yields[0], true);
    for (uint32_t k = 0; k < n; k++, param = param->next) {
        struct ir_inst *last = c->body->last;
        next[k] = c->body->yields[1 + k];
        if (param->shape.kind != IR_SHAPE_VARYING ||
            loop->args[k]->shape.kind == IR_SHAPE_VARYING)
            continue;
        next[k] = assume(c, next[k], MAX_DEPTH);
        chosen[k] = !c->failed && next[k] != c->body->yields[1 + k];
        if (!chosen[k])
            drop_after(c, last);
    }
    for (bool again = true; again;) {
        again = any = false;
        for (uint32_t k = 0; k < n; k++) {
            bool stays = chosen[k] && has_shape(c, next[k], chosen, MAX_DEPTH);
            again |= stays != chosen[k];
            any |= stays;
            chosen[k] = stays;
        }
    }
    if (any)
        add_slots(c, chosen, next);
    else
        drop_after(c, before);
}

/* Results that have moved, where they are used. */
static void follow_results(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        for (uint32_t i = 0; i < inst->arg_count; i++)
            if (inst->args[i]->op == IR_RESULT && inst->args[i]->pass_ptr)
                inst->args[i] = inst->args[i]->pass_ptr;
        for (unsigned r = 0; r < ir_region_count(inst); r++)
            for (uint32_t i = 0; i < inst->regions[r]->yield_count; i++) {
                struct ir_inst *value = inst->regions[r]->yields[i];
                if (value->op == IR_RESULT && value->pass_ptr)
                    inst->regions[r]->yields[i] = value->pass_ptr;
            }
    }
}

void ir_counters(struct ir_module *m)
{
    bool changed = false;
    if (m->width == 1)
        return;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->pass_ptr = NULL;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        if (inst->op != IR_LOOP || inst->regions[0]->yields[0]->shape.kind == IR_SHAPE_UNIFORM)
            continue;
        struct counters c = {.m = m, .loop = inst, .body = inst->regions[0]};
        split_slots(&c);
        if (c.changed)
            simplify_condition(&c);
        changed |= c.changed;
    }
    if (!changed)
        return;
    follow_results(m);
    ir_simplify(m);
    ir_regions(m);
    ir_shape(m);
}
