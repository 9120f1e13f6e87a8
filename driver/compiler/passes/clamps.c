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
 *
 * The library asks whether all lanes' texels are inside of an image, and the same is done for its questions. What
 * all lanes clamp alike is tested along with the others: where clamped and unclamped values are compared, both
 * are the same then.
 */
#include "versions.h"

#define MAX_CLAMPS 32
#define MAX_DEPTH 8     /* of an address's tree */
#define RAISE_DEPTH 24  /* of what a test needs */
#define MAX_COPIED 400  /* instructions */
#define LEAST_ACCESSES 2

struct clamps {
    struct ir_module *m;
    struct ir_region *r;
    struct ir_inst *chosen[MAX_CLAMPS];
    struct ir_inst *value[MAX_CLAMPS]; /* what the clamp clamps, without clamps before */
    struct ir_inst *bound[MAX_CLAMPS]; /* NULL: a test that holds */
    uint32_t count;
    struct ir_inst *first; /* of the rest of the region */
};

/* ---- Which clamps ---- */

static bool is_clamp(const struct ir_inst *inst)
{
    return (inst->op == IR_SMIN || inst->op == IR_SMAX || inst->op == IR_UMIN ||
            inst->op == IR_UMAX) &&
           inst->shape.kind == IR_SHAPE_VARYING;
}

static int find(const struct clamps *c, const struct ir_inst *inst)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->chosen[i] == inst)
            return (int)i;
    return -1;
}

static void add(struct clamps *c, struct ir_inst *inst, struct ir_inst *value,
                struct ir_inst *bound)
{
    if (c->count == MAX_CLAMPS || find(c, inst) >= 0)
        return;
    c->chosen[c->count] = inst;
    c->value[c->count] = value;
    c->bound[c->count++] = bound;
}

static void choose(struct clamps *c, struct ir_inst *inst)
{
    for (unsigned k = 0; k < 2; k++) {
        struct ir_inst *x = inst->args[k], *bound = inst->args[1 - k];
        int before = find(c, x);
        if (before >= 0 && c->bound[before])
            x = c->value[before];
        if (x->shape.kind != IR_SHAPE_OFFSETS || bound->shape.kind != IR_SHAPE_UNIFORM)
            continue;
        add(c, inst, x, bound);
        return;
    }
}

/* The parts of a question to all lanes: comparisons of values with a pattern. */
static void choose_tests(struct clamps *c, struct ir_inst *inst, unsigned depth)
{
    if (inst->parent != c->r || depth == 0)
        return;
    if (inst->op == IR_AND) {
        choose_tests(c, inst->args[0], depth - 1);
        choose_tests(c, inst->args[1], depth - 1);
    } else if ((inst->op == IR_ULT || inst->op == IR_ULE) && inst->args[0]->shape.kind != IR_SHAPE_VARYING &&
               inst->args[1]->shape.kind == IR_SHAPE_UNIFORM) {
        add(c, inst, NULL, NULL);
    }
}

/* Clamps of what is the same in all lanes, where the result is compared with what was clamped. */
static void choose_uniform(struct clamps *c, const struct ir_inst *inst)
{
    for (unsigned k = 0; k < 2; k++) {
        struct ir_inst *clamped = inst->args[k], *x = inst->args[1 - k];
        if (clamped->parent == c->r && (clamped->op == IR_UMIN || clamped->op == IR_SMIN) &&
            clamped->shape.kind == IR_SHAPE_UNIFORM && x->op != IR_CONST &&
            (clamped->args[0] == x || clamped->args[1] == x)) {
            struct ir_inst *bound = clamped->args[clamped->args[0] == x];
            add(c, clamped, x, bound);
        }
    }
}

