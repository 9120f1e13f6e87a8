/* SPDX-License-Identifier: MIT
 *
 * Loads and stores with an address for each lane: gathers and scatters, and vector accesses where the lanes
 * turn out to be neighbours while the kernel runs.
 */
#include "arena.h"
#include "cg_access.h"

struct cg_lanes cg_lane_places(struct cg *cg, const struct cg_access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_lanes l = {.valid = cg->mask.lanes};
    LLVMValueRef v = cg_vector(cg, a->address), inside = NULL;
    if (a->mem->space == IR_SPACE_GLOBAL) {
        l.at = cg_access_address(cg, a, v);
        return l;
    }
    l.at = cg_access_offset(cg, a, v);
    if (a->mem->space != IR_SPACE_BUFFER) {
        uint64_t size = cg_fixed_size(cg, a->mem);
        l.tame = size >= a->span_B;
        if (size < a->span_B)
            inside = LLVMConstNull(cg->vector_t[IR_BOOL]);
        else if (!cg_access_proved(cg, a) || cg->mask.lanes)
            l.at = cg_offset_limit(cg, l.at, size - a->span_B);
        l.base = cg_fixed_base(cg, a->mem);
    } else if (cg_is_scalar(cg, a->handle)) {
        /* off <= size - span in 32 bits; where nothing fits at all, offset 0 of what is put in the base's place. */
        struct cg_span span = cg_buffer_span(cg, a->handle);
        LLVMValueRef need = cg_i64(cg, a->span_B);
        LLVMValueRef fits = LLVMBuildICmp(b, LLVMIntUGE, span.size, need, "");
        LLVMValueRef limit = LLVMBuildTrunc(b, LLVMBuildSub(b, span.size, need, ""), cg->i32, "");
        limit = LLVMBuildSelect(b, fits, limit, cg_i32(cg, 0), "");
        inside = LLVMBuildICmp(b, LLVMIntULE, l.at, cg_splat(cg, limit), "");
        if (a->store || a->inst->op != IR_LOAD)
            inside = cg_logic(cg, LLVMAnd, inside, cg_splat(cg, fits));
        l.base = span.base;
        l.fits = fits;
    } else {
        LLVMValueRef base, size;
        cg_buffer_spans(cg, a->handle, &base, &size);
        l.at = LLVMBuildZExt(b, l.at, cg->vector_t[IR_I64], "");
        LLVMValueRef end = LLVMBuildAdd(b, l.at, cg_splat(cg, cg_i64(cg, a->span_B)), "");
        inside = LLVMBuildICmp(b, LLVMIntULE, end, size, "");
        l.at = LLVMBuildAdd(b, l.at, base, "");
    }
    if (inside)
        l.valid = l.valid ? cg_logic(cg, LLVMAnd, l.valid, inside) : inside;
    return l;
}

LLVMValueRef cg_lane_addresses(struct cg *cg, const struct cg_lanes *l)
{
    if (!l->base)
        return l->at;
    LLVMValueRef base = LLVMBuildPtrToInt(cg->b, l->base, cg->i64, "");
    return LLVMBuildAdd(cg->b, cg_splat(cg, base),
                        LLVMBuildZExt(cg->b, l->at, cg->vector_t[IR_I64], ""), "");
}

/* All lanes are active: where all are in bounds, they need no more than their offsets. */
static void scatter_all(struct cg *cg, const struct cg_access *a, const struct cg_lanes *l,
                        LLVMValueRef *comps)
{
    struct cg_fork fork = cg_fork_begin(cg, cg_all(cg, l->valid), true);
    cg_scatter_offsets(cg, l->base, l->at, a->mem, cg_memory_type(a), comps);
    cg_fork_turn(cg, &fork);
    LLVMValueRef offsets = LLVMBuildZExt(cg->b, l->at, cg->vector_t[IR_I64], "");
    cg_slow_store(cg, l->base, cg_buffer_span(cg, a->handle).size, offsets, NULL, a->mem,
                  cg_memory_type(a), comps);
    cg_fork_end(cg, &fork, a, NULL, NULL);
}

