/* SPDX-License-Identifier: MIT
 *
 * Partitions of a subgroup: which lanes hold the same value, and operations inside such a set. A loop
 * takes one lane after the other and lets all lanes look at it at once, so the code is as short for
 * 128 lanes as for 4; the lane's value comes from memory, where it can be indexed.
 */
#include "arena.h"
#include "cg_private.h"
#include "cg_reduce.h"

/* for (lane = 0; lane < width; lane++) */
struct lane_loop {
    LLVMBasicBlockRef before, body;
    LLVMValueRef lane; /* i64 */
};

static struct lane_loop loop_begin(struct cg *cg)
{
    struct lane_loop l = {LLVMGetInsertBlock(cg->b), cg_block(cg, "each"), NULL};
    LLVMBuildBr(cg->b, l.body);
    LLVMPositionBuilderAtEnd(cg->b, l.body);
    l.lane = LLVMBuildPhi(cg->b, cg->i64, "lane");
    return l;
}

static void loop_end(struct cg *cg, struct lane_loop *l)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef start = cg_i64(cg, 0), next = LLVMBuildAdd(b, l->lane, cg_i64(cg, 1), "");
    LLVMValueRef more = LLVMBuildICmp(b, LLVMIntULT, next, cg_i64(cg, cg->width), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b), done = cg_block(cg, "done");
    LLVMBuildCondBr(b, more, l->body, done);
    LLVMAddIncoming(l->lane, &start, &l->before, 1);
    LLVMAddIncoming(l->lane, &next, &tail, 1);
    LLVMPositionBuilderAtEnd(b, done);
}

/* A vector in memory. */
static LLVMValueRef spill(struct cg *cg, LLVMValueRef vector)
{
    LLVMValueRef at = cg_alloca(cg, LLVMTypeOf(vector), 64, "lanes");
    LLVMSetAlignment(LLVMBuildStore(cg->b, vector, at), 64);
    return at;
}

static LLVMValueRef element_at(struct cg *cg, LLVMTypeRef type, LLVMValueRef at, LLVMValueRef lane)
{
    return LLVMBuildInBoundsGEP2(cg->b, type, at, &lane, 1, "");
}

/* The lane's value in every lane. */
static LLVMValueRef broadcast(struct cg *cg, LLVMTypeRef type, LLVMValueRef at, LLVMValueRef lane)
{
    return cg_splat(cg, LLVMBuildLoad2(cg->b, type, element_at(cg, type, at, lane), ""));
}

/* Integers of the value's bits, bytes for BOOL. */
static LLVMValueRef as_bits(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    if (type == IR_BOOL)
        return LLVMBuildZExt(cg->b, v, cg->vector_t[IR_I8], "");
    LLVMTypeRef bits = LLVMIntTypeInContext(cg->ctx, ir_type_bits(type));
    return LLVMBuildBitCast(cg->b, v, LLVMVectorType(bits, cg->width), "");
}

static LLVMValueRef absent(struct cg *cg)
{
    return LLVMBuildNot(cg->b, cg_mask_lanes(cg), "");
}

/* Zeros of both signs are one value, and a NaN is the same as itself. */
static LLVMValueRef one_zero(struct cg *cg, enum ir_type type, LLVMValueRef bits)
{
    if (!ir_type_is_float(type))
        return bits;
    LLVMTypeRef vector = LLVMTypeOf(bits), element = LLVMGetElementType(vector);
    LLVMValueRef sign = LLVMConstInt(element, 1ull << (ir_type_bits(type) - 1), false);
    LLVMValueRef minus = LLVMBuildICmp(cg->b, LLVMIntEQ, bits, cg_splat(cg, sign), "");
    return LLVMBuildSelect(cg->b, minus, LLVMConstNull(vector), bits, "");
}

