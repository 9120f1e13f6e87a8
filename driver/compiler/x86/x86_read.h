/* SPDX-License-Identifier: MIT
 *
 * Reading LLVM's IR. A vector of LLVM's that fills several registers is that many values, numbered one behind the
 * other: its parts. What a function here cannot do sets x->failed.
 */
#ifndef X86_READ_H
#define X86_READ_H

#include "x86_private.h"

/* ---- x86_value.c ---- */

/* Of an LLVM value, or of each of its parts; X86_NONE: it cannot be held. */
enum x86_type x86_type_of(struct x86 *x, LLVMValueRef v);
unsigned x86_parts(struct x86 *x, LLVMValueRef v);
uint8_t x86_size_of(enum x86_type type); /* bytes */

uint32_t x86_map_get(const struct x86_map *map, const void *key); /* 0: not there */
void x86_map_set(struct x86 *x, struct x86_map *map, const void *key, uint32_t value);

/* An LLVM value's number: that of its first part. What has the same bits in the same registers has the same one.
 * May add instructions. 0 on failure. */
uint32_t x86_value_of(struct x86 *x, LLVMValueRef v);
/* The same for what the instruction being read gives. */
uint32_t x86_define(struct x86 *x, LLVMValueRef v);
/* The argument whose number an instruction's value has, or NULL. */
LLVMValueRef x86_same_as(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode);
/* One that no LLVM value is, of this block. */
uint32_t x86_temporary(struct x86 *x, enum x86_type type);

/* An address as a value and a distance. */
struct x86_place {
    uint32_t base;
    int32_t disp;
};
struct x86_place x86_place_of(struct x86 *x, LLVMValueRef v);
/* Is it a GEP's only index, and constant? */
bool x86_constant_index(struct x86 *x, LLVMValueRef gep, int64_t *bytes_out);

struct x86_inst *x86_add_inst(struct x86 *x, x86_emit_fn *emit);
void x86_add_arg(struct x86 *x, struct x86_inst *inst, uint32_t value);
/* An instruction for each part of what `v` gives, with v's first `count` operands. The last one added. */
struct x86_inst *x86_add(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t sub, int32_t disp,
                         unsigned count);
uint32_t x86_fail(struct x86 *x);

/* ---- Instructions; false: no row ---- */

/* x86_read_memory.c: also what members an atomic exchange gives */
bool x86_read_memory(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode);
/* x86_read_cast.c */
bool x86_read_cast(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode);
/* x86_read_lanes.c */
bool x86_read_lane(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode);
bool x86_read_shuffle(struct x86 *x, LLVMValueRef v);
/* Comparisons and selections of vectors with 64-bit lanes. */
bool x86_read_quads_compare(struct x86 *x, LLVMValueRef v, uint32_t predicate, bool floats);
bool x86_read_quads_select(struct x86 *x, LLVMValueRef v);
/* x86_read_narrow.c: lanes of 8 and 16 bits */
bool x86_read_narrow_shift(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode, uint32_t op);
bool x86_read_narrow_compare(struct x86 *x, LLVMValueRef v, uint32_t predicate);
bool x86_read_narrow_cast(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode);
/* Its lanes in 32 bits, signs or zeros above them. */
uint32_t x86_widen(struct x86 *x, LLVMValueRef v, bool is_signed);
/* x86_read_call.c */
bool x86_read_call(struct x86 *x, LLVMValueRef v);
bool x86_read_flip(struct x86 *x, LLVMValueRef v, uint32_t op, bool keep);

#endif
