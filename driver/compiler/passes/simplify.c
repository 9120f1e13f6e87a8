/* SPDX-License-Identifier: MIT
 *
 * Simplification: walks the tree in order, and for each instruction folds constants, applies
 * identities and looks for an earlier equal value. What is found is noted in replaced_by, which
 * later arguments resolve through. IFs and LOOPs are simplified after their regions. Rounds of this
 * and dead code elimination follow until nothing changes.
 *
 * While an IF's arm is walked, the condition is known: pass_data of a BOOL instruction is
 * KNOWN_TRUE or KNOWN_FALSE then.
 */
#include "simplify.h"

#include "arena.h"
#include "fold.h"

#define MAX_ROUNDS 12
/* Pure arms with at most this many instructions together become SELECTs. */
#define MAX_FLATTENED 6

enum { KNOWN_TRUE = 1, KNOWN_FALSE = 2 };

/* ---- Constants ---- */

static uint32_t constant_slot(struct ir_inst **table, uint32_t room, enum ir_type type,
                              uint64_t bits)
{
    uint64_t hash = (bits ^ (uint64_t)type << 56) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t slot = (uint32_t)(hash >> 32) & (room - 1);
    while (table[slot] && (table[slot]->type != type || table[slot]->imm != bits))
        slot = (slot + 1) & (room - 1);
    return slot;
}

static void add_constant(struct simplify *s, struct ir_inst *inst)
{
    if (s->constant_count * 2 >= s->constant_room) {
        uint32_t room = s->constant_room ? s->constant_room * 2 : 256;
        struct ir_inst **table = arena_array(s->m->arena, struct ir_inst *, room);
        for (uint32_t i = 0; i < s->constant_room; i++) {
            struct ir_inst *old = s->constants[i];
            if (old)
                table[constant_slot(table, room, old->type, old->imm)] = old;
        }
        s->constants = table;
        s->constant_room = room;
    }
    s->constants[constant_slot(s->constants, s->constant_room, inst->type, inst->imm)] = inst;
    s->constant_count++;
}

/* Puts an instruction after the constants at the start of the body. */
static void place_constant(struct simplify *s, struct ir_inst *inst)
{
    struct ir_region *body = s->m->body;
    struct ir_inst *at = s->last_constant ? s->last_constant->next : body->first;
    if (at == inst) {
        /* in place already */
    } else if (at) {
        ir_move_before(inst, at);
    } /* else: inst was appended to an empty rest and is last */
    s->last_constant = inst;
}

struct ir_inst *simplify_const(struct simplify *s, enum ir_type type, uint64_t bits)
{
    if (s->constant_room) {
        uint32_t slot = constant_slot(s->constants, s->constant_room, type, bits);
        if (s->constants[slot])
            return s->constants[slot];
    }
    struct ir_inst *inst = ir_append(s->m, s->m->body, IR_CONST, type, 0, NULL);
    inst->imm = bits;
    place_constant(s, inst);
    add_constant(s, inst);
    return inst;
}

/* The table starts anew each round, since dead code elimination removes constants. */
static void collect_constants(struct simplify *s)
{
    s->constants = NULL;
    s->constant_room = s->constant_count = 0;
    s->last_constant = NULL;
    struct ir_inst *inst = s->m->body->first;
    for (; inst && inst->op == IR_CONST; inst = inst->next) {
        s->last_constant = inst;
        uint32_t slot;
        if (s->constant_room) {
            slot = constant_slot(s->constants, s->constant_room, inst->type, inst->imm);
            if (s->constants[slot])
                continue; /* the walk replaces it by the first */
        }
        add_constant(s, inst);
    }
}

/* ---- Instructions ---- */

static void replace(struct simplify *s, struct ir_inst *inst, struct ir_inst *by)
{
    inst->replaced_by = by;
    ir_remove(inst);
    s->changed = true;
}

