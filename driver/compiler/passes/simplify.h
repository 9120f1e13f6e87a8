/* SPDX-License-Identifier: MIT
 *
 * Parts of simplification, private to simplify.c, identity.c, available.c, pairs.c and dce.c.
 */
#ifndef SIMPLIFY_H
#define SIMPLIFY_H

#include "ir.h"

/* ---- Constants (simplify.c): one CONST per value, all at the start of the module's body ---- */

struct simplify {
    struct ir_module *m;
    struct ir_inst **constants; /* hash table, open addressing */
    uint32_t constant_count, constant_room;
    struct ir_inst *last_constant; /* the end of those at the start of the body */
    struct available *available;
    bool changed;
};

struct ir_inst *simplify_const(struct simplify *s, enum ir_type type, uint64_t bits);
static inline bool is_const(const struct ir_inst *inst, uint64_t bits)
{
    return inst->op == IR_CONST && inst->imm == bits;
}

/* ---- Identities (identity.c) ---- */

/* A value that `inst` equals: a constant, an argument of it or a simpler instruction made in front
 * of it. NULL: none; the instruction itself may have been changed into a simpler form. Arguments
 * must be resolved. */
struct ir_inst *identity_find(struct simplify *s, struct ir_inst *inst);
/* The negation of a BOOL, made in front of `at`. */
struct ir_inst *identity_not(struct simplify *s, struct ir_inst *at, struct ir_inst *value);

/* The comparison that is true where `op` is false, and whether its arguments swap. False if `op` is
 * no comparison. */
bool identity_inverse(enum ir_op op, enum ir_op *op_out, bool *swap_out);

/* ---- Sums of bytes' texels (normalized.c) ---- */

/* The same for an FADD, FMUL, FMIN or FMAX of what has IR_INST_NORMALIZED; not exact, but for whole numbers. */
struct ir_inst *normalized_find(struct simplify *s, struct ir_inst *inst);
/* And for an AND that takes a byte from such a float that was rounded; ties go up. */
struct ir_inst *normalized_byte(struct simplify *s, struct ir_inst *inst);

/* ---- Available values (available.c): common subexpressions and loads, by scope ---- */

struct available *available_create(struct ir_module *m);
/* Forgets everything; needed before each walk. Finds out which memory each IF and LOOP writes. */
void available_reset(struct available *a);
/* An earlier instruction in scope that gives the same value as `inst`, or NULL, and then inst is
 * available from now on. Call for every instruction but control, in order: writes make
 * loads unavailable. */
struct ir_inst *available_visit(struct available *a, struct ir_inst *inst);
/* Around each region of a control instruction, and after the instruction. */
void available_enter(struct available *a, struct ir_inst *owner);
void available_leave(struct available *a);
void available_after(struct available *a, struct ir_inst *owner);

/* ---- Pairs of IFs with one condition (pairs.c); true if anything changed ---- */

bool pairs_run(struct ir_module *m);

/* ---- Dead code (dce.c) ---- */

/* Removes what has no effect and isn't used, results and parameters of IFs and LOOPs included. True
 * if something went. */
bool dce_run(struct ir_module *m);

#endif
