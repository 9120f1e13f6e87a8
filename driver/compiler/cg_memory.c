/* SPDX-License-Identifier: MIT
 *
 * DOC: Memory
 *
 * How a load or store is made depends on the shape of its address:
 *
 *   uniform            one scalar access; stores only if a lane is active, which is given
 *   base + pattern     one bounds check for the whole vector, then vector accesses and shuffles
 *                      (cg_pattern.c); what fails the check goes lane by lane (cg_slow.c)
 *   per lane           a check and a scalar access for each lane (cg_gather.c), unless the lanes
 *                      turn out to be neighbours while the kernel runs
 *
 * Accesses to buffers are always checked: robust access promises it, and without that promise a wild
 * index must still not bring the process down. Offsets into buffers are 32-bit numbers modulo
 * 2^32, the check is made in 64 bits. Workgroup memory and push constants have a size known at compile
 * time: ranges often prove an access in bounds, otherwise its offset is clamped. Physical addresses
 * cannot be checked.
 */
#include "arena.h"
#include "cg_memory.h"
#include "weft/kernel.h"

/* cg->zeros has as many bytes. */
#define SAFE_SPAN_B 128

/* One access, taken apart. */
struct access {
    struct ir_inst *inst;
    const struct ir_mem *mem;
    enum ir_type type;       /* of an element in memory: BOOL is I32 */
    unsigned size_B;         /* of an element */
    uint64_t span_B;         /* of one lane's components */
    struct ir_inst *address; /* the offset or address argument */
    struct ir_inst *handle;  /* BUFFER only */
    bool store;
};

static struct access
take_apart(struct ir_inst *inst)
{
    struct access a = {.inst = inst, .mem = &inst->mem};
    unsigned address_args = ir_address_args(inst);
    a.store = inst->op == IR_STORE;
    a.address = inst->args[address_args - 1];
    a.handle = inst->mem.space == IR_SPACE_BUFFER ? inst->args[0] : NULL;
    a.type = (enum ir_type)(a.store ? inst->args[address_args]->type : inst->type);
    a.size_B = ir_type_B(a.type);
    a.span_B = (uint64_t)(inst->mem.comps - 1) * inst->mem.stride_B + a.size_B;
    return a;
}

static bool
is_uniform(struct cg *cg, const struct ir_inst *inst)
{
    return cg->width == 1 || inst->op == IR_CONST || inst->op == IR_UNDEF ||
           inst->shape.kind == IR_SHAPE_UNIFORM;
}

static LLVMValueRef
gep(struct cg *cg, LLVMValueRef base, LLVMValueRef offset)
{
    return LLVMBuildGEP2(cg->b, cg->i8, base, &offset, 1, "");
}

/* Bytes of the spaces whose size is known at compile time. */
static uint64_t
fixed_size(struct cg *cg, const struct ir_mem *mem)
{
    return mem->space == IR_SPACE_SHARED ? cg->m->shared_B : WEFT_MAX_PUSH_B;
}

static LLVMValueRef
fixed_base(struct cg *cg, const struct ir_mem *mem)
{
    return mem->space == IR_SPACE_SHARED ? cg->shared : cg->push;
}

/* Do the ranges prove that every active lane's access lies within the fixed space? */
static bool
proved_inside(struct cg *cg, const struct access *a)
{
    const struct ir_shape *s = &a->address->shape;
    uint64_t hi = a->address->op == IR_CONST ? a->address->imm : s->hi;
    return hi <= UINT32_MAX && hi + a->mem->const_B + a->span_B <= fixed_size(cg, a->mem);
}

/* i32 or <W x i32>: the byte offset, constant part included. */
static LLVMValueRef
offset32(struct cg *cg, const struct access *a, LLVMValueRef v)
{
    LLVMValueRef c = cg_i32(cg, a->mem->const_B);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        c = cg_splat(cg, c);
    return a->mem->const_B ? LLVMBuildAdd(cg->b, v, c, "") : v;
}

static LLVMValueRef
address64(struct cg *cg, const struct access *a, LLVMValueRef v)
{
    LLVMValueRef c = cg_i64(cg, a->mem->const_B);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        c = cg_splat(cg, c);
    return a->mem->const_B ? LLVMBuildAdd(cg->b, v, c, "") : v;
}

