/* SPDX-License-Identifier: MIT
 *
 * Addresses, loads and stores, atomics, and the frame, from LLVM's IR.
 */
#include "x86_read.h"

static bool read_index(struct x86 *x, LLVMValueRef v)
{
    enum x86_type index_type = LLVMGetNumOperands(v) == 2 ? x86_type_of(x, LLVMGetOperand(v, 1)) : X86_NONE;
    if ((index_type != X86_I64 && index_type != X86_I32) || x86_type_of(x, v) != X86_I64)
        return false;
    uint64_t size_B = LLVMABISizeOfType(x->layout, LLVMGetGEPSourceElementType(v));
    if (!size_B || size_B > INT32_MAX)
        return false;
    uint32_t base = x86_value_of(x, LLVMGetOperand(v, 0)), index = x86_value_of(x, LLVMGetOperand(v, 1));
    uint32_t result = x86_define(x, v);
    bool product = size_B > 8 || size_B & (size_B - 1);
    if (x->failed)
        return false;
    if (index_type == X86_I32) {
        struct x86_inst *wide = x86_add_inst(x, x86_sext);
        uint32_t narrow = index;
        index = x86_temporary(x, X86_I64);
        wide->sub = X86_I32;
        wide->size = 8;
        wide->result = index;
        x86_add_arg(x, wide, narrow);
    }
    struct x86_inst *inst = x86_add_inst(x, product ? x86_lea_product : x86_lea_index);
    inst->sub = product ? (uint32_t)size_B : (uint32_t)__builtin_ctzll(size_B);
    inst->result = result;
    x86_add_arg(x, inst, base);
    x86_add_arg(x, inst, index);
    return true;
}

/* The instruction for a vector that does not fill a register; 1 where there is no question of that, 0: none. */
static uint32_t few_lanes(LLVMValueRef v, enum x86_type type, bool store)
{
    unsigned lanes = type >= X86_M ? LLVMGetVectorSize(LLVMTypeOf(v)) : X86_LANES;
    if (lanes % X86_LANES == 0)
        return 1;
    switch (type < X86_V ? 0 : lanes * (type == X86_Q ? 8 : 4)) {
    case 4: return X86_VEX(2, 1, 0x10 + store) | X86_VEX_128;  /* vmovss */
    case 8: return X86_VEX(3, 1, 0x10 + store) | X86_VEX_128;  /* vmovsd */
    case 16: return X86_VEX(0, 1, 0x10 + store) | X86_VEX_128; /* vmovups */
    case 32: return X86_VEX(0, 1, 0x10 + store);
    default: return 0;
    }
}

/* What x86 does without more for atomic ones: all but stores that wait. */
static bool read_memory(struct x86 *x, LLVMValueRef v, bool store)
{
    LLVMValueRef value = store ? LLVMGetOperand(v, 0) : v;
    enum x86_type type = x86_type_of(x, value);
    LLVMAtomicOrdering ordering = LLVMGetOrdering(v);
    if (type == X86_NONE || type == X86_M ||
        (store && ordering == LLVMAtomicOrderingSequentiallyConsistent))
        return false;
    uint32_t id = store ? x86_value_of(x, value) : 0;
    struct x86_place place = x86_place_of(x, LLVMGetOperand(v, store ? 1 : 0));
    if (!store)
        id = x86_define(x, v);
    bool narrow = type == X86_B || type == X86_H;
    uint32_t part_B = type == X86_B ? 8 : type == X86_H ? 16 : 32;
    x86_emit_fn *emit = narrow ? store ? x86_narrow_store : x86_narrow_load : store ? x86_store : x86_load;
    uint32_t mask = narrow && store ? x86_pool_splat(x, type == X86_B ? 0xff : 0xffff) : 0;
    uint32_t moves = few_lanes(value, type, store);
    if (!moves)
        return false;
    for (unsigned p = 0, parts = x86_parts(x, value); p < parts && !x->failed; p++) {
        struct x86_inst *inst = x86_add_inst(x, emit);
        inst->to[1] = moves;
        inst->disp = place.disp + (int32_t)(part_B * p);
        inst->to[0] = mask;
        inst->size = x86_size_of(type);
        inst->sub = type;
        inst->effects = store || LLVMGetVolatile(v) || ordering != LLVMAtomicOrderingNotAtomic;
        if (store)
            x86_add_arg(x, inst, id + p);
        else
            inst->result = id + p;
        x86_add_arg(x, inst, place.base);
    }
    return true;
}

