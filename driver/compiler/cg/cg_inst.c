/* SPDX-License-Identifier: MIT */
#include "cg_private.h"

/* LocalInvocationIndex of lane 0 of the subgroup. */
static LLVMValueRef first_index(struct cg *cg)
{
    return LLVMBuildMul(cg->b, cg->subgroup, cg_i32(cg, cg->width), "");
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
            index = LLVMBuildUDiv(b, index, scalar ? by : cg_splat(cg, by), "");
        /* What is left is below the size already, unless there is something above or beside it. */
        if (!scalar || (uint64_t)below * size[inst->imm] < (uint64_t)cg->p->subgroups * cg->width)
            index = LLVMBuildURem(b, index, scalar ? mod : cg_splat(cg, mod), "");
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
