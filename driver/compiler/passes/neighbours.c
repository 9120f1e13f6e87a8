/* SPDX-License-Identifier: MIT
 *
 * Neighbouring accesses become one.
 *
 * A lane that reads or writes a row of elements one by one (an unrolled loop over a tile's columns)
 * makes accesses whose lanes lie a row apart: each would touch every cache line of all rows. As one
 * access of several components they are whole vectors and a transposition. Accesses whose lanes are
 * neighbours, or the same, are better left alone.
 *
 * Loads from neighbouring addresses that are the same for all lanes become one, too: it needs one bounds
 * check.
 *
 * Two accesses whose lanes interleave, as the halves of what a sorting network compares do, are joined, too,
 * where both together fill memory without a gap.
 *
 * Loads move up to the first of their run, stores down to the last; nothing that may touch the same
 * memory lies between, and no control flow.
 */
#include "ir.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* A row of 16 bytes; transposing more than four words takes more registers than there are. */
#define MAX_ROW_B 16
#define MAX_COMPONENTS 16
#define MAX_UNIFORM 4
#define MAX_GROUPS 32
#define MAX_MEMBERS 64
#define MAX_WIDTH 128

/* Accesses of one region that differ in const_B alone, in program order. */
struct group {
    struct ir_inst *members[MAX_MEMBERS];
    uint32_t count;
};

struct neighbours {
    struct ir_module *m;
    struct group groups[MAX_GROUPS];
    uint32_t group_count;
};

static enum ir_type element_type(const struct ir_inst *inst)
{
    return (enum ir_type)(inst->op == IR_STORE ? inst->args[ir_address_args(inst)]->type
                                               : inst->type);
}

/* How many elements of one lane fit before the next lane's begin; 1 where lanes are neighbours,
 * equal or unknown. */
static uint32_t room(const struct ir_module *m, const struct ir_inst *inst)
{
    const struct ir_shape *shape = &inst->args[ir_address_args(inst) - 1]->shape;
    uint32_t least = UINT32_MAX;
    if (shape->kind == IR_SHAPE_UNIFORM && inst->op == IR_LOAD && inst->mem.space == IR_SPACE_BUFFER)
        return MAX_UNIFORM;
    if (shape->kind != IR_SHAPE_OFFSETS || !shape->offsets)
        return 1;
    for (uint32_t i = 1; i < m->width; i++) {
        int64_t step = (int32_t)(uint32_t)(shape->offsets[i] - shape->offsets[i - 1]);
        uint32_t size = step < 0 ? (uint32_t)-step : (uint32_t)step;
        if (size && size < least)
            least = size;
    }
    if (least == UINT32_MAX)
        return 1;
    uint32_t size_B = ir_type_B(element_type(inst)), most = size_B < 4 ? MAX_ROW_B / size_B : 4;
    least /= size_B;
    return least > most ? most : least;
}

/* Lanes in ascending order with gaps between some. */
static bool has_gaps(const struct ir_module *m, const struct ir_inst *inst)
{
    const struct ir_shape *shape = &inst->args[ir_address_args(inst) - 1]->shape;
    int64_t size_B = ir_type_B(element_type(inst));
    bool gaps = false;
    if (shape->kind != IR_SHAPE_OFFSETS || !shape->offsets)
        return false;
    for (uint32_t i = 1; i < m->width; i++) {
        int64_t step = (int32_t)(uint32_t)(shape->offsets[i] - shape->offsets[i - 1]);
        if (step < size_B || step % size_B)
            return false;
        gaps |= step > size_B;
    }
    return gaps;
}

/* Do lanes of one fill exactly the gaps between those of the other, distance_B further on? */
static bool interleave(const struct ir_module *m, const struct ir_inst *inst, uint32_t distance_B)
{
    const int64_t *offsets = inst->args[ir_address_args(inst) - 1]->shape.offsets;
    uint32_t size_B = ir_type_B(element_type(inst)), distance = distance_B / size_B;
    bool filled[2 * MAX_WIDTH] = {false};
    if (!has_gaps(m, inst) || m->width > MAX_WIDTH || distance_B % size_B)
        return false;
    for (uint32_t i = 0; i < m->width; i++) {
        uint64_t at = (uint32_t)(offsets[i] - offsets[0]) / size_B;
        for (unsigned k = 0; k < 2; k++, at += distance) {
            if (at >= 2 * m->width || filled[at])
                return false;
            filled[at] = true;
        }
    }
    return true;
}

