/* SPDX-License-Identifier: MIT
 *
 * DOC: Atomics
 *
 * Which of the lanes' accesses comes first is ours to choose, so:
 *
 *   - one address for all lanes: the lanes are combined first, then one access is made; what each lane
 *     would have seen is the old value combined with the lanes before it (a scan);
 *   - workgroup memory: one worker runs the whole workgroup, so plain loads and stores, one lane after
 *     the other and without conditions: lanes that do not take part work on cg->sink;
 *   - what nobody in the dispatch can see: put off until the kernel's end (cg_merge.c);
 *   - other memory, and float operations that flush each sum: a loop over the lanes that take part, one
 *     locked instruction each.
 *
 * Orderings: x86's locked instructions order everything anyway; acq_rel keeps LLVM from moving code
 * across. FENCE is a compiler barrier for the same reason.
 */
#include <errno.h>

#include "cg_private.h"
#include "cg_reduce.h"

static const struct {
    enum ir_reduce reduce;
    LLVMAtomicRMWBinOp rmw; /* integers */
    bool idempotent;        /* combining with the same value twice changes nothing */
} kinds[] = {
    [IR_ATOMIC_ADD] = {IR_REDUCE_ADD, LLVMAtomicRMWBinOpAdd, false},
    [IR_ATOMIC_AND] = {IR_REDUCE_AND, LLVMAtomicRMWBinOpAnd, true},
    [IR_ATOMIC_OR] = {IR_REDUCE_OR, LLVMAtomicRMWBinOpOr, true},
    [IR_ATOMIC_XOR] = {IR_REDUCE_XOR, LLVMAtomicRMWBinOpXor, false},
    [IR_ATOMIC_SMIN] = {IR_REDUCE_SMIN, LLVMAtomicRMWBinOpMin, true},
    [IR_ATOMIC_SMAX] = {IR_REDUCE_SMAX, LLVMAtomicRMWBinOpMax, true},
    [IR_ATOMIC_UMIN] = {IR_REDUCE_UMIN, LLVMAtomicRMWBinOpUMin, true},
    [IR_ATOMIC_UMAX] = {IR_REDUCE_UMAX, LLVMAtomicRMWBinOpUMax, true},
    [IR_ATOMIC_EXCHANGE] = {IR_REDUCE_ADD, LLVMAtomicRMWBinOpXchg, false},
    [IR_ATOMIC_FADD] = {IR_REDUCE_FADD, LLVMAtomicRMWBinOpFAdd, false},
    [IR_ATOMIC_FMIN] = {IR_REDUCE_FMIN, LLVMAtomicRMWBinOpFAdd, true},
    [IR_ATOMIC_FMAX] = {IR_REDUCE_FMAX, LLVMAtomicRMWBinOpFAdd, true},
};

#define UNROLL 8u /* lanes of a loop over all */
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* One memory access of one lane: what differs between the opcodes. */
struct access {
    struct ir_inst *inst;
    enum ir_type type; /* of the memory */
    bool shared;
    bool needs_result;
};

/* Both forms of the operands: scalars for one lane. */
struct operands {
    LLVMValueRef value;   /* ATOMIC, ATOMIC_STORE; the new value of CMPXCHG */
    LLVMValueRef compare; /* CMPXCHG */
};

static LLVMTypeRef int_type(struct cg *cg, enum ir_type type)
{
    return LLVMIntTypeInContext(cg->ctx, ir_type_B(type) * 8);
}

static LLVMValueRef to_int(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    return LLVMBuildBitCast(cg->b, v, int_type(cg, type), "");
}

static LLVMValueRef from_int(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    return LLVMBuildBitCast(cg->b, v, cg->scalar_t[type], "");
}

static LLVMValueRef load_atomic(struct cg *cg, const struct access *x, LLVMValueRef pointer)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, int_type(cg, x->type), pointer, "");
    LLVMSetAlignment(v, ir_type_B(x->type));
    if (!x->shared)
        LLVMSetOrdering(v, LLVMAtomicOrderingAcquire);
    return from_int(cg, x->type, v);
}

static void store_atomic(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                         LLVMValueRef value)
{
    LLVMValueRef v = LLVMBuildStore(cg->b, to_int(cg, x->type, value), pointer);
    LLVMSetAlignment(v, ir_type_B(x->type));
    if (!x->shared)
        LLVMSetOrdering(v, LLVMAtomicOrderingRelease);
}

