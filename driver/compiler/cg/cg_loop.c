/* SPDX-License-Identifier: MIT
 *
 * LOOP (see cg_flow.c): what it carries, and how lanes leave it.
 */
#include "arena.h"
#include "cg_matrix.h"
#include "cg_private.h"

static LLVMTypeRef kept_type(struct cg *cg, const struct ir_inst *inst)
{
    return cg_kept_type(cg, (enum ir_type)inst->type, !cg_is_scalar(cg, inst));
}

static bool is_const(const struct ir_inst *inst)
{
    return inst->op == IR_CONST;
}

/* Whether the loop ends by itself soon: it counts by a constant up or down to a constant. `cond` is its
 * condition or a part of it. Recursion is bounded by depth. */
static bool is_bounded(const struct ir_inst *loop, const struct ir_inst *cond, unsigned depth)
{
    const struct ir_region *body = loop->regions[0];
    if (is_const(cond))
        return cond->imm == 0;
    if (cond->op == IR_AND && depth > 0)
        return is_bounded(loop, cond->args[0], depth - 1) ||
               is_bounded(loop, cond->args[1], depth - 1);
    if (cond->op != IR_ULT && cond->op != IR_ULE && cond->op != IR_SLT && cond->op != IR_SLE &&
        cond->op != IR_NE)
        return false;
    for (unsigned k = 0; k < 2; k++) {
        const struct ir_inst *next = cond->args[k], *bound = cond->args[1 - k];
        const struct ir_inst *param = next;
        if (!is_const(bound) || bound->imm > 65536)
            continue;
        if (next->op == IR_ADD && is_const(next->args[1]))
            param = next->args[0];
        if (param->op != IR_PARAM || param->parent != body)
            continue;
        const struct ir_inst *step = body->yields[1 + param->imm], *init = loop->args[param->imm];
        if (step->op == IR_ADD && step->args[0] == param && is_const(step->args[1]) &&
            step->args[1]->imm == 1 && is_const(init) && init->imm <= bound->imm && k == 0)
            return true;
    }
    return false;
}

/* i1: may the loop go on (a cancelled job leaves its loops). */
static LLVMValueRef may_run(struct cg *cg, const struct ir_inst *loop, LLVMValueRef more)
{
    if (is_bounded(loop, loop->regions[0]->yields[0], 8))
        return more;
    LLVMValueRef stop = LLVMBuildLoad2(cg->b, cg->i32, cg->stop, "stop");
    LLVMSetVolatile(stop, true);
    LLVMValueRef run = LLVMBuildICmp(cg->b, LLVMIntEQ, stop, cg_i32(cg, 0), "");
    return LLVMBuildAnd(cg->b, more, run, "");
}

/* One value carried around a loop. */
struct carried {
    struct ir_inst *param;
    struct ir_inst *result; /* NULL: nobody uses it */
    LLVMValueRef param_phi;
    LLVMValueRef result_phi; /* divergent loops: what lanes that left had; NULL: the param's */
    LLVMValueRef param_next, result_next;
    bool in_memory; /* part of a matrix that the loop adds to */
};

/* A matrix that the loop adds to, in its place. */
struct pinned {
    struct pinned *next;
    struct cg_matrix_carried matrix;
    LLVMValueRef at;
};

static struct pinned *pin_matrices(struct cg *cg, struct ir_inst *loop, struct carried *c)
{
    struct pinned *list = NULL;
    struct cg_matrix_carried matrix;
    for (uint32_t k = 0; k < loop->arg_count; k++) {
        if (cg->width == 1 || !cg_matrix_is_carried(cg->m->arena, loop, k, &matrix))
            continue;
        bool vectors = true;
        for (uint32_t i = 0; i < matrix.count; i++)
            vectors &= !cg_is_scalar(cg, c[matrix.values[i]].param);
        if (!vectors || !cg_matrix_pin(cg, &matrix, loop->args))
            continue;
        for (uint32_t i = 0; i < matrix.count; i++)
            c[matrix.values[i]].in_memory = true;
        struct pinned *p = arena_new(cg->m->arena, struct pinned);
        *p = (struct pinned){list, matrix, cg_matrix_pinned(cg, &matrix)};
        list = p;
    }
    return list;
}

