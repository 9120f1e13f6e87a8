/* SPDX-License-Identifier: MIT
 *
 * From LLVM's IR to instructions that have an emitter each. What has no row here fails.
 */
#include <string.h>

#include "x86_read.h"

static const struct binary_row {
    LLVMOpcode opcode;
    x86_emit_fn *scalar;
    uint32_t sub;
    bool small; /* of 8 and 16 bits, too: the bits above don't matter */
    uint32_t lanes, quads; /* of vectors; 0: not for them */
} binary_rows[] = {
    {LLVMAdd, x86_binary, 0, true, X86_VEX(1, 1, 0xfe), X86_VEX(1, 1, 0xd4)},
    {LLVMSub, x86_binary, 5, true, X86_VEX(1, 1, 0xfa), X86_VEX(1, 1, 0xfb)},
    {LLVMAnd, x86_binary, 4, true, X86_VEX(1, 1, 0xdb), X86_VEX(1, 1, 0xdb)},
    {LLVMOr, x86_binary, 1, true, X86_VEX(1, 1, 0xeb), X86_VEX(1, 1, 0xeb)},
    {LLVMXor, x86_binary, 6, true, X86_VEX(1, 1, 0xef), X86_VEX(1, 1, 0xef)},
    {LLVMMul, x86_multiply, 0, true, X86_VEX(1, 2, 0x40), 0},
    {LLVMShl, x86_shift, 4, false, X86_VEX(1, 2, 0x47), X86_VEX(1, 2, 0x47) | X86_VEX_W},
    {LLVMLShr, x86_shift, 5, false, X86_VEX(1, 2, 0x45), X86_VEX(1, 2, 0x45) | X86_VEX_W},
    {LLVMAShr, x86_shift, 7, false, X86_VEX(1, 2, 0x46), 0},
    {LLVMUDiv, x86_divide, 0, false, 0, 0},
    {LLVMSDiv, x86_divide, 1, false, 0, 0},
    {LLVMURem, x86_divide, 2, false, 0, 0},
    {LLVMSRem, x86_divide, 3, false, 0, 0},
    {LLVMFAdd, x86_float_binary, 0x58, false, X86_VEX(0, 1, 0x58), X86_VEX(1, 1, 0x58)},
    {LLVMFMul, x86_float_binary, 0x59, false, X86_VEX(0, 1, 0x59), X86_VEX(1, 1, 0x59)},
    {LLVMFSub, x86_float_binary, 0x5c, false, X86_VEX(0, 1, 0x5c), X86_VEX(1, 1, 0x5c)},
    {LLVMFDiv, x86_float_binary, 0x5e, false, X86_VEX(0, 1, 0x5e), X86_VEX(1, 1, 0x5e)},
};

static bool read_binary(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type type = x86_type_of(x, v);
    for (unsigned i = 0; i < sizeof(binary_rows) / sizeof(binary_rows[0]); i++) {
        const struct binary_row *row = &binary_rows[i];
        if (row->opcode != opcode)
            continue;
        bool logic = opcode == LLVMAnd || opcode == LLVMOr || opcode == LLVMXor;
        if (type == X86_V || (type == X86_M && logic))
            return row->lanes && x86_add(x, v, x86_lanes_binary, row->lanes, 0, 2);
        if ((type == X86_B || type == X86_H) && !row->small)
            return row->scalar == x86_shift && x86_read_narrow_shift(x, v, opcode, row->lanes);
        if (type == X86_B || type == X86_H)
            return x86_add(x, v, x86_lanes_binary, row->lanes, 0, 2);
        if (type == X86_Q && opcode == LLVMMul)
            return x86_add(x, v, x86_quads_multiply, 0, 0, 2);
        if (type == X86_Q)
            return row->quads && x86_add(x, v, x86_lanes_binary, row->quads, 0, 2);
        if (type == X86_NONE || type > X86_F32)
            return false;
        bool any = type >= X86_I32 || (type == X86_I1 ? logic : row->small);
        return any && x86_add(x, v, row->scalar, row->sub, 0, 2);
    }
    return false;
}