/* A denormal's zero, with its sign. */
static LLVMValueRef flushed(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    unsigned bits = ir_type_bits(type), fraction = bits == 16 ? 10 : bits == 32 ? 23 : 52;
    LLVMTypeRef whole = int_type(cg, type);
    LLVMValueRef word = to_int(cg, type, v), sign = LLVMConstInt(whole, 1ull << (bits - 1), false);
    LLVMValueRef size = LLVMBuildAnd(cg->b, word, LLVMConstNot(sign), "");
    LLVMValueRef small = LLVMBuildICmp(cg->b, LLVMIntULT, size,
                                       LLVMConstInt(whole, 1ull << fraction, false), "");
    LLVMValueRef zero = LLVMBuildAnd(cg->b, word, sign, "");
    return from_int(cg, type, LLVMBuildSelect(cg->b, small, zero, word, ""));
}

/* The new value of a read-modify-write of one lane. */
static LLVMValueRef modified(struct cg *cg, const struct access *x, LLVMValueRef old,
                             const struct operands *o)
{
    if (x->inst->op == IR_ATOMIC_CMPXCHG) {
        LLVMValueRef same = LLVMBuildICmp(cg->b, LLVMIntEQ, to_int(cg, x->type, old),
                                          to_int(cg, x->type, o->compare), "");
        return LLVMBuildSelect(cg->b, same, o->value, old, "");
    }
    if (x->inst->mem.atomic == IR_ATOMIC_EXCHANGE)
        return o->value;
    LLVMValueRef v = cg_combine(cg, kinds[x->inst->mem.atomic].reduce, x->type, old, o->value);
    return x->inst->mem.flags & IR_MEM_FLUSH ? flushed(cg, x->type, v) : v;
}

static LLVMValueRef compare_exchange(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                                     LLVMValueRef compare, LLVMValueRef value)
{
    LLVMValueRef pair = LLVMBuildAtomicCmpXchg(
        cg->b, pointer, to_int(cg, x->type, compare), to_int(cg, x->type, value),
        LLVMAtomicOrderingAcquireRelease, LLVMAtomicOrderingAcquire, false);
    LLVMSetAlignment(pair, ir_type_B(x->type));
    return pair;
}

/* Float operations: load, compute, compare and exchange until nobody came between. */
static LLVMValueRef modify_loop(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                                const struct operands *o)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef start = load_atomic(cg, x, pointer);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "modify"), done = cg_block(cg, "modified");
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef old = LLVMBuildPhi(b, cg->scalar_t[x->type], "");
    LLVMValueRef pair = compare_exchange(cg, x, pointer, old, modified(cg, x, old, o));
    LLVMValueRef seen = from_int(cg, x->type, LLVMBuildExtractValue(b, pair, 0, ""));
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildExtractValue(b, pair, 1, ""), done, loop);
    LLVMAddIncoming(old, &start, &before, 1);
    LLVMAddIncoming(old, &seen, &tail, 1);
    LLVMPositionBuilderAtEnd(b, done);
    return old;
}

/* One lane's access; returns what it read, NULL for stores. */
static LLVMValueRef access_one(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                               const struct operands *o)
{
    LLVMBuilderRef b = cg->b;
    switch (x->inst->op) {
    case IR_ATOMIC_LOAD:
        return load_atomic(cg, x, pointer);
    case IR_ATOMIC_STORE:
        store_atomic(cg, x, pointer, o->value);
        return NULL;
    default:
        break;
    }
    if (x->shared) {
        LLVMValueRef old = load_atomic(cg, x, pointer);
        store_atomic(cg, x, pointer, modified(cg, x, old, o));
        return old;
    }
    if (x->inst->op == IR_ATOMIC_CMPXCHG) {
        LLVMValueRef pair = compare_exchange(cg, x, pointer, o->compare, o->value);
        return from_int(cg, x->type, LLVMBuildExtractValue(b, pair, 0, ""));
    }
    unsigned op = x->inst->mem.atomic;
    if (op == IR_ATOMIC_FADD || op == IR_ATOMIC_FMIN || op == IR_ATOMIC_FMAX)
        return modify_loop(cg, x, pointer, o);
    LLVMValueRef old = LLVMBuildAtomicRMW(b, kinds[op].rmw, pointer, to_int(cg, x->type, o->value),
                                          LLVMAtomicOrderingAcquireRelease, false);
    LLVMSetAlignment(old, ir_type_B(x->type));
    return from_int(cg, x->type, old);
}

