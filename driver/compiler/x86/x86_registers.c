/* SPDX-License-Identifier: MIT
 *
 * Where values are. Registers are given out block by block; which one is taken when none is free is the one whose
 * value is used last.
 */
#include <string.h>

#include "x86_private.h"

/* Scratch registers of single instructions (rax, rdx, ymm14, ymm15) and the stack's (rsp, rbp) hold no values. */
#define GENERAL ((uint32_t)0xffff & ~(1u << X86_RAX | 1u << X86_RDX | 1u << X86_RSP | 1u << X86_RBP))
#define VECTOR ((uint32_t)0x3fff << 16)

#define LOAD_V X86_VEX(0, 1, 0x10)
#define STORE_V X86_VEX(0, 1, 0x11)
#define LOAD_F (X86_VEX(2, 1, 0x10) | X86_VEX_128)
#define STORE_F (X86_VEX(2, 1, 0x11) | X86_VEX_128)
#define MOVE_V X86_VEX(0, 1, 0x28)
#define XOR_V X86_VEX(0, 1, 0x57)

int32_t x86_frame(struct x86 *x, uint32_t size_B, uint32_t align_B)
{
    int32_t mask = (int32_t)align_B - 1, at = (x->frame_B + mask) & ~mask;
    x->frame_B = at + (int32_t)size_B;
    return at;
}

void x86_move(struct x86 *x, enum x86_type type, int reg, struct x86_rm from)
{
    if (!x86_in_vector(type)) {
        x86_op(&x->a, 0x8b | (type == X86_I64 ? X86_W : 0), reg, from, 0);
    } else if (from.reg != X86_NO_REG) {
        x86_vex(&x->a, MOVE_V, reg, 0, from, 0);
    } else {
        x86_vex(&x->a, type == X86_F32 ? LOAD_F : LOAD_V, reg, 0, from, 0);
    }
}

void x86_move_out(struct x86 *x, enum x86_type type, struct x86_rm to, int reg)
{
    if (!x86_in_vector(type))
        x86_op(&x->a, 0x89 | (type == X86_I64 ? X86_W : 0), reg, to, 0);
    else
        x86_vex(&x->a, type == X86_F32 ? STORE_F : STORE_V, reg, 0, to, 0);
}

int32_t x86_slot(struct x86 *x, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    unsigned wide = v->type >= X86_M;
    if (v->at < 0 && !v->crosses && x->free_count[wide])
        v->at = x->free_slots[wide][--x->free_count[wide]];
    if (v->at < 0)
        v->at = x86_frame(x, wide ? 32 : 8, wide ? 32 : 8);
    return v->at;
}

void x86_store_slot(struct x86 *x, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    x86_move_out(x, v->type, x86_mem(X86_RSP, x86_slot(x, value)), v->reg & 15);
    v->stored = true;
}

static void release(struct x86 *x, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    if (v->reg != X86_NO_REG)
        x->owner[v->reg] = 0;
    v->reg = X86_NO_REG;
}

/* Is its register all that holds it? Blocks need not come after those whose values they use. */
static bool only_here(const struct x86 *x, uint32_t value)
{
    const struct x86_value *v = &x->values[value];
    return v->kind == X86_DEFINED && !v->stored && v->block == x->block;
}

static int take(struct x86 *x, bool vector)
{
    uint32_t all = vector ? VECTOR : GENERAL;
    int best = -1;
    uint32_t best_next = 0;
    for (int r = vector ? 16 : 0; r < (vector ? 32 : 16); r++) {
        if (!(all >> r & 1) || x->locked >> r & 1)
            continue;
        if (!x->owner[r]) {
            best = r;
            break;
        }
        uint32_t next = x->values[x->owner[r]].next;
        if (best < 0 || next > best_next) {
            best = r;
            best_next = next;
        }
    }
    uint32_t owner = x->owner[best];
    if (owner) {
        if (only_here(x, owner))
            x86_store_slot(x, owner);
        release(x, owner);
    }
    x->locked |= 1u << best;
    return best;
}

void x86_bind(struct x86 *x, uint32_t value, int reg)
{
    x->values[value].reg = (int8_t)reg;
    x->owner[reg] = value;
    x->locked |= 1u << reg;
}

void x86_begin(struct x86 *x, struct x86_inst *inst)
{
    x->locked = 0;
    for (unsigned k = 0; k < inst->count; k++) {
        struct x86_value *v = &x->values[inst->args[k]];
        v->next = inst->next[k];
        if (v->reg != X86_NO_REG)
            x->locked |= 1u << v->reg;
    }
}

void x86_end(struct x86 *x, struct x86_inst *inst)
{
    for (unsigned k = 0; k < inst->count; k++) {
        struct x86_value *v = &x->values[inst->args[k]];
        if (v->next != X86_NEVER)
            continue;
        release(x, inst->args[k]);
        unsigned wide = v->type >= X86_M;
        if (v->kind == X86_DEFINED && !v->crosses && v->in < 0 && v->at >= 0) {
            if (x->free_count[wide] < X86_FREE_SLOTS)
                x->free_slots[wide][x->free_count[wide]++] = v->at;
            v->at = -1;
        }
    }
    if (!inst->result)
        return;
    struct x86_value *v = &x->values[inst->result];
    v->next = inst->result_next;
    if (v->reg == X86_NO_REG)
        return;
    if (v->crosses && !v->stored)
        x86_store_slot(x, inst->result);
    if (v->next == X86_NEVER)
        release(x, inst->result);
}

