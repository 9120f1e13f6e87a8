/* SPDX-License-Identifier: MIT
 *
 * Moving values between lanes by indices that are only known at run time.
 */
#include "cg_reduce.h"

LLVMValueRef cg_lane(struct cg *cg, LLVMValueRef vector, LLVMValueRef lane)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = LLVMTypeOf(vector);
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind)
        return vector;
    if (LLVMIsConstant(lane) || LLVMGetElementType(type) != cg->i1)
        return LLVMBuildExtractElement(b, vector, lane, "");
    LLVMValueRef bits = cg_word(cg, vector);
    lane = LLVMBuildZExtOrBitCast(b, lane, cg_word_t(cg), "");
    return LLVMBuildTrunc(b, LLVMBuildLShr(b, bits, lane, ""), cg->i1, "");
}

/* Vectors of at most a register: LLVM knows this chain of extractions as a variable permutation. */
static LLVMValueRef permute_register(struct cg *cg, LLVMValueRef v, LLVMValueRef index, unsigned n)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef result = LLVMConstNull(LLVMTypeOf(v));
    for (unsigned i = 0; i < n; i++) {
        LLVMValueRef from = LLVMBuildExtractElement(b, index, cg_i32(cg, i), "");
        result = LLVMBuildInsertElement(b, result, LLVMBuildExtractElement(b, v, from, ""),
                                        cg_i32(cg, i), "");
    }
    return result;
}

/* <W x i32>: each register of results picks from each register of values. */
static LLVMValueRef permute_words(struct cg *cg, LLVMValueRef v, LLVMValueRef index)
{
    LLVMBuilderRef b = cg->b;
    unsigned w = cg->width, n = cg->target->lanes < w ? cg->target->lanes : w;
    LLVMValueRef parts[64];
    for (unsigned to = 0; to < w / n; to++) {
        LLVMValueRef all = cg_part(cg, index, to * n, n);
        LLVMValueRef inside = LLVMBuildAnd(b, all, cg_splat_n(cg, cg_i32(cg, n - 1), n), "");
        LLVMValueRef which = LLVMBuildAnd(b, all, cg_splat_n(cg, cg_i32(cg, w - n), n), "");
        parts[to] = permute_register(cg, cg_part(cg, v, 0, n), inside, n);
        for (unsigned from = 1; from < w / n; from++) {
            LLVMValueRef here = LLVMBuildICmp(b, LLVMIntEQ, which,
                                              cg_splat_n(cg, cg_i32(cg, from * n), n), "");
            LLVMValueRef other = permute_register(cg, cg_part(cg, v, from * n, n), inside, n);
            parts[to] = LLVMBuildSelect(b, here, other, parts[to], "");
        }
    }
    return cg_join(cg, parts, w / n, n);
}

LLVMValueRef cg_permute(struct cg *cg, enum ir_type type, LLVMValueRef vector, LLVMValueRef index)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef words = cg->vector_t[IR_I32], longs = cg->vector_t[IR_I64];
    unsigned bits = ir_type_bits(type);
    LLVMTypeRef integer = LLVMVectorType(LLVMIntTypeInContext(cg->ctx, bits), cg->width);
    LLVMValueRef v = LLVMBuildBitCast(b, vector, integer, "");
    if (bits == 64) {
        LLVMValueRef up = cg_splat(cg, cg_i64(cg, 32));
        LLVMValueRef low = permute_words(cg, LLVMBuildTrunc(b, v, words, ""), index);
        LLVMValueRef high =
            permute_words(cg, LLVMBuildTrunc(b, LLVMBuildLShr(b, v, up, ""), words, ""), index);
        high = LLVMBuildShl(b, LLVMBuildZExt(b, high, longs, ""), up, "");
        v = LLVMBuildOr(b, high, LLVMBuildZExt(b, low, longs, ""), "");
    } else if (bits == 32) {
        v = permute_words(cg, v, index);
    } else {
        v = permute_words(cg, LLVMBuildZExt(b, v, words, ""), index);
        v = LLVMBuildTrunc(b, v, integer, "");
    }
    return LLVMBuildBitCast(b, v, cg->vector_t[type], "");
}
