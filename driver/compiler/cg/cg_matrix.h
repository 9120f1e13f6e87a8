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

/* The result that the leaves are all of, in order, or NULL. */
const struct ir_inst *cg_matrix_whole(struct ir_inst *const *leaves, uint32_t count);

/* A matrix that a loop does nothing with but add products to: it stays in memory for the whole loop. */
struct cg_matrix_carried {
    const struct ir_inst *first; /* PARAM of its first leaf */
    uint32_t count;              /* leaves */
    const uint32_t *values;      /* of the loop's, by leaf */
    enum ir_element element;
};
/* cg_matrix_carry.c: whether such a matrix's first leaf is that one of the loop's values. */
bool cg_matrix_is_carried(struct arena *arena, const struct ir_inst *loop, uint32_t value,
                          struct cg_matrix_carried *carried_out);
/* Puts it there, before the loop, from the loop's arguments; false if there are too many. */
bool cg_matrix_pin(struct cg *cg, const struct cg_matrix_carried *carried, struct ir_inst *const *init);
/* Where it is, before the loop's body; and a leaf of what is there. */
LLVMValueRef cg_matrix_pinned(struct cg *cg, const struct cg_matrix_carried *carried);
LLVMValueRef cg_matrix_leaf(struct cg *cg, const struct cg_matrix_carried *carried, LLVMValueRef at,
                            uint32_t k);

/* cg_matrix_mul.c: calls c = a * b + c on matrices in memory, by rows: args are the pointers c, a, b.
 * Floats are all f32; integers are 32 bits in c, and in a and b as the form says. */
enum cg_matrix_form {
    CG_MATRIX_FLOATS,
    CG_MATRIX_WORDS,  /* 32 bits */
    CG_MATRIX_HALVES, /* bytes as 16 bits */
    CG_MATRIX_BYTES,  /* as they are, but a's with the highest bit changed where a and b are both signed or both
                         not: the instruction wants one of each */
};
enum cg_matrix_form cg_matrix_form(struct cg *cg, const struct ir_matrix *matrix);
static inline bool cg_matrix_biased(const struct ir_matrix *matrix)
{
    return matrix->a == matrix->b;
}
struct cg_matrix_function;
void cg_matrix_call(struct cg *cg, const struct ir_matrix *matrix, LLVMValueRef *args);
struct cg_matrix_function **cg_matrix_functions(struct cg *cg); /* those made so far, a list */

#endif
