/* SPDX-License-Identifier: MIT
 *
 * DOC: Memory
 *
 * How a load or store is made depends on the shape of its address:
 *
 *   uniform            one scalar access; stores only if a lane is active, which is given
 *   base + pattern     one bounds check for the whole vector, then vector accesses and shuffles
 *                      (cg_pattern.c); what fails the check goes lane by lane (cg_slow.c)
 *   per lane           a check and a scalar access for each lane, unless the lanes turn out to be
 *                      neighbours while the kernel runs (cg_lanes.c)
 *
 * Accesses to buffers are always checked: robust access promises it, and without that promise a wild
 * index must still not bring the process down. Offsets into buffers are 32-bit numbers modulo
 * 2^32, the check is made in 64 bits; only uniform loads without that promise limit the offset, and so may
 * read the last element instead. Workgroup memory and push constants have a size known at compile
 * time: ranges often prove an access in bounds, otherwise its offset is clamped. Physical addresses
 * cannot be checked.
 */
#include "arena.h"
#include "cg_access.h"
#include "weft/kernel.h"

static bool is_uniform(struct cg *cg, const struct ir_inst *inst)
{
    return cg->width == 1 || inst->op == IR_CONST || inst->op == IR_UNDEF ||
           inst->shape.kind == IR_SHAPE_UNIFORM;
}

/* ---- Uniform addresses ---- */

static unsigned align_of(const struct cg_access *a)
{
    unsigned align = a->mem->align_B ? a->mem->align_B : 1;
    return align < a->size_B ? align : a->size_B;
}

/* That takes less than to compare and to choose between two addresses. Where the buffer has no element,
 * cg->zeros. */
LLVMValueRef cg_limited_address(struct cg *cg, const struct cg_access *a, const struct cg_span *span,
                                LLVMValueRef at)
{
    LLVMBuilderRef b = cg->entry_b;
    LLVMValueRef need = cg_i64(cg, a->span_B), limit = LLVMBuildSub(b, span->size, need, "");
    LLVMValueRef fits = LLVMBuildICmp(b, LLVMIntUGE, span->size, need, "");
    LLVMValueRef base = LLVMBuildSelect(b, fits, span->base, cg->zeros, "");
    limit = LLVMBuildSelect(b, fits, limit, cg_i64(cg, 0), "");
    limit = LLVMBuildAnd(b, limit, cg_i64(cg, ~(uint64_t)(align_of(a) - 1)), "");
    LLVMValueRef args[2] = {at, LLVMBuildTrunc(b, limit, cg->i32, "")};
    at = cg_intrinsic(cg, "llvm.umin", &cg->i32, 1, args, 2);
    return cg_byte_at(cg, base, LLVMBuildZExt(cg->b, at, cg->i64, ""));
}

/* The host address of a uniform access, turned to cg->zeros or cg->sink where it is out of bounds.
 * *valid_out: i1, or NULL where it always is in bounds. */
static LLVMValueRef uniform_address(struct cg *cg, const struct cg_access *a,
                                    LLVMValueRef *valid_out)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef v = cg_scalar(cg, a->address);
    *valid_out = NULL;
    if (a->mem->space == IR_SPACE_GLOBAL)
        return LLVMBuildIntToPtr(b, cg_access_address(cg, a, v), cg->ptr, "");
    LLVMValueRef at = cg_access_offset(cg, a, v);
    if (a->mem->space != IR_SPACE_BUFFER) {
        uint64_t size = cg_fixed_size(cg, a->mem);
        if (size < a->span_B)
            return a->store ? cg->sink : cg->zeros;
        if (!cg_access_proved(cg, a))
            at = cg_offset_limit(cg, at, size - a->span_B);
        return cg_byte_at(cg, cg_fixed_base(cg, a->mem), LLVMBuildZExt(b, at, cg->i64, ""));
    }
    struct cg_span span = cg_buffer_span(cg, a->handle);
    if (span.entry && !a->store && !(a->mem->flags & IR_MEM_ROBUST) && a->span_B <= CG_SAFE_SPAN_B)
        return cg_limited_address(cg, a, &span, at);
    LLVMValueRef wide = LLVMBuildZExt(b, at, cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, wide, cg_i64(cg, a->span_B), "");
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
    *valid_out = inside;
    return LLVMBuildSelect(b, inside, cg_byte_at(cg, span.base, wide), a->store ? cg->sink : cg->zeros, "");
}

