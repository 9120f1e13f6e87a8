/* SPDX-License-Identifier: MIT
 *
 * The rest of a region in two versions:
 *
 *     IF cond { a copy in which some values are known } else { as it was }
 */
#ifndef VERSIONS_H
#define VERSIONS_H

#include "ir.h"

/* What stands for what in the first arm: from[k] is to[k], or what stands for that. */
struct version {
    struct ir_inst **from, **to;
    uint32_t count;
};

/* Makes the IF in front of `first` and moves that and all behind it into its second arm; `cond` and the values
 * from outside of the rest that stand for others must be in front of `first`. Copies keep shapes. Uses pass_ptr.
 * The IF; the shapes of what is new are not set. */
struct ir_inst *version_split(struct ir_module *m, struct ir_inst *first, struct ir_inst *cond,
                              const struct version *version);

#endif
