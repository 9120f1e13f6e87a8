/* SPDX-License-Identifier: MIT
 *
 * One lane's atomic access.
 */
#include "cg_atomic.h"

const struct cg_atomic_kind cg_atomic_kinds[CG_ATOMIC_KINDS] = {
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

static LLVMValueRef load_atomic(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, int_type(cg, x->type), pointer, "");
    LLVMSetAlignment(v, ir_type_B(x->type));
    if (!x->shared)
        LLVMSetOrdering(v, LLVMAtomicOrderingAcquire);
    return from_int(cg, x->type, v);
}

static void store_atomic(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
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

LLVMValueRef cg_atomic_modified(struct cg *cg, const struct cg_atomic *x, LLVMValueRef old,
                                const struct cg_operands *o)
{
    if (x->inst->op == IR_ATOMIC_CMPXCHG) {
        LLVMValueRef same = LLVMBuildICmp(cg->b, LLVMIntEQ, to_int(cg, x->type, old),
                                          to_int(cg, x->type, o->compare), "");
        return LLVMBuildSelect(cg->b, same, o->value, old, "");
    }
    if (x->inst->mem.atomic == IR_ATOMIC_EXCHANGE)
        return o->value;
    enum ir_reduce reduce = cg_atomic_kinds[x->inst->mem.atomic].reduce;
    LLVMValueRef v = cg_combine(cg, reduce, x->type, old, o->value);
    return x->inst->mem.flags & IR_MEM_FLUSH ? flushed(cg, x->type, v) : v;
}

static LLVMValueRef compare_exchange(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                                     LLVMValueRef compare, LLVMValueRef value)
{
    LLVMValueRef pair = LLVMBuildAtomicCmpXchg(
        cg->b, pointer, to_int(cg, x->type, compare), to_int(cg, x->type, value),
        LLVMAtomicOrderingAcquireRelease, LLVMAtomicOrderingAcquire, false);
    LLVMSetAlignment(pair, ir_type_B(x->type));
    return pair;
}

/* Float operations: load, compute, compare and exchange until nobody came between. */
static LLVMValueRef modify_loop(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                                const struct cg_operands *o)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef start = load_atomic(cg, x, pointer);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
    LLVMBasicBlockRef loop = cg_block(cg, "modify"), done = cg_block(cg, "modified");
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef old = LLVMBuildPhi(b, cg->scalar_t[x->type], "");
    LLVMValueRef pair = compare_exchange(cg, x, pointer, old, cg_atomic_modified(cg, x, old, o));
    LLVMValueRef seen = from_int(cg, x->type, LLVMBuildExtractValue(b, pair, 0, ""));
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildExtractValue(b, pair, 1, ""), done, loop);
    LLVMAddIncoming(old, &start, &before, 1);
    LLVMAddIncoming(old, &seen, &tail, 1);
    LLVMPositionBuilderAtEnd(b, done);
    return old;
}

LLVMValueRef cg_atomic_one(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                           const struct cg_operands *o)
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
        store_atomic(cg, x, pointer, cg_atomic_modified(cg, x, old, o));
        return old;
    }
    if (x->inst->op == IR_ATOMIC_CMPXCHG) {
        LLVMValueRef pair = compare_exchange(cg, x, pointer, o->compare, o->value);
        return from_int(cg, x->type, LLVMBuildExtractValue(b, pair, 0, ""));
    }
    unsigned op = x->inst->mem.atomic;
    if (op == IR_ATOMIC_FADD || op == IR_ATOMIC_FMIN || op == IR_ATOMIC_FMAX)
        return modify_loop(cg, x, pointer, o);
    LLVMValueRef old = LLVMBuildAtomicRMW(b, cg_atomic_kinds[op].rmw, pointer,
                                          to_int(cg, x->type, o->value),
                                          LLVMAtomicOrderingAcquireRelease, false);
    LLVMSetAlignment(old, ir_type_B(x->type));
    return from_int(cg, x->type, old);
}

bool cg_atomic_reduces(const struct ir_inst *inst, enum ir_reduce *reduce_out)
{
    unsigned op = inst->mem.atomic;
    /* The least of floats depends on the order where there are NaNs. */
    if (op >= CG_ATOMIC_KINDS || op == IR_ATOMIC_EXCHANGE || op == IR_ATOMIC_FMIN ||
        op == IR_ATOMIC_FMAX)
        return false;
    *reduce_out = cg_atomic_kinds[op].reduce;
    return true;
}

void cg_atomic_put(struct cg *cg, struct ir_inst *inst, LLVMValueRef at, LLVMValueRef value)
{
    const struct cg_atomic x = {.inst = inst, .type = (enum ir_type)inst->type};
    const struct cg_operands o = {.value = value};
    cg_atomic_one(cg, &x, at, &o);
}
