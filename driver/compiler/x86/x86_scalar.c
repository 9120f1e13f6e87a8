/* SPDX-License-Identifier: MIT
 *
 * Integers and floats.
 */
#include "x86_scalar.h"

void x86_with_imm(struct x86 *x, unsigned operation, uint32_t w, struct x86_rm rm, int32_t imm)
{
    bool small = imm >= -128 && imm < 128;
    x86_op(&x->a, (small ? 0x83 : 0x81) | w, (int)operation, rm, small ? 1 : 4);
    if (small)
        x86_byte(&x->a, (uint8_t)imm);
    else
        x86_word(&x->a, (uint32_t)imm);
}

/* ---- Integers ---- */

/* sub: the operation's number as in x86_with_imm(). */
void x86_binary(struct x86 *x, struct x86_inst *inst)
{
    int32_t imm;
    if (x86_imm(x, inst, 1, &imm)) {
        x86_with_imm(x, inst->sub, wide(inst), x86_reg(x86_def_copy(x, inst, 0)), imm);
        return;
    }
    struct x86_rm b = x86_use_rm(x, inst, 1);
    x86_op(&x->a, inst->sub << 3 | 3 | wide(inst), x86_def_copy(x, inst, 0), b, 0);
}

void x86_multiply(struct x86 *x, struct x86_inst *inst)
{
    int32_t imm;
    if (x86_imm(x, inst, 1, &imm)) {
        struct x86_rm a = x86_use_rm(x, inst, 0);
        x86_op(&x->a, 0x69 | wide(inst), x86_def(x, inst), a, 4);
        x86_word(&x->a, (uint32_t)imm);
        return;
    }
    struct x86_rm b = x86_use_rm(x, inst, 1);
    x86_op(&x->a, 0x0faf | wide(inst), x86_def_copy(x, inst, 0), b, 0);
}

/* sub: the operation's number with opcode 0xc1. */
void x86_shift(struct x86 *x, struct x86_inst *inst)
{
    int32_t imm;
    if (x86_imm(x, inst, 1, &imm)) {
        x86_op(&x->a, 0xc1 | wide(inst), (int)inst->sub, x86_reg(x86_def_copy(x, inst, 0)), 1);
        x86_byte(&x->a, (uint8_t)imm & (inst->size * 8 - 1));
        return;
    }
    unsigned pp = inst->sub == 4 ? 1 : inst->sub == 5 ? 3 : 2; /* shlx, shrx, sarx */
    int count = x86_use(x, inst, 1);
    struct x86_rm a = x86_use_rm(x, inst, 0);
    x86_vex(&x->a, X86_VEX(pp, 2, 0xf7) | X86_VEX_128 | (inst->size == 8 ? X86_VEX_W : 0),
            x86_def(x, inst), count, a, 0);
}

/* sub: bit 0, signed; bit 1, the remainder. */
void x86_divide(struct x86 *x, struct x86_inst *inst)
{
    bool is_signed = inst->sub & 1, remainder = inst->sub & 2;
    struct x86_rm a = x86_use_rm(x, inst, 0), b = x86_reg(x86_use(x, inst, 1));
    x86_op(&x->a, 0x8b | wide(inst), X86_RAX, a, 0);
    if (is_signed) { /* cdq, cqo */
        if (inst->size == 8)
            x86_byte(&x->a, 0x48);
        x86_byte(&x->a, 0x99);
    } else {
        x86_op(&x->a, 0x33, X86_RDX, RDX_RM, 0);
    }
    x86_op(&x->a, 0xf7 | wide(inst), is_signed ? 7 : 6, b, 0);
    x86_move(x, X86_I64, x86_def(x, inst), remainder ? RDX_RM : RAX_RM);
}

