/* SPDX-License-Identifier: MIT
 *
 * Instructions on vectors of four lanes of 64 bits, where they are not those of eight.
 */
#include "x86_private.h"

#define SCRATCH 15
#define SCRATCH_2 14
#define HIGH_HALF X86_VEX(1, 3, 0x39)  /* vextracti128; what it gives is rm */
#define SET_HIGH X86_VEX(1, 3, 0x38)   /* vinserti128 */
#define MULTIPLY X86_VEX(1, 1, 0xf4)   /* vpmuludq */
#define ADD X86_VEX(1, 1, 0xd4)
#define XOR X86_VEX(1, 1, 0xef)
#define SHIFT X86_VEX(1, 1, 0x73)
#define EXTEND X86_VEX(1, 2, 0x25)     /* vpmovsxdq */
#define BLEND X86_VEX(1, 3, 0x02)      /* vpblendd */
#define BLEND_BY X86_VEX(1, 3, 0x4b)   /* vblendvpd */
#define EQUAL X86_VEX(1, 2, 0x29)
#define GREATER X86_VEX(1, 2, 0x37)
#define EQUAL_32 X86_VEX(1, 1, 0x76)
#define CHOOSE X86_VEX(0, 1, 0xc6)     /* vshufps */
#define CHOOSE_64 (X86_VEX(1, 3, 0x00) | X86_VEX_W) /* vpermq */
#define FROM_GENERAL (X86_VEX(1, 1, 0x6e) | X86_VEX_128 | X86_VEX_W)
#define TO_GENERAL (X86_VEX(1, 3, 0x16) | X86_VEX_128 | X86_VEX_W) /* vpextrq */
#define SPREAD X86_VEX(1, 2, 0x59)     /* vpbroadcastq */

static void op3(struct x86 *x, uint32_t op, int reg, int a, struct x86_rm b)
{
    x86_vex(&x->a, op, reg, a, b, 0);
}

static void op3_imm(struct x86 *x, uint32_t op, int reg, int a, struct x86_rm b, unsigned imm)
{
    x86_vex(&x->a, op, reg, a, b, 1);
    x86_byte(&x->a, imm & 0xff);
}

/* sub: what widens an xmm register's lanes; disp: is it the upper half? */
void x86_quads_extend(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    if (inst->disp) {
        op3_imm(x, HIGH_HALF, a, 0, x86_reg(SCRATCH), 1);
        a = SCRATCH;
    }
    op3(x, inst->sub, x86_def(x, inst), 0, x86_reg(a));
}

/* The low halves of the lanes of two. */
static void pack(struct x86 *x, int reg, int a, int b)
{
    op3_imm(x, CHOOSE, reg, a, x86_reg(b), 0x88);
    op3_imm(x, CHOOSE_64, reg, 0, x86_reg(reg), 0xd8);
}

void x86_quads_pack(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0), b = x86_use(x, inst, 1);
    pack(x, x86_def(x, inst), a, b);
}

/* sub: what makes an xmm register of each of two. */
void x86_quads_narrow(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0), b = x86_use(x, inst, 1);
    op3(x, inst->sub, SCRATCH, 0, x86_reg(b));
    int reg = x86_def(x, inst);
    op3(x, inst->sub, reg, 0, x86_reg(a));
    op3_imm(x, SET_HIGH, reg, reg, x86_reg(SCRATCH), 1);
}

/* a_low * b_low + ((a_high * b_low + a_low * b_high) << 32) */
void x86_quads_multiply(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0), b = x86_use(x, inst, 1);
    op3_imm(x, SHIFT, 2, SCRATCH, x86_reg(a), 32);
    op3(x, MULTIPLY, SCRATCH, SCRATCH, x86_reg(b));
    op3_imm(x, SHIFT, 2, SCRATCH_2, x86_reg(b), 32);
    op3(x, MULTIPLY, SCRATCH_2, SCRATCH_2, x86_reg(a));
    op3(x, ADD, SCRATCH, SCRATCH, x86_reg(SCRATCH_2));
    op3_imm(x, SHIFT, 6, SCRATCH, x86_reg(SCRATCH), 32);
    int reg = x86_def(x, inst);
    op3(x, MULTIPLY, reg, a, x86_reg(b));
    op3(x, ADD, reg, reg, x86_reg(SCRATCH));
}

