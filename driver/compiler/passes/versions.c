/* SPDX-License-Identifier: MIT */
#include "versions.h"

#include "arena.h"
#include "copy.h"

/* What the version knows of the instruction stands for it. */
static bool is_known(struct ir_inst *inst, const void *data)
{
    const struct version *v = data;
    for (uint32_t k = 0; k < v->count; k++)
        if (v->from[k] == inst) {
            inst->pass_ptr = copy_of(v->to[k]);
            return true;
        }
    return false;
}

struct ir_inst *version_split(struct ir_module *m, struct ir_inst *first, struct ir_inst *cond,
                              const struct version *version)
{
    struct ir_region *r = first->parent;
    struct ir_inst *branch = ir_insert_before(m, first, IR_IF, IR_VOID, 1, &cond);
    for (unsigned k = 0; k < 2; k++)
        branch->regions[k] = ir_region_create(m, branch);
    copy_forget(m);
    for (uint32_t k = 0; k < version->count; k++) /* of those in front of the rest */
        version->from[k]->pass_ptr = version->to[k];
    copy_list(m, first, NULL, branch->regions[0], NULL, is_known, version);
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
        arms[0][count] = copy_of(value);
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