/* The value to use for an argument here: resolved, and a known condition as a constant. */
static struct ir_inst *use(struct simplify *s, struct ir_inst *value)
{
    value = ir_resolve(value);
    if (value->type == IR_BOOL && value->pass_data && value->op != IR_CONST) {
        s->changed = true;
        return simplify_const(s, IR_BOOL, value->pass_data == KNOWN_TRUE);
    }
    return value;
}

static bool fold(const struct ir_inst *inst, uint64_t *bits_out)
{
    uint64_t args[3];
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++) {
        if (inst->args[i]->op != IR_CONST)
            return false;
        args[i] = inst->args[i]->imm;
    }
    return fold_op(inst->op, inst->type, inst->args[0]->type, inst->imm, args, bits_out);
}

/* Identities may make instructions in front of inst; they have been seen by nobody, so they are
 * looked at from the first of them on. */
static struct ir_inst *simplify_inst(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *before = inst->prev, *next;
    uint64_t bits;

    for (uint32_t i = 0; i < inst->arg_count; i++)
        inst->args[i] = use(s, inst->args[i]);

    if (inst->op == IR_CONST) {
        next = inst->next;
        struct ir_inst *one = simplify_const(s, inst->type, inst->imm);
        if (one != inst) {
            if (s->last_constant == inst)
                s->last_constant = inst->prev;
            inst->replaced_by = one;
            ir_remove(inst);
        }
        return next;
    }
    struct ir_inst *by = fold(inst, &bits) ? simplify_const(s, inst->type, bits)
                                           : identity_find(s, inst);
    if (by) {
        struct ir_inst *made = before ? before->next : inst->parent->first;
        next = made == inst ? inst->next : made;
        replace(s, inst, by);
        return next;
    }
    next = inst->next;
    by = available_visit(s->available, inst);
    if (by)
        replace(s, inst, by);
    return next;
}

/* ---- Known conditions ---- */

#define MAX_KNOWN 16

struct known {
    struct ir_inst *insts[MAX_KNOWN];
    uint8_t old[MAX_KNOWN];
    unsigned count;
};

/* Notes that cond is `value` and what follows from it. The list may run full; the rest isn't
 * noted. */
static void learn(struct known *k, struct ir_inst *cond, bool value)
{
    unsigned next = k->count;
    if (cond->op == IR_CONST || k->count == MAX_KNOWN)
        return;
    k->insts[k->count++] = cond;
    for (; next < k->count; next++) {
        struct ir_inst *c = k->insts[next];
        bool truth = next == 0 ? value : k->old[next] & 1; /* old holds the news until set */
        struct ir_inst *args[2] = {NULL, NULL};
        bool arg_truth = truth;
        if (c->op == IR_NOT) {
            args[0] = c->args[0];
            arg_truth = !truth;
        } else if (c->op == (truth ? IR_AND : IR_OR)) {
            args[0] = c->args[0];
            args[1] = c->args[1];
        }
        k->old[next] = (uint8_t)c->pass_data;
        c->pass_data = truth ? KNOWN_TRUE : KNOWN_FALSE;
        for (unsigned i = 0; i < 2; i++) {
            if (args[i] && args[i]->op != IR_CONST && k->count < MAX_KNOWN) {
                k->old[k->count] = arg_truth;
                k->insts[k->count++] = args[i];
            }
        }
    }
}

static void forget(struct known *k)
{
    while (k->count) {
        k->count--;
        k->insts[k->count]->pass_data = k->old[k->count];
    }
}

/* ---- Regions ---- */

static void splice(struct ir_region *r, struct ir_inst *before)
{
    while (r->first)
        ir_move_before(r->first, before);
}

static void resolve_yields(struct simplify *s, struct ir_region *r)
{
    for (uint32_t i = 0; i < r->yield_count; i++)
        r->yields[i] = use(s, r->yields[i]);
}

/* The region that a value lies in is r or inside it. */
static bool inside(const struct ir_inst *value, const struct ir_region *r)
{
    for (const struct ir_region *at = value->parent; at; at = at->owner ? at->owner->parent : NULL)
        if (at == r)
            return true;
    return false;
}

