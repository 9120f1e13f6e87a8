/* SPDX-License-Identifier: MIT
 *
 * Atomic accesses of all lanes at one address: combined first, where the operation allows it.
 */
#include "cg_atomic.h"

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
static LLVMValueRef combined(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer)
{
    enum ir_atomic op = (enum ir_atomic)x->inst->mem.atomic;
    enum ir_reduce reduce = cg_atomic_kinds[op].reduce;
    struct ir_inst *arg = x->inst->args[ir_address_args(x->inst)];
    LLVMValueRef same = same_operand(cg, arg);
    bool counted = same && !cg_atomic_kinds[op].idempotent && x->type != IR_F16;
    struct cg_operands o;
    if (counted)
        o.value = times(cg, op, x->type, same, cg_active_count(cg));
    else if (same && cg_atomic_kinds[op].idempotent)
        o.value = same;
    else
        o.value = cg_reduce(cg, reduce, x->type, cg_vector(cg, arg));
    LLVMValueRef old = cg_atomic_one(cg, x, pointer, &o);
    if (!x->needs_result)
        return NULL;

    LLVMValueRef before;
    if (counted)
        before = times(cg, op, x->type, cg_splat(cg, same), lanes_before(cg));
    else if (same && cg_atomic_kinds[op].idempotent)
        before = LLVMBuildSelect(cg->b, first_lane_only(cg),
                                 cg_splat(cg, cg_identity(cg, reduce, x->type)),
                                 cg_splat(cg, same), "");
    else
        before = cg_scan(cg, reduce, x->type, cg_vector(cg, arg), true);
    return cg_combine(cg, reduce, x->type, cg_splat(cg, old), before);
}

/* The same compare-and-exchange by all lanes: the first decides, the others see its outcome. */
static LLVMValueRef exchanged(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                              const struct cg_operands *o)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef old = cg_atomic_one(cg, x, pointer, o);
    LLVMValueRef after = cg_atomic_modified(cg, x, old, o);
    return LLVMBuildSelect(b, first_lane_only(cg), cg_splat(cg, old), cg_splat(cg, after), "");
}

/* Lane by lane on one address. */
static LLVMValueRef one_after_another(struct cg *cg, const struct cg_atomic *x,
                                      LLVMValueRef pointer, LLVMValueRef valid)
{
    LLVMValueRef lanes = LLVMBuildAnd(cg->b, cg_mask_lanes(cg), cg_splat(cg, valid), "");
    return cg_atomic_in_loop(cg, x, cg_splat(cg, pointer), lanes);
}

void cg_atomic_same(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                                LLVMValueRef valid)
{
    struct ir_inst *inst = x->inst;
    unsigned k = ir_address_args(inst);
    struct cg_operands o = {0};
    if (cg->width == 1 || inst->op == IR_ATOMIC_LOAD) {
        if (inst->arg_count > k)
            o.value = cg_scalar(cg, inst->args[k]);
        if (inst->arg_count > k + 1)
            o.compare = cg_scalar(cg, inst->args[k + 1]);
        LLVMValueRef old = cg_atomic_one(cg, x, pointer, &o);
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
        cg_atomic_one(cg, x, pointer, &o);
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
