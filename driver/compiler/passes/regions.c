/* SPDX-License-Identifier: MIT
 *
 * Which regions hold a workgroup barrier. Code generation splits those at the barriers and turns
 * their control instructions into control flow of the whole workgroup.
 */
#include "ir.h"

void ir_regions(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->flags &= (uint8_t)~IR_INST_BARRIER;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        if (inst->op != IR_BARRIER)
            continue;
        /* Outwards, until somebody has been here before. */
        struct ir_inst *owner = inst->parent->owner;
        for (; owner && !(owner->flags & IR_INST_BARRIER); owner = owner->parent->owner)
            owner->flags |= IR_INST_BARRIER;
    }
}