bool cg_atomic_reduces(const struct ir_inst *inst, enum ir_reduce *reduce_out)
{
    unsigned op = inst->mem.atomic;
    /* The least of floats depends on the order where there are NaNs. */
    if (op >= KIND_COUNT || op == IR_ATOMIC_EXCHANGE || op == IR_ATOMIC_FMIN ||
        op == IR_ATOMIC_FMAX)
        return false;
    *reduce_out = kinds[op].reduce;
    return true;
}

void cg_atomic_put(struct cg *cg, struct ir_inst *inst, LLVMValueRef at, LLVMValueRef value)
{
    const struct access x = {.inst = inst, .type = (enum ir_type)inst->type};
    const struct operands o = {.value = value};
    access_one(cg, &x, at, &o);
}

/* ---- Addresses that differ ---- */

/* <W x T>: the operands of all lanes. */
static struct operands vector_operands(struct cg *cg, const struct ir_inst *inst)
{
    unsigned k = ir_address_args(inst);
    struct operands o = {0};
    if (inst->arg_count > k)
        o.value = cg_vector(cg, inst->args[k]);
    if (inst->arg_count > k + 1)
        o.compare = cg_vector(cg, inst->args[k + 1]);
    return o;
}

static LLVMValueRef element(struct cg *cg, LLVMValueRef vector, LLVMValueRef lane)
{
    return vector ? LLVMBuildExtractElement(cg->b, vector, lane, "") : NULL;
}

/* The lane's pointer. From 32-bit offsets two lanes leave the vector together. */
static LLVMValueRef pointer_of(struct cg *cg, const struct cg_places *places, unsigned lane)
{
    LLVMBuilderRef b = cg->b;
    if (!places->offsets || cg->width < 2)
        return LLVMBuildExtractElement(b, places->vector, cg_i32(cg, lane), "");
    LLVMValueRef pairs =
        LLVMBuildBitCast(b, places->offsets, LLVMVectorType(cg->i64, cg->width / 2), "");
    LLVMValueRef pair = LLVMBuildExtractElement(b, pairs, cg_i32(cg, lane / 2), "");
    LLVMValueRef offset = lane & 1 ? LLVMBuildLShr(b, pair, cg_i64(cg, 32), "")
                                   : LLVMBuildAnd(b, pair, cg_i64(cg, UINT32_MAX), "");
    return LLVMBuildGEP2(b, cg->i8, places->base, &offset, 1, "");
}

/* Lane after lane without a branch. */
static LLVMValueRef access_in_line(struct cg *cg, const struct access *x,
                                   const struct cg_places *places)
{
    struct operands all = vector_operands(cg, x->inst);
    LLVMValueRef result = LLVMConstNull(cg->vector_t[x->type]);
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef lane = cg_i32(cg, i);
        struct operands o = {element(cg, all.value, lane), element(cg, all.compare, lane)};
        LLVMValueRef old = access_one(cg, x, pointer_of(cg, places, i), &o);
        if (old && x->needs_result)
            result = LLVMBuildInsertElement(cg->b, result, old, lane, "");
    }
    return result;
}

/* A vector in memory, for loops over lanes. */
static LLVMValueRef spill(struct cg *cg, LLVMValueRef vector)
{
    if (!vector)
        return NULL;
    LLVMValueRef at = cg_alloca(cg, LLVMTypeOf(vector), 64, "lanes");
    LLVMSetAlignment(LLVMBuildStore(cg->b, vector, at), 64);
    return at;
}

static LLVMValueRef spilled_element(struct cg *cg, LLVMTypeRef type, LLVMValueRef at,
                                    LLVMValueRef lane)
{
    if (!at)
        return NULL;
    LLVMValueRef where = LLVMBuildInBoundsGEP2(cg->b, type, at, &lane, 1, "");
    return LLVMBuildLoad2(cg->b, type, where, "");
}

