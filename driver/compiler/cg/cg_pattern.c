/* SPDX-License-Identifier: MIT
 *
 * Accesses whose addresses form a pattern known at compile time: neighbours become vector loads and
 * stores, with shuffles where components or lanes interleave; what is too far apart becomes scalar
 * accesses at constant distances.
 */
#include <string.h>

#include "cg_memory.h"

#define LINE_B 64
#define ROW_B 12

bool cg_pattern_make(struct cg *cg, const struct ir_shape *shape, unsigned bits,
                     const struct ir_mem *mem, unsigned size_B, struct cg_pattern *pattern_out)
{
    struct cg_pattern *p = pattern_out;
    unsigned width = shape->kind == IR_SHAPE_VARYING ? shape->strip : cg->width;
    int64_t low = INT64_MAX, high = INT64_MIN;
    p->strip = width;
    for (unsigned i = 0; i < cg->width; i++) {
        /* Offsets are modulo 2^bits; the nearer way around is meant. */
        int64_t d = shape->kind != IR_SHAPE_UNIFORM ? shape->offsets[i] : 0;
        if (bits == 32)
            d = (int32_t)(uint32_t)d;
        p->lane_B[i] = d;
        if (d != p->lane_B[i % width])
            return false;
        low = d < low ? d : low;
        high = d > high ? d : high;
    }
    p->low_B = low;
    p->span_B = (uint64_t)(high - low) + (uint64_t)(mem->comps - 1) * mem->stride_B + size_B;

    uint64_t elements = p->span_B / size_B;
    bool regular = mem->stride_B % size_B == 0;
    for (unsigned i = 0; i < cg->width; i++) {
        p->lane_B[i] -= low;
        regular &= p->lane_B[i] % size_B == 0;
    }
    uint64_t needed = (uint64_t)width * mem->comps;
    /* Reading up to twice what is needed beats a scalar load for each lane. */
    p->window = regular && elements <= 2 * needed;

    /* Does each element of the span belong to exactly one lane? */
    p->exact = regular && elements == needed && needed <= 1024;
    if (p->exact) {
        bool seen[1024] = {false};
        for (unsigned i = 0; i < width; i++)
            for (unsigned k = 0; k < mem->comps; k++) {
                uint64_t e = ((uint64_t)p->lane_B[i] + (uint64_t)k * mem->stride_B) / size_B;
                p->exact &= e < needed && !seen[e];
                if (e < needed)
                    seen[e] = true;
            }
    }
    return true;
}

static LLVMValueRef offset(struct cg *cg, LLVMValueRef base, uint64_t offset_B)
{
    LLVMValueRef index = cg_i64(cg, offset_B);
    return offset_B ? LLVMBuildInBoundsGEP2(cg->b, cg->i8, base, &index, 1, "") : base;
}

static LLVMValueRef load_at(struct cg *cg, LLVMTypeRef type, LLVMValueRef at, unsigned align_B,
                            const struct ir_mem *mem)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, type, at, "");
    LLVMSetAlignment(v, align_B);
    cg_alias_memory(cg, v, mem);
    return v;
}

static void store_at(struct cg *cg, LLVMValueRef v, LLVMValueRef at, unsigned align_B,
                     const struct ir_mem *mem)
{
    LLVMValueRef store = LLVMBuildStore(cg->b, v, at);
    LLVMSetAlignment(store, align_B);
    cg_alias_memory(cg, store, mem);
}

/* The alignment that scalars have at least. */
static unsigned element_align(const struct ir_mem *mem, unsigned size_B)
{
    unsigned align = mem->align_B ? mem->align_B : 1;
    return align < size_B ? align : size_B;
}

/* Where the next piece of memory is that the processor doesn't foresee, bytes from this one; 0: nowhere.
 *   - A workgroup of several rows reads a short piece of each of as many rows of an image; next is the same
 *     row's piece of the next workgroup.
 *   - A subgroup that counts what it reads in a loop reads every so many bytes; next is its neighbour's. */
static uint64_t ahead_B(struct cg *cg, const struct cg_pattern *p, const struct ir_mem *mem)
{
    const uint32_t *size = cg->m->local_size;
    if (p->span_B > 4 * LINE_B || size[0] < cg->width || p->strip < cg->width)
        return 0;
    if (mem->flags & IR_MEM_IMAGE && size[1] * size[2] > 1)
        return (p->span_B * (size[0] / cg->width) + LINE_B - 1) / LINE_B * LINE_B;
    if (cg->p->loop_atomics && mem->space == IR_SPACE_BUFFER && p->exact && size[0] > cg->width)
        return p->span_B;
    return 0;
}

