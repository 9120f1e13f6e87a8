/* SPDX-License-Identifier: MIT
 *
 * DOC: Workgroup memory that is held in vectors
 *
 * Loads and stores of workgroup memory by a pattern, whole or under a mask.
 *
 *     part[l] += part[l + 8];  barrier();  part[l] += part[l + 4];        with l below 8, then below 4
 *
 * The last steps of a tree in workgroup memory are a single subgroup's, which loads again what it has
 * just stored, from another place in it. The processor has to wait there until the stores are through:
 * it can't hand on to a load what several stores wrote. So what a store to a place that is known at
 * compile time left there is remembered for the rest of the block, and loads take their lanes from it.
 * LLVM removes the stores that nobody reads.
 */
#include "arena.h"
#include "cg_access.h"

#include "weft/kernel.h"

#define HELD 16

/* A vector's elements, which are in memory too, one behind the other. */
struct held {
    LLVMValueRef value; /* NULL: nothing */
    LLVMBasicBlockRef block;
    int64_t at_B, end_B;
    unsigned size_B; /* of an element */
};

struct cg_held {
    struct held place[HELD];
    unsigned next; /* to be overwritten */
};

void cg_shared_forget(struct cg *cg)
{
    if (cg->p->held)
        *cg->p->held = (struct cg_held){.next = 0};
}

void cg_shared_move(struct cg *cg, LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
    for (unsigned i = 0; cg->p->held && i < HELD; i++)
        if (cg->p->held->place[i].block == from)
            cg->p->held->place[i].block = to;
}

/* Where the first lane's element is; false: not known, or the other lanes' do not follow on it. */
static bool find_place(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                       int64_t *at_B_out)
{
    if (a->mem->space != IR_SPACE_SHARED || a->mem->comps > 1 || a->mem->flags & IR_MEM_VOLATILE ||
        p->strip != cg->width)
        return false;
    LLVMValueRef at = cg_access_offset(cg, a, cg_scalar(cg, a->address));
    if (!LLVMIsAConstantInt(at))
        return false;
    for (unsigned i = 0; i < cg->width; i++)
        if (p->lane_B[i] != (int64_t)i * a->size_B)
            return false;
    /* Elsewhere the place would be moved into the memory. */
    uint64_t slack_B = p->span_B > WEFT_SHARED_SLACK_B ? 0 : WEFT_SHARED_SLACK_B;
    uint64_t first = LLVMConstIntGetZExtValue(at);
    *at_B_out = (int64_t)first;
    return first + p->span_B <= cg->m->shared_B + slack_B;
}

static const struct held *find_holder(struct cg *cg, const struct cg_access *a, int64_t at_B)
{
    for (unsigned i = 0; i < HELD; i++) {
        const struct held *h = &cg->p->held->place[i];
        if (h->value && h->block == LLVMGetInsertBlock(cg->b) && h->size_B == a->size_B &&
            at_B >= h->at_B && at_B < h->end_B && (at_B - h->at_B) % h->size_B == 0)
            return h;
    }
    return NULL;
}

/* The lanes' elements, but for those that are known to be inactive (`lanes` NULL: none); or NULL. */
static LLVMValueRef held_load(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                              LLVMValueRef lanes)
{
    const struct held *from[2] = {NULL, NULL};
    int64_t at_B, source[256];
    if (!cg->p->held || !find_place(cg, a, p, &at_B))
        return NULL;
    for (unsigned i = 0; i < cg->width; i++) {
        source[i] = i;
        if (lanes && cg_lane_is(lanes, i, false))
            continue;
        const struct held *h = find_holder(cg, a, at_B + (int64_t)i * a->size_B);
        unsigned k = from[0] && h != from[0];
        if (!h || (from[k] && from[k] != h))
            return NULL;
        from[k] = h;
        source[i] = k * cg->width + (at_B - h->at_B) / a->size_B + i;
    }
    if (!from[0])
        return NULL;
    LLVMTypeRef type = cg->vector_t[cg_memory_type(a)];
    LLVMValueRef v = LLVMBuildBitCast(cg->b, from[0]->value, type, "");
    LLVMValueRef w = from[1] ? LLVMBuildBitCast(cg->b, from[1]->value, type, "") : NULL;
    return cg_shuffle(cg, v, w, source, cg->width);
}

/* Memory has `value` where the access stored. */
static void hold(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                 LLVMValueRef value)
{
    struct held now = {.value = value, .block = LLVMGetInsertBlock(cg->b), .size_B = a->size_B};
    if (!find_place(cg, a, p, &now.at_B)) {
        cg_shared_forget(cg);
        return;
    }
    if (!cg->p->held)
        cg->p->held = arena_new(cg->m->arena, struct cg_held);
    now.end_B = now.at_B + (int64_t)cg->width * a->size_B;
    for (unsigned i = 0; i < HELD; i++) {
        struct held *h = &cg->p->held->place[i];
        if (h->value && h->at_B < now.end_B && now.at_B < h->end_B)
            h->value = NULL;
    }
    cg->p->held->place[cg->p->held->next++ % HELD] = now;
}

void cg_shared_load(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                    LLVMValueRef at, LLVMValueRef *comps_out)
{
    comps_out[0] = held_load(cg, a, p, cg->mask.lanes);
    if (!comps_out[0])
        cg_pattern_load(cg, p, &at, a->mem, cg_memory_type(a), comps_out);
}

void cg_shared_store(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                     LLVMValueRef at, LLVMValueRef const *comps)
{
    LLVMValueRef blended[16];
    if (cg->mask.lanes && !p->exact) {
        cg_shared_forget(cg);
        cg_store_inside(cg, a, p, &at, comps, NULL);
        return;
    }
    if (cg->mask.lanes) {
        /* The workgroup runs on this worker alone: writing back what was there disturbs nobody. And no
         * two lanes share an element. */
        blended[0] = held_load(cg, a, p, NULL);
        if (!blended[0])
            cg_pattern_load(cg, p, &at, a->mem, cg_memory_type(a), blended);
        for (unsigned k = 0; k < a->mem->comps; k++)
            blended[k] = LLVMBuildSelect(cg->b, cg->mask.lanes, comps[k], blended[k], "");
        comps = blended;
    }
    cg_pattern_store(cg, p, &at, a->mem, cg_memory_type(a), comps, NULL);
    hold(cg, a, p, comps[0]);
}