/* Lane after lane, for nothing but the effect. By way of memory: leaving vectors costs more for each lane. */
static void access_all(struct cg *cg, const struct access *x, const struct cg_places *places)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->scalar_t[x->type];
    struct ir_inst *value = x->inst->args[ir_address_args(x->inst)];
    bool same = value->op == IR_CONST;
    LLVMValueRef places_at = spill(cg, places->offsets ? places->offsets : places->vector);
    LLVMValueRef value_at = same ? NULL : spill(cg, cg_vector(cg, value));
    unsigned step = cg->width < UNROLL ? cg->width : UNROLL;

    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "lane"), done = cg_block(cg, "lanes");
    LLVMValueRef zero = cg_i64(cg, 0);
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef first = LLVMBuildPhi(b, cg->i64, "first");
    for (unsigned i = 0; i < step; i++) {
        LLVMValueRef lane = LLVMBuildAdd(b, first, cg_i64(cg, i), "");
        struct operands o = {.value = same ? cg_scalar(cg, value)
                                           : spilled_element(cg, type, value_at, lane)};
        LLVMValueRef at;
        if (places->offsets) {
            at = spilled_element(cg, cg->i32, places_at, lane);
            at = LLVMBuildZExt(b, at, cg->i64, "");
            at = LLVMBuildGEP2(b, cg->i8, places->base, &at, 1, "");
        } else {
            at = spilled_element(cg, cg->ptr, places_at, lane);
        }
        access_one(cg, x, at, &o);
    }
    LLVMValueRef next = LLVMBuildAdd(b, first, cg_i64(cg, step), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMAddIncoming(first, &zero, &before, 1);
    LLVMAddIncoming(first, &next, &tail, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, cg_i64(cg, cg->width), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
}

/* for (bits = valid; bits; bits &= bits - 1) access lane ctz(bits) */
static LLVMValueRef access_in_loop(struct cg *cg, const struct access *x, LLVMValueRef pointers,
                                   LLVMValueRef valid)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->scalar_t[x->type];
    struct operands all = vector_operands(cg, x->inst);
    LLVMValueRef pointers_at = spill(cg, pointers), value_at = spill(cg, all.value);
    LLVMValueRef compare_at = spill(cg, all.compare), result_at = NULL;
    if (x->needs_result)
        result_at = spill(cg, LLVMConstNull(cg->vector_t[x->type]));

    LLVMTypeRef word = cg->width > 64 ? cg_word_t(cg) : cg->i64;
    LLVMValueRef none = LLVMConstNull(word), one = LLVMConstInt(word, 1, false);
    LLVMValueRef start = LLVMBuildZExtOrBitCast(b, cg_bits(cg, valid), word, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "lane"), done = cg_block(cg, "lanes");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, start, none, ""), loop, done);

    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef bits = LLVMBuildPhi(b, word, "bits");
    LLVMValueRef args[2] = {bits, LLVMConstNull(cg->i1)};
    LLVMValueRef lane = cg_intrinsic(cg, "llvm.cttz", &word, 1, args, 2);
    if (word != cg->i64)
        lane = LLVMBuildTrunc(b, lane, cg->i64, "");
    struct operands o = {spilled_element(cg, type, value_at, lane),
                         spilled_element(cg, type, compare_at, lane)};
    LLVMValueRef old = access_one(cg, x, spilled_element(cg, cg->ptr, pointers_at, lane), &o);
    if (old && result_at)
        LLVMBuildStore(b, old, LLVMBuildInBoundsGEP2(b, type, result_at, &lane, 1, ""));
    LLVMValueRef rest = LLVMBuildAnd(b, bits, LLVMBuildSub(b, bits, one, ""), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, rest, none, ""), loop, done);
    LLVMAddIncoming(bits, &start, &before, 1);
    LLVMAddIncoming(bits, &rest, &tail, 1);

    LLVMPositionBuilderAtEnd(b, done);
    if (!result_at)
        return NULL;
    LLVMValueRef result = LLVMBuildLoad2(b, cg->vector_t[x->type], result_at, "");
    LLVMSetAlignment(result, 64);
    return result;
}

/* ---- One address ---- */

/* The operand as a scalar where all active lanes hold the same. */
static LLVMValueRef same_operand(struct cg *cg, struct ir_inst *arg)
{
    return cg_is_scalar(cg, arg) && arg->shape.kind != IR_SHAPE_OFFSETS ? cg_scalar(cg, arg) : NULL;
}

static LLVMValueRef first_lane_only(struct cg *cg)
{
    int64_t lanes[256];
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = i;
    return LLVMBuildICmp(cg->b, LLVMIntEQ, cg_const_vector(cg, cg->i32, lanes, cg->width),
                         cg_splat(cg, cg_first_lane(cg)), "");
}

