/* SPDX-License-Identifier: MIT
 *
 * What the files of this folder share: a function as it is read from LLVM's IR, and the state of what emits it.
 *
 * Values are what instructions give, numbered from 1 on. What changes nothing in a register (bitcasts between
 * vectors, pointers as integers, masks as their signs) gives no value of its own. A value is in a register, in
 * its slot of the frame, or in both; a value used in another block than its own is in its slot from its
 * definition on, so blocks need agree about nothing else. Constants and addresses are made where they are used.
 *
 * A <8 x i1> is held as the <8 x i32> that compares give: 0 or -1. An i1 is 0 or 1 in 32 bits. Integers of 8 and
 * 16 bits, and lanes of them, are held in 32; what is above them is undefined.
 */
#ifndef X86_PRIVATE_H
#define X86_PRIVATE_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include "weft/kernel.h"
#include "x86_asm.h"

/* In this order: what a general register holds, then what a vector register does. */
enum x86_type {
    X86_NONE, /* nothing that can be held */
    X86_I1, X86_I8, X86_I16, X86_I32, X86_I64,
    X86_F16, X86_F64, /* as lanes only: a value of these has X86_NONE */
    X86_F32,
    X86_M, /* a mask: lanes of i1 */
    X86_B, /* lanes of 8 bits, */
    X86_H, /* 16 bits, halves too, */
    X86_V, /* 32 bits, floats too, */
    X86_Q, /* and 64 bits, doubles too */
};

#define X86_LANES 8 /* of a register, 32 bits each; */
#define X86_QUADS 4 /* 64 bits */
#define X86_PARTS 16 /* of a vector */
#define X86_ARGS 8
#define X86_NEVER UINT32_MAX

enum x86_kind {
    X86_DEFINED,  /* by an instruction, or a parameter */
    X86_CONSTANT, /* an integer: bits */
    X86_POOLED,   /* a constant of the pool: at */
    X86_FRAME,    /* an address in the frame: at */
    X86_GLOBAL,   /* an address in the pool: at */
};

struct x86_value {
    uint8_t type, kind;
    bool crosses;    /* used in another block, or read after edges wrote phis */
    bool stored;     /* the slot holds it */
    int8_t reg;      /* X86_NO_REG, or below 32 */
    int32_t at;      /* frame or pool; of X86_DEFINED the slot, -1: none yet */
    int32_t in;      /* phis: the slot that edges write, -1: not a phi */
    uint32_t uses;
    uint32_t block;  /* of its definition; X86_NEVER: not seen yet */
    uint32_t inst;   /* its definition */
    uint32_t next;   /* its next use in the block that is being emitted, or X86_NEVER */
    uint32_t seen;   /* the block for which that is so */
    uint64_t bits;
};

struct x86;
struct x86_inst;
typedef void x86_emit_fn(struct x86 *x, struct x86_inst *inst);

struct x86_inst {
    x86_emit_fn *emit;     /* NULL: nothing */
    bool effects;
    uint8_t size;          /* of scalar operands, bytes */
    uint8_t count;         /* of args */
    uint32_t line;         /* of the shader */
    uint32_t sub;          /* what `emit` wants to know: opcode, predicate */
    uint32_t result;       /* 0: none */
    uint32_t args[X86_ARGS];
    uint32_t next[X86_ARGS]; /* the arguments' next uses */
    uint32_t result_next;
    int32_t disp;          /* of a memory access */
    uint32_t to[2];        /* labels; of memory: what the emitter says */
};

struct x86_block {
    uint32_t first, end; /* instructions */
    uint32_t label;

};

/* Values and blocks by their LLVM pointers. */
struct x86_map {
    struct x86_entry {
        const void *key;
        uint32_t value;
    } *entries;
    uint32_t count, room; /* a power of 2 */
};

#define X86_FREE_SLOTS 64

struct x86 {
    struct arena *arena;
    struct x86_asm a;
    LLVMTargetDataRef layout;
    struct x86_known {
        LLVMTypeRef llvm;
        uint8_t type, parts;
    } known[32];
    struct x86_map map, functions;
    bool failed; /* something is not in the tables */
    LLVMValueRef why; /* that */
    bool has_lines;
    struct weft_line *lines;
    uint32_t line_count, line_room;

    /* The function. */
    LLVMValueRef fn;
    bool entry; /* it is called from outside */
    struct x86_value *values;
    uint32_t value_count, value_room;
    struct x86_inst *insts;
    uint32_t inst_count, inst_room;
    struct x86_block *blocks;
    uint32_t block_count, block;
    uint32_t line; /* of what is being read */

