/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices, as the files that handle them see them.
 *
 * A matrix is cut into pieces of consecutive rows, one for each subgroup of its scope: piece_rows each, the last
 * ones short or empty where they do not divide. Of its piece a subgroup's element e, counted by rows,
 * belongs to lane e % size, as its leaf e / size; lanes beyond the last element hold what means nothing.
 * So a product needs other subgroups' parts of B only, and to convert to another use moves nothing.
 */
#ifndef SPV_COOPERATIVE_H
#define SPV_COOPERATIVE_H

#include "spv_builder.h"

/* Checked: fails for other types. */
const struct spv_type *spv_cooperative(struct spv_builder *b, const struct spv_type *type);

/* Where the lane's element of a leaf is. */
struct spv_position {
    struct ir_inst *row, *column; /* I32 */
    struct ir_inst *exists;       /* BOOL, or NULL where every lane has one */
};

/* The elements of one leaf, leaf an I32. */
struct spv_position spv_matrix_position(struct spv_builder *b, const struct spv_type *type,
                                        struct ir_inst *leaf);

/* Moves an address, whose type is that of its storage class. */
void spv_matrix_move(struct spv_builder *b, struct spv_pointer *p, struct ir_inst *by_B);
enum ir_type spv_matrix_address_type(const struct spv_builder *b, const struct spv_pointer *p);
/* Loads or stores one leaf in the lanes that guard (NULL: all) says. */
void spv_matrix_access(struct spv_builder *b, const struct spv_pointer *p, uint8_t flags, bool store,
                       struct ir_inst *guard, struct ir_inst **leaf);

/* ---- Element by element (spv_cooperative_each.c) ---- */

/* What becomes of an element: in holds it and what stands in its place in other matrices. Returns its
 * new value; NULL where there is none. */
typedef struct ir_inst *spv_element_fn(struct spv_builder *b, const struct spv_position *at,
                                       struct ir_inst *const *in, void *data);
#define SPV_EACH_MAX 32 /* inputs */

/* Calls fn for every element of a matrix of the type: once for all leaves where they are few, else in a
 * loop. The inputs are leaves of matrices of the same size; out has none without results. */
void spv_matrix_each(struct spv_builder *b, const struct spv_type *type,
                     struct ir_inst *const *const *inputs, uint32_t input_count,
                     struct ir_inst **out, spv_element_fn *fn, void *data);

/* A LOOP being built that counts an I32 from zero; one value may go around with it. */
struct spv_count {
    struct ir_inst *loop, *i;
    struct ir_inst *carried; /* inside: the value from the turn before */
    struct ir_region *outer;
    uint32_t mark, slot_count;
};
void spv_count_begin(struct spv_builder *b, struct spv_count *c, struct ir_inst *first);
/* The carried value after the loop, which turns at least once; next may be NULL. */
struct ir_inst *spv_count_end(struct spv_builder *b, struct spv_count *c, struct ir_inst *count,
                              struct ir_inst *next);

/* A function that an operand names, with so many parameters or more. */
struct spv_function *spv_matrix_function(struct spv_builder *b, uint32_t id, uint32_t params,
                                         const struct spv_type *result);

/* ---- Through memory (spv_cooperative_move.c) ---- */

/* Elements that the invocations of a scope show each other, in workgroup memory. */
struct spv_scratch {
    struct spv_pointer start;
    uint32_t element_B;
    bool workgroup; /* of all subgroups, or each its own */
};
/* Room for count elements of that type; whoever read what was there before is done with it. */
struct spv_scratch spv_scratch_begin(struct spv_builder *b, const struct spv_type *element,
                                     uint32_t count, bool workgroup);
void spv_scratch_store(struct spv_builder *b, const struct spv_scratch *s, struct ir_inst *index,
                       struct ir_inst *value, struct ir_inst *guard);
struct ir_inst *spv_scratch_load(struct spv_builder *b, const struct spv_scratch *s,
                                 struct ir_inst *index);
/* What was stored can be loaded. */
void spv_scratch_ready(struct spv_builder *b, const struct spv_scratch *s);
/* The matrix by rows, its components as another type's, ready; `extra` more elements follow it. */
struct spv_scratch spv_scratch_matrix(struct spv_builder *b, const struct spv_type *type,
                                      const struct spv_type *element, struct ir_inst *const *leaves,
                                      uint32_t extra);

#endif
