/* SPDX-License-Identifier: MIT
 *
 * Samples by the worker's own code, one call for all lanes. Lanes that are not active are served with the
 * others; what they hold does no harm. But that code asks all lanes of its vectors together which way to go, and
 * the ways may differ in a result's last bit: lanes that this kernel's vectors lack hold the first one's values.
 */
#include <stddef.h>

#include "cg_memory.h"
#include "weft/kernel.h"

static LLVMValueRef gep(struct cg *cg, LLVMValueRef base, uint64_t offset_B)
{
    LLVMValueRef at = cg_i64(cg, offset_B);
    return LLVMBuildGEP2(cg->b, cg->i8, base, &at, 1, "");
}

static void put(struct cg *cg, LLVMValueRef call, uint64_t offset_B, LLVMValueRef v)
{
    LLVMSetAlignment(LLVMBuildStore(cg->b, v, gep(cg, call, offset_B)), 4);
}

/* A row of the call: the lanes' values, up to a vector of the worker's code, which may be for a newer instruction
 * set than the kernel's. */
static LLVMValueRef row_of(struct cg *cg, LLVMValueRef v)
{
    bool newer = cg->width < 8 || cg->m->request->flags & WEFT_REQUEST_FAST;
    unsigned lanes = newer ? WEFT_SAMPLE_LANES : cg->target->lanes;
    int64_t from[WEFT_SAMPLE_LANES];
    if (cg->width >= lanes)
        return v;
    if (cg->width == 1) {
        LLVMValueRef first = LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind
                                 ? LLVMBuildExtractElement(cg->b, v, cg_i32(cg, 0), "") : v;
        v = LLVMBuildInsertElement(cg->b, LLVMGetPoison(LLVMVectorType(LLVMTypeOf(first), lanes)), first,
                                   cg_i32(cg, 0), "");
    }
    for (unsigned i = 0; i < lanes; i++)
        from[i] = i < cg->width ? i : 0;
    return cg_shuffle(cg, v, NULL, from, lanes);
}

void cg_sample(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    uint32_t stride = (cg->width + WEFT_SAMPLE_LANES - 1) / WEFT_SAMPLE_LANES * WEFT_SAMPLE_LANES;
    uint64_t words = offsetof(struct weft_sample_call, words), row_B = (uint64_t)stride * 4;
    if (!cg_is_scalar(cg, inst->args[0]) || !cg_is_scalar(cg, inst->args[1]) ||
        inst->arg_count > 3 + WEFT_SAMPLE_WORDS) {
        ir_error(cg->m, -22, "internal: the arguments of a sample");
        return;
    }
    LLVMTypeRef block = LLVMArrayType2(cg->i8, words + WEFT_SAMPLE_WORDS * row_B);
    LLVMValueRef call = cg_alloca(cg, block, 64, "call");
    put(cg, call, offsetof(struct weft_sample_call, image), cg_scalar(cg, inst->args[0]));
    put(cg, call, offsetof(struct weft_sample_call, sampler), cg_scalar(cg, inst->args[1]));
    put(cg, call, offsetof(struct weft_sample_call, what), cg_scalar(cg, inst->args[2]));
    put(cg, call, offsetof(struct weft_sample_call, stride), cg_i32(cg, stride));
    for (uint32_t k = 3; k < inst->arg_count; k++)
        put(cg, call, words + (k - 3) * row_B, row_of(cg, cg_vector(cg, inst->args[k])));
    LLVMTypeRef params[] = {cg->ptr, cg->ptr, cg->i32};
    LLVMTypeRef type = LLVMFunctionType(cg->void_t, params, 3, false);
    LLVMValueRef fn = LLVMBuildLoad2(b, cg->ptr, gep(cg, cg->worker, offsetof(struct weft_worker_args, sample)),
                                     "sample");
    cg_invariant(cg, fn);
    LLVMValueRef args[] = {cg->worker, call, cg_i32(cg, cg->width)};
    LLVMBuildCall2(b, type, fn, args, 3, "");
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef v = LLVMBuildLoad2(b, cg->vector_t[IR_I32], gep(cg, call, words + k * row_B), "texel");
        LLVMSetAlignment(v, 4);
        cg_set(cg, inst, k, v);
    }
}
