/* SPDX-License-Identifier: MIT
 *
 * f16 <-> f32, by the machine's instructions or, without them, in integers: LLVM would call library
 * functions.
 */
#include "cg_alu.h"

static LLVMValueRef float_bits(const struct alu *a, LLVMValueRef v)
{
    return alu_bits(a, v, a->cg->i32);
}

LLVMValueRef alu_half_to_float(const struct alu *a, LLVMValueRef half)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    if (cg->target->f16c)
        return LLVMBuildFPExt(b, alu_bits(a, half, cg->f16), alu_form(a, cg->f32), "");

    LLVMValueRef h = LLVMBuildZExt(b, alu_bits(a, half, cg->i16), alu_form(a, cg->i32), "");
    LLVMValueRef magnitude = LLVMBuildAnd(b, h, alu_int(a, cg->i32, 0x7fff), "");
    LLVMValueRef sign = LLVMBuildShl(b, LLVMBuildXor(b, h, magnitude, ""),
                                     alu_int(a, cg->i32, 16), "");
    /* With the fields in place the exponent is 112 too low; the product is right for denormals too. */
    LLVMValueRef low = LLVMBuildShl(b, magnitude, alu_int(a, cg->i32, 13), "");
    LLVMValueRef scaled = float_bits(
        a, LLVMBuildFMul(b, alu_bits(a, low, cg->f32), alu_float(a, cg->f32, 0x1p112), ""));
    LLVMValueRef special =
        LLVMBuildICmp(b, LLVMIntUGE, magnitude, alu_int(a, cg->i32, 0x7c00), "");
    LLVMValueRef infinity = LLVMBuildOr(b, low, alu_int(a, cg->i32, 0x7f800000), "");
    LLVMValueRef v = LLVMBuildOr(b, LLVMBuildSelect(b, special, infinity, scaled, ""), sign, "");
    return alu_bits(a, v, cg->f32);
}

/* LLVM compares the halves themselves where it sees that both numbers come from such, and has code for that
 * one lane at a time only. */
LLVMValueRef alu_compared(struct cg *cg, LLVMValueRef v)
{
    LLVMTypeRef type = LLVMTypeOf(v);
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind || !LLVMIsAFPExtInst(v) ||
        LLVMGetElementType(LLVMTypeOf(LLVMGetOperand(v, 0))) != cg->f16)
        return v;
    return cg_intrinsic(cg, "llvm.arithmetic.fence", &type, 1, &v, 1);
}

/* To nearest even, of the bits of a number below 65536. */
static LLVMValueRef nearest(const struct alu *a, LLVMValueRef u, LLVMValueRef is_small)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    /* Below 2^-14: adding 0.5 rounds in the unit of f16's denormals, 2^-24. */
    LLVMValueRef sum =
        LLVMBuildFAdd(b, alu_bits(a, u, cg->f32), alu_float(a, cg->f32, 0.5), "");
    LLVMValueRef small =
        LLVMBuildSub(b, float_bits(a, sum), alu_int(a, cg->i32, 0x3f000000), "");
    LLVMValueRef odd = LLVMBuildAnd(b, LLVMBuildLShr(b, u, alu_int(a, cg->i32, 13), ""),
                                    alu_int(a, cg->i32, 1), "");
    LLVMValueRef v = LLVMBuildAdd(b, u, alu_int(a, cg->i32, 0xc8000fffu), "");
    v = LLVMBuildLShr(b, LLVMBuildAdd(b, v, odd, ""), alu_int(a, cg->i32, 13), "");
    return LLVMBuildSelect(b, is_small, small, v, "");
}

static LLVMValueRef towards_zero_bits(const struct alu *a, LLVMValueRef u, LLVMValueRef is_small)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    /* What is not small is replaced, so that the conversion to an integer is always defined. */
    LLVMValueRef x = LLVMBuildSelect(b, is_small, u, alu_int(a, cg->i32, 0), "");
    x = LLVMBuildFMul(b, alu_bits(a, x, cg->f32), alu_float(a, cg->f32, 0x1p24), "");
    LLVMValueRef small = LLVMBuildFPToSI(b, x, alu_form(a, cg->i32), "");
    LLVMValueRef v = LLVMBuildLShr(
        b, LLVMBuildSub(b, u, alu_int(a, cg->i32, 0x38000000), ""), alu_int(a, cg->i32, 13), "");
    return LLVMBuildSelect(b, is_small, small, v, "");
}

LLVMValueRef alu_float_to_half(const struct alu *a, LLVMValueRef v, bool towards_zero)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    if (cg->target->f16c && !towards_zero)
        return alu_bits(a, LLVMBuildFPTrunc(b, v, alu_form(a, cg->f16), ""),
                        cg->scalar_t[IR_F16]);

    LLVMValueRef bits = float_bits(a, v);
    LLVMValueRef u = LLVMBuildAnd(b, bits, alu_int(a, cg->i32, 0x7fffffff), "");
    LLVMValueRef sign = LLVMBuildLShr(b, LLVMBuildXor(b, bits, u, ""), alu_int(a, cg->i32, 16), "");
    LLVMValueRef is_small =
        LLVMBuildICmp(b, LLVMIntULT, u, alu_int(a, cg->i32, 0x38800000), "");
    LLVMValueRef is_large =
        LLVMBuildICmp(b, LLVMIntUGE, u, alu_int(a, cg->i32, 0x47800000), "");
    LLVMValueRef is_inf_nan =
        LLVMBuildICmp(b, LLVMIntUGE, u, alu_int(a, cg->i32, 0x7f800000), "");
    LLVMValueRef is_nan = LLVMBuildICmp(b, LLVMIntUGT, u, alu_int(a, cg->i32, 0x7f800000), "");

    LLVMValueRef h = towards_zero ? towards_zero_bits(a, u, is_small) : nearest(a, u, is_small);
    h = LLVMBuildSelect(b, is_large, alu_int(a, cg->i32, towards_zero ? 0x7bff : 0x7c00), h, "");
    h = LLVMBuildSelect(b, is_inf_nan, alu_int(a, cg->i32, 0x7c00), h, "");
    h = LLVMBuildSelect(b, is_nan, alu_int(a, cg->i32, 0x7e00), h, "");
    h = LLVMBuildTrunc(b, LLVMBuildOr(b, h, sign, ""), alu_form(a, cg->i16), "");
    return alu_bits(a, h, cg->scalar_t[IR_F16]);
}
