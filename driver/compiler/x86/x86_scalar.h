/* SPDX-License-Identifier: MIT
 *
 * What emitters of scalar instructions share.
 */
#ifndef X86_SCALAR_H
#define X86_SCALAR_H

#include "x86_private.h"

#define RAX_RM x86_reg(X86_RAX)
#define RDX_RM x86_reg(X86_RDX)

static inline uint32_t wide(const struct x86_inst *inst)
{
    return inst->size == 8 ? X86_W : 0;
}

/* One of the eight operations of opcode 0x81, on rm. */
void x86_with_imm(struct x86 *x, unsigned operation, uint32_t w, struct x86_rm rm, int32_t imm);
/* Sets the flags for arguments k and k + 1, as inst->sub compares them. */
void x86_compare(struct x86 *x, struct x86_inst *inst, unsigned k);
/* Sets the flags for an i1. */
void x86_test(struct x86 *x, struct x86_inst *inst, unsigned k);
/* x86's number of an LLVMIntPredicate. */
unsigned x86_condition(uint32_t predicate);
void x86_move_if(struct x86 *x, unsigned condition, int reg, int from);

#endif
