/* SPDX-License-Identifier: MIT
 *
 * DOC: Pairs of IFs with one condition
 *
 *     if c { a = fast } { a = undefined }; b = f(a); if c { r = b } { r = slow }
 *
 * is what comes of a function that tells its caller whether it could do its work: both are one IF, without the
 * values that carry nothing from the first to the second. What lies between them goes in front where it needs no
 * result of the first one, else into both arms.
 */
#include "arena.h"
#include "simplify.h"

#define MAX_BETWEEN 24
#define MARKED 1u /* pass_data of the first one's RESULTs and what is computed from them; pass_ptr: within an arm */

static bool is_pure(const struct ir_inst *inst)
{
    return (ir_op_infos[inst->op].flags & IR_PURE) && !ir_region_count(inst);
}

static bool is_pure_region(const struct ir_region *r)
{
    for (const struct ir_inst *inst = r->first; inst; inst = inst->next)
        if (!is_pure(inst))
            return false;
    return true;
}

static bool is_result_of(const struct ir_inst *inst, const struct ir_inst *owner)
{
    return inst && inst->op == IR_RESULT && inst->args[0] == owner;
}

/* The last IF of a loop's body is likely to be its test, for ir_rotate. */
static bool may_test_loop(const struct ir_module *m, const struct ir_inst *inst)
{
    if (m->rotated || !inst->parent->owner || inst->parent->owner->op != IR_LOOP)
        return false;
    for (inst = inst->next; inst; inst = inst->next)
        if (ir_region_count(inst))
            return false;
    return true;
}

/* The IF that makes a pair with `first`, or NULL. */
static struct ir_inst *find_second(const struct ir_module *m, struct ir_inst *first)
{
    struct ir_inst *inst = first->next;
    while (is_result_of(inst, first))
        inst = inst->next;
    for (unsigned i = 0; inst && is_pure(inst) && inst->op != IR_RESULT && i < MAX_BETWEEN; i++)
        inst = inst->next;
    /* Of different arms, the first one's second came before the second one's first. */
    if (!inst || inst->op != IR_IF || inst->args[0] != first->args[0] || may_test_loop(m, inst) ||
        !(is_pure_region(first->regions[1]) || is_pure_region(inst->regions[0])))
        return NULL;
    return inst;
}

/* ---- What lies between ---- */

static bool needs_marked(const struct ir_inst *inst)
{
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (inst->args[i]->pass_data == MARKED)
            return true;
    return false;
}

static void count_uses(struct ir_inst *const *values, uint32_t count, bool back)
{
    for (uint32_t i = 0; i < count; i++)
        if (values[i]->pass_data == MARKED)
            values[i]->use_count += back ? 1u : -1u;
}

/* Takes the uses in a region away from, or gives them back to, what is marked. */
static void count_uses_in(struct ir_region *r, bool back)
{
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        count_uses(inst->args, inst->arg_count, back);
        for (unsigned k = 0; k < ir_region_count(inst); k++)
            count_uses_in(inst->regions[k], back);
    }
    count_uses(r->yields, r->yield_count, back);
}

/* Marks, and says whether what is marked is used in the pair alone, but for the first one's RESULTs. */
static bool mark_between(struct ir_inst *first, struct ir_inst *second)
{
    bool alone = true;
    for (struct ir_inst *inst = first->next; inst != second; inst = inst->next)
        if (is_result_of(inst, first) || needs_marked(inst))
            inst->pass_data = MARKED;
    for (unsigned back = 0; back < 2; back++) {
        for (struct ir_inst *inst = first->next; inst != second; inst = inst->next)
            if (!is_result_of(inst, first) && inst->pass_data == MARKED)
                count_uses(inst->args, inst->arg_count, back);
        for (unsigned k = 0; k < 2; k++)
            count_uses_in(second->regions[k], back);
        for (struct ir_inst *inst = first->next; !back && inst != second; inst = inst->next)
            alone &= is_result_of(inst, first) || inst->pass_data != MARKED || inst->use_count == 0;
    }
    return alone;
}

