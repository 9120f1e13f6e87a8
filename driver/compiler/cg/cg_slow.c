/* SPDX-License-Identifier: MIT
 *
 * Lane-by-lane access to memory, out of line: what runs when a whole vector is not known to be in
 * bounds. Kept in functions that preserve all registers, so that the common path pays nothing.
 *
 *     slow_load (base, size, offsets[W], lanes, comps, stride, out[comps][W])
 *     slow_store(base, size, offsets[W], lanes, comps, stride, in[comps][W])
 *
 * for each element size. Lanes are bits; offsets are 64-bit; an element that does not lie in
 * 0..size reads as 0, or is not written.
 */

#include "cg_private.h"

#define PRESERVE_ALL 15 /* LLVM's calling convention preserve_allcc */

static unsigned log2_of(unsigned size_B)
{
    unsigned n = 0;
    while ((1u << n) < size_B)
        n++;
    return n;
}

/* Of the lanes that take part. */
static LLVMTypeRef bits_type(struct cg *cg)
{
    return cg->width > 64 ? cg_word_t(cg) : cg->i64;
}

static LLVMTypeRef slow_type(struct cg *cg)
{
    LLVMTypeRef params[] = {cg->ptr, cg->i64, cg->ptr, bits_type(cg), cg->i32, cg->i64, cg->ptr};
    return LLVMFunctionType(cg->void_t, params, 7, false);
}

static LLVMValueRef gep(LLVMBuilderRef b, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef index)
{
    return LLVMBuildGEP2(b, type, base, &index, 1, "");
}

static LLVMValueRef make_slow(struct cg *cg, bool store, unsigned size_B)
{
    LLVMContextRef ctx = cg->ctx;
    LLVMTypeRef element = LLVMIntTypeInContext(ctx, size_B * 8);
    LLVMValueRef fn = LLVMAddFunction(cg->mod, store ? "slow_store" : "slow_load", slow_type(cg));
    LLVMSetLinkage(fn, LLVMInternalLinkage);
    LLVMSetFunctionCallConv(fn, PRESERVE_ALL);
    cg_outline(cg, fn);
    LLVMAddAttributeAtIndex(
        fn, LLVMAttributeFunctionIndex,
        LLVMCreateEnumAttribute(cg->ctx, LLVMGetEnumAttributeKindForName("cold", 4), 0));

    LLVMValueRef base = LLVMGetParam(fn, 0), size = LLVMGetParam(fn, 1);
    LLVMValueRef offsets = LLVMGetParam(fn, 2), lanes = LLVMGetParam(fn, 3);
    LLVMValueRef comps = LLVMGetParam(fn, 4), stride = LLVMGetParam(fn, 5);
    LLVMValueRef data = LLVMGetParam(fn, 6);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(ctx);
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(ctx, fn, "entry");
    LLVMBasicBlockRef lane_loop = LLVMAppendBasicBlockInContext(ctx, fn, "lane");
    LLVMBasicBlockRef comp_loop = LLVMAppendBasicBlockInContext(ctx, fn, "comp");
    LLVMBasicBlockRef access = LLVMAppendBasicBlockInContext(ctx, fn, "access");
    LLVMBasicBlockRef comp_next = LLVMAppendBasicBlockInContext(ctx, fn, "comp_next");
    LLVMBasicBlockRef lane_next = LLVMAppendBasicBlockInContext(ctx, fn, "lane_next");
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(ctx, fn, "done");
    LLVMValueRef zero32 = cg_i32(cg, 0), zero64 = cg_i64(cg, 0);

    LLVMPositionBuilderAtEnd(b, entry);
    LLVMValueRef fits = LLVMBuildICmp(b, LLVMIntUGE, size, cg_i64(cg, size_B), "");
    LLVMValueRef limit = LLVMBuildSub(b, size, cg_i64(cg, size_B), "");
    LLVMBuildBr(b, lane_loop);

    LLVMPositionBuilderAtEnd(b, lane_loop);
    LLVMValueRef lane = LLVMBuildPhi(b, cg->i64, "lane");
    LLVMAddIncoming(lane, &zero64, &entry, 1);
    LLVMValueRef active = LLVMBuildTrunc(
        b, LLVMBuildLShr(b, lanes, LLVMBuildZExtOrBitCast(b, lane, bits_type(cg), ""), ""), cg->i1, "");
    LLVMValueRef start = LLVMBuildLoad2(b, cg->i64, gep(b, cg->i64, offsets, lane), "");
    LLVMBuildBr(b, comp_loop);

    LLVMPositionBuilderAtEnd(b, comp_loop);
    LLVMValueRef comp = LLVMBuildPhi(b, cg->i32, "comp");
    LLVMValueRef at = LLVMBuildPhi(b, cg->i64, "at");
    LLVMAddIncoming(comp, &zero32, &lane_loop, 1);
    LLVMAddIncoming(at, &start, &lane_loop, 1);
    LLVMValueRef index = LLVMBuildMul(b, LLVMBuildZExt(b, comp, cg->i64, ""),
                                      cg_i64(cg, cg->width), "");
    LLVMValueRef slot = gep(b, element, data, LLVMBuildAdd(b, index, lane, ""));
    if (!store)
        LLVMBuildStore(b, LLVMConstNull(element), slot);
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, at, limit, "");
    inside = LLVMBuildAnd(b, LLVMBuildAnd(b, inside, fits, ""), active, "");
    LLVMBuildCondBr(b, inside, access, comp_next);

    LLVMPositionBuilderAtEnd(b, access);
    LLVMValueRef memory = gep(b, cg->i8, base, at);
    LLVMValueRef load = LLVMBuildLoad2(b, element, store ? slot : memory, "");
    LLVMValueRef put = LLVMBuildStore(b, load, store ? memory : slot);
    LLVMSetAlignment(store ? put : load, 1);
    LLVMBuildBr(b, comp_next);

    LLVMPositionBuilderAtEnd(b, comp_next);
    LLVMValueRef next_comp = LLVMBuildAdd(b, comp, cg_i32(cg, 1), "");
    LLVMValueRef next_at = LLVMBuildAdd(b, at, stride, "");
    LLVMAddIncoming(comp, &next_comp, &comp_next, 1);
    LLVMAddIncoming(at, &next_at, &comp_next, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next_comp, comps, ""), comp_loop, lane_next);

    LLVMPositionBuilderAtEnd(b, lane_next);
    LLVMValueRef next_lane = LLVMBuildAdd(b, lane, cg_i64(cg, 1), "");
    LLVMAddIncoming(lane, &next_lane, &lane_next, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next_lane, cg_i64(cg, cg->width), ""),
                    lane_loop, done);
    LLVMPositionBuilderAtEnd(b, done);
    LLVMBuildRetVoid(b);
    LLVMDisposeBuilder(b);
    return fn;
}