static bool is_candidate(const struct ir_module *m, const struct ir_inst *inst)
{
    return (inst->op == IR_LOAD || inst->op == IR_STORE) && inst->mem.comps == 1 &&
           !(inst->mem.flags & (IR_MEM_VOLATILE | IR_MEM_COHERENT)) &&
           inst->mem.space != IR_SPACE_GLOBAL && (room(m, inst) > 1 || has_gaps(m, inst));
}

static bool same_group(const struct ir_inst *a, const struct ir_inst *b)
{
    if (a->op != b->op || a->mem.space != b->mem.space || a->mem.flags != b->mem.flags ||
        a->mem.alias != b->mem.alias || a->flags != b->flags ||
        element_type(a) != element_type(b))
        return false;
    for (uint32_t i = 0; i < ir_address_args(a); i++)
        if (a->args[i] != b->args[i])
            return false;
    return true;
}

static bool may_overlap(const struct ir_inst *a, const struct ir_inst *b)
{
    bool shared_a = a->mem.space == IR_SPACE_SHARED, shared_b = b->mem.space == IR_SPACE_SHARED;
    if (shared_a != shared_b || a->mem.space == IR_SPACE_PUSH || b->mem.space == IR_SPACE_PUSH)
        return false;
    if ((a->mem.flags | b->mem.flags) & IR_MEM_READONLY)
        return false;
    return !a->mem.alias || !b->mem.alias || a->mem.alias == b->mem.alias;
}

/* ---- Closing a group ---- */

static int by_offset(const void *x, const void *y)
{
    const struct ir_inst *a = *(struct ir_inst *const *)x, *b = *(struct ir_inst *const *)y;
    return a->mem.const_B < b->mem.const_B ? -1 : a->mem.const_B > b->mem.const_B;
}

/* pass_data is the place in program order. */
static struct ir_inst *earliest(struct ir_inst *const *run, uint32_t n, bool latest)
{
    struct ir_inst *found = run[0];
    for (uint32_t i = 1; i < n; i++)
        if ((run[i]->pass_data < found->pass_data) != latest)
            found = run[i];
    return found;
}

static void join_loads(struct ir_module *m, struct ir_inst *const *run, uint32_t n)
{
    struct ir_inst *at = earliest(run, n, false);
    struct ir_inst *load = ir_insert_before(m, at, IR_LOAD, (enum ir_type)run[0]->type,
                                            run[0]->arg_count, run[0]->args);
    load->mem = run[0]->mem;
    load->mem.comps = (uint8_t)n;
    load->mem.stride_B = run[1]->mem.const_B - run[0]->mem.const_B;
    load->line = at->line;
    load->flags = run[0]->flags;
    load->shape = run[0]->shape;
    for (uint32_t k = 0; k < n; k++) {
        struct ir_inst *comp =
            ir_insert_before(m, at, IR_COMP, (enum ir_type)run[k]->type, 1, &load);
        comp->imm = k;
        comp->line = run[k]->line;
        comp->shape = run[k]->shape;
        run[k]->replaced_by = comp;
    }
    for (uint32_t k = 0; k < n; k++)
        ir_remove(run[k]);
}

static void join_stores(struct ir_module *m, struct ir_inst *const *run, uint32_t n)
{
    struct ir_inst *at = earliest(run, n, true), *args[2 + MAX_COMPONENTS];
    uint32_t address = ir_address_args(at);
    memcpy(args, at->args, address * sizeof(args[0]));
    for (uint32_t k = 0; k < n; k++)
        args[address + k] = run[k]->args[address];
    struct ir_inst *store = ir_insert_before(m, at, IR_STORE, IR_VOID, address + n, args);
    store->mem = run[0]->mem;
    store->mem.comps = (uint8_t)n;
    store->mem.stride_B = run[1]->mem.const_B - run[0]->mem.const_B;
    store->line = at->line;
    store->flags = at->flags;
    for (uint32_t k = 0; k < n; k++)
        ir_remove(run[k]);
}

