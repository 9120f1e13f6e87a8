/* SPDX-License-Identifier: MIT
 *
 * Shapes of what elementwise operations give.
 *
 * Facts about wrap-around are kept honest: OFFSETS holds modulo 2^bits. Where an operation needs
 * more (widening, shifting right, masking), it asks whether base + offset can carry. It can't where
 * the base is a multiple of a power of two that no offset reaches, or where the range is known to
 * be too small for it.
 */
#include "fold.h"
#include "shape.h"

/* base + offset never carries past the bits that the base has zero. */
static bool offsets_below_align(const struct shaper *s, const struct ir_shape *shape)
{
    if (shape->kind == IR_SHAPE_UNIFORM)
        return true;
    for (uint32_t i = 0; i < s->width; i++)
        if (shape->offsets[i] < 0 || shape->offsets[i] >> shape->align_log2)
            return false;
    return true;
}

/* Every lane's value, as a number, is the base plus its offset: nothing wraps around, unsigned and
 * signed. */
static bool never_wraps(const struct shaper *s, const struct ir_shape *shape, enum ir_type type)
{
    uint64_t mask = fold_mask(type), half = mask >> 1, reach = 0;
    if (shape->kind == IR_SHAPE_UNIFORM)
        return true;
    if (shape->align_log2 < ir_type_bits(type) && offsets_below_align(s, shape))
        return true;
    if (shape->partial || (shape->lo <= half) != (shape->hi <= half))
        return false;
    for (uint32_t i = 0; i < s->width; i++) {
        uint64_t distance = (uint64_t)(shape->offsets[i] < 0 ? -shape->offsets[i]
                                                             : shape->offsets[i]);
        reach = distance > reach ? distance : reach;
    }
    /* If a lane wrapped, it and lane 0 would lie further apart than the range allows. */
    return reach <= half && shape->hi - shape->lo <= half - reach;
}

static int64_t offset_of(const struct ir_shape *shape, uint32_t lane)
{
    return shape->kind == IR_SHAPE_OFFSETS ? shape->offsets[lane] : 0;
}

/* The value of a lane whose base is known. */
static uint64_t lane_value(const struct ir_inst *inst, uint32_t lane)
{
    return (inst->shape.base + (uint64_t)offset_of(&inst->shape, lane)) & fold_mask(inst->type);
}

/* All arguments are known in all lanes: computes the operation in each. */
static bool evaluate(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    int64_t values[SHAPE_MAX_WIDTH];
    if (ir_type_is_float(inst->type))
        return false;
    for (uint32_t a = 0; a < inst->arg_count; a++)
        if (!inst->args[a]->shape.known)
            return false;
    for (uint32_t i = 0; i < s->width; i++) {
        uint64_t args[3], result;
        for (uint32_t a = 0; a < inst->arg_count; a++)
            args[a] = lane_value(inst->args[a], i);
        if (!fold_op(inst->op, inst->type, inst->args[0]->type, inst->imm, args, &result))
            return false;
        values[i] = (int64_t)result;
    }
    shape_set_offsets(s, inst->type, shape, values);
    if (inst->type == IR_BOOL && shape->kind == IR_SHAPE_OFFSETS) {
        shape->kind = IR_SHAPE_VARYING;
        shape->offsets = NULL;
        return true;
    }
    shape_set_known(shape, (uint64_t)values[0]);
    return true;
}

/* Bits that can be set in a value, and so no bit in common with a multiple of something. */
static bool disjoint(const struct shaper *s, const struct ir_shape *low,
                     const struct ir_shape *high)
{
    unsigned align = high->align_log2;
    if (low->partial || align > 62 || low->hi >> align)
        return false;
    for (uint32_t i = 0; i < s->width; i++)
        if (offset_of(high, i) & (int64_t)((UINT64_C(1) << align) - 1))
            return false;
    return true;
}

/* Lane values of the sum, difference, ... of arguments whose bases are taken as 0. */
static bool offsets_of(struct shaper *s, const struct ir_inst *inst, int64_t *values)
{
    const struct ir_shape *a = &inst->args[0]->shape;
    const struct ir_shape *b = inst->arg_count > 1 ? &inst->args[1]->shape : NULL;
    enum ir_type type = inst->type;
    unsigned bits = ir_type_bits(type);
    enum ir_op op = inst->op;
    bool b_constant = b && b->kind == IR_SHAPE_UNIFORM && b->known;
    int64_t constant = b_constant ? (int64_t)b->base : 0;
    bool a_constant = a->kind == IR_SHAPE_UNIFORM && a->known;

    if ((op == IR_OR || op == IR_XOR) && (disjoint(s, a, b) || disjoint(s, b, a)))
        op = IR_ADD;
    switch (op) {
    case IR_ADD:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) + (uint64_t)offset_of(b, i));
        return true;
    case IR_SUB:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) - (uint64_t)offset_of(b, i));
        return true;
    case IR_NOT:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = -offset_of(a, i);
        return true;
    case IR_MUL:
        if (!a_constant && !b_constant)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = b_constant ? (int64_t)((uint64_t)offset_of(a, i) * b->base)
                                   : (int64_t)((uint64_t)offset_of(b, i) * a->base);
        return true;
    case IR_SHL:
        if (!b_constant || b->base >= bits)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) << constant);
        return true;
    case IR_TRUNC:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i);
        return true;
    case IR_ZEXT:
    case IR_SEXT:
        if (!never_wraps(s, a, inst->args[0]->type))
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i);
        return true;
    case IR_AND:
    case IR_OR:
    case IR_XOR: {
        /* The base's low bits are zero, so there the offset alone counts; above, the base alone. */
        if (!b_constant || a->align_log2 > 62 || !offsets_below_align(s, a))
            return false;
        int64_t low = constant & (int64_t)((UINT64_C(1) << a->align_log2) - 1);
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = op == IR_AND  ? (offset_of(a, i) & low)
                        : op == IR_OR ? (offset_of(a, i) | low)
                                      : (offset_of(a, i) ^ low);
        return true;
    }
    case IR_ASHR:
    case IR_LSHR:
        if (!b_constant || b->base >= bits || !offsets_below_align(s, a) ||
            a->align_log2 >= bits)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i) >> constant;
        return true;
    case IR_SELECT: {
        const struct ir_shape *c = &inst->args[2]->shape;
        if (a->kind != IR_SHAPE_UNIFORM || b->kind != c->kind || b->offsets != c->offsets)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(b, i);
        return true;
    }
    default:
        return false;
    }
}

