/* SPDX-License-Identifier: MIT */
#include "cg_private.h"

/* LocalInvocationIndex of lane 0 of the subgroup. */
static LLVMValueRef first_index(struct cg *cg)
{
    return LLVMBuildMul(cg->b, cg->subgroup, cg_i32(cg, cg->width), "");
}

/* Factor and shift that divide all numbers below `end`, by multiplication in 32 bits. */
static bool reciprocal(uint64_t end, uint64_t by, uint32_t *factor_out, unsigned *shift_out)
{
    for (unsigned shift = 0; shift < 32; shift++) {
        uint64_t one = UINT64_C(1) << shift, factor = (one + by - 1) / by;
        if (end * (factor * by - one) >= one || end * factor > UINT32_MAX)
            continue;
        *factor_out = (uint32_t)factor;
        *shift_out = shift;
        return true;
    }
    return false;
}

/* A vector of numbers below the workgroup's lanes divided, or what remains. LLVM would find the same, but takes its
 * time, and code that is compiled fast is best made without it. */
static LLVMValueRef divide_index(struct cg *cg, LLVMValueRef index, uint32_t by, bool remainder)
{
    LLVMBuilderRef b = cg->b;
    uint32_t factor;
    unsigned shift;
    if (!(cg->m->request->flags & WEFT_REQUEST_FAST) ||
        !reciprocal((uint64_t)cg->p->subgroups * cg->width, by, &factor, &shift)) {
        LLVMValueRef all = cg_splat(cg, cg_i32(cg, by));
        return remainder ? LLVMBuildURem(b, index, all, "") : LLVMBuildUDiv(b, index, all, "");
    }
    LLVMValueRef quotient = index;
    if (factor != 1)
        quotient = LLVMBuildMul(b, quotient, cg_splat(cg, cg_i32(cg, factor)), "");
    if (shift)
        quotient = LLVMBuildLShr(b, quotient, cg_splat(cg, cg_i32(cg, shift)), "");
    if (!remainder)
        return quotient;
    return LLVMBuildSub(b, index, LLVMBuildMul(b, quotient, cg_splat(cg, cg_i32(cg, by)), ""), "");
}

/* The invocation's ids: scalar for lane 0, or a vector for all lanes. */
static void emit_id(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    const uint32_t *size = cg->m->local_size;
    bool scalar = cg_is_scalar(cg, inst);
    LLVMValueRef index = cg->subgroup ? first_index(cg) : cg_i32(cg, 0);
    if (!scalar) {
        int64_t lanes[256];
        for (unsigned i = 0; i < cg->width; i++)
            lanes[i] = i;
        index = LLVMBuildAdd(b, cg_splat(cg, index),
                             cg_const_vector(cg, cg->i32, lanes, cg->width), "");
    }
    if (inst->op == IR_LOCAL_ID) {
        uint32_t below = inst->imm == 0 ? 1 : inst->imm == 1 ? size[0] : size[0] * size[1];
        LLVMValueRef by = cg_i32(cg, below), mod = cg_i32(cg, size[inst->imm]);
        if (below > 1)
            index = scalar ? LLVMBuildUDiv(b, index, by, "") : divide_index(cg, index, below, false);
        /* What is left is below the size already, unless there is something above or beside it. */
        if (!scalar || (uint64_t)below * size[inst->imm] < (uint64_t)cg->p->subgroups * cg->width)
            index = scalar ? LLVMBuildURem(b, index, mod, "")
                           : divide_index(cg, index, size[inst->imm], true);
    }
    cg_set(cg, inst, 0, index);
}

/* The workgroup that the vector of a flat module starts with. */
static LLVMValueRef flat_group(struct cg *cg)
{
    LLVMValueRef size = cg_i64(cg, cg->p->local_count);
    return LLVMBuildTrunc(cg->b, LLVMBuildUDiv(cg->b, cg->flat, size, ""), cg->i32, "");
}

void cg_inst(struct cg *cg, struct ir_inst *inst)
{
    cg_debug_line(cg, inst);
    if (ir_op_infos[inst->op].flags & IR_ELEMENTWISE) {
        cg_alu(cg, inst);
        return;
    }
    if (ir_op_infos[inst->op].flags & IR_CROSS_LANE) {
        cg_subgroup(cg, inst);
        return;
    }
    if (inst->op >= IR_ATOMIC && inst->op <= IR_ATOMIC_STORE)
        cg_shared_forget(cg);
    switch ((enum ir_op)inst->op) {
    case IR_CONST:
    case IR_UNDEF:
    case IR_COMP: /* a name for a component that its source defined */
    case IR_PARAM:
    case IR_RESULT: /* defined with the LOOP or IF that they belong to */
    case IR_BARRIER:
    case IR_ORDER:
        break;
    case IR_LOCAL_ID:
    case IR_LOCAL_INDEX:
        emit_id(cg, inst);
        break;
    case IR_GROUP_ID:
        cg_set_scalar(cg, inst, 0, inst->imm == 0 && cg->m->flat ? flat_group(cg)
                                                                 : cg->group_id[inst->imm]);
        break;
    case IR_FLAT_ID:
        cg_set_scalar(cg, inst, 0, LLVMBuildTrunc(cg->b, cg->flat, cg->i32, ""));
        break;
    case IR_GROUP_COUNT:
        cg_set_scalar(cg, inst, 0, cg->group_count[inst->imm]);
        break;
    case IR_SUBGROUP_ID:
        cg_set_scalar(cg, inst, 0, cg->subgroup ? cg->subgroup : cg_i32(cg, 0));
        break;
    case IR_LANE:
        cg_set_scalar(cg, inst, 0, cg_i32(cg, 0));
        break;
    case IR_BUFFER:
    case IR_BUFFER_SIZE:
    case IR_DESC:
    case IR_DESC_AT:
    case IR_LOAD:
    case IR_STORE:
        cg_memory(cg, inst);
        break;
    case IR_SAMPLE:
        cg_sample(cg, inst);
        break;
    case IR_TEXELS:
        cg_texels(cg, inst);
        break;
    case IR_DECODE:
        cg_decode(cg, inst);
        break;
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        cg_local_access(cg, inst);
        break;
    case IR_ATOMIC:
    case IR_ATOMIC_CMPXCHG:
    case IR_ATOMIC_LOAD:
    case IR_ATOMIC_STORE:
    case IR_FENCE:
    case IR_CLOCK:
        cg_atomic(cg, inst);
        break;
    case IR_IF:
        cg_if(cg, inst);
        break;
    case IR_LOOP:
        cg_loop(cg, inst);
        break;
    default:
        ir_error(cg->m, -22, "internal: no code for %s", ir_op_infos[inst->op].name);
        break;
    }
}
