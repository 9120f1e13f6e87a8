/* SPDX-License-Identifier: MIT
 *
 * One atomic access on its way to memory: what cg_atomic.c, which chooses how it is made, and the files that make it
 * share.
 */
#ifndef CG_ATOMIC_H
#define CG_ATOMIC_H

#include "cg_private.h"
#include "cg_reduce.h"

#define CG_ATOMIC_KINDS (IR_ATOMIC_FMAX + 1)

/* By enum ir_atomic. */
struct cg_atomic_kind {
    enum ir_reduce reduce;
    LLVMAtomicRMWBinOp rmw; /* integers */
    bool idempotent;        /* combining with the same value twice changes nothing */
};
extern const struct cg_atomic_kind cg_atomic_kinds[CG_ATOMIC_KINDS];

/* What differs between the opcodes. */
struct cg_atomic {
    struct ir_inst *inst;
    enum ir_type type; /* of the memory */
    bool shared;
    bool needs_result;
};

/* Scalars for one lane, vectors for all. */
struct cg_operands {
    LLVMValueRef value;   /* ATOMIC, ATOMIC_STORE; the new value of CMPXCHG */
    LLVMValueRef compare; /* CMPXCHG */
};

/* ---- cg_atomic_one.c: one lane ---- */

/* The lane's access; returns what it read, NULL for stores. */
LLVMValueRef cg_atomic_one(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                           const struct cg_operands *o);
/* The new value of a read-modify-write. */
LLVMValueRef cg_atomic_modified(struct cg *cg, const struct cg_atomic *x, LLVMValueRef old,
                                const struct cg_operands *o);

/* ---- cg_atomic_lanes.c: lanes at addresses of their own. What they read, or NULL for nothing. ---- */

/* All lanes one after the other, without a branch. */
LLVMValueRef cg_atomic_in_line(struct cg *cg, const struct cg_atomic *x,
                               const struct cg_places *places);
/* The same for nothing but the effect. */
void cg_atomic_all(struct cg *cg, const struct cg_atomic *x, const struct cg_places *places);
/* A loop over the lanes that are valid. */
LLVMValueRef cg_atomic_in_loop(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointers,
                               LLVMValueRef valid);

/* ---- cg_atomic_same.c: all lanes at one address, where valid. Sets the instruction's result. ---- */

void cg_atomic_same(struct cg *cg, const struct cg_atomic *x, LLVMValueRef pointer,
                    LLVMValueRef valid);

#endif
