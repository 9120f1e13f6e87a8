/* SPDX-License-Identifier: MIT
 *
 * A workgroup's code outside of its pieces (see cg_group.c): the values that pieces hand to each other, and the
 * loops over the subgroups.
 */
#ifndef CG_GROUP_H
#define CG_GROUP_H

#include "cg_private.h"

/* ---- cg_home.c: values in and out of pieces ---- */

/* The place of an instruction that is kept in a cell or frame; two may share one. */
const struct cg_where *cg_home_of(struct cg *cg, const struct ir_inst *inst);
LLVMValueRef cg_home_load(struct cg *cg, struct ir_inst *inst);
void cg_home_store(struct cg *cg, struct ir_inst *inst, LLVMValueRef value);
/* The value as a scalar or vector, as `like` has it. */
LLVMValueRef cg_form_of(struct cg *cg, struct ir_inst *inst, const struct ir_inst *like);

/* Makes a value from outside usable in the piece (or the copy between pieces) being emitted; and no longer. */
void cg_import(struct cg *cg, struct ir_inst *inst);
void cg_forget(struct cg *cg, struct ir_inst *inst);
/* Calls fn on every value from outside that the instruction, or one below it, uses in the piece. */
void cg_each_outside(struct cg *cg, struct ir_inst *inst, uint32_t piece,
                     void (*fn)(struct cg *cg, struct ir_inst *value));
/* A workgroup-uniform value at workgroup level. */
LLVMValueRef cg_group_scalar(struct cg *cg, struct ir_inst *inst);

/* ---- cg_fixed.c ---- */

/* Once the pieces are planned: chooses values that are the same in every workgroup. */
void cg_fixed_plan(struct cg *cg);
/* Computes them, before the first workgroup. */
void cg_fixed_emit(struct cg *cg);

/* ---- cg_each.c: loops over the subgroups ---- */

/* A condition that is not uniform over the workgroup, around the region being emitted. */
struct cg_guard {
    struct cg_guard *outer;
    struct ir_inst *cond; /* IF: its condition */
    bool negate;          /* IF: in the else arm */
    LLVMValueRef lanes;   /* LOOP: an array of each subgroup's lanes that still go on */
};

/* Where a LOOP's guard keeps the current subgroup's lanes. */
LLVMValueRef cg_guard_address(struct cg *cg, const struct cg_guard *g);

/* Emits code for the current subgroup, under cg->mask. */
typedef void cg_subgroup_fn(struct cg *cg, void *data);

/* Emits fn, under the guards, for all subgroups: a loop over the full ones, then the partial last one, or in
 * the other order. Or for parts of them: those from first to before end, which are full; the partial last
 * one, if there is one. */
void cg_each_subgroup(struct cg *cg, cg_subgroup_fn *fn, void *data);
void cg_each_full(struct cg *cg, uint32_t first, uint32_t end, cg_subgroup_fn *fn, void *data);
void cg_each_rest(struct cg *cg, cg_subgroup_fn *fn, void *data);

#endif