/* By LLVMRealPredicate: what vcmpps calls it. */
static const uint8_t float_predicates[] = {11, 0, 14, 13, 1, 2, 12, 7, 3, 8, 6, 5, 9, 10, 4, 15};

static bool read_compare(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type type = x86_type_of(x, LLVMGetOperand(v, 0));
    bool floats = opcode == LLVMFCmp;
    uint32_t predicate = floats ? float_predicates[LLVMGetFCmpPredicate(v)] : LLVMGetICmpPredicate(v);
    if (type == X86_V)
        return x86_add(x, v, floats ? x86_lanes_fcmp : x86_lanes_icmp, predicate, 0, 2);
    if (type == X86_Q)
        return x86_read_quads_compare(x, v, predicate, floats);
    if ((type == X86_B || type == X86_H) && !floats)
        return x86_read_narrow_compare(x, v, predicate);
    if (floats)
        return type == X86_F32 && x86_add(x, v, x86_float_cmp, predicate, 0, 2);
    if (type == X86_NONE || type > X86_I64)
        return false;
    x86_add(x, v, x86_icmp, predicate, 0, 2)->size = x86_size_of(type);
    return true;
}

/* A scalar comparison of this block that only the instruction to be added uses: taken back, for that to do. */
static struct x86_inst *take_compare(struct x86 *x, LLVMValueRef condition)
{
    LLVMUseRef use = LLVMGetFirstUse(condition);
    uint32_t id = x86_map_get(&x->map, condition);
    if (!id || !use || LLVMGetNextUse(use) || !LLVMIsAICmpInst(condition) || x->values[id].block != x->block)
        return NULL;
    struct x86_inst *inst = &x->insts[x->values[id].inst];
    if (inst->emit != x86_icmp || inst->result != id)
        return NULL;
    inst->emit = NULL;
    return inst;
}

static bool read_select(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = x86_type_of(x, v), of = x86_type_of(x, LLVMGetOperand(v, 0));
    if (type == X86_NONE)
        return false;
    if (of == X86_M && type == X86_Q)
        return x86_read_quads_select(x, v);
    if (of == X86_M)
        return type >= X86_M && x86_add(x, v, x86_lanes_select, 0, 0, 3);
    if (type >= X86_F32)
        return x86_add(x, v, x86_float_select, 0, 0, 3);
    struct x86_inst *compare = take_compare(x, LLVMGetOperand(v, 0));
    if (!compare)
        return x86_add(x, v, x86_select, 0, 0, 3);
    struct x86_inst old = *compare;
    uint32_t a = x86_value_of(x, LLVMGetOperand(v, 1)), b = x86_value_of(x, LLVMGetOperand(v, 2));
    uint32_t result = x86_define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, x86_select_cmp);
    inst->sub = old.sub;
    inst->size = old.size;
    inst->result = result;
    x86_add_arg(x, inst, a);
    x86_add_arg(x, inst, b);
    inst->args[inst->count++] = old.args[0]; /* counted as uses already */
    inst->args[inst->count++] = old.args[1];
    return true;
}

/* ---- Control flow ---- */

static uint32_t block_of(struct x86 *x, LLVMBasicBlockRef block)
{
    return x86_map_get(&x->map, block) - 1;
}

/* What a phi is on the way from this block. */
static LLVMValueRef incoming(LLVMValueRef phi, LLVMBasicBlockRef from)
{
    for (unsigned i = 0, count = LLVMCountIncoming(phi); i < count; i++)
        if (LLVMGetIncomingBlock(phi, i) == from)
            return LLVMGetIncomingValue(phi, i);
    return NULL;
}

/* What is read when edges may have written phis has to be elsewhere by then. */
static void read_late(struct x86 *x, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    if (v->kind == X86_DEFINED && v->in >= 0)
        v->crosses = true;
}