static void define_scalar(struct cg *cg, const struct cg_access *a, unsigned k, LLVMValueRef v)
{
    LLVMValueRef value = cg_from_memory(cg, a, v);
    if (cg_is_scalar(cg, a->inst))
        cg_set_scalar(cg, a->inst, k, value);
    else
        cg_set_vector(cg, a->inst, k, cg_splat(cg, value));
}

static LLVMValueRef load_scalar(struct cg *cg, const struct cg_access *a, LLVMValueRef at)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, cg->scalar_t[cg_memory_type(a)], at, "");
    LLVMSetAlignment(v, cg_access_align(a));
    cg_alias_memory(cg, v, a->mem);
    return v;
}

/* Several components of a buffer: one check for all, and one for each only where that fails. */
static void uniform_load(struct cg *cg, const struct cg_access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_span span = cg_buffer_span(cg, a->handle);
    LLVMValueRef at = LLVMBuildZExt(b, cg_access_offset(cg, a, cg_scalar(cg, a->address)), cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, at, cg_i64(cg, a->span_B), "");
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, ""), fast[16], slow[16];
    struct cg_fork fork = cg_fork_begin(cg, inside, true);
    for (unsigned k = 0; k < a->mem->comps; k++)
        fast[k] = load_scalar(
            cg, a, cg_byte_at(cg, cg_byte_at(cg, span.base, at), cg_i64(cg, (uint64_t)k * a->mem->stride_B)));
    cg_fork_turn(cg, &fork);
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef from = LLVMBuildAdd(b, at, cg_i64(cg, (uint64_t)k * a->mem->stride_B), "");
        end = LLVMBuildAdd(b, from, cg_i64(cg, a->size_B), "");
        inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
        slow[k] = load_scalar(
            cg, a, LLVMBuildSelect(b, inside, cg_byte_at(cg, span.base, from), cg->zeros, ""));
    }
    cg_fork_end(cg, &fork, a, fast, slow);
    for (unsigned k = 0; k < a->mem->comps; k++)
        define_scalar(cg, a, k, fast[k]);
}

static void uniform_access(struct cg *cg, const struct cg_access *a)
{
    if (!a->store && a->mem->comps > 1 && a->mem->space == IR_SPACE_BUFFER) {
        uniform_load(cg, a);
        return;
    }
    LLVMValueRef valid, at = uniform_address(cg, a, &valid);
    unsigned first = ir_address_args(a->inst);
    /* zeros and sink are as big as the widest packed access; a wide stride is checked for each. */
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef to = k ? cg_byte_at(cg, at, cg_i64(cg, (uint64_t)k * a->mem->stride_B)) : at;
        if (k && valid && a->span_B > CG_SAFE_SPAN_B)
            to = LLVMBuildSelect(cg->b, valid, to, a->store ? cg->sink : cg->zeros, "");
        if (!a->store) {
            define_scalar(cg, a, k, load_scalar(cg, a, to));
            continue;
        }
        /* Lanes that store different values to one address race; any one's value will do. */
        struct ir_inst *value = a->inst->args[first + k];
        LLVMValueRef s;
        if (cg->width > 1 && !is_uniform(cg, value))
            s = LLVMBuildExtractElement(cg->b, cg_to_memory(cg, a, value, false), cg_first_lane(cg), "");
        else
            s = cg_to_memory(cg, a, value, true);
        LLVMValueRef v = LLVMBuildStore(cg->b, s, to);
        LLVMSetAlignment(v, cg_access_align(a));
        cg_alias_memory(cg, v, a->mem);
    }
}

