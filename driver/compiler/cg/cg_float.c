/* SPDX-License-Identifier: MIT
 *
 * Floating-point operations that are more than one LLVM instruction.
 */
#include "cg_alu.h"

/* f16 is bits (cg_half.c), so its sign is changed there. */
LLVMValueRef alu_negate(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    if (a->type != IR_F16)
        return LLVMBuildFNeg(b, a->a[0], "");
    LLVMValueRef bits = alu_bits(a, a->a[0], a->cg->i16);
    bits = LLVMBuildXor(b, bits, alu_int(a, a->cg->i16, 0x8000), "");
    return alu_bits(a, bits, a->cg->scalar_t[IR_F16]);
}

LLVMValueRef alu_absolute(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    if (a->type != IR_F16)
        return alu_call1(a, "llvm.fabs", a->a[0]);
    LLVMValueRef bits = alu_bits(a, a->a[0], a->cg->i16);
    bits = LLVMBuildAnd(b, bits, alu_int(a, a->cg->i16, 0x7fff), "");
    return alu_bits(a, bits, a->cg->scalar_t[IR_F16]);
}

static bool is_number(const struct ir_inst *inst)
{
    if (inst->op != IR_CONST)
        return false;
    switch (inst->type) {
    case IR_F16:
        return (inst->imm & 0x7fff) <= 0x7c00;
    case IR_F32:
        return (inst->imm & 0x7fffffff) <= 0x7f800000;
    default:
        return (inst->imm & INT64_MAX) <= 0x7ff0000000000000;
    }
}

/* Of two zeros the minimum is -0 and the maximum +0, whatever their order. */
static LLVMValueRef order_zeros(const struct alu *a, LLVMValueRef x, LLVMValueRef y, LLVMValueRef v)
{
    if (!(a->inst->flags & IR_INST_SIGNED_ZERO))
        return v;
    LLVMBuilderRef b = a->cg->b;
    struct cg *cg = a->cg;
    LLVMTypeRef bits = a->type == IR_F16 ? cg->i16 : a->type == IR_F32 ? cg->i32 : cg->i64;
    LLVMValueRef first = alu_bits(a, a->a[0], bits), second = alu_bits(a, a->a[1], bits);
    LLVMValueRef zero = a->inst->op == IR_FMIN ? LLVMBuildOr(b, first, second, "")
                                               : LLVMBuildAnd(b, first, second, "");
    LLVMValueRef equal = LLVMBuildFCmp(b, LLVMRealOEQ, x, y, "");
    return LLVMBuildSelect(b, equal, alu_bits(a, zero, cg->scalar_t[a->type]), v, "");
}

/* Halves are compared as integers: a comparison and choice of floats, LLVM would make a minimum of
 * halves again, which it has no code for. */
static LLVMValueRef half_order(const struct alu *a, LLVMValueRef half)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef type = a->cg->i16;
    LLVMValueRef sign = LLVMBuildAShr(b, half, alu_int(a, type, 15), "");
    return LLVMBuildXor(b, half, LLVMBuildAnd(b, sign, alu_int(a, type, 0x7fff), ""), "");
}

static LLVMValueRef half_is_nan(const struct alu *a, LLVMValueRef half)
{
    LLVMTypeRef type = a->cg->i16;
    LLVMValueRef magnitude = LLVMBuildAnd(a->cg->b, half, alu_int(a, type, 0x7fff), "");
    return LLVMBuildICmp(a->cg->b, LLVMIntUGT, magnitude, alu_int(a, type, 0x7c00), "");
}

static LLVMValueRef half_min_max(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef x = a->a[0], y = a->a[1];
    LLVMValueRef wins = LLVMBuildICmp(b, a->inst->op == IR_FMIN ? LLVMIntSLT : LLVMIntSGT,
                                      half_order(a, x), half_order(a, y), "");
    LLVMValueRef v = LLVMBuildSelect(b, wins, x, y, "");
    v = LLVMBuildSelect(b, half_is_nan(a, x), y, v, "");
    return LLVMBuildSelect(b, half_is_nan(a, y), x, v, "");
}

/* x86's min and max are exactly `wins ? first : second`, so they give the second argument where one is
 * NaN. That is right for a NaN in the first; one in the second needs another look, which llvm.minnum takes,
 * unless that is known to be a number. */
LLVMValueRef alu_min_max(const struct alu *a)
{
    if (a->type == IR_F16)
        return half_min_max(a);
    LLVMBuilderRef b = a->cg->b;
    bool is_min = a->inst->op == IR_FMIN, swap = is_number(a->inst->args[0]);
    bool known = swap || is_number(a->inst->args[1]);
    LLVMValueRef x = alu_compared(a->cg, a->a[swap]), y = alu_compared(a->cg, a->a[!swap]);
    if (!known)
        return order_zeros(a, x, y, alu_call2(a, is_min ? "llvm.minnum" : "llvm.maxnum", x, y));
    LLVMValueRef wins = LLVMBuildFCmp(b, is_min ? LLVMRealOLT : LLVMRealOGT, x, y, "");
    return order_zeros(a, x, y, LLVMBuildSelect(b, wins, x, y, ""));
}

