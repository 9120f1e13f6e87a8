/* SPDX-License-Identifier: MIT
 *
 * DOC: Coordinates clamped at an edge
 *
 *     x[row * n + max(col - 1, 0)], x[row * n + min(col + 1, n - 1)], ...
 *
 * Inside of a picture the clamps change nothing, and then the lanes are neighbours; at an edge they are not.
 * Where several addresses depend on clamps of values with a known pattern, the rest of the region becomes two:
 *
 *     IF all lanes are inside { as it was, without the clamps } else { as it was }
 *
 * So whole vectors are loaded nearly everywhere, and the test is made once.
 */
#include "arena.h"
#include "ir.h"

#define MAX_CLAMPS 16
#define MAX_DEPTH 8     /* of an address's tree */
#define MAX_COPIED 400  /* instructions */
#define LEAST_ACCESSES 2

struct clamps {
    struct ir_module *m;
    struct ir_region *r;
    struct ir_inst *chosen[MAX_CLAMPS];
    struct ir_inst *value[MAX_CLAMPS]; /* what the clamp clamps, without clamps before */
    struct ir_inst *bound[MAX_CLAMPS];
    uint32_t count;
    struct ir_inst *first; /* of the rest of the region */
};

/* ---- Which clamps ---- */

static bool
is_clamp(const struct ir_inst *inst)
{
    return (inst->op == IR_SMIN || inst->op == IR_SMAX || inst->op == IR_UMIN ||
            inst->op == IR_UMAX) &&
           inst->shape.kind == IR_SHAPE_VARYING;
}

static int
find(const struct clamps *c, const struct ir_inst *inst)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->chosen[i] == inst)
            return (int)i;
    return -1;
}

static void
choose(struct clamps *c, struct ir_inst *inst)
{
    for (unsigned k = 0; k < 2 && c->count < MAX_CLAMPS; k++) {
        struct ir_inst *x = inst->args[k], *bound = inst->args[1 - k];
        int before = find(c, x);
        if (before >= 0)
            x = c->value[before];
        if (x->shape.kind != IR_SHAPE_OFFSETS || bound->shape.kind != IR_SHAPE_UNIFORM)
            continue;
        c->chosen[c->count] = inst;
        c->value[c->count] = x;
        c->bound[c->count++] = bound;
        return;
    }
}

/* Does an address without a pattern get one when the clamps are gone? Recursion is bounded by depth. */
static bool
gets_pattern(const struct clamps *c, const struct ir_inst *inst, unsigned depth)
{
    if (inst->shape.kind != IR_SHAPE_VARYING || find(c, inst) >= 0)
        return true;
    if (depth == 0 || inst->arg_count != 2)
        return false;
    if (inst->op == IR_MUL)
        return inst->args[1]->op == IR_CONST && gets_pattern(c, inst->args[0], depth - 1);
    return (inst->op == IR_ADD || inst->op == IR_SUB) &&
           gets_pattern(c, inst->args[0], depth - 1) && gets_pattern(c, inst->args[1], depth - 1);
}

/* Counts instructions and accesses that gain; false if the region cannot be copied. */
static bool
measure(const struct clamps *c, const struct ir_inst *first, uint32_t *count, uint32_t *accesses)
{
    for (const struct ir_inst *i = first; i; i = i->next) {
        if (i->op == IR_BARRIER || ++*count > MAX_COPIED)
            return false;
        if (i->op == IR_LOAD || i->op == IR_STORE) {
            const struct ir_inst *address = i->args[ir_address_args(i) - 1];
            *accesses += address->shape.kind == IR_SHAPE_VARYING &&
                         gets_pattern(c, address, MAX_DEPTH);
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            if (!measure(c, i->regions[k]->first, count, accesses))
                return false;
    }
    return true;
}

/* ---- The condition ---- */

/* Moves a value and what it needs in front of the rest. pass_data of the region's instructions is their place;
 * 0: before the rest. */
static bool
raise(struct clamps *c, struct ir_inst *inst, unsigned depth)
{
    if (inst->parent != c->r || inst->pass_data == 0)
        return true;
    bool load = inst->op == IR_LOAD && (inst->mem.flags & IR_MEM_READONLY) &&
                !(inst->mem.flags & IR_MEM_VOLATILE) && inst->mem.comps == 1;
    if (depth == 0 || inst->op == IR_PARAM || inst->op == IR_RESULT || inst->op == IR_COMP ||
        (!load && !(ir_op_infos[inst->op].flags & IR_PURE)))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!raise(c, inst->args[i], depth - 1))
            return false;
    if (inst == c->first)
        c->first = inst->next;
    else
        ir_move_before(inst, c->first);
    inst->pass_data = 0;
    return true;
}

/* Drops clamps whose values come too late. */
static void
raise_all(struct clamps *c)
{
    uint32_t place = 0, kept = 0;
    for (struct ir_inst *i = c->r->first; i; i = i->next) {
        if (i == c->first)
            place = 1;
        i->pass_data = place ? place++ : 0;
    }
    for (uint32_t k = 0; k < c->count; k++) {
        if (!raise(c, c->value[k], MAX_DEPTH) || !raise(c, c->bound[k], MAX_DEPTH))
            continue;
        c->chosen[kept] = c->chosen[k];
        c->value[kept] = c->value[k];
        c->bound[kept++] = c->bound[k];
    }
    c->count = kept;
}

