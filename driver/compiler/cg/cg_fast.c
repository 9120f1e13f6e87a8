/* SPDX-License-Identifier: MIT
 *
 * Memory accesses of code that is compiled fast: as few LLVM instructions and blocks as there can be, since
 * these are what compiling takes its time for. An access is a masked one rather than a vector access with another
 * way beside it for what is out of bounds; lanes at addresses of their own are left to the machine's gather
 * instruction, or to a function. All of it gives what the other code gives.
 *
 * Offsets are compared as signed numbers, counted from 2 GiB on: x86 before AVX-512 has no other comparison of
 * vectors, and its gathers take such offsets.
 */
#include "cg_memory.h"

#define MIDDLE (UINT32_C(1) << 31)
/* A pattern may lie across the end of the 32-bit offsets: counting from so far before the base, it does not. */
#define BEFORE_B 1024

bool cg_fast(const struct cg *cg)
{
    return (cg->m->request->flags & WEFT_REQUEST_FAST) && cg->width > 1 && cg->target->gather32;
}

static LLVMValueRef gep(struct cg *cg, LLVMValueRef base, LLVMValueRef offset)
{
    return LLVMBuildGEP2(cg->b, cg->i8, base, &offset, 1, "");
}

static LLVMBuilderRef builder_of(struct cg *cg, const struct cg_span *span)
{
    return span->entry ? cg->entry_b : cg->b;
}

/* Where what is made at the kernel's entry is spread to vectors: a block of its own, since LLVM's fast way to select
 * instructions ends, going up a block, at the first that it does not know. */
static LLVMBuilderRef spread_builder(struct cg *cg)
{
    if (!cg->p->spread_b) {
        cg->p->spread_b = LLVMCreateBuilderInContext(cg->ctx);
        LLVMPositionBuilderAtEnd(cg->p->spread_b, cg_block(cg, "spread"));
    }
    return cg->p->spread_b;
}

/* <W x i32>: offsets, counted from the middle on, below this one are of elements whose byte `last_B` still is
 * within the span. Made at the kernel's entry where the span is. */
static LLVMValueRef limit_of(struct cg *cg, const struct cg_span *span, uint64_t last_B)
{
    LLVMBuilderRef b = builder_of(cg, span), old = cg->b;
    LLVMValueRef last = cg_i64(cg, last_B);
    LLVMValueRef any = LLVMBuildICmp(b, LLVMIntUGT, span->size, last, "");
    LLVMValueRef count = LLVMBuildSub(b, span->size, last, "");
    count = LLVMBuildSelect(b, any, count, cg_i64(cg, 0), "");
    count = LLVMBuildXor(b, LLVMBuildTrunc(b, count, cg->i32, ""), cg_i32(cg, MIDDLE), "");
    cg->b = span->entry ? spread_builder(cg) : b;
    count = cg_splat(cg, count);
    cg->b = old;
    return count;
}

static LLVMValueRef from_middle(struct cg *cg, LLVMValueRef offsets)
{
    LLVMValueRef middle = cg_i32(cg, MIDDLE);
    if (LLVMGetTypeKind(LLVMTypeOf(offsets)) == LLVMVectorTypeKind)
        middle = cg_splat(cg, middle);
    return LLVMBuildXor(cg->b, offsets, middle, "");
}

/* The lanes, which are active too. NULL: all. */
static LLVMValueRef inside(struct cg *cg, LLVMValueRef places, LLVMValueRef limit)
{
    LLVMValueRef lanes = LLVMBuildICmp(cg->b, LLVMIntSLT, places, limit, "");
    return cg->mask.lanes ? cg_logic(cg, LLVMAnd, cg->mask.lanes, lanes) : lanes;
}

/* <W x i32> whose sign bits are the lanes: what the machine's instructions take. A <W x i1> would be packed and
 * unpacked where LLVM selects the access by itself. */
static LLVMValueRef signs(struct cg *cg, LLVMValueRef lanes)
{
    if (LLVMIsAICmpInst(lanes) && LLVMGetICmpPredicate(lanes) == LLVMIntSLT) {
        LLVMValueRef kept = LLVMGetOperand(lanes, 0); /* what cg_use made lanes of */
        if (LLVMTypeOf(kept) == cg->vector_t[IR_I32] && LLVMIsNull(LLVMGetOperand(lanes, 1)))
            return kept;
    }
    return LLVMBuildSExt(cg->b, lanes, cg->vector_t[IR_I32], "");
}

/* <W x i32>, 0 in lanes that are not read. `mask`: their sign bits say which are. */
static LLVMValueRef gather(struct cg *cg, LLVMValueRef base, LLVMValueRef places, LLVMValueRef mask)
{
    unsigned each = cg->target->lanes, count = cg->width / each;
    LLVMValueRef parts[32];
    if (cg->width < each || count > 32) {
        ir_error(cg->m, -22, "internal: a gather of %u lanes", cg->width);
        return LLVMConstNull(cg->vector_t[IR_I32]);
    }
    for (unsigned i = 0; i < count; i++) {
        LLVMValueRef args[] = {
            LLVMConstNull(LLVMVectorType(cg->i32, each)), base,
            cg_part(cg, places, i * each, each),
            cg_part(cg, mask, i * each, each), LLVMConstInt(cg->i8, 1, false)};
        parts[i] = cg_intrinsic(cg, cg->target->gather32, NULL, 0, args, 5);
    }
    return cg_join(cg, parts, count, each);
}

