/* SPDX-License-Identifier: MIT
 *
 * Copies of instructions. pass_ptr of an instruction is what stands for it in what is copied next: NULL, itself.
 */
#ifndef COPY_H
#define COPY_H

#include "ir.h"

/* What stands for a value. */
static inline struct ir_inst *copy_of(struct ir_inst *value)
{
    return value->pass_ptr ? value->pass_ptr : value;
}

/* From now on every value stands for itself. */
void copy_forget(struct ir_module *m);

/* True: the instruction is not copied, and what stands for it has been set. */
typedef bool copy_skip(struct ir_inst *inst, const void *data);

/* Copies from first to before end (NULL: to the last), with all that is in their regions, in front of `before` or,
 * where that is NULL, to the end of `into`; the copies stand for them then. Copies keep shapes. skip: NULL, or
 * asked for each. */
void copy_list(struct ir_module *m, struct ir_inst *first, const struct ir_inst *end,
               struct ir_region *into, struct ir_inst *before, copy_skip *skip, const void *data);

#endif