static LLVMValueRef
umin(struct cg *cg, LLVMValueRef v, uint64_t max)
{
    LLVMValueRef limit = cg_i32(cg, (uint32_t)max);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        limit = cg_splat(cg, limit);
    return LLVMBuildSelect(cg->b, LLVMBuildICmp(cg->b, LLVMIntULT, v, limit, ""), v, limit, "");
}

/* ---- Values on their way to and from memory ---- */

static LLVMValueRef
to_memory(struct cg *cg, const struct access *a, struct ir_inst *value, bool scalar)
{
    LLVMValueRef v = scalar ? cg_scalar(cg, value) : cg_vector(cg, value);
    if (a->type != IR_BOOL)
        return v;
    return LLVMBuildZExt(cg->b, v, scalar ? cg->i32 : cg->vector_t[IR_I32], "");
}

static LLVMValueRef
from_memory(struct cg *cg, const struct access *a, LLVMValueRef v)
{
    if (a->type != IR_BOOL)
        return v;
    return LLVMBuildICmp(cg->b, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)), "");
}

static enum ir_type
memory_type(const struct access *a)
{
    return a->type == IR_BOOL ? IR_I32 : a->type;
}

static void
define_vectors(struct cg *cg, const struct access *a, LLVMValueRef const *comps)
{
    for (unsigned k = 0; k < a->mem->comps; k++)
        cg_set_vector(cg, a->inst, k, from_memory(cg, a, comps[k]));
}

static void
stored_vectors(struct cg *cg, const struct access *a, LLVMValueRef *comps_out)
{
    unsigned first = ir_address_args(a->inst);
    for (unsigned k = 0; k < a->mem->comps; k++)
        comps_out[k] = to_memory(cg, a, a->inst->args[first + k], false);
}

/* ---- Uniform addresses ---- */

/* The host address of a uniform access, turned to cg->zeros or cg->sink where it is out of bounds.
 * *valid_out: i1, or NULL where it always is in bounds. */
static LLVMValueRef
uniform_address(struct cg *cg, const struct access *a, LLVMValueRef *valid_out)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef v = cg_scalar(cg, a->address);
    *valid_out = NULL;
    if (a->mem->space == IR_SPACE_GLOBAL)
        return LLVMBuildIntToPtr(b, address64(cg, a, v), cg->ptr, "");
    LLVMValueRef at = offset32(cg, a, v);
    if (a->mem->space != IR_SPACE_BUFFER) {
        uint64_t size = fixed_size(cg, a->mem);
        if (size < a->span_B)
            return a->store ? cg->sink : cg->zeros;
        if (!proved_inside(cg, a))
            at = umin(cg, at, size - a->span_B);
        return gep(cg, fixed_base(cg, a->mem), LLVMBuildZExt(b, at, cg->i64, ""));
    }
    struct cg_span span = cg_buffer_span(cg, a->handle);
    LLVMValueRef wide = LLVMBuildZExt(b, at, cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, wide, cg_i64(cg, a->span_B), "");
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
    *valid_out = inside;
    return LLVMBuildSelect(b, inside, gep(cg, span.base, wide), a->store ? cg->sink : cg->zeros, "");
}

static unsigned
align_of(const struct access *a)
{
    unsigned align = a->mem->align_B ? a->mem->align_B : 1;
    return align < a->size_B ? align : a->size_B;
}

static void
define_scalar(struct cg *cg, const struct access *a, unsigned k, LLVMValueRef v)
{
    LLVMValueRef value = from_memory(cg, a, v);
    if (cg_is_scalar(cg, a->inst))
        cg_set_scalar(cg, a->inst, k, value);
    else
        cg_set_vector(cg, a->inst, k, cg_splat(cg, value));
}

static LLVMValueRef
load_scalar(struct cg *cg, const struct access *a, LLVMValueRef at)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, cg->scalar_t[memory_type(a)], at, "");
    LLVMSetAlignment(v, align_of(a));
    cg_alias_memory(cg, v, a->mem);
    return v;
}

