/* SPDX-License-Identifier: MIT
 *
 * Lane-by-lane arithmetic: what the files behind cg_alu() share. Every function works on the scalar and
 * on the vector form alike: a->n says which, and the helpers below make types and constants to fit.
 */
#ifndef CG_ALU_H
#define CG_ALU_H

#include "cg.h"

struct alu {
    struct cg *cg;
    const struct ir_inst *inst;
    unsigned n;        /* lanes of the vector form, 0: the scalar form */
    enum ir_type type; /* of the result */
    enum ir_type from; /* of the first argument */
    LLVMValueRef a[3];
};

typedef LLVMValueRef alu_fn(const struct alu *a);

/* The scalar type itself, or a vector of a->n of it. */
LLVMTypeRef alu_form(const struct alu *a, LLVMTypeRef scalar);
LLVMValueRef alu_int(const struct alu *a, LLVMTypeRef scalar, uint64_t value);
LLVMValueRef alu_float(const struct alu *a, LLVMTypeRef scalar, double value);
/* An intrinsic that is overloaded on the type of its first argument alone. */
LLVMValueRef alu_call(const struct alu *a, const char *name, LLVMValueRef *args, unsigned count);
LLVMValueRef alu_call1(const struct alu *a, const char *name, LLVMValueRef x);
LLVMValueRef alu_call2(const struct alu *a, const char *name, LLVMValueRef x, LLVMValueRef y);
LLVMValueRef alu_bits(const struct alu *a, LLVMValueRef v, LLVMTypeRef scalar); /* bitcast */

/* cg_integer.c */
alu_fn alu_shift, alu_mul_high, alu_not, alu_count_zeros;
/* cg_divide.c */
alu_fn alu_divide;
/* Truncates numbers of 0..2^32-1. */
LLVMValueRef alu_f64_to_u32(const struct alu *a, LLVMValueRef v);
/* cg_dot.c */
alu_fn alu_dot4;
void cg_join_sums(struct ir_module *m); /* requires and breaks use counts and numbers */
/* cg_lerp.c */
alu_fn alu_lerp16;
/* cg_float.c */
alu_fn alu_negate, alu_absolute, alu_fma, alu_min_max, alu_rsqrt;
/* x + y = sum + *error_out exactly (Knuth). */
LLVMValueRef alu_two_sum(const struct alu *a, LLVMValueRef x, LLVMValueRef y,
                         LLVMValueRef *error_out);
/* x + y in f64, rounded to odd: rounding the result again to fewer bits, or adding it to something
 * much larger, then rounds as the exact sum would. */
LLVMValueRef alu_add_odd(const struct alu *a, LLVMValueRef x, LLVMValueRef y);
/* x * y = product + *error_out in f64 exactly, overflow and underflow apart (Veltkamp, Dekker). */
LLVMValueRef alu_two_product(const struct alu *a, LLVMValueRef x, LLVMValueRef y,
                             LLVMValueRef *error_out);
/* cg_round.c: arithmetic that rounds towards zero; conversions see to it themselves. */
bool alu_rounds_to_zero(const struct ir_inst *inst);
alu_fn alu_towards_zero;
alu_fn alu_fma_f64; /* to nearest, on machines without such an instruction */
/* An unsigned integer without what is behind its first digits_kept bits. */
LLVMValueRef alu_cut_integer(const struct alu *a, LLVMValueRef v, unsigned digits_kept);
/* cg_convert.c */
alu_fn alu_float_to_float, alu_float_to_int, alu_int_to_float, alu_bitcast;
/* The next f32 to an f64: `odd` rounds to odd (for a second rounding afterwards), else towards zero. */
LLVMValueRef alu_narrow(const struct alu *a, LLVMValueRef v, bool odd);

/* cg_half.c: f16 values are bits until somebody computes with them. */
LLVMValueRef alu_half_to_float(const struct alu *a, LLVMValueRef half);
LLVMValueRef alu_float_to_half(const struct alu *a, LLVMValueRef v, bool towards_zero);
/* A number as comparisons, minima and maxima take it. */
LLVMValueRef alu_compared(struct cg *cg, LLVMValueRef v);

#endif
