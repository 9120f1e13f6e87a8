/* SPDX-License-Identifier: MIT
 *
 * Integer operations that are more than one LLVM instruction.
 */
#include "cg_alu.h"

LLVMValueRef alu_not(const struct alu *a)
{
    return LLVMBuildNot(a->cg->b, a->a[0], "");
}

/* Shifting by the type's bits or more is poison in LLVM: only the amount's low bits count. */
LLVMValueRef alu_shift(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef amount = LLVMBuildAnd(
        b, a->a[1], alu_int(a, a->cg->scalar_t[a->type], ir_type_bits(a->type) - 1), "");
    switch (a->inst->op) {
    case IR_SHL:
        return LLVMBuildShl(b, a->a[0], amount, "");
    case IR_LSHR:
        return LLVMBuildLShr(b, a->a[0], amount, "");
    default:
        return LLVMBuildAShr(b, a->a[0], amount, "");
    }
}

/* The high half of a product, through a type of twice the bits. */
LLVMValueRef alu_mul_high(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    unsigned bits = ir_type_bits(a->type);
    LLVMOpcode extend = a->inst->op == IR_SMULH ? LLVMSExt : LLVMZExt;
    LLVMTypeRef wide = alu_form(a, LLVMIntTypeInContext(a->cg->ctx, 2 * bits));
    LLVMValueRef product = LLVMBuildMul(b, LLVMBuildCast(b, extend, a->a[0], wide, ""),
                                        LLVMBuildCast(b, extend, a->a[1], wide, ""), "");
    LLVMValueRef shift = LLVMConstInt(LLVMIntTypeInContext(a->cg->ctx, 2 * bits), bits, false);
    if (a->n)
        shift = cg_splat_n(a->cg, shift, a->n);
    return LLVMBuildTrunc(b, LLVMBuildLShr(b, product, shift, ""),
                          alu_form(a, a->cg->scalar_t[a->type]), "");
}

LLVMValueRef alu_count_zeros(const struct alu *a)
{
    LLVMValueRef args[2] = {a->a[0], LLVMConstNull(a->cg->i1)}; /* of 0: the bits, not poison */
    return alu_call(a, a->inst->op == IR_CLZ ? "llvm.ctlz" : "llvm.cttz", args, 2);
}