static uint32_t phi_of(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = x86_value_of(x, v);
    for (unsigned p = 0, parts = x86_parts(x, v); id && p < parts; p++) {
        struct x86_value *phi = &x->values[id + p];
        unsigned size_B = phi->type >= X86_M ? 32 : 8;
        if (phi->in < 0)
            phi->in = x86_frame(x, size_B, size_B);
    }
    return id;
}

#define MOST_PHIS 256

/* Which values the phis of a block have behind this one. False: too many. */
static bool find_copies(struct x86 *x, LLVMBasicBlockRef from, LLVMBasicBlockRef to, uint32_t (*copies)[2],
                        unsigned *count)
{
    for (LLVMValueRef v = LLVMGetFirstInstruction(to); v && LLVMIsAPHINode(v); v = LLVMGetNextInstruction(v)) {
        LLVMValueRef value = incoming(v, from);
        unsigned parts = x86_parts(x, v);
        if (!value || *count + parts > MOST_PHIS || x86_type_of(x, v) == X86_NONE)
            return false;
        uint32_t phi = phi_of(x, v), id = x86_value_of(x, value);
        if (x->failed)
            return false;
        for (unsigned p = 0; p < parts; p++, ++*count) {
            copies[*count][0] = phi + p;
            copies[*count][1] = id + p;
        }
    }
    return true;
}

/* Writes the phis of the blocks that follow this one. */
static bool read_edges(struct x86 *x, LLVMBasicBlockRef from, LLVMValueRef last)
{
    uint32_t copies[MOST_PHIS][2];
    unsigned count = 0;
    for (unsigned s = 0, successors = LLVMGetNumSuccessors(last); s < successors; s++) {
        LLVMBasicBlockRef to = LLVMGetSuccessor(last, s);
        bool again = false;
        for (unsigned k = 0; k < s; k++)
            again |= LLVMGetSuccessor(last, k) == to;
        if (!again && !find_copies(x, from, to, copies, &count))
            return false;
    }
    for (unsigned i = 0; i < count; i++) {
        struct x86_inst *inst = x86_add_inst(x, x86_phi_copy);
        inst->effects = true;
        inst->sub = copies[i][0];
        inst->size = x86_size_of(x->values[copies[i][0]].type);
        x86_add_arg(x, inst, copies[i][1]);
        read_late(x, copies[i][1]);
    }
    return true;
}

static bool read_switch(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = x86_type_of(x, LLVMGetOperand(v, 0));
    uint32_t value = x86_value_of(x, LLVMGetOperand(v, 0));
    if ((type != X86_I32 && type != X86_I64) || x->failed)
        return false;
    read_late(x, value);
    for (unsigned s = 1, count = LLVMGetNumSuccessors(v); s < count; s++) {
        int64_t number = LLVMConstIntGetSExtValue(LLVMGetOperand(v, 2 * s));
        if (number != (int32_t)number)
            return false;
        struct x86_inst *inst = x86_add_inst(x, x86_jump_case);
        inst->effects = true;
        inst->size = x86_size_of(type);
        inst->sub = (uint32_t)number;
        inst->to[0] = x->blocks[block_of(x, LLVMGetSuccessor(v, s))].label;
        x86_add_arg(x, inst, value);
    }
    struct x86_inst *rest = x86_add_inst(x, x86_jump);
    rest->effects = true;
    rest->to[0] = x->blocks[block_of(x, LLVMGetSwitchDefaultDest(v))].label;
    return true;
}

static bool read_branch(struct x86 *x, LLVMValueRef v, const struct x86_inst *compare)
{
    bool conditional = LLVMIsConditional(v);
    uint32_t condition = conditional && !compare ? x86_value_of(x, LLVMGetCondition(v)) : 0;
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, !conditional ? x86_jump : compare ? x86_jump_cmp : x86_jump_if);
    inst->effects = true;
    if (compare) {
        inst->sub = compare->sub;
        inst->size = compare->size;
        inst->count = compare->count;
        memcpy(inst->args, compare->args, sizeof inst->args);
    } else if (conditional) {
        x86_add_arg(x, inst, condition);
    }
    for (unsigned k = 0; k < inst->count; k++)
        read_late(x, inst->args[k]);
    for (unsigned s = 0; s < LLVMGetNumSuccessors(v); s++)
        inst->to[s] = x->blocks[block_of(x, LLVMGetSuccessor(v, s))].label;
    return true;
}