/* Several components of a buffer: one check for all, and one for each only where that fails. */
static void
uniform_load(struct cg *cg, const struct access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_span span = cg_buffer_span(cg, a->handle);
    LLVMValueRef at = LLVMBuildZExt(b, offset32(cg, a, cg_scalar(cg, a->address)), cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, at, cg_i64(cg, a->span_B), "");
    LLVMValueRef inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, ""), fast[16], slow[16];
    LLVMBasicBlockRef fast_block = cg_block(cg, "inside"), slow_block = cg_block(cg, "outside");
    LLVMBasicBlockRef merge = cg_block(cg, "accessed");
    cg_unlikely(cg, LLVMBuildCondBr(b, inside, fast_block, slow_block), 1);
    LLVMPositionBuilderAtEnd(b, fast_block);
    for (unsigned k = 0; k < a->mem->comps; k++)
        fast[k] = load_scalar(
            cg, a, gep(cg, gep(cg, span.base, at), cg_i64(cg, (uint64_t)k * a->mem->stride_B)));
    LLVMBuildBr(b, merge);
    LLVMPositionBuilderAtEnd(b, slow_block);
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef from = LLVMBuildAdd(b, at, cg_i64(cg, (uint64_t)k * a->mem->stride_B), "");
        end = LLVMBuildAdd(b, from, cg_i64(cg, a->size_B), "");
        inside = LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
        slow[k] = load_scalar(
            cg, a, LLVMBuildSelect(b, inside, gep(cg, span.base, from), cg->zeros, ""));
    }
    LLVMBuildBr(b, merge);
    LLVMPositionBuilderAtEnd(b, merge);
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(fast[k]), "");
        LLVMAddIncoming(phi, &fast[k], &fast_block, 1);
        LLVMAddIncoming(phi, &slow[k], &slow_block, 1);
        fast[k] = phi;
    }
    for (unsigned k = 0; k < a->mem->comps; k++)
        define_scalar(cg, a, k, fast[k]);
}

static void
uniform_access(struct cg *cg, const struct access *a)
{
    if (!a->store && a->mem->comps > 1 && a->mem->space == IR_SPACE_BUFFER) {
        uniform_load(cg, a);
        return;
    }
    LLVMValueRef valid, at = uniform_address(cg, a, &valid);
    unsigned first = ir_address_args(a->inst);
    /* zeros and sink are as big as the widest packed access; a wide stride is checked for each. */
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef to = k ? gep(cg, at, cg_i64(cg, (uint64_t)k * a->mem->stride_B)) : at;
        if (k && valid && a->span_B > 128)
            to = LLVMBuildSelect(cg->b, valid, to, a->store ? cg->sink : cg->zeros, "");
        if (!a->store) {
            define_scalar(cg, a, k, load_scalar(cg, a, to));
            continue;
        }
        /* Lanes that store different values to one address race; any one's value will do. */
        struct ir_inst *value = a->inst->args[first + k];
        LLVMValueRef s;
        if (cg->width > 1 && !is_uniform(cg, value))
            s = LLVMBuildExtractElement(cg->b, to_memory(cg, a, value, false), cg_first_lane(cg), "");
        else
            s = to_memory(cg, a, value, true);
        LLVMValueRef v = LLVMBuildStore(cg->b, s, to);
        LLVMSetAlignment(v, align_of(a));
        cg_alias_memory(cg, v, a->mem);
    }
}

/* ---- Patterns ---- */

/* <W x i64>: each lane's offset from the lowest lane's address. */
static LLVMValueRef
lane_offsets(struct cg *cg, const struct cg_pattern *p)
{
    return cg_const_vector(cg, cg->i64, p->lane_B, cg->width);
}

/* Stores a vector to consecutive elements under a mask. */
static void
masked_store(struct cg *cg, const struct access *a, LLVMValueRef at, LLVMValueRef value)
{
    LLVMTypeRef type = LLVMTypeOf(value);
    if (a->mem->space == IR_SPACE_SHARED) {
        /* The workgroup runs on this worker alone: writing back what was there disturbs nobody. */
        LLVMValueRef old = LLVMBuildLoad2(cg->b, type, at, "");
        LLVMSetAlignment(old, align_of(a));
        cg_alias_memory(cg, old, a->mem);
        value = LLVMBuildSelect(cg->b, cg->mask.lanes, value, old, "");
        LLVMValueRef store = LLVMBuildStore(cg->b, value, at);
        LLVMSetAlignment(store, align_of(a));
        cg_alias_memory(cg, store, a->mem);
        return;
    }
    LLVMTypeRef overloads[] = {type, cg->ptr};
    LLVMValueRef args[] = {value, at, cg_i32(cg, align_of(a)), cg->mask.lanes};
    LLVMValueRef store = cg_intrinsic(cg, "llvm.masked.store", overloads, 2, args, 4);
    cg_alias_memory(cg, store, a->mem);
}

