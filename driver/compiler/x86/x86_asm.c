/* SPDX-License-Identifier: MIT */
#include "x86_asm.h"

#include <string.h>

#define LONGEST_B 16 /* of an instruction, and then some */

struct x86_rm x86_reg(int reg)
{
    return (struct x86_rm){.reg = (int8_t)(reg & 15), .base = X86_NO_REG, .index = X86_NO_REG};
}

struct x86_rm x86_mem(int base, int32_t disp)
{
    return (struct x86_rm){
        .reg = X86_NO_REG, .base = (int8_t)base, .index = X86_NO_REG, .disp = disp};
}

struct x86_rm x86_pool_mem(uint32_t offset)
{
    return x86_mem(X86_NO_REG, (int32_t)offset);
}

static void make_room(struct x86_asm *a)
{
    if (a->code_room - a->code_B >= LONGEST_B)
        return;
    uint32_t room = a->code_room ? a->code_room * 2 : 16384;
    a->code = arena_grow(a->arena, a->code, a->code_B, room, 1);
    a->code_room = room;
}

void x86_byte(struct x86_asm *a, unsigned byte)
{
    make_room(a);
    a->code[a->code_B++] = (uint8_t)byte;
}

void x86_word(struct x86_asm *a, uint32_t word)
{
    make_room(a);
    memcpy(a->code + a->code_B, &word, 4);
    a->code_B += 4;
}

static void add_fixup(struct x86_asm *a, uint32_t end, uint32_t label, uint32_t offset)
{
    if (a->fixup_count == a->fixup_room) {
        uint32_t room = a->fixup_room ? a->fixup_room * 2 : 256;
        a->fixups = arena_grow(a->arena, a->fixups, a->fixup_count, room, sizeof *a->fixups);
        a->fixup_room = room;
    }
    a->fixups[a->fixup_count++] = (struct x86_fixup){a->code_B, end, label, offset};
    x86_word(a, 0);
}

static void modrm(struct x86_asm *a, int reg, struct x86_rm rm, unsigned imm_B)
{
    unsigned r = ((unsigned)reg & 7) << 3;
    if (rm.reg != X86_NO_REG) {
        x86_byte(a, 0xc0 | r | ((unsigned)rm.reg & 7));
    } else if (rm.base == X86_NO_REG) {
        x86_byte(a, r | 5);
        add_fixup(a, a->code_B + 4 + imm_B, X86_LABEL_NONE, (uint32_t)rm.disp);
    } else {
        unsigned base = (unsigned)rm.base & 7;
        bool sib = rm.index != X86_NO_REG || base == 4;
        bool small = rm.disp >= -128 && rm.disp < 128, none = rm.disp == 0 && base != 5;
        x86_byte(a, (none ? 0u : small ? 0x40u : 0x80u) | r | (sib ? 4 : base));
        if (sib)
            x86_byte(a, (unsigned)rm.scale << 6 |
                            (rm.index == X86_NO_REG ? 4u : (unsigned)rm.index & 7) << 3 | base);
        if (small && !none)
            x86_byte(a, (uint8_t)rm.disp);
        else if (!small)
            x86_word(a, (uint32_t)rm.disp);
    }
}

/* The bits that REX and VEX add to the numbers of rm's registers. */
static unsigned high_base(struct x86_rm rm)
{
    int reg = rm.reg != X86_NO_REG ? rm.reg : rm.base;
    return reg != X86_NO_REG && reg & 8;
}

static unsigned high_index(struct x86_rm rm)
{
    return rm.reg == X86_NO_REG && rm.index != X86_NO_REG && rm.index & 8;
}

void x86_op(struct x86_asm *a, uint32_t op, int reg, struct x86_rm rm, unsigned imm_B)
{
    unsigned rex = (op & X86_W ? 8u : 0) | (reg & 8 ? 4u : 0) | high_index(rm) << 1 | high_base(rm);
    if (op & X86_66)
        x86_byte(a, 0x66);
    if (op & X86_F3)
        x86_byte(a, 0xf3);
    if (rex || op & X86_BYTE)
        x86_byte(a, 0x40 | rex);
    if (op & 0xff0000)
        x86_byte(a, op >> 16 & 0xff);
    if (op & 0xffff00)
        x86_byte(a, op >> 8 & 0xff);
    x86_byte(a, op & 0xff);
    modrm(a, reg, rm, imm_B);
}

void x86_vex(struct x86_asm *a, uint32_t op, int reg, int vvvv, struct x86_rm rm, unsigned imm_B)
{
    unsigned pp = op >> 16 & 3, map = op >> 8 & 31, w = op & X86_VEX_W ? 0x80 : 0;
    unsigned rest = ((unsigned)~vvvv & 15) << 3 | (op & X86_VEX_128 ? 0u : 4u) | pp;
    unsigned r = reg & 8 ? 0 : 0x80, x = high_index(rm) ? 0 : 0x40, b = high_base(rm) ? 0 : 0x20;
    if (map == 1 && !w && x && b) {
        x86_byte(a, 0xc5);
        x86_byte(a, r | rest);
    } else {
        x86_byte(a, 0xc4);
        x86_byte(a, r | x | b | map);
        x86_byte(a, w | rest);
    }
    x86_byte(a, op & 0xff);
    modrm(a, reg, rm, imm_B);
}

uint32_t x86_label(struct x86_asm *a)
{
    if (a->label_count == a->label_room) {
        uint32_t room = a->label_room ? a->label_room * 2 : 64;
        a->labels = arena_grow(a->arena, a->labels, a->label_count, room, sizeof *a->labels);
        a->label_room = room;
    }
    return a->label_count++;
}

void x86_place(struct x86_asm *a, uint32_t label)
{
    a->labels[label] = a->code_B;
}

void x86_goto(struct x86_asm *a, uint32_t label)
{
    x86_byte(a, 0xe9);
    add_fixup(a, a->code_B + 4, label, 0);
}

void x86_goto_if(struct x86_asm *a, unsigned condition, uint32_t label)
{
    x86_byte(a, 0x0f);
    x86_byte(a, 0x80 | condition);
    add_fixup(a, a->code_B + 4, label, 0);
}

void x86_call_label(struct x86_asm *a, uint32_t label)
{
    x86_byte(a, 0xe8);
    add_fixup(a, a->code_B + 4, label, 0);
}

uint32_t x86_pool(struct x86_asm *a, uint32_t size_B, uint32_t align_B)
{
    uint32_t at = (a->pool_B + align_B - 1) & ~(align_B - 1), end = at + size_B;
    if (end > a->pool_room) {
        uint32_t room = a->pool_room ? a->pool_room * 2 : 4096;
        room = room < end ? end * 2 : room;
        a->pool = arena_grow(a->arena, a->pool, a->pool_B, room, 1);
        a->pool_room = room;
    }
    a->pool_B = end;
    return at;
}

void x86_link(struct x86_asm *a, uint32_t pool_at)
{
    for (uint32_t i = 0; i < a->fixup_count; i++) {
        const struct x86_fixup *f = &a->fixups[i];
        uint32_t to = f->label == X86_LABEL_NONE ? pool_at + f->offset : a->labels[f->label];
        uint32_t distance = to - f->end;
        memcpy(a->code + f->at, &distance, 4);
    }
}