static bool read_last(struct x86 *x, LLVMBasicBlockRef block, LLVMValueRef v, LLVMOpcode opcode)
{
    struct x86_inst *taken = NULL, compare;
    switch (opcode) {
    case LLVMBr:
        if (LLVMIsConditional(v))
            taken = take_compare(x, LLVMGetCondition(v));
        if (taken)
            compare = *taken;
        return read_edges(x, block, v) && read_branch(x, v, taken ? &compare : NULL);
    case LLVMSwitch: return read_edges(x, block, v) && read_switch(x, v);
    case LLVMRet:
        x86_add_inst(x, x86_ret)->effects = true;
        return LLVMGetNumOperands(v) == 0;
    case LLVMUnreachable: x86_add_inst(x, x86_trap)->effects = true; return true;
    default: return false;
    }
}

static bool read_phi(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = phi_of(x, v);
    if (!id || !x86_define(x, v))
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, x86_phi);
        inst->result = id + p;
        inst->effects = true;
    }
    return true;
}

static bool read_instruction(struct x86 *x, LLVMBasicBlockRef block, LLVMValueRef v)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(v);
    if (x86_same_as(x, v, opcode))
        return true; /* made where it is used */
    switch (opcode) {
    case LLVMPHI: return read_phi(x, v);
    case LLVMAlloca:
    case LLVMLoad:
    case LLVMStore:
    case LLVMGetElementPtr:
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
    case LLVMExtractValue:
    case LLVMFence: return x86_read_memory(x, v, opcode);
    case LLVMICmp:
    case LLVMFCmp: return read_compare(x, v, opcode);
    case LLVMSelect: return read_select(x, v);
    case LLVMCall: return x86_read_call(x, v);
    case LLVMFNeg: return x86_read_flip(x, v, X86_VEX(1, 1, 0xef), false);
    case LLVMInsertElement:
    case LLVMExtractElement: return x86_read_lane(x, v, opcode);
    case LLVMShuffleVector: return x86_read_shuffle(x, v);
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
    case LLVMBitCast:
    case LLVMSIToFP:
    case LLVMUIToFP:
    case LLVMFPToSI:
    case LLVMFPExt:
    case LLVMFPTrunc:
    case LLVMFPToUI: return x86_read_cast(x, v, opcode);
    default: break;
    }
    return read_binary(x, v, opcode) || read_last(x, block, v, opcode);
}

void x86_read(struct x86 *x)
{
    uint32_t count = LLVMCountBasicBlocks(x->fn);
    x->block = 0;
    x86_temporary(x, X86_NONE); /* 0: none */
    for (unsigned i = 0, params = LLVMCountParams(x->fn); i < params; i++) {
        uint32_t id = x86_temporary(x, X86_I64);
        x->values[id].crosses = true;
        x86_map_set(x, &x->map, LLVMGetParam(x->fn, i), id);
    }
    x->blocks = arena_array(x->arena, struct x86_block, count);
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(x->fn); b; b = LLVMGetNextBasicBlock(b)) {
        x->blocks[x->block_count].label = x86_label(&x->a);
        x86_map_set(x, &x->map, b, ++x->block_count);
    }
    x->block = 0;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(x->fn); b; b = LLVMGetNextBasicBlock(b), x->block++) {
        x->blocks[x->block].first = x->inst_count;
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            x->line = x->has_lines ? LLVMGetDebugLocLine(v) : 0;
            if (!read_instruction(x, b, v) || x->failed) {
                x->failed = true;
                x->why = v;
                return;
            }
        }
        x->blocks[x->block].end = x->inst_count;
    }
}
