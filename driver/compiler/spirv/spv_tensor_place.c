/* SPDX-License-Identifier: MIT
 *
 * From an element of a matrix to its place in a tensor's memory.
 *
 * The element's row and column become one number, which is taken apart into coordinates again. A number
 * that was just put together is kept in its parts, so that the usual case (two dimensions, the second as
 * wide as the matrix) divides nothing.
 */
#include "spv_tensor.h"

#include <string.h>

/* ---- Numbers in parts ---- */

/* high * radix + low, with low < radix; without low just high. */
struct number {
    struct ir_inst *high, *low;
    uint32_t radix;
    uint32_t bound; /* high is below it; 0: who knows */
};

static struct ir_inst *whole(struct spv_builder *b, const struct number *n)
{
    if (!n->low)
        return n->high;
    return spv_emit2(b, IR_ADD, IR_I32,
                     spv_emit2(b, IR_MUL, IR_I32, n->high, spv_i32(b, n->radix)), n->low);
}

/* The number becomes the quotient; the rest is returned. */
static struct ir_inst *divide(struct spv_builder *b, struct number *n, struct ir_inst *by)
{
    struct ir_inst *rest = n->low;
    if (n->low && spv_is_value(by, n->radix)) {
        n->low = NULL;
        return rest;
    }
    bool below = !n->low && n->bound && spv_is_const(by) && n->bound <= by->imm;
    struct ir_inst *x = whole(b, n);
    *n = (struct number){.high = below ? spv_i32(b, 0) : spv_emit2(b, IR_UDIV, IR_I32, x, by)};
    return below ? x : spv_emit2(b, IR_UREM, IR_I32, x, by);
}

static uint32_t bound_of(const struct ir_inst *size)
{
    return spv_is_const(size) ? (uint32_t)size->imm : 0;
}

/* ---- Coordinates ---- */

static struct ir_inst *either(struct spv_builder *b, struct ir_inst *x, struct ir_inst *y)
{
    return x ? spv_emit2(b, IR_OR, IR_BOOL, x, y) : y;
}

static struct ir_inst *minus(struct spv_builder *b, struct ir_inst *x, struct ir_inst *y)
{
    return spv_emit2(b, IR_SUB, IR_I32, x, y);
}

/* Takes one coordinate out of a range of the clip; says where it is not in it. */
static void clip(struct spv_builder *b, struct ir_inst **x, struct ir_inst *first,
                 struct ir_inst *count, struct spv_tensor_place *place)
{
    if (spv_is_value(first, 0) && spv_is_value(count, UINT32_MAX))
        return;
    struct ir_inst *before = spv_emit2(b, IR_ULT, IR_BOOL, *x, first);
    *x = minus(b, *x, first);
    struct ir_inst *behind = spv_emit2(b, IR_ULE, IR_BOOL, count, *x);
    place->clipped = either(b, place->clipped, spv_emit2(b, IR_OR, IR_BOOL, before, behind));
}

/* The element's number in the matrix, or in what the view's clip leaves of it. */
static struct number matrix_number(struct spv_builder *b, const struct spv_tensor_access *a,
                                   const struct spv_position *at, struct spv_tensor_place *place)
{
    struct number n = {at->row, at->column, a->type->columns, a->type->rows};
    if (!a->view)
        return n;
    struct ir_inst *const *fields = &a->view_fields[VIEW_FIELDS * a->view->dims];
    clip(b, &n.high, fields[CLIP_ROW], fields[CLIP_ROWS], place);
    clip(b, &n.low, fields[CLIP_COLUMN], fields[CLIP_COLUMNS], place);
    if (!place->clipped)
        return n;
    struct ir_inst *width = spv_emit2(b, IR_UMIN, IR_I32, spv_i32(b, n.radix), fields[CLIP_COLUMNS]);
    if (spv_is_const(width)) {
        n.radix = (uint32_t)width->imm; /* what is clipped has no number */
        return n;
    }
    struct ir_inst *x = spv_emit2(b, IR_ADD, IR_I32, spv_emit2(b, IR_MUL, IR_I32, n.high, width), n.low);
    return (struct number){.high = x};
}

