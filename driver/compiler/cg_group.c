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
#include <string.h>

#include "arena.h"
#include "cg_matrix.h"
#include "cg_private.h"
#include "cg_runs.h"

/* A condition that is not uniform over the workgroup, around the region being emitted. */
struct cg_guard {
    struct cg_guard *outer;
    struct ir_inst *cond; /* IF: its condition */
    bool negate;          /* IF: in the else arm */
    LLVMValueRef lanes;   /* LOOP: an array of each subgroup's lanes that still go on */
};

/* ---- Values in and out of pieces ---- */

static LLVMValueRef
frame_address(struct cg *cg, uint32_t offset_B)
{
    LLVMValueRef index = cg_i64(cg, offset_B);
    return LLVMBuildInBoundsGEP2(cg->b, cg->i8, cg->p->frame, &index, 1, "");
}

static const struct cg_where *
place_of(struct cg *cg, const struct ir_inst *inst)
{
    const struct cg_where *w = cg_where(cg, inst);
    while (w->shares)
        w = cg_where(cg, w->shares);
    return w;
}

static LLVMValueRef
load_kept(struct cg *cg, struct ir_inst *inst)
{
    const struct cg_where *w = place_of(cg, inst);
    LLVMValueRef at = w->cell ? w->cell : frame_address(cg, w->offset_B);
    LLVMValueRef v = LLVMBuildLoad2(cg->b, cg_home_type(cg, inst), at, "");
    if (!w->cell)
        cg_alias_frame(cg, v);
    return cg_use(cg, (enum ir_type)inst->type, !cg_is_scalar(cg, inst), v);
}

static void
store_kept(struct cg *cg, struct ir_inst *inst, LLVMValueRef value)
{
    const struct cg_where *w = place_of(cg, inst);
    LLVMValueRef at = w->cell ? w->cell : frame_address(cg, w->offset_B);
    LLVMValueRef v = cg_is_scalar(cg, inst) ? value : cg_keep(cg, (enum ir_type)inst->type, value);
    LLVMValueRef store = LLVMBuildStore(cg->b, v, at);
    if (!w->cell)
        cg_alias_frame(cg, store);
}

static LLVMValueRef
form_of(struct cg *cg, struct ir_inst *inst, const struct ir_inst *like)
{
    return cg_is_scalar(cg, like) ? cg_scalar(cg, inst) : cg_vector(cg, inst);
}

/* Makes a value from outside usable in the piece (or the copy between pieces) being emitted. */
static void
import(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    if (cg_at_group_level(cg, inst) || w->imported)
        return;
    if (w->home == CG_HOME_REMAT || w->home == CG_HOME_PIECE) {
        /* PIECE: what a value that is computed again needs, and nobody else does. */
        for (uint32_t i = 0; i < inst->arg_count; i++)
            import(cg, inst->args[i]);
        cg_inst(cg, inst);
    } else if (w->home == CG_HOME_CELL || w->home == CG_HOME_FRAME) {
        /* A component is a name for its source's: that is where its users look. */
        struct ir_inst *source = inst->op == IR_COMP ? inst->args[0] : inst;
        cg_set(cg, source, inst->op == IR_COMP ? (unsigned)inst->imm : 0, load_kept(cg, inst));
    }
    w->imported = true;
}

static void forget_args(struct cg *cg, struct ir_inst *inst);

static void
forget(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    if (!w->imported)
        return;
    w->imported = false;
    if (w->home == CG_HOME_REMAT || w->home == CG_HOME_PIECE)
        forget_args(cg, inst);
}

static void
forget_args(struct cg *cg, struct ir_inst *inst)
{
    for (uint32_t i = 0; i < inst->arg_count; i++)
        forget(cg, inst->args[i]);
}

/* Calls fn on every value from outside that the instruction, or one below it, uses in the piece. */
static void
each_outside(struct cg *cg, struct ir_inst *inst, uint32_t piece,
             void (*fn)(struct cg *cg, struct ir_inst *value))
{
    if (inst->op != IR_RESULT)
        for (uint32_t i = 0; i < inst->arg_count; i++)
            if (!cg_is_free(inst->args[i]) && cg_where(cg, inst->args[i])->piece != piece)
                fn(cg, inst->args[i]);
    if (inst->op != IR_IF && inst->op != IR_LOOP)
        return;
    for (unsigned k = 0; k < 2; k++) {
        struct ir_region *r = inst->regions[k];
        if (!r)
            continue;
        for (struct ir_inst *i = r->first; i; i = i->next)
            each_outside(cg, i, piece, fn);
        for (uint32_t y = 0; y < r->yield_count; y++)
            if (!cg_is_free(r->yields[y]) && cg_where(cg, r->yields[y])->piece != piece)
                fn(cg, r->yields[y]);
    }
}

