/* SPDX-License-Identifier: MIT
 *
 * Derivatives in compute shaders: differences in a quad, whose invocations are four lanes in a row.
 * Lane bit 0 is the step in x, bit 1 that in y. They are as fine as a quad allows, where
 * the instruction says Coarse, too.
 */
#include "spv_builder.h"

struct ir_inst *spv_derivative(struct spv_builder *b, struct ir_inst *x, uint32_t axis)
{
    enum ir_type type = (enum ir_type)x->type;
    uint32_t bit = 1u << axis;
    struct ir_inst *lane = spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
    struct ir_inst *from[] = {x, spv_emit2(b, IR_AND, IR_I32, lane, spv_i32(b, ~bit))};
    struct ir_inst *to[] = {x, spv_emit2(b, IR_OR, IR_I32, lane, spv_i32(b, bit))};
    b->m->uses_quads = true;
    if (spv_is_const(x))
        return spv_const(b, type, 0);
    return spv_emit2(b, IR_FSUB, type, spv_append(b, IR_SG_SHUFFLE, type, 2, to),
                     spv_append(b, IR_SG_SHUFFLE, type, 2, from));
}

void spv_op_derivative(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    static const struct {
        uint16_t op;
        uint8_t axes; /* 1: x, 2: y, 3: the sum of both, absolute */
    } rows[] = {
        {SpvOpDPdx, 1},       {SpvOpDPdy, 2},       {SpvOpFwidth, 3},
        {SpvOpDPdxFine, 1},   {SpvOpDPdyFine, 2},   {SpvOpFwidthFine, 3},
        {SpvOpDPdxCoarse, 1}, {SpvOpDPdyCoarse, 2}, {SpvOpFwidthCoarse, 3},
    };
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (b->shader->derivatives == SPV_DERIVATIVES_NONE)
        spv_bad(b, "a derivative without a derivative group");
    if (x->type != value->type || !spv_is_numeric(x->type) ||
        !ir_type_is_float((enum ir_type)x->type->scalar))
        spv_bad(b, "the type of a derivative");
    uint32_t axes = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].op == (w[0] & 0xffff))
            axes = rows[i].axes;
    for (uint32_t k = 0; k < x->type->leaf_count; k++) {
        enum ir_type type = (enum ir_type)x->type->scalar;
        struct ir_inst *d = spv_derivative(b, x->leaves[k], axes == 2 ? 1 : 0);
        if (axes == 3)
            d = spv_emit2(b, IR_FADD, type, spv_emit1(b, IR_FABS, type, d),
                          spv_emit1(b, IR_FABS, type, spv_derivative(b, x->leaves[k], 1)));
        value->leaves[k] = d;
    }
}
