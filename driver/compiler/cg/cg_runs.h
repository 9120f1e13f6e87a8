/* SPDX-License-Identifier: MIT
 *
 * Runs of subgroups for which the conditions in a piece come out alike; private to cg_group.c and
 * cg_flow.c.
 */
#ifndef CG_RUNS_H
#define CG_RUNS_H

#include "cg_private.h"

enum cg_truth { CG_TRUTH_UNKNOWN, CG_TRUTH_NONE, CG_TRUTH_ALL };

#define CG_RUNS_MAX 6
#define CG_RUNS_IFS 8

struct cg_runs {
    uint32_t count;
    uint32_t if_count;
    unsigned ops; /* in the piece */
    const struct ir_inst *conds[CG_RUNS_IFS];
    struct cg_run {
        uint32_t first, end; /* subgroups */
        bool idle;           /* nothing to do for them */
        uint8_t truth[CG_RUNS_IFS]; /* enum cg_truth, of each condition in all lanes */
    } run[CG_RUNS_MAX];
};

/* Splits the full subgroups of the workgroup for the piece from first to before end. False if that
 * isn't worth it: one loop over all of them will do. */
bool cg_runs_find(struct cg *cg, const struct ir_inst *first, const struct ir_inst *end,
                  struct cg_runs *runs_out);
/* What is known of a condition in the run that is being emitted. */
enum cg_truth cg_runs_truth(const struct cg *cg, const struct ir_inst *cond);

#endif
