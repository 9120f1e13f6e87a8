/* SPDX-License-Identifier: MIT
 *
 * Instructions on scalars, on memory, and control flow.
 */
#include <string.h>

#include "x86_private.h"

#define RAX_RM x86_reg(X86_RAX)
#define RDX_RM x86_reg(X86_RDX)

static uint32_t wide(const struct x86_inst *inst)
{
    return inst->size == 8 ? X86_W : 0;
}

/* One of the eight operations of opcode 0x81, on rm. */
static void with_imm(struct x86 *x, unsigned operation, uint32_t w, struct x86_rm rm, int32_t imm)
{
    bool small = imm >= -128 && imm < 128;
    x86_op(&x->a, (small ? 0x83 : 0x81) | w, (int)operation, rm, small ? 1 : 4);
    if (small)
        x86_byte(&x->a, (uint8_t)imm);
    else
        x86_word(&x->a, (uint32_t)imm);
}

/* ---- Integers ---- */

/* sub: the operation's number as in with_imm(). */
void x86_binary(struct x86 *x, struct x86_inst *inst)
{
    int32_t imm;
    if (x86_imm(x, inst, 1, &imm)) {
        with_imm(x, inst->sub, wide(inst), x86_reg(x86_def_copy(x, inst, 0)), imm);
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
    with_imm(x, 4, 0, x86_reg(x86_def_copy(x, inst, 0)), 1);
}

static unsigned condition_of(uint32_t predicate)
{
    static const uint8_t codes[] = {
        [LLVMIntEQ] = 4,   [LLVMIntNE] = 5,    [LLVMIntUGT] = 7,   [LLVMIntUGE] = 3,  [LLVMIntULT] = 2,
        [LLVMIntULE] = 6,  [LLVMIntSGT] = 0xf, [LLVMIntSGE] = 0xd, [LLVMIntSLT] = 0xc, [LLVMIntSLE] = 0xe,
    };
    return codes[predicate];
}

/* Sets the flags for arguments k and k + 1, as inst->sub compares them. */
static void compare(struct x86 *x, struct x86_inst *inst, unsigned k)
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
        with_imm(x, 7, wide(inst), x86_use_rm(x, inst, k), imm);
    } else {
        int a = x86_use(x, inst, k);
        x86_op(&x->a, 0x3b | wide(inst), a, x86_use_rm(x, inst, k + 1), 0);
    }
}

/* Sets the flags for an i1. */
static void test(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    with_imm(x, 7, 0, x86_use_rm(x, inst, k), 0);
}

void x86_icmp(struct x86 *x, struct x86_inst *inst)
{
    compare(x, inst, 0);
    x86_op(&x->a, 0x0f90 | condition_of(inst->sub) | X86_BYTE, 0, RAX_RM, 0);
    x86_op(&x->a, 0x0fb6, x86_def(x, inst), RAX_RM, 0);
}

static void conditional_move(struct x86 *x, unsigned condition, int reg, int from)
{
    x86_op(&x->a, 0x0f40 | condition | X86_W, reg, x86_reg(from), 0);
}

/* Arguments: condition, value if it is set, value if not. */
void x86_select(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 1);
    x86_use(x, inst, 2);
    test(x, inst, 0);
    conditional_move(x, 5, x86_def_copy(x, inst, 2), a);
}

/* Arguments: two values to choose from, two to compare. */
void x86_select_cmp(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_use(x, inst, 1);
    compare(x, inst, 2);
    conditional_move(x, condition_of(inst->sub), x86_def_copy(x, inst, 1), a);
}

/* sub: the condition under which the second is taken. */
void x86_min_max(struct x86 *x, struct x86_inst *inst)
{
    int b = x86_use(x, inst, 1), reg = x86_def_copy(x, inst, 0);
    x86_op(&x->a, 0x3b | wide(inst), reg, x86_reg(b), 0);
    conditional_move(x, inst->sub, reg, b);
}

/* sub: opcode. */
void x86_count_bits(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    x86_op(&x->a, inst->sub | X86_F3 | wide(inst), x86_def(x, inst), a, 0);
}

/* ---- Memory ---- */

void x86_lea(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    x86_op(&x->a, 0x8d | X86_W, x86_def(x, inst), mem, 0);
}

/* sub: the scale. */
void x86_lea_index(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_mem(x86_use(x, inst, 0), inst->disp);
    mem.index = (int8_t)x86_use(x, inst, 1);
    mem.scale = (uint8_t)inst->sub;
    x86_op(&x->a, 0x8d | X86_W, x86_def(x, inst), mem, 0);
}

