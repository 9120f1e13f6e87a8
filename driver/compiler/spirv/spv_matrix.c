/* SPDX-License-Identifier: MIT
 *
 * Linear algebra. Sums are written as chains of multiply, add: code generation fuses them where
 * NoContraction does not forbid it.
 */
#include "spv_builder.h"

static bool is_float_vector(const struct spv_type *type)
{
    return type->kind == SPV_TYPE_VECTOR && ir_type_is_float((enum ir_type)type->scalar);
}

/* The sum of x[i * x_step] * y[i * y_step]. */
struct ir_inst *spv_dot(struct spv_builder *b, struct ir_inst *const *x, uint32_t x_step,
                        struct ir_inst *const *y, uint32_t y_step, uint32_t count)
{
    enum ir_type type = (enum ir_type)x[0]->type;
    struct ir_inst *sum = NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct ir_inst *product = spv_emit2(b, IR_FMUL, type, x[i * x_step], y[i * y_step]);
        sum = sum ? spv_emit2(b, IR_FADD, type, sum, product) : product;
    }
    return sum;
}

void spv_op_dot(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    enum spv_encoding encoding = (enum spv_encoding)x->type->encoding;
    if (x->type->kind == SPV_TYPE_VECTOR && encoding == SPV_ENCODING_BFLOAT16 &&
        x->type == y->type && value->type == x->type->element) {
        struct ir_inst *wide[2][4];
        for (uint32_t k = 0; k < x->type->count; k++) {
            wide[0][k] = spv_narrow_to_float(b, x->leaves[k], encoding);
            wide[1][k] = spv_narrow_to_float(b, y->leaves[k], encoding);
        }
        struct ir_inst *sum = spv_dot(b, wide[0], 1, wide[1], 1, x->type->count);
        value->leaves[0] = spv_float_to_narrow(b, sum, encoding, false);
        return;
    }
    if (!is_float_vector(x->type) || x->type != y->type || value->type != x->type->element)
        spv_bad(b, "the operands do not fit the result");
    value->leaves[0] = spv_dot(b, x->leaves, 1, y->leaves, 1, x->type->count);
}

void spv_op_times_scalar(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    enum ir_type type = (enum ir_type)x->type->scalar;
    bool ints = x->type->cooperative && ir_type_is_int(type);
    if ((x->type->kind != SPV_TYPE_VECTOR && x->type->kind != SPV_TYPE_MATRIX &&
         !x->type->cooperative) ||
        (!ints && !ir_type_is_float(type)) || value->type != x->type || !spv_is_scalar(y->type) ||
        y->type->scalar != type)
        spv_bad(b, "the operands do not fit the result");
    for (uint32_t k = 0; k < x->type->leaf_count; k++)
        value->leaves[k] = spv_emit2(b, ints ? IR_MUL : IR_FMUL, type, x->leaves[k], y->leaves[0]);
}

void spv_op_matrix_times_vector(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *m = spv_operand(b, w[3]), *v = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    if (m->type->kind != SPV_TYPE_MATRIX || !is_float_vector(v->type) ||
        v->type->count != m->type->count || v->type->scalar != m->type->scalar ||
        value->type != m->type->element)
        spv_bad(b, "the operands do not fit the result");
    uint32_t rows = m->type->element->count;
    for (uint32_t r = 0; r < rows; r++)
        value->leaves[r] = spv_dot(b, &m->leaves[r], rows, v->leaves, 1, m->type->count);
}

void spv_op_vector_times_matrix(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *v = spv_operand(b, w[3]), *m = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    if (m->type->kind != SPV_TYPE_MATRIX || v->type != m->type->element ||
        !is_float_vector(value->type) || value->type->count != m->type->count ||
        value->type->scalar != v->type->scalar)
        spv_bad(b, "the operands do not fit the result");
    uint32_t rows = m->type->element->count;
    for (uint32_t c = 0; c < m->type->count; c++)
        value->leaves[c] = spv_dot(b, v->leaves, 1, &m->leaves[c * rows], 1, rows);
}

void spv_op_matrix_times_matrix(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    if (x->type->kind != SPV_TYPE_MATRIX || y->type->kind != SPV_TYPE_MATRIX ||
        value->type->kind != SPV_TYPE_MATRIX || y->type->element->count != x->type->count ||
        x->type->scalar != y->type->scalar || value->type->element != x->type->element ||
        value->type->count != y->type->count)
        spv_bad(b, "the operands do not fit the result");
    uint32_t rows = x->type->element->count, inner = x->type->count;
    for (uint32_t c = 0; c < y->type->count; c++)
        for (uint32_t r = 0; r < rows; r++)
            value->leaves[c * rows + r] =
                spv_dot(b, &x->leaves[r], rows, &y->leaves[c * inner], 1, inner);
}