static LLVMValueRef lane_bits(struct cg *cg, LLVMValueRef lanes)
{
    if (!lanes)
        return LLVMConstAllOnes(bits_type(cg));
    return LLVMBuildZExtOrBitCast(cg->b, cg_bits(cg, lanes), bits_type(cg), "");
}

/* Calls the function for the element size with the offsets stored on the stack; data: alloca. */
static void call_slow(struct cg *cg, bool store, LLVMValueRef base, LLVMValueRef size,
                      LLVMValueRef offsets, LLVMValueRef lanes, const struct ir_mem *mem,
                      unsigned size_B, LLVMValueRef data)
{
    unsigned n = log2_of(size_B);
    if (!cg->p->slow[store][n])
        cg->p->slow[store][n] = make_slow(cg, store, size_B);
    LLVMValueRef stack = cg_alloca(cg, LLVMTypeOf(offsets), 0, "offsets");
    LLVMBuildStore(cg->b, offsets, stack);
    LLVMValueRef args[] = {
        base, size, stack, lane_bits(cg, lanes), cg_i32(cg, mem->comps), cg_i64(cg, mem->stride_B),
        data,
    };
    LLVMValueRef call = LLVMBuildCall2(cg->b, slow_type(cg), cg->p->slow[store][n], args, 7, "");
    LLVMSetInstructionCallConv(call, PRESERVE_ALL);
}

void cg_slow_load(struct cg *cg, LLVMValueRef base, LLVMValueRef size, LLVMValueRef offsets,
                  LLVMValueRef lanes, const struct ir_mem *mem, enum ir_type type,
                  LLVMValueRef *comps_out)
{
    LLVMTypeRef vector = cg->vector_t[type];
    LLVMValueRef data = cg_alloca(cg, LLVMArrayType2(vector, mem->comps), 0, "loaded");
    call_slow(cg, false, base, size, offsets, lanes, mem, ir_type_B(type), data);
    for (unsigned k = 0; k < mem->comps; k++)
        comps_out[k] = LLVMBuildLoad2(cg->b, vector, gep(cg->b, vector, data, cg_i64(cg, k)), "");
}

void cg_slow_store(struct cg *cg, LLVMValueRef base, LLVMValueRef size, LLVMValueRef offsets,
                   LLVMValueRef lanes, const struct ir_mem *mem, enum ir_type type,
                   LLVMValueRef const *comps)
{
    LLVMTypeRef vector = cg->vector_t[type];
    LLVMValueRef data = cg_alloca(cg, LLVMArrayType2(vector, mem->comps), 0, "stored");
    for (unsigned k = 0; k < mem->comps; k++)
        LLVMBuildStore(cg->b, comps[k], gep(cg->b, vector, data, cg_i64(cg, k)));
    call_slow(cg, true, base, size, offsets, lanes, mem, ir_type_B(type), data);
}