/* Replaces the RESULTs of a control instruction by these values, and the instruction by nothing.
 * Returns what follows. */
static struct ir_inst *dissolve(struct simplify *s, struct ir_inst *inst,
                                struct ir_inst *const *values)
{
    struct ir_inst *next = inst->next;
    for (uint32_t i = 0; next && next->op == IR_RESULT && next->args[0] == inst; i++) {
        struct ir_inst *result = next;
        next = next->next;
        replace(s, result, ir_resolve(values[i]));
    }
    ir_remove(inst);
    s->changed = true;
    return next;
}

/* Few and cheap: computing both arms costs less than a branch on a vector. */
static bool cheap(const struct ir_region *r, unsigned *count)
{
    for (const struct ir_inst *inst = r->first; inst; inst = inst->next) {
        if (inst->op == IR_UDIV || inst->op == IR_SDIV || inst->op == IR_UREM ||
            inst->op == IR_SREM || inst->op == IR_FDIV || inst->op == IR_FSQRT)
            return false;
        if (!(ir_op_infos[inst->op].flags & IR_PURE) || ++*count > MAX_FLATTENED)
            return false;
    }
    return true;
}

/* The last IF of a loop's body is likely to be its test: kept until ir_rotate has seen it. */
static bool may_test_loop(const struct simplify *s, const struct ir_inst *inst)
{
    if (s->m->rotated || !inst->parent->owner || inst->parent->owner->op != IR_LOOP)
        return false;
    for (inst = inst->next; inst; inst = inst->next)
        if (ir_region_count(inst))
            return false;
    return true;
}

/* The single value that a RESULT of an IF stands for, if there is one. */
static struct ir_inst *if_value(struct simplify *s, struct ir_inst *inst, uint32_t k)
{
    struct ir_inst *a = inst->regions[0]->yields[k], *b = inst->regions[1]->yields[k];
    struct ir_inst *cond = inst->args[0];
    if (a == b)
        return a;
    if (a->op == IR_UNDEF && !inside(b, inst->regions[1]))
        return b;
    if (b->op == IR_UNDEF && !inside(a, inst->regions[0]))
        return a;
    if (is_const(a, 1) && is_const(b, 0) && a->type == IR_BOOL)
        return cond;
    if (is_const(a, 0) && is_const(b, 1) && a->type == IR_BOOL)
        return identity_not(s, inst, cond);
    return NULL;
}

static struct ir_inst *simplify_if(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *cond = inst->args[0];
    unsigned count = 0;

    if (cond->op == IR_CONST) {
        struct ir_region *arm = inst->regions[!cond->imm];
        splice(arm, inst);
        return dissolve(s, inst, arm->yields);
    }
    if (cond->op == IR_NOT) {
        struct ir_region *arm = inst->regions[0];
        inst->regions[0] = inst->regions[1];
        inst->regions[1] = arm;
        inst->args[0] = cond = cond->args[0];
        s->changed = true;
    }
    uint32_t results = inst->regions[0]->yield_count;
    if (results && !may_test_loop(s, inst) && cheap(inst->regions[0], &count) &&
        cheap(inst->regions[1], &count)) {
        struct ir_inst **values = arena_array(s->m->arena, struct ir_inst *, results);
        splice(inst->regions[0], inst);
        splice(inst->regions[1], inst);
        for (uint32_t k = 0; k < results; k++) {
            struct ir_inst *args[] = {cond, inst->regions[0]->yields[k],
                                      inst->regions[1]->yields[k]};
            if (args[1] == args[2]) {
                values[k] = args[1];
                continue;
            }
            values[k] = ir_insert_before(s->m, inst, IR_SELECT, args[1]->type, 3, args);
            values[k]->line = inst->line;
        }
        return dissolve(s, inst, values);
    }

    /* Dead code elimination takes away the slots whose RESULT is gone; their order is needed until
     * then, so the RESULTs stay. */
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < results; k++, result = result->next) {
        struct ir_inst *value = if_value(s, inst, k);
        if (value)
            result->pass_ptr = value;
    }
    return inst->next;
}

