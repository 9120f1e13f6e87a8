/* SPDX-License-Identifier: MIT
 *
 * DOC: Workgroups
 *
 * One worker runs a whole workgroup. Barriers cut the shader into pieces; each piece becomes a loop
 * over the subgroups, and the control flow around barriers, which is the same for the whole
 * workgroup, becomes ordinary control flow between those loops:
 *
 *     LOOP {            for (...) {
 *       A                   for each subgroup: A
 *       BARRIER
 *       B                   for each subgroup: B
 *       BARRIER
 *     }                 }
 *
 * Values that a piece hands to another have a home (enum cg_home): what is the same for the workgroup
 * is computed once outside of the loops; what is cheap to compute from that and from the
 * invocation's ids is computed again; the rest lives in the subgroup's frame, in scratch memory.
 * Nothing is allocated, no stack is switched.
 *
 * A condition around a barrier that is not known to be the same for the workgroup is still handled: the
 * code behind it runs if any invocation wants it, with the others masked out (struct cg_guard).
 */
#include "arena.h"
#include "cg_group.h"
#include "cg_matrix.h"
#include "cg_runs.h"

#define UNROLL_OPS 24 /* of a run of subgroups */

/* ---- Pieces ---- */

struct piece {
    struct ir_inst *first, *end; /* end: the instruction after the last, or NULL */
    uint32_t number;
};

static void export(struct cg *cg, struct ir_inst *inst)
{
    const struct cg_where *w = cg_where(cg, inst);
    if (w->placed && (w->home == CG_HOME_CELL || w->home == CG_HOME_FRAME))
        cg_home_store(cg, inst, cg_form_of(cg, inst, inst));
}

static void emit_piece_body(struct cg *cg, void *data)
{
    struct piece *piece = data;
    cg_matrix_forget(cg, 0);
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        cg_each_outside(cg, inst, piece->number, cg_import);
    cg_local_init(cg, piece->number);
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next) {
        if (cg_where(cg, inst)->home == CG_HOME_GROUP || cg_where(cg, inst)->fixed)
            continue;
        cg_inst(cg, inst);
        export(cg, inst);
    }
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        cg_each_outside(cg, inst, piece->number, cg_forget);
}

/* The partial last subgroup, of which the runs know nothing. */
static void emit_rest_of(struct cg *cg, const struct cg_runs *runs, struct piece *piece)
{
    cg->p->runs = NULL;
    cg_each_rest(cg, emit_piece_body, piece);
    cg->p->runs = runs;
}

/* Few subgroups that do little one by one, so that each's places in workgroup memory are known
 * (cg_shared.c). */
static void emit_run(struct cg *cg, const struct cg_runs *runs, const struct cg_run *run,
                     struct piece *piece)
{
    uint32_t count = run->end - run->first, step = count * runs->ops <= UNROLL_OPS ? 1 : count;
    for (uint32_t k = 0; k < count; k += step) {
        uint32_t first = cg->p->backwards ? run->end - k - step : run->first + k;
        cg_each_full(cg, first, first + step, emit_piece_body, piece);
    }
}

/* See fuse.c. */
static bool runs_backwards(const struct piece *piece)
{
    for (const struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        if (inst->op == IR_ORDER && inst->imm == IR_ORDER_DESCENDING)
            return true;
    return false;
}

static void emit_piece(struct cg *cg, struct piece *piece)
{
    bool work = false;
    cg->p->piece = piece->number;
    cg->p->backwards = runs_backwards(piece);
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next) {
        if (cg_where(cg, inst)->home == CG_HOME_GROUP)
            cg_inst(cg, inst);
        else
            work = true;
    }
    struct cg_runs runs;
    if (work && cg_runs_find(cg, piece->first, piece->end, &runs)) {
        cg->p->runs = &runs;
        if (cg->p->backwards)
            emit_rest_of(cg, &runs, piece);
        for (uint32_t k = 0; k < runs.count; k++) {
            uint32_t r = cg->p->backwards ? runs.count - 1 - k : k;
            cg->p->run = &runs.run[r];
            if (!runs.run[r].idle)
                emit_run(cg, &runs, &runs.run[r], piece);
        }
        if (!cg->p->backwards)
            emit_rest_of(cg, &runs, piece);
        cg->p->runs = NULL;
    } else if (work) {
        cg_each_subgroup(cg, emit_piece_body, piece);
    }
    cg->p->piece = 0;
    cg->p->backwards = false;
}

/* ---- Control flow around barriers ---- */

