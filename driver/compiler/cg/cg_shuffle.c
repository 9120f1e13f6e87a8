/* SPDX-License-Identifier: MIT
 *
 * Vectors' lanes in another order, cut out, and laid side by side, as known at compile time.
 */
#include "cg.h"

#define MAX_LANES 1024
#define MAX_PARTS 64

LLVMValueRef cg_shuffle(struct cg *cg, LLVMValueRef a, LLVMValueRef b, const int64_t *lanes,
                        unsigned count)
{
    if (!b)
        b = LLVMGetPoison(LLVMTypeOf(a));
    return LLVMBuildShuffleVector(cg->b, a, b, cg_const_vector(cg, cg->i32, lanes, count), "");
}

LLVMValueRef cg_part(struct cg *cg, LLVMValueRef v, unsigned first, unsigned count)
{
    int64_t lanes[MAX_LANES];
    LLVMTypeRef type = LLVMTypeOf(v);
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind || count == LLVMGetVectorSize(type))
        return v;
    for (unsigned i = 0; i < count; i++)
        lanes[i] = first + i;
    return cg_shuffle(cg, v, NULL, lanes, count);
}

LLVMValueRef cg_join(struct cg *cg, const LLVMValueRef *vectors, unsigned count, unsigned length)
{
    LLVMValueRef parts[MAX_PARTS] = {vectors[0]};
    unsigned lengths[MAX_PARTS];
    for (unsigned k = 0; k < count; k++) {
        parts[k] = vectors[k];
        lengths[k] = length;
    }
    /* Pairwise; of two that differ in length the shorter is widened first. */
    while (count > 1) {
        unsigned n = 0;
        for (unsigned k = 0; k < count; k += 2, n++) {
            if (k + 1 == count) {
                parts[n] = parts[k];
                lengths[n] = lengths[k];
                continue;
            }
            int64_t lanes[MAX_LANES];
            unsigned la = lengths[k], lb = lengths[k + 1];
            LLVMValueRef b = parts[k + 1];
            if (lb < la) {
                for (unsigned i = 0; i < la; i++)
                    lanes[i] = i < lb ? i : 0;
                b = cg_shuffle(cg, b, NULL, lanes, la);
            }
            for (unsigned i = 0; i < la + lb; i++)
                lanes[i] = i;
            parts[n] = cg_shuffle(cg, parts[k], b, lanes, la + lb);
            lengths[n] = la + lb;
        }
        count = n;
    }
    return parts[0];
}
