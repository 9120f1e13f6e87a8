/* SPDX-License-Identifier: MIT
 *
 * Products of cooperative matrices. MATRIX_MUL adds to f16, bf16, f32 and 32-bit integers, and takes integers as
 * bytes or as 32 bits: what is of other types is converted before and after.
 */
#include "spv_cooperative.h"

static enum ir_element element_of(struct spv_builder *b, const struct spv_type *type,
                                  bool is_signed)
{
    switch (type->encoding) {
    case SPV_ENCODING_BFLOAT16:
        return IR_ELEMENT_BF16;
    case SPV_ENCODING_E4M3:
        return IR_ELEMENT_E4M3;
    case SPV_ENCODING_E5M2:
        return IR_ELEMENT_E5M2;
    default:
        break;
    }
    switch (type->scalar) {
    case IR_F16:
        return IR_ELEMENT_F16;
    case IR_F32:
        return IR_ELEMENT_F32;
    case IR_I8:
        return is_signed ? IR_ELEMENT_S8 : IR_ELEMENT_U8;
    case IR_I16:
    case IR_I32:
        return IR_ELEMENT_I32;
    default:
        spv_unsupported(b, "multiplying cooperative matrices of type %%%u", type->id);
    }
}

static bool is_integer(enum ir_element element)
{
    return element == IR_ELEMENT_S8 || element == IR_ELEMENT_U8 || element == IR_ELEMENT_I32;
}

static bool is_byte(enum ir_element element)
{
    return element == IR_ELEMENT_S8 || element == IR_ELEMENT_U8;
}

/* All of a matrix that the workgroup's subgroups hold pieces of. */
static struct ir_inst **gathered(struct spv_builder *b, const struct spv_value *x,
                                 uint32_t *count_out)
{
    const struct spv_type *type = x->type;
    uint32_t size = b->m->subgroup_size;
    *count_out = type->count;
    if (type->pieces == 1)
        return x->leaves;
    *count_out = ir_matrix_leaves(type->rows, type->columns, size);
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, *count_out);
    /* The last leaf may reach beyond the last element. */
    struct spv_scratch s = spv_scratch_matrix(b, type, type->element, x->leaves, size);
    struct ir_inst *lane = size == 1 ? spv_i32(b, 0) : spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
    for (uint32_t k = 0; k < *count_out; k++)
        leaves[k] = spv_scratch_load(
            b, &s, spv_emit2(b, IR_ADD, IR_I32, lane, spv_i32(b, k * size)));
    return leaves;
}

/* Where a workgroup's B is by rows, as f32: the address. */
static struct ir_inst *shown(struct spv_builder *b, const struct spv_value *x)
{
    struct spv_type *f32 = arena_new(b->arena, struct spv_type);
    f32->kind = SPV_TYPE_FLOAT;
    f32->scalar = IR_F32;
    f32->defined = true;
    f32->leaf_count = f32->path_count = 1;
    f32->natural_B = f32->natural_align_B = 4;
    const struct spv_type *element = x->type->element;
    struct spv_scratch s = spv_scratch_matrix(
        b, x->type, !element->encoding && element->scalar == IR_F32 ? element : f32, x->leaves, 0);
    return spv_i32(b, (uint32_t)s.start.const_B);
}

static bool is_float8(const struct spv_type *type)
{
    return type->encoding == SPV_ENCODING_E4M3 || type->encoding == SPV_ENCODING_E5M2;
}

/* The leaves as 32-bit integers, or as f32 where they are 8-bit floats. */
static struct ir_inst **widened(struct spv_builder *b, const struct spv_type *type,
                                struct ir_inst **leaves, uint32_t count, bool is_signed)
{
    struct ir_inst **wide = arena_array(b->arena, struct ir_inst *, count);
    for (uint32_t k = 0; k < count; k++)
        wide[k] = type->encoding ? spv_narrow_to_float(b, leaves[k], type->encoding)
                                 : spv_to_int(b, leaves[k], IR_I32, is_signed);
    return wide;
}

/* product + c, within what a number of so many bits can be; both are I32. */
static struct ir_inst *saturated(struct spv_builder *b, struct ir_inst *product, struct ir_inst *c,
                                 unsigned bits, bool is_signed)
{
    if (bits == 32)
        return spv_emit2(b, is_signed ? IR_SADD_SAT : IR_UADD_SAT, IR_I32, product, c);
    struct ir_inst *sum = spv_emit2(b, IR_ADD, IR_I32, product, c);
    if (!is_signed)
        return spv_emit2(b, IR_UMIN, IR_I32, sum, spv_i32(b, (1u << bits) - 1));
    uint32_t limit = 1u << (bits - 1);
    sum = spv_emit2(b, IR_SMIN, IR_I32, sum, spv_i32(b, limit - 1));
    return spv_emit2(b, IR_SMAX, IR_I32, sum, spv_i32(b, -limit));
}