/* After the loop: what became of them. */
static void take_matrices(struct cg *cg, const struct pinned *list, struct carried *c)
{
    for (const struct pinned *p = list; p; p = p->next)
        for (uint32_t i = 0; i < p->matrix.count; i++) {
            struct ir_inst *result = c[p->matrix.values[i]].result;
            if (result)
                cg_set(cg, result, 0, cg_matrix_leaf(cg, &p->matrix, p->at, i));
        }
}

/* Does the result of a divergent loop live in the param's own vector? */
static bool results_in_param(struct cg *cg, const struct carried *c)
{
    return !cg_is_scalar(cg, c->param) && c->result && !cg_is_scalar(cg, c->result);
}

static LLVMValueRef blend(struct cg *cg, enum ir_type type, LLVMValueRef lanes, LLVMValueRef now,
                          LLVMValueRef old_kept)
{
    LLVMValueRef old = cg_use(cg, type, true, old_kept);
    return cg_keep(cg, type, LLVMBuildSelect(cg->b, lanes, now, old, ""));
}

/* The condition of a divergent loop in two parts: *lanes is narrowed by what differs between lanes,
 * *uniform (i1, NULL: none) is what doesn't. Recursion is bounded by depth. */
static void split_condition(struct cg *cg, struct ir_inst *cond, unsigned depth,
                            LLVMValueRef *lanes, LLVMValueRef *uniform)
{
    if (cg_is_scalar(cg, cond)) {
        LLVMValueRef v = cg_scalar(cg, cond);
        *uniform = *uniform ? LLVMBuildAnd(cg->b, *uniform, v, "") : v;
    } else if (cond->op == IR_AND && depth > 0 &&
               (cg_is_scalar(cg, cond->args[0]) || cg_is_scalar(cg, cond->args[1]))) {
        split_condition(cg, cond->args[0], depth - 1, lanes, uniform);
        split_condition(cg, cond->args[1], depth - 1, lanes, uniform);
    } else {
        *lanes = cg_logic(cg, LLVMAnd, *lanes, cg_vector(cg, cond));
    }
}

static bool has_atomics(const struct ir_region *r)
{
    for (const struct ir_inst *i = r ? r->first : NULL; i; i = i->next)
        if (i->op == IR_ATOMIC || (i->op == IR_LOOP && has_atomics(i->regions[0])) ||
            (i->op == IR_IF && (has_atomics(i->regions[0]) || has_atomics(i->regions[1]))))
            return true;
    return false;
}

