/* SPDX-License-Identifier: MIT
 *
 * An assembler for what x86_generate() emits: instructions of the 64-bit mode and those with VEX prefixes, into
 * memory that grows, with constants behind the code. Memory comes from the arena.
 */
#ifndef X86_ASM_H
#define X86_ASM_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

enum { X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI, X86_R8 };
#define X86_NO_REG (-1)
#define X86_LABEL_NONE UINT32_MAX

/* What ModRM names: a register, or memory at base + index * 2^scale + disp, or a constant. */
struct x86_rm {
    int8_t reg; /* X86_NO_REG: memory */
    int8_t base, index; /* base X86_NO_REG: disp counts from the constants' start */
    uint8_t scale;
    int32_t disp;
};

/* A branch or a constant whose distance is known at the end. */
struct x86_fixup {
    uint32_t at;     /* of the 4 bytes */
    uint32_t end;    /* of the instruction */
    uint32_t label;  /* X86_LABEL_NONE: the constant at `offset` */
    uint32_t offset;
};

struct x86_asm {
    struct arena *arena;
    uint8_t *code, *pool;
    uint32_t code_B, code_room, pool_B, pool_room;
    struct x86_fixup *fixups;
    uint32_t fixup_count, fixup_room;
    uint32_t *labels; /* where they are in the code */
    uint32_t label_count, label_room;
};

struct x86_rm x86_reg(int reg);
struct x86_rm x86_mem(int base, int32_t disp);
struct x86_rm x86_pool_mem(uint32_t offset);

/* Instructions without VEX: its one to three bytes, 0x0f.. first where it has them; flags below. */
#define X86_W 0x01000000u       /* 64-bit operands */
#define X86_66 0x02000000u      /* prefix 66 */
#define X86_F3 0x04000000u      /* prefix F3 */
#define X86_BYTE 0x08000000u    /* `reg` or rm may be a byte register that needs a REX prefix */
/* imm_B: how many bytes of immediate the caller emits behind it. `reg` may be an opcode extension. */
void x86_op(struct x86_asm *a, uint32_t op, int reg, struct x86_rm rm, unsigned imm_B);

/* Instructions with VEX: X86_VEX(pp, map, opcode). */
#define X86_VEX(pp, map, opcode) ((uint32_t)(pp) << 16 | (uint32_t)(map) << 8 | (opcode))
#define X86_VEX_W 0x00100000u
#define X86_VEX_128 0x00200000u
void x86_vex(struct x86_asm *a, uint32_t op, int reg, int vvvv, struct x86_rm rm, unsigned imm_B);

void x86_byte(struct x86_asm *a, unsigned byte);
void x86_word(struct x86_asm *a, uint32_t word);

uint32_t x86_label(struct x86_asm *a);
void x86_place(struct x86_asm *a, uint32_t label);
/* JMP, Jcc (with its condition code), CALL. */
void x86_goto(struct x86_asm *a, uint32_t label);
void x86_goto_if(struct x86_asm *a, unsigned condition, uint32_t label);
void x86_call_label(struct x86_asm *a, uint32_t label);

/* Room for a constant, zeroed; its offset in the pool. align_B: a power of 2, at most 64. */
uint32_t x86_pool(struct x86_asm *a, uint32_t size_B, uint32_t align_B);
/* Resolves all distances: the pool will lie at pool_at, counted as the code is. */
void x86_link(struct x86_asm *a, uint32_t pool_at);

#endif
