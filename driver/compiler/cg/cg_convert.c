/* SPDX-License-Identifier: MIT
 *
 * Conversions between types. Those of f16 and of integers below 32 bits go through f32 and i32, which
 * is exact or rounds once: every integer that f32 must round is above f16's range.
 */
#include "cg_alu.h"

LLVMValueRef alu_narrow(const struct alu *a, LLVMValueRef v, bool odd)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    LLVMValueRef near = LLVMBuildFPTrunc(b, v, alu_form(a, cg->f32), "");
    LLVMValueRef back = LLVMBuildFPExt(b, near, alu_form(a, cg->f64), "");
    LLVMValueRef bits = alu_bits(a, near, cg->i32);
    LLVMValueRef exact_size = alu_call1(a, "llvm.fabs", v), size = alu_call1(a, "llvm.fabs", back);
    LLVMValueRef too_large = LLVMBuildFCmp(b, LLVMRealOGT, size, exact_size, "");
    /* The other neighbour is one step of the magnitude away. */
    LLVMValueRef down = LLVMBuildSub(b, bits, alu_int(a, cg->i32, 1), "");
    LLVMValueRef moved;
    if (odd) {
        LLVMValueRef too_small = LLVMBuildFCmp(b, LLVMRealOLT, size, exact_size, "");
        LLVMValueRef up = LLVMBuildAdd(b, bits, alu_int(a, cg->i32, 1), "");
        LLVMValueRef even = LLVMBuildICmp(
            b, LLVMIntEQ, LLVMBuildAnd(b, bits, alu_int(a, cg->i32, 1), ""),
            alu_int(a, cg->i32, 0), "");
        moved = LLVMBuildSelect(b, too_large, down, LLVMBuildSelect(b, too_small, up, bits, ""), "");
        moved = LLVMBuildSelect(b, even, moved, bits, "");
    } else {
        moved = LLVMBuildSelect(b, too_large, down, bits, "");
    }
    return alu_bits(a, moved, cg->f32);
}

LLVMValueRef alu_float_to_float(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef v = a->a[0];
    bool towards_zero = a->inst->op == IR_FTRUNC_TO && a->inst->imm == 1;
    if (a->from == a->type)
        return v;
    if (a->from == IR_F16) {
        v = alu_half_to_float(a, v);
        return a->type == IR_F32 ? v : LLVMBuildFPExt(b, v, alu_form(a, a->cg->f64), "");
    }
    if (a->type == IR_F64)
        return LLVMBuildFPExt(b, v, alu_form(a, a->cg->f64), "");
    if (a->type == IR_F32)
        return towards_zero ? alu_narrow(a, v, false)
                            : LLVMBuildFPTrunc(b, v, alu_form(a, a->cg->f32), "");
    if (a->from == IR_F64) /* to f16 in two steps: the first must not round up */
        v = alu_narrow(a, v, !towards_zero);
    return alu_float_to_half(a, v, towards_zero);
}

/* Saturating, NaN to 0. */
static LLVMValueRef to_int(const struct alu *a, LLVMValueRef v, LLVMTypeRef type, bool sign)
{
    LLVMTypeRef types[2] = {alu_form(a, type), LLVMTypeOf(v)};
    return cg_intrinsic(a->cg, sign ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2, &v, 1);
}

/* The same for vectors, which LLVM would take apart: the number is brought into the integer's range,
 * converted, and corrected where the range's end is no number of that float type (2^31 - 1 and
 * 2^32 - 1 in f32: there the largest number below is used, and what is above is corrected). */