static bool
is_consecutive(struct cg *cg, const struct access *a, const struct cg_pattern *p)
{
    for (unsigned i = 0; i < cg->width; i++)
        if (p->lane_B[i] != (int64_t)i * a->size_B)
            return false;
    return a->mem->comps == 1;
}

/* All lanes' addresses are known to be accessible (in bounds, or not looked at under the mask). */
static void
pattern_store_inside(struct cg *cg, const struct access *a, const struct cg_pattern *p,
                     LLVMValueRef at, LLVMValueRef const *comps, LLVMValueRef stream)
{
    if (!cg->mask.lanes) {
        cg_pattern_store(cg, p, at, a->mem, memory_type(a), comps, stream);
        return;
    }
    if (is_consecutive(cg, a, p) && (a->size_B >= 4 || a->mem->space == IR_SPACE_SHARED)) {
        masked_store(cg, a, at, comps[0]);
        return;
    }
    if (a->mem->space == IR_SPACE_SHARED && p->exact) {
        /* As in masked_store; no two lanes share an element. */
        LLVMValueRef kept[16];
        cg_pattern_load(cg, p, at, a->mem, memory_type(a), kept);
        for (unsigned k = 0; k < a->mem->comps; k++)
            kept[k] = LLVMBuildSelect(cg->b, cg->mask.lanes, comps[k], kept[k], "");
        cg_pattern_store(cg, p, at, a->mem, memory_type(a), kept, NULL);
        return;
    }
    LLVMValueRef base = cg_splat(cg, LLVMBuildPtrToInt(cg->b, at, cg->i64, ""));
    LLVMValueRef addresses = LLVMBuildAdd(cg->b, base, lane_offsets(cg, p), "");
    cg_scatter(cg, addresses, cg->mask.lanes, a->mem, memory_type(a), comps);
}

/* The fast path under `inside`, the slow one otherwise. */
static void
checked_pattern(struct cg *cg, const struct access *a, const struct cg_pattern *p,
                struct cg_span span, LLVMValueRef low, LLVMValueRef inside)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef fast[16], slow[16], stored[16];
    unsigned comps = a->mem->comps;
    LLVMValueRef stream = NULL;
    if (a->store) {
        stored_vectors(cg, a, stored);
        stream = a->handle && !cg_fast(cg) ? cg_stream(cg, a->inst, p) : NULL;
    }
    LLVMBasicBlockRef fast_block = cg_block(cg, "inside"), slow_block = cg_block(cg, "outside");
    LLVMBasicBlockRef merge = cg_block(cg, "accessed");
    cg_unlikely(cg, LLVMBuildCondBr(b, inside, fast_block, slow_block), 1);

    LLVMPositionBuilderAtEnd(b, fast_block);
    /* Pointers have no base, and LLVM takes an access based on null for one that cannot happen. */
    LLVMValueRef at = span.size ? gep(cg, span.base, low) : LLVMBuildIntToPtr(b, low, cg->ptr, "");
    if (a->store)
        pattern_store_inside(cg, a, p, at, stored, stream);
    else
        cg_pattern_load(cg, p, at, a->mem, memory_type(a), fast);
    LLVMBasicBlockRef fast_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);

    LLVMPositionBuilderAtEnd(b, slow_block);
    LLVMValueRef offsets = LLVMBuildAdd(b, cg_splat(cg, low), lane_offsets(cg, p), "");
    if (span.size) /* offsets into a buffer are modulo 2^32 */
        offsets = LLVMBuildAnd(b, offsets, cg_splat(cg, cg_i64(cg, UINT32_MAX)), "");
    LLVMValueRef size = span.size ? span.size : cg_i64(cg, UINT64_MAX);
    if (a->store)
        cg_slow_store(cg, span.base, size, offsets, cg->mask.lanes, a->mem, memory_type(a), stored);
    else
        cg_slow_load(cg, span.base, size, offsets, cg->mask.lanes, a->mem, memory_type(a), slow);
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);

    LLVMPositionBuilderAtEnd(b, merge);
    if (a->store)
        return;
    for (unsigned k = 0; k < comps; k++) {
        LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(fast[k]), "");
        LLVMAddIncoming(phi, &fast[k], &fast_end, 1);
        LLVMAddIncoming(phi, &slow[k], &slow_end, 1);
        fast[k] = phi;
    }
    define_vectors(cg, a, fast);
}