/* By LLVMAtomicRMWBinOp: the operation as x86_binary() takes it, or beyond 16 as x86_min_max() does. */
static const uint8_t atomic_loops[] = {
    [LLVMAtomicRMWBinOpAnd] = 4, [LLVMAtomicRMWBinOpOr] = 1,
    [LLVMAtomicRMWBinOpXor] = 6, [LLVMAtomicRMWBinOpMax] = 16 + 0xc,
    [LLVMAtomicRMWBinOpMin] = 16 + 0xf, [LLVMAtomicRMWBinOpUMax] = 16 + 2,
    [LLVMAtomicRMWBinOpUMin] = 16 + 7,
};

static bool read_atomic(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = x86_type_of(x, v);
    LLVMAtomicRMWBinOp op = LLVMGetAtomicRMWBinOp(v);
    if (type != X86_I32 && type != X86_I64)
        return false;
    x86_emit_fn *emit = op == LLVMAtomicRMWBinOpAdd    ? x86_atomic_add
                        : op == LLVMAtomicRMWBinOpXchg ? x86_atomic_swap
                                                       : x86_atomic_loop;
    uint32_t sub = op < sizeof atomic_loops ? atomic_loops[op] : 0;
    struct x86_inst *inst = emit != x86_atomic_loop || sub ? x86_add(x, v, emit, sub, 0, 2) : NULL;
    if (inst)
        inst->effects = true;
    return inst;
}

/* Its success is that what was there is what was expected. */
static bool read_exchange(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = x86_type_of(x, LLVMGetOperand(v, 1));
    if (type != X86_I32 && type != X86_I64)
        return false;
    uint32_t args[3], was = x86_temporary(x, type), same = x86_temporary(x, X86_I1);
    for (unsigned k = 0; k < 3; k++)
        args[k] = x86_value_of(x, LLVMGetOperand(v, k));
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, x86_atomic_exchange);
    inst->effects = true;
    inst->size = x86_size_of(type);
    inst->result = was;
    for (unsigned k = 0; k < 3; k++)
        x86_add_arg(x, inst, args[k]);
    inst = x86_add_inst(x, x86_icmp);
    inst->sub = LLVMIntEQ;
    inst->size = x86_size_of(type);
    inst->result = same;
    x86_add_arg(x, inst, was);
    x86_add_arg(x, inst, args[1]);
    x86_map_set(x, &x->map, v, was);
    return true;
}

/* Of what read_exchange() gives. */
static bool read_member(struct x86 *x, LLVMValueRef v)
{
    uint32_t was = x86_map_get(&x->map, LLVMGetOperand(v, 0));
    if (!was || !LLVMIsAAtomicCmpXchgInst(LLVMGetOperand(v, 0)) || x86_map_get(&x->map, v))
        return false;
    x86_map_set(x, &x->map, v, was + LLVMGetIndices(v)[0]);
    return true;
}

#define MOST_SLOT_B (1 << 20)

static bool read_alloca(struct x86 *x, LLVMValueRef v)
{
    uint64_t size_B = LLVMABISizeOfType(x->layout, LLVMGetAllocatedType(v));
    unsigned align_B = LLVMGetAlignment(v);
    uint64_t count = LLVMIsAConstantInt(LLVMGetOperand(v, 0)) ? LLVMConstIntGetZExtValue(LLVMGetOperand(v, 0)) : 0;
    if (!count || size_B > MOST_SLOT_B || count * size_B > MOST_SLOT_B)
        return false;
    size_B *= count;
    uint32_t id = x86_value_of(x, v);
    if (!id)
        return false;
    x->values[id].kind = X86_FRAME;
    x->values[id].at = x86_frame(x, (uint32_t)size_B, !align_B ? 8 : align_B < 64 ? align_B : 64);
    return true;
}

bool x86_read_memory(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    int64_t bytes;
    switch (opcode) {
    case LLVMAlloca: return read_alloca(x, v);
    case LLVMLoad: return read_memory(x, v, false);
    case LLVMStore: return read_memory(x, v, true);
    case LLVMGetElementPtr: return x86_constant_index(x, v, &bytes) || read_index(x, v);
    case LLVMAtomicRMW: return read_atomic(x, v);
    case LLVMAtomicCmpXchg: return read_exchange(x, v);
    case LLVMExtractValue: return read_member(x, v);
    default: /* a fence */
        x86_add_inst(x, x86_fence)->effects = true;
        return true;
    }
}
