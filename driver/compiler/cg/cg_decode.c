/* SPDX-License-Identifier: MIT
 *
 * Texels of block-compressed formats: one call of the worker's decoder for all active lanes. Blocks outside
 * of the memory read as zeros.
 */
#include <stddef.h>

#include "cg_memory.h"
#include "weft/kernel.h"

static LLVMValueRef gep(struct cg *cg, LLVMTypeRef type, LLVMValueRef base, uint64_t index)
{
    LLVMValueRef at = cg_i64(cg, index);
    return LLVMBuildGEP2(cg->b, type, base, &at, 1, "");
}

/* A bit for each active lane. */
static LLVMValueRef lane_bits(struct cg *cg)
{
    if (cg->width == 1 || !cg->mask.lanes)
        return cg_i64(cg, cg->width >= 64 ? UINT64_MAX : ((uint64_t)1 << cg->width) - 1);
    LLVMValueRef bits = cg_bits(cg, cg->mask.lanes);
    return cg->width >= 64 ? bits : LLVMBuildZExt(cg->b, bits, cg->i64, "");
}

void cg_decode(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    struct cg_span span = cg_buffer_span(cg, inst->args[0]);
    LLVMTypeRef params[] = {cg->ptr, cg->i64, cg->ptr, cg->i32, cg->i64, cg->ptr};
    LLVMTypeRef type = LLVMFunctionType(cg->void_t, params, 6, false);
    LLVMTypeRef words = LLVMArrayType2(cg->i32, 4 * cg->width);
    LLVMTypeRef floats = LLVMArrayType2(cg->f32, 4 * cg->width);
    LLVMValueRef decode = LLVMBuildLoad2(
        b, cg->ptr, gep(cg, cg->i8, cg->worker, offsetof(struct weft_worker_args, decode)), "decode");
    LLVMValueRef args = cg_alloca(cg, words, 64, "texel_args");
    LLVMValueRef texels = cg_alloca(cg, floats, 64, "texels");
    for (unsigned i = 0; i < 4; i++) {
        LLVMValueRef store = LLVMBuildStore(b, cg_vector(cg, inst->args[1 + i]),
                                            gep(cg, cg->i32, args, (uint64_t)i * cg->width));
        LLVMSetAlignment(store, 4);
    }
    LLVMValueRef call[] = {span.base, span.size, args, cg_i32(cg, cg->width), lane_bits(cg), texels};
    LLVMBuildCall2(b, type, decode, call, 6, "");
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef load = LLVMBuildLoad2(b, cg->vector_t[IR_F32],
                                           gep(cg, cg->f32, texels, (uint64_t)k * cg->width), "texel");
        LLVMSetAlignment(load, 4);
        cg_set_vector(cg, inst, k, load);
    }
}