static void lane_access(struct cg *cg, const struct access *a);

/* What can be done without a branch; false: nothing. */
static bool
fast_pattern(struct cg *cg, const struct access *a, const struct cg_pattern *p,
             const struct cg_span *span, LLVMValueRef low)
{
    LLVMValueRef comps[16];
    if (cg_fast_neighbours(cg, p, a->mem, a->size_B)) {
        if (a->store) {
            stored_vectors(cg, a, comps);
            cg_fast_store(cg, span, low, p, a->mem, comps[0]);
            return true;
        }
        comps[0] = cg_fast_load(cg, span, low, p, a->mem, memory_type(a));
    } else if (!a->store && cg_fast_gathers(cg, a->size_B)) {
        LLVMValueRef offsets = LLVMBuildAdd(
            cg->b, cg_splat(cg, low), cg_const_vector(cg, cg->i32, p->lane_B, cg->width), "");
        cg_fast_gather(cg, span, offsets, false, a->mem, memory_type(a), comps);
    } else {
        return false;
    }
    define_vectors(cg, a, comps);
    return true;
}

static void
pattern_access(struct cg *cg, const struct access *a)
{
    LLVMBuilderRef b = cg->b;
    struct cg_pattern *p = arena_alloc(cg->m->arena, sizeof *p);
    bool global = a->mem->space == IR_SPACE_GLOBAL;
    cg_pattern_make(cg, &a->address->shape, global ? 64 : 32, a->mem, a->size_B, p);
    LLVMValueRef base = cg_scalar(cg, a->address);
    if (global) {
        LLVMValueRef low = LLVMBuildAdd(b, address64(cg, a, base), cg_i64(cg, (uint64_t)p->low_B),
                                        "");
        struct cg_span nowhere = {LLVMConstNull(cg->ptr), NULL};
        LLVMValueRef inside = cg->mask.lanes ? cg_all(cg, cg->mask.lanes)
                                             : LLVMConstInt(cg->i1, 1, false);
        checked_pattern(cg, a, p, nowhere, low, inside);
        return;
    }
    LLVMValueRef low32 = LLVMBuildAdd(b, offset32(cg, a, base), cg_i32(cg, (uint32_t)p->low_B), "");
    if (a->mem->space == IR_SPACE_BUFFER) {
        struct cg_span span = cg_buffer_span(cg, a->handle);
        if (fast_pattern(cg, a, p, &span, low32))
            return;
        LLVMValueRef low = LLVMBuildZExt(b, low32, cg->i64, "");
        LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
        checked_pattern(cg, a, p, span, low, LLVMBuildICmp(b, LLVMIntULE, end, span.size, ""));
        return;
    }
    /* Active lanes are in bounds unless the shader errs; the pattern's other lanes are not far. So
     * the vector as a whole is kept within the memory and its slack, and no lane of a correct shader
     * notices. */
    uint64_t slack = a->mem->space == IR_SPACE_SHARED ? WEFT_SHARED_SLACK_B : 0;
    uint64_t size = fixed_size(cg, a->mem), room = size + 2 * slack;
    if (p->span_B > slack) {
        /* Lanes far apart: inactive ones may lie anywhere, unless their ranges say otherwise. */
        bool all = !cg->mask.lanes || (proved_inside(cg, a) && !a->address->shape.partial);
        if (!all || size < p->span_B) {
            lane_access(cg, a);
            return;
        }
        slack = 0;
        room = size;
    }
    LLVMValueRef comps[16], at = fixed_base(cg, a->mem);
    if (proved_inside(cg, a)) {
        /* Relative to the base as signed numbers: inactive lanes may lie before it. */
        at = gep(cg, at, LLVMBuildSExt(b, low32, cg->i64, ""));
    } else {
        LLVMValueRef from = LLVMBuildAdd(b, low32, cg_i32(cg, (uint32_t)slack), "");
        from = LLVMBuildZExt(b, umin(cg, from, room - p->span_B), cg->i64, "");
        at = gep(cg, gep(cg, at, cg_i64(cg, -slack)), from);
    }
    if (a->store) {
        stored_vectors(cg, a, comps);
        pattern_store_inside(cg, a, p, at, comps, NULL);
    } else {
        cg_pattern_load(cg, p, at, a->mem, memory_type(a), comps);
        define_vectors(cg, a, comps);
    }
}

