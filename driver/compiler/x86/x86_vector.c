/* SPDX-License-Identifier: MIT
 *
 * Instructions on vectors of eight lanes. Where nothing else is said, `sub` is the instruction as x86_vex() takes
 * it.
 */
#include <string.h>

#include "x86_private.h"

#define SCRATCH 15
#define SCRATCH_2 14
#define AND X86_VEX(1, 1, 0xdb)
#define OR X86_VEX(1, 1, 0xeb)
#define XOR X86_VEX(1, 1, 0xef)
#define EQUAL X86_VEX(1, 1, 0x76)
#define GREATER X86_VEX(1, 1, 0x66)
#define UNSIGNED_MIN X86_VEX(1, 2, 0x3b)
#define UNSIGNED_MAX X86_VEX(1, 2, 0x3f)
#define BLEND X86_VEX(1, 3, 0x02)     /* vpblendd */
#define BLEND_BY X86_VEX(1, 3, 0x4a)  /* vblendvps */
#define BLEND_16 X86_VEX(1, 3, 0x0e)  /* vpblendw */
#define SHIFT X86_VEX(1, 1, 0x72)     /* by an immediate; `reg` says which way */
#define PERMUTE X86_VEX(1, 2, 0x36)   /* vpermd */
#define SPREAD X86_VEX(1, 2, 0x58)    /* vpbroadcastd */
#define SPREAD_F X86_VEX(1, 2, 0x18)  /* vbroadcastss */
#define FROM_GENERAL (X86_VEX(1, 1, 0x6e) | X86_VEX_128)
#define TO_GENERAL (X86_VEX(1, 1, 0x7e) | X86_VEX_128)
#define GATHER X86_VEX(1, 2, 0x90)
#define SIGNS X86_VEX(0, 1, 0x50)      /* vmovmskps */
#define MOVE X86_VEX(0, 1, 0x28)

enum { RIGHT = 2, RIGHT_SIGNED = 4, LEFT = 6 };

uint32_t x86_pool_splat(struct x86 *x, uint32_t bits)
{
    uint32_t at = x86_pool(&x->a, 32, 32);
    for (unsigned i = 0; i < X86_LANES; i++)
        memcpy(x->a.pool + at + 4 * i, &bits, 4);
    return at;
}

static void op3(struct x86 *x, uint32_t op, int reg, int a, struct x86_rm b)
{
    x86_vex(&x->a, op, reg, a, b, 0);
}

static void op3_imm(struct x86 *x, uint32_t op, int reg, int a, struct x86_rm b, unsigned imm)
{
    x86_vex(&x->a, op, reg, a, b, 1);
    x86_byte(&x->a, imm & 0xff);
}

static void shift_by(struct x86 *x, int way, int reg, int a, unsigned count)
{
    op3_imm(x, SHIFT, way, reg, x86_reg(a), count);
}

void x86_lanes_binary(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    struct x86_rm b = x86_use_rm(x, inst, 1);
    op3(x, inst->sub, x86_def(x, inst), a, b);
}

void x86_lanes_unary(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    op3(x, inst->sub, x86_def(x, inst), 0, a);
}

/* With a constant of the pool at inst->disp: signs. Of a scalar float, too. */
void x86_flip(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    op3(x, inst->sub, x86_def(x, inst), a, x86_pool_mem((uint32_t)inst->disp));
}

/* sub: how to round; disp: 1 for 64-bit lanes. */
void x86_lanes_round(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    op3_imm(x, X86_VEX(1, 3, 0x08 + (uint32_t)inst->disp), x86_def(x, inst), 0, a, inst->sub);
}

/* All lanes by inst->disp; sub: which way. */
void x86_lanes_shift(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    shift_by(x, (int)inst->sub, x86_def(x, inst), a, (unsigned)inst->disp);
}

/* Arguments a, b, c: a * b + c. Of scalar floats, too: sub. */
void x86_fma(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    struct x86_rm b = x86_use_rm(x, inst, 1);
    op3(x, inst->sub, x86_def_copy(x, inst, 2), a, b);
}

