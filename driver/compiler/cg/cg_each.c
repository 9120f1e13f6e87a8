/* SPDX-License-Identifier: MIT
 *
 * Loops over the subgroups of a workgroup, or of rows of workgroups, and the guards inside of them.
 */
#include "cg_group.h"

LLVMValueRef cg_guard_address(struct cg *cg, const struct cg_guard *g)
{
    LLVMTypeRef type = cg_kept_type(cg, IR_BOOL, cg->width > 1);
    return LLVMBuildInBoundsGEP2(cg->b, type, g->lanes, &cg->subgroup, 1, "");
}

/* Narrows the mask by the guards, outermost first; with no lane left the body is skipped. */
static void apply_guard(struct cg *cg, struct cg_guard *g, LLVMBasicBlockRef skip)
{
    if (!g)
        return;
    apply_guard(cg, g->outer, skip);
    LLVMValueRef lanes;
    if (g->lanes) {
        LLVMTypeRef type = cg_kept_type(cg, IR_BOOL, cg->width > 1);
        LLVMValueRef v = LLVMBuildLoad2(cg->b, type, cg_guard_address(cg, g), "");
        lanes = cg_use(cg, IR_BOOL, cg->width > 1, v);
    } else {
        cg_import(cg, g->cond);
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

static void emit_subgroup(struct cg *cg, LLVMValueRef index, struct cg_mask mask,
                          cg_subgroup_fn *fn, void *data)
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
            cg_forget(cg, g->cond);
    if (skip) {
        LLVMBuildBr(cg->b, skip);
        LLVMPositionBuilderAtEnd(cg->b, skip);
    }
    cg->mask = (struct cg_mask){NULL};
    cg->subgroup = NULL;
    cg->p->frame = NULL;
}

/* Which lanes of a vector that reaches over an end of the row are inside. */
static struct cg_mask flat_mask(struct cg *cg)
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
static void for_each_vector(struct cg *cg, cg_subgroup_fn *fn, void *data)
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

static struct counter count_begin(struct cg *cg, uint32_t first, const char *name)
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
static void count_end(struct cg *cg, struct counter *c, LLVMValueRef end)
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
static void for_each_row(struct cg *cg, cg_subgroup_fn *fn, void *data)
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

void cg_each_full(struct cg *cg, uint32_t first, uint32_t end, cg_subgroup_fn *fn, void *data)
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

void cg_each_rest(struct cg *cg, cg_subgroup_fn *fn, void *data)
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
static void for_each_in_part(struct cg *cg, cg_subgroup_fn *fn, void *data)
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

void cg_each_subgroup(struct cg *cg, cg_subgroup_fn *fn, void *data)
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
        cg_each_rest(cg, fn, data);
    if (cg->p->local_count >= cg->width)
        cg_each_full(cg, 0, cg->p->local_count / cg->width, fn, data);
    if (!cg->p->backwards)
        cg_each_rest(cg, fn, data);
}