bool
cg_memory_blends(struct cg *cg, const struct ir_inst *store)
{
    struct access a = take_apart((struct ir_inst *)store);
    const struct ir_shape *shape = &a.address->shape;
    struct cg_pattern p;
    if (a.mem->space != IR_SPACE_SHARED || shape->kind != IR_SHAPE_OFFSETS || shape->partial ||
        (a.mem->flags & IR_MEM_VOLATILE))
        return false;
    cg_pattern_make(cg, shape, 32, a.mem, a.size_B, &p);
    return (is_consecutive(cg, &a, &p) || p.exact) && p.span_B <= WEFT_SHARED_SLACK_B &&
           fixed_size(cg, a.mem) >= p.span_B;
}

/* ---- An address for each lane ---- */

/* Each lane's place: a 32-bit offset from one base, or (base NULL) an address of its own. */
struct lanes {
    LLVMValueRef base; /* ptr */
    LLVMValueRef at;   /* <W x i32> with a base, <W x i64> without */
    LLVMValueRef valid; /* which lanes may be accessed; NULL: all. Inactive lanes may not */
    LLVMValueRef fits;  /* i1, with a base: offset 0 may be read; NULL: yes, if `tame` */
    bool tame;          /* all lanes' offsets may be read, valid or not */
};

static struct lanes
lane_places(struct cg *cg, const struct access *a)
{
    LLVMBuilderRef b = cg->b;
    struct lanes l = {.valid = cg->mask.lanes};
    LLVMValueRef v = cg_vector(cg, a->address), inside = NULL;
    if (a->mem->space == IR_SPACE_GLOBAL) {
        l.at = address64(cg, a, v);
        return l;
    }
    l.at = offset32(cg, a, v);
    if (a->mem->space != IR_SPACE_BUFFER) {
        uint64_t size = fixed_size(cg, a->mem);
        l.tame = size >= a->span_B;
        if (size < a->span_B)
            inside = LLVMConstNull(cg->vector_t[IR_BOOL]);
        else if (!proved_inside(cg, a) || cg->mask.lanes)
            l.at = umin(cg, l.at, size - a->span_B);
        l.base = fixed_base(cg, a->mem);
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

/* <W x i64>: each lane's host address. */
static LLVMValueRef
lane_addresses(struct cg *cg, const struct lanes *l)
{
    if (!l->base)
        return l->at;
    LLVMValueRef base = LLVMBuildPtrToInt(cg->b, l->base, cg->i64, "");
    return LLVMBuildAdd(cg->b, cg_splat(cg, base),
                        LLVMBuildZExt(cg->b, l->at, cg->vector_t[IR_I64], ""), "");
}

/* All lanes are active: where all are in bounds, they need no more than their offsets. */
static void
scatter_all(struct cg *cg, const struct access *a, const struct lanes *l, LLVMValueRef *comps)
{
    LLVMBuilderRef b = cg->b;
    LLVMBasicBlockRef fast = cg_block(cg, "inside"), slow = cg_block(cg, "outside");
    LLVMBasicBlockRef merge = cg_block(cg, "accessed");
    cg_unlikely(cg, LLVMBuildCondBr(b, cg_all(cg, l->valid), fast, slow), 1);
    LLVMPositionBuilderAtEnd(b, fast);
    cg_scatter_offsets(cg, l->base, l->at, a->mem, memory_type(a), comps);
    LLVMBuildBr(b, merge);
    LLVMPositionBuilderAtEnd(b, slow);
    LLVMValueRef offsets = LLVMBuildZExt(b, l->at, cg->vector_t[IR_I64], "");
    cg_slow_store(cg, l->base, cg_buffer_span(cg, a->handle).size, offsets, NULL, a->mem,
                  memory_type(a), comps);
    LLVMBuildBr(b, merge);
    LLVMPositionBuilderAtEnd(b, merge);
}

/* By a gather instruction or a function; false: neither. */
static bool
fast_lanes(struct cg *cg, const struct access *a, LLVMValueRef *comps)
{
    bool buffer = a->mem->space == IR_SPACE_BUFFER;
    if (!cg_fast(cg) || a->mem->space == IR_SPACE_GLOBAL || (buffer && !cg_is_scalar(cg, a->handle)))
        return false;
    LLVMValueRef offsets = offset32(cg, a, cg_vector(cg, a->address));
    if (a->store) {
        struct cg_span span = {fixed_base(cg, a->mem), cg_i64(cg, fixed_size(cg, a->mem))};
        if (buffer)
            span = cg_buffer_span(cg, a->handle);
        offsets = LLVMBuildZExt(cg->b, offsets, cg->vector_t[IR_I64], "");
        cg_slow_store(cg, span.base, span.size, offsets, cg->mask.lanes, a->mem, memory_type(a),
                      comps);
        return true;
    }
    if (!cg_fast_gathers(cg, a->size_B) || (!buffer && fixed_size(cg, a->mem) < a->span_B))
        return false;
    if (buffer) {
        struct cg_span span = cg_buffer_span(cg, a->handle);
        cg_fast_gather(cg, &span, offsets, true, a->mem, memory_type(a), comps);
        return true;
    }
    if (!proved_inside(cg, a) || cg->mask.lanes)
        offsets = umin(cg, offsets, fixed_size(cg, a->mem) - a->span_B);
    cg_fast_gather_fixed(cg, fixed_base(cg, a->mem), offsets, a->mem, memory_type(a), comps);
    return true;
}

/* Gathers, or scatters `comps`. */
static void
gather_access(struct cg *cg, const struct access *a, LLVMValueRef *comps)
{
    if (fast_lanes(cg, a, comps))
        return;
    struct lanes l = lane_places(cg, a);
    if (!a->store && l.fits && (a->span_B > SAFE_SPAN_B || cg->target->gathers))
        l.valid = cg_logic(cg, LLVMAnd, l.valid, cg_splat(cg, l.fits));
    if (!a->store && l.base && a->mem->comps == 1 && a->size_B == 4 && cg->target->gathers) {
        comps[0] = cg_gather32(cg, l.base, l.at, l.valid, a->mem, memory_type(a));
        return;
    }
    if (!a->store && (l.tame || l.fits) && a->span_B <= SAFE_SPAN_B) {
        LLVMValueRef base = l.base, valid = l.tame ? NULL : l.valid;
        if (l.fits) /* where nothing fits, all lanes read zeros */
            base = LLVMBuildSelect(cg->b, l.fits, base, cg->zeros, "");
        cg_gather_offsets(cg, base, l.at, valid, a->mem, memory_type(a), comps);
        return;
    }
    if (a->store && l.base && l.valid && !cg->mask.lanes && a->mem->space == IR_SPACE_BUFFER) {
        scatter_all(cg, a, &l, comps);
        return;
    }
    LLVMValueRef addresses = lane_addresses(cg, &l);
    if (a->store)
        cg_scatter(cg, addresses, l.valid, a->mem, memory_type(a), comps);
    else
        cg_gather(cg, addresses, l.valid, a->mem, memory_type(a), comps);
}

/* Is the value made of ids and constants rather than of data? Then its lanes may turn out to be
 * neighbours when the kernel runs: i ^ distance in a sort, a coordinate clamped at an edge. */
static bool
is_computed(const struct ir_inst *inst, unsigned depth)
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
static LLVMValueRef
whole_vector_inside(struct cg *cg, const struct access *a, const struct cg_pattern *p,
                    LLVMValueRef first, LLVMValueRef *at_out)
{
    LLVMBuilderRef b = cg->b;
    if (a->mem->space == IR_SPACE_GLOBAL) {
        *at_out = LLVMBuildIntToPtr(b, address64(cg, a, first), cg->ptr, "");
        return cg->mask.lanes ? cg_all(cg, cg->mask.lanes) : LLVMConstInt(cg->i1, 1, false);
    }
    struct cg_span span = {fixed_base(cg, a->mem), cg_i64(cg, fixed_size(cg, a->mem))};
    if (a->mem->space == IR_SPACE_BUFFER)
        span = cg_buffer_span(cg, a->handle);
    LLVMValueRef low = LLVMBuildZExt(b, offset32(cg, a, first), cg->i64, "");
    LLVMValueRef end = LLVMBuildNUWAdd(b, low, cg_i64(cg, p->span_B), "");
    *at_out = gep(cg, span.base, low);
    return LLVMBuildICmp(b, LLVMIntULE, end, span.size, "");
}

/* Tests whether the lanes are neighbours, for a vector access then. */
static void
neighbours_access(struct cg *cg, const struct access *a)
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
        stored_vectors(cg, a, stored);
    LLVMValueRef v = cg_vector(cg, a->address);
    LLVMValueRef first = LLVMBuildExtractElement(b, v, cg_i32(cg, 0), "");
    LLVMValueRef expected = LLVMBuildAdd(
        b, cg_splat(cg, first), cg_const_vector(cg, LLVMTypeOf(first), lanes, cg->width), "");
    LLVMValueRef same = LLVMBuildICmp(b, LLVMIntEQ, v, expected, "");
    if (cg->mask.lanes)
        same = cg_logic(cg, LLVMOr, same, LLVMBuildNot(b, cg->mask.lanes, ""));
    LLVMValueRef at, inside = whole_vector_inside(cg, a, p, first, &at);
    LLVMBasicBlockRef fast_block = cg_block(cg, "neighbours"), slow_block = cg_block(cg, "apart");
    LLVMBasicBlockRef merge = cg_block(cg, "accessed");
    LLVMBuildCondBr(b, LLVMBuildAnd(b, cg_all(cg, same), inside, ""), fast_block, slow_block);

    LLVMPositionBuilderAtEnd(b, fast_block);
    if (a->store)
        pattern_store_inside(cg, a, p, at, stored, NULL);
    else
        cg_pattern_load(cg, p, at, a->mem, memory_type(a), fast);
    LLVMBasicBlockRef fast_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);

    LLVMPositionBuilderAtEnd(b, slow_block);
    gather_access(cg, a, a->store ? stored : slow);
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(b);
    LLVMBuildBr(b, merge);
    LLVMPositionBuilderAtEnd(b, merge);
    if (a->store)
        return;
    for (unsigned k = 0; k < a->mem->comps; k++) {
        LLVMValueRef phi = LLVMBuildPhi(b, LLVMTypeOf(fast[k]), "");
        LLVMAddIncoming(phi, &fast[k], &fast_end, 1);
        LLVMAddIncoming(phi, &slow[k], &slow_end, 1);
        fast[k] = phi;
    }
    define_vectors(cg, a, fast);
}