/* The lesser, or greater (sub); of a number and a NaN, the number. As scalars: sub of vminss. */
void x86_lanes_min(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0), b = x86_use(x, inst, 1);
    op3(x, inst->sub, SCRATCH, b, x86_reg(a)); /* a where either is a NaN */
    op3_imm(x, X86_VEX(0, 1, 0xc2), SCRATCH_2, a, x86_reg(a), 3);
    op3_imm(x, BLEND_BY, x86_def(x, inst), SCRATCH, x86_reg(b), SCRATCH_2 << 4);
}

static void invert(struct x86 *x, int reg)
{
    op3(x, EQUAL, SCRATCH, SCRATCH, x86_reg(SCRATCH));
    op3(x, XOR, reg, reg, x86_reg(SCRATCH));
}

/* sub: the predicate. */
void x86_lanes_icmp(struct x86 *x, struct x86_inst *inst)
{
    static const struct {
        uint32_t op;
        bool swap, not, extreme; /* extreme: is the lesser, or greater, of both the first? */
    } rows[] = {
        [LLVMIntEQ] = {EQUAL, false, false, false},
        [LLVMIntNE] = {EQUAL, false, true, false},
        [LLVMIntSGT] = {GREATER, false, false, false},
        [LLVMIntSLE] = {GREATER, false, true, false},
        [LLVMIntSLT] = {GREATER, true, false, false},
        [LLVMIntSGE] = {GREATER, true, true, false},
        [LLVMIntULE] = {UNSIGNED_MIN, false, false, true},
        [LLVMIntUGT] = {UNSIGNED_MIN, false, true, true},
        [LLVMIntUGE] = {UNSIGNED_MAX, false, false, true},
        [LLVMIntULT] = {UNSIGNED_MAX, false, true, true},
    };
    unsigned first = rows[inst->sub].swap;
    int a = x86_use(x, inst, first), reg;
    struct x86_rm b = x86_use_rm(x, inst, !first);
    if (rows[inst->sub].extreme) {
        op3(x, rows[inst->sub].op, SCRATCH, a, b);
        reg = x86_def(x, inst);
        op3(x, EQUAL, reg, SCRATCH, x86_reg(a));
    } else {
        reg = x86_def(x, inst);
        op3(x, rows[inst->sub].op, reg, a, b);
    }
    if (rows[inst->sub].not)
        invert(x, reg);
}

/* sub: the comparison of vcmpps. */
void x86_lanes_fcmp(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    struct x86_rm b = x86_use_rm(x, inst, 1);
    op3_imm(x, X86_VEX(0, 1, 0xc2), x86_def(x, inst), a, b, inst->sub);
}

/* Arguments: the lanes of the first, the first, the other. */
void x86_lanes_select(struct x86 *x, struct x86_inst *inst)
{
    int mask = x86_use(x, inst, 0), b = x86_use(x, inst, 2);
    struct x86_rm a = x86_use_rm(x, inst, 1);
    op3_imm(x, BLEND_BY, x86_def(x, inst), b, a, (unsigned)mask << 4);
}

/* A scalar in every lane; an i1 as a mask. */
static void spread(struct x86 *x, enum x86_type type, int reg, struct x86_rm a)
{
    if (type == X86_F32) {
        op3(x, SPREAD_F, reg, 0, a);
    } else if (a.reg == X86_NO_REG && type != X86_I1) {
        op3(x, SPREAD, reg, 0, a);
    } else {
        if (type == X86_I1) {
            x86_op(&x->a, 0x8b, X86_RAX, a, 0);
            x86_op(&x->a, 0xf7, 3, x86_reg(X86_RAX), 0); /* neg */
            a = x86_reg(X86_RAX);
        }
        op3(x, FROM_GENERAL, reg, 0, a);
        op3(x, SPREAD, reg, 0, x86_reg(reg));
    }
}

/* sub: the scalar's type. */
void x86_lanes_splat(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    spread(x, inst->sub, x86_def(x, inst), a);
}

/* <8 x i32> to <8 x i1>. */
void x86_lanes_trunc(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0), reg = x86_def(x, inst);
    shift_by(x, LEFT, reg, a, 31);
    shift_by(x, RIGHT_SIGNED, reg, reg, 31);
}