/* ---- Patterns ---- */

/* <W x i64>: each lane's offset from the lowest lane's address. */
static LLVMValueRef lane_offsets(struct cg *cg, const struct cg_pattern *p)
{
    return cg_const_vector(cg, cg->i64, p->lane_B, cg->width);
}

/* Stores vectors to consecutive elements under a mask, a strip at a time. */
static void masked_store(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                         const LLVMValueRef *at, LLVMValueRef value)
{
    for (unsigned first = 0; first < cg->width; first += p->strip) {
        LLVMValueRef args[] = {cg_part(cg, value, first, p->strip), at[first / p->strip],
                               cg_i32(cg, cg_access_align(a)),
                               cg_part(cg, cg->mask.lanes, first, p->strip)};
        LLVMTypeRef overloads[] = {LLVMTypeOf(args[0]), cg->ptr};
        LLVMValueRef store = cg_intrinsic(cg, "llvm.masked.store", overloads, 2, args, 4);
        cg_alias_memory(cg, store, a->mem);
    }
}

static bool is_consecutive(const struct cg_access *a, const struct cg_pattern *p)
{
    for (unsigned i = 0; i < p->strip; i++)
        if (p->lane_B[i] != (int64_t)i * a->size_B)
            return false;
    return a->mem->comps == 1;
}

bool cg_can_mask(const struct cg_access *a, const struct cg_pattern *p)
{
    return is_consecutive(a, p) && (a->size_B >= 4 || a->mem->space == IR_SPACE_SHARED);
}

void cg_store_inside(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                     const LLVMValueRef *at, LLVMValueRef const *comps, LLVMValueRef stream)
{
    if (!cg->mask.lanes) {
        cg_pattern_store(cg, p, at, a->mem, cg_memory_type(a), comps, stream);
        return;
    }
    if (cg_can_mask(a, p)) {
        masked_store(cg, a, p, at, comps[0]);
        return;
    }
    LLVMValueRef base = cg_splat(cg, LLVMBuildPtrToInt(cg->b, at[0], cg->i64, ""));
    LLVMValueRef addresses = LLVMBuildAdd(cg->b, base, lane_offsets(cg, p), "");
    cg_scatter(cg, addresses, cg->mask.lanes, a->mem, cg_memory_type(a), comps);
}

/* The fast path under `inside`, the slow one otherwise. */
static void checked_pattern(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                            struct cg_span span, LLVMValueRef low, LLVMValueRef inside)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef fast[16], slow[16], stored[16];
    LLVMValueRef stream = NULL;
    if (a->store) {
        cg_stored_vectors(cg, a, stored);
        stream = a->handle && !cg_fast(cg) ? cg_stream(cg, a->inst, p) : NULL;
    }
    struct cg_fork fork = cg_fork_begin(cg, inside, true);
    /* Pointers have no base, and LLVM takes an access based on null for one that cannot happen. */
    LLVMValueRef at = span.size ? cg_byte_at(cg, span.base, low) : LLVMBuildIntToPtr(b, low, cg->ptr, "");
    if (a->store)
        cg_store_inside(cg, a, p, &at, stored, stream);
    else
        cg_pattern_load(cg, p, &at, a->mem, cg_memory_type(a), fast);
    cg_fork_turn(cg, &fork);
    LLVMValueRef offsets = LLVMBuildAdd(b, cg_splat(cg, low), lane_offsets(cg, p), "");
    if (span.size) /* offsets into a buffer are modulo 2^32 */
        offsets = LLVMBuildAnd(b, offsets, cg_splat(cg, cg_i64(cg, UINT32_MAX)), "");
    LLVMValueRef size = span.size ? span.size : cg_i64(cg, UINT64_MAX);
    if (a->store)
        cg_slow_store(cg, span.base, size, offsets, cg->mask.lanes, a->mem, cg_memory_type(a), stored);
    else
        cg_slow_load(cg, span.base, size, offsets, cg->mask.lanes, a->mem, cg_memory_type(a), slow);
    cg_fork_end(cg, &fork, a, fast, slow);
    if (!a->store)
        cg_define_vectors(cg, a, fast);
}

