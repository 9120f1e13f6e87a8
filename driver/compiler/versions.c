/* SPDX-License-Identifier: MIT */
#include "versions.h"

#include "arena.h"

struct copier {
    struct ir_module *m;
    const struct version *version;
};

/* pass_ptr of an instruction is what stands for it. */
static struct ir_inst *map(struct ir_inst *value)
{
    return value->pass_ptr ? value->pass_ptr : value;
}

static int find(const struct version *v, const struct ir_inst *inst)
{
    for (uint32_t i = 0; i < v->count; i++)
        if (v->from[i] == inst)
            return (int)i;
    return -1;
}

static void copy_list(const struct copier *c, struct ir_inst *first, struct ir_region *into);

static void copy_regions(const struct copier *c, const struct ir_inst *from, struct ir_inst *to)
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
static void copy_list(const struct copier *c, struct ir_inst *first, struct ir_region *into)
{
    for (struct ir_inst *i = first; i; i = i->next) {
        int k = find(c->version, i);
        if (k >= 0) {
            i->pass_ptr = map(c->version->to[k]);
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

struct ir_inst *version_split(struct ir_module *m, struct ir_inst *first, struct ir_inst *cond,
                              const struct version *version)
{
    struct copier c = {m, version};
    struct ir_region *r = first->parent;
    struct ir_inst *branch = ir_insert_before(m, first, IR_IF, IR_VOID, 1, &cond);
    for (unsigned k = 0; k < 2; k++)
        branch->regions[k] = ir_region_create(m, branch);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_ptr = NULL;
    for (uint32_t k = 0; k < version->count; k++) /* of those in front of the rest */
        version->from[k]->pass_ptr = version->to[k];
    copy_list(&c, first, branch->regions[0]);
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
            ir_insert_before(m, first, IR_RESULT, (enum ir_type)value->type, 1, &branch);
        result->imm = count;
        result->line = value->line;
        arms[0][count] = map(value);
        arms[1][count++] = value;
        r->yields[y] = result;
    }
    struct ir_inst *end = ir_append(m, branch->regions[1], IR_UNDEF, IR_BOOL, 0, NULL);
    for (struct ir_inst *i = first, *next; i; i = next) {
        next = i->next;
        ir_move_before(i, end);
    }
    for (unsigned k = 0; k < 2; k++) {
        branch->regions[k]->yields = arms[k];
        branch->regions[k]->yield_count = count;
    }
    return branch;
}
