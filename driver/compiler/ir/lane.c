/* SPDX-License-Identifier: MIT */
#include "lane.h"

#include "fold.h"

#define MAX_DEPTH 6 /* of a value's tree */

static bool value(const struct ir_module *m, const struct ir_inst *inst, uint32_t index,
                  unsigned depth, uint64_t *value_out)
{
    const uint32_t *size = m->local_size;
    uint64_t args[3];
    switch (inst->op) {
    case IR_CONST:
        *value_out = inst->imm;
        return true;
    case IR_LOCAL_INDEX:
        *value_out = index;
        return true;
    case IR_LOCAL_ID:
        *value_out = inst->imm == 0   ? index % size[0]
                     : inst->imm == 1 ? index / size[0] % size[1]
                                      : index / (size[0] * size[1]);
        return true;
    case IR_SUBGROUP_ID:
        *value_out = index / m->width;
        return true;
    case IR_LANE:
        *value_out = index % m->width;
        return true;
    default:
        break;
    }
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE) || depth == 0 || inst->arg_count > 3 ||
        !(ir_type_is_int((enum ir_type)inst->type) || inst->type == IR_BOOL))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!value(m, inst->args[i], index, depth - 1, &args[i]))
            return false;
    return fold_op((enum ir_op)inst->op, (enum ir_type)inst->type, (enum ir_type)inst->args[0]->type,
                   inst->imm, args, value_out);
}

bool lane_value(const struct ir_module *m, const struct ir_inst *inst, uint32_t index,
                uint64_t *value_out)
{
    return !m->flat && value(m, inst, index, MAX_DEPTH, value_out);
}

bool lane_known(const struct ir_module *m, const struct ir_inst *inst)
{
    uint64_t ignored;
    return lane_value(m, inst, 0, &ignored);
}
