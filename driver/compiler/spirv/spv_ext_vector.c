/* SPDX-License-Identifier: MIT
 *
 * Instructions of GLSL.std.450 on whole vectors and matrices.
 */
#include <spirv/unified1/GLSL.std.450.h>

#include "spv_ext450.h"

void spv_ext_check_float(struct spv_builder *b, const struct spv_type *type)
{
    if (!spv_is_numeric(type) || !ir_type_is_float((enum ir_type)type->scalar))
        spv_bad(b, "type %%%u is not a float scalar or vector", type->id);
}

struct spv_value *spv_ext_float_operand(struct spv_builder *b, uint32_t id,
                                        const struct spv_type *type)
{
    struct spv_value *x = spv_operand(b, id);
    if (x->type != type)
        spv_bad(b, "%%%u is of another type than the rest", id);
    return x;
}

/* The operands of an instruction whose result and operands all are float vectors (or scalars) of one type. */
struct operands {
    struct spv_value *value; /* the result */
    struct ir_inst **x, **y, **z;
    enum ir_type type;
    uint32_t n;
};

static struct operands operands_of(struct spv_builder *b, const uint32_t *w, uint32_t count)
{
    struct operands o = {.value = spv_result(b, w)};
    struct ir_inst ***each[] = {&o.x, &o.y, &o.z};
    for (uint32_t k = 0; k < count; k++)
        *each[k] = spv_ext_float_operand(b, w[5 + k], o.value->type)->leaves;
    spv_ext_check_float(b, o.value->type);
    o.type = (enum ir_type)o.value->type->scalar;
    o.n = o.value->type->leaf_count;
    return o;
}

static struct ir_inst *length_of(struct spv_builder *b, struct ir_inst *const *x, uint32_t n)
{
    enum ir_type type = (enum ir_type)x[0]->type;
    if (n == 1)
        return spv_emit1(b, IR_FABS, type, x[0]);
    return spv_emit1(b, IR_FSQRT, type, spv_dot(b, x, 1, x, 1, n));
}

void spv_ext_length_or_distance(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    uint32_t n = x->type->leaf_count;
    enum ir_type type = (enum ir_type)x->type->scalar;
    spv_ext_check_float(b, x->type);
    if (value->type->kind != SPV_TYPE_FLOAT || value->type->scalar != type ||
        (w[4] == GLSLstd450Distance && wc < 7))
        spv_bad(b, "the operands do not fit the result");
    if (w[4] == GLSLstd450Length) {
        value->leaves[0] = length_of(b, x->leaves, n);
        return;
    }
    const struct spv_value *y = spv_ext_float_operand(b, w[6], x->type);
    struct ir_inst **difference = arena_array(b->arena, struct ir_inst *, n);
    for (uint32_t k = 0; k < n; k++)
        difference[k] = spv_emit2(b, IR_FSUB, type, x->leaves[k], y->leaves[k]);
    value->leaves[0] = length_of(b, difference, n);
}

void spv_ext_normalize(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct operands o = operands_of(b, w, 1);
    if (o.n == 1) {
        o.value->leaves[0] = spv_ext_fsign(b, o.x, o.type);
        return;
    }
    struct ir_inst *scale = spv_emit1(b, IR_FRSQRT, o.type, spv_dot(b, o.x, 1, o.x, 1, o.n));
    for (uint32_t k = 0; k < o.n; k++)
        o.value->leaves[k] = spv_emit2(b, IR_FMUL, o.type, o.x[k], scale);
}

void spv_ext_cross(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct operands o = operands_of(b, w, 2);
    if (o.n != 3)
        spv_bad(b, "a cross product of %u components", o.n);
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t i = (k + 1) % 3, j = (k + 2) % 3;
        o.value->leaves[k] =
            spv_emit2(b, IR_FSUB, o.type, spv_emit2(b, IR_FMUL, o.type, o.x[i], o.y[j]),
                      spv_emit2(b, IR_FMUL, o.type, o.y[i], o.x[j]));
    }
}

/* N, I, Nref */
void spv_ext_face_forward(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct operands o = operands_of(b, w, 3);
    struct ir_inst *dot = spv_dot(b, o.z, 1, o.y, 1, o.n);
    struct ir_inst *facing = spv_emit2(b, IR_FOLT, IR_BOOL, dot, spv_const_float(b, o.type, 0));
    for (uint32_t k = 0; k < o.n; k++)
        o.value->leaves[k] = spv_select(b, facing, o.x[k], spv_emit1(b, IR_FNEG, o.type, o.x[k]));
}

/* I, N */
void spv_ext_reflect(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct operands o = operands_of(b, w, 2);
    struct ir_inst *dot = spv_dot(b, o.y, 1, o.x, 1, o.n);
    dot = spv_emit2(b, IR_FMUL, o.type, dot, spv_const_float(b, o.type, 2));
    for (uint32_t k = 0; k < o.n; k++)
        o.value->leaves[k] = spv_emit2(b, IR_FSUB, o.type, o.x[k],
                                       spv_emit2(b, IR_FMUL, o.type, dot, o.y[k]));
}

/* I, N, eta */
void spv_ext_refract(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct operands o = operands_of(b, w, 2);
    enum ir_type type = o.type;
    struct ir_inst *eta = spv_scalar(b, w[7]), *one = spv_const_float(b, type, 1);
    if (!ir_type_is_float((enum ir_type)eta->type))
        spv_bad(b, "the ratio of refraction is not a float");
    eta = spv_float_to(b, eta, type);
    struct ir_inst *dot = spv_dot(b, o.y, 1, o.x, 1, o.n);
    struct ir_inst *k = spv_emit2(b, IR_FSUB, type, one, spv_emit2(b, IR_FMUL, type, dot, dot));
    k = spv_emit2(b, IR_FMUL, type, spv_emit2(b, IR_FMUL, type, eta, eta), k);
    k = spv_emit2(b, IR_FSUB, type, one, k);
    struct ir_inst *total = spv_emit2(b, IR_FOLT, IR_BOOL, k, spv_const_float(b, type, 0));
    struct ir_inst *scale = spv_emit2(b, IR_FADD, type, spv_emit2(b, IR_FMUL, type, eta, dot),
                                      spv_emit1(b, IR_FSQRT, type, k));
    for (uint32_t c = 0; c < o.n; c++) {
        struct ir_inst *x = spv_emit2(b, IR_FSUB, type, spv_emit2(b, IR_FMUL, type, eta, o.x[c]),
                                      spv_emit2(b, IR_FMUL, type, scale, o.y[c]));
        o.value->leaves[c] = spv_select(b, total, spv_const_float(b, type, 0), x);
    }
}

void spv_ext_matrix(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    bool inverse = w[4] == GLSLstd450MatrixInverse;
    if (x->type->kind != SPV_TYPE_MATRIX || x->type->count != x->type->element->count ||
        value->type != (inverse ? x->type : x->type->element->element))
        spv_bad(b, "the operand is not a square matrix of the result's type");
    if (inverse)
        spv_inverse(b, x->leaves, x->type->count, value->leaves);
    else
        value->leaves[0] = spv_determinant(b, x->leaves, x->type->count);
}
