/* SPDX-License-Identifier: MIT
 *
 * Conversions that change what a register holds.
 */
#include "x86_read.h"

/* Lanes of 64 bits from those of 32: each part has half of one. */
static bool read_extend(struct x86 *x, LLVMValueRef v, uint32_t op, bool is_signed)
{
    uint32_t from = x86_widen(x, LLVMGetOperand(v, 0), is_signed), result = x86_define(x, v);
    if (x->failed || x86_parts(x, v) != 2 * x86_parts(x, LLVMGetOperand(v, 0)))
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, x86_quads_extend);
        inst->sub = op;
        inst->disp = p & 1;
        inst->result = result + p;
        x86_add_arg(x, inst, from + p / 2);
    }
    return true;
}

/* Lanes of 32 bits from those of 64. */
static bool read_narrow(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t op)
{
    uint32_t from = x86_value_of(x, LLVMGetOperand(v, 0)), result = x86_define(x, v);
    if (x->failed || 2 * x86_parts(x, v) != x86_parts(x, LLVMGetOperand(v, 0)))
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, emit);
        inst->sub = op;
        inst->result = result + p;
        x86_add_arg(x, inst, from + 2 * p);
        x86_add_arg(x, inst, from + 2 * p + 1);
    }
    return true;
}

static bool is_double(LLVMValueRef v)
{
    return LLVMGetTypeKind(LLVMGetElementType(LLVMTypeOf(v))) == LLVMDoubleTypeKind;
}

/* A mask as 0 and 1. */
static bool read_ones(struct x86 *x, LLVMValueRef v)
{
    uint32_t mask = x86_value_of(x, LLVMGetOperand(v, 0)), result = x86_define(x, v), one = x86_pool(&x->a, 32, 32);
    if (x->failed || x86_parts(x, v) != 2 * x86_parts(x, LLVMGetOperand(v, 0)))
        return false;
    for (unsigned i = 0; i < X86_QUADS; i++)
        x->a.pool[one + 8 * i] = 1;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        uint32_t signs = x86_temporary(x, X86_Q);
        struct x86_inst *inst = x86_add_inst(x, x86_quads_extend);
        inst->sub = X86_VEX(1, 2, 0x25);
        inst->disp = p & 1;
        inst->result = signs;
        x86_add_arg(x, inst, mask + p / 2);
        inst = x86_add_inst(x, x86_flip);
        inst->sub = X86_VEX(1, 1, 0xdb);
        inst->disp = (int32_t)one;
        inst->result = result + p;
        x86_add_arg(x, inst, signs);
    }
    return true;
}

/* The lowest bit as a mask. */
static bool read_lowest(struct x86 *x, LLVMValueRef v)
{
    uint32_t from = x86_value_of(x, LLVMGetOperand(v, 0)), result = x86_define(x, v);
    if (x->failed || 2 * x86_parts(x, v) != x86_parts(x, LLVMGetOperand(v, 0)))
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        uint32_t low = x86_temporary(x, X86_V);
        struct x86_inst *inst = x86_add_inst(x, x86_quads_pack);
        inst->result = low;
        x86_add_arg(x, inst, from + 2 * p);
        x86_add_arg(x, inst, from + 2 * p + 1);
        inst = x86_add_inst(x, x86_lanes_trunc);
        inst->result = result + p;
        x86_add_arg(x, inst, low);
    }
    return true;
}

/* With 64-bit lanes on one side. */
static bool read_quads(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode, enum x86_type to, enum x86_type from)
{
    if (from == X86_M && opcode == LLVMZExt)
        return read_ones(x, v);
    if (to == X86_M && opcode == LLVMTrunc)
        return read_lowest(x, v);
    bool narrow = (from == X86_B || from == X86_H) && opcode != LLVMFPExt;
    if (to == X86_Q && (from == X86_V || narrow || (from == X86_M && opcode == LLVMSExt))) {
        switch (opcode) {
        case LLVMZExt: return read_extend(x, v, X86_VEX(1, 2, 0x35), false);
        case LLVMSExt: return read_extend(x, v, X86_VEX(1, 2, 0x25), true);
        case LLVMSIToFP: return read_extend(x, v, X86_VEX(2, 1, 0xe6), true);
        case LLVMFPExt: return read_extend(x, v, X86_VEX(0, 1, 0x5a), true);
        default: return false;
        }
    }
    if (to >= X86_B && to <= X86_V && from == X86_Q) {
        if (to != X86_V && opcode != LLVMTrunc)
            return false;
        switch (opcode) {
        case LLVMTrunc: return read_narrow(x, v, x86_quads_pack, 0);
        case LLVMFPTrunc: return read_narrow(x, v, x86_quads_narrow, X86_VEX(1, 1, 0x5a));
        case LLVMFPToSI:
            return is_double(LLVMGetOperand(v, 0)) && read_narrow(x, v, x86_quads_narrow, X86_VEX(1, 1, 0xe6));
        default: return false;
        }
    }
    return false;
}