/* What can be done without a branch; false: nothing. */
static bool fast_pattern(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                         const struct cg_span *span, LLVMValueRef low)
{
    LLVMValueRef comps[16];
    if (cg_fast_neighbours(cg, p, a->mem, a->size_B)) {
        if (a->store) {
            cg_stored_vectors(cg, a, comps);
            cg_fast_store(cg, span, low, p, a->mem, comps[0]);
            return true;
        }
        comps[0] = cg_fast_load(cg, span, low, p, a->mem, cg_memory_type(a));
    } else if (!a->store && cg_fast_gathers(cg, a->size_B)) {
        LLVMValueRef offsets = LLVMBuildAdd(
            cg->b, cg_splat(cg, low), cg_const_vector(cg, cg->i32, p->lane_B, cg->width), "");
        cg_fast_gather(cg, span, offsets, false, a->mem, cg_memory_type(a), comps);
    } else {
        return false;
    }
    cg_define_vectors(cg, a, comps);
    return true;
}

static void pattern_access(struct cg *cg, const struct cg_access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_pattern *p = arena_alloc(cg->m->arena, sizeof *p);
    bool global = a->mem->space == IR_SPACE_GLOBAL;
    cg_pattern_make(cg, &a->address->shape, global ? 64 : 32, a->mem, a->size_B, p);
    LLVMValueRef base = cg_scalar(cg, a->address);
    if (global) {
        LLVMValueRef low = LLVMBuildAdd(b, cg_access_address(cg, a, base), cg_i64(cg, (uint64_t)p->low_B),
                                        "");
        struct cg_span nowhere = {LLVMConstNull(cg->ptr), NULL};
        LLVMValueRef inside = cg->mask.lanes ? cg_all(cg, cg->mask.lanes)
                                             : LLVMConstInt(cg->i1, 1, false);
        checked_pattern(cg, a, p, nowhere, low, inside);
        return;
    }
    LLVMValueRef low32 = LLVMBuildAdd(b, cg_access_offset(cg, a, base), cg_i32(cg, (uint32_t)p->low_B), "");
    if (a->mem->space == IR_SPACE_BUFFER) {
        struct cg_span span = cg_buffer_span(cg, a->handle);
        if (fast_pattern(cg, a, p, &span, low32))
            return;
        LLVMValueRef low = LLVMBuildZExt(b, low32, cg->i64, "");
        LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
        LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
        if (!cg_repeat_load(cg, a, p, &span, low, inside))
            checked_pattern(cg, a, p, span, low, inside);
        return;
    }
    /* Active lanes are in bounds unless the shader errs; the pattern's other lanes are not far. So
     * the vector as a whole is kept within the memory and its slack, and no lane of a correct shader
     * notices. */
    uint64_t slack = a->mem->space == IR_SPACE_SHARED ? WEFT_SHARED_SLACK_B : 0;
    uint64_t size = cg_fixed_size(cg, a->mem), room = size + 2 * slack;
    if (p->span_B > slack) {
        /* Lanes far apart: inactive ones may lie anywhere, unless their ranges say otherwise. */
        bool all = !cg->mask.lanes || (cg_access_proved(cg, a) && !a->address->shape.partial);
        if (!all || size < p->span_B) {
            cg_shared_forget(cg);
            cg_lane_access(cg, a);
            return;
        }
        slack = 0;
        room = size;
    }
    LLVMValueRef comps[16], at = cg_fixed_base(cg, a->mem);
    if (cg_access_proved(cg, a)) {
        /* Relative to the base as signed numbers: inactive lanes may lie before it. */
        at = cg_byte_at(cg, at, LLVMBuildSExt(b, low32, cg->i64, ""));
    } else {
        LLVMValueRef from = LLVMBuildAdd(b, low32, cg_i32(cg, (uint32_t)slack), "");
        from = LLVMBuildZExt(b, cg_offset_limit(cg, from, room - p->span_B), cg->i64, "");
        at = cg_byte_at(cg, cg_byte_at(cg, at, cg_i64(cg, -slack)), from);
    }
    if (a->store) {
        cg_stored_vectors(cg, a, comps);
        cg_shared_store(cg, a, p, at, comps);
    } else {
        cg_shared_load(cg, a, p, at, comps);
        cg_define_vectors(cg, a, comps);
    }
}