static LLVMValueRef vector_to_int(const struct alu *a, LLVMValueRef v, bool is_double, bool sign)
{
    struct cg *cg = a->cg;
    LLVMBuilderRef b = cg->b;
    unsigned bits = ir_type_bits(a->type);
    LLVMTypeRef real = is_double ? cg->f64 : cg->f32, type = alu_form(a, cg->scalar_t[a->type]);
    double end = sign ? (double)(1ull << (bits - 1)) : (double)(1ull << (bits - 1)) * 2;
    bool exact = is_double || bits < 32;
    LLVMValueRef least = alu_float(a, real, sign ? -end : 0.0);
    LLVMValueRef most = alu_float(a, real, exact ? end - 1 : sign ? 0x7fffff80 : 0xffffff00);

    /* NaN fails the first comparison and becomes the least number. */
    LLVMValueRef x =
        LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealOGT, v, least, ""), v, least, "");
    x = LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealOLT, x, most, ""), x, most, "");
    LLVMValueRef i;
    if (bits == 32 && !sign && is_double) {
        i = alu_f64_to_u32(a, x);
    } else if (bits == 32 && !sign) {
        i = LLVMBuildFPToUI(b, x, type, "");
    } else {
        i = LLVMBuildFPToSI(b, x, alu_form(a, cg->i32), "");
        i = bits < 32 ? LLVMBuildTrunc(b, i, type, "") : i;
    }
    if (!exact) {
        LLVMValueRef over = LLVMBuildFCmp(b, LLVMRealOGE, v, alu_float(a, real, end), "");
        i = LLVMBuildSelect(b, over, alu_int(a, cg->i32, sign ? INT32_MAX : UINT32_MAX), i, "");
    }
    if (sign) /* unsigned, the least number is the 0 that NaN must give */
        i = LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealORD, v, v, ""), i, LLVMConstNull(type), "");
    return i;
}

LLVMValueRef alu_float_to_int(const struct alu *a)
{
    struct cg *cg = a->cg;
    bool sign = a->inst->op == IR_F2S;
    unsigned bits = ir_type_bits(a->type);
    LLVMValueRef v = a->from == IR_F16 ? alu_half_to_float(a, a->a[0]) : a->a[0];
    if (sign && a->inst->imm == IR_F2S_FITS && bits == 32)
        return LLVMBuildFPToSI(cg->b, v, alu_form(a, cg->i32), "");
    v = alu_compared(cg, v); /* with the ends of the range */
    if (a->n && bits <= 32)
        return vector_to_int(a, v, a->from == IR_F64, sign);
    if (bits >= 32)
        return to_int(a, v, cg->scalar_t[a->type], sign);

    uint64_t most = sign ? (1ull << (bits - 1)) - 1 : (1ull << bits) - 1;
    uint64_t least = sign ? ~most : 0;
    v = to_int(a, v, cg->i32, true);
    v = alu_call2(a, "llvm.smin", v, alu_int(a, cg->i32, most));
    v = alu_call2(a, "llvm.smax", v, alu_int(a, cg->i32, least));
    return LLVMBuildTrunc(cg->b, v, alu_form(a, cg->scalar_t[a->type]), "");
}

/* Of 32 or 64 bits towards zero: the magnitude loses what the float has no room for. */
static LLVMValueRef cut_to_float(const struct alu *a, LLVMValueRef v, bool sign, LLVMTypeRef to)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef type = a->cg->scalar_t[a->from];
    unsigned digits = a->type == IR_F64 ? 53 : 24;
    if (!sign)
        return LLVMBuildUIToFP(b, alu_cut_integer(a, v, digits), to, "");
    LLVMValueRef negative = LLVMBuildICmp(b, LLVMIntSLT, v, alu_int(a, type, 0), "");
    LLVMValueRef size = LLVMBuildSelect(b, negative, LLVMBuildNeg(b, v, ""), v, "");
    size = LLVMBuildUIToFP(b, alu_cut_integer(a, size, digits), to, "");
    return LLVMBuildSelect(b, negative, LLVMBuildFNeg(b, size, ""), size, "");
}

LLVMValueRef alu_int_to_float(const struct alu *a)
{
    struct cg *cg = a->cg;
    bool sign = a->inst->op == IR_S2F;
    LLVMTypeRef to = alu_form(a, a->type == IR_F64 ? cg->f64 : cg->f32);
    LLVMValueRef v = a->a[0];
    if (ir_type_bits(a->from) < 32) {
        v = LLVMBuildCast(cg->b, sign ? LLVMSExt : LLVMZExt, v, alu_form(a, cg->i32), "");
        sign = true; /* it has room for the sign now, and that conversion is the cheap one */
    }
    if (a->inst->imm == 1 && ir_type_bits(a->from) >= 32 && (a->type != IR_F64 || a->from == IR_I64))
        v = cut_to_float(a, v, sign, to);
    else
        v = sign ? LLVMBuildSIToFP(cg->b, v, to, "") : LLVMBuildUIToFP(cg->b, v, to, "");
    return a->type == IR_F16 ? alu_float_to_half(a, v, a->inst->imm == 1) : v;
}

LLVMValueRef alu_bitcast(const struct alu *a)
{
    return alu_bits(a, a->a[0], a->cg->scalar_t[a->type]);
}
