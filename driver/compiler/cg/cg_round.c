/* SPDX-License-Identifier: MIT
 *
 * Arithmetic rounded towards zero, and f64's multiply-add to nearest on machines without one, computed with the machine's rounding to nearest. To change the
 * machine's mode would be faster, but there is one mode for all widths, and a shader may ask for
 * another rounding in each; LLVM folds and moves what rounds to nearest as it likes; and the
 * functions of the library stay as exact as they are.
 *
 * f16 and f32 are computed in f64, exactly or so that the last bit says whether something was lost, and
 * cut. f64 is rounded to nearest and corrected by the sign of the exact error.
 */
#include "cg_alu.h"

static LLVMValueRef binary(const struct alu *a, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildBinOp(a->cg->b, op, x, y, "");
}

static LLVMValueRef select_of(const struct alu *a, LLVMValueRef cond, LLVMValueRef x,
                              LLVMValueRef y)
{
    return LLVMBuildSelect(a->cg->b, cond, x, y, "");
}

static LLVMValueRef compare(const struct alu *a, LLVMRealPredicate predicate, LLVMValueRef x,
                            LLVMValueRef y)
{
    return LLVMBuildFCmp(a->cg->b, predicate, x, y, "");
}

static LLVMValueRef number(const struct alu *a, double value)
{
    return alu_float(a, a->cg->f64, value);
}

static LLVMValueRef size_of(const struct alu *a, LLVMValueRef x)
{
    return alu_call1(a, "llvm.fabs", x);
}

/* The next number towards zero where cond holds. */
static LLVMValueRef step_if(const struct alu *a, LLVMValueRef cond, LLVMValueRef v)
{
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef bits = alu_bits(a, v, i64);
    LLVMValueRef down = binary(a, LLVMSub, bits, alu_int(a, i64, 1));
    return alu_bits(a, select_of(a, cond, down, bits), a->cg->f64);
}

/* v + error, of which v is the nearest number, towards zero. */
static LLVMValueRef cut(const struct alu *a, LLVMValueRef v, LLVMValueRef error)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef signs = LLVMBuildXor(b, alu_bits(a, v, i64), alu_bits(a, error, i64), "");
    LLVMValueRef inwards = LLVMBuildICmp(b, LLVMIntSLT, signs, alu_int(a, i64, 0), "");
    LLVMValueRef some = compare(a, LLVMRealONE, error, number(a, 0));
    return step_if(a, LLVMBuildAnd(b, some, inwards, ""), v);
}

/* Where the operation overflowed, the largest number instead of infinity. */
static LLVMValueRef not_infinite(const struct alu *a, LLVMValueRef finite_operands, LLVMValueRef v)
{
    LLVMValueRef over = compare(a, LLVMRealOEQ, size_of(a, v), number(a, __builtin_inf()));
    return step_if(a, LLVMBuildAnd(a->cg->b, over, finite_operands, ""), v);
}

static LLVMValueRef is_finite(const struct alu *a, LLVMValueRef x)
{
    return compare(a, LLVMRealOLT, size_of(a, x), number(a, __builtin_inf()));
}

static LLVMValueRef both(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildAnd(a->cg->b, x, y, "");
}

/* ---- f64 ---- */

static LLVMValueRef add_f64(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    LLVMValueRef error, sum = alu_two_sum(a, x, y, &error);
    sum = cut(a, sum, error);
    return not_infinite(a, both(a, is_finite(a, x), is_finite(a, y)), sum);
}

/* A number's digits, 1 <= |m| < 2, and its exponent; nonsense for zeros, infinities and NaNs. */
static LLVMValueRef digits(const struct alu *a, LLVMValueRef x, LLVMValueRef *exponent_out)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef small = compare(a, LLVMRealOLT, size_of(a, x), number(a, 0x1p-1022));
    x = select_of(a, small, binary(a, LLVMFMul, x, number(a, 0x1p64)), x);
    LLVMValueRef bits = alu_bits(a, x, i64);
    LLVMValueRef field = LLVMBuildLShr(b, bits, alu_int(a, i64, 52), "");
    field = LLVMBuildAnd(b, field, alu_int(a, i64, 0x7ff), "");
    LLVMValueRef bias = select_of(a, small, alu_int(a, i64, 1023 + 64), alu_int(a, i64, 1023));
    *exponent_out = LLVMBuildSub(b, field, bias, "");
    bits = LLVMBuildAnd(b, bits, alu_int(a, i64, 0x800fffffffffffff), "");
    bits = LLVMBuildOr(b, bits, alu_int(a, i64, 0x3ff0000000000000), "");
    return alu_bits(a, bits, a->cg->f64);
}