/* sub: bytes of each. */
void x86_lea_product(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_mem(x86_use(x, inst, 0), 0);
    x86_op(&x->a, 0x69 | X86_W, X86_RAX, x86_use_rm(x, inst, 1), 4); /* imul */
    x86_word(&x->a, inst->sub);
    mem.index = X86_RAX;
    x86_op(&x->a, 0x8d | X86_W, x86_def(x, inst), mem, 0);
}

void x86_load(struct x86 *x, struct x86_inst *inst)
{
    enum x86_type type = x->values[inst->result].type;
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int reg = x86_def(x, inst);
    if (type == X86_I8 || type == X86_I16)
        x86_op(&x->a, type == X86_I8 ? 0x0fb6 : 0x0fb7, reg, mem, 0);
    else
        x86_move(x, type, reg, mem);
}

/* sub: the value's type. */
void x86_store(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 1);
    int32_t imm;
    uint32_t flags = inst->sub == X86_I16 ? X86_66 : inst->sub == X86_I8 ? X86_BYTE : wide(inst);
    uint32_t byte = inst->sub == X86_I8;
    if (!x86_in_vector(inst->sub) && x86_imm(x, inst, 0, &imm)) {
        unsigned imm_B = inst->size < 4 ? inst->size : 4;
        x86_op(&x->a, (0xc7 - byte) | flags, 0, mem, imm_B);
        for (unsigned i = 0; i < imm_B; i++)
            x86_byte(&x->a, (uint32_t)imm >> 8 * i & 0xff);
        return;
    }
    int reg = x86_use(x, inst, 0);
    if (x86_in_vector(inst->sub))
        x86_move_out(x, inst->sub, mem, reg);
    else
        x86_op(&x->a, (0x89 - byte) | flags, reg, mem, 0);
}

/* ---- Atomics ---- */

#define LOCK 0xf0

void x86_atomic_add(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int reg = x86_def_copy(x, inst, 1);
    x86_byte(&x->a, LOCK);
    x86_op(&x->a, 0x0fc1 | wide(inst), reg, mem, 0);
}

void x86_atomic_swap(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    x86_op(&x->a, 0x87 | wide(inst), x86_def_copy(x, inst, 1), mem, 0);
}

/* Tries again until nobody has come between. */
void x86_atomic_loop(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int value = x86_use(x, inst, 1);
    uint32_t again = x86_label(&x->a);
    x86_op(&x->a, 0x8b | wide(inst), X86_RAX, mem, 0);
    x86_place(&x->a, again);
    x86_op(&x->a, 0x8b | wide(inst), X86_RDX, RAX_RM, 0);
    if (inst->sub < 16) {
        x86_op(&x->a, inst->sub << 3 | 3 | wide(inst), X86_RDX, x86_reg(value), 0);
    } else {
        x86_op(&x->a, 0x3b | wide(inst), X86_RDX, x86_reg(value), 0);
        conditional_move(x, inst->sub - 16, X86_RDX, value);
    }
    x86_byte(&x->a, LOCK);
    x86_op(&x->a, 0x0fb1 | wide(inst), X86_RDX, mem, 0); /* cmpxchg */
    x86_goto_if(&x->a, 5, again);
    x86_move(x, X86_I64, x86_def(x, inst), RAX_RM);
}

void x86_fence(struct x86 *x, struct x86_inst *inst)
{
    (void)inst;
    x86_byte(&x->a, 0x0f); /* mfence */
    x86_byte(&x->a, 0xae);
    x86_byte(&x->a, 0xf0);
}

/* ---- Control flow ---- */

static bool is_next(const struct x86 *x, uint32_t label)
{
    return x->block + 1 < x->block_count && x->blocks[x->block + 1].label == label;
}

void x86_jump(struct x86 *x, struct x86_inst *inst)
{
    if (!is_next(x, inst->to[0]))
        x86_goto(&x->a, inst->to[0]);
}

static void jump_on(struct x86 *x, const struct x86_inst *inst, unsigned condition)
{
    if (is_next(x, inst->to[0])) {
        x86_goto_if(&x->a, condition ^ 1, inst->to[1]);
        return;
    }
    x86_goto_if(&x->a, condition, inst->to[0]);
    if (!is_next(x, inst->to[1]))
        x86_goto(&x->a, inst->to[1]);
}

void x86_jump_if(struct x86 *x, struct x86_inst *inst)
{
    test(x, inst, 0);
    jump_on(x, inst, 5);
}

void x86_jump_cmp(struct x86 *x, struct x86_inst *inst)
{
    compare(x, inst, 0);
    jump_on(x, inst, condition_of(inst->sub));
}

