/* SPDX-License-Identifier: MIT
 *
 * Loads and stores whose addresses have a pattern in each strip of a vector (shape_strip.c), but none as a
 * whole: short vector accesses, as many as there are strips, behind one check.
 */
#include "arena.h"
#include "cg_access.h"

#define MAX_STRIPS 8
#define MAX_ELEMENTS 256 /* of all windows together */

/* A strip's lanes of a vector. */
static LLVMValueRef part(struct cg *cg, const struct cg_pattern *p, unsigned strip, LLVMValueRef v)
{
    int64_t lanes[256];
    for (unsigned i = 0; i < p->strip; i++)
        lanes[i] = strip * p->strip + i;
    LLVMValueRef poison = LLVMGetPoison(LLVMTypeOf(v));
    return LLVMBuildShuffleVector(cg->b, v, poison, cg_const_vector(cg, cg->i32, lanes, p->strip),
                                  "");
}

static bool is_consecutive(const struct cg_access *a, const struct cg_pattern *p)
{
    for (unsigned i = 0; i < p->strip; i++)
        if (p->lane_B[i] != (int64_t)i * a->size_B)
            return false;
    return a->mem->comps == 1;
}

static bool pays(const struct cg *cg, const struct cg_access *a, const struct cg_pattern *p)
{
    bool packed = a->mem->comps > 1 && a->mem->stride_B == a->size_B;
    uint64_t elements = p->span_B / a->size_B * (cg->width / p->strip);
    if (!a->store)
        return packed || (p->window && elements <= MAX_ELEMENTS);
    return p->exact || packed;
}

/* Under a mask; else a masked store is one only where all lanes are active. */
static bool can_mask(const struct cg_access *a, const struct cg_pattern *p)
{
    return is_consecutive(a, p) && a->size_B >= 4;
}

static void masked_store(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                         const LLVMValueRef *at, LLVMValueRef value)
{
    for (unsigned s = 0; s < cg->width / p->strip; s++) {
        LLVMValueRef args[] = {part(cg, p, s, value), at[s], cg_i32(cg, cg_access_align(a)),
                               part(cg, p, s, cg->mask.lanes)};
        LLVMTypeRef overloads[] = {LLVMTypeOf(args[0]), cg->ptr};
        cg_alias_memory(cg, cg_intrinsic(cg, "llvm.masked.store", overloads, 2, args, 4), a->mem);
    }
}

bool cg_strip_access(struct cg *cg, const struct cg_access *a)
{
    LLVMBuilderRef b = cg->b;
    const struct ir_shape *shape = &a->address->shape;
    if (shape->kind != IR_SHAPE_VARYING || shape->strip < IR_STRIP_MIN || cg_fast(cg) ||
        a->mem->space != IR_SPACE_BUFFER || !cg_is_scalar(cg, a->handle) ||
        cg->width / shape->strip > MAX_STRIPS)
        return false;
    struct cg_pattern *p = arena_alloc(cg->m->arena, sizeof *p);
    if (!cg_pattern_make(cg, shape, 32, a->mem, a->size_B, p) || !pays(cg, a, p))
        return false;

    LLVMValueRef fast[16], slow[16], stored[16], at[MAX_STRIPS], inside = NULL;
    if (a->store)
        cg_stored_vectors(cg, a, stored);
    struct cg_span span = cg_buffer_span(cg, a->handle);
    LLVMValueRef offsets = cg_access_offset(cg, a, cg_vector(cg, a->address));
    for (unsigned s = 0; s < cg->width / p->strip; s++) {
        LLVMValueRef low = LLVMBuildExtractElement(b, offsets, cg_i32(cg, s * p->strip), "");
        low = LLVMBuildAdd(b, low, cg_i32(cg, (uint32_t)p->low_B), "");
        low = LLVMBuildZExt(b, low, cg->i64, "");
        LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
        LLVMValueRef within = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
        at[s] = cg_byte_at(cg, span.base, low);
        inside = inside ? LLVMBuildAnd(b, inside, within, "") : within;
    }
    bool masked = a->store && cg->mask.lanes && can_mask(a, p);
    if (a->store && cg->mask.lanes && !masked)
        inside = LLVMBuildAnd(b, inside, cg_all(cg, cg->mask.lanes), "");
    LLVMBasicBlockRef fast_block = cg_block(cg, "inside"), slow_block = cg_block(cg, "outside");
    LLVMBasicBlockRef merge = cg_block(cg, "accessed");
    cg_unlikely(cg, LLVMBuildCondBr(b, inside, fast_block, slow_block), 1);

    LLVMPositionBuilderAtEnd(b, fast_block);
    if (!a->store)
        cg_pattern_load(cg, p, at, a->mem, cg_memory_type(a), fast);
    else if (masked)
        masked_store(cg, a, p, at, stored[0]);
    else
        cg_pattern_store(cg, p, at, a->mem, cg_memory_type(a), stored, NULL);
    LLVMBasicBlockRef fast_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);

    LLVMPositionBuilderAtEnd(b, slow_block);
    cg_lane_gather(cg, a, a->store ? stored : slow);
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);

    LLVMPositionBuilderAtEnd(b, merge);
    if (!a->store) {
        cg_access_join(cg, a, fast, fast_end, slow, slow_end);
        cg_define_vectors(cg, a, fast);
    }
    return true;
}
