/* SPDX-License-Identifier: MIT
 *
 * Memory that a shader could write but doesn't: where nothing in the module writes a buffer's alias
 * number, or what may overlap it, its loads read the same values during the whole dispatch.
 */
#include "arena.h"
#include "ir.h"

#define MAX_ALIAS 4096

static bool is_device_memory(const struct ir_inst *inst)
{
    bool memory = inst->op == IR_LOAD || inst->op == IR_STORE ||
                  (inst->op >= IR_ATOMIC && inst->op <= IR_ATOMIC_STORE);
    return memory && (inst->mem.space == IR_SPACE_BUFFER || inst->mem.space == IR_SPACE_GLOBAL);
}

void ir_readonly(struct ir_module *m)
{
    bool *written = arena_array(m->arena, bool, MAX_ALIAS);
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        if (!is_device_memory(inst) || inst->op == IR_LOAD)
            continue;
        if (inst->mem.alias == 0 || inst->mem.alias >= MAX_ALIAS)
            return; /* writes anything */
        written[inst->mem.alias] = true;
    }
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        if (inst->op != IR_LOAD || !is_device_memory(inst) ||
            (inst->mem.flags & (IR_MEM_VOLATILE | IR_MEM_COHERENT)))
            continue;
        if (inst->mem.alias && inst->mem.alias < MAX_ALIAS && !written[inst->mem.alias])
            inst->mem.flags |= IR_MEM_READONLY;
    }
}
