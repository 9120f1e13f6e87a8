/* SPDX-License-Identifier: MIT
 *
 * SPV_AMD_shader_trinary_minmax: the least, the greatest and the middle of three.
 */
#include <spirv/unified1/AMD_shader_trinary_minmax.h>

#include "spv_builder.h"

static const struct row {
    uint8_t inst;
    char class;       /* of the operands: f, or i */
    enum ir_op first; /* of two of them; IR_OP_COUNT: the middle */
    enum ir_op least, greatest;
} rows[] = {
    {AMD_shader_trinary_minmaxFMin3AMD, 'f', IR_FMIN, IR_FMIN, IR_FMAX},
    {AMD_shader_trinary_minmaxUMin3AMD, 'i', IR_UMIN, IR_UMIN, IR_UMAX},
    {AMD_shader_trinary_minmaxSMin3AMD, 'i', IR_SMIN, IR_SMIN, IR_SMAX},
    {AMD_shader_trinary_minmaxFMax3AMD, 'f', IR_FMAX, IR_FMIN, IR_FMAX},
    {AMD_shader_trinary_minmaxUMax3AMD, 'i', IR_UMAX, IR_UMIN, IR_UMAX},
    {AMD_shader_trinary_minmaxSMax3AMD, 'i', IR_SMAX, IR_SMIN, IR_SMAX},
    {AMD_shader_trinary_minmaxFMid3AMD, 'f', IR_OP_COUNT, IR_FMIN, IR_FMAX},
    {AMD_shader_trinary_minmaxUMid3AMD, 'i', IR_OP_COUNT, IR_UMIN, IR_UMAX},
    {AMD_shader_trinary_minmaxSMid3AMD, 'i', IR_OP_COUNT, IR_SMIN, IR_SMAX},
};

static struct ir_inst *of_three(struct spv_builder *b, const struct row *row, enum ir_type type,
                                struct ir_inst *x, struct ir_inst *y, struct ir_inst *z)
{
    if (row->first != IR_OP_COUNT)
        return spv_emit2(b, row->first, type, spv_emit2(b, row->first, type, x, y), z);
    struct ir_inst *low = spv_emit2(b, row->least, type, x, y);
    struct ir_inst *high = spv_emit2(b, row->greatest, type, x, y);
    return spv_emit2(b, row->greatest, type, low, spv_emit2(b, row->least, type, high, z));
}

void spv_ext_trinary(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].inst != w[4])
            continue;
        if (wc < 8)
            spv_bad(b, "a minimum, maximum or middle of %u", wc - 5);
        struct spv_value *value = spv_result(b, w);
        const struct spv_value *x[3];
        enum ir_type type = (enum ir_type)value->type->scalar;
        bool fits = rows[i].class == 'f' ? ir_type_is_float(type) : ir_type_is_int(type);
        for (uint32_t k = 0; k < 3; k++) {
            x[k] = spv_operand(b, w[5 + k]);
            fits = fits && spv_is_numeric(x[k]->type) && x[k]->type->scalar == type &&
                   x[k]->type->leaf_count == value->type->leaf_count && !x[k]->type->encoding;
        }
        if (!fits || !spv_is_numeric(value->type))
            spv_bad(b, "the types of a minimum, maximum or middle of three");
        for (uint32_t k = 0; k < value->type->leaf_count; k++)
            value->leaves[k] =
                of_three(b, &rows[i], type, x[0]->leaves[k], x[1]->leaves[k], x[2]->leaves[k]);
        return;
    }
    spv_unsupported(b, "instruction %u of SPV_AMD_shader_trinary_minmax", w[4]);
}
