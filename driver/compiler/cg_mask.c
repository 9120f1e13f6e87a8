/* SPDX-License-Identifier: MIT
 *
 * The active lanes. Questions about a whole mask go through its bits, <W x i1> as iW: LLVM makes a
 * movmsk or a kortest of that.
 */
#include "cg.h"

LLVMValueRef
cg_mask_lanes(struct cg *cg)
{
    if (cg->mask.lanes)
        return cg->mask.lanes;
    return LLVMConstAllOnes(cg->vector_t[IR_BOOL]);
}

struct cg_mask
cg_mask_and(struct cg *cg, struct cg_mask mask, LLVMValueRef lanes)
{
    if (!mask.lanes)
        return (struct cg_mask){lanes};
    return (struct cg_mask){cg_logic(cg, LLVMAnd, mask.lanes, lanes)};
}

LLVMValueRef
cg_logic(struct cg *cg, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b)
{
    bool lanes = cg->width > 1 && LLVMTypeOf(a) == cg->vector_t[IR_BOOL];
    if (!lanes || cg->target->mask_registers || LLVMIsConstant(a) || LLVMIsConstant(b))
        return LLVMBuildBinOp(cg->b, op, a, b, "");
    LLVMValueRef v = LLVMBuildBinOp(cg->b, op, cg_keep(cg, IR_BOOL, a),
                                    cg_keep(cg, IR_BOOL, b), "");
    return cg_use(cg, IR_BOOL, true, v);
}

LLVMValueRef
cg_bits(struct cg *cg, LLVMValueRef lanes)
{
    LLVMTypeRef type = LLVMTypeOf(lanes);
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind)
        return lanes;
    return LLVMBuildBitCast(cg->b, lanes, LLVMIntTypeInContext(cg->ctx, LLVMGetVectorSize(type)),
                            "bits");
}

LLVMValueRef
cg_any(struct cg *cg, LLVMValueRef lanes)
{
    LLVMValueRef bits = cg_bits(cg, lanes);
    return LLVMBuildICmp(cg->b, LLVMIntNE, bits, LLVMConstNull(LLVMTypeOf(bits)), "any");
}

LLVMValueRef
cg_all(struct cg *cg, LLVMValueRef lanes)
{
    LLVMValueRef bits = cg_bits(cg, lanes);
    return LLVMBuildICmp(cg->b, LLVMIntEQ, bits, LLVMConstAllOnes(LLVMTypeOf(bits)), "all");
}

/* The mask's bits in an i32, or i64 where there are more lanes. */
static LLVMValueRef
wide_bits(struct cg *cg)
{
    return LLVMBuildZExt(cg->b, cg_bits(cg, cg->mask.lanes), cg->width > 32 ? cg->i64 : cg->i32,
                         "");
}

static LLVMValueRef
to_i32(struct cg *cg, LLVMValueRef v)
{
    return LLVMTypeOf(v) == cg->i32 ? v : LLVMBuildTrunc(cg->b, v, cg->i32, "");
}

LLVMValueRef
cg_active_count(struct cg *cg)
{
    if (!cg->mask.lanes || cg->width == 1)
        return cg_i32(cg, cg->width);
    LLVMValueRef bits = wide_bits(cg);
    LLVMTypeRef type = LLVMTypeOf(bits);
    return to_i32(cg, cg_intrinsic(cg, "llvm.ctpop", &type, 1, &bits, 1));
}

LLVMValueRef
cg_first_lane(struct cg *cg)
{
    if (!cg->mask.lanes || cg->width == 1)
        return cg_i32(cg, 0);
    /* The last lane's bit keeps the index inside the vector even for an empty mask. */
    LLVMValueRef bits = wide_bits(cg);
    LLVMTypeRef type = LLVMTypeOf(bits);
    if (cg->width < 64)
        bits = LLVMBuildOr(cg->b, bits, LLVMConstInt(type, 1ull << (cg->width - 1), false), "");
    LLVMValueRef args[2] = {bits, LLVMConstNull(cg->i1)};
    LLVMValueRef index = to_i32(cg, cg_intrinsic(cg, "llvm.cttz", &type, 1, args, 2));
    return cg->width < 64 ? index : LLVMBuildAnd(cg->b, index, cg_i32(cg, 63), "");
}
