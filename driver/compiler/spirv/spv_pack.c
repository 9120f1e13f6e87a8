/* SPDX-License-Identifier: MIT
 *
 * GLSL.std.450's packing instructions.
 */
#include <spirv/unified1/GLSL.std.450.h>

#include "spv_builder.h"

static const struct pack {
    uint8_t inst, count, bits;
    bool is_signed, unpack;
} rows[] = {
    {GLSLstd450PackSnorm4x8, 4, 8, true, false},
    {GLSLstd450PackUnorm4x8, 4, 8, false, false},
    {GLSLstd450PackSnorm2x16, 2, 16, true, false},
    {GLSLstd450PackUnorm2x16, 2, 16, false, false},
    {GLSLstd450UnpackSnorm4x8, 4, 8, true, true},
    {GLSLstd450UnpackUnorm4x8, 4, 8, false, true},
    {GLSLstd450UnpackSnorm2x16, 2, 16, true, true},
    {GLSLstd450UnpackUnorm2x16, 2, 16, false, true},
};

static struct ir_inst *clamp(struct spv_builder *b, struct ir_inst *x, double low)
{
    x = spv_emit2(b, IR_FMAX, IR_F32, x, spv_const_float(b, IR_F32, low));
    return spv_emit2(b, IR_FMIN, IR_F32, x, spv_const_float(b, IR_F32, 1));
}

static struct ir_inst *pack_one(struct spv_builder *b, const struct pack *row, struct ir_inst *x,
                                uint32_t k)
{
    uint32_t mask = (1u << row->bits) - 1;
    x = clamp(b, x, row->is_signed ? -1 : 0);
    x = spv_emit2(b, IR_FMUL, IR_F32, x, spv_const_float(b, IR_F32, mask >> row->is_signed));
    x = spv_emit1(b, IR_F2S, IR_I32, spv_emit1(b, IR_FRINT, IR_F32, x));
    x = spv_emit2(b, IR_AND, IR_I32, x, spv_i32(b, mask));
    return spv_emit2(b, IR_SHL, IR_I32, x, spv_i32(b, k * row->bits));
}

/* x / by, correctly rounded: x is an integer of at most 16 bits, and `by` is 127, 255, 32767 or 65535, for all of
 * which this was compared with the division. */
static struct ir_inst *divide(struct spv_builder *b, struct ir_inst *x, uint32_t by)
{
    if (b->m->request->isa < WEFT_ISA_AVX2) /* without fused multiply-adds a division costs less */
        return spv_emit2(b, IR_FDIV, IR_F32, x, spv_const_float(b, IR_F32, by));
    float high = (float)(1.0 / by), low = (float)(1.0 / by - (double)high);
    struct ir_inst *rest = spv_emit2(b, IR_FMUL, IR_F32, x, spv_const_float(b, IR_F32, (double)low));
    return spv_emit3(b, IR_FMA, IR_F32, x, spv_const_float(b, IR_F32, (double)high), rest);
}

static struct ir_inst *unpack_one(struct spv_builder *b, const struct pack *row, struct ir_inst *x,
                                  uint32_t k)
{
    uint32_t mask = (1u << row->bits) - 1;
    x = spv_emit2(b, IR_SHL, IR_I32, x, spv_i32(b, 32 - (k + 1) * row->bits));
    x = spv_emit2(b, row->is_signed ? IR_ASHR : IR_LSHR, IR_I32, x, spv_i32(b, 32 - row->bits));
    x = spv_emit1(b, IR_S2F, IR_F32, x);
    x = divide(b, x, mask >> row->is_signed);
    return row->is_signed ? clamp(b, x, -1) : x;
}

static void pack_norm(struct spv_builder *b, const struct pack *row, const struct spv_value *x,
                      struct spv_value *value)
{
    const struct spv_type *vector = row->unpack ? value->type : x->type;
    const struct spv_type *word = row->unpack ? x->type : value->type;
    if (vector->kind != SPV_TYPE_VECTOR || vector->count != row->count ||
        vector->scalar != IR_F32 || word->kind != SPV_TYPE_INT || word->scalar != IR_I32)
        spv_bad(b, "the types of a packing instruction");
    struct ir_inst *sum = NULL;
    for (uint32_t k = 0; k < row->count; k++) {
        if (row->unpack) {
            value->leaves[k] = unpack_one(b, row, x->leaves[0], k);
            continue;
        }
        struct ir_inst *part = pack_one(b, row, x->leaves[k], k);
        sum = sum ? spv_emit2(b, IR_OR, IR_I32, sum, part) : part;
    }
    if (!row->unpack)
        value->leaves[0] = sum;
}

/* Halves and doubles: the bits as they are. */
static void pack_bits(struct spv_builder *b, uint32_t inst, const struct spv_value *x,
                      struct spv_value *value)
{
    struct ir_inst *halves[2];
    if (!spv_is_numeric(x->type) || !spv_is_numeric(value->type))
        spv_bad(b, "the types of a packing instruction");
    switch (inst) {
    case GLSLstd450PackHalf2x16:
        if (x->type->leaf_count != 2 || x->type->scalar != IR_F32 ||
            value->type->leaf_count != 1 || value->type->scalar != IR_I32)
            spv_bad(b, "the types of a packing instruction");
        for (uint32_t k = 0; k < 2; k++)
            halves[k] = spv_flushed(b, spv_float_to(b, x->leaves[k], IR_F16));
        spv_bitcast(b, halves, 2, value->leaves, 1, IR_I32);
        break;
    case GLSLstd450UnpackHalf2x16:
        if (value->type->leaf_count != 2 || value->type->scalar != IR_F32 ||
            x->type->leaf_count != 1 || x->type->scalar != IR_I32)
            spv_bad(b, "the types of a packing instruction");
        spv_bitcast(b, x->leaves, 1, halves, 2, IR_F16);
        for (uint32_t k = 0; k < 2; k++)
            value->leaves[k] = spv_float_to(b, spv_flushed(b, halves[k]), IR_F32);
        break;
    default: /* PackDouble2x32, UnpackDouble2x32 */
        spv_bitcast(b, x->leaves, x->type->leaf_count, value->leaves, value->type->leaf_count,
                    (enum ir_type)value->type->scalar);
    }
}

void spv_ext_pack(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].inst == w[4]) {
            pack_norm(b, &rows[i], x, value);
            return;
        }
    }
    pack_bits(b, w[4], x, value);
}