static void spread(struct x86 *x, int reg, struct x86_rm a)
{
    if (a.reg != X86_NO_REG) {
        op3(x, FROM_GENERAL, reg, 0, a);
        a = x86_reg(reg);
    }
    op3(x, SPREAD, reg, 0, a);
}

void x86_quads_splat(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    spread(x, x86_def(x, inst), a);
}

void x86_quads_insert(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    spread(x, SCRATCH, x86_use_rm(x, inst, 1));
    op3_imm(x, BLEND, x86_def(x, inst), a, x86_reg(SCRATCH), 3u << 2 * inst->disp);
}

void x86_quads_extract(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    if (inst->disp >= 2) {
        op3_imm(x, HIGH_HALF, a, 0, x86_reg(SCRATCH), 1);
        a = SCRATCH;
    }
    op3_imm(x, TO_GENERAL, a, 0, x86_reg(x86_def(x, inst)), inst->disp & 1);
}

/* Arguments: a mask, of whose lanes disp says the half, the first, the other. */
void x86_quads_select(struct x86 *x, struct x86_inst *inst)
{
    int mask = x86_use(x, inst, 0), a = x86_use(x, inst, 1), b = x86_use(x, inst, 2);
    if (inst->disp) {
        op3_imm(x, HIGH_HALF, mask, 0, x86_reg(SCRATCH), 1);
        mask = SCRATCH;
    }
    op3(x, EXTEND, SCRATCH, 0, x86_reg(mask));
    op3_imm(x, BLEND_BY, x86_def(x, inst), b, x86_reg(a), SCRATCH << 4);
}

/* Arguments: a, b of the lower lanes, a, b of the upper ones; sub: the comparison of vcmppd. */
void x86_quads_fcmp(struct x86 *x, struct x86_inst *inst)
{
    int v[4];
    for (unsigned k = 0; k < 4; k++)
        v[k] = x86_use(x, inst, k);
    op3_imm(x, X86_VEX(1, 1, 0xc2), SCRATCH, v[0], x86_reg(v[1]), inst->sub);
    op3_imm(x, X86_VEX(1, 1, 0xc2), SCRATCH_2, v[2], x86_reg(v[3]), inst->sub);
    pack(x, x86_def(x, inst), SCRATCH, SCRATCH_2);
}

/* sub: the predicate; disp: the pool's sign bits. */
void x86_quads_icmp(struct x86 *x, struct x86_inst *inst)
{
    LLVMIntPredicate p = (LLVMIntPredicate)inst->sub;
    bool equal = p == LLVMIntEQ || p == LLVMIntNE;
    bool is_unsigned = p >= LLVMIntUGT && p <= LLVMIntULE;
    bool swap = p == LLVMIntULT || p == LLVMIntSLT || p == LLVMIntUGE || p == LLVMIntSGE;
    bool not = p == LLVMIntNE || p == LLVMIntULE || p == LLVMIntSLE || p == LLVMIntUGE || p == LLVMIntSGE;
    struct x86_rm sign = x86_pool_mem((uint32_t)inst->disp);
    int v[4];
    for (unsigned k = 0; k < 4; k++)
        v[k] = x86_use(x, inst, k ^ (swap ? 1 : 0));
    int reg = x86_def_apart(x, inst);
    for (unsigned half = 0; half < 2; half++) {
        int a = v[2 * half], b = v[2 * half + 1], to = half ? SCRATCH : reg;
        if (is_unsigned) {
            op3(x, XOR, SCRATCH, a, sign);
            op3(x, XOR, SCRATCH_2, b, sign);
            a = SCRATCH;
            b = SCRATCH_2;
        }
        op3(x, equal ? EQUAL : GREATER, to, a, x86_reg(b));
    }
    pack(x, reg, reg, SCRATCH);
    if (not) {
        op3(x, EQUAL_32, SCRATCH, SCRATCH, x86_reg(SCRATCH));
        op3(x, XOR, reg, reg, x86_reg(SCRATCH));
    }
}