/* Comparing base + offset with a bound that is a multiple of what no offset reaches: all lanes lie
 * on the same side. */
static bool compares_alike(const struct shaper *s, const struct ir_inst *inst)
{
    const struct ir_inst *x, *bound;
    if (inst->op == IR_ULT || inst->op == IR_SLT) {
        x = inst->args[0]; /* x < bound */
        bound = inst->args[1];
    } else if (inst->op == IR_ULE || inst->op == IR_SLE) {
        x = inst->args[1]; /* bound <= x */
        bound = inst->args[0];
    } else {
        return false;
    }
    if (x->shape.kind != IR_SHAPE_OFFSETS || bound->shape.kind != IR_SHAPE_UNIFORM)
        return false;
    /* The smallest power of two that no offset reaches. */
    int64_t reach = 0;
    for (uint32_t i = 0; i < s->width; i++) {
        if (x->shape.offsets[i] < 0)
            return false;
        reach |= x->shape.offsets[i];
    }
    unsigned log2 = 64 - (unsigned)__builtin_clzll((uint64_t)reach);
    return log2 < ir_type_bits(x->type) && x->shape.align_log2 >= log2 &&
           bound->shape.align_log2 >= log2;
}

/* Trailing zero bits of the base of the result. */
static uint8_t align_of_result(const struct ir_inst *inst)
{
    const struct ir_shape *a = &inst->args[0]->shape;
    const struct ir_shape *b = inst->arg_count > 1 ? &inst->args[1]->shape : NULL;
    bool constant = b && b->kind == IR_SHAPE_UNIFORM && b->known;
    unsigned sum;
    switch (inst->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_OR:
    case IR_XOR:
    case IR_UMIN:
    case IR_UMAX:
    case IR_SMIN:
    case IR_SMAX:
        return shape_min(a->align_log2, b->align_log2);
    case IR_SELECT:
        return shape_min(b->align_log2, inst->args[2]->shape.align_log2);
    case IR_AND:
        return a->align_log2 > b->align_log2 ? a->align_log2 : b->align_log2;
    case IR_MUL:
        sum = (unsigned)a->align_log2 + b->align_log2;
        return (uint8_t)(sum > SHAPE_ALIGN_MAX ? SHAPE_ALIGN_MAX : sum);
    case IR_SHL:
        if (!constant || b->base >= ir_type_bits(inst->type))
            return 0;
        sum = a->align_log2 + (unsigned)b->base;
        return (uint8_t)(sum > SHAPE_ALIGN_MAX ? SHAPE_ALIGN_MAX : sum);
    case IR_LSHR:
        return constant && b->base < ir_type_bits(inst->type) && b->base < a->align_log2 &&
                       a->align_log2 < SHAPE_ALIGN_MAX
                   ? (uint8_t)(a->align_log2 - b->base)
                   : 0;
    case IR_ZEXT:
    case IR_SEXT:
    case IR_TRUNC:
    case IR_SG_FIRST:
        return a->align_log2;
    default:
        return 0;
    }
}

void shape_elementwise(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    int64_t values[SHAPE_MAX_WIDTH];
    bool all_uniform = true;

    shape->scope = IR_SCOPE_WORKGROUP;
    for (uint32_t i = 0; i < inst->arg_count; i++) {
        if (!shape_is_scalar(inst->args[i]))
            return; /* stays VARYING */
        all_uniform &= inst->args[i]->shape.kind == IR_SHAPE_UNIFORM;
        shape->scope = shape_min(shape->scope, inst->args[i]->shape.scope);
    }
    if (evaluate(s, inst, shape))
        return;
    if (all_uniform || compares_alike(s, inst))
        shape->kind = IR_SHAPE_UNIFORM;
    else if (ir_type_is_int(inst->type) && offsets_of(s, inst, values))
        shape_set_offsets(s, inst->type, shape, values);
    if (shape->kind != IR_SHAPE_VARYING && ir_type_is_int(inst->type))
        shape->align_log2 = align_of_result(inst);
}