/* value added up n times (n i32, a scalar or a vector like value). */
static LLVMValueRef times(struct cg *cg, enum ir_atomic op, enum ir_type type, LLVMValueRef value,
                          LLVMValueRef n)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef to = LLVMTypeOf(value);
    if (op == IR_ATOMIC_FADD)
        return LLVMBuildFMul(b, value, LLVMBuildUIToFP(b, n, to, ""), "");
    n = ir_type_bits(type) < 32 ? LLVMBuildTrunc(b, n, to, "")
                                : LLVMBuildZExtOrBitCast(b, n, to, "");
    if (op == IR_ATOMIC_XOR) /* an even number of times is none */
        n = LLVMBuildAnd(b, n, LLVMGetTypeKind(to) == LLVMVectorTypeKind
                                   ? cg_splat(cg, cg_const(cg, type, 1))
                                   : cg_const(cg, type, 1), "");
    return LLVMBuildMul(b, value, n, "");
}

/* <W x i32>: how many active lanes are before each. */
static LLVMValueRef lanes_before(struct cg *cg)
{
    LLVMBuilderRef b = cg->b;
    int64_t below[256];
    if (!cg->mask.lanes) {
        for (unsigned i = 0; i < cg->width; i++)
            below[i] = i;
        return cg_const_vector(cg, cg->i32, below, cg->width);
    }
    if (cg->width > 64)
        return cg_scan(cg, IR_REDUCE_ADD, IR_I32, cg_splat(cg, cg_i32(cg, 1)), true);
    LLVMTypeRef word = cg_word_t(cg), words = LLVMVectorType(word, cg->width);
    for (unsigned i = 0; i < cg->width; i++)
        below[i] = (int64_t)((1ull << i) - 1);
    LLVMValueRef bits = cg_word(cg, cg->mask.lanes);
    LLVMValueRef v = LLVMBuildAnd(b, cg_splat(cg, bits),
                                  cg_const_vector(cg, word, below, cg->width), "");
    v = cg_intrinsic(cg, "llvm.ctpop", &words, 1, &v, 1);
    return word == cg->i32 ? v : LLVMBuildTrunc(b, v, cg->vector_t[IR_I32], "");
}

/* ADD, AND, ... of all lanes on one address: a single access with the lanes combined. */
static LLVMValueRef combined(struct cg *cg, const struct access *x, LLVMValueRef pointer)
{
    enum ir_atomic op = (enum ir_atomic)x->inst->mem.atomic;
    enum ir_reduce reduce = kinds[op].reduce;
    struct ir_inst *arg = x->inst->args[ir_address_args(x->inst)];
    LLVMValueRef same = same_operand(cg, arg);
    bool counted = same && !kinds[op].idempotent && x->type != IR_F16;
    struct operands o;
    if (counted)
        o.value = times(cg, op, x->type, same, cg_active_count(cg));
    else if (same && kinds[op].idempotent)
        o.value = same;
    else
        o.value = cg_reduce(cg, reduce, x->type, cg_vector(cg, arg));
    LLVMValueRef old = access_one(cg, x, pointer, &o);
    if (!x->needs_result)
        return NULL;

    LLVMValueRef before;
    if (counted)
        before = times(cg, op, x->type, cg_splat(cg, same), lanes_before(cg));
    else if (same && kinds[op].idempotent)
        before = LLVMBuildSelect(cg->b, first_lane_only(cg),
                                 cg_splat(cg, cg_identity(cg, reduce, x->type)),
                                 cg_splat(cg, same), "");
    else
        before = cg_scan(cg, reduce, x->type, cg_vector(cg, arg), true);
    return cg_combine(cg, reduce, x->type, cg_splat(cg, old), before);
}

/* The same compare-and-exchange by all lanes: the first decides, the others see its outcome. */
static LLVMValueRef exchanged(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                              const struct operands *o)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef old = access_one(cg, x, pointer, o);
    LLVMValueRef after = modified(cg, x, old, o);
    return LLVMBuildSelect(b, first_lane_only(cg), cg_splat(cg, old), cg_splat(cg, after), "");
}

/* Lane by lane on one address. */
static LLVMValueRef one_after_another(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                                      LLVMValueRef valid)
{
    LLVMValueRef lanes = LLVMBuildAnd(cg->b, cg_mask_lanes(cg), cg_splat(cg, valid), "");
    return access_in_loop(cg, x, cg_splat(cg, pointer), lanes);
}

