/* SPDX-License-Identifier: MIT
 *
 * Dot products of packed bytes. In vectors the even and the odd bytes of each 16-bit half are widened
 * in place, multiplied as 16-bit numbers and added in pairs, for which machines have an instruction.
 */
#include "cg_alu.h"

/* The bytes at even (odd: at odd) places, as 16-bit numbers; `halves` <2n x i16>. */
static LLVMValueRef
widen(const struct alu *a, LLVMValueRef halves, bool odd, bool sign)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef eight = cg_splat_n(a->cg, LLVMConstInt(a->cg->i16, 8, false), 2 * a->n);
    if (!sign && !odd)
        return LLVMBuildAnd(b, halves,
                            cg_splat_n(a->cg, LLVMConstInt(a->cg->i16, 0xff, false), 2 * a->n), "");
    if (!odd)
        halves = LLVMBuildShl(b, halves, eight, "");
    return sign ? LLVMBuildAShr(b, halves, eight, "") : LLVMBuildLShr(b, halves, eight, "");
}

/* Every second lane of <2n x i16>, as i32. */
static LLVMValueRef
every_second(const struct alu *a, LLVMValueRef v, unsigned start)
{
    int64_t index[256];
    for (unsigned i = 0; i < a->n && i < 256; i++)
        index[i] = 2 * i + start;
    LLVMValueRef some = LLVMBuildShuffleVector(a->cg->b, v, v,
                                               cg_const_vector(a->cg, a->cg->i32, index, a->n), "");
    return LLVMBuildSExt(a->cg->b, some, alu_form(a, a->cg->i32), "");
}

/* `count` lanes of a vector from `start` on. */
static LLVMValueRef
part(const struct alu *a, LLVMValueRef v, unsigned start, unsigned count)
{
    int64_t index[256];
    for (unsigned i = 0; i < count && i < 256; i++)
        index[i] = start + i;
    return LLVMBuildShuffleVector(a->cg->b, v, v,
                                  cg_const_vector(a->cg, a->cg->i32, index, count), "");
}

/* By the machine's instruction, register by register. */
static LLVMValueRef
multiply_pairs_native(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    const struct cg_target *target = a->cg->target;
    LLVMValueRef parts[64];
    unsigned size = target->lanes, count = a->n / size;
    for (unsigned i = 0; i < count && i < 64; i++) {
        LLVMValueRef args[2] = {part(a, x, 2 * size * i, 2 * size), part(a, y, 2 * size * i, 2 * size)};
        parts[i] = cg_intrinsic(a->cg, target->multiply_pairs, NULL, 0, args, 2);
    }
    for (; count > 1; count /= 2, size *= 2)
        for (unsigned i = 0; i < count / 2; i++) {
            int64_t index[256];
            for (unsigned k = 0; k < 2 * size; k++)
                index[k] = k;
            parts[i] = LLVMBuildShuffleVector(
                a->cg->b, parts[2 * i], parts[2 * i + 1],
                cg_const_vector(a->cg, a->cg->i32, index, 2 * size), "");
        }
    return parts[0];
}

static LLVMValueRef
multiply_pairs(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef b = a->cg->b;
    if (a->cg->target->multiply_pairs && a->n >= a->cg->target->lanes)
        return multiply_pairs_native(a, x, y);
    LLVMValueRef even = LLVMBuildMul(b, every_second(a, x, 0), every_second(a, y, 0), "");
    LLVMValueRef odd = LLVMBuildMul(b, every_second(a, x, 1), every_second(a, y, 1), "");
    return LLVMBuildAdd(b, even, odd, "");
}

static LLVMValueRef
byte_of(const struct alu *a, LLVMValueRef v, unsigned k, bool sign)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef up = LLVMBuildShl(b, v, alu_int(a, a->cg->i32, 24 - 8 * k), "");
    LLVMValueRef down = alu_int(a, a->cg->i32, 24);
    return sign ? LLVMBuildAShr(b, up, down, "") : LLVMBuildLShr(b, up, down, "");
}

LLVMValueRef
alu_dot4(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    bool sign0 = a->inst->op != IR_UDOT4, sign1 = a->inst->op == IR_SDOT4;
    LLVMValueRef sum = a->a[2];
    if (a->n) {
        LLVMTypeRef halves = LLVMVectorType(a->cg->i16, 2 * a->n);
        LLVMValueRef x = LLVMBuildBitCast(b, a->a[0], halves, "");
        LLVMValueRef y = LLVMBuildBitCast(b, a->a[1], halves, "");
        LLVMValueRef products[2];
        for (unsigned odd = 0; odd < 2; odd++)
            products[odd] = multiply_pairs(a, widen(a, x, odd, sign0), widen(a, y, odd, sign1));
        return LLVMBuildAdd(b, LLVMBuildAdd(b, products[0], products[1], ""), sum, "");
    }
    for (unsigned k = 0; k < 4; k++)
        sum = LLVMBuildAdd(b, sum,
                           LLVMBuildMul(b, byte_of(a, a->a[0], k, sign0),
                                        byte_of(a, a->a[1], k, sign1), ""),
                           "");
    return sum;
}
