/* SPDX-License-Identifier: MIT
 *
 * Atomic accesses of lanes at addresses of their own, one lane after the other.
 */
#include "cg_atomic.h"

#define UNROLL 8u /* lanes of a loop over all */

/* <W x T>: the operands of all lanes. */
static struct cg_operands vector_operands(struct cg *cg, const struct ir_inst *inst)
{
    unsigned k = ir_address_args(inst);
    struct cg_operands o = {0};
    if (inst->arg_count > k)
        o.value = cg_vector(cg, inst->args[k]);
    if (inst->arg_count > k + 1)
        o.compare = cg_vector(cg, inst->args[k + 1]);
    return o;
}

static LLVMValueRef element(struct cg *cg, LLVMValueRef vector, LLVMValueRef lane)
{
    return vector ? LLVMBuildExtractElement(cg->b, vector, lane, "") : NULL;
}

/* The lane's pointer. From 32-bit offsets two lanes leave the vector together. */
static LLVMValueRef pointer_of(struct cg *cg, const struct cg_places *places, unsigned lane)
{
    LLVMBuilderRef b = cg->b;
    if (!places->offsets || cg->width < 2)
        return LLVMBuildExtractElement(b, places->vector, cg_i32(cg, lane), "");
    LLVMValueRef pairs =
        LLVMBuildBitCast(b, places->offsets, LLVMVectorType(cg->i64, cg->width / 2), "");
    LLVMValueRef pair = LLVMBuildExtractElement(b, pairs, cg_i32(cg, lane / 2), "");
    LLVMValueRef offset = lane & 1 ? LLVMBuildLShr(b, pair, cg_i64(cg, 32), "")
                                   : LLVMBuildAnd(b, pair, cg_i64(cg, UINT32_MAX), "");
    return LLVMBuildGEP2(b, cg->i8, places->base, &offset, 1, "");
}

LLVMValueRef cg_atomic_in_line(struct cg *cg, const struct cg_atomic *x,
                                   const struct cg_places *places)
{
    struct cg_operands all = vector_operands(cg, x->inst);
    LLVMValueRef result = LLVMConstNull(cg->vector_t[x->type]);
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef lane = cg_i32(cg, i);
        struct cg_operands o = {element(cg, all.value, lane), element(cg, all.compare, lane)};
        LLVMValueRef old = cg_atomic_one(cg, x, pointer_of(cg, places, i), &o);
        if (old && x->needs_result)
            result = LLVMBuildInsertElement(cg->b, result, old, lane, "");
    }
    return result;
}

/* A vector in memory, for loops over lanes. */
static LLVMValueRef spill(struct cg *cg, LLVMValueRef vector)
{
    if (!vector)
        return NULL;
    LLVMValueRef at = cg_alloca(cg, LLVMTypeOf(vector), 64, "lanes");
    LLVMSetAlignment(LLVMBuildStore(cg->b, vector, at), 64);
    return at;
}

static LLVMValueRef spilled_element(struct cg *cg, LLVMTypeRef type, LLVMValueRef at,
                                    LLVMValueRef lane)
{
    if (!at)
        return NULL;
    LLVMValueRef where = LLVMBuildInBoundsGEP2(cg->b, type, at, &lane, 1, "");
    return LLVMBuildLoad2(cg->b, type, where, "");
}

/* Two lanes' pointers, from 32-bit offsets side by side: one load, which costs less than two. */
static void load_pair(struct cg *cg, const struct cg_places *places, LLVMValueRef offsets_at,
                      LLVMValueRef lane, LLVMValueRef pointers_out[2])
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef where = LLVMBuildInBoundsGEP2(b, cg->i32, offsets_at, &lane, 1, "");
    LLVMValueRef pair = LLVMBuildLoad2(b, cg->i64, where, "");
    LLVMValueRef offsets[2] = {LLVMBuildAnd(b, pair, cg_i64(cg, UINT32_MAX), ""),
                               LLVMBuildLShr(b, pair, cg_i64(cg, 32), "")};
    for (unsigned i = 0; i < 2; i++)
        pointers_out[i] = LLVMBuildGEP2(b, cg->i8, places->base, &offsets[i], 1, "");
}

