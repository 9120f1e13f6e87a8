/* SPDX-License-Identifier: MIT
 *
 * Integer dot products (SPV_KHR_integer_dot_product).
 */
#include "spv_builder.h"

struct dot {
    const struct spv_value *x, *y, *acc; /* acc: NULL without AccSat */
    bool x_signed, y_signed, packed;
    enum ir_type type; /* of the result */
};

static const struct {
    uint16_t op;
    bool x_signed, y_signed, accumulates;
} rows[] = {
    {SpvOpSDot, true, true, false},        {SpvOpUDot, false, false, false},
    {SpvOpSUDot, true, false, false},      {SpvOpSDotAccSat, true, true, true},
    {SpvOpUDotAccSat, false, false, true}, {SpvOpSUDotAccSat, true, false, true},
};

/* Four bytes each in one word: the exact sum, in 32 bits. */
static struct ir_inst *packed_dot(struct spv_builder *b, const struct dot *d)
{
    enum ir_op op = !d->x_signed ? IR_UDOT4 : d->y_signed ? IR_SDOT4 : IR_SUDOT4;
    return spv_emit3(b, op, IR_I32, d->x->leaves[0], d->y->leaves[0], spv_i32(b, 0));
}

/* Vectors of bytes fill a word: the same instruction. */
static struct ir_inst *byte_dot(struct spv_builder *b, const struct dot *d)
{
    struct dot packed = *d;
    struct spv_value x = *d->x, y = *d->y;
    struct ir_inst *xw, *yw;
    spv_bitcast(b, x.leaves, 4, &xw, 1, IR_I32);
    spv_bitcast(b, y.leaves, 4, &yw, 1, IR_I32);
    x.leaves = &xw;
    y.leaves = &yw;
    packed.x = &x;
    packed.y = &y;
    return packed_dot(b, &packed);
}

/* In a type that holds the sum, or modulo the result's width where that is all that counts. */
static struct ir_inst *vector_dot(struct spv_builder *b, const struct dot *d, enum ir_type work)
{
    struct ir_inst *sum = NULL;
    for (uint32_t k = 0; k < d->x->type->leaf_count; k++) {
        struct ir_inst *x = spv_to_int(b, d->x->leaves[k], work, d->x_signed);
        struct ir_inst *y = spv_to_int(b, d->y->leaves[k], work, d->y_signed);
        struct ir_inst *product = spv_emit2(b, IR_MUL, work, x, y);
        sum = sum ? spv_emit2(b, IR_ADD, work, sum, product) : product;
    }
    return sum;
}

/* sum + acc, clamped to the result's type. */
static struct ir_inst *accumulate(struct spv_builder *b, const struct dot *d, struct ir_inst *sum)
{
    bool is_signed = d->x_signed;
    unsigned bits = ir_type_bits(d->type), work_bits = ir_type_bits((enum ir_type)sum->type);
    struct ir_inst *acc = d->acc->leaves[0];
    if (work_bits <= bits) {
        sum = spv_to_int(b, sum, d->type, is_signed);
        return spv_emit2(b, is_signed ? IR_SADD_SAT : IR_UADD_SAT, d->type, sum, acc);
    }
    enum ir_type work = (enum ir_type)sum->type;
    uint64_t top = spv_mask(d->type) >> is_signed;
    acc = spv_to_int(b, acc, work, is_signed);
    sum = spv_emit2(b, is_signed ? IR_SADD_SAT : IR_UADD_SAT, work, sum, acc);
    sum = spv_emit2(b, is_signed ? IR_SMIN : IR_UMIN, work, sum, spv_const(b, work, top));
    if (is_signed)
        sum = spv_emit2(b, IR_SMAX, work, sum, spv_const(b, work, ~top));
    return spv_to_int(b, sum, d->type, is_signed);
}

static void check_types(struct spv_builder *b, const struct dot *d)
{
    const struct spv_type *x = d->x->type, *y = d->y->type;
    bool fits = spv_is_numeric(x) && spv_is_numeric(y) && ir_type_is_int((enum ir_type)x->scalar) &&
                x->scalar == y->scalar && x->leaf_count == y->leaf_count &&
                ir_type_is_int(d->type);
    if (d->packed)
        fits = fits && x->leaf_count == 1 && x->scalar == IR_I32;
    else
        fits = fits && x->kind == SPV_TYPE_VECTOR;
    if (!fits)
        spv_bad(b, "the types of an integer dot product");
}

void spv_op_int_dot(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct dot d = {.x = spv_operand(b, w[3]), .y = spv_operand(b, w[4])};
    struct spv_value *value = spv_result(b, w);
    uint32_t format = 5;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].op != (w[0] & 0xffff))
            continue;
        d.x_signed = rows[i].x_signed;
        d.y_signed = rows[i].y_signed;
        if (rows[i].accumulates)
            d.acc = spv_operand(b, w[format++]);
    }
    d.type = value->type->kind == SPV_TYPE_INT ? (enum ir_type)value->type->scalar : IR_VOID;
    d.packed = d.x->type->kind == SPV_TYPE_INT;
    if (d.packed && (wc <= format || w[format] != SpvPackedVectorFormatPackedVectorFormat4x8Bit))
        spv_bad(b, "scalars without the packed vector format");
    if (d.acc && d.acc->type != value->type)
        spv_bad(b, "the accumulator is not of the result's type");
    check_types(b, &d);
    enum ir_type element = (enum ir_type)d.x->type->scalar;
    struct ir_inst *sum;
    if (d.packed)
        sum = packed_dot(b, &d);
    else if (element == IR_I8 && d.x->type->count == 4)
        sum = byte_dot(b, &d);
    else
        sum = vector_dot(b, &d, element == IR_I8 ? IR_I32 : IR_I64);
    value->leaves[0] = d.acc ? accumulate(b, &d, sum) : spv_to_int(b, sum, d.type, d.x_signed);
}