/* Goes where the argument is inst->sub. */
void x86_jump_case(struct x86 *x, struct x86_inst *inst)
{
    with_imm(x, 7, 0, x86_use_rm(x, inst, 0), (int32_t)inst->sub);
    x86_goto_if(&x->a, 4, inst->to[0]);
}

void x86_ret(struct x86 *x, struct x86_inst *inst)
{
    (void)inst;
    if (x->entry) {
        static const uint8_t leave[] = {
            0xc5, 0xf8, 0x77,       /* vzeroupper */
            0x48, 0x8d, 0x65, 0xd8, /* lea rsp, [rbp - 40] */
            0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, /* pop r15, r14, r13, r12, rbx */
        };
        for (unsigned i = 0; i < sizeof leave; i++)
            x86_byte(&x->a, leave[i]);
    } else {
        x86_op(&x->a, 0x8b | X86_W, X86_RSP, x86_reg(X86_RBP), 0);
    }
    x86_byte(&x->a, 0x5d); /* pop rbp */
    x86_byte(&x->a, 0xc3);
}

void x86_trap(struct x86 *x, struct x86_inst *inst)
{
    (void)inst;
    x86_byte(&x->a, 0x0f); /* ud2 */
    x86_byte(&x->a, 0x0b);
}

/* What edges wrote is read where it is used, or at once if an edge of this block may write it before that. */
void x86_phi(struct x86 *x, struct x86_inst *inst)
{
    struct x86_value *v = &x->values[inst->result];
    if (v->crosses) {
        x86_move(x, v->type, x86_def(x, inst), x86_mem(X86_RSP, v->in));
    } else {
        v->at = v->in;
        v->stored = true;
    }
}

/* sub: the phi. Leaves the flags alone, as moves do. */
void x86_phi_copy(struct x86 *x, struct x86_inst *inst)
{
    const struct x86_value *phi = &x->values[inst->sub];
    struct x86_rm to = x86_mem(X86_RSP, phi->in);
    int32_t imm;
    if (!x86_in_vector(phi->type) && x86_imm(x, inst, 0, &imm)) {
        x86_op(&x->a, 0xc7 | wide(inst), 0, to, 4);
        x86_word(&x->a, (uint32_t)imm);
    } else {
        x86_move_out(x, phi->type, to, x86_use(x, inst, 0));
    }
}

/* Arguments where the frame begins, and no value in a register. */
static void lay_out(struct x86 *x, struct x86_inst *inst)
{
    for (unsigned k = 0; k < inst->count; k++) {
        int reg = x86_use(x, inst, k);
        x86_move_out(x, X86_I64, x86_mem(X86_RSP, (int32_t)(8 * k)), reg);
    }
    x86_spill_all(x);
}

/* Of a function of this module, which keeps no register. sub: its label. */
void x86_call(struct x86 *x, struct x86_inst *inst)
{
    lay_out(x, inst);
    x86_call_label(&x->a, inst->sub);
}

/* Of a function of the driver, whose address is the last argument. */
void x86_call_address(struct x86 *x, struct x86_inst *inst)
{
    static const int registers[] = {X86_RDI, X86_RSI, X86_RDX, X86_RCX, X86_R8, X86_R8 + 1};
    lay_out(x, inst);
    for (unsigned k = 0; k + 1 < inst->count; k++)
        x86_move(x, X86_I64, registers[k], x86_mem(X86_RSP, (int32_t)(8 * k)));
    x86_byte(&x->a, 0xc5); /* vzeroupper */
    x86_byte(&x->a, 0xf8);
    x86_byte(&x->a, 0x77);
    x86_op(&x->a, 0xff, 2, x86_mem(X86_RSP, (int32_t)(8 * (inst->count - 1))), 0);
}

static void repeat(struct x86 *x, struct x86_inst *inst, int second, unsigned opcode)
{
    lay_out(x, inst);
    x86_move(x, X86_I64, X86_RDI, x86_mem(X86_RSP, 0));
    x86_move(x, X86_I64, second, x86_mem(X86_RSP, 8));
    x86_move(x, X86_I64, X86_RCX, x86_mem(X86_RSP, 16));
    x86_byte(&x->a, 0xf3);
    x86_byte(&x->a, opcode);
}

/* Arguments: where, a byte, how many. */
void x86_fill(struct x86 *x, struct x86_inst *inst)
{
    repeat(x, inst, X86_RAX, 0xaa);
}

/* Arguments: where to, from, how many. */
void x86_copy(struct x86 *x, struct x86_inst *inst)
{
    repeat(x, inst, X86_RSI, 0xa4);
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
    with_imm(x, 4, 0, x86_reg(reg), 1);
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