/* Moves to a general register, without a change of the flags. */
static void load_constant(struct x86 *x, int reg, uint64_t bits)
{
    if (bits <= UINT32_MAX) {
        if (reg & 8)
            x86_byte(&x->a, 0x41);
        x86_byte(&x->a, 0xb8 | (reg & 7));
        x86_word(&x->a, (uint32_t)bits);
    } else if ((int64_t)bits == (int32_t)bits) {
        x86_op(&x->a, 0xc7 | X86_W, 0, x86_reg(reg), 4);
        x86_word(&x->a, (uint32_t)bits);
    } else {
        x86_byte(&x->a, 0x48 | (reg & 8 ? 1 : 0));
        x86_byte(&x->a, 0xb8 | (reg & 7));
        x86_word(&x->a, (uint32_t)bits);
        x86_word(&x->a, (uint32_t)(bits >> 32));
    }
}

static void load(struct x86 *x, uint32_t value, int reg)
{
    const struct x86_value *v = &x->values[value];
    switch ((enum x86_kind)v->kind) {
    case X86_DEFINED: x86_move(x, v->type, reg, x86_mem(X86_RSP, x86_slot(x, value))); break;
    case X86_CONSTANT: load_constant(x, reg, v->bits); break;
    case X86_POOLED:
        if (v->bits) /* all zeros */
            x86_vex(&x->a, XOR_V, reg, reg, x86_reg(reg), 0);
        else
            x86_move(x, v->type, reg, x86_pool_mem((uint32_t)v->at));
        break;
    case X86_FRAME: x86_op(&x->a, 0x8d | X86_W, reg, x86_mem(X86_RSP, v->at), 0); break;
    case X86_GLOBAL: x86_op(&x->a, 0x8d | X86_W, reg, x86_pool_mem((uint32_t)v->at), 0); break;
    }
}

int x86_use(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    struct x86_value *v = &x->values[inst->args[k]];
    if (v->reg == X86_NO_REG) {
        int reg = take(x, x86_in_vector(v->type));
        load(x, inst->args[k], reg & 15);
        x86_bind(x, inst->args[k], reg);
    }
    return v->reg & 15;
}

struct x86_rm x86_use_rm(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    struct x86_value *v = &x->values[inst->args[k]];
    if (v->reg == X86_NO_REG && v->kind == X86_POOLED)
        return x86_pool_mem((uint32_t)v->at);
    if (v->reg == X86_NO_REG && v->kind == X86_DEFINED && v->next == X86_NEVER)
        return x86_mem(X86_RSP, x86_slot(x, inst->args[k]));
    return x86_reg(x86_use(x, inst, k));
}

bool x86_imm(const struct x86 *x, const struct x86_inst *inst, unsigned k, int32_t *imm_out)
{
    const struct x86_value *v = &x->values[inst->args[k]];
    if (v->kind != X86_CONSTANT)
        return false;
    *imm_out = (int32_t)v->bits;
    return inst->size < 8 || (int64_t)v->bits == (int32_t)v->bits;
}

struct x86_rm x86_use_mem(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    const struct x86_value *v = &x->values[inst->args[k]];
    if (v->kind == X86_FRAME)
        return x86_mem(X86_RSP, v->at + inst->disp);
    if (v->kind == X86_GLOBAL)
        return x86_pool_mem((uint32_t)(v->at + inst->disp));
    return x86_mem(x86_use(x, inst, k), inst->disp);
}

int x86_def_apart(struct x86 *x, struct x86_inst *inst)
{
    int reg = take(x, x86_in_vector(x->values[inst->result].type));
    x86_bind(x, inst->result, reg);
    return reg & 15;
}

int x86_def(struct x86 *x, struct x86_inst *inst)
{
    bool vector = x86_in_vector(x->values[inst->result].type);
    for (unsigned k = 0; k < inst->count; k++) {
        struct x86_value *v = &x->values[inst->args[k]];
        int reg = v->reg;
        if (reg == X86_NO_REG || v->next != X86_NEVER || x86_in_vector(v->type) != vector)
            continue;
        release(x, inst->args[k]);
        x86_bind(x, inst->result, reg);
        return reg & 15;
    }
    return x86_def_apart(x, inst);
}

int x86_def_copy(struct x86 *x, struct x86_inst *inst, unsigned k)
{
    struct x86_value *v = &x->values[inst->args[k]];
    enum x86_type type = x->values[inst->result].type;
    if (v->reg != X86_NO_REG && v->next == X86_NEVER) {
        int reg = v->reg;
        release(x, inst->args[k]);
        x86_bind(x, inst->result, reg);
        return reg & 15;
    }
    int reg = take(x, x86_in_vector(type));
    if (v->reg != X86_NO_REG)
        x86_move(x, v->type, reg & 15, x86_reg(v->reg));
    else
        load(x, inst->args[k], reg & 15);
    x86_bind(x, inst->result, reg);
    return reg & 15;
}

void x86_spill_all(struct x86 *x)
{
    for (int r = 0; r < 32; r++) {
        uint32_t owner = x->owner[r];
        if (!owner)
            continue;
        if (only_here(x, owner) && x->values[owner].next != X86_NEVER)
            x86_store_slot(x, owner);
        release(x, owner);
    }
}

void x86_forget(struct x86 *x)
{
    for (int r = 0; r < 32; r++)
        if (x->owner[r])
            release(x, x->owner[r]);
}