void cg_loop(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    struct ir_region *body = inst->regions[0];
    struct ir_inst *cond = body->yields[0];
    bool divergent = !cg_is_scalar(cg, cond);
    uint32_t count = inst->arg_count;
    struct carried *c = arena_alloc(cg->m->arena, (count + 1) * sizeof *c);
    struct cg_mask outer = cg->mask;
    bool outer_atomics = cg->p->loop_atomics;

    cg->p->loop_atomics = has_atomics(body);
    struct ir_inst *p = body->first;
    for (uint32_t k = 0; k < count; k++, p = p->next)
        c[k].param = p;
    for (struct ir_inst *r = inst->next; r && r->op == IR_RESULT && r->args[0] == inst; r = r->next)
        if (r->use_count)
            c[r->imm].result = r;
    unsigned mark = cg_matrix_mark(cg);
    struct pinned *matrices = divergent ? NULL : pin_matrices(cg, inst, c);

    LLVMValueRef *init = arena_array(cg->m->arena, LLVMValueRef, count);
    for (uint32_t k = 0; k < count; k++) {
        bool scalar = cg_is_scalar(cg, c[k].param);
        if (c[k].in_memory)
            continue;
        init[k] = scalar ? cg_scalar(cg, inst->args[k])
                         : cg_keep(cg, (enum ir_type)c[k].param->type, cg_vector(cg, inst->args[k]));
    }
    LLVMValueRef first_lanes = divergent ? cg_keep(cg, IR_BOOL, cg_mask_lanes(cg)) : NULL;
    LLVMBasicBlockRef head = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "loop"), done = cg_block(cg, "endloop");
    LLVMBuildBr(b, loop);

    /* Phis first, then what is made of them. */
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef lanes_phi = divergent ? LLVMBuildPhi(b, LLVMTypeOf(first_lanes), "lanes") : NULL;
    for (uint32_t k = 0; k < count; k++) {
        if (c[k].in_memory)
            continue;
        c[k].param_phi = LLVMBuildPhi(b, kept_type(cg, c[k].param), "");
        LLVMAddIncoming(c[k].param_phi, &init[k], &head, 1);
        if (divergent && c[k].result && !cg_is_scalar(cg, c[k].result) &&
            !results_in_param(cg, &c[k])) {
            LLVMTypeRef type = kept_type(cg, c[k].result);
            LLVMValueRef zero = LLVMConstNull(type);
            c[k].result_phi = LLVMBuildPhi(b, type, "");
            LLVMAddIncoming(c[k].result_phi, &zero, &head, 1);
        }
    }
    if (divergent) {
        LLVMAddIncoming(lanes_phi, &first_lanes, &head, 1);
        cg->mask.lanes = cg_use(cg, IR_BOOL, true, lanes_phi);
    }
    for (uint32_t k = 0; k < count; k++)
        if (!c[k].in_memory)
            cg_define(cg, c[k].param, c[k].param_phi);

    cg_region(cg, body);
    cg->p->loop_atomics = outer_atomics;
    cg_matrix_forget(cg, mark);

    LLVMValueRef lanes = divergent ? cg_use(cg, IR_BOOL, true, lanes_phi) : NULL;
    for (uint32_t k = 0; k < count; k++) {
        struct ir_inst *y = body->yields[1 + k];
        enum ir_type type = (enum ir_type)c[k].param->type;
        bool scalar = cg_is_scalar(cg, c[k].param);
        if (c[k].in_memory)
            continue;
        if (scalar)
            c[k].param_next = cg_scalar(cg, y);
        else if (divergent && results_in_param(cg, &c[k]))
            c[k].param_next = blend(cg, type, lanes, cg_vector(cg, y), c[k].param_phi);
        else
            c[k].param_next = cg_keep(cg, type, cg_vector(cg, y));
        if (c[k].result_phi)
            c[k].result_next = blend(cg, type, lanes, cg_vector(cg, y), c[k].result_phi);
    }
    LLVMValueRef next_lanes = NULL, more;
    if (divergent) {
        LLVMValueRef go = lanes, uniform = NULL;
        split_condition(cg, cond, 8, &go, &uniform);
        next_lanes = cg_keep(cg, IR_BOOL, go);
        more = cg_any(cg, go);
        if (uniform)
            more = LLVMBuildAnd(cg->b, more, uniform, "");
    } else {
        more = cg_scalar(cg, cond);
    }
    more = may_run(cg, inst, more);
    /* Values of the last iteration that results take, made where they are still in reach. */
    for (uint32_t k = 0; k < count; k++) {
        if (!c[k].result || c[k].result_next || c[k].in_memory)
            continue;
        struct ir_inst *y = body->yields[1 + k];
        if (cg_is_scalar(cg, c[k].result))
            c[k].result_next = cg_scalar(cg, y);
        else if (divergent && results_in_param(cg, &c[k]))
            c[k].result_next = c[k].param_next;
        else
            c[k].result_next = cg_keep(cg, (enum ir_type)c[k].result->type, cg_vector(cg, y));
    }
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, more, loop, done);
    if (divergent)
        LLVMAddIncoming(lanes_phi, &next_lanes, &tail, 1);
    for (uint32_t k = 0; k < count; k++) {
        if (c[k].in_memory)
            continue;
        LLVMAddIncoming(c[k].param_phi, &c[k].param_next, &tail, 1);
        if (c[k].result_phi)
            LLVMAddIncoming(c[k].result_phi, &c[k].result_next, &tail, 1);
    }
    LLVMPositionBuilderAtEnd(b, done);
    cg->mask = outer;
    for (uint32_t k = 0; k < count; k++)
        if (c[k].result && !c[k].in_memory)
            cg_define(cg, c[k].result, c[k].result_next);
    take_matrices(cg, matrices, c);
}