static struct ir_inst *simplify_loop(struct simplify *s, struct ir_inst *inst)
{
    struct ir_region *body = inst->regions[0];

    if (is_const(body->yields[0], 0)) { /* runs once */
        struct ir_inst *first = body->first, *next;
        for (; first && first->op == IR_PARAM; first = next) {
            next = first->next;
            replace(s, first, inst->args[first->imm]);
        }
        splice(body, inst);
        return dissolve(s, inst, body->yields + 1);
    }
    struct ir_inst *param = body->first, *result = inst->next;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next, result = result->next) {
        struct ir_inst *next = body->yields[1 + k], *init = inst->args[k];
        if (next == param || next == init)
            param->pass_ptr = init; /* the same in every iteration */
        if (next == param)
            result->pass_ptr = init;
        else if (!inside(next, body))
            result->pass_ptr = next;
    }
    return inst->next;
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static void simplify_region(struct simplify *s, struct ir_region *r)
{
    for (struct ir_inst *inst = r->first, *next; inst; inst = next) {
        unsigned regions = ir_region_count(inst);
        if (inst->op == IR_PARAM || inst->op == IR_RESULT) {
            next = inst->next;
            continue;
        }
        if (!regions) {
            next = simplify_inst(s, inst);
            continue;
        }
        for (uint32_t i = 0; i < inst->arg_count; i++)
            inst->args[i] = use(s, inst->args[i]);
        for (unsigned i = 0; i < regions; i++) {
            struct known known = {.count = 0};
            if (inst->op == IR_IF)
                learn(&known, inst->args[0], i == 0);
            available_enter(s->available, inst);
            simplify_region(s, inst->regions[i]);
            resolve_yields(s, inst->regions[i]);
            available_leave(s->available);
            forget(&known);
        }
        available_after(s->available, inst);
        next = inst->op == IR_IF ? simplify_if(s, inst) : simplify_loop(s, inst);
    }
}

/* ---- RESULTs and PARAMs that are copies ---- */

/* simplify_if and simplify_loop leave the value in pass_ptr: the users are pointed to it, the
 * RESULT or PARAM itself stays for dead code elimination. */
static struct ir_inst *copied(struct ir_inst *value)
{
    value = ir_resolve(value);
    while ((value->op == IR_RESULT || value->op == IR_PARAM) && value->pass_ptr)
        value = ir_resolve(value->pass_ptr);
    return value;
}

static void propagate(struct simplify *s, struct ir_inst **values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct ir_inst *value = copied(values[i]);
        s->changed |= value != ir_resolve(values[i]);
        values[i] = value;
    }
}

static void propagate_copies(struct simplify *s)
{
    for (struct ir_inst *inst = s->m->body->first; inst; inst = ir_next(inst)) {
        if (inst->op != IR_RESULT) /* its argument is its owner */
            propagate(s, inst->args, inst->arg_count);
        for (unsigned i = 0; i < ir_region_count(inst); i++)
            propagate(s, inst->regions[i]->yields, inst->regions[i]->yield_count);
    }
}

void ir_simplify(struct ir_module *m)
{
    struct simplify s = {.m = m, .available = available_create(m), .changed = true};
    for (unsigned round = 0; s.changed && round < MAX_ROUNDS; round++) {
        s.changed = false;
        ir_number(m);
        ir_count_uses(m);
        for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
            inst->pass_data = 0;
        collect_constants(&s);
        available_reset(s.available); /* clears pass_ptr, too */
        simplify_region(&s, m->body);
        propagate_copies(&s);
        s.changed |= dce_run(m);
        s.changed |= pairs_run(m);
    }
    ir_number(m);
}