void cg_match(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    enum ir_type type = (enum ir_type)inst->args[0]->type;
    if (cg->width == 1) {
        for (unsigned k = 0; k < 4; k++)
            cg_set_scalar(cg, inst, k, cg_i32(cg, k == 0));
        return;
    }
    LLVMTypeRef wide = LLVMIntTypeInContext(cg->ctx, 128);
    LLVMValueRef v = one_zero(cg, type, as_bits(cg, type, cg_vector(cg, inst->args[0])));
    LLVMTypeRef element = LLVMGetElementType(LLVMTypeOf(v));
    LLVMValueRef values = spill(cg, v), inactive = absent(cg), words[4];
    for (unsigned k = 0; k < 4; k++)
        words[k] = spill(cg, LLVMConstNull(cg->vector_t[IR_I32]));
    struct lane_loop l = loop_begin(cg);
    LLVMValueRef same = LLVMBuildICmp(b, LLVMIntNE, v, broadcast(cg, element, values, l.lane), "");
    same = LLVMBuildNot(b, LLVMBuildOr(b, same, inactive, ""), "");
    LLVMValueRef bits = LLVMBuildZExtOrBitCast(b, cg_bits(cg, same), wide, "");
    for (unsigned k = 0; k < 4 && 32 * k < cg->width; k++) {
        LLVMValueRef word = LLVMBuildLShr(b, bits, LLVMConstInt(wide, 32 * k, false), "");
        LLVMBuildStore(b, LLVMBuildTrunc(b, word, cg->i32, ""),
                       element_at(cg, cg->i32, words[k], l.lane));
    }
    loop_end(cg, &l);
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef word = LLVMBuildLoad2(b, cg->vector_t[IR_I32], words[k], "");
        LLVMSetAlignment(word, 64);
        cg_set_vector(cg, inst, k, word);
    }
}

/* What an operation on partitions reads. */
struct parts {
    enum ir_reduce op;
    enum ir_type type; /* never BOOL */
    enum ir_partition kind;
    LLVMValueRef values;   /* ptr to <W x type> */
    LLVMValueRef active;   /* ptr to <W x i8>, 0 or 1 */
    LLVMValueRef words[4]; /* <W x i32>: each lane's ballot */
};

/* <W x i1>: the lanes whose ballots have the lane's bit. */
static LLVMValueRef members(struct cg *cg, const struct parts *p, LLVMValueRef lane)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef in_word = LLVMBuildAnd(b, LLVMBuildTrunc(b, lane, cg->i32, ""), cg_i32(cg, 31), "");
    LLVMValueRef bit = cg_splat(cg, LLVMBuildShl(b, cg_i32(cg, 1), in_word, ""));
    LLVMValueRef words = p->words[0];
    LLVMValueRef which = LLVMBuildLShr(b, lane, cg_i64(cg, 5), "");
    for (unsigned k = 1; k < 4 && 32 * k < cg->width; k++)
        words = LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntEQ, which, cg_i64(cg, k), ""),
                                p->words[k], words, "");
    return LLVMBuildICmp(b, LLVMIntNE, LLVMBuildAnd(b, words, bit, ""),
                         LLVMConstNull(LLVMTypeOf(words)), "");
}

static LLVMValueRef emit_parts(struct cg *cg, const struct parts *p)
{
    LLVMBuilderRef b = cg->b;
    int64_t numbers[256];
    for (unsigned i = 0; i < cg->width; i++)
        numbers[i] = i;
    LLVMValueRef lanes = cg_const_vector(cg, cg->i32, numbers, cg->width);
    LLVMValueRef start = cg_splat(cg, cg_identity(cg, p->op, p->type));

    struct lane_loop l = loop_begin(cg);
    LLVMValueRef sum = LLVMBuildPhi(b, LLVMTypeOf(start), "sum");
    LLVMValueRef one = cg_splat(cg, LLVMBuildTrunc(b, l.lane, cg->i32, ""));
    LLVMValueRef is = LLVMBuildLoad2(b, cg->i8, element_at(cg, cg->i8, p->active, l.lane), "");
    is = LLVMBuildICmp(b, LLVMIntNE, is, LLVMConstNull(cg->i8), "");
    LLVMValueRef here = LLVMBuildAnd(b, members(cg, p, l.lane), cg_splat(cg, is), "");
    if (p->kind != IR_PARTITION_REDUCE)
        here = LLVMBuildAnd(
            b, here,
            LLVMBuildICmp(b, p->kind == IR_PARTITION_SCAN ? LLVMIntULE : LLVMIntULT, one, lanes, ""),
            "");
    LLVMValueRef next =
        cg_combine(cg, p->op, p->type, sum, broadcast(cg, cg->scalar_t[p->type], p->values, l.lane));
    next = LLVMBuildSelect(b, here, next, sum, "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMAddIncoming(sum, &start, &l.before, 1);
    LLVMAddIncoming(sum, &next, &tail, 1);
    loop_end(cg, &l);
    return next;
}

/* ---- Functions ----
 *
 * With many lanes, each of them is several registers, and the loop's code is long: shaders that use such
 * operations use them again and again, on each component of a vector. So there is one copy a kind. */

#define OUTLINE_WIDTH 32

struct cg_partition_fn {
    struct cg_partition_fn *next;
    enum ir_reduce op;
    enum ir_type type;
    enum ir_partition kind;
    LLVMValueRef fn; /* (values, active, words, result) */
};

static LLVMTypeRef function_type(struct cg *cg)
{
    LLVMTypeRef params[] = {cg->ptr, cg->ptr, cg->ptr, cg->ptr};
    return LLVMFunctionType(cg->void_t, params, 4, false);
}

static LLVMValueRef make_function(struct cg *cg, struct parts parts)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef fn = LLVMAddFunction(cg->mod, "partition", function_type(cg)), old_fn = cg->fn;
    LLVMBasicBlockRef old_block = LLVMGetInsertBlock(b);
    LLVMMetadataRef old_line = LLVMGetCurrentDebugLocation2(b);
    LLVMSetLinkage(fn, LLVMInternalLinkage);
    cg_outline(cg, fn);
    cg->fn = fn;
    LLVMSetCurrentDebugLocation2(b, NULL);
    LLVMPositionBuilderAtEnd(b, cg_block(cg, "entry"));
    parts.values = LLVMGetParam(fn, 0);
    parts.active = LLVMGetParam(fn, 1);
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef at = element_at(cg, cg->vector_t[IR_I32], LLVMGetParam(fn, 2), cg_i64(cg, k));
        parts.words[k] = LLVMBuildLoad2(b, cg->vector_t[IR_I32], at, "");
        LLVMSetAlignment(parts.words[k], 64);
    }
    LLVMSetAlignment(LLVMBuildStore(b, emit_parts(cg, &parts), LLVMGetParam(fn, 3)), 64);
    LLVMBuildRetVoid(b);
    cg->fn = old_fn;
    LLVMPositionBuilderAtEnd(b, old_block);
    LLVMSetCurrentDebugLocation2(b, old_line);
    return fn;
}

