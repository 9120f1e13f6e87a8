/* SPDX-License-Identifier: MIT
 *
 * Ranges of integer values, part of the shape analysis: between which bounds, read unsigned, the
 * values of the active lanes lie.
 */
#ifndef RANGE_H
#define RANGE_H

#include "ir.h"

struct range {
    uint64_t lo, hi;
};

struct range range_full(enum ir_type type);
struct range range_union(struct range a, struct range b);
/* The next wider range that a loop's parameter tries, such that few tries lead to the full one. */
struct range range_widen(enum ir_type type, struct range r);

/* The range of an instruction's result, from its arguments' shapes. BOOL: 0..1. Full where nothing
 * is known and for floats. Not for PARAM and RESULT. */
struct range range_of(const struct ir_module *m, const struct ir_inst *inst);

/* Ranges that hold while a condition does. */
#define RANGE_MAX_REFINED 16
struct range_refined {
    struct {
        struct ir_inst *inst;
        struct range old;
        bool old_partial;
    } saved[RANGE_MAX_REFINED];
    unsigned count;
};
/* Narrows the shapes of the values that `cond` compares, for where it is known to be `truth`. */
void range_refine(struct range_refined *r, struct ir_inst *cond, bool truth);
/* Undoes it. */
void range_restore(struct range_refined *r);

#endif