    /* Registers: 0..15 general, 16..31 vector. */
    uint32_t owner[32]; /* value, or 0 */
    uint32_t locked;    /* by the instruction that is being emitted */
    int32_t frame_B;
    int32_t free_slots[2][X86_FREE_SLOTS];
    unsigned free_count[2];
    uint32_t frame_fixup; /* where the frame's size goes */
};

/* ---- x86_read.c ---- */

/* Reads x->fn; sets x->failed. */
void x86_read(struct x86 *x);
/* The label of a function of the module. */
uint32_t x86_function_label(struct x86 *x, LLVMValueRef fn);

/* ---- x86_registers.c ---- */

static inline bool x86_in_vector(enum x86_type type)
{
    return type >= X86_F32;
}

/* Before an instruction's code, and after it. */
void x86_begin(struct x86 *x, struct x86_inst *inst);
void x86_end(struct x86 *x, struct x86_inst *inst);
/* An argument in a register; in one or in memory; as an immediate, if it is one that fits. */
int x86_use(struct x86 *x, struct x86_inst *inst, unsigned k);
struct x86_rm x86_use_rm(struct x86 *x, struct x86_inst *inst, unsigned k);
bool x86_imm(const struct x86 *x, const struct x86_inst *inst, unsigned k, int32_t *imm_out);
/* The memory at an argument and inst->disp. */
struct x86_rm x86_use_mem(struct x86 *x, struct x86_inst *inst, unsigned k);
/* The result's register, when all arguments are where they are used: maybe one of theirs, none of theirs, or one
 * that holds argument k. */
int x86_def(struct x86 *x, struct x86_inst *inst);
int x86_def_apart(struct x86 *x, struct x86_inst *inst);
int x86_def_copy(struct x86 *x, struct x86_inst *inst, unsigned k);
/* Gives the result a register that already holds it. */
void x86_bind(struct x86 *x, uint32_t value, int reg);
int32_t x86_slot(struct x86 *x, uint32_t value);
void x86_store_slot(struct x86 *x, uint32_t value);
/* All registers become free; what will be used again is in its slot then. */
void x86_spill_all(struct x86 *x);
/* All registers become free, whatever they hold. */
void x86_forget(struct x86 *x);
/* Room in the frame. */
int32_t x86_frame(struct x86 *x, uint32_t size_B, uint32_t align_B);
void x86_move(struct x86 *x, enum x86_type type, int reg, struct x86_rm from);
void x86_move_out(struct x86 *x, enum x86_type type, struct x86_rm to, int reg);

/* ---- Emitters; what each wants of an instruction is said there ---- */

/* x86_scalar.c */
x86_emit_fn x86_binary, x86_multiply, x86_shift, x86_divide, x86_zext, x86_sext, x86_trunc_bit,
    x86_icmp, x86_select, x86_select_cmp, x86_min_max, x86_count_bits, x86_float_binary,
    x86_float_unary, x86_float_cmp, x86_float_to_int, x86_int_to_float, x86_float_bits,
    x86_float_select, x86_float_round;
/* x86_memory.c */
x86_emit_fn x86_lea, x86_lea_index, x86_load, x86_store, x86_lea_product, x86_atomic_add,
    x86_atomic_swap, x86_atomic_loop, x86_atomic_exchange, x86_fence;
/* x86_flow.c */
x86_emit_fn x86_jump, x86_jump_if, x86_jump_cmp, x86_jump_case, x86_ret, x86_trap, x86_phi,
    x86_phi_copy, x86_call, x86_call_address, x86_fill, x86_copy;
/* x86_vector.c */
x86_emit_fn x86_fma, x86_flip, x86_lanes_binary, x86_lanes_shift, x86_lanes_icmp, x86_lanes_fcmp,
    x86_lanes_select, x86_lanes_splat, x86_lanes_unary, x86_lanes_round, x86_lanes_trunc,
    x86_lanes_bits, x86_lanes_from_bits, x86_lanes_from_unsigned, x86_lanes_to_unsigned,
    x86_lanes_gather, x86_lanes_load, x86_lanes_store, x86_lanes_extract, x86_lanes_insert,
    x86_lanes_shuffle, x86_lanes_min, x86_lanes_pick, x86_lanes_put, x86_lanes_same;
/* x86_quads.c */
x86_emit_fn x86_quads_icmp, x86_quads_fcmp, x86_quads_select, x86_quads_extend, x86_quads_pack,
    x86_quads_narrow, x86_quads_multiply, x86_quads_splat, x86_quads_insert, x86_quads_extract;
/* x86_narrow.c */
x86_emit_fn x86_narrow_load, x86_narrow_store, x86_half_extend, x86_half_round;

/* The pool's offset of a vector with this in each lane. */
uint32_t x86_pool_splat(struct x86 *x, uint32_t bits);

#endif
