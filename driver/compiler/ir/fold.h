/* SPDX-License-Identifier: MIT
 *
 * Evaluating elementwise operations at compile time, exactly as the generated code does at run
 * time. Used by simplification and, lane by lane, by the shape analysis.
 */
#ifndef FOLD_H
#define FOLD_H

#include "ir.h"

/* Computes `op` on constants. args: bits, zero-extended; arg_type: the type of args[0] (of args[1]
 * for SELECT); imm as in ir_inst. Returns false where the result isn't known here: not an
 * elementwise op, an unspecified value (division by zero), or a result that may differ in the last
 * bit from the generated code's. */
bool fold_op(enum ir_op op, enum ir_type type, enum ir_type arg_type, uint64_t imm,
             const uint64_t *args, uint64_t *result_out);

/* All ones of an integer type's width (1 for BOOL). */
uint64_t fold_mask(enum ir_type type);
/* Sign-extends the low bits of the type. */
int64_t fold_signed(enum ir_type type, uint64_t bits);

/* A float constant's value; the nearest bits of a value (ties to even, or towards zero). */
double fold_to_double(enum ir_type type, uint64_t bits);
uint64_t fold_from_double(enum ir_type type, double value, bool towards_zero);

#endif
