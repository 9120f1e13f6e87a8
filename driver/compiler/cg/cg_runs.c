/* SPDX-License-Identifier: MIT
 *
 * DOC: Runs of subgroups
 *
 *     if (l < 32) part[l] += part[l + 32];        between two barriers
 *
 * Which invocations do that is known when the kernel is compiled. A piece whose IFs have such conditions
 * is emitted once for each run of neighbouring subgroups where they come out alike: for runs that have
 * nothing to do not at all, without a branch or mask where all lanes agree, and with a constant mask where
 * a single subgroup is divided.
 */
#include "cg_runs.h"

#include "lane.h"

#define MAX_OPS 200 /* that another copy of a piece may have, all copies together */

static unsigned count_ops(const struct ir_region *r)
{
    unsigned count = 0;
    for (const struct ir_inst *i = r ? r->first : NULL; i; i = i->next) {
        count++;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            count += count_ops(i->regions[k]);
    }
    return count;
}

static bool has_effect(const struct ir_region *r)
{
    for (const struct ir_inst *i = r->first; i; i = i->next) {
        if (ir_op_infos[i->op].flags & (IR_WRITES | IR_CROSS_LANE))
            return true;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            if (has_effect(i->regions[k]))
                return true;
    }
    return false;
}

/* The condition in all lanes of a subgroup, lane by lane; UNKNOWN if they differ. */
static enum cg_truth truth_in(const struct cg *cg, const struct ir_inst *cond, uint32_t subgroup)
{
    unsigned trues = 0;
    for (unsigned i = 0; i < cg->width; i++) {
        uint64_t value;
        if (!lane_value(cg->m, cond, subgroup * cg->width + i, &value))
            return CG_TRUTH_UNKNOWN;
        trues += value != 0;
    }
    return trues == 0 ? CG_TRUTH_NONE : trues == cg->width ? CG_TRUTH_ALL : CG_TRUTH_UNKNOWN;
}

/* What an IF does where its condition is known. */
static bool is_idle_if(const struct ir_inst *inst, const struct cg_runs *runs,
                       const struct cg_run *run)
{
    for (uint32_t k = 0; k < runs->if_count; k++) {
        if (runs->conds[k] != inst->args[0])
            continue;
        if (run->truth[k] == CG_TRUTH_UNKNOWN)
            return false;
        return !has_effect(inst->regions[run->truth[k] == CG_TRUTH_NONE]);
    }
    return false;
}

/* Does the piece neither write memory nor leave values for others? */
static bool is_idle(struct cg *cg, const struct ir_inst *first, const struct ir_inst *end,
                    const struct cg_runs *runs, const struct cg_run *run)
{
    for (const struct ir_inst *i = first; i != end; i = i->next) {
        const struct cg_where *w = cg_where(cg, i);
        if (w->placed && (w->home == CG_HOME_CELL || w->home == CG_HOME_FRAME))
            return false;
        if (i->op != IR_ORDER && ir_op_infos[i->op].flags & (IR_WRITES | IR_CROSS_LANE))
            return false;
        if (i->op == IR_IF && !is_idle_if(i, runs, run))
            return false;
        if (i->op == IR_LOOP && has_effect(i->regions[0]))
            return false;
    }
    return true;
}

static void find_conditions(struct cg *cg, const struct ir_inst *first, const struct ir_inst *end,
                            struct cg_runs *runs)
{
    for (const struct ir_inst *i = first; i != end; i = i->next) {
        bool seen = i->op != IR_IF;
        for (uint32_t k = 0; k < runs->if_count && !seen; k++)
            seen = runs->conds[k] == i->args[0];
        if (!seen && runs->if_count < CG_RUNS_IFS && lane_known(cg->m, i->args[0]))
            runs->conds[runs->if_count++] = i->args[0];
    }
}

bool cg_runs_find(struct cg *cg, const struct ir_inst *first, const struct ir_inst *end,
                  struct cg_runs *runs_out)
{
    struct cg_runs *runs = runs_out;
    uint32_t full = cg->p->local_count / cg->width;
    *runs = (struct cg_runs){.count = 0};
    if (cg->m->flat || cg->m->rows || cg->width == 1 || full < 1)
        return false;
    find_conditions(cg, first, end, runs);
    if (!runs->if_count)
        return false;
    for (uint32_t s = 0; s < full; s++) {
        struct cg_run now = {.first = s, .end = s + 1};
        bool same = runs->count > 0;
        for (uint32_t k = 0; k < runs->if_count; k++) {
            now.truth[k] = (uint8_t)truth_in(cg, runs->conds[k], s);
            same &= runs->count > 0 && runs->run[runs->count - 1].truth[k] == now.truth[k];
        }
        if (same) {
            runs->run[runs->count - 1].end = s + 1;
            continue;
        }
        if (runs->count == CG_RUNS_MAX)
            return false;
        runs->run[runs->count++] = now;
    }
    unsigned copies = 0;
    for (const struct ir_inst *i = first; i != end; i = i->next) {
        runs->ops++;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            runs->ops += count_ops(i->regions[k]);
    }
    for (uint32_t r = 0; r < runs->count; r++) {
        runs->run[r].idle = is_idle(cg, first, end, runs, &runs->run[r]);
        copies += !runs->run[r].idle;
    }
    return copies <= 1 || (copies - 1) * runs->ops <= MAX_OPS;
}

enum cg_truth cg_runs_truth(const struct cg *cg, const struct ir_inst *cond)
{
    const struct cg_runs *runs = cg->p->runs;
    for (uint32_t k = 0; runs && k < runs->if_count; k++)
        if (runs->conds[k] == cond)
            return (enum cg_truth)cg->p->run->truth[k];
    return CG_TRUTH_UNKNOWN;
}
