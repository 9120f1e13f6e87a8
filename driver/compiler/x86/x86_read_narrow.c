/* SPDX-License-Identifier: MIT
 *
 * Lanes of 8 and 16 bits. Held in 32 bits each, they take the instructions of those, once what is above them is
 * known where that matters.
 */
#include "x86_read.h"

/* All parts of a value with the bits above known: signs or zeros. As 32-bit lanes. */
static uint32_t widen(struct x86 *x, uint32_t value, unsigned parts, enum x86_type type, bool is_signed)
{
    unsigned above = type == X86_B ? 24 : 16;
    uint32_t first = x86_temporary(x, X86_V);
    for (unsigned p = 1; p < parts; p++)
        x86_temporary(x, X86_V); /* numbered behind it */
    uint32_t mask = is_signed ? 0 : x86_pool_splat(x, UINT32_MAX >> above);
    for (unsigned p = 0; p < parts; p++) {
        if (!is_signed) {
            struct x86_inst *inst = x86_add_inst(x, x86_flip);
            inst->sub = X86_VEX(1, 1, 0xdb);
            inst->disp = (int32_t)mask;
            inst->result = first + p;
            x86_add_arg(x, inst, value + p);
            continue;
        }
        uint32_t shifted = x86_temporary(x, X86_V);
        for (unsigned step = 0; step < 2; step++) {
            struct x86_inst *inst = x86_add_inst(x, x86_lanes_shift);
            inst->sub = step ? 4 : 6;
            inst->disp = (int32_t)above;
            inst->result = step ? first + p : shifted;
            x86_add_arg(x, inst, step ? shifted : value + p);
        }
    }
    return first;
}

uint32_t x86_widen(struct x86 *x, LLVMValueRef v, bool is_signed)
{
    enum x86_type type = x86_type_of(x, v);
    uint32_t value = x86_value_of(x, v);
    if (x->failed || (type != X86_B && type != X86_H))
        return value;
    return widen(x, value, x86_parts(x, v), type, is_signed);
}

/* From values that were widened. */
static bool add_lanes(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t sub,
                      const uint32_t *args, unsigned count)
{
    uint32_t result = x86_define(x, v);
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts && !x->failed; p++) {
        struct x86_inst *inst = x86_add_inst(x, emit);
        inst->sub = sub;
        inst->result = result + p;
        for (unsigned k = 0; k < count; k++)
            x86_add_arg(x, inst, args[k] + p);
    }
    return true;
}

bool x86_read_narrow_shift(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode, uint32_t op)
{
    LLVMValueRef value = LLVMGetOperand(v, 0);
    uint32_t args[2] = {opcode == LLVMShl ? x86_value_of(x, value) : x86_widen(x, value, opcode == LLVMAShr),
                        x86_widen(x, LLVMGetOperand(v, 1), false)};
    return !x->failed && add_lanes(x, v, x86_lanes_binary, op, args, 2);
}

bool x86_read_narrow_compare(struct x86 *x, LLVMValueRef v, uint32_t predicate)
{
    bool is_signed = predicate >= LLVMIntSGT;
    uint32_t args[2] = {x86_widen(x, LLVMGetOperand(v, 0), is_signed),
                        x86_widen(x, LLVMGetOperand(v, 1), is_signed)};
    return !x->failed && add_lanes(x, v, x86_lanes_icmp, predicate, args, 2);
}

bool x86_read_narrow_cast(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type to = x86_type_of(x, v), from = x86_type_of(x, LLVMGetOperand(v, 0));
    bool is_signed = opcode == LLVMSExt || opcode == LLVMSIToFP;
    uint32_t wide;
    switch (opcode) {
    case LLVMZExt:
    case LLVMSExt:
        if (from == X86_M) /* zeros: signs are the mask itself */
            return x86_add(x, v, x86_lanes_shift, 2, 31, 1);
        if (to != X86_V && to != X86_H)
            return false;
        wide = x86_widen(x, LLVMGetOperand(v, 0), is_signed);
        return !x->failed && add_lanes(x, v, x86_lanes_same, 0, &wide, 1);
    case LLVMSIToFP:
    case LLVMUIToFP:
        if (to != X86_V)
            return false;
        wide = x86_widen(x, LLVMGetOperand(v, 0), is_signed);
        return !x->failed && add_lanes(x, v, x86_lanes_unary, X86_VEX(0, 1, 0x5b), &wide, 1);
    case LLVMFPToSI:
    case LLVMFPToUI: /* in range, these fit the signed one */
        return from == X86_V && x86_add(x, v, x86_lanes_unary, X86_VEX(2, 1, 0x5b), 0, 1);
    case LLVMTrunc: return to == X86_M && x86_add(x, v, x86_lanes_trunc, 0, 0, 1);
    case LLVMFPExt: return to == X86_V && x86_add(x, v, x86_half_extend, 0, 0, 1);
    case LLVMFPTrunc: return from == X86_V && x86_add(x, v, x86_half_round, 0, 0, 1);
    default: return false;
    }
}