static void mul_add(struct spv_builder *b, const uint32_t *w, uint32_t operands)
{
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    const struct spv_value *sum = spv_operand(b, w[5]);
    uint32_t size = b->m->subgroup_size;
    const struct spv_type *at = spv_cooperative(b, x->type), *bt = spv_cooperative(b, y->type);
    const struct spv_type *ct = spv_cooperative(b, sum->type);
    struct spv_value *value = spv_result(b, w);
    if (!value->type->cooperative || value->type->scalar != ct->scalar ||
        value->type->encoding != ct->encoding ||
        value->type->rows != ct->rows || value->type->columns != ct->columns ||
        at->columns != bt->rows || at->rows != ct->rows || bt->columns != ct->columns ||
        at->pieces != ct->pieces || bt->pieces != ct->pieces)
        spv_bad(b, "cooperative matrices that do not fit each other");
    bool a_signed = operands & SpvCooperativeMatrixOperandsMatrixASignedComponentsKHRMask;
    bool b_signed = operands & SpvCooperativeMatrixOperandsMatrixBSignedComponentsKHRMask;
    bool c_signed = operands & SpvCooperativeMatrixOperandsMatrixCSignedComponentsKHRMask;
    bool is_signed = operands & SpvCooperativeMatrixOperandsMatrixResultSignedComponentsKHRMask;
    struct ir_matrix matrix = {
        .m = at->piece_rows,
        .n = bt->columns,
        .k = at->columns,
        .a = element_of(b, at, a_signed),
        .b = element_of(b, bt, b_signed),
        .c = element_of(b, ct, c_signed),
    };
    bool ints = is_integer(matrix.a), saturate = false;
    if (ints != is_integer(matrix.b) || ints != is_integer(matrix.c))
        spv_unsupported(b, "multiplying cooperative matrices of these types");
    if (operands & SpvCooperativeMatrixOperandsSaturatingAccumulationKHRMask) {
        if (!ints)
            spv_bad(b, "a saturating sum of floats");
        saturate = true;
    }
    bool words = ints && (!is_byte(matrix.a) || !is_byte(matrix.b) || matrix.k % 2);
    uint32_t b_count, n = 0;
    bool shared = bt->pieces > 1 && !ints;
    struct ir_inst *address = NULL, **a_leaves = x->leaves, **b_leaves = &address;
    struct ir_inst **c_leaves = sum->leaves;
    if (shared) {
        b_count = 1;
        address = shown(b, y);
        matrix.b = IR_ELEMENT_F32;
    } else {
        b_leaves = gathered(b, y, &b_count);
    }
    if (words) {
        a_leaves = widened(b, at, a_leaves, at->count, a_signed);
        b_leaves = widened(b, bt, b_leaves, b_count, b_signed);
        matrix.a = matrix.b = IR_ELEMENT_I32;
    }
    if (ints || is_float8(ct)) {
        if (is_float8(ct) || ct->scalar != IR_I32)
            c_leaves = widened(b, ct, c_leaves, ct->count, c_signed);
        matrix.c = ints ? IR_ELEMENT_I32 : IR_ELEMENT_F32;
    }
    enum ir_type type = ints ? IR_I32 : is_float8(ct) ? IR_F32 : (enum ir_type)ct->scalar;
    uint32_t count = at->count + b_count + ct->count;
    struct ir_inst **args = arena_array(b->arena, struct ir_inst *, count);
    for (uint32_t k = 0; k < at->count; k++)
        args[n++] = a_leaves[k];
    for (uint32_t k = 0; k < b_count; k++)
        args[n++] = b_leaves[k];
    for (uint32_t k = 0; k < ct->count; k++)
        args[n++] = saturate ? spv_i32(b, 0) : c_leaves[k];
    struct ir_inst *inst = spv_append(b, shared ? IR_MATRIX_MUL_SHARED : IR_MATRIX_MUL, type, count, args);
    inst->imm = ir_matrix_pack(&matrix, size);
    for (uint32_t k = 0; k < ct->count; k++) {
        struct ir_inst *leaf = spv_comp(b, inst, k);
        if (saturate)
            leaf = saturated(b, leaf, c_leaves[k], ir_type_bits((enum ir_type)ct->scalar), is_signed);
        if (is_float8(ct))
            leaf = spv_float_to_narrow(b, leaf, ct->encoding, false);
        else if (ints)
            leaf = spv_to_int(b, leaf, (enum ir_type)ct->scalar, is_signed);
        value->leaves[k] = leaf;
    }
}

void spv_op_matrix_mul_add(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    mul_add(b, w, wc > 6 ? w[6] : 0);
}

static bool has_signed(struct spv_builder *b, const struct spv_type *type)
{
    return spv_cooperative(b, type)->element->is_signed;
}

/* The types say which components are signed. */
void spv_op_matrix_mul_add_nv(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t operands = 0;
    (void)wc;
    if (has_signed(b, spv_operand(b, w[3])->type))
        operands |= SpvCooperativeMatrixOperandsMatrixASignedComponentsKHRMask;
    if (has_signed(b, spv_operand(b, w[4])->type))
        operands |= SpvCooperativeMatrixOperandsMatrixBSignedComponentsKHRMask;
    if (has_signed(b, spv_operand(b, w[5])->type))
        operands |= SpvCooperativeMatrixOperandsMatrixCSignedComponentsKHRMask;
    if (has_signed(b, spv_type_at(b, w[1])))
        operands |= SpvCooperativeMatrixOperandsMatrixResultSignedComponentsKHRMask;
    mul_add(b, w, operands);
}