static LLVMValueRef power_of_two(const struct alu *a, LLVMValueRef exponent)
{
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef bits = binary(a, LLVMAdd, exponent, alu_int(a, i64, 1023));
    return alu_bits(a, binary(a, LLVMShl, bits, alu_int(a, i64, 52)), a->cg->f64);
}

static LLVMValueRef clamp(const struct alu *a, LLVMValueRef x, uint64_t limit)
{
    x = alu_call2(a, "llvm.smin", x, alu_int(a, a->cg->i64, limit));
    return alu_call2(a, "llvm.smax", x, alu_int(a, a->cg->i64, 0 - limit));
}

/* v * 2^exponent, cut; 2^-2 <= |v| < 2^2. The first step is exact. */
static LLVMValueRef scaled(const struct alu *a, LLVMValueRef v, LLVMValueRef exponent)
{
    LLVMValueRef first = clamp(a, exponent, 900);
    LLVMValueRef rest = clamp(a, binary(a, LLVMSub, exponent, first), 1000);
    v = binary(a, LLVMFMul, v, power_of_two(a, first));
    LLVMValueRef end = binary(a, LLVMFMul, v, power_of_two(a, rest));
    LLVMValueRef minus = binary(a, LLVMSub, alu_int(a, a->cg->i64, 0), rest);
    LLVMValueRef back = binary(a, LLVMFMul, end, power_of_two(a, minus));
    return step_if(a, compare(a, LLVMRealOGT, size_of(a, back), size_of(a, v)), end);
}

/* The same to the nearest; the sign of `error` says where v's exact value lies. What was rounded twice is wrong
 * only if it was halfway between two denormals the second time, and the first error says on which side. */
static LLVMValueRef scaled_nearest(const struct alu *a, LLVMValueRef v, LLVMValueRef error,
                                   LLVMValueRef exponent)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef first = clamp(a, exponent, 900);
    LLVMValueRef rest = clamp(a, binary(a, LLVMSub, exponent, first), 1000);
    v = binary(a, LLVMFMul, v, power_of_two(a, first));
    LLVMValueRef end = binary(a, LLVMFMul, v, power_of_two(a, rest));
    LLVMValueRef minus = binary(a, LLVMSub, alu_int(a, i64, 0), rest);
    LLVMValueRef left = binary(a, LLVMFSub, v, binary(a, LLVMFMul, end, power_of_two(a, minus)));
    LLVMValueRef half = power_of_two(a, binary(a, LLVMSub, minus, alu_int(a, i64, 1075)));
    LLVMValueRef wrong = both(a, compare(a, LLVMRealOLE, size_of(a, end), number(a, 0x1p-1022)),
                              compare(a, LLVMRealOEQ, size_of(a, left), half));
    LLVMValueRef left_bits = alu_bits(a, left, i64), end_bits = alu_bits(a, end, i64);
    LLVMValueRef other = binary(a, LLVMXor, alu_bits(a, error, i64), left_bits);
    wrong = both(a, wrong, compare(a, LLVMRealONE, error, number(a, 0)));
    wrong = both(a, wrong, LLVMBuildICmp(b, LLVMIntSGE, other, alu_int(a, i64, 0), ""));
    LLVMValueRef inwards = LLVMBuildICmp(b, LLVMIntSLT, binary(a, LLVMXor, end_bits, left_bits),
                                         alu_int(a, i64, 0), "");
    LLVMValueRef step = select_of(a, inwards, alu_int(a, i64, UINT64_MAX), alu_int(a, i64, 1));
    step = select_of(a, wrong, step, alu_int(a, i64, 0));
    return alu_bits(a, binary(a, LLVMAdd, end_bits, step), a->cg->f64);
}

/* Neither zero nor infinite nor NaN. */
static LLVMValueRef has_digits(const struct alu *a, LLVMValueRef x)
{
    return both(a, is_finite(a, x), compare(a, LLVMRealONE, x, number(a, 0)));
}

