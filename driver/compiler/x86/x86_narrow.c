/* SPDX-License-Identifier: MIT
 *
 * Memory and floats of 8 and 16 bits, whose lanes registers hold in 32 bits each.
 */
#include "x86_private.h"

#define SCRATCH 15
#define EXTEND_8 X86_VEX(1, 2, 0x31)  /* vpmovzxbd */
#define EXTEND_16 X86_VEX(1, 2, 0x33) /* vpmovzxwd */
#define PACK_32 X86_VEX(1, 2, 0x2b)   /* vpackusdw */
#define PACK_16 X86_VEX(1, 1, 0x67)   /* vpackuswb */
#define CHOOSE_64 (X86_VEX(1, 3, 0x00) | X86_VEX_W) /* vpermq */
#define AND X86_VEX(1, 1, 0xdb)
#define STORE_16 (X86_VEX(0, 1, 0x11) | X86_VEX_128) /* bytes: vmovups */
#define STORE_8 (X86_VEX(1, 1, 0xd6) | X86_VEX_128)  /* vmovq */
#define FROM_HALF X86_VEX(1, 2, 0x13) /* vcvtph2ps */
#define TO_HALF X86_VEX(1, 3, 0x1d)   /* vcvtps2ph */

/* The lanes side by side in the low bytes of the scratch register; mask: the pool's, of what counts of them. */
static void pack(struct x86 *x, int a, uint32_t mask, bool bytes)
{
    x86_vex(&x->a, AND, SCRATCH, a, x86_pool_mem(mask), 0);
    x86_vex(&x->a, PACK_32, SCRATCH, SCRATCH, x86_reg(SCRATCH), 0);
    x86_vex(&x->a, CHOOSE_64, SCRATCH, 0, x86_reg(SCRATCH), 1);
    x86_byte(&x->a, 0x08);
    if (bytes)
        x86_vex(&x->a, PACK_16 | X86_VEX_128, SCRATCH, SCRATCH, x86_reg(SCRATCH), 0);
}

void x86_narrow_load(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 0);
    x86_vex(&x->a, inst->sub == X86_B ? EXTEND_8 : EXTEND_16, x86_def(x, inst), 0, mem, 0);
}

/* to[0]: the mask in the pool. */
void x86_narrow_store(struct x86 *x, struct x86_inst *inst)
{
    struct x86_rm mem = x86_use_mem(x, inst, 1);
    pack(x, x86_use(x, inst, 0), inst->to[0], inst->sub == X86_B);
    x86_vex(&x->a, inst->sub == X86_B ? STORE_8 : STORE_16, SCRATCH, 0, mem, 0);
}

void x86_half_extend(struct x86 *x, struct x86_inst *inst)
{
    pack(x, x86_use(x, inst, 0), x86_pool_splat(x, 0xffff), false);
    x86_vex(&x->a, FROM_HALF, x86_def(x, inst), 0, x86_reg(SCRATCH), 0);
}

void x86_half_round(struct x86 *x, struct x86_inst *inst)
{
    int a = x86_use(x, inst, 0);
    x86_vex(&x->a, TO_HALF, a, 0, x86_reg(SCRATCH), 1);
    x86_byte(&x->a, 4); /* as the machine is set to round */
    x86_vex(&x->a, EXTEND_16, x86_def(x, inst), 0, x86_reg(SCRATCH), 0);
}