/* The number of an element in the layout's span, from its number in the view. */
static struct number through_view(struct spv_builder *b, const struct spv_tensor_access *a,
                                  struct number n)
{
    uint32_t dims = a->view->dims;
    struct ir_inst *const *sizes = a->view->has_dimensions
                                       ? &a->view_fields[VIEW_DIMENSION * dims]
                                       : &a->fields[SPAN * a->layout->dims];
    struct ir_inst *coordinates[SPV_TENSOR_DIMS], *strides[SPV_TENSOR_DIMS];
    if (!a->view->has_dimensions && dims != a->layout->dims)
        spv_bad(b, "a tensor view of %u dimensions without sizes on a layout of %u", dims,
                a->layout->dims);
    for (uint32_t i = dims; i-- > 0;) {
        uint32_t k = a->view->permutation[i];
        coordinates[k] = divide(b, &n, sizes[k]);
    }
    if (a->view->has_dimensions)
        memcpy(strides, &a->view_fields[VIEW_STRIDE * dims], dims * sizeof(strides[0]));
    else
        spv_tensor_strides(b, dims, sizes, NULL, strides);
    if (dims == 2 && spv_is_value(strides[1], 1) && spv_is_const(strides[0]) &&
        strides[0]->imm && spv_is_value(sizes[1], strides[0]->imm))
        return (struct number){coordinates[0], coordinates[1], (uint32_t)strides[0]->imm,
                               bound_of(sizes[0])};
    struct ir_inst *sum = NULL;
    for (uint32_t i = 0; i < dims; i++) {
        struct ir_inst *x = spv_emit2(b, IR_MUL, IR_I32, coordinates[i], strides[i]);
        sum = sum ? spv_emit2(b, IR_ADD, IR_I32, sum, x) : x;
    }
    return (struct number){.high = sum};
}

static struct ir_inst *modulo(struct spv_builder *b, struct ir_inst *x, struct ir_inst *by)
{
    struct ir_inst *args[] = {x, by};
    return spv_smod(b, args, IR_I32);
}

/* A coordinate that may lie outside of the tensor, as the clamp mode has it. */
static struct ir_inst *clamped(struct spv_builder *b, const struct spv_tensor_access *a,
                               struct ir_inst *c, struct ir_inst *size,
                               struct spv_tensor_place *place)
{
    struct ir_inst *zero = spv_i32(b, 0), *last = minus(b, size, spv_i32(b, 1));
    switch (a->store && a->layout->clamp ? SpvTensorClampModeConstant : a->layout->clamp) {
    case SpvTensorClampModeConstant:
        place->outside = either(b, place->outside, spv_emit2(b, IR_ULE, IR_BOOL, size, c));
        return c;
    case SpvTensorClampModeClampToEdge:
        c = spv_emit2(b, IR_SMAX, IR_I32, c, zero);
        return spv_emit2(b, IR_SMIN, IR_I32, c, last);
    case SpvTensorClampModeRepeat:
        return modulo(b, c, size);
    case SpvTensorClampModeRepeatMirrored: {
        struct ir_inst *twice = spv_emit2(b, IR_SHL, IR_I32, last, spv_i32(b, 1));
        c = modulo(b, c, twice);
        return spv_select(b, spv_emit2(b, IR_SLE, IR_BOOL, size, c), minus(b, twice, c), c);
    }
    default:
        return c;
    }
}

struct spv_tensor_place spv_tensor_place(struct spv_builder *b, const struct spv_tensor_access *a,
                                         const struct spv_position *at)
{
    struct spv_tensor_place place = {.outside = NULL, .clipped = NULL};
    uint32_t dims = a->layout->dims;
    struct number n = matrix_number(b, a, at, &place);
    if (a->view)
        n = through_view(b, a, n);
    struct ir_inst *coordinates[SPV_TENSOR_DIMS];
    for (uint32_t i = dims; i-- > 0;)
        coordinates[i] = divide(b, &n, a->fields[SPAN * dims + i]);
    for (uint32_t i = 0; i < dims; i++) {
        struct ir_inst *block = a->fields[BLOCK * dims + i];
        struct ir_inst *c =
            spv_emit2(b, IR_ADD, IR_I32, coordinates[i], a->fields[OFFSET * dims + i]);
        c = clamped(b, a, c, a->fields[DIMENSION * dims + i], &place);
        place.block[i] = c;
        place.inside[i] = spv_i32(b, 0);
        if (!spv_is_value(block, 1)) {
            place.block[i] = spv_emit2(b, IR_UDIV, IR_I32, c, block);
            place.inside[i] = spv_emit2(b, IR_UREM, IR_I32, c, block);
        }
        c = spv_emit2(b, IR_MUL, IR_I32, place.block[i], a->fields[STRIDE * dims + i]);
        place.index = place.index ? spv_emit2(b, IR_ADD, IR_I32, place.index, c) : c;
    }
    return place;
}