/* A workgroup-uniform value at workgroup level. */
static LLVMValueRef
group_scalar(struct cg *cg, struct ir_inst *inst)
{
    if (!cg_at_group_level(cg, inst) && cg_where(cg, inst)->home == CG_HOME_CELL)
        return cg_use(cg, (enum ir_type)inst->type, false,
                      LLVMBuildLoad2(cg->b, cg_home_type(cg, inst), cg_where(cg, inst)->cell, ""));
    return cg_scalar(cg, inst);
}

/* ---- Loops over the subgroups ---- */

typedef void subgroup_fn(struct cg *cg, void *data);

static LLVMValueRef
guard_address(struct cg *cg, const struct cg_guard *g)
{
    LLVMTypeRef type = cg_kept_type(cg, IR_BOOL, cg->width > 1);
    return LLVMBuildInBoundsGEP2(cg->b, type, g->lanes, &cg->subgroup, 1, "");
}

/* Narrows the mask by the guards, outermost first; with no lane left the body is skipped. */
static void
apply_guard(struct cg *cg, struct cg_guard *g, LLVMBasicBlockRef skip)
{
    if (!g)
        return;
    apply_guard(cg, g->outer, skip);
    LLVMValueRef lanes;
    if (g->lanes) {
        LLVMTypeRef type = cg_kept_type(cg, IR_BOOL, cg->width > 1);
        LLVMValueRef v = LLVMBuildLoad2(cg->b, type, guard_address(cg, g), "");
        lanes = cg_use(cg, IR_BOOL, cg->width > 1, v);
    } else {
        import(cg, g->cond);
        lanes = cg_vector(cg, g->cond);
        if (g->negate)
            lanes = LLVMBuildNot(cg->b, lanes, "");
    }
    LLVMValueRef any = lanes;
    if (cg->width > 1) {
        cg->mask = cg_mask_and(cg, cg->mask, lanes);
        any = cg_any(cg, cg->mask.lanes);
    }
    LLVMBasicBlockRef run = cg_block(cg, "guarded");
    LLVMBuildCondBr(cg->b, any, run, skip);
    LLVMPositionBuilderAtEnd(cg->b, run);
}

static void
emit_subgroup(struct cg *cg, LLVMValueRef index, struct cg_mask mask, subgroup_fn *fn, void *data)
{
    cg->subgroup = index;
    cg->mask = mask;
    if (cg->p->frame_B) {
        LLVMValueRef wide = LLVMBuildZExt(cg->b, index, cg->i64, "");
        LLVMValueRef offset = LLVMBuildMul(cg->b, wide, cg_i64(cg, cg->p->frame_B), "");
        cg->p->frame = LLVMBuildInBoundsGEP2(cg->b, cg->i8, cg->scratch, &offset, 1, "frame");
    }
    LLVMBasicBlockRef skip = cg->p->guard ? cg_block(cg, "skip") : NULL;
    apply_guard(cg, cg->p->guard, skip);
    fn(cg, data);
    for (struct cg_guard *g = cg->p->guard; g; g = g->outer)
        if (g->cond)
            forget(cg, g->cond);
    if (skip) {
        LLVMBuildBr(cg->b, skip);
        LLVMPositionBuilderAtEnd(cg->b, skip);
    }
    cg->mask = (struct cg_mask){NULL};
    cg->subgroup = NULL;
    cg->p->frame = NULL;
}