static LLVMValueRef mul_f64(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    LLVMValueRef exponent[2], error;
    LLVMValueRef m = digits(a, x, &exponent[0]), n = digits(a, y, &exponent[1]);
    LLVMValueRef product = alu_two_product(a, m, n, &error);
    product = scaled(a, cut(a, product, error), binary(a, LLVMAdd, exponent[0], exponent[1]));
    LLVMValueRef usual = both(a, has_digits(a, x), has_digits(a, y));
    return select_of(a, usual, product, binary(a, LLVMFMul, x, y));
}

static LLVMValueRef div_f64(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef exponent[2], low;
    LLVMValueRef m = digits(a, x, &exponent[0]), n = digits(a, y, &exponent[1]);
    LLVMValueRef quotient = binary(a, LLVMFDiv, m, n);
    /* The rest, of which every step is exact; divided by n it would be the error. */
    LLVMValueRef high = alu_two_product(a, quotient, n, &low);
    LLVMValueRef rest = binary(a, LLVMFSub, binary(a, LLVMFSub, m, high), low);
    LLVMValueRef sign = LLVMBuildAnd(b, alu_bits(a, n, i64), alu_int(a, i64, 1ull << 63), "");
    rest = alu_bits(a, LLVMBuildXor(b, alu_bits(a, rest, i64), sign, ""), a->cg->f64);
    quotient = scaled(a, cut(a, quotient, rest), binary(a, LLVMSub, exponent[0], exponent[1]));
    LLVMValueRef usual = both(a, has_digits(a, x), has_digits(a, y));
    return select_of(a, usual, quotient, binary(a, LLVMFDiv, x, y));
}

static LLVMValueRef sqrt_f64(const struct alu *a, LLVMValueRef x)
{
    /* Neither the rest nor what its parts are made of may leave the exponents' range. */
    LLVMValueRef small = compare(a, LLVMRealOLT, x, number(a, 0x1p-600)), low;
    LLVMValueRef scale = select_of(a, small, number(a, 0x1p600), number(a, 0x1p-200));
    LLVMValueRef back = select_of(a, small, number(a, 0x1p-300), number(a, 0x1p100));
    x = binary(a, LLVMFMul, x, scale);
    LLVMValueRef root = alu_call1(a, "llvm.sqrt", x);
    LLVMValueRef high = alu_two_product(a, root, root, &low);
    LLVMValueRef rest = binary(a, LLVMFSub, binary(a, LLVMFSub, x, high), low);
    return binary(a, LLVMFMul, cut(a, root, rest), back);
}

/* x * y + z, computed in units of the product's power of two, so that no error leaves the exponents' range.
 * Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", IEEE TC 57 (2008). */
static LLVMValueRef fma_f64(const struct alu *a, LLVMValueRef x, LLVMValueRef y, LLVMValueRef z,
                            bool nearest)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i64 = a->cg->i64;
    LLVMValueRef exponent[2], zero = number(a, 0);
    LLVMValueRef m = digits(a, x, &exponent[0]), n = digits(a, y, &exponent[1]);
    LLVMValueRef power = binary(a, LLVMAdd, exponent[0], exponent[1]);

    /* An addend much larger or much smaller may be nearer: only the other's sign counts then. */
    LLVMValueRef z_exponent, z_digits = digits(a, z, &z_exponent);
    LLVMValueRef distance = binary(a, LLVMSub, z_exponent, power);
    LLVMValueRef addend = binary(a, LLVMFMul, z_digits, power_of_two(a, clamp(a, distance, 400)));
    LLVMValueRef no_addend = compare(a, LLVMRealOEQ, z, zero);
    addend = select_of(a, no_addend, zero, addend);

    LLVMValueRef product_low, sum_low, top_low;
    LLVMValueRef product = alu_two_product(a, m, n, &product_low);
    LLVMValueRef sum = alu_two_sum(a, addend, product_low, &sum_low);
    LLVMValueRef top = alu_two_sum(a, product, sum, &top_low);
    LLVMValueRef error, v = alu_two_sum(a, top, alu_add_odd(a, top_low, sum_low), &error);
    if (!nearest)
        v = cut(a, v, error);

    /* What a larger addend was brought nearer by, it gets back. */
    LLVMValueRef v_exponent, v_digits = digits(a, v, &v_exponent);
    LLVMValueRef beyond = LLVMBuildICmp(b, LLVMIntSGT, distance, alu_int(a, i64, 400), "");
    LLVMValueRef moved = binary(a, LLVMSub, distance, alu_int(a, i64, 400));
    moved = select_of(a, beyond, moved, alu_int(a, i64, 0));
    power = binary(a, LLVMAdd, binary(a, LLVMAdd, power, moved), v_exponent);
    LLVMValueRef result = nearest ? scaled_nearest(a, v_digits, error, power)
                                  : scaled(a, v_digits, power);
    result = select_of(a, compare(a, LLVMRealOEQ, v, zero), zero, result);

    result = select_of(a, is_finite(a, z), result, z);
    LLVMValueRef usual = both(a, has_digits(a, x), has_digits(a, y));
    LLVMValueRef plain = binary(a, LLVMFAdd, binary(a, LLVMFMul, x, y), z);
    return select_of(a, usual, result, plain);
}