/* A parallel copy of values into the places of PARAMs or RESULTs. */
struct copy {
    struct ir_inst *first_to; /* followed by the others */
    struct ir_inst **from;
    uint32_t count;
    bool blend; /* keep what inactive lanes had */
};

static bool needs_copy(struct cg *cg, struct ir_inst *to, struct ir_inst *from)
{
    if (to->op == IR_RESULT && cg_where(cg, to)->shares)
        return false;
    return cg_where(cg, to)->home == CG_HOME_FRAME && cg_home_of(cg, to) != cg_home_of(cg, from);
}

static void emit_copy_body(struct cg *cg, void *data)
{
    struct copy *copy = data;
    struct ir_inst *to = copy->first_to;
    LLVMValueRef *values = arena_alloc(cg->m->arena, (copy->count + 1) * sizeof *values);
    for (uint32_t k = 0; k < copy->count; k++, to = to->next) {
        if (!needs_copy(cg, to, copy->from[k]))
            continue;
        cg_import(cg, copy->from[k]);
        values[k] = cg_form_of(cg, copy->from[k], to);
    }
    to = copy->first_to;
    for (uint32_t k = 0; k < copy->count; k++, to = to->next) {
        if (!needs_copy(cg, to, copy->from[k]))
            continue;
        if (copy->blend && cg->mask.lanes && !cg_is_scalar(cg, to))
            values[k] = LLVMBuildSelect(cg->b, cg->mask.lanes, values[k], cg_home_load(cg, to), "");
        cg_home_store(cg, to, values[k]);
    }
    for (uint32_t k = 0; k < copy->count; k++)
        cg_forget(cg, copy->from[k]);
}

static void emit_copy(struct cg *cg, struct ir_inst *first_to, struct ir_inst **from,
                      uint32_t count)
{
    struct copy copy = {first_to, from, count, cg->p->guard != NULL};
    struct ir_inst *to = first_to;
    bool any = false;
    for (uint32_t k = 0; k < count; k++, to = to->next)
        any |= needs_copy(cg, to, from[k]);
    if (any)
        cg_each_subgroup(cg, emit_copy_body, &copy);
}

static LLVMValueRef keep_lanes(struct cg *cg, LLVMValueRef lanes)
{
    return cg->width > 1 ? cg_keep(cg, IR_BOOL, lanes) : lanes;
}

/* i1: does any invocation (under the guards) have the value `want` of a condition. */
struct any {
    struct ir_inst *cond;
    bool negate;
    LLVMValueRef cell;
    struct cg_guard *update; /* LOOP: the lanes that go on are narrowed on the way */
};

static void emit_any_body(struct cg *cg, void *data)
{
    struct any *a = data;
    cg_import(cg, a->cond);
    LLVMValueRef lanes = cg_vector(cg, a->cond);
    if (a->negate)
        lanes = LLVMBuildNot(cg->b, lanes, "");
    LLVMValueRef any = lanes;
    if (cg->width > 1) {
        struct cg_mask mask = cg_mask_and(cg, cg->mask, lanes);
        lanes = mask.lanes ? mask.lanes : cg_mask_lanes(cg);
        any = cg_any(cg, lanes);
    }
    if (a->update)
        LLVMBuildStore(cg->b, keep_lanes(cg, lanes), cg_guard_address(cg, a->update));
    LLVMValueRef old = LLVMBuildLoad2(cg->b, cg->i1, a->cell, "");
    LLVMBuildStore(cg->b, LLVMBuildOr(cg->b, old, any, ""), a->cell);
    cg_forget(cg, a->cond);
}

static LLVMValueRef emit_any(struct cg *cg, struct ir_inst *cond, bool negate,
                             struct cg_guard *update)
{
    struct any a = {cond, negate, cg_alloca(cg, cg->i1, 0, "any"), update};
    LLVMBuildStore(cg->b, LLVMConstInt(cg->i1, 0, false), a.cell);
    cg_each_subgroup(cg, emit_any_body, &a);
    return LLVMBuildLoad2(cg->b, cg->i1, a.cell, "");
}

static void init_guard_body(struct cg *cg, void *data)
{
    LLVMValueRef lanes = cg->width > 1 ? cg_mask_lanes(cg) : LLVMConstInt(cg->i1, 1, false);
    LLVMBuildStore(cg->b, keep_lanes(cg, lanes), cg_guard_address(cg, data));
}

static void emit_level(struct cg *cg, struct ir_region *r);

