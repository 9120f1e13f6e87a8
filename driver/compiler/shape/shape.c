/* SPDX-License-Identifier: MIT
 *
 * DOC: The shape analysis
 *
 * Walks the tree in rounds. Parameters of loops start with the shape of their initial value and are
 * weakened by what the loop's body yields, until a round changes nothing; then a few more rounds
 * let ranges that were widened too far shrink again. If the parameters don't settle within
 * MAX_ROUNDS, one last round takes the weakest shape for all of them.
 *
 * A lane that goes on to the next iteration has met the loop's condition, so that is
 * assumed when the yields are joined.
 *
 * Values that turn out to be constants become CONST in place; m->shape_found says so, and ir_refine
 * then cleans up.
 */
#include "shape.h"

#include "arena.h"
#include "range.h"

#define MAX_ROUNDS 40
#define NARROWING_ROUNDS 6

/* pass_data of a LOOP: subgroups may run different numbers of iterations. */
enum { LOOP_DIFFERS = 1 };

static void visit_region(struct shaper *s, struct ir_region *r);

static struct ir_shape limit_scope(const struct shaper *s, struct ir_shape shape, unsigned scope)
{
    if (shape.scope > scope || !s->group_control)
        shape.scope = IR_SCOPE_SUBGROUP;
    if (shape.kind == IR_SHAPE_VARYING && s->width == 1)
        shape.kind = IR_SHAPE_UNIFORM;
    return shape;
}

static void visit_if(struct shaper *s, struct ir_inst *inst)
{
    struct ir_region *const *arms = inst->regions;
    uint32_t count = arms[0]->yield_count;
    struct ir_shape cond = inst->args[0]->shape;
    struct ir_shape *yields[2];
    bool group_control = s->group_control;

    s->group_control &= cond.kind == IR_SHAPE_UNIFORM && cond.scope == IR_SCOPE_WORKGROUP;
    for (unsigned arm = 0; arm < 2; arm++) {
        struct range_refined refined = {.count = 0};
        range_refine(&refined, inst->args[0], arm == 0);
        visit_region(s, arms[arm]);
        yields[arm] = count ? arena_array(s->m->arena, struct ir_shape, count) : NULL;
        for (uint32_t k = 0; k < count; k++)
            yields[arm][k] = arms[arm]->yields[k]->shape;
        range_restore(&refined);
    }
    s->group_control = group_control;

    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next) {
        struct ir_shape joined = shape_join(result->type, &yields[0][k], &yields[1][k]);
        shape_strip_join(s, &yields[0][k], &yields[1][k], &joined);
        if (cond.kind != IR_SHAPE_UNIFORM) {
            struct range range = {joined.lo, joined.hi};
            bool partial = joined.partial;
            joined = shape_varying(result->type);
            joined.lo = range.lo;
            joined.hi = range.hi;
            joined.partial = partial;
        }
        result->shape = limit_scope(s, joined, cond.scope);
    }
}

/* A parameter before its loop's body is visited. */
static void start_param(struct shaper *s, struct ir_inst *param, const struct ir_shape *init)
{
    if (s->pessimistic) {
        param->shape = limit_scope(s, shape_varying(param->type), IR_SCOPE_WORKGROUP);
        return;
    }
    struct ir_shape shape = *init;
    if (param->pass_data) { /* from the round before */
        shape = shape_join(param->type, &param->shape, init);
        shape_strip_join(s, &param->shape, init, &shape);
        if (s->narrowing) {
            shape.lo = param->shape.lo;
            shape.hi = param->shape.hi;
        }
    }
    param->shape = limit_scope(s, shape, IR_SCOPE_WORKGROUP);
    param->pass_data = 1;
}

/* together: all lanes leave the loop in the same iteration; else those that left may keep their last value. */
static void update_param(struct shaper *s, struct ir_inst *param, const struct ir_shape *init,
                         bool together)
{
    const struct ir_shape *next = &param->parent->yields[1 + param->imm]->shape;
    struct ir_shape old = param->shape, joined = shape_join(param->type, &old, next);
    shape_strip_join(s, &old, next, &joined);
    joined = limit_scope(s, joined, IR_SCOPE_WORKGROUP);
    bool is_int = ir_type_is_int(param->type);

    if (s->narrowing) {
        /* What was found stays true when it is computed from what was found. */
        struct ir_shape exact = shape_join(param->type, init, next);
        joined = old;
        if (is_int && exact.lo >= old.lo && exact.hi <= old.hi) {
            joined.lo = exact.lo;
            joined.hi = exact.hi;
            joined.partial = exact.partial;
        }
    } else if (is_int && (joined.lo < old.lo || joined.hi > old.hi)) {
        struct range wide = range_widen(param->type, (struct range){joined.lo, joined.hi});
        if (joined.lo < old.lo)
            joined.lo = wide.lo;
        if (joined.hi > old.hi)
            joined.hi = wide.hi;
    }
    if (joined.kind == IR_SHAPE_VARYING && !together) {
        joined.strip = 0;
        joined.offsets = NULL;
    }
    if (!shape_same(&joined, &old))
        s->changed = true;
    param->shape = joined;
}