/* sub: the argument's type. */
void x86_zext(struct x86 *x, struct x86_inst *inst)
{
    if (inst->sub == X86_I1) {
        x86_def_copy(x, inst, 0);
        return;
    }
    struct x86_rm a = x86_use_rm(x, inst, 0);
    uint32_t op = inst->sub == X86_I8 ? 0x0fb6 | X86_BYTE : inst->sub == X86_I16 ? 0x0fb7 : 0x8b;
    x86_op(&x->a, op, x86_def(x, inst), a, 0);
}

void x86_sext(struct x86 *x, struct x86_inst *inst)
{
    if (inst->sub == X86_I1) { /* neg */
        x86_op(&x->a, 0xf7 | wide(inst), 3, x86_reg(x86_def_copy(x, inst, 0)), 0);
        return;
    }
    struct x86_rm a = x86_use_rm(x, inst, 0);
    uint32_t op = inst->sub == X86_I8 ? 0x0fbe | X86_BYTE : inst->sub == X86_I16 ? 0x0fbf : 0x63;
    x86_op(&x->a, op | wide(inst), x86_def(x, inst), a, 0);
}

void x86_trunc_bit(struct x86 *x, struct x86_inst *inst)
{
    x86_with_imm(x, 4, 0, x86_reg(x86_def_copy(x, inst, 0)), 1);
}

unsigned x86_condition(uint32_t predicate)
{
    static const uint8_t codes[] = {
        [LLVMIntEQ] = 4,   [LLVMIntNE] = 5,    [LLVMIntUGT] = 7,   [LLVMIntUGE] = 3,  [LLVMIntULT] = 2,
        [LLVMIntULE] = 6,  [LLVMIntSGT] = 0xf, [LLVMIntSGE] = 0xd, [LLVMIntSLT] = 0xc, [LLVMIntSLE] = 0xe,
    };
    return codes[predicate];
}

void x86_compare(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    int32_t imm;
    if (inst->size < 4) {
        bool is_signed = inst->sub >= LLVMIntSGT;
        uint32_t op = (inst->size == 1 ? 0x0fb6u | X86_BYTE : 0x0fb7u) | (is_signed ? 8 : 0);
        int a = x86_use(x, inst, k), b = x86_use(x, inst, k + 1);
        x86_op(&x->a, op, X86_RAX, x86_reg(a), 0);
        x86_op(&x->a, op, X86_RDX, x86_reg(b), 0);
        x86_op(&x->a, 0x3b, X86_RAX, RDX_RM, 0);
    } else if (x86_imm(x, inst, k + 1, &imm)) {
        x86_with_imm(x, 7, wide(inst), x86_use_rm(x, inst, k), imm);
    } else {
        int a = x86_use(x, inst, k);
        x86_op(&x->a, 0x3b | wide(inst), a, x86_use_rm(x, inst, k + 1), 0);
    }
}

void x86_test(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    x86_with_imm(x, 7, 0, x86_use_rm(x, inst, k), 0);
}

void x86_icmp(struct x86 *x, struct x86_inst *inst)
{
    x86_compare(x, inst, 0);
    x86_op(&x->a, 0x0f90 | x86_condition(inst->sub) | X86_BYTE, 0, RAX_RM, 0);
    x86_op(&x->a, 0x0fb6, x86_def(x, inst), RAX_RM, 0);
}

void x86_move_if(struct x86 *x, unsigned condition, int reg, int from)
{
    x86_op(&x->a, 0x0f40 | condition | X86_W, reg, x86_reg(from), 0);
}

/* Arguments: condition, value if it is set, value if not. */
void x86_select(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 1);
    x86_use(x, inst, 2);
    x86_test(x, inst, 0);
    x86_move_if(x, 5, x86_def_copy(x, inst, 2), a);
}

/* Arguments: two values to choose from, two to compare. */
void x86_select_cmp(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_use(x, inst, 1);
    x86_compare(x, inst, 2);
    x86_move_if(x, x86_condition(inst->sub), x86_def_copy(x, inst, 1), a);
}