/* Which lanes of a vector that reaches over an end of the row are inside. */
static struct cg_mask
flat_mask(struct cg *cg)
{
    LLVMBuilderRef b = cg->b;
    int64_t index[256];
    for (unsigned i = 0; i < cg->width; i++)
        index[i] = i;
    LLVMValueRef iota = cg_const_vector(cg, cg->i32, index, cg->width), zero = cg_i64(cg, 0);
    LLVMValueRef width = cg_i64(cg, cg->width);
    LLVMValueRef before = LLVMBuildSub(b, cg->flat_first, cg->flat, "");
    LLVMValueRef started = LLVMBuildICmp(b, LLVMIntUGE, cg->flat, cg->flat_first, "");
    before = LLVMBuildTrunc(b, LLVMBuildSelect(b, started, zero, before, ""), cg->i32, "");
    LLVMValueRef left = LLVMBuildSub(b, cg->flat_end, cg->flat, "");
    LLVMValueRef whole = LLVMBuildICmp(b, LLVMIntUGE, left, width, "");
    left = LLVMBuildTrunc(b, LLVMBuildSelect(b, whole, width, left, ""), cg->i32, "");
    LLVMValueRef from = LLVMBuildICmp(b, LLVMIntSGE, iota, cg_splat(cg, before), "");
    LLVMValueRef to = LLVMBuildICmp(b, LLVMIntSLT, iota, cg_splat(cg, left), "");
    return (struct cg_mask){cg_logic(cg, LLVMAnd, from, to)};
}

/* Flat modules: emits fn for the row, by vectors that start at multiples of the width. Only the
 * first and the last can be in part. */
static void
for_each_vector(struct cg *cg, subgroup_fn *fn, void *data)
{
    LLVMBuilderRef b = cg->b;
    struct cg_mask all = {NULL};
    LLVMValueRef start = LLVMBuildAnd(b, cg->flat_first, cg_i64(cg, -(uint64_t)cg->width), "");
    LLVMBasicBlockRef head = LLVMGetInsertBlock(b), loop = cg_block(cg, "vector");
    LLVMBasicBlockRef part = cg_block(cg, "part");
    LLVMBasicBlockRef next_block = cg_block(cg, "next"), done = cg_block(cg, "row_done");
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    cg->flat = LLVMBuildPhi(b, cg->i64, "flat");
    LLVMAddIncoming(cg->flat, &start, &head, 1);
    LLVMValueRef next = LLVMBuildNUWAdd(b, cg->flat, cg_i64(cg, cg->width), "");
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntUGE, cg->flat, cg->flat_first, "");
    inside = LLVMBuildAnd(b, inside, LLVMBuildICmp(b, LLVMIntULE, next, cg->flat_end, ""), "");
    if (cg_fast(cg)) { /* one copy of the code will do */
        LLVMBuildBr(b, part);
    } else {
        LLVMBasicBlockRef whole = cg_block(cg, "whole");
        cg_unlikely(cg, LLVMBuildCondBr(b, inside, whole, part), 1);
        LLVMPositionBuilderAtEnd(b, whole);
        emit_subgroup(cg, cg_i32(cg, 0), all, fn, data);
        LLVMBuildBr(b, next_block);
    }
    LLVMPositionBuilderAtEnd(b, part);
    emit_subgroup(cg, cg_i32(cg, 0), flat_mask(cg), fn, data);
    LLVMBuildBr(b, next_block);
    LLVMPositionBuilderAtEnd(b, next_block);
    LLVMAddIncoming(cg->flat, &next, &next_block, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, cg->flat_end, ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
    cg->flat = NULL;
}

struct counter {
    LLVMValueRef value; /* i32 */
    LLVMBasicBlockRef loop;
};

static struct counter
count_begin(struct cg *cg, uint32_t first, const char *name)
{
    LLVMBasicBlockRef head = LLVMGetInsertBlock(cg->b);
    struct counter c = {.loop = cg_block(cg, name)};
    LLVMValueRef start = cg_i32(cg, first);
    LLVMBuildBr(cg->b, c.loop);
    LLVMPositionBuilderAtEnd(cg->b, c.loop);
    c.value = LLVMBuildPhi(cg->b, cg->i32, name);
    LLVMAddIncoming(c.value, &start, &head, 1);
    return c;
}