static void fetch_ahead(struct cg *cg, const struct cg_pattern *p, LLVMValueRef at,
                        const struct ir_mem *mem)
{
    uint64_t distance_B = ahead_B(cg, p, mem);
    if (distance_B == 0)
        return;
    LLVMValueRef args[] = {offset(cg, at, distance_B), cg_i32(cg, 0), cg_i32(cg, 3), cg_i32(cg, 1)};
    cg_intrinsic(cg, "llvm.prefetch", &cg->ptr, 1, args, 4);
}

static void load_window(struct cg *cg, const struct cg_pattern *p, const LLVMValueRef *at,
                        const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    unsigned size_B = ir_type_B(type), width = cg->width, strips = width / p->strip;
    unsigned elements = (unsigned)(p->span_B / size_B);
    unsigned align = element_align(mem, size_B);
    LLVMValueRef windows[64];
    if (elements == 1 && strips == 1) {
        for (unsigned k = 0; k < mem->comps; k++)
            comps_out[k] = cg_splat(cg, load_at(cg, cg->scalar_t[type], at[0], align, mem));
        return;
    }
    fetch_ahead(cg, p, at[0], mem);
    LLVMTypeRef window_t = LLVMVectorType(cg->scalar_t[type], elements);
    for (unsigned i = 0; i < strips; i++)
        windows[i] = load_at(cg, window_t, at[i], align, mem);
    LLVMValueRef v = cg_join(cg, windows, strips, elements);
    for (unsigned k = 0; k < mem->comps; k++) {
        int64_t lanes[256];
        bool same = strips * elements == width;
        for (unsigned i = 0; i < width; i++) {
            lanes[i] = (p->lane_B[i] + (int64_t)k * mem->stride_B) / size_B + i / p->strip * elements;
            same &= lanes[i] == i;
        }
        comps_out[k] = same ? v : cg_shuffle(cg, v, NULL, lanes, width);
    }
}

void cg_pattern_load(struct cg *cg, const struct cg_pattern *p, const LLVMValueRef *at,
                     const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    /* Of short rows in a window, and of triples without gaps, LLVM makes shuffles that are as good. */
    unsigned row_B = mem->comps * ir_type_B(type);
    bool rows = !p->window || row_B > ROW_B || (row_B == ROW_B && !p->exact);
    if (rows && cg_rows_load(cg, p, at, mem, type, comps_out))
        return;
    if (p->window) {
        load_window(cg, p, at, mem, type, comps_out);
        return;
    }
    unsigned align = element_align(mem, ir_type_B(type));
    for (unsigned k = 0; k < mem->comps; k++)
        comps_out[k] = LLVMGetPoison(cg->vector_t[type]);
    for (unsigned i = 0; i < cg->width; i++)
        for (unsigned k = 0; k < mem->comps; k++) {
            uint64_t from = (uint64_t)p->lane_B[i] + (uint64_t)k * mem->stride_B;
            LLVMValueRef e = load_at(cg, cg->scalar_t[type], offset(cg, at[i / p->strip], from), align, mem);
            comps_out[k] = LLVMBuildInsertElement(cg->b, comps_out[k], e, cg_i32(cg, i), "");
        }
}

void cg_pattern_store(struct cg *cg, const struct cg_pattern *p, const LLVMValueRef *at,
                      const struct ir_mem *mem, enum ir_type type, LLVMValueRef const *comps,
                      LLVMValueRef stream)
{
    unsigned size_B = ir_type_B(type), width = cg->width, align = element_align(mem, size_B);
    unsigned count = p->strip * mem->comps;
    if (p->exact && count <= 1024) {
        LLVMValueRef all = cg_join(cg, comps, mem->comps, width);
        for (unsigned first = 0; first < width; first += p->strip) {
            int64_t from[1024];
            bool same = p->strip == width;
            for (unsigned i = first; i < first + p->strip; i++)
                for (unsigned k = 0; k < mem->comps; k++) {
                    uint64_t e = ((uint64_t)p->lane_B[i] + (uint64_t)k * mem->stride_B) / size_B;
                    from[e] = k * width + i;
                    same &= e == k * width + i;
                }
            LLVMValueRef v = same ? all : cg_shuffle(cg, all, NULL, from, count);
            if (stream)
                cg_stream_store(cg, stream, v, at[0], mem, type, align);
            else
                store_at(cg, v, at[first / p->strip], align, mem);
        }
        return;
    }
    if (cg_rows_store(cg, p, at, mem, type, comps))
        return;
    for (unsigned i = 0; i < width; i++)
        for (unsigned k = 0; k < mem->comps; k++) {
            LLVMValueRef e = LLVMBuildExtractElement(cg->b, comps[k], cg_i32(cg, i), "");
            uint64_t to = (uint64_t)p->lane_B[i] + (uint64_t)k * mem->stride_B;
            store_at(cg, e, offset(cg, at[i / p->strip], to), align, mem);
        }
}
