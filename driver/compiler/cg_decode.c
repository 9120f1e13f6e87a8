/* SPDX-License-Identifier: MIT
 *
 * Texels of block-compressed formats: a call of the worker's decoder for each active lane. Blocks outside
 * of the memory read as zeros.
 */
#include <stddef.h>

#include "cg_memory.h"
#include "weft/kernel.h"

static LLVMValueRef
gep(struct cg *cg, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef index)
{
    return LLVMBuildGEP2(cg->b, type, base, &index, 1, "");
}

/* The lanes' values in memory, to be read by a lane's number. */
static LLVMValueRef
spill(struct cg *cg, struct ir_inst *value)
{
    LLVMValueRef v = cg_vector(cg, value);
    LLVMValueRef to = cg_alloca(cg, LLVMTypeOf(v), 0, "lanes");
    LLVMBuildStore(cg->b, v, to);
    return to;
}

static LLVMValueRef
lane_bits(struct cg *cg)
{
    if (cg->width == 1 || !cg->mask.lanes)
        return cg_i64(cg, UINT64_MAX);
    LLVMValueRef bits = cg_bits(cg, cg->mask.lanes);
    return cg->width >= 64 ? bits : LLVMBuildZExt(cg->b, bits, cg->i64, "");
}

void
cg_decode(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    struct cg_span span = cg_buffer_span(cg, inst->args[0]);
    LLVMTypeRef params[] = {cg->ptr, cg->i32, cg->i32, cg->i32, cg->ptr};
    LLVMTypeRef type = LLVMFunctionType(cg->void_t, params, 5, false);
    LLVMValueRef decode = LLVMBuildLoad2(
        b, cg->ptr,
        gep(cg, cg->i8, cg->worker, cg_i64(cg, offsetof(struct weft_worker_args, decode))), "decode");
    LLVMValueRef lanes[4], comps[4], bits = lane_bits(cg), width = cg_i64(cg, cg->width);
    LLVMValueRef texel = cg_alloca(cg, LLVMArrayType2(cg->f32, 4), 16, "texel");
    for (unsigned i = 0; i < 4; i++)
        lanes[i] = spill(cg, inst->args[1 + i]);
    for (unsigned k = 0; k < 4; k++) {
        comps[k] = cg_alloca(cg, cg->vector_t[IR_F32], 0, "texels");
        LLVMBuildStore(b, LLVMConstNull(cg->vector_t[IR_F32]), comps[k]);
    }
    LLVMBasicBlockRef from = LLVMGetInsertBlock(b), loop = cg_block(cg, "texel"),
                      inside = cg_block(cg, "texel_inside"), next = cg_block(cg, "texel_next"),
                      done = cg_block(cg, "texels");
    LLVMBuildBr(b, loop);

    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef lane = LLVMBuildPhi(b, cg->i64, "lane"), zero = cg_i64(cg, 0);
    LLVMAddIncoming(lane, &zero, &from, 1);
    LLVMValueRef args[4];
    for (unsigned i = 0; i < 4; i++)
        args[i] = LLVMBuildLoad2(b, cg->i32, gep(cg, cg->i32, lanes[i], lane), "");
    /* The format's top byte is the size of a block. */
    LLVMValueRef block_B =
        LLVMBuildZExt(b, LLVMBuildLShr(b, args[1], cg_i32(cg, 24), ""), cg->i64, "");
    LLVMValueRef at = LLVMBuildZExt(b, args[0], cg->i64, "");
    LLVMValueRef fits =
        LLVMBuildICmp(b, LLVMIntULE, LLVMBuildAdd(b, at, block_B, ""), span.size, "");
    LLVMValueRef bit = LLVMBuildTrunc(b, LLVMBuildLShr(b, bits, lane, ""), cg->i1, "");
    LLVMBuildCondBr(b, LLVMBuildAnd(b, fits, bit, ""), inside, next);

    LLVMPositionBuilderAtEnd(b, inside);
    LLVMValueRef call[] = {gep(cg, cg->i8, span.base, at), args[1], args[2], args[3], texel};
    LLVMBuildCall2(b, type, decode, call, 5, "");
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef v = LLVMBuildLoad2(b, cg->f32, gep(cg, cg->f32, texel, cg_i64(cg, k)), "");
        LLVMBuildStore(b, v, gep(cg, cg->f32, comps[k], lane));
    }
    LLVMBuildBr(b, next);

    LLVMPositionBuilderAtEnd(b, next);
    LLVMValueRef step = LLVMBuildAdd(b, lane, cg_i64(cg, 1), "");
    LLVMAddIncoming(lane, &step, &next, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, step, width, ""), loop, done);

    LLVMPositionBuilderAtEnd(b, done);
    for (unsigned k = 0; k < 4; k++)
        cg_set_vector(cg, inst, k, LLVMBuildLoad2(b, cg->vector_t[IR_F32], comps[k], ""));
}