static void access_same_address(struct cg *cg, const struct access *x, LLVMValueRef pointer,
                                LLVMValueRef valid)
{
    struct ir_inst *inst = x->inst;
    unsigned k = ir_address_args(inst);
    struct operands o = {0};
    if (cg->width == 1 || inst->op == IR_ATOMIC_LOAD) {
        if (inst->arg_count > k)
            o.value = cg_scalar(cg, inst->args[k]);
        if (inst->arg_count > k + 1)
            o.compare = cg_scalar(cg, inst->args[k + 1]);
        LLVMValueRef old = access_one(cg, x, pointer, &o);
        if (old && cg_is_scalar(cg, inst))
            cg_set_scalar(cg, inst, 0, old);
        else if (old)
            cg_set_vector(cg, inst, 0, cg_splat(cg, old));
        return;
    }
    o.value = same_operand(cg, inst->args[k]);
    if (inst->arg_count > k + 1)
        o.compare = same_operand(cg, inst->args[k + 1]);

    LLVMValueRef result = NULL;
    if (inst->op == IR_ATOMIC_STORE) {
        if (!o.value) /* any lane may be the last */
            o.value = cg_lane(cg, cg_vector(cg, inst->args[k]), cg_first_lane(cg));
        access_one(cg, x, pointer, &o);
    } else if (inst->op == IR_ATOMIC_CMPXCHG) {
        result = o.value && o.compare ? exchanged(cg, x, pointer, &o)
                                      : one_after_another(cg, x, pointer, valid);
    } else if (inst->mem.atomic == IR_ATOMIC_EXCHANGE || inst->mem.flags & IR_MEM_FLUSH) {
        result = one_after_another(cg, x, pointer, valid);
    } else {
        result = combined(cg, x, pointer);
    }
    if (result)
        cg_set(cg, inst, 0,
               cg_is_scalar(cg, inst) ? cg_lane(cg, result, cg_first_lane(cg)) : result);
}

static void access_memory(struct cg *cg, struct ir_inst *inst)
{
    unsigned k = ir_address_args(inst);
    struct access x = {
        .inst = inst,
        .type = inst->op == IR_ATOMIC_STORE ? (enum ir_type)inst->args[k]->type
                                            : (enum ir_type)inst->type,
        .needs_result = inst->op != IR_ATOMIC_STORE && inst->use_count > 0,
    };
    if (inst->op == IR_ATOMIC && inst->mem.atomic >= KIND_COUNT) {
        ir_error(cg->m, -EINVAL, "internal: atomic operation %u", inst->mem.atomic);
        return;
    }
    struct cg_places places;
    cg_address(cg, inst, ir_type_B(x.type), &places);
    x.shared = places.shared;
    if (places.scalar) {
        if (!cg_merge_one(cg, inst, places.scalar, inst->args[k]))
            access_same_address(cg, &x, places.scalar, places.valid);
        return;
    }
    if (cg_merge(cg, inst, &places, inst->args[k]))
        return;
    if (x.shared && inst->op == IR_ATOMIC && !x.needs_result && cg->width > 1) {
        access_all(cg, &x, &places);
        return;
    }
    bool in_line = x.shared || inst->op == IR_ATOMIC_LOAD || inst->op == IR_ATOMIC_STORE;
    LLVMValueRef result = in_line ? access_in_line(cg, &x, &places)
                                  : access_in_loop(cg, &x, places.vector, places.valid);
    if (x.needs_result)
        cg_set(cg, inst, 0,
               cg_is_scalar(cg, inst) ? cg_lane(cg, result, cg_first_lane(cg)) : result);
}

void cg_atomic(struct cg *cg, struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_FENCE:
        LLVMBuildFence(cg->b, LLVMAtomicOrderingAcquireRelease, inst->imm == 0, "");
        break;
    case IR_CLOCK: {
        LLVMValueRef v = cg_intrinsic(cg, "llvm.readcyclecounter", NULL, 0, NULL, 0);
        if (cg_is_scalar(cg, inst))
            cg_set_scalar(cg, inst, 0, v);
        else
            cg_set_vector(cg, inst, 0, cg_splat(cg, v));
        break;
    }
    default:
        access_memory(cg, inst);
        break;
    }
}