bool cg_memory_blends(struct cg *cg, const struct ir_inst *store)
{
    struct cg_access a = cg_access_of((struct ir_inst *)store);
    const struct ir_shape *shape = &a.address->shape;
    struct cg_pattern p;
    if (a.mem->space != IR_SPACE_SHARED || shape->kind != IR_SHAPE_OFFSETS || shape->partial ||
        (a.mem->flags & IR_MEM_VOLATILE))
        return false;
    cg_pattern_make(cg, shape, 32, a.mem, a.size_B, &p);
    return (is_consecutive(&a, &p) || p.exact) && p.span_B <= WEFT_SHARED_SLACK_B &&
           cg_fixed_size(cg, a.mem) >= p.span_B;
}

/* ---- Entry points ---- */

void cg_memory(struct cg *cg, struct ir_inst *inst)
{
    if (inst->op == IR_BUFFER) {
        cg_buffer_handle(cg, inst);
        return;
    }
    if (inst->op == IR_BUFFER_SIZE) {
        cg_buffer_size(cg, inst);
        return;
    }
    if (inst->op == IR_DESC || inst->op == IR_DESC_AT) {
        cg_descriptor_word(cg, inst);
        return;
    }
    struct cg_access a = cg_access_of(inst);
    bool pattern = !is_uniform(cg, a.address) && cg_is_scalar(cg, a.address);
    if (a.store && a.mem->space == IR_SPACE_SHARED && !pattern)
        cg_shared_forget(cg);
    bool scalar_handle = !a.handle || cg_is_scalar(cg, a.handle);
    if (scalar_handle && is_uniform(cg, a.address))
        uniform_access(cg, &a);
    else if (scalar_handle && cg_is_scalar(cg, a.address))
        pattern_access(cg, &a);
    else
        cg_lane_access(cg, &a);
}

void cg_address(struct cg *cg, struct ir_inst *inst, unsigned size_B, struct cg_places *out)
{
    struct cg_access a = cg_access_of(inst);
    a.store = true; /* what may not be accessed goes to the sink */
    a.size_B = size_B;
    a.span_B = size_B;
    *out = (struct cg_places){.shared = inst->mem.space == IR_SPACE_SHARED};
    if ((!a.handle || cg_is_scalar(cg, a.handle)) && is_uniform(cg, a.address)) {
        LLVMValueRef valid;
        out->scalar = uniform_address(cg, &a, &valid);
        out->valid = valid ? valid : LLVMConstInt(cg->i1, 1, false);
        return;
    }
    struct cg_lanes l = cg_lane_places(cg, &a);
    LLVMValueRef addresses = cg_lane_addresses(cg, &l);
    out->valid = l.valid;
    out->at = l.base ? l.at : NULL;
    if (l.valid) {
        LLVMValueRef sink = LLVMBuildPtrToInt(cg->b, cg->sink, cg->i64, "");
        addresses = LLVMBuildSelect(cg->b, l.valid, addresses, cg_splat(cg, sink), "");
    } else {
        out->valid = cg_mask_lanes(cg);
        out->base = l.base;
        out->offsets = l.base ? l.at : NULL;
    }
    out->vector = LLVMBuildIntToPtr(cg->b, addresses, LLVMVectorType(cg->ptr, cg->width), "");
}