static void clear_marks(struct ir_inst *first, struct ir_inst *second)
{
    for (struct ir_inst *inst = first->next; inst != second; inst = inst->next) {
        inst->pass_data = 0;
        inst->pass_ptr = NULL;
    }
}

/* ---- Making one of two ---- */

static void rename_values(struct ir_inst **values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (values[i]->pass_data != MARKED)
            continue;
        struct ir_inst *by = values[i]->pass_ptr;
        values[i]->use_count--;
        by->use_count++;
        values[i] = by;
    }
}

static void rename_in(struct ir_region *r)
{
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        rename_values(inst->args, inst->arg_count);
        for (unsigned k = 0; k < ir_region_count(inst); k++)
            rename_in(inst->regions[k]);
    }
    rename_values(r->yields, r->yield_count);
}

static struct ir_inst *copy_to(struct ir_module *m, struct ir_region *r, const struct ir_inst *inst)
{
    struct ir_inst *copy = ir_append(m, r, (enum ir_op)inst->op, (enum ir_type)inst->type, inst->arg_count, inst->args);
    copy->flags = inst->flags;
    copy->line = inst->line;
    copy->imm = inst->imm;
    for (uint32_t i = 0; i < copy->arg_count; i++)
        copy->args[i]->use_count++;
    rename_values(copy->args, copy->arg_count);
    return copy;
}

static void join_arm(struct ir_module *m, struct ir_inst *first, struct ir_inst *second, unsigned k)
{
    struct ir_region *to = first->regions[k], *from = second->regions[k];
    uint32_t count = 0;
    for (struct ir_inst *inst = first->next; inst != second; inst = inst->next)
        inst->pass_ptr = is_result_of(inst, first) ? to->yields[count++] : copy_to(m, to, inst);
    rename_in(from);
    struct ir_inst *end = ir_append(m, to, IR_UNDEF, IR_BOOL, 0, NULL);
    while (from->first)
        ir_move_before(from->first, end);
    ir_remove(end);
    struct ir_inst **yields = arena_array(m->arena, struct ir_inst *, to->yield_count + from->yield_count);
    for (uint32_t i = 0; i < to->yield_count + from->yield_count; i++)
        yields[i] = i < to->yield_count ? to->yields[i] : from->yields[i - to->yield_count];
    to->yields = yields;
    to->yield_count += from->yield_count;
}

static void join(struct ir_module *m, struct ir_inst *first, struct ir_inst *second)
{
    uint32_t count = first->regions[0]->yield_count;
    for (struct ir_inst *inst = first->next, *next; inst != second; inst = next) {
        next = inst->next;
        if (inst->pass_data != MARKED)
            ir_move_before(inst, first);
    }
    for (unsigned k = 0; k < 2; k++)
        join_arm(m, first, second, k);
    clear_marks(first, second);
    struct ir_inst *result = first->next;
    while (result != second) { /* the first one's RESULTs stay */
        struct ir_inst *next = result->next;
        if (!is_result_of(result, first)) {
            for (uint32_t i = 0; i < result->arg_count; i++)
                result->args[i]->use_count--;
            ir_remove(result);
        }
        result = next;
    }
    for (result = second->next; is_result_of(result, second); result = result->next) {
        result->args[0] = first;
        result->imm += count;
    }
    ir_remove(second);
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static bool pair_region(struct ir_module *m, struct ir_region *r)
{
    bool changed = false;
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        while (inst->op == IR_IF) {
            struct ir_inst *second = find_second(m, inst);
            bool may = second && mark_between(inst, second);
            if (may)
                join(m, inst, second);
            else if (second)
                clear_marks(inst, second);
            if (!may)
                break;
            changed = true;
        }
        for (unsigned k = 0; k < ir_region_count(inst); k++)
            changed |= pair_region(m, inst->regions[k]);
    }
    return changed;
}

bool pairs_run(struct ir_module *m)
{
    ir_count_uses(m);
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->pass_data = 0;
    return pair_region(m, m->body);
}