/* By a gather instruction or a function; false: neither. */
static bool fast_lanes(struct cg *cg, const struct cg_access *a, LLVMValueRef *comps)
{
    bool buffer = a->mem->space == IR_SPACE_BUFFER;
    if (!cg_fast(cg) || a->mem->space == IR_SPACE_GLOBAL || (buffer && !cg_is_scalar(cg, a->handle)))
        return false;
    LLVMValueRef offsets = cg_access_offset(cg, a, cg_vector(cg, a->address));
    if (a->store) {
        struct cg_span span = {cg_fixed_base(cg, a->mem), cg_i64(cg, cg_fixed_size(cg, a->mem))};
        if (buffer)
            span = cg_buffer_span(cg, a->handle);
        offsets = LLVMBuildZExt(cg->b, offsets, cg->vector_t[IR_I64], "");
        cg_slow_store(cg, span.base, span.size, offsets, cg->mask.lanes, a->mem, cg_memory_type(a),
                      comps);
        return true;
    }
    if (!cg_fast_gathers(cg, a->size_B) || (!buffer && cg_fixed_size(cg, a->mem) < a->span_B))
        return false;
    if (buffer) {
        struct cg_span span = cg_buffer_span(cg, a->handle);
        cg_fast_gather(cg, &span, offsets, true, a->mem, cg_memory_type(a), comps);
        return true;
    }
    if (!cg_access_proved(cg, a) || cg->mask.lanes)
        offsets = cg_offset_limit(cg, offsets, cg_fixed_size(cg, a->mem) - a->span_B);
    cg_fast_gather_fixed(cg, cg_fixed_base(cg, a->mem), offsets, a->mem, cg_memory_type(a), comps);
    return true;
}

void cg_lane_gather(struct cg *cg, const struct cg_access *a, LLVMValueRef *comps)
{
    if (fast_lanes(cg, a, comps))
        return;
    struct cg_lanes l = cg_lane_places(cg, a);
    if (!a->store && l.fits && (a->span_B > CG_SAFE_SPAN_B || cg->target->gathers))
        l.valid = cg_logic(cg, LLVMAnd, l.valid, cg_splat(cg, l.fits));
    if (!a->store && l.base && a->mem->comps == 1 && a->size_B == 4 && cg->target->gathers) {
        comps[0] = cg_gather32(cg, l.base, l.at, l.valid, a->mem, cg_memory_type(a));
        return;
    }
    if (!a->store && (l.tame || l.fits) && a->span_B <= CG_SAFE_SPAN_B) {
        LLVMValueRef base = l.base, valid = l.tame ? NULL : l.valid;
        if (l.fits) /* where nothing fits, all lanes read zeros */
            base = LLVMBuildSelect(cg->b, l.fits, base, cg->zeros, "");
        cg_gather_offsets(cg, base, l.at, valid, a->mem, cg_memory_type(a), comps);
        return;
    }
    if (a->store && l.base && l.valid && !cg->mask.lanes && a->mem->space == IR_SPACE_BUFFER) {
        scatter_all(cg, a, &l, comps);
        return;
    }
    LLVMValueRef addresses = cg_lane_addresses(cg, &l);
    if (a->store)
        cg_scatter(cg, addresses, l.valid, a->mem, cg_memory_type(a), comps);
    else
        cg_gather(cg, addresses, l.valid, a->mem, cg_memory_type(a), comps);
}

/* Is the value made of ids and constants rather than of data? Then its lanes may turn out to be
 * neighbours when the kernel runs: i ^ distance in a sort, a coordinate clamped at an edge. */
static bool is_computed(const struct ir_inst *inst, unsigned depth)
{
    if (inst->op == IR_CONST || inst->shape.kind != IR_SHAPE_VARYING)
        return true;
    if (depth == 0)
        return false;
    if (inst->op == IR_RESULT && inst->args[0]->op == IR_IF) {
        const struct ir_inst *branch = inst->args[0];
        return is_computed(branch->args[0], depth - 1) &&
               is_computed(branch->regions[0]->yields[inst->imm], depth - 1) &&
               is_computed(branch->regions[1]->yields[inst->imm], depth - 1);
    }
    if (inst->op == IR_LOCAL_ID)
        return true;
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!is_computed(inst->args[i], depth - 1))
            return false;
    return true;
}