static struct ir_inst *
make(struct clamps *c, enum ir_op op, uint32_t count, struct ir_inst *const *args)
{
    return ir_insert_before(c->m, c->first, op, IR_BOOL, count, args);
}

static struct ir_inst *
make_condition(struct clamps *c)
{
    struct ir_inst *all = NULL;
    for (uint32_t k = 0; k < c->count; k++) {
        enum ir_op op = (enum ir_op)c->chosen[k]->op;
        bool is_max = op == IR_SMAX || op == IR_UMAX;
        struct ir_inst *low = is_max ? c->bound[k] : c->value[k];
        struct ir_inst *high = is_max ? c->value[k] : c->bound[k];
        struct ir_inst *test = make(c, op == IR_SMAX || op == IR_SMIN ? IR_SLE : IR_ULE, 2,
                                    (struct ir_inst *[]){low, high});
        all = all ? make(c, IR_AND, 2, (struct ir_inst *[]){all, test}) : test;
    }
    return make(c, IR_SG_ALL, 1, &all);
}

/* ---- The copy: pass_ptr of an instruction is what stands for it ---- */

static struct ir_inst *
map(struct ir_inst *value)
{
    return value->pass_ptr ? value->pass_ptr : value;
}

static void copy_list(struct clamps *c, struct ir_inst *first, struct ir_region *into);

static void
copy_regions(struct clamps *c, const struct ir_inst *from, struct ir_inst *to)
{
    for (unsigned k = 0; k < ir_region_count(from); k++) {
        struct ir_region *r = from->regions[k], *copy = ir_region_create(c->m, to);
        to->regions[k] = copy;
        copy_list(c, r->first, copy);
        copy->yield_count = r->yield_count;
        copy->yields = r->yield_count ? arena_array(c->m->arena, struct ir_inst *, r->yield_count)
                                      : NULL;
        for (uint32_t y = 0; y < r->yield_count; y++)
            copy->yields[y] = map(r->yields[y]);
    }
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static void
copy_list(struct clamps *c, struct ir_inst *first, struct ir_region *into)
{
    for (struct ir_inst *i = first; i; i = i->next) {
        int k = find(c, i);
        if (k >= 0) {
            i->pass_ptr = map(c->value[k]);
            continue;
        }
        struct ir_inst *copy = ir_append(c->m, into, (enum ir_op)i->op, (enum ir_type)i->type,
                                         i->arg_count, i->args);
        for (uint32_t a = 0; a < copy->arg_count; a++)
            copy->args[a] = map(i->args[a]);
        copy->mem = i->mem; /* the largest member of the union */
        copy->flags = i->flags;
        copy->line = i->line;
        copy->shape = i->shape;
        i->pass_ptr = copy;
        copy_regions(c, i, copy);
    }
}

static void
split(struct clamps *c)
{
    struct ir_module *m = c->m;
    struct ir_region *r = c->r;
    struct ir_inst *cond = make_condition(c);
    struct ir_inst *branch = ir_insert_before(m, c->first, IR_IF, IR_VOID, 1, &cond);
    branch->line = c->chosen[0]->line;
    for (unsigned k = 0; k < 2; k++)
        branch->regions[k] = ir_region_create(m, branch);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_ptr = NULL;
    copy_list(c, c->first, branch->regions[0]);
    /* What the region yields from its rest, it gets from both arms. */
    uint32_t count = 0;
    struct ir_inst **arms[2];
    for (unsigned k = 0; k < 2; k++)
        arms[k] = arena_array(m->arena, struct ir_inst *, r->yield_count + 1);
    for (uint32_t y = 0; y < r->yield_count; y++) {
        struct ir_inst *value = r->yields[y];
        if (value->pass_ptr == NULL)
            continue;
        struct ir_inst *result =
            ir_insert_before(m, c->first, IR_RESULT, (enum ir_type)value->type, 1, &branch);
        result->imm = count;
        result->line = value->line;
        arms[0][count] = map(value);
        arms[1][count++] = value;
        r->yields[y] = result;
    }
    struct ir_inst *end = ir_append(m, branch->regions[1], IR_UNDEF, IR_BOOL, 0, NULL);
    for (struct ir_inst *i = c->first, *next; i; i = next) {
        next = i->next;
        ir_move_before(i, end);
    }
    for (unsigned k = 0; k < 2; k++) {
        branch->regions[k]->yields = arms[k];
        branch->regions[k]->yield_count = count;
    }
}

static bool
try_region(struct ir_module *m, struct ir_region *r)
{
    struct clamps c = {.m = m, .r = r};
    uint32_t count = 0, accesses = 0;
    for (struct ir_inst *i = r->first; i; i = i->next)
        if (is_clamp(i))
            choose(&c, i);
    if (!c.count)
        return false;
    c.first = c.chosen[0];
    raise_all(&c);
    if (!c.count || !measure(&c, c.first, &count, &accesses) || accesses < LEAST_ACCESSES)
        return false;
    split(&c);
    return true;
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static bool
visit(struct ir_module *m, struct ir_region *r)
{
    if (try_region(m, r))
        return true;
    bool changed = false;
    for (struct ir_inst *i = r->first; i; i = i->next)
        for (unsigned k = 0; k < ir_region_count(i); k++)
            changed |= visit(m, i->regions[k]);
    return changed;
}

void
ir_clamps(struct ir_module *m)
{
    if (m->width == 1 || (m->request->flags & WEFT_REQUEST_FAST) || !visit(m, m->body))
        return;
    ir_simplify(m);
    ir_regions(m);
    ir_shape(m);
}