static void
lane_access(struct cg *cg, const struct access *a)
{
    bool packed = a->mem->comps == 1 || a->mem->stride_B == a->size_B;
    bool one_buffer = !a->handle || cg_is_scalar(cg, a->handle);
    bool fast = cg->m->request->flags & WEFT_REQUEST_FAST;
    if (!fast && packed && one_buffer && a->mem->space != IR_SPACE_PUSH &&
        is_computed(a->address, 8)) {
        neighbours_access(cg, a);
        return;
    }
    LLVMValueRef comps[16];
    if (a->store)
        stored_vectors(cg, a, comps);
    gather_access(cg, a, comps);
    if (!a->store)
        define_vectors(cg, a, comps);
}

/* ---- Entry points ---- */

void
cg_memory(struct cg *cg, struct ir_inst *inst)
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
    struct access a = take_apart(inst);
    bool scalar_handle = !a.handle || cg_is_scalar(cg, a.handle);
    if (scalar_handle && is_uniform(cg, a.address))
        uniform_access(cg, &a);
    else if (scalar_handle && cg_is_scalar(cg, a.address))
        pattern_access(cg, &a);
    else
        lane_access(cg, &a);
}

void
cg_address(struct cg *cg, struct ir_inst *inst, unsigned size_B, struct cg_places *out)
{
    struct access a = take_apart(inst);
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
    struct lanes l = lane_places(cg, &a);
    LLVMValueRef addresses = lane_addresses(cg, &l);
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
