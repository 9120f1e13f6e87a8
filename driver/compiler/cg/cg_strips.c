/* SPDX-License-Identifier: MIT
 *
 * Loads and stores whose addresses have a pattern in each strip of a vector (shape_strip.c), but none as a
 * whole: short vector accesses, as many as there are strips, behind one check.
 */
#include "arena.h"
#include "cg_access.h"

#define MAX_STRIPS 8
#define MAX_ELEMENTS 256 /* of all windows together */
#define DEPTH 6 /* of an address's tree */

/* An element for each strip, for all of its lanes. */
static bool is_one_each(const struct cg_access *a, const struct cg_pattern *p)
{
    return !a->store && a->mem->comps == 1 && p->span_B == a->size_B;
}

static bool pays(const struct cg *cg, const struct cg_access *a, const struct cg_pattern *p)
{
    bool packed = a->mem->comps > 1 && a->mem->stride_B == a->size_B;
    uint64_t elements = p->span_B / a->size_B * (cg->width / p->strip);
    if (!a->store)
        return packed || (p->window && elements <= MAX_ELEMENTS);
    return p->exact || packed;
}

/* A lane's value, as far as possible by operations on scalars: what all lanes share, and what does not
 * change in a loop, is then seen to be so. What other pieces compute with they keep to themselves.
 * Recursion is bounded by depth. */
static LLVMValueRef lane_of(struct cg *cg, struct ir_inst *v, unsigned lane, unsigned depth)
{
    static const LLVMOpcode opcodes[] = {[IR_ADD] = LLVMAdd, [IR_SUB] = LLVMSub, [IR_MUL] = LLVMMul};
    if (cg_is_scalar(cg, v)) {
        LLVMValueRef scalar = cg_scalar(cg, v);
        bool apart = v->op != IR_CONST && v->shape.kind == IR_SHAPE_OFFSETS && v->shape.offsets[lane];
        return apart ? LLVMBuildAdd(cg->b, scalar, cg_i32(cg, (uint32_t)v->shape.offsets[lane]), "")
                     : scalar;
    }
    if (depth > 0 && (v->op == IR_ADD || v->op == IR_SUB || v->op == IR_MUL) &&
        cg_is_here(cg, v->args[0]) && cg_is_here(cg, v->args[1]))
        return LLVMBuildBinOp(cg->b, opcodes[v->op], lane_of(cg, v->args[0], lane, depth - 1),
                              lane_of(cg, v->args[1], lane, depth - 1), "");
    return LLVMBuildExtractElement(cg->b, cg_vector(cg, v), cg_i32(cg, lane), "");
}

/* Strips of one element, which lies in the buffer or is its last one: without robust access that will do. */
static bool load_limited(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                         const struct cg_span *span)
{
    LLVMValueRef parts[MAX_STRIPS], v;
    if (!span->entry || a->mem->flags & IR_MEM_ROBUST || !is_one_each(a, p))
        return false;
    for (unsigned s = 0; s < cg->width / p->strip; s++) {
        LLVMValueRef low = cg_access_offset(cg, a, lane_of(cg, a->address, s * p->strip, DEPTH));
        LLVMValueRef e = LLVMBuildLoad2(cg->b, cg->scalar_t[cg_memory_type(a)],
                                        cg_limited_address(cg, a, span, low), "");
        LLVMSetAlignment(e, cg_access_align(a));
        cg_alias_memory(cg, e, a->mem);
        parts[s] = cg_splat_n(cg, e, p->strip);
    }
    v = cg_join(cg, parts, cg->width / p->strip, p->strip);
    cg_define_vectors(cg, a, &v);
    return true;
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
    struct cg_span span = cg_buffer_span(cg, a->handle);
    if (load_limited(cg, a, p, &span))
        return true;
    if (a->store)
        cg_stored_vectors(cg, a, stored);
    for (unsigned s = 0; s < cg->width / p->strip; s++) {
        LLVMValueRef low = cg_access_offset(cg, a, lane_of(cg, a->address, s * p->strip, DEPTH));
        low = LLVMBuildAdd(b, low, cg_i32(cg, (uint32_t)p->low_B), "");
        low = LLVMBuildZExt(b, low, cg->i64, "");
        LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
        LLVMValueRef within = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
        at[s] = cg_byte_at(cg, span.base, low);
        inside = inside ? LLVMBuildAnd(b, inside, within, "") : within;
    }
    /* What has no masked store is stored so where all lanes are active only. */
    bool all = a->store && cg->mask.lanes && !cg_can_mask(a, p);
    if (all)
        inside = LLVMBuildAnd(b, inside, cg_all(cg, cg->mask.lanes), "");

    struct cg_fork fork = cg_fork_begin(cg, inside, true);
    if (!a->store)
        cg_pattern_load(cg, p, at, a->mem, cg_memory_type(a), fast);
    else if (all)
        cg_pattern_store(cg, p, at, a->mem, cg_memory_type(a), stored, NULL);
    else
        cg_store_inside(cg, a, p, at, stored, NULL);
    cg_fork_turn(cg, &fork);
    cg_lane_gather(cg, a, a->store ? stored : slow);
    cg_fork_end(cg, &fork, a, fast, slow);
    if (!a->store)
        cg_define_vectors(cg, a, fast);
    return true;
}
