/* SPDX-License-Identifier: MIT
 *
 * Tensor layouts and views: their types, and the instructions that make and change them.
 */
#include "spv_tensor.h"

#include <string.h>

/* ---- Types ---- */

static void set_words(struct spv_builder *b, struct spv_type *type, uint32_t count)
{
    struct spv_type *word = arena_new(b->arena, struct spv_type);
    word->kind = SPV_TYPE_INT;
    word->scalar = IR_I32;
    word->defined = true;
    word->leaf_count = word->path_count = 1;
    word->natural_B = word->natural_align_B = 4;
    type->kind = SPV_TYPE_ARRAY;
    type->scalar = IR_I32;
    type->element = word;
    type->count = type->leaf_count = count;
    type->path_count = 1;
    type->natural_B = 4 * (uint64_t)count;
    type->natural_align_B = 4;
    type->depth = 1;
}

void spv_read_tensor(struct spv_builder *b, struct spv_type *type, const uint32_t *w, uint32_t wc)
{
    struct spv_tensor_type *tensor = arena_new(b->arena, struct spv_tensor_type);
    uint32_t dims = spv_constant_u32(b, w[2]), seen = 0;
    if (dims == 0 || dims > SPV_TENSOR_DIMS)
        spv_bad(b, "a tensor of %u dimensions", dims);
    tensor->dims = dims;
    tensor->view = (w[0] & 0xffff) == SpvOpTypeTensorViewNV;
    if (tensor->view) {
        if (wc != 4 + dims)
            spv_bad(b, "a tensor view of %u dimensions with %u in its permutation", dims, wc - 4);
        const struct spv_value *has = spv_operand(b, w[3]);
        if (has->type->kind != SPV_TYPE_BOOL || !spv_is_const(has->leaves[0]))
            spv_bad(b, "%%%u is not a boolean constant", w[3]);
        tensor->has_dimensions = has->leaves[0]->imm != 0;
        for (uint32_t i = 0; i < dims; i++) {
            tensor->permutation[i] = spv_constant_u32(b, w[4 + i]);
            if (tensor->permutation[i] >= dims || seen & 1u << tensor->permutation[i])
                spv_bad(b, "a tensor view whose dimensions are not a permutation");
            seen |= 1u << tensor->permutation[i];
        }
        set_words(b, type, VIEW_FIELDS * dims + CLIP_FIELDS);
    } else {
        tensor->clamp = spv_constant_u32(b, w[3]);
        if (tensor->clamp > SpvTensorClampModeRepeatMirrored)
            spv_bad(b, "tensor clamp mode %u", tensor->clamp);
        set_words(b, type, LAYOUT_FIELDS * dims + 1);
    }
    type->tensor = tensor;
}

const struct spv_type *spv_tensor_type(struct spv_builder *b, const struct spv_type *type,
                                       bool view)
{
    if (!type->tensor || type->tensor->view != view)
        spv_bad(b, "%%%u is not a tensor %s type", type->id, view ? "view" : "layout");
    return type;
}

/* ---- Values ---- */

void spv_op_tensor_create(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    bool view = (w[0] & 0xffff) == SpvOpCreateTensorViewNV;
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = spv_tensor_type(b, value->type, view);
    uint32_t dims = type->tensor->dims, clip = VIEW_FIELDS * dims;
    for (uint32_t i = 0; i < type->count; i++)
        value->leaves[i] = spv_i32(b, !view && i / dims == BLOCK);
    if (view)
        value->leaves[clip + CLIP_ROWS] = value->leaves[clip + CLIP_COLUMNS] =
            spv_i32(b, UINT32_MAX);
}

/* What the instructions that change a layout or view take: one operand a dimension, or two, or a few. */
static const struct change {
    uint16_t op;
    bool view;
    uint8_t each;  /* operands a dimension */
    uint8_t fixed; /* other operands */
    uint8_t field;
} changes[] = {
    {SpvOpTensorLayoutSetBlockSizeNV, false, 1, 0, BLOCK},
    {SpvOpTensorLayoutSetDimensionNV, false, 1, 0, DIMENSION},
    {SpvOpTensorLayoutSetStrideNV, false, 1, 0, STRIDE},
    {SpvOpTensorLayoutSliceNV, false, 2, 0, OFFSET},
    {SpvOpTensorLayoutSetClampValueNV, false, 0, 1, LAYOUT_FIELDS},
    {SpvOpTensorViewSetDimensionNV, true, 1, 0, VIEW_DIMENSION},
    {SpvOpTensorViewSetStrideNV, true, 1, 0, VIEW_STRIDE},
    {SpvOpTensorViewSetClipNV, true, 0, CLIP_FIELDS, VIEW_FIELDS},
};

void spv_tensor_strides(struct spv_builder *b, uint32_t dims, struct ir_inst *const *sizes,
                        struct ir_inst *const *blocks, struct ir_inst **strides)
{
    struct ir_inst *one = spv_i32(b, 1), *stride = one;
    for (uint32_t i = dims; i-- > 0;) {
        struct ir_inst *size = sizes[i];
        strides[i] = stride;
        if (blocks && !spv_is_value(blocks[i], 1)) {
            size = spv_emit2(b, IR_ADD, IR_I32, size,
                             spv_emit2(b, IR_SUB, IR_I32, blocks[i], one));
            size = spv_emit2(b, IR_UDIV, IR_I32, size, blocks[i]);
        }
        stride = spv_emit2(b, IR_MUL, IR_I32, stride, size);
    }
}

void spv_op_tensor_set(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct change *change = changes;
    while (change->op != (w[0] & 0xffff))
        change++;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = spv_tensor_type(b, value->type, change->view);
    uint32_t dims = type->tensor->dims, count = change->each * dims + change->fixed;
    if (x->type != type || wc != 4 + count)
        spv_bad(b, "the operands of an instruction that changes a tensor's layout or view");
    memcpy(value->leaves, x->leaves, type->count * sizeof(x->leaves[0]));
    struct ir_inst **fields = &value->leaves[change->field * dims];
    struct ir_inst **operands = arena_array(b->arena, struct ir_inst *, count);
    for (uint32_t i = 0; i < count; i++)
        operands[i] = spv_to_int(b, spv_int_scalar(b, w[4 + i]), IR_I32, false);
    if (change->op == SpvOpTensorLayoutSliceNV) {
        for (uint32_t i = 0; i < dims; i++) {
            fields[i] = spv_emit2(b, IR_ADD, IR_I32, fields[i], operands[2 * i]);
            value->leaves[SPAN * dims + i] = operands[2 * i + 1];
        }
        return;
    }
    memcpy(fields, operands, count * sizeof(operands[0]));
    if (change->op == SpvOpTensorViewSetDimensionNV)
        spv_tensor_strides(b, dims, operands, NULL, &value->leaves[VIEW_STRIDE * dims]);
    if (change->op != SpvOpTensorLayoutSetDimensionNV)
        return;
    spv_tensor_strides(b, dims, operands, &value->leaves[BLOCK * dims], &value->leaves[STRIDE * dims]);
    for (uint32_t i = 0; i < dims; i++) {
        value->leaves[OFFSET * dims + i] = spv_i32(b, 0);
        value->leaves[SPAN * dims + i] = operands[i];
    }
}