/* Masks, the lowest lanes first, to the bits of an integer. */
void x86_lanes_bits(struct x86 *x, struct x86_inst *inst)
{
    unsigned k = inst->count - 1;
    int a = x86_use(x, inst, k), reg = x86_def_apart(x, inst);
    op3(x, SIGNS, reg, 0, x86_reg(a));
    while (k-- > 0) {
        x86_op(&x->a, 0xc1, 4, x86_reg(reg), 1); /* shl */
        x86_byte(&x->a, X86_LANES);
        op3(x, SIGNS, X86_RAX, 0, x86_reg(x86_use(x, inst, k)));
        x86_op(&x->a, 0x0b, reg, x86_reg(X86_RAX), 0); /* or */
    }
}

void x86_lanes_from_bits(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm bits = x86_pool_mem((uint32_t)inst->disp); /* 1, 2, 4 .. 128 */
    int a = x86_use(x, inst, 0), reg = x86_def(x, inst);
    op3(x, FROM_GENERAL, reg, 0, x86_reg(a));
    op3(x, SPREAD, reg, 0, x86_reg(reg));
    op3(x, AND, reg, reg, bits);
    op3(x, EQUAL, reg, reg, bits);
}

/* The halves of the number become the low bits of floats that are 2^23 and 2^39 beyond it; disp: these, and their
 * sum. As LLVM does it. */
void x86_lanes_from_unsigned(struct x86 *x, struct x86_inst *inst)
{
    uint32_t at = (uint32_t)inst->disp;
    int a = x86_use(x, inst, 0), reg = x86_def(x, inst);
    op3_imm(x, BLEND_16, SCRATCH, a, x86_pool_mem(at), 0xaa);
    shift_by(x, RIGHT, reg, a, 16);
    op3_imm(x, BLEND_16, reg, reg, x86_pool_mem(at + 32), 0xaa);
    op3(x, X86_VEX(0, 1, 0x5c), reg, reg, x86_pool_mem(at + 64));
    op3(x, X86_VEX(0, 1, 0x58), reg, SCRATCH, x86_reg(reg));
}

/* Converted as they are, and less 2^31: in range is the one, else the other. disp: 2^31 */
void x86_lanes_to_unsigned(struct x86 *x, struct x86_inst *inst)
{
    const uint32_t convert = X86_VEX(2, 1, 0x5b);
    int a = x86_use(x, inst, 0), reg = x86_def(x, inst);
    op3(x, X86_VEX(0, 1, 0x5c), SCRATCH, a, x86_pool_mem((uint32_t)inst->disp));
    op3(x, convert, SCRATCH, 0, x86_reg(SCRATCH));
    op3(x, convert, reg, 0, x86_reg(a));
    shift_by(x, RIGHT_SIGNED, SCRATCH_2, reg, 31);
    op3(x, AND, SCRATCH, SCRATCH, x86_reg(SCRATCH_2));
    op3(x, OR, reg, reg, x86_reg(SCRATCH));
}

/* ---- Memory ---- */

/* Arguments: base, offsets, mask; sub: the scale. Zero where the mask is not set. */
void x86_lanes_gather(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_mem(x86_use(x, inst, 0), inst->disp);
    mem.index = (int8_t)x86_use(x, inst, 1);
    mem.scale = (uint8_t)inst->sub;
    x86_vex(&x->a, MOVE, SCRATCH, 0, x86_reg(x86_use(x, inst, 2)), 0);
    int reg = x86_def_apart(x, inst);
    op3(x, XOR, reg, reg, x86_reg(reg));
    op3(x, GATHER, reg, SCRATCH, mem);
}

/* Arguments: address, mask. */
void x86_lanes_load(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int mask = x86_use(x, inst, 1);
    op3(x, inst->sub, x86_def(x, inst), mask, mem);
}

/* Arguments: address, mask, value. */
void x86_lanes_store(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    int mask = x86_use(x, inst, 1);
    op3(x, inst->sub, x86_use(x, inst, 2), mask, mem);
}