/* Emits an arm of an IF and moves its yields into the RESULTs' places. */
static LLVMBasicBlockRef emit_arm(struct cg *cg, struct ir_inst *inst, struct ir_region *r,
                                  LLVMBasicBlockRef block, LLVMBasicBlockRef merge,
                                  LLVMValueRef *scalars)
{
    LLVMPositionBuilderAtEnd(cg->b, block);
    if (r) {
        emit_level(cg, r);
        emit_copy(cg, inst->next, r->yields, r->yield_count);
        struct ir_inst *result = inst->next;
        for (uint32_t k = 0; k < r->yield_count; k++, result = result->next)
            if (cg_where(cg, result)->home == CG_HOME_GROUP)
                scalars[k] = cg_group_scalar(cg, r->yields[k]);
    }
    LLVMBasicBlockRef end = LLVMGetInsertBlock(cg->b);
    LLVMBuildBr(cg->b, merge);
    return end;
}

static void emit_uniform_if(struct cg *cg, struct ir_inst *inst)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *a = arena_alloc(cg->m->arena, (count + 1) * sizeof *a);
    LLVMValueRef *b = arena_alloc(cg->m->arena, (count + 1) * sizeof *b);
    LLVMBasicBlockRef then_block = cg_block(cg, "then"), else_block = cg_block(cg, "else");
    LLVMBasicBlockRef merge = cg_block(cg, "endif");
    LLVMBuildCondBr(cg->b, cg_group_scalar(cg, inst->args[0]), then_block, else_block);
    LLVMBasicBlockRef a_end = emit_arm(cg, inst, inst->regions[0], then_block, merge, a);
    LLVMBasicBlockRef b_end = emit_arm(cg, inst, inst->regions[1], else_block, merge, b);
    LLVMPositionBuilderAtEnd(cg->b, merge);
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next) {
        if (cg_where(cg, result)->home != CG_HOME_GROUP)
            continue;
        LLVMValueRef phi = LLVMBuildPhi(cg->b, cg->scalar_t[result->type], "");
        LLVMAddIncoming(phi, &a[k], &a_end, 1);
        LLVMAddIncoming(phi, &b[k], &b_end, 1);
        cg_set_scalar(cg, result, 0, phi);
    }
}

/* The condition may differ between invocations: both arms run for those that want them. RESULTs
 * whose arms agree for the workgroup keep the then arm's scalar in a cell. */
static void emit_guarded_if(struct cg *cg, struct ir_inst *inst)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *cells = arena_alloc(cg->m->arena, (count + 1) * sizeof *cells);
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next)
        if (cg_where(cg, result)->home == CG_HOME_GROUP) {
            cells[k] = cg_alloca(cg, cg->scalar_t[result->type], 0, "result");
            LLVMBuildStore(cg->b, LLVMConstNull(cg->scalar_t[result->type]), cells[k]);
        }
    for (unsigned arm = 0; arm < 2; arm++) {
        struct ir_region *r = inst->regions[arm];
        if (!r)
            continue;
        struct cg_guard guard = {.outer = cg->p->guard, .cond = inst->args[0], .negate = arm == 1};
        LLVMBasicBlockRef run = cg_block(cg, "arm"), merge = cg_block(cg, "endarm");
        LLVMBuildCondBr(cg->b, emit_any(cg, inst->args[0], arm == 1, NULL), run, merge);
        cg->p->guard = &guard;
        LLVMPositionBuilderAtEnd(cg->b, run);
        emit_level(cg, r);
        emit_copy(cg, inst->next, r->yields, r->yield_count);
        for (uint32_t k = 0; k < count; k++)
            if (cells[k])
                LLVMBuildStore(cg->b, cg_group_scalar(cg, r->yields[k]), cells[k]);
        LLVMBuildBr(cg->b, merge);
        LLVMPositionBuilderAtEnd(cg->b, merge);
        cg->p->guard = guard.outer;
    }
    result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next)
        if (cells[k])
            cg_set_scalar(cg, result, 0,
                          LLVMBuildLoad2(cg->b, cg->scalar_t[result->type], cells[k], ""));
}

static uint32_t result_count(const struct ir_inst *inst)
{
    uint32_t count = 0;
    for (struct ir_inst *r = inst->next; r && r->op == IR_RESULT && r->args[0] == inst; r = r->next)
        count++;
    return count;
}