static void visit_loop(struct shaper *s, struct ir_inst *inst)
{
    struct ir_region *body = inst->regions[0];
    struct ir_inst *cond = body->yields[0];
    bool group_control = s->group_control;
    struct ir_shape *inits = inst->arg_count
                                 ? arena_array(s->m->arena, struct ir_shape, inst->arg_count)
                                 : NULL;
    for (uint32_t k = 0; k < inst->arg_count; k++)
        inits[k] = inst->args[k]->shape;

    if (s->pessimistic)
        inst->pass_data = LOOP_DIFFERS;
    s->group_control &= inst->pass_data != LOOP_DIFFERS;
    struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        start_param(s, param, &inits[k]);
    visit_region(s, body);

    bool uniform = cond->shape.kind == IR_SHAPE_UNIFORM;
    if (!(uniform && cond->shape.scope == IR_SCOPE_WORKGROUP) && inst->pass_data != LOOP_DIFFERS) {
        inst->pass_data = LOOP_DIFFERS;
        s->changed = true;
    }
    /* What the RESULTs see, before the condition is assumed to hold. */
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < inst->arg_count; k++, result = result->next) {
        struct ir_shape shape = body->yields[1 + k]->shape;
        if (!uniform) {
            struct ir_shape varying = shape_varying(result->type);
            varying.lo = shape.lo;
            varying.hi = shape.hi;
            varying.partial = shape.partial;
            shape = varying;
        }
        result->shape = shape;
    }
    struct range_refined refined = {.count = 0};
    range_refine(&refined, cond, true);
    param = body->first;
    for (uint32_t k = 0; k < inst->arg_count && !s->pessimistic; k++, param = param->next)
        update_param(s, param, &inits[k], uniform);
    range_restore(&refined);

    s->group_control = group_control;
    result = inst->next;
    for (uint32_t k = 0; k < inst->arg_count; k++, result = result->next)
        result->shape = limit_scope(s, result->shape, cond->shape.scope);
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static void visit_region(struct shaper *s, struct ir_region *r)
{
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        if (inst->op == IR_IF)
            visit_if(s, inst);
        else if (inst->op == IR_LOOP)
            visit_loop(s, inst);
        else if (inst->op != IR_PARAM && inst->op != IR_RESULT)
            inst->shape = shape_of(s, inst);
    }
}

static void visit_module(struct shaper *s)
{
    s->changed = false;
    s->group_control = true;
    visit_region(s, s->m->body);
}

/* A value known in advance needs no computing, whatever its arguments' shapes are. */
static void make_constants(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        const struct ir_shape *shape = &inst->shape;
        if (inst->op == IR_CONST || !(ir_op_infos[inst->op].flags & IR_PURE) ||
            shape->kind != IR_SHAPE_UNIFORM || !shape->known ||
            !(ir_type_is_int(inst->type) || inst->type == IR_BOOL))
            continue;
        inst->op = IR_CONST;
        inst->arg_count = 0;
        inst->imm = shape->base;
        m->shape_found = true;
    }
}

/* A vote on a value that is the same in all lanes is that value, and so is the first lane's value where it is the
 * same in the whole workgroup, which vectors of any width are part of. */
static void drop_votes(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        bool vote = inst->op == IR_SG_ANY || inst->op == IR_SG_ALL;
        bool first = inst->op == IR_SG_FIRST && ir_type_is_int(inst->type) &&
                     inst->args[0]->shape.scope == IR_SCOPE_WORKGROUP;
        if (!(vote || first) || inst->args[0]->shape.kind != IR_SHAPE_UNIFORM || m->width == 1)
            continue;
        struct ir_inst **args = arena_array(m->arena, struct ir_inst *, 2);
        args[0] = args[1] = inst->args[0];
        inst->args = args;
        inst->arg_count = 2;
        inst->op = IR_AND; /* x & x: simplified away */
        inst->imm = 0;
        inst->shape = args[0]->shape;
        m->shape_found = true;
    }
}

void ir_shape(struct ir_module *m)
{
    struct shaper s = {.m = m, .width = m->width};
    ir_number(m);
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->pass_data = 0;
    m->shape_found = false;

    s.changed = true;
    for (unsigned round = 0; s.changed && round < MAX_ROUNDS; round++)
        visit_module(&s);
    if (s.changed) {
        s.pessimistic = true;
        visit_module(&s);
    } else {
        s.narrowing = true;
        s.changed = true;
        for (unsigned round = 0; s.changed && round < NARROWING_ROUNDS; round++)
            visit_module(&s);
        /* Once more, so that every shape is computed from the parameters' last ones. */
        s.changed = false;
        visit_module(&s);
    }
    make_constants(m);
    drop_votes(m);
    m->shaped = true;
}

