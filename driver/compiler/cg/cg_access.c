/* SPDX-License-Identifier: MIT */
#include "cg_access.h"

#include "weft/kernel.h"

struct cg_access cg_access_of(struct ir_inst *inst)
{
    struct cg_access a = {.inst = inst, .mem = &inst->mem};
    unsigned address_args = ir_address_args(inst);
    a.store = inst->op == IR_STORE;
    a.address = inst->args[address_args - 1];
    a.handle = inst->mem.space == IR_SPACE_BUFFER ? inst->args[0] : NULL;
    a.type = (enum ir_type)(a.store ? inst->args[address_args]->type : inst->type);
    a.size_B = ir_type_B(a.type);
    a.span_B = (uint64_t)(inst->mem.comps - 1) * inst->mem.stride_B + a.size_B;
    return a;
}

uint64_t cg_fixed_size(struct cg *cg, const struct ir_mem *mem)
{
    return mem->space == IR_SPACE_SHARED ? cg->m->shared_B : WEFT_MAX_PUSH_B;
}

LLVMValueRef cg_fixed_base(struct cg *cg, const struct ir_mem *mem)
{
    return mem->space == IR_SPACE_SHARED ? cg->shared : cg->push;
}

bool cg_access_proved(struct cg *cg, const struct cg_access *a)
{
    const struct ir_shape *s = &a->address->shape;
    uint64_t hi = a->address->op == IR_CONST ? a->address->imm : s->hi;
    return hi <= UINT32_MAX && hi + a->mem->const_B + a->span_B <= cg_fixed_size(cg, a->mem);
}

LLVMValueRef cg_access_offset(struct cg *cg, const struct cg_access *a, LLVMValueRef v)
{
    LLVMValueRef c = cg_i32(cg, a->mem->const_B);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        c = cg_splat(cg, c);
    return a->mem->const_B ? LLVMBuildAdd(cg->b, v, c, "") : v;
}

LLVMValueRef cg_access_address(struct cg *cg, const struct cg_access *a, LLVMValueRef v)
{
    LLVMValueRef c = cg_i64(cg, a->mem->const_B);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        c = cg_splat(cg, c);
    return a->mem->const_B ? LLVMBuildAdd(cg->b, v, c, "") : v;
}

LLVMValueRef cg_offset_limit(struct cg *cg, LLVMValueRef v, uint64_t max)
{
    LLVMValueRef limit = cg_i32(cg, (uint32_t)max);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        limit = cg_splat(cg, limit);
    return LLVMBuildSelect(cg->b, LLVMBuildICmp(cg->b, LLVMIntULT, v, limit, ""), v, limit, "");
}

/* ---- Values on their way to and from memory ---- */

LLVMValueRef cg_to_memory(struct cg *cg, const struct cg_access *a, struct ir_inst *value,
                          bool scalar)
{
    LLVMValueRef v = scalar ? cg_scalar(cg, value) : cg_vector(cg, value);
    if (a->type != IR_BOOL)
        return v;
    return LLVMBuildZExt(cg->b, v, scalar ? cg->i32 : cg->vector_t[IR_I32], "");
}

LLVMValueRef cg_from_memory(struct cg *cg, const struct cg_access *a, LLVMValueRef v)
{
    if (a->type != IR_BOOL)
        return v;
    return LLVMBuildICmp(cg->b, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)), "");
}

void cg_define_vectors(struct cg *cg, const struct cg_access *a, LLVMValueRef const *comps)
{
    for (unsigned k = 0; k < a->mem->comps; k++)
        cg_set_vector(cg, a->inst, k, cg_from_memory(cg, a, comps[k]));
}

void cg_stored_vectors(struct cg *cg, const struct cg_access *a, LLVMValueRef *comps_out)
{
    unsigned first = ir_address_args(a->inst);
    for (unsigned k = 0; k < a->mem->comps; k++)
        comps_out[k] = cg_to_memory(cg, a, a->inst->args[first + k], false);
}

struct cg_fork cg_fork_begin(struct cg *cg, LLVMValueRef condition, bool likely)
{
    LLVMBasicBlockRef fast = cg_block(cg, "fast");
    struct cg_fork fork = {
        .head = LLVMGetInsertBlock(cg->b),
        .slow = cg_block(cg, "slow"),
        .merge = cg_block(cg, "accessed"),
    };
    LLVMValueRef branch = LLVMBuildCondBr(cg->b, condition, fast, fork.slow);
    if (likely)
        cg_unlikely(cg, branch, 1);
    LLVMPositionBuilderAtEnd(cg->b, fast);
    return fork;
}

void cg_fork_turn(struct cg *cg, struct cg_fork *fork)
{
    fork->fast_end = LLVMGetInsertBlock(cg->b);
    LLVMBuildBr(cg->b, fork->merge);
    LLVMPositionBuilderAtEnd(cg->b, fork->slow);
}

void cg_fork_end(struct cg *cg, const struct cg_fork *fork, const struct cg_access *a,
                 LLVMValueRef *fast, LLVMValueRef *slow)
{
    LLVMBasicBlockRef slow_end = LLVMGetInsertBlock(cg->b), fast_end = fork->fast_end;
    LLVMBuildBr(cg->b, fork->merge);
    LLVMPositionBuilderAtEnd(cg->b, fork->merge);
    cg_shared_move(cg, fork->head, fork->merge);
    for (unsigned k = 0; !a->store && k < a->mem->comps; k++) {
        LLVMValueRef phi = LLVMBuildPhi(cg->b, LLVMTypeOf(fast[k]), "");
        LLVMAddIncoming(phi, &fast[k], &fast_end, 1);
        LLVMAddIncoming(phi, &slow[k], &slow_end, 1);
        fast[k] = phi;
    }
}
