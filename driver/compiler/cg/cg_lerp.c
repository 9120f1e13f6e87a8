/* SPDX-License-Identifier: MIT
 *
 * Weighted sums of two packed 16-bit numbers: what filters bytes. The weight is negative, so that -1 can be
 * written, too; machines have the rounded product as an instruction.
 */
#include "cg_alu.h"

/* The low half of each lane in both halves; `halves` <2n x i16>. */
static LLVMValueRef twice(const struct alu *a, LLVMValueRef halves)
{
    int64_t index[256];
    for (unsigned i = 0; i < 2 * a->n && i < 256; i++)
        index[i] = i & ~1u;
    return cg_shuffle(a->cg, halves, NULL, index, 2 * a->n);
}

/* `count` lanes of two vectors one behind the other, from `start` on. */
static LLVMValueRef lanes(const struct alu *a, LLVMValueRef x, LLVMValueRef y, unsigned start,
                          unsigned count)
{
    int64_t index[256];
    for (unsigned i = 0; i < count && i < 256; i++)
        index[i] = start + i;
    return cg_shuffle(a->cg, x, y, index, count);
}

/* (x * y + 2^14) / 2^15 of vectors of whole registers. */
static LLVMValueRef multiply_registers(const struct alu *a, LLVMValueRef x, LLVMValueRef y)
{
    const struct cg_target *target = a->cg->target;
    unsigned size = 2 * target->lanes, count = a->n / target->lanes;
    LLVMValueRef parts[64];
    for (unsigned i = 0; i < count && i < 64; i++) {
        LLVMValueRef none = LLVMGetPoison(LLVMTypeOf(x));
        LLVMValueRef args[2] = {lanes(a, x, none, i * size, size), lanes(a, y, none, i * size, size)};
        parts[i] = cg_intrinsic(a->cg, target->multiply_high, NULL, 0, args, 2);
    }
    for (; count > 1; count /= 2, size *= 2)
        for (unsigned i = 0; i < count / 2; i++)
            parts[i] = lanes(a, parts[2 * i], parts[2 * i + 1], 0, 2 * size);
    return parts[0];
}

static LLVMValueRef multiply(const struct alu *a, LLVMValueRef x, LLVMValueRef y, unsigned n)
{
    LLVMBuilderRef b = a->cg->b;
    if (a->n >= a->cg->target->lanes)
        return multiply_registers(a, x, y);
    LLVMTypeRef wide = LLVMVectorType(a->cg->i32, n), narrow = LLVMTypeOf(x);
    LLVMValueRef v = LLVMBuildMul(b, LLVMBuildSExt(b, x, wide, ""), LLVMBuildSExt(b, y, wide, ""), "");
    v = LLVMBuildAdd(b, v, cg_splat_n(a->cg, cg_i32(a->cg, 1u << 14), n), "");
    v = LLVMBuildAShr(b, v, cg_splat_n(a->cg, cg_i32(a->cg, 15), n), "");
    return LLVMBuildTrunc(b, v, narrow, "");
}

LLVMValueRef alu_lerp16(const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    struct alu one = *a;
    one.n = a->n ? a->n : 1;
    LLVMTypeRef halves = LLVMVectorType(a->cg->i16, 2 * one.n);
    LLVMValueRef x = LLVMBuildBitCast(b, a->a[0], halves, "");
    LLVMValueRef y = LLVMBuildBitCast(b, a->a[1], halves, "");
    LLVMValueRef w = twice(&one, LLVMBuildBitCast(b, a->a[2], halves, ""));
    LLVMValueRef part = multiply(&one, LLVMBuildSub(b, y, x, ""), w, 2 * one.n);
    LLVMValueRef v = LLVMBuildSub(b, x, part, "");
    return LLVMBuildBitCast(b, v, alu_form(a, a->cg->i32), "");
}
