/* SPDX-License-Identifier: MIT */
#include "copy.h"

#include "arena.h"

void copy_forget(struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        i->pass_ptr = NULL;
}

static void copy_regions(struct ir_module *m, const struct ir_inst *from, struct ir_inst *to,
                         copy_skip *skip, const void *data)
{
    for (unsigned k = 0; k < ir_region_count(from); k++) {
        struct ir_region *r = from->regions[k], *copy = ir_region_create(m, to);
        to->regions[k] = copy;
        copy_list(m, r->first, NULL, copy, NULL, skip, data);
        copy->yield_count = r->yield_count;
        copy->yields = arena_array(m->arena, struct ir_inst *, r->yield_count + 1);
        for (uint32_t y = 0; y < r->yield_count; y++)
            copy->yields[y] = copy_of(r->yields[y]);
    }
}

/* Recursion is bounded by IR_MAX_DEPTH. */
void copy_list(struct ir_module *m, struct ir_inst *first, const struct ir_inst *end,
               struct ir_region *into, struct ir_inst *before, copy_skip *skip, const void *data)
{
    for (struct ir_inst *i = first; i && i != end; i = i->next) {
        if (skip && skip(i, data))
            continue;
        enum ir_op op = (enum ir_op)i->op;
        enum ir_type type = (enum ir_type)i->type;
        struct ir_inst *copy = before ? ir_insert_before(m, before, op, type, i->arg_count, i->args)
                                      : ir_append(m, into, op, type, i->arg_count, i->args);
        for (uint32_t a = 0; a < copy->arg_count; a++)
            copy->args[a] = copy_of(i->args[a]);
        copy->mem = i->mem; /* the largest member of the union */
        copy->flags = i->flags;
        copy->line = i->line;
        copy->shape = i->shape;
        i->pass_ptr = copy;
        copy_regions(m, i, copy, skip, data);
    }
}