/* Masks as the bits of an integer, and back. */
static bool read_bits(struct x86 *x, LLVMValueRef v, enum x86_type to)
{
    LLVMValueRef of = to == X86_M ? v : LLVMGetOperand(v, 0);
    uint32_t from = x86_value_of(x, LLVMGetOperand(v, 0)), result = x86_define(x, v);
    unsigned parts = x86_parts(x, of);
    if (x->failed || parts > 4 || LLVMGetVectorSize(LLVMTypeOf(of)) != X86_LANES * parts)
        return false;
    if (to != X86_M) {
        struct x86_inst *inst = x86_add_inst(x, x86_lanes_bits);
        inst->result = result;
        for (unsigned p = 0; p < parts; p++)
            x86_add_arg(x, inst, from + p);
        return true;
    }
    for (unsigned p = 0; p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, x86_lanes_from_bits);
        inst->result = result + p;
        inst->disp = (int32_t)x86_pool(&x->a, 32, 32);
        for (unsigned i = 0; i < X86_LANES; i++)
            x->a.pool[(uint32_t)inst->disp + 4 * i + p] = (uint8_t)(1u << i);
        x86_add_arg(x, inst, from);
    }
    return true;
}

static bool read_scalar(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode, enum x86_type to, enum x86_type from)
{
    bool wide = to == X86_I64 || from == X86_I64, floats = to == X86_F32 || from == X86_F32;
    switch (opcode) {
    case LLVMZExt: return x86_add(x, v, x86_zext, from, 0, 1);
    case LLVMSExt: return x86_add(x, v, x86_sext, from, 0, 1);
    case LLVMTrunc: return to == X86_I1 && x86_add(x, v, x86_trunc_bit, 0, 0, 1);
    case LLVMBitCast:
        return floats && (to == X86_I32 || from == X86_I32) && x86_add(x, v, x86_float_bits, 0, 0, 1);
    case LLVMSIToFP:
    case LLVMUIToFP:
        if (to != X86_F32 || from < X86_I32 || (wide && opcode == LLVMUIToFP))
            return false;
        x86_add(x, v, x86_int_to_float, opcode == LLVMUIToFP, 0, 1)->size = x86_size_of(from);
        return true;
    case LLVMFPToSI:
    case LLVMFPToUI:
        return from == X86_F32 && to >= X86_I32 && !(wide && opcode == LLVMFPToUI) &&
               x86_add(x, v, x86_float_to_int, opcode == LLVMFPToUI, 0, 1);
    default: return false;
    }
}

bool x86_read_cast(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type to = x86_type_of(x, v), from = x86_type_of(x, LLVMGetOperand(v, 0));
    if (to == X86_NONE || from == X86_NONE)
        return false;
    if (opcode == LLVMBitCast && (to == X86_M || from == X86_M))
        return read_bits(x, v, to);
    bool narrow = to == X86_B || to == X86_H || from == X86_B || from == X86_H;
    if (narrow && to != X86_Q && from != X86_Q)
        return x86_read_narrow_cast(x, v, opcode);
    if (to == X86_Q || from == X86_Q)
        return read_quads(x, v, opcode, to, from);
    if (to < X86_M && from < X86_M)
        return read_scalar(x, v, opcode, to, from);
    if (from == X86_M && to == X86_V && opcode == LLVMZExt)
        return x86_add(x, v, x86_lanes_shift, 2, 31, 1);
    if (from == X86_V && to == X86_M && opcode == LLVMTrunc)
        return x86_add(x, v, x86_lanes_trunc, 0, 0, 1);
    if (from != X86_V || to != X86_V)
        return false;
    switch (opcode) {
    case LLVMSIToFP: return x86_add(x, v, x86_lanes_unary, X86_VEX(0, 1, 0x5b), 0, 1);
    case LLVMFPToSI: return x86_add(x, v, x86_lanes_unary, X86_VEX(2, 1, 0x5b), 0, 1);
    case LLVMUIToFP: {
        uint32_t at = x86_pool_splat(x, 0x4b000000); /* 2^23; 2^39; both together */
        x86_pool_splat(x, 0x53000000);
        x86_pool_splat(x, 0x53000080);
        return x86_add(x, v, x86_lanes_from_unsigned, 0, (int32_t)at, 1);
    }
    case LLVMFPToUI:
        return x86_add(x, v, x86_lanes_to_unsigned, 0, (int32_t)x86_pool_splat(x, 0x4f000000), 1); /* 2^31 */
    default: return false;
    }
}