static void emit_loop(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    struct ir_region *body = inst->regions[0];
    struct ir_inst *cond = body->yields[0];
    bool uniform = cg_is_free(cond) || cg_is_group_scalar(cg, cond);
    LLVMValueRef *phis = arena_alloc(cg->m->arena, (inst->arg_count + 1) * sizeof *phis);
    LLVMValueRef *next = arena_alloc(cg->m->arena, (inst->arg_count + 1) * sizeof *next);

    emit_copy(cg, body->first, inst->args, inst->arg_count);
    struct cg_guard guard;
    if (!uniform) {
        LLVMTypeRef lanes = cg_kept_type(cg, IR_BOOL, cg->width > 1);
        guard = (struct cg_guard){.outer = cg->p->guard};
        guard.lanes = cg_alloca(cg, LLVMArrayType2(lanes, cg->p->subgroups), 0, "lanes");
        cg_each_subgroup(cg, init_guard_body, &guard);
        cg->p->guard = &guard;
    }
    struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        if (cg_where(cg, param)->home == CG_HOME_GROUP)
            next[k] = cg_group_scalar(cg, inst->args[k]);

    LLVMBasicBlockRef head = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "loop"), done = cg_block(cg, "endloop");
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next) {
        if (cg_where(cg, param)->home != CG_HOME_GROUP)
            continue;
        phis[k] = LLVMBuildPhi(b, cg->scalar_t[param->type], "");
        LLVMAddIncoming(phis[k], &next[k], &head, 1);
        cg_set_scalar(cg, param, 0, phis[k]);
    }
    emit_level(cg, body);
    param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        if (phis[k])
            next[k] = cg_group_scalar(cg, body->yields[1 + k]);
    /* Results that do not share their param's place see the lanes' last iterations go by. */
    emit_copy(cg, inst->next, body->yields + 1, result_count(inst));
    emit_copy(cg, body->first, body->yields + 1, inst->arg_count);
    LLVMValueRef more = uniform ? cg_group_scalar(cg, cond) : emit_any(cg, cond, false, &guard);
    /* A cancelled job leaves its loops. */
    LLVMValueRef stop = LLVMBuildLoad2(b, cg->i32, cg->stop, "stop");
    LLVMSetVolatile(stop, true);
    LLVMValueRef run = LLVMBuildICmp(b, LLVMIntEQ, stop, cg_i32(cg, 0), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildAnd(b, more, run, ""), loop, done);
    for (uint32_t k = 0; k < inst->arg_count; k++)
        if (phis[k])
            LLVMAddIncoming(phis[k], &next[k], &tail, 1);
    LLVMPositionBuilderAtEnd(b, done);

    if (!uniform)
        cg->p->guard = guard.outer;
    struct ir_inst *result = inst->next;
    for (; result && result->op == IR_RESULT && result->args[0] == inst; result = result->next) {
        const struct cg_where *w = cg_where(cg, result);
        if (w->home == CG_HOME_GROUP)
            cg_set_scalar(cg, result, 0, next[result->imm] ? next[result->imm]
                                                           : cg_group_scalar(cg, body->yields[1 + result->imm]));
    }
}

static void emit_level(struct cg *cg, struct ir_region *r)
{
    for (struct ir_inst *inst = r->first; inst;) {
        if (!cg_is_group_level(inst)) {
            struct piece piece = {inst, inst, cg_where(cg, inst)->piece};
            while (piece.end && !cg_is_group_level(piece.end))
                piece.end = piece.end->next;
            emit_piece(cg, &piece);
            inst = piece.end;
            continue;
        }
        if (inst->op == IR_LOOP)
            emit_loop(cg, inst);
        else if (inst->op == IR_IF && (cg_is_free(inst->args[0]) || cg_is_group_scalar(cg, inst->args[0])))
            emit_uniform_if(cg, inst);
        else if (inst->op == IR_IF)
            emit_guarded_if(cg, inst);
        inst = inst->next;
    }
}

static void zero_shared(struct cg *cg)
{
    if (!cg->m->zero_shared || !cg->m->shared_B)
        return;
    LLVMBuildMemSet(cg->b, cg->shared, LLVMConstInt(cg->i8, 0, false),
                    cg_i64(cg, cg->m->shared_B), 64);
}

static void init_locals_body(struct cg *cg, void *data)
{
    cg_local_init(cg, CG_PIECE_SEVERAL);
}

void cg_group_emit(struct cg *cg)
{
    zero_shared(cg);
    if (cg_local_has_init(cg, CG_PIECE_SEVERAL))
        cg_each_subgroup(cg, init_locals_body, NULL);
    emit_level(cg, cg->m->body);
}