/* By way of memory: leaving vectors costs more for each lane. */
void cg_atomic_all(struct cg *cg, const struct cg_atomic *x, const struct cg_places *places)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->scalar_t[x->type];
    struct ir_inst *value = x->inst->args[ir_address_args(x->inst)];
    bool same = value->op == IR_CONST;
    LLVMValueRef places_at = spill(cg, places->offsets ? places->offsets : places->vector);
    LLVMValueRef value_at = same ? NULL : spill(cg, cg_vector(cg, value));
    unsigned step = cg->width < UNROLL ? cg->width : UNROLL;

    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "lane"), done = cg_block(cg, "lanes");
    LLVMValueRef zero = cg_i64(cg, 0);
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef first = LLVMBuildPhi(b, cg->i64, "first");
    LLVMValueRef pair[2] = {NULL};
    for (unsigned i = 0; i < step; i++) {
        LLVMValueRef lane = LLVMBuildAdd(b, first, cg_i64(cg, i), "");
        struct cg_operands o = {.value = same ? cg_scalar(cg, value)
                                              : spilled_element(cg, type, value_at, lane)};
        if (!places->offsets)
            pair[i % 2] = spilled_element(cg, cg->ptr, places_at, lane);
        else if (i % 2 == 0)
            load_pair(cg, places, places_at, lane, pair);
        cg_atomic_one(cg, x, pair[i % 2], &o);
    }
    LLVMValueRef next = LLVMBuildAdd(b, first, cg_i64(cg, step), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMAddIncoming(first, &zero, &before, 1);
    LLVMAddIncoming(first, &next, &tail, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, cg_i64(cg, cg->width), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
}

/* for (bits = valid; bits; bits &= bits - 1) access lane ctz(bits) */
LLVMValueRef cg_atomic_in_loop(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointers,
                                   LLVMValueRef valid)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->scalar_t[x->type];
    struct cg_operands all = vector_operands(cg, x->inst);
    LLVMValueRef pointers_at = spill(cg, pointers), value_at = spill(cg, all.value);
    LLVMValueRef compare_at = spill(cg, all.compare), result_at = NULL;
    if (x->needs_result)
        result_at = spill(cg, LLVMConstNull(cg->vector_t[x->type]));

    LLVMTypeRef word = cg->width > 64 ? cg_word_t(cg) : cg->i64;
    LLVMValueRef none = LLVMConstNull(word), one = LLVMConstInt(word, 1, false);
    LLVMValueRef start = LLVMBuildZExtOrBitCast(b, cg_bits(cg, valid), word, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "lane"), done = cg_block(cg, "lanes");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, start, none, ""), loop, done);

    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef bits = LLVMBuildPhi(b, word, "bits");
    LLVMValueRef args[2] = {bits, LLVMConstNull(cg->i1)};
    LLVMValueRef lane = cg_intrinsic(cg, "llvm.cttz", &word, 1, args, 2);
    if (word != cg->i64)
        lane = LLVMBuildTrunc(b, lane, cg->i64, "");
    struct cg_operands o = {spilled_element(cg, type, value_at, lane),
                         spilled_element(cg, type, compare_at, lane)};
    LLVMValueRef old = cg_atomic_one(cg, x, spilled_element(cg, cg->ptr, pointers_at, lane), &o);
    if (old && result_at)
        LLVMBuildStore(b, old, LLVMBuildInBoundsGEP2(b, type, result_at, &lane, 1, ""));
    LLVMValueRef rest = LLVMBuildAnd(b, bits, LLVMBuildSub(b, bits, one, ""), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, rest, none, ""), loop, done);
    LLVMAddIncoming(bits, &start, &before, 1);
    LLVMAddIncoming(bits, &rest, &tail, 1);

    LLVMPositionBuilderAtEnd(b, done);
    if (!result_at)
        return NULL;
    LLVMValueRef result = LLVMBuildLoad2(b, cg->vector_t[x->type], result_at, "");
    LLVMSetAlignment(result, 64);
    return result;
}
