/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices; cg_matrix.c says how.
 */
#ifndef CG_MATRIX_H
#define CG_MATRIX_H

#include "cg_private.h"

void cg_matrix_mul(struct cg *cg, struct ir_inst *inst); /* MATRIX_MUL, MATRIX_MUL_SHARED */
void cg_transpose(struct cg *cg, struct ir_inst *inst);  /* SG_TRANSPOSE */

/* Matrices that are in memory are so for the rest of the region that put them there: what a region
 * added is forgotten at its end. */
unsigned cg_matrix_mark(struct cg *cg);
void cg_matrix_forget(struct cg *cg, unsigned mark);

/* cg_matrix_mul.c: calls c = a * b + c on matrices in memory, by rows: args are the pointers c, a, b.
 * Floats are all f32; integers are 16 bits in a and b, and 32 in c. */
struct cg_matrix_function;
void cg_matrix_call(struct cg *cg, const struct ir_matrix *matrix, LLVMValueRef *args);
struct cg_matrix_function **cg_matrix_functions(struct cg *cg); /* those made so far, a list */

#endif