LLVMValueRef alu_rsqrt(const struct alu *a)
{
    LLVMTypeRef type = a->type == IR_F64 ? a->cg->f64 : a->cg->f32;
    return LLVMBuildFDiv(a->cg->b, alu_float(a, type, 1.0), alu_call1(a, "llvm.sqrt", a->a[0]),
                         "");
}

/* ---- Fused multiply-add without the instruction ---- */

static LLVMValueRef add(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildFAdd(a->cg->b, x, y, "");
}

static LLVMValueRef sub(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildFSub(a->cg->b, x, y, "");
}

static LLVMValueRef mul(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildFMul(a->cg->b, x, y, "");
}

LLVMValueRef alu_two_sum(const struct alu *a, LLVMValueRef x, LLVMValueRef y,
                         LLVMValueRef *error_out)
{
    LLVMValueRef sum = add(a, x, y);
    LLVMValueRef y_part = sub(a, sum, x);
    *error_out = add(a, sub(a, x, sub(a, sum, y_part)), sub(a, y, y_part));
    return sum;
}

LLVMValueRef alu_add_odd(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    LLVMValueRef error, sum = alu_two_sum(a, x, y, &error);
    LLVMValueRef zero = alu_float(a, cg->f64, 0.0), one = alu_int(a, cg->i64, 1);
    LLVMValueRef bits = alu_bits(a, sum, cg->i64);
    LLVMValueRef inexact = LLVMBuildFCmp(b, LLVMRealONE, error, zero, "");
    LLVMValueRef even = LLVMBuildICmp(b, LLVMIntEQ, LLVMBuildAnd(b, bits, one, ""),
                                      alu_int(a, cg->i64, 0), "");
    /* The exact sum lies on the error's side of the rounded one. */
    LLVMValueRef signs = LLVMBuildXor(b, alu_bits(a, error, cg->i64), bits, "");
    LLVMValueRef inwards = LLVMBuildICmp(b, LLVMIntSLT, signs, alu_int(a, cg->i64, 0), "");
    LLVMValueRef moved =
        LLVMBuildSelect(b, inwards, LLVMBuildSub(b, bits, one, ""), LLVMBuildAdd(b, bits, one, ""), "");
    bits = LLVMBuildSelect(b, LLVMBuildAnd(b, inexact, even, ""), moved, bits, "");
    return alu_bits(a, bits, cg->f64);
}

LLVMValueRef alu_two_product(const struct alu *a, LLVMValueRef x, LLVMValueRef y,
                             LLVMValueRef *error_out)
{
    if (a->cg->target->fma) {
        LLVMValueRef whole = mul(a, x, y), args[] = {x, y, LLVMBuildFNeg(a->cg->b, whole, "")};
        *error_out = alu_call(a, "llvm.fma", args, 3);
        return whole;
    }
    LLVMValueRef split = alu_float(a, a->cg->f64, 0x1p27 + 1), high[2], low[2];
    LLVMValueRef both[2] = {x, y};
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef t = mul(a, both[i], split);
        high[i] = sub(a, t, sub(a, t, both[i]));
        low[i] = sub(a, both[i], high[i]);
    }
    LLVMValueRef product = mul(a, x, y);
    LLVMValueRef e = sub(a, mul(a, high[0], high[1]), product);
    e = add(a, e, mul(a, high[0], low[1]));
    e = add(a, e, mul(a, low[0], high[1]));
    *error_out = add(a, e, mul(a, low[0], low[1]));
    return product;
}

/* The product of two f32 is exact in f64. */
static LLVMValueRef fma_f32(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef x[3];
    for (unsigned i = 0; i < 3; i++)
        x[i] = LLVMBuildFPExt(b, a->a[i], alu_form(a, a->cg->f64), "");
    return LLVMBuildFPTrunc(b, alu_add_odd(a, mul(a, x[0], x[1]), x[2]), alu_form(a, a->cg->f32), "");
}

LLVMValueRef alu_fma(const struct alu *a)
{
    if (a->inst->type == IR_F16 && a->inst->imm == 2) { /* a product of f16 is exact in f32 */
        LLVMTypeRef f64 = alu_form(a, a->cg->f64);
        LLVMValueRef product = LLVMBuildFPExt(a->cg->b, mul(a, a->a[0], a->a[1]), f64, "");
        LLVMValueRef addend = LLVMBuildFPExt(a->cg->b, a->a[2], f64, "");
        return alu_narrow(a, alu_add_odd(a, product, addend), true);
    }
    /* Of halves, the product is exact in f32, fused or not; add_odd is not worth its price here. */
    if (a->inst->type == IR_F16 && !a->cg->target->fma)
        return add(a, mul(a, a->a[0], a->a[1]), a->a[2]);
    if (a->cg->target->fma)
        return alu_call(a, "llvm.fma", (LLVMValueRef *)a->a, 3);
    return a->type == IR_F64 ? alu_fma_f64(a) : fma_f32(a);
}