/* sub: the condition under which the second is taken. */
void x86_min_max(struct x86 *x, struct x86_inst *inst)
{
    int b = x86_use(x, inst, 1), reg = x86_def_copy(x, inst, 0);
    x86_op(&x->a, 0x3b | wide(inst), reg, x86_reg(b), 0);
    x86_move_if(x, inst->sub, reg, b);
}

/* sub: opcode. */
void x86_count_bits(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    x86_op(&x->a, inst->sub | X86_F3 | wide(inst), x86_def(x, inst), a, 0);
}

/* ---- Floats ---- */

/* sub: opcode. */
void x86_float_binary(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    struct x86_rm b = x86_use_rm(x, inst, 1);
    x86_vex(&x->a, X86_VEX(2, 1, inst->sub) | X86_VEX_128, x86_def(x, inst), a, b, 0);
}

void x86_float_unary(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_vex(&x->a, X86_VEX(2, 1, inst->sub) | X86_VEX_128, x86_def(x, inst), a, x86_reg(a), 0);
}

/* sub: how to round. */
void x86_float_round(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_vex(&x->a, X86_VEX(1, 3, 0x0a) | X86_VEX_128, x86_def(x, inst), a, x86_reg(a), 1);
    x86_byte(&x->a, inst->sub);
}

/* sub: the comparison of vcmpss. */
void x86_float_cmp(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_vex(&x->a, X86_VEX(2, 1, 0xc2) | X86_VEX_128, 15, a, x86_use_rm(x, inst, 1), 1);
    x86_byte(&x->a, inst->sub);
    int reg = x86_def(x, inst);
    x86_vex(&x->a, X86_VEX(1, 1, 0x7e) | X86_VEX_128, 15, 0, x86_reg(reg), 0);
    x86_with_imm(x, 4, 0, x86_reg(reg), 1);
}

/* sub: the integer is unsigned, of 32 bits. */
void x86_float_to_int(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    uint32_t w = inst->sub || inst->size == 8 ? X86_VEX_W : 0;
    x86_vex(&x->a, X86_VEX(2, 1, 0x2c) | X86_VEX_128 | w, x86_def(x, inst), 0, a, 0);
}

void x86_int_to_float(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_reg(x86_use(x, inst, 0));
    uint32_t w = inst->sub || inst->size == 8 ? X86_VEX_W : 0;
    if (inst->sub) {
        x86_op(&x->a, 0x8b, X86_RAX, a, 0);
        a = RAX_RM;
    }
    int reg = x86_def(x, inst);
    x86_vex(&x->a, X86_VEX(2, 1, 0x2a) | X86_VEX_128 | w, reg, reg, a, 0);
}

/* An i32 as a float, or back. */
void x86_float_bits(struct x86 *x, struct x86_inst *inst)
{
    bool to_float = x86_in_vector(x->values[inst->result].type);
    int a = x86_use(x, inst, 0), reg = x86_def(x, inst);
    x86_vex(&x->a, X86_VEX(1, 1, to_float ? 0x6e : 0x7e) | X86_VEX_128, to_float ? reg : a, 0,
            x86_reg(to_float ? a : reg), 0);
}

/* An i1 chooses between floats, or between vectors. */
void x86_float_select(struct x86 *x, struct x86_inst *inst)
{
    int c = x86_use(x, inst, 0), a = x86_use(x, inst, 1), b = x86_use(x, inst, 2);
    x86_op(&x->a, 0x8b, X86_RAX, x86_reg(c), 0);
    x86_op(&x->a, 0xf7, 3, RAX_RM, 0); /* neg */
    x86_vex(&x->a, X86_VEX(1, 1, 0x6e) | X86_VEX_128, 15, 0, RAX_RM, 0);
    x86_vex(&x->a, X86_VEX(1, 2, 0x58), 15, 0, x86_reg(15), 0); /* vpbroadcastd */
    x86_vex(&x->a, X86_VEX(1, 3, 0x4a), x86_def(x, inst), b, x86_reg(a), 1);
    x86_byte(&x->a, 15 << 4);
}
