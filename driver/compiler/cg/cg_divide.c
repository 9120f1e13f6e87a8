/* SPDX-License-Identifier: MIT
 *
 * Integer division. x86 has no vector form, and its scalar form traps on 0 and on INT_MIN / -1:
 *
 *   - by a constant: LLVM multiplies, but takes its time to find out how;
 *   - vectors of up to 32 bits: in floating point wide enough that truncating the rounded quotient gives
 *     the exact one. The quotient a/b of n-bit integers lies at least 1/b below the next integer k,
 *     and rounding moves it by at most k 2^-p; b k < 2^(n+1) <= 2^p holds with f64 for 32 bits and
 *     with f32 for 8 and 16;
 *   - others: lane by lane, with a divisor that cannot trap.
 */
#include "cg_alu.h"

static bool is_signed(const struct alu *a)
{
    return a->inst->op == IR_SDIV || a->inst->op == IR_SREM;
}

static bool is_remainder(const struct alu *a)
{
    return a->inst->op == IR_UREM || a->inst->op == IR_SREM;
}

static LLVMValueRef plain(const struct alu *a, LLVMValueRef divisor)
{
    LLVMOpcode op = is_signed(a) ? is_remainder(a) ? LLVMSRem : LLVMSDiv
                                 : is_remainder(a) ? LLVMURem : LLVMUDiv;
    return LLVMBuildBinOp(a->cg->b, op, a->a[0], divisor, "");
}

/* The divisor, or 1 where dividing by it would trap. */
static LLVMValueRef safe_divisor(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef type = a->cg->scalar_t[a->type];
    LLVMValueRef bad =
        LLVMBuildICmp(b, LLVMIntEQ, a->a[1], alu_int(a, type, 0), "");
    if (is_signed(a)) {
        uint64_t least = 1ull << (ir_type_bits(a->type) - 1);
        LLVMValueRef overflow = LLVMBuildAnd(
            b, LLVMBuildICmp(b, LLVMIntEQ, a->a[0], alu_int(a, type, least), ""),
            LLVMBuildICmp(b, LLVMIntEQ, a->a[1], alu_int(a, type, UINT64_MAX), ""), "");
        bad = LLVMBuildOr(b, bad, overflow, "");
    }
    return LLVMBuildSelect(b, bad, alu_int(a, type, 1), a->a[1], "");
}

/* u32 -> f64: the bits become the low mantissa of 2^52. */
static LLVMValueRef u32_to_f64(const struct alu *a, LLVMValueRef v)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef wide = LLVMBuildZExt(b, v, alu_form(a, a->cg->i64), "");
    wide = LLVMBuildOr(b, wide, alu_int(a, a->cg->i64, 0x4330000000000000ull), "");
    return LLVMBuildFSub(b, alu_bits(a, wide, a->cg->f64), alu_float(a, a->cg->f64, 0x1p52), "");
}

LLVMValueRef alu_f64_to_u32(const struct alu *a, LLVMValueRef v)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef whole = alu_call1(a, "llvm.trunc", v);
    LLVMValueRef bits =
        alu_bits(a, LLVMBuildFAdd(b, whole, alu_float(a, a->cg->f64, 0x1p52), ""), a->cg->i64);
    return LLVMBuildTrunc(b, bits, alu_form(a, a->cg->i32), "");
}

static LLVMValueRef by_float(const struct alu *a, LLVMValueRef divisor)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = alu_form(a, cg->scalar_t[a->type]);
    LLVMValueRef quotient;
    if (a->type == IR_I32 && !is_signed(a)) {
        quotient = alu_f64_to_u32(a, LLVMBuildFDiv(b, u32_to_f64(a, a->a[0]), u32_to_f64(a, divisor), ""));
    } else {
        LLVMTypeRef i32 = alu_form(a, cg->i32);
        LLVMTypeRef real = alu_form(a, a->type == IR_I32 ? cg->f64 : cg->f32);
        LLVMValueRef x = a->a[0], y = divisor;
        if (a->type != IR_I32) {
            LLVMOpcode extend = is_signed(a) ? LLVMSExt : LLVMZExt;
            x = LLVMBuildCast(b, extend, x, i32, "");
            y = LLVMBuildCast(b, extend, y, i32, "");
        }
        x = LLVMBuildSIToFP(b, x, real, "");
        y = LLVMBuildSIToFP(b, y, real, "");
        quotient = LLVMBuildFPToSI(b, LLVMBuildFDiv(b, x, y, ""), i32, "");
        if (a->type != IR_I32)
            quotient = LLVMBuildTrunc(b, quotient, type, "");
    }
    if (!is_remainder(a))
        return quotient;
    return LLVMBuildSub(b, a->a[0], LLVMBuildMul(b, quotient, divisor, ""), "");
}

static LLVMValueRef by_constant(const struct alu *a, uint64_t divisor)
{
    LLVMTypeRef type = a->cg->scalar_t[a->type];
    unsigned bits = ir_type_bits(a->type);
    bool soon = a->cg->m->request->flags & WEFT_REQUEST_FAST;
    uint64_t ones = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
    divisor &= ones;
    if (divisor == 0)
        divisor = 1;
    if (!is_signed(a) && !(divisor & (divisor - 1))) {
        LLVMValueRef by = alu_int(a, type, is_remainder(a) ? divisor - 1 : (uint64_t)__builtin_ctzll(divisor));
        return is_remainder(a) ? LLVMBuildAnd(a->cg->b, a->a[0], by, "") : LLVMBuildLShr(a->cg->b, a->a[0], by, "");
    }
    if (is_signed(a) && divisor == ones) /* -1: would trap for the least number */
        return is_remainder(a) ? alu_int(a, type, 0) : LLVMBuildNeg(a->cg->b, a->a[0], "");
    LLVMValueRef by = alu_int(a, type, divisor);
    return soon && a->n && bits <= 32 ? by_float(a, by) : plain(a, by);
}

LLVMValueRef alu_divide(const struct alu *a)
{
    const struct ir_inst *divisor = a->inst->args[1];
    if (divisor->op == IR_CONST)
        return by_constant(a, divisor->imm);
    LLVMValueRef safe = safe_divisor(a);
    return a->n && a->type != IR_I64 ? by_float(a, safe) : plain(a, safe);
}
