/* SPDX-License-Identifier: MIT
 *
 * The active lanes. Questions about a whole mask go through its bits, <W x i1> as iW: LLVM makes a
 * movmsk or a kortest of that.
 */
#include "cg.h"

LLVMValueRef cg_mask_lanes(struct cg *cg)
{
    if (cg->mask.lanes)
        return cg->mask.lanes;
    return LLVMConstAllOnes(cg->vector_t[IR_BOOL]);
}

struct cg_mask cg_mask_and(struct cg *cg, struct cg_mask mask, LLVMValueRef lanes)
{
    if (!mask.lanes)
        return (struct cg_mask){lanes};
    return (struct cg_mask){cg_logic(cg, LLVMAnd, mask.lanes, lanes)};
}

/* x86 before AVX-512 compares integers for equal and greater only; other comparisons are these and a
 * NOT, which an AND can take in: ~a & b is one instruction. The comparison whose negation `v` is, in
 * mask form; NULL if there is none. */
static LLVMValueRef negation(struct cg *cg, LLVMValueRef v)
{
    static const struct {
        LLVMIntPredicate is, inverse;
    } inverses[] = {{LLVMIntNE, LLVMIntEQ},
                    {LLVMIntSLE, LLVMIntSGT},
                    {LLVMIntSGE, LLVMIntSLT},
                    {LLVMIntULT, LLVMIntUGE},
                    {LLVMIntUGT, LLVMIntULE}};
    if (!LLVMIsAICmpInst(v))
        return NULL;
    LLVMValueRef a = LLVMGetOperand(v, 0), b = LLVMGetOperand(v, 1);
    for (unsigned i = 0; i < sizeof(inverses) / sizeof(inverses[0]); i++)
        if (LLVMGetICmpPredicate(v) == inverses[i].is)
            return cg_keep(cg, IR_BOOL, LLVMBuildICmp(cg->b, inverses[i].inverse, a, b, ""));
    return NULL;
}

LLVMValueRef cg_logic(struct cg *cg, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b)
{
    bool lanes = cg->width > 1 && LLVMTypeOf(a) == cg->vector_t[IR_BOOL];
    bool constant = LLVMIsConstant(a) || LLVMIsConstant(b);
    if (constant && op == LLVMXor)
        constant = LLVMIsConstant(a) && LLVMIsConstant(b);
    if (!lanes || cg->target->mask_registers || constant)
        return LLVMBuildBinOp(cg->b, op, a, b, "");
    LLVMValueRef not_b = op == LLVMAnd ? negation(cg, b) : NULL;
    b = not_b ? LLVMBuildNot(cg->b, not_b, "") : cg_keep(cg, IR_BOOL, b);
    LLVMValueRef v = LLVMBuildBinOp(cg->b, op, cg_keep(cg, IR_BOOL, a), b, "");
    return cg_use(cg, IR_BOOL, true, v);
}

LLVMValueRef cg_bits(struct cg *cg, LLVMValueRef lanes)
{
    LLVMTypeRef type = LLVMTypeOf(lanes);
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind)
        return lanes;
    return LLVMBuildBitCast(cg->b, lanes, LLVMIntTypeInContext(cg->ctx, LLVMGetVectorSize(type)),
                            "bits");
}

/* Masks of several registers before AVX-512: combined to one of a single register, which costs less
 * than to pack them. */
static LLVMValueRef to_register(struct cg *cg, LLVMOpcode op, LLVMValueRef lanes)
{
    unsigned width = cg->width, one = cg->target->lanes;
    if (cg->target->mask_registers || width <= one || LLVMIsConstant(lanes) ||
        LLVMTypeOf(lanes) != cg->vector_t[IR_BOOL])
        return lanes;
    LLVMValueRef v = cg_keep(cg, IR_BOOL, lanes);
    for (; width > one; width /= 2) {
        LLVMValueRef half[2];
        for (unsigned k = 0; k < 2; k++)
            half[k] = cg_part(cg, v, k * width / 2, width / 2);
        v = LLVMBuildBinOp(cg->b, op, half[0], half[1], "");
    }
    return LLVMBuildICmp(cg->b, LLVMIntSLT, v, LLVMConstNull(LLVMTypeOf(v)), "");
}

bool cg_lane_is(LLVMValueRef lanes, unsigned lane, bool active)
{
    LLVMValueRef v = LLVMIsConstant(lanes) ? LLVMGetAggregateElement(lanes, lane) : NULL;
    return v && LLVMIsAConstantInt(v) && (LLVMConstIntGetZExtValue(v) != 0) == active;
}

bool cg_surely_any(struct cg *cg, LLVMValueRef lanes)
{
    for (unsigned i = 0; i < cg->width; i++)
        if (cg_lane_is(lanes, i, true))
            return true;
    return false;
}

LLVMValueRef cg_any(struct cg *cg, LLVMValueRef lanes)
{
    LLVMValueRef bits = cg_bits(cg, to_register(cg, LLVMOr, lanes));
    return LLVMBuildICmp(cg->b, LLVMIntNE, bits, LLVMConstNull(LLVMTypeOf(bits)), "any");
}

LLVMValueRef cg_all(struct cg *cg, LLVMValueRef lanes)
{
    LLVMValueRef bits = cg_bits(cg, to_register(cg, LLVMAnd, lanes));
    return LLVMBuildICmp(cg->b, LLVMIntEQ, bits, LLVMConstAllOnes(LLVMTypeOf(bits)), "all");
}

LLVMTypeRef cg_word_t(struct cg *cg)
{
    return cg->width <= 32 ? cg->i32 : LLVMIntTypeInContext(cg->ctx, cg->width);
}

LLVMValueRef cg_word(struct cg *cg, LLVMValueRef lanes)
{
    return LLVMBuildZExtOrBitCast(cg->b, cg_bits(cg, lanes), cg_word_t(cg), "");
}

static LLVMValueRef to_i32(struct cg *cg, LLVMValueRef v)
{
    return LLVMTypeOf(v) == cg->i32 ? v : LLVMBuildTrunc(cg->b, v, cg->i32, "");
}

LLVMValueRef cg_active_count(struct cg *cg)
{
    if (!cg->mask.lanes || cg->width == 1)
        return cg_i32(cg, cg->width);
    LLVMValueRef bits = cg_word(cg, cg->mask.lanes);
    LLVMTypeRef type = LLVMTypeOf(bits);
    return to_i32(cg, cg_intrinsic(cg, "llvm.ctpop", &type, 1, &bits, 1));
}

LLVMValueRef cg_first_lane(struct cg *cg)
{
    if (!cg->mask.lanes || cg->width == 1)
        return cg_i32(cg, 0);
    /* The last lane's bit keeps the index inside the vector even for an empty mask. */
    LLVMValueRef bits = cg_word(cg, cg->mask.lanes);
    LLVMTypeRef type = LLVMTypeOf(bits);
    if (cg->width < 64)
        bits = LLVMBuildOr(cg->b, bits, LLVMConstInt(type, 1ull << (cg->width - 1), false), "");
    LLVMValueRef args[2] = {bits, LLVMConstNull(cg->i1)};
    LLVMValueRef index = to_i32(cg, cg_intrinsic(cg, "llvm.cttz", &type, 1, args, 2));
    return cg->width < 64 ? index : LLVMBuildAnd(cg->b, index, cg_i32(cg, cg->width - 1), "");
}