/* ---- All widths ---- */

static LLVMValueRef in_f64(const struct alu *a, LLVMValueRef *x)
{
    switch (a->inst->op) {
    case IR_FADD:
        return alu_add_odd(a, x[0], x[1]);
    case IR_FSUB:
        return alu_add_odd(a, x[0], LLVMBuildFNeg(a->cg->b, x[1], ""));
    case IR_FMUL: /* exact */
        return binary(a, LLVMFMul, x[0], x[1]);
    case IR_FDIV: /* what is no number of 24 bits is not near enough to one to round to it */
        return binary(a, LLVMFDiv, x[0], x[1]);
    case IR_FSQRT:
        return alu_call1(a, "llvm.sqrt", x[0]);
    default:
        return alu_add_odd(a, binary(a, LLVMFMul, x[0], x[1]), x[2]);
    }
}

static LLVMValueRef of_f64(const struct alu *a, LLVMValueRef *x)
{
    switch (a->inst->op) {
    case IR_FADD:
        return add_f64(a, x[0], x[1]);
    case IR_FSUB:
        return add_f64(a, x[0], LLVMBuildFNeg(a->cg->b, x[1], ""));
    case IR_FMUL:
        return mul_f64(a, x[0], x[1]);
    case IR_FDIV:
        return div_f64(a, x[0], x[1]);
    case IR_FSQRT:
        return sqrt_f64(a, x[0]);
    default:
        return fma_f64(a, x[0], x[1], x[2], false);
    }
}

LLVMValueRef alu_fma_f64(const struct alu *a)
{
    return fma_f64(a, a->a[0], a->a[1], a->a[2], true);
}

bool alu_rounds_to_zero(const struct ir_inst *inst)
{
    return (ir_op_infos[inst->op].flags & IR_ROUNDS) && inst->imm == 1 &&
           inst->type == inst->args[0]->type;
}

LLVMValueRef alu_towards_zero(const struct alu *a)
{
    LLVMValueRef x[3] = {NULL, NULL, NULL};
    if (a->type == IR_F64)
        return of_f64(a, (LLVMValueRef *)a->a);
    for (unsigned i = 0; i < a->inst->arg_count; i++) {
        x[i] = a->type == IR_F16 ? alu_half_to_float(a, a->a[i]) : a->a[i];
        x[i] = LLVMBuildFPExt(a->cg->b, x[i], alu_form(a, a->cg->f64), "");
    }
    LLVMValueRef v = alu_narrow(a, in_f64(a, x), false);
    return a->type == IR_F16 ? alu_float_to_half(a, v, true) : v;
}

LLVMValueRef alu_cut_integer(const struct alu *a, LLVMValueRef v, unsigned digits_kept)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef type = LLVMTypeOf(v), scalar = a->n ? LLVMGetElementType(type) : type;
    unsigned bits = LLVMGetIntTypeWidth(scalar);
    LLVMValueRef args[2] = {v, LLVMConstInt(a->cg->i1, 0, false)};
    LLVMValueRef zeros = cg_intrinsic(a->cg, "llvm.ctlz", &type, 1, args, 2);
    LLVMValueRef drop = LLVMBuildSub(b, alu_int(a, scalar, bits - digits_kept), zeros, "");
    drop = alu_call2(a, "llvm.smax", drop, alu_int(a, scalar, 0));
    return LLVMBuildShl(b, LLVMBuildLShr(b, v, drop, ""), drop, "");
}