/* ---- Lanes ---- */

/* Lane inst->disp of a vector or of a mask (sub). */
void x86_lanes_extract(struct x86 *x, struct x86_inst *inst)
{
    bool to_float = x86_in_vector(x->values[inst->result].type);
    int a = x86_use(x, inst, 0), lane = inst->disp;
    if (lane >= 4) { /* vextracti128 */
        op3_imm(x, X86_VEX(1, 3, 0x39), a, 0, x86_reg(SCRATCH), 1);
        a = SCRATCH;
    }
    int reg = x86_def(x, inst);
    if (to_float) { /* vpermilps */
        op3_imm(x, X86_VEX(1, 3, 0x04) | X86_VEX_128, reg, 0, x86_reg(a), (unsigned)lane & 3);
        return;
    }
    if (lane & 3) /* vpextrd */
        op3_imm(x, X86_VEX(1, 3, 0x16) | X86_VEX_128, a, 0, x86_reg(reg), (unsigned)lane & 3);
    else
        op3(x, TO_GENERAL, a, 0, x86_reg(reg));
    if (inst->sub == X86_M) {
        x86_op(&x->a, 0x83, 4, x86_reg(reg), 1); /* and */
        x86_byte(&x->a, 1);
    }
}

/* Arguments: vector, scalar (sub: its type) that becomes lane inst->disp. */
void x86_lanes_insert(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    spread(x, inst->sub, SCRATCH, x86_use_rm(x, inst, 1));
    op3_imm(x, BLEND, x86_def(x, inst), a, x86_reg(SCRATCH), 1u << inst->disp);
}

/* Lanes of the first argument, by the pool's numbers at disp; sub: which of them, where the second has the rest. */
void x86_lanes_shuffle(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm a = x86_use_rm(x, inst, 0);
    int under = inst->count > 1 ? x86_use(x, inst, 1) : 0;
    x86_move(x, X86_V, SCRATCH, x86_pool_mem((uint32_t)inst->disp));
    if (inst->count == 1) {
        op3(x, PERMUTE, x86_def(x, inst), SCRATCH, a);
        return;
    }
    op3(x, PERMUTE, SCRATCH, SCRATCH, a);
    op3_imm(x, BLEND, x86_def(x, inst), under, x86_reg(SCRATCH), inst->sub);
}

void x86_lanes_same(struct x86 *x, struct x86_inst *inst)
{
    x86_def_copy(x, inst, 0);
}

/* The lane of that index of a vector that lies where the frame begins. sub: of 64 bits; disp: parts. */
static struct x86_rm lane_at(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    unsigned parts = (unsigned)inst->disp, lanes = (inst->sub ? X86_QUADS : X86_LANES) * parts;
    for (unsigned p = 0; p < parts; p++)
        x86_move_out(x, X86_V, x86_mem(X86_RSP, (int32_t)(32 * p)), x86_use(x, inst, k + p));
    x86_op(&x->a, 0x8b, X86_RAX, x86_reg(x86_use(x, inst, 0)), 0);
    x86_op(&x->a, 0x83, 4, x86_reg(X86_RAX), 1); /* and */
    x86_byte(&x->a, lanes - 1);
    struct x86_rm lane = x86_mem(X86_RSP, 0);
    lane.index = X86_RAX;
    lane.scale = inst->sub ? 3 : 2;
    return lane;
}

/* Arguments: index, vector. */
void x86_lanes_pick(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm lane = lane_at(x, inst, 1);
    x86_move(x, x->values[inst->result].type, x86_def(x, inst), lane);
}

/* Arguments: index, scalar, vector. */
void x86_lanes_put(struct x86 *x, struct x86_inst *inst)
{
    enum x86_type type = x->values[inst->args[1]].type;
    int scalar = x86_use(x, inst, 1);
    struct x86_rm lane = lane_at(x, inst, 2);
    x86_move_out(x, type == X86_F32 ? type : inst->sub ? X86_I64 : X86_I32, lane, scalar);
    x86_move(x, X86_V, x86_def(x, inst), x86_mem(X86_RSP, 0));
}
