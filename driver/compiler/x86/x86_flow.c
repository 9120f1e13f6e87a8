/* SPDX-License-Identifier: MIT
 *
 * Control flow and calls.
 */
#include "x86_scalar.h"

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
    x86_test(x, inst, 0);
    jump_on(x, inst, 5);
}

void x86_jump_cmp(struct x86 *x, struct x86_inst *inst)
{
    x86_compare(x, inst, 0);
    jump_on(x, inst, x86_condition(inst->sub));
}

/* Goes where the argument is inst->sub. */
void x86_jump_case(struct x86 *x, struct x86_inst *inst)
{
    x86_with_imm(x, 7, wide(inst), x86_use_rm(x, inst, 0), (int32_t)inst->sub);
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