/* Does an address without a pattern get one when the clamps are gone? Recursion is bounded by depth. */
static bool gets_pattern(const struct clamps *c, const struct ir_inst *inst, unsigned depth)
{
    if (inst->shape.kind != IR_SHAPE_VARYING || find(c, inst) >= 0)
        return true;
    if (depth == 0 || inst->arg_count != 2)
        return false;
    if (inst->op == IR_MUL || inst->op == IR_SHL)
        return inst->args[1]->op == IR_CONST && gets_pattern(c, inst->args[0], depth - 1);
    return (inst->op == IR_ADD || inst->op == IR_SUB) &&
           gets_pattern(c, inst->args[0], depth - 1) && gets_pattern(c, inst->args[1], depth - 1);
}

/* Counts instructions and accesses that gain; false if the region cannot be copied. */
static bool measure(const struct clamps *c, const struct ir_inst *first, uint32_t *count,
                    uint32_t *accesses)
{
    for (const struct ir_inst *i = first; i; i = i->next) {
        if (i->op == IR_BARRIER || ++*count > MAX_COPIED)
            return false;
        if (i->op == IR_LOAD || i->op == IR_STORE || i->op == IR_TEXELS) {
            const struct ir_inst *address = i->args[i->op == IR_TEXELS ? 1 : ir_address_args(i) - 1];
            if (address->shape.kind == IR_SHAPE_VARYING && gets_pattern(c, address, MAX_DEPTH))
                *accesses += i->op == IR_TEXELS ? LEAST_ACCESSES : 1; /* questions go, too */
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            if (!measure(c, i->regions[k]->first, count, accesses))
                return false;
    }
    return true;
}

/* The first of what was chosen. */
static struct ir_inst *first_of(const struct clamps *c)
{
    struct ir_inst *i = c->r->first;
    while (find(c, i) < 0)
        i = i->next;
    return i;
}

/* ---- The condition ---- */

/* Moves a value and what it needs in front of the rest. pass_data of the region's instructions is their place;
 * 0: before the rest. */
static bool raise(struct clamps *c, struct ir_inst *inst, unsigned depth)
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
static void raise_all(struct clamps *c)
{
    uint32_t place = 0, kept = 0;
    for (struct ir_inst *i = c->r->first; i; i = i->next) {
        if (i == c->first)
            place = 1;
        i->pass_data = place ? place++ : 0;
    }
    for (uint32_t k = 0; k < c->count; k++) {
        struct ir_inst *low = c->bound[k] ? c->value[k] : c->chosen[k]->args[0];
        struct ir_inst *high = c->bound[k] ? c->bound[k] : c->chosen[k]->args[1];
        if (!raise(c, low, RAISE_DEPTH) || !raise(c, high, RAISE_DEPTH))
            continue;
        c->chosen[kept] = c->chosen[k];
        c->value[kept] = c->value[k];
        c->bound[kept++] = c->bound[k];
    }
    c->count = kept;
}

static struct ir_inst *make(struct clamps *c, enum ir_op op, uint32_t count,
                            struct ir_inst *const *args)
{
    return ir_insert_before(c->m, c->first, op, IR_BOOL, count, args);
}

/* What is the same in all lanes and needs nothing of the rest stays one: a loop's counter must not get lost. */
static void share(struct clamps *c)
{
    for (struct ir_inst *i = c->first, *next; i; i = next) {
        bool whole = i->pass_data && i->shape.kind == IR_SHAPE_UNIFORM && find(c, i) < 0 &&
                     (ir_op_infos[i->op].flags & IR_PURE) && i->op != IR_COMP;
        next = i->next;
        for (uint32_t k = 0; whole && k < i->arg_count; k++)
            whole = find(c, i->args[k]) < 0 && (i->args[k]->parent != c->r || i->args[k]->pass_data == 0);
        if (!whole || (i == c->first && !next))
            continue;
        if (i == c->first)
            c->first = next;
        else
            ir_move_before(i, c->first);
        i->pass_data = 0;
    }
}

/* Holds where clamp k changes nothing, or test k is true. */
static struct ir_inst *make_test(struct clamps *c, uint32_t k)
{
    enum ir_op op = (enum ir_op)c->chosen[k]->op;
    if (!c->bound[k])
        return make(c, op, 2, c->chosen[k]->args);
    bool is_max = op == IR_SMAX || op == IR_UMAX;
    struct ir_inst *low = is_max ? c->bound[k] : c->value[k];
    struct ir_inst *high = is_max ? c->value[k] : c->bound[k];
    return make(c, op == IR_SMAX || op == IR_SMIN ? IR_SLE : IR_ULE, 2, (struct ir_inst *[]){low, high});
}

/* Lanes are asked only about what varies: the answer is the same for many rows of a picture. */
static struct ir_inst *make_condition(struct clamps *c)
{
    struct ir_inst *all[2] = {NULL, NULL};
    for (uint32_t k = 0; k < c->count; k++) {
        struct ir_inst *test = make_test(c, k);
        bool varies = test->args[0]->shape.kind != IR_SHAPE_UNIFORM || test->args[1]->shape.kind != IR_SHAPE_UNIFORM;
        struct ir_inst **to = &all[varies];
        *to = *to ? make(c, IR_AND, 2, (struct ir_inst *[]){*to, test}) : test;
    }
    if (!all[1])
        return all[0];
    all[1] = make(c, IR_SG_ALL, 1, &all[1]);
    all[1]->imm = IR_ALL_ROUGHLY;
    return all[0] ? make(c, IR_AND, 2, all) : all[1];
}

/* ---- The two versions ---- */

static void split(struct clamps *c)
{
    struct version version = {c->chosen, c->value, c->count};
    struct ir_inst *cond = make_condition(c), *yes = NULL;
    for (uint32_t k = 0; k < c->count; k++) {
        if (c->bound[k])
            continue;
        if (!yes) {
            yes = ir_insert_before(c->m, c->m->body->first, IR_CONST, IR_BOOL, 0, NULL);
            yes->imm = 1;
        }
        c->value[k] = yes;
    }
    struct ir_inst *branch = version_split(c->m, c->first, cond, &version);
    branch->line = c->chosen[0]->line;
}

static bool try_region(struct ir_module *m, struct ir_region *r)
{
    struct clamps c = {.m = m, .r = r};
    uint32_t count = 0, accesses = 0;
    for (struct ir_inst *i = r->first; i; i = i->next) {
        if (is_clamp(i))
            choose(&c, i);
        else if (i->op == IR_SG_ALL && i->args[0]->shape.kind == IR_SHAPE_VARYING)
            choose_tests(&c, i->args[0], MAX_DEPTH);
    }
    if (!c.count)
        return false;
    for (struct ir_inst *i = r->first; i; i = i->next)
        if (i->op == IR_EQ && i->shape.kind == IR_SHAPE_UNIFORM)
            choose_uniform(&c, i);
    for (uint32_t k = 0; k < c.count; k++)
        if (!c.bound[k])
            accesses = LEAST_ACCESSES;
    c.first = first_of(&c);
    raise_all(&c);
    if (!c.count || !measure(&c, c.first, &count, &accesses) || accesses < LEAST_ACCESSES)
        return false;
    share(&c);
    split(&c);
    return true;
}

/* Inner regions first: their copies take less than copies of copies. Recursion is bounded by IR_MAX_DEPTH. */
static bool visit(struct ir_module *m, struct ir_region *r)
{
    bool changed = false;
    for (struct ir_inst *i = r->first; i; i = i->next)
        for (unsigned k = 0; k < ir_region_count(i); k++)
            changed |= visit(m, i->regions[k]);
    return try_region(m, r) || changed;
}

static void again(struct ir_module *m)
{
    ir_simplify(m);
    ir_regions(m);
    ir_shape(m);
}

void ir_clamps(struct ir_module *m)
{
    if (m->width == 1 || (m->request->flags & WEFT_REQUEST_FAST))
        return;
    if (m->shape_found) /* questions whose answer is known hide others */
        again(m);
    if (visit(m, m->body))
        again(m);
}