void spv_op_outer_product(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = value->type;
    if (type->kind != SPV_TYPE_MATRIX || x->type != type->element || !is_float_vector(y->type) ||
        y->type->count != type->count || y->type->scalar != x->type->scalar)
        spv_bad(b, "the operands do not fit the result");
    uint32_t rows = x->type->count;
    for (uint32_t c = 0; c < type->count; c++)
        for (uint32_t r = 0; r < rows; r++)
            value->leaves[c * rows + r] = spv_emit2(b, IR_FMUL, (enum ir_type)type->scalar,
                                                    x->leaves[r], y->leaves[c]);
}

void spv_op_transpose(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = value->type;
    if (type->kind != SPV_TYPE_MATRIX || x->type->kind != SPV_TYPE_MATRIX ||
        x->type->scalar != type->scalar || x->type->count != type->element->count ||
        x->type->element->count != type->count)
        spv_bad(b, "the operand does not fit the result");
    uint32_t rows = type->element->count;
    for (uint32_t c = 0; c < type->count; c++)
        for (uint32_t r = 0; r < rows; r++)
            value->leaves[c * rows + r] = x->leaves[r * type->count + c];
}

/* ---- Determinant and inverse, by minors ---- */

static struct ir_inst *product2(struct spv_builder *b, struct ir_inst *a, struct ir_inst *d,
                                struct ir_inst *c, struct ir_inst *e)
{
    enum ir_type type = (enum ir_type)a->type;
    return spv_emit2(b, IR_FSUB, type, spv_emit2(b, IR_FMUL, type, a, d),
                     spv_emit2(b, IR_FMUL, type, c, e));
}

/* Determinant of the matrix of the listed rows and columns; leaves are n x n, column-major. */
static struct ir_inst *minor_of(struct spv_builder *b, struct ir_inst *const *m, uint32_t n,
                                const uint32_t *rows, const uint32_t *columns, uint32_t size)
{
    if (size == 1)
        return m[columns[0] * n + rows[0]];
    if (size == 2)
        return product2(b, m[columns[0] * n + rows[0]], m[columns[1] * n + rows[1]],
                        m[columns[1] * n + rows[0]], m[columns[0] * n + rows[1]]);
    enum ir_type type = (enum ir_type)m[0]->type;
    struct ir_inst *sum = NULL;
    for (uint32_t k = 0; k < size; k++) { /* along the first column */
        uint32_t rest[3], count = 0;
        for (uint32_t r = 0; r < size; r++)
            if (r != k)
                rest[count++] = rows[r];
        struct ir_inst *term = spv_emit2(b, IR_FMUL, type, m[columns[0] * n + rows[k]],
                                         minor_of(b, m, n, rest, &columns[1], size - 1));
        sum = !sum ? term : spv_emit2(b, k & 1 ? IR_FSUB : IR_FADD, type, sum, term);
    }
    return sum;
}

struct ir_inst *spv_determinant(struct spv_builder *b, struct ir_inst *const *m, uint32_t n)
{
    static const uint32_t all[] = {0, 1, 2, 3};
    return minor_of(b, m, n, all, all, n);
}

void spv_inverse(struct spv_builder *b, struct ir_inst *const *m, uint32_t n, struct ir_inst **out)
{
    enum ir_type type = (enum ir_type)m[0]->type;
    struct ir_inst *scale = spv_emit2(b, IR_FDIV, type, spv_const_float(b, type, 1),
                                      spv_determinant(b, m, n));
    for (uint32_t c = 0; c < n; c++) {
        for (uint32_t r = 0; r < n; r++) {
            uint32_t rows[3], columns[3], count = 0;
            for (uint32_t i = 0; i < n; i++)
                if (i != c)
                    rows[count++] = i;
            count = 0;
            for (uint32_t i = 0; i < n; i++)
                if (i != r)
                    columns[count++] = i;
            struct ir_inst *x = minor_of(b, m, n, rows, columns, n - 1);
            x = spv_emit2(b, IR_FMUL, type, x, scale);
            out[c * n + r] = (r + c) & 1 ? spv_emit1(b, IR_FNEG, type, x) : x;
        }
    }
}