static LLVMValueRef function_of(struct cg *cg, const struct parts *p)
{
    struct cg_partition_fn *f = cg->p->partitions;
    while (f && (f->op != p->op || f->type != p->type || f->kind != p->kind))
        f = f->next;
    if (!f) {
        f = arena_alloc(cg->m->arena, sizeof *f);
        *f = (struct cg_partition_fn){cg->p->partitions, p->op, p->type, p->kind,
                                      make_function(cg, *p)};
        cg->p->partitions = f;
    }
    return f->fn;
}

static LLVMValueRef call_parts(struct cg *cg, const struct parts *p)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->vector_t[p->type];
    LLVMValueRef words = cg_alloca(cg, LLVMArrayType2(cg->vector_t[IR_I32], 4), 64, "words");
    LLVMValueRef result = cg_alloca(cg, type, 64, "result");
    for (unsigned k = 0; k < 4 && 32 * k < cg->width; k++) {
        LLVMValueRef at = element_at(cg, cg->vector_t[IR_I32], words, cg_i64(cg, k));
        LLVMSetAlignment(LLVMBuildStore(b, p->words[k], at), 64);
    }
    LLVMValueRef args[] = {p->values, p->active, words, result};
    LLVMBuildCall2(b, function_type(cg), function_of(cg, p), args, 4, "");
    LLVMValueRef v = LLVMBuildLoad2(b, type, result, "");
    LLVMSetAlignment(v, 64);
    return v;
}

void cg_partition(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    enum ir_type type = (enum ir_type)inst->type;
    /* BOOL works as I8 and turns back at the end. */
    struct parts p = {.op = (enum ir_reduce)(inst->imm & 0xff),
                      .type = type == IR_BOOL ? IR_I8 : type,
                      .kind = (enum ir_partition)(inst->imm >> 8)};
    if (cg->width == 1) {
        cg_set_scalar(cg, inst, 0,
                      p.kind == IR_PARTITION_EXSCAN ? cg_identity(cg, p.op, type)
                                                    : cg_scalar(cg, inst->args[0]));
        return;
    }
    LLVMValueRef v = cg_vector(cg, inst->args[0]);
    if (type == IR_BOOL)
        v = as_bits(cg, type, v);
    for (unsigned k = 0; k < 4; k++)
        p.words[k] = cg_vector(cg, inst->args[1 + k]);
    p.values = spill(cg, v);
    p.active = spill(cg, LLVMBuildZExt(b, cg_mask_lanes(cg), cg->vector_t[IR_I8], ""));
    v = cg->width >= OUTLINE_WIDTH ? call_parts(cg, &p) : emit_parts(cg, &p);
    if (type == IR_BOOL)
        v = LLVMBuildTrunc(b, v, cg->vector_t[IR_BOOL], "");
    cg_set_vector(cg, inst, 0, v);
}