static LLVMValueRef as_type(struct cg *cg, LLVMValueRef v, enum ir_type type)
{
    return LLVMBuildBitCast(cg->b, v, cg->vector_t[type], "");
}

bool cg_fast_gathers(const struct cg *cg, unsigned size_B)
{
    return cg_fast(cg) && size_B == 4 && cg->width >= cg->target->lanes;
}

void cg_fast_gather(struct cg *cg, const struct cg_span *span, LLVMValueRef offsets, bool whole,
                    const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    LLVMBuilderRef b = builder_of(cg, span);
    uint64_t stride_B = mem->stride_B, last_B = (mem->comps - 1) * stride_B + 3;
    LLVMValueRef middle = cg_i64(cg, MIDDLE), places = from_middle(cg, offsets), mask = NULL;
    LLVMValueRef base = LLVMBuildGEP2(b, cg->i8, span->base, &middle, 1, "");
    for (unsigned k = 0; k < mem->comps; k++) {
        if (!whole || k == 0)
            mask = signs(
                cg, inside(cg, places, limit_of(cg, span, whole ? last_B : k * stride_B + 3)));
        LLVMValueRef at = k ? gep(cg, base, cg_i64(cg, k * stride_B)) : base;
        comps_out[k] = as_type(cg, gather(cg, at, places, mask), type);
    }
}

void cg_fast_gather_fixed(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets,
                          const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    LLVMValueRef all = LLVMConstAllOnes(cg->vector_t[IR_I32]);
    for (unsigned k = 0; k < mem->comps; k++) {
        LLVMValueRef at = k ? gep(cg, base, cg_i64(cg, (uint64_t)k * mem->stride_B)) : base;
        comps_out[k] = as_type(cg, gather(cg, at, offsets, all), type);
    }
}

/* ---- Neighbours ---- */

bool cg_fast_neighbours(const struct cg *cg, const struct cg_pattern *p, const struct ir_mem *mem,
                        unsigned size_B)
{
    if (!cg_fast(cg) || size_B != 4 || mem->comps != 1 || p->span_B != 4 * (uint64_t)cg->width ||
        p->span_B > BEFORE_B || (mem->flags & IR_MEM_VOLATILE))
        return false;
    for (unsigned i = 0; i < cg->width; i++)
        if (p->lane_B[i] != 4 * (int64_t)i)
            return false;
    return true;
}

/* The address, and the lanes within the span. */
static LLVMValueRef neighbours(struct cg *cg, const struct cg_span *span, LLVMValueRef low,
                               const struct cg_pattern *p, LLVMValueRef *lanes_out)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef places =
        LLVMBuildAdd(b, cg_splat(cg, from_middle(cg, low)),
                     cg_const_vector(cg, cg->i32, p->lane_B, cg->width), "");
    *lanes_out = inside(cg, places, limit_of(cg, span, 3));
    LLVMValueRef before = cg_i64(cg, (uint64_t)-BEFORE_B);
    LLVMValueRef from =
        LLVMBuildZExt(b, LLVMBuildAdd(b, low, cg_i32(cg, BEFORE_B), ""), cg->i64, "");
    return gep(cg, LLVMBuildGEP2(builder_of(cg, span), cg->i8, span->base, &before, 1, ""), from);
}

LLVMValueRef cg_fast_load(struct cg *cg, const struct cg_span *span, LLVMValueRef low,
                          const struct cg_pattern *p, const struct ir_mem *mem, enum ir_type type)
{
    LLVMValueRef lanes, at = neighbours(cg, span, low, p, &lanes);
    if (cg->width == cg->target->lanes) {
        LLVMValueRef args[] = {at, signs(cg, lanes)};
        return type == IR_F32 ? cg_intrinsic(cg, "llvm.x86.avx.maskload.ps.256", NULL, 0, args, 2)
                              : cg_intrinsic(cg, "llvm.x86.avx2.maskload.d.256", NULL, 0, args, 2);
    }
    LLVMTypeRef overloads[] = {cg->vector_t[type], cg->ptr};
    LLVMValueRef args[] = {at, cg_i32(cg, mem->align_B && mem->align_B < 4 ? mem->align_B : 4),
                           lanes, LLVMConstNull(cg->vector_t[type])};
    return cg_intrinsic(cg, "llvm.masked.load", overloads, 2, args, 4);
}

void cg_fast_store(struct cg *cg, const struct cg_span *span, LLVMValueRef low,
                   const struct cg_pattern *p, const struct ir_mem *mem, LLVMValueRef value)
{
    LLVMValueRef lanes, at = neighbours(cg, span, low, p, &lanes);
    if (cg->width == cg->target->lanes) {
        LLVMValueRef args[] = {at, signs(cg, lanes), value};
        if (LLVMTypeOf(value) == cg->vector_t[IR_F32])
            cg_intrinsic(cg, "llvm.x86.avx.maskstore.ps.256", NULL, 0, args, 3);
        else
            cg_intrinsic(cg, "llvm.x86.avx2.maskstore.d.256", NULL, 0, args, 3);
        return;
    }
    LLVMTypeRef overloads[] = {LLVMTypeOf(value), cg->ptr};
    LLVMValueRef args[] = {value, at,
                           cg_i32(cg, mem->align_B && mem->align_B < 4 ? mem->align_B : 4), lanes};
    cg_intrinsic(cg, "llvm.masked.store", overloads, 2, args, 4);
}