/* Joins members that interleave, two by two; what is left stays in order. */
static uint32_t join_interleaved(struct ir_module *m, struct ir_inst **members, uint32_t n)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = i + 1;
        while (members[i] && j < n &&
               !(members[j] && interleave(m, members[i], members[j]->mem.const_B - members[i]->mem.const_B)))
            j++;
        if (members[i] && j < n) {
            struct ir_inst *pair[] = {members[i], members[j]};
            if (pair[0]->op == IR_LOAD)
                join_loads(m, pair, 2);
            else
                join_stores(m, pair, 2);
            members[j] = NULL;
        } else if (members[i]) {
            members[left++] = members[i];
        }
    }
    return left;
}

/* A run may not be longer than the room between lanes, and starts where such a row may: rows are
 * aligned to themselves more often than not. */
static void close_group(struct ir_module *m, struct group *group)
{
    struct ir_inst **members = group->members;
    uint32_t n = group->count;
    if (n < 2)
        return;
    uint32_t size_B = ir_type_B(element_type(members[0])), most = room(m, members[0]);
    qsort(members, n, sizeof(members[0]), by_offset);
    if (most == 1)
        n = join_interleaved(m, members, n);
    for (uint32_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && end - first < most; end++)
            if ((uint64_t)members[end - 1]->mem.const_B + size_B != members[end]->mem.const_B)
                break;
        if (end - first < 2)
            continue;
        if (members[first]->op == IR_LOAD)
            join_loads(m, &members[first], end - first);
        else
            join_stores(m, &members[first], end - first);
    }
}

static void close_at(struct neighbours *s, uint32_t i)
{
    close_group(s->m, &s->groups[i]);
    s->groups[i] = s->groups[--s->group_count];
}

static void close_all(struct neighbours *s)
{
    while (s->group_count)
        close_at(s, s->group_count - 1);
}

/* ---- Opening groups ---- */

/* Closes what an access may not pass: loads do not pass stores, stores pass neither. Stores of one
 * group may pass each other while they are apart. */
static void close_overlapping(struct neighbours *s, const struct ir_inst *inst)
{
    for (uint32_t i = s->group_count; i-- > 0;) {
        struct group *group = &s->groups[i];
        const struct ir_inst *member = group->members[0];
        if ((member->op == IR_LOAD && inst->op == IR_LOAD) || !may_overlap(member, inst))
            continue;
        bool apart = inst->mem.comps == 1 && same_group(member, inst);
        for (uint32_t k = 0; apart && k < group->count; k++) {
            uint32_t a = group->members[k]->mem.const_B, b = inst->mem.const_B;
            apart = (a < b ? b - a : a - b) >= ir_type_B(element_type(inst));
        }
        if (!apart)
            close_at(s, i);
    }
}

static void add(struct neighbours *s, struct ir_inst *inst)
{
    for (uint32_t i = 0; i < s->group_count; i++) {
        struct group *group = &s->groups[i];
        if (!same_group(group->members[0], inst))
            continue;
        for (uint32_t k = 0; k < group->count; k++)
            if (group->members[k]->mem.const_B == inst->mem.const_B)
                return; /* a second load of the same element stays by itself */
        if (group->count == MAX_MEMBERS) {
            close_at(s, i);
            break;
        }
        group->members[group->count++] = inst;
        return;
    }
    if (s->group_count == MAX_GROUPS)
        close_at(s, 0);
    s->groups[s->group_count++] = (struct group){.members = {inst}, .count = 1};
}

static void join_region(struct neighbours *s, struct ir_region *r)
{
    struct ir_inst *next;
    uint32_t place = 0;
    for (struct ir_inst *inst = r->first; inst; inst = next) {
        next = inst->next;
        inst->pass_data = place++;
        if (inst->op == IR_LOAD || inst->op == IR_STORE) {
            close_overlapping(s, inst);
            if (is_candidate(s->m, inst))
                add(s, inst);
        } else if ((ir_op_infos[inst->op].flags & IR_WRITES && inst->op != IR_LOCAL_STORE) ||
                   ir_region_count(inst)) {
            close_all(s);
        }
    }
    close_all(s);
}

void ir_neighbours(struct ir_module *m)
{
    struct neighbours *s = arena_new(m->arena, struct neighbours);
    s->m = m;
    if (m->width == 1)
        return;
    /* Closing a group moves instructions of its own region only. */
    join_region(s, m->body);
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        for (unsigned i = 0; i < ir_region_count(inst); i++)
            join_region(s, inst->regions[i]);
    ir_resolve_all(m);
    ir_number(m);
}
