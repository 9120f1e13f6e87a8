/* SPDX-License-Identifier: MIT
 *
 * Loads of fewer elements than lanes, as where the rows of a workgroup in one vector all read the same
 * row: the elements are loaded once, and dealt out to the lanes in registers.
 */
#include "cg_access.h"

static bool pays(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p)
{
    uint64_t elements = p->span_B / a->size_B;
    return !a->store && !cg_fast(cg) && a->mem->comps == 1 && p->window && elements > 1 &&
           2 * elements <= cg->width;
}

bool cg_repeat_load(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                    const struct cg_span *span, LLVMValueRef low, LLVMValueRef inside)
{
    unsigned elements = (unsigned)(p->span_B / a->size_B);
    enum ir_type type = cg_memory_type(a);
    int64_t lanes[256], from_B[256];
    LLVMValueRef fast, slow, offsets;
    if (!pays(cg, a, p))
        return false;
    for (unsigned i = 0; i < cg->width; i++) {
        lanes[i] = p->lane_B[i] / (int64_t)a->size_B;
        from_B[i] = (int64_t)(i % elements * a->size_B);
    }
    /* What the two ways hand on is the elements, which take fewer registers than the lanes. */
    struct cg_fork fork = cg_fork_begin(cg, inside, true);
    fast = LLVMBuildLoad2(cg->b, LLVMVectorType(cg->scalar_t[type], elements),
                          cg_byte_at(cg, span->base, low), "");
    LLVMSetAlignment(fast, cg_access_align(a));
    cg_alias_memory(cg, fast, a->mem);
    cg_fork_turn(cg, &fork);
    offsets = cg_const_vector(cg, cg->i64, from_B, cg->width);
    offsets = LLVMBuildAdd(cg->b, cg_splat(cg, low), offsets, "");
    offsets = LLVMBuildAnd(cg->b, offsets, cg_splat(cg, cg_i64(cg, UINT32_MAX)), "");
    cg_slow_load(cg, span->base, span->size, offsets, NULL, a->mem, type, &slow);
    slow = cg_part(cg, slow, 0, elements);
    cg_fork_end(cg, &fork, a, &fast, &slow);
    fast = cg_shuffle(cg, fast, NULL, lanes, cg->width);
    cg_define_vectors(cg, a, &fast);
    return true;
}