/* The loop's end: again while the next value is below `end`; it runs at least once. */
static void
count_end(struct cg *cg, struct counter *c, LLVMValueRef end)
{
    LLVMValueRef next = LLVMBuildNUWAdd(cg->b, c->value, cg_i32(cg, 1), "");
    LLVMValueRef more = LLVMBuildICmp(cg->b, LLVMIntULT, next, end, "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(cg->b), done = cg_block(cg, "counted");
    LLVMBuildCondBr(cg->b, more, c->loop, done);
    LLVMAddIncoming(c->value, &next, &tail, 1);
    LLVMPositionBuilderAtEnd(cg->b, done);
}

/* Modules by rows: each row of invocations along all workgroups that there are, one row after the
 * other. */
static void
for_each_row(struct cg *cg, subgroup_fn *fn, void *data)
{
    LLVMBuilderRef b = cg->b;
    uint32_t in_row = cg->m->local_size[0] / cg->width;
    LLVMValueRef first_group = cg->group_id[0], rows = cg_i32(cg, cg->p->subgroups / in_row);
    LLVMValueRef groups = LLVMBuildTrunc(b, cg->row_groups, cg->i32, "");
    struct cg_mask all = {NULL};

    struct counter row = count_begin(cg, 0, "row");
    struct counter group = count_begin(cg, 0, "along");
    cg->group_id[0] = LLVMBuildAdd(b, first_group, group.value, "");
    struct counter part = {.value = cg_i32(cg, 0)};
    if (in_row > 1)
        part = count_begin(cg, 0, "part");
    LLVMValueRef index = LLVMBuildNUWMul(b, row.value, cg_i32(cg, in_row), "");
    emit_subgroup(cg, LLVMBuildNUWAdd(b, index, part.value, "subgroup"), all, fn, data);
    if (in_row > 1)
        count_end(cg, &part, cg_i32(cg, in_row));
    count_end(cg, &group, groups);
    count_end(cg, &row, rows);
    cg->group_id[0] = first_group;
}

/* Emits fn for the subgroups from first to before end, which are full. */
static void
for_each_full(struct cg *cg, uint32_t first, uint32_t end, subgroup_fn *fn, void *data)
{
    struct cg_mask all = {NULL};
    if (end - first == 1) {
        emit_subgroup(cg, cg_i32(cg, first), all, fn, data);
        return;
    }
    struct counter index = count_begin(cg, first, "subgroup");
    LLVMValueRef at = index.value;
    if (cg->p->backwards)
        at = LLVMBuildNUWSub(cg->b, cg_i32(cg, first + end - 1), at, "");
    emit_subgroup(cg, at, all, fn, data);
    count_end(cg, &index, cg_i32(cg, end));
}

/* Emits fn for the partial last subgroup, if there is one. */
static void
for_rest(struct cg *cg, subgroup_fn *fn, void *data)
{
    uint32_t full = cg->p->local_count / cg->width, rest = cg->p->local_count % cg->width;
    LLVMValueRef lanes[256];
    if (!rest)
        return;
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = LLVMConstInt(cg->i1, i < rest, false);
    struct cg_mask mask = {LLVMConstVector(lanes, cg->width)};
    emit_subgroup(cg, cg_i32(cg, full), mask, fn, data);
}

/* Emits fn once, for all subgroups, the last of them in part. */
static void
for_each_in_part(struct cg *cg, subgroup_fn *fn, void *data)
{
    LLVMBuilderRef b = cg->b;
    uint32_t full = cg->p->local_count / cg->width;
    int64_t lanes[256];
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = i;
    struct counter index = count_begin(cg, 0, "subgroup");
    LLVMValueRef before = LLVMBuildMul(b, index.value, cg_i32(cg, cg->width), "");
    LLVMValueRef left = LLVMBuildSub(b, cg_i32(cg, cg->p->local_count), before, "");
    LLVMValueRef inside =
        LLVMBuildICmp(b, LLVMIntSGT, cg_splat(cg, left),
                      cg_const_vector(cg, cg->i32, lanes, cg->width), "");
    emit_subgroup(cg, index.value, (struct cg_mask){inside}, fn, data);
    count_end(cg, &index, cg_i32(cg, full + 1));
}

/* Emits fn for all subgroups: a loop over the full ones, then the partial last one. */
static void
for_each_subgroup(struct cg *cg, subgroup_fn *fn, void *data)
{
    if (cg->m->flat) {
        for_each_vector(cg, fn, data);
        return;
    }
    if (cg->m->rows) {
        for_each_row(cg, fn, data);
        return;
    }
    if (cg_fast(cg) && !cg->p->backwards && cg->p->local_count > cg->width &&
        cg->p->local_count % cg->width) {
        for_each_in_part(cg, fn, data);
        return;
    }
    if (cg->p->backwards)
        for_rest(cg, fn, data);
    if (cg->p->local_count >= cg->width)
        for_each_full(cg, 0, cg->p->local_count / cg->width, fn, data);
    if (!cg->p->backwards)
        for_rest(cg, fn, data);
}

/* ---- Pieces ---- */

struct piece {
    struct ir_inst *first, *end; /* end: the instruction after the last, or NULL */
    uint32_t number;
};

static void
export(struct cg *cg, struct ir_inst *inst)
{
    const struct cg_where *w = cg_where(cg, inst);
    if (w->placed && (w->home == CG_HOME_CELL || w->home == CG_HOME_FRAME))
        store_kept(cg, inst, form_of(cg, inst, inst));
}

static void
emit_piece_body(struct cg *cg, void *data)
{
    struct piece *piece = data;
    cg_matrix_forget(cg, 0);
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        each_outside(cg, inst, piece->number, import);
    cg_local_init(cg, piece->number);
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next) {
        if (cg_where(cg, inst)->home == CG_HOME_GROUP)
            continue;
        cg_inst(cg, inst);
        export(cg, inst);
    }
    for (struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        each_outside(cg, inst, piece->number, forget);
}

/* The partial last subgroup, of which the runs know nothing. */
static void
emit_rest_of(struct cg *cg, const struct cg_runs *runs, struct piece *piece)
{
    cg->p->runs = NULL;
    for_rest(cg, emit_piece_body, piece);
    cg->p->runs = runs;
}

/* See fuse.c. */
static bool
runs_backwards(const struct piece *piece)
{
    for (const struct ir_inst *inst = piece->first; inst != piece->end; inst = inst->next)
        if (inst->op == IR_ORDER && inst->imm == IR_ORDER_DESCENDING)
            return true;
    return false;
}

static void
emit_piece(struct cg *cg, struct piece *piece)
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
                for_each_full(cg, runs.run[r].first, runs.run[r].end, emit_piece_body, piece);
        }
        if (!cg->p->backwards)
            emit_rest_of(cg, &runs, piece);
        cg->p->runs = NULL;
    } else if (work) {
        for_each_subgroup(cg, emit_piece_body, piece);
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

static bool
needs_copy(struct cg *cg, struct ir_inst *to, struct ir_inst *from)
{
    if (to->op == IR_RESULT && cg_where(cg, to)->shares)
        return false;
    return cg_where(cg, to)->home == CG_HOME_FRAME && place_of(cg, to) != place_of(cg, from);
}

static void
emit_copy_body(struct cg *cg, void *data)
{
    struct copy *copy = data;
    struct ir_inst *to = copy->first_to;
    LLVMValueRef *values = arena_alloc(cg->m->arena, (copy->count + 1) * sizeof *values);
    for (uint32_t k = 0; k < copy->count; k++, to = to->next) {
        if (!needs_copy(cg, to, copy->from[k]))
            continue;
        import(cg, copy->from[k]);
        values[k] = form_of(cg, copy->from[k], to);
    }
    to = copy->first_to;
    for (uint32_t k = 0; k < copy->count; k++, to = to->next) {
        if (!needs_copy(cg, to, copy->from[k]))
            continue;
        if (copy->blend && cg->mask.lanes && !cg_is_scalar(cg, to))
            values[k] = LLVMBuildSelect(cg->b, cg->mask.lanes, values[k], load_kept(cg, to), "");
        store_kept(cg, to, values[k]);
    }
    for (uint32_t k = 0; k < copy->count; k++)
        forget(cg, copy->from[k]);
}

static void
emit_copy(struct cg *cg, struct ir_inst *first_to, struct ir_inst **from, uint32_t count)
{
    struct copy copy = {first_to, from, count, cg->p->guard != NULL};
    struct ir_inst *to = first_to;
    bool any = false;
    for (uint32_t k = 0; k < count; k++, to = to->next)
        any |= needs_copy(cg, to, from[k]);
    if (any)
        for_each_subgroup(cg, emit_copy_body, &copy);
}

static LLVMValueRef
keep_lanes(struct cg *cg, LLVMValueRef lanes)
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

static void
emit_any_body(struct cg *cg, void *data)
{
    struct any *a = data;
    import(cg, a->cond);
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
        LLVMBuildStore(cg->b, keep_lanes(cg, lanes), guard_address(cg, a->update));
    LLVMValueRef old = LLVMBuildLoad2(cg->b, cg->i1, a->cell, "");
    LLVMBuildStore(cg->b, LLVMBuildOr(cg->b, old, any, ""), a->cell);
    forget(cg, a->cond);
}

static LLVMValueRef
emit_any(struct cg *cg, struct ir_inst *cond, bool negate, struct cg_guard *update)
{
    struct any a = {cond, negate, cg_alloca(cg, cg->i1, 0, "any"), update};
    LLVMBuildStore(cg->b, LLVMConstInt(cg->i1, 0, false), a.cell);
    for_each_subgroup(cg, emit_any_body, &a);
    return LLVMBuildLoad2(cg->b, cg->i1, a.cell, "");
}

static void
init_guard_body(struct cg *cg, void *data)
{
    LLVMValueRef lanes = cg->width > 1 ? cg_mask_lanes(cg) : LLVMConstInt(cg->i1, 1, false);
    LLVMBuildStore(cg->b, keep_lanes(cg, lanes), guard_address(cg, data));
}

static void emit_level(struct cg *cg, struct ir_region *r);

/* Emits an arm of an IF and moves its yields into the RESULTs' places. */
static LLVMBasicBlockRef
emit_arm(struct cg *cg, struct ir_inst *inst, struct ir_region *r, LLVMBasicBlockRef block,
         LLVMBasicBlockRef merge, LLVMValueRef *scalars)
{
    LLVMPositionBuilderAtEnd(cg->b, block);
    if (r) {
        emit_level(cg, r);
        emit_copy(cg, inst->next, r->yields, r->yield_count);
        struct ir_inst *result = inst->next;
        for (uint32_t k = 0; k < r->yield_count; k++, result = result->next)
            if (cg_where(cg, result)->home == CG_HOME_GROUP)
                scalars[k] = group_scalar(cg, r->yields[k]);
    }
    LLVMBasicBlockRef end = LLVMGetInsertBlock(cg->b);
    LLVMBuildBr(cg->b, merge);
    return end;
}

static void
emit_uniform_if(struct cg *cg, struct ir_inst *inst)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *a = arena_alloc(cg->m->arena, (count + 1) * sizeof *a);
    LLVMValueRef *b = arena_alloc(cg->m->arena, (count + 1) * sizeof *b);
    LLVMBasicBlockRef then_block = cg_block(cg, "then"), else_block = cg_block(cg, "else");
    LLVMBasicBlockRef merge = cg_block(cg, "endif");
    LLVMBuildCondBr(cg->b, group_scalar(cg, inst->args[0]), then_block, else_block);
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
static void
emit_guarded_if(struct cg *cg, struct ir_inst *inst)
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
                LLVMBuildStore(cg->b, group_scalar(cg, r->yields[k]), cells[k]);
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

static uint32_t
result_count(const struct ir_inst *inst)
{
    uint32_t count = 0;
    for (struct ir_inst *r = inst->next; r && r->op == IR_RESULT && r->args[0] == inst; r = r->next)
        count++;
    return count;
}

static void
emit_loop(struct cg *cg, struct ir_inst *inst)
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
        for_each_subgroup(cg, init_guard_body, &guard);
        cg->p->guard = &guard;
    }
    struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        if (cg_where(cg, param)->home == CG_HOME_GROUP)
            next[k] = group_scalar(cg, inst->args[k]);

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
            next[k] = group_scalar(cg, body->yields[1 + k]);
    /* Results that do not share their param's place see the lanes' last iterations go by. */
    emit_copy(cg, inst->next, body->yields + 1, result_count(inst));
    emit_copy(cg, body->first, body->yields + 1, inst->arg_count);
    LLVMValueRef more = uniform ? group_scalar(cg, cond) : emit_any(cg, cond, false, &guard);
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
                                                           : group_scalar(cg, body->yields[1 + result->imm]));
    }
}

static void
emit_level(struct cg *cg, struct ir_region *r)
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

static void
zero_shared(struct cg *cg)
{
    if (!cg->m->zero_shared || !cg->m->shared_B)
        return;
    LLVMBuildMemSet(cg->b, cg->shared, LLVMConstInt(cg->i8, 0, false),
                    cg_i64(cg, cg->m->shared_B), 64);
}

static void
init_locals_body(struct cg *cg, void *data)
{
    cg_local_init(cg, CG_PIECE_SEVERAL);
}

void
cg_group_emit(struct cg *cg)
{
    zero_shared(cg);
    if (cg_local_has_init(cg, CG_PIECE_SEVERAL))
        for_each_subgroup(cg, init_locals_body, NULL);
    emit_level(cg, cg->m->body);
}