/* i1: are all active lanes in bounds, with the vector as a whole, if they are neighbours from the offset
 * (or address) of lane 0 on. *at_out: lane 0's host address. */
static LLVMValueRef whole_vector_inside(struct cg *cg, const struct cg_access *a,
                                        const struct cg_pattern *p, LLVMValueRef first,
                                        LLVMValueRef *at_out)
{
    LLVMBuilderRef b = cg->b;
    if (a->mem->space == IR_SPACE_GLOBAL) {
        *at_out = LLVMBuildIntToPtr(b, cg_access_address(cg, a, first), cg->ptr, "");
        return cg->mask.lanes ? cg_all(cg, cg->mask.lanes) : LLVMConstInt(cg->i1, 1, false);
    }
    struct cg_span span = {cg_fixed_base(cg, a->mem), cg_i64(cg, cg_fixed_size(cg, a->mem))};
    if (a->mem->space == IR_SPACE_BUFFER)
        span = cg_buffer_span(cg, a->handle);
    LLVMValueRef low = LLVMBuildZExt(b, cg_access_offset(cg, a, first), cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
    *at_out = cg_byte_at(cg, span.base, low);
    return LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
}

/* Tests whether the lanes are neighbours, for a vector access then. */
static void neighbours_access(struct cg *cg, const struct cg_access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_pattern *p = arena_alloc(cg->m->arena, sizeof *p);
    int64_t lanes[256];
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = (int64_t)(i * a->span_B);
    struct ir_shape shape = {.kind = IR_SHAPE_OFFSETS, .offsets = lanes};
    cg_pattern_make(cg, &shape, 64, a->mem, a->size_B, p);

    LLVMValueRef fast[16], slow[16], stored[16];
    if (a->store)
        cg_stored_vectors(cg, a, stored);
    LLVMValueRef v = cg_vector(cg, a->address);
    LLVMValueRef first = LLVMBuildExtractElement(b, v, cg_i32(cg, 0), "");
    LLVMValueRef expected = LLVMBuildAdd(
        b, cg_splat(cg, first), cg_const_vector(cg, LLVMTypeOf(first), lanes, cg->width), "");
    LLVMValueRef same = LLVMBuildICmp(b, LLVMIntEQ, v, expected, "");
    if (cg->mask.lanes)
        same = cg_logic(cg, LLVMOr, same, LLVMBuildNot(b, cg->mask.lanes, ""));
    LLVMValueRef at, inside = whole_vector_inside(cg, a, p, first, &at);
    struct cg_fork fork =
        cg_fork_begin(cg, LLVMBuildAnd(b, cg_all(cg, same), inside, ""), false);
    if (a->store)
        cg_store_inside(cg, a, p, &at, stored, NULL);
    else
        cg_pattern_load(cg, p, &at, a->mem, cg_memory_type(a), fast);
    cg_fork_turn(cg, &fork);
    cg_lane_gather(cg, a, a->store ? stored : slow);
    cg_fork_end(cg, &fork, a, fast, slow);
    if (!a->store)
        cg_define_vectors(cg, a, fast);
}

void cg_lane_access(struct cg *cg, const struct cg_access *a)
{
    bool packed = a->mem->comps == 1 || a->mem->stride_B == a->size_B;
    bool one_buffer = !a->handle || cg_is_scalar(cg, a->handle);
    bool fast = cg->m->request->flags & WEFT_REQUEST_FAST;
    if (cg_strip_access(cg, a))
        return;
    if (!fast && packed && one_buffer && a->mem->space != IR_SPACE_PUSH &&
        is_computed(a->address, 8)) {
        neighbours_access(cg, a);
        return;
    }
    LLVMValueRef comps[16];
    if (a->store)
        cg_stored_vectors(cg, a, comps);
    cg_lane_gather(cg, a, comps);
    if (!a->store)
        cg_define_vectors(cg, a, comps);
}