/* The part of a sum, or of a conjunction, that is the same in all lanes; *rest_out is the other one. NULL: none. */
static struct ir_inst *uniform_part(struct ir_inst *inst, enum ir_op op, struct ir_inst **rest_out)
{
    for (unsigned k = 0; k < 2 && inst->op == op; k++)
        if (inst->args[k]->shape.kind == IR_SHAPE_UNIFORM && inst->args[1 - k]->shape.kind != IR_SHAPE_UNIFORM) {
            *rest_out = inst->args[1 - k];
            return inst->args[k];
        }
    return NULL;
}

static struct ir_inst *make(struct ir_module *m, struct ir_inst *at, enum ir_op op,
                            struct ir_inst *a, struct ir_inst *b)
{
    struct ir_inst *inst = ir_insert_before(m, at, op, (enum ir_type)a->type, 2, (struct ir_inst *[]){a, b});
    inst->line = at->line;
    inst->shape = a->shape; /* until all are found again */
    return inst;
}

/* Questions to lanes are asked of what differs between them, which often stays the same when the rest does not:
 * the columns of a picture in all rows. */
static void ask_less(struct ir_module *m, struct ir_inst *inst)
{
    struct ir_inst *rest, *part, *arg = inst->args[0];
    if (inst->op == IR_SG_ROW) {
        while ((part = uniform_part(inst->args[0], IR_ADD, &rest)))
            inst->args[0] = rest;
        return;
    }
    struct ir_inst *from = arg->op == IR_SUB ? arg->args[0] : arg;
    bool all = inst->op == IR_SG_ALL;
    part = uniform_part(from, all ? IR_AND : IR_ADD, &rest);
    if (!part || inst->type != rest->type || (all && arg->op == IR_SUB))
        return;
    if (from != arg)
        rest = make(m, inst, IR_SUB, rest, arg->args[1]);
    struct ir_inst *asked = ir_insert_before(m, inst, (enum ir_op)inst->op, (enum ir_type)inst->type, 1, &rest);
    asked->imm = inst->imm;
    asked->line = inst->line;
    asked->shape = inst->shape;
    struct ir_inst **args = arena_array(m->arena, struct ir_inst *, 2);
    args[0] = part;
    args[1] = asked;
    inst->args = args;
    inst->arg_count = 2;
    inst->op = all ? IR_AND : IR_ADD;
    inst->imm = 0;
    m->shape_found = true;
    ask_less(m, asked);
}

/* Whether lanes lie in a row is known where their values have a pattern. `all`: all lanes come here. Recursion is
 * bounded by IR_MAX_DEPTH. */
static void settle(struct ir_module *m, struct ir_region *r, bool all)
{
    for (struct ir_inst *i = r->first; i; i = i->next) {
        if (i->op == IR_IF || i->op == IR_LOOP) {
            const struct ir_inst *cond = i->op == IR_IF ? i->args[0] : i->regions[0]->yields[0];
            bool within = all && cond->shape.kind == IR_SHAPE_UNIFORM;
            for (unsigned k = 0; k < ir_region_count(i); k++)
                settle(m, i->regions[k], within);
            continue;
        }
        if ((i->op == IR_SG_ROW || i->op == IR_SG_ALL || (i->op == IR_SG_FIRST && i->type == IR_I32)) && m->width > 1)
            ask_less(m, i);
        if (i->op == IR_SG_ROW && all && m->width > 1 && i->args[0]->shape.kind != IR_SHAPE_VARYING) {
            const struct ir_shape *shape = &i->args[0]->shape;
            bool same = shape->kind == IR_SHAPE_OFFSETS;
            for (uint32_t l = 1; same && l < m->width; l++)
                same = (uint32_t)shape->offsets[l] == (uint32_t)(l * i->imm);
            i->op = IR_CONST;
            i->arg_count = 0;
            i->imm = same;
            m->shape_found = true;
        }
    }
}

void ir_refine(struct ir_module *m)
{
    m->refining = true;
    if (!(m->request->flags & WEFT_REQUEST_FAST))
        settle(m, m->body, true);
    /* The library asks for one lane's value where a shader may have the same in all. */
    for (struct ir_inst *i = m->body->first; i && !m->shape_found; i = ir_next(i))
        m->shape_found = i->op == IR_SG_FIRST && i->args[0]->shape.kind == IR_SHAPE_UNIFORM;
    for (unsigned round = 0; m->shape_found && round < 2; round++) {
        ir_simplify(m);
        ir_regions(m);
        ir_shape(m);
    }
}
