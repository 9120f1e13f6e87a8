/* SPDX-License-Identifier: MIT
 *
 * Addresses, scalars and whole vectors in memory, atomics.
 */
#include "x86_scalar.h"

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
    if (inst->to[1] > 1)
        x86_vex(&x->a, inst->to[1], reg, 0, mem, 0);
    else if (type <= X86_I16)
        x86_op(&x->a, type == X86_I16 ? 0x0fb7 : 0x0fb6, reg, mem, 0);
    else
        x86_move(x, type, reg, mem);
}

/* sub: the value's type. to[1] of both: beyond 1, the instruction for a vector of few lanes. */
void x86_store(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 1);
    int32_t imm;
    uint32_t byte = inst->sub == X86_I8 || inst->sub == X86_I1;
    uint32_t flags = inst->sub == X86_I16 ? X86_66 : byte ? X86_BYTE : wide(inst);
    if (!x86_in_vector(inst->sub) && x86_imm(x, inst, 0, &imm)) {
        unsigned imm_B = inst->size < 4 ? inst->size : 4;
        x86_op(&x->a, (0xc7 - byte) | flags, 0, mem, imm_B);
        for (unsigned i = 0; i < imm_B; i++)
            x86_byte(&x->a, (uint32_t)imm >> 8 * i & 0xff);
        return;
    }
    int reg = x86_use(x, inst, 0);
    if (inst->to[1] > 1)
        x86_vex(&x->a, inst->to[1], reg, 0, mem, 0);
    else if (x86_in_vector(inst->sub))
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
        x86_move_if(x, inst->sub - 16, X86_RDX, value);
    }
    x86_byte(&x->a, LOCK);
    x86_op(&x->a, 0x0fb1 | wide(inst), X86_RDX, mem, 0); /* cmpxchg */
    x86_goto_if(&x->a, 5, again);
    x86_move(x, X86_I64, x86_def(x, inst), RAX_RM);
}

/* Arguments: where, what is expected, what to write. */
void x86_atomic_exchange(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int value = x86_use(x, inst, 2);
    x86_op(&x->a, 0x8b | wide(inst), X86_RAX, x86_reg(x86_use(x, inst, 1)), 0);
    x86_byte(&x->a, LOCK);
    x86_op(&x->a, 0x0fb1 | wide(inst), value, mem, 0);
    x86_move(x, X86_I64, x86_def(x, inst), RAX_RM);
}

void x86_fence(struct x86 *x, struct x86_inst *inst)
{
    (void)inst;
    x86_byte(&x->a, 0x0f); /* mfence */
    x86_byte(&x->a, 0xae);
    x86_byte(&x->a, 0xf0);
}
