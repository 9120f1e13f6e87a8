/* SPDX-License-Identifier: MIT
 *
 * Runs IR lane by lane, as generated code would: arithmetic on integers, control flow, and stores,
 * which are only noted.
 */
#ifndef IR_RUN_H
#define IR_RUN_H

#include "ir_builder.h"

#define RUN_MAX_WIDTH 32
#define RUN_MAX_SLOTS 64

struct run {
    struct ir_module *m;
    unsigned program; /* what messages name */
    /* Check every claim of the shape analysis, and that UNIFORM and OFFSETS values can be
     * computed from such values alone. */
    bool check;
    uint32_t subgroup, group[3];
    uint64_t log[RUN_MAX_WIDTH]; /* a hash of each lane's stores */

    uint64_t (*lanes)[RUN_MAX_WIDTH]; /* by id: the truth */
    uint64_t *scalars; /* by id: UNIFORM and OFFSETS values as generated code has them */
};

/* Runs one subgroup of one workgroup. The test fails where a claim doesn't hold. */
void run_module(struct run *run);

#endif
