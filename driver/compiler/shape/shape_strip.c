/* SPDX-License-Identifier: MIT
 *
 * DOC: Strips
 *
 *     layout(local_size_x = 4, local_size_y = 4) in;      a vector of 8 lanes is two rows of 4
 *     x = image[gl_GlobalInvocationID.y * stride + gl_GlobalInvocationID.x];
 *
 * Where the stride is known when the kernel runs only, the lanes' addresses have no pattern as a whole, but
 * within a row they have one: lane i's is that of the row's first lane plus a constant. Such a row is a
 * strip. Memory is then accessed strip by strip, instead of lane by lane (cg_strips.c).
 *
 * Vectors are computed in all lanes, whichever are active, so this holds in all of them; but not for
 * what comes out of a loop that lanes leave one by one, or of an IF that they take differently.
 */
#include "arena.h"
#include "fold.h"
#include "shape.h"

/* Lane i's distance from the first lane of its strip of n; false if the shape has no such strips. */
static bool distances(const struct shaper *s, const struct ir_shape *shape, uint32_t n,
                      int64_t *out)
{
    if (shape->kind == IR_SHAPE_VARYING && shape->strip < n)
        return false;
    bool zeros = shape->kind == IR_SHAPE_UNIFORM;
    for (uint32_t i = 0; i < s->width; i++)
        out[i] = zeros ? 0
                       : (int64_t)((uint64_t)shape->offsets[i] - (uint64_t)shape->offsets[i - i % n]);
    return true;
}

static bool all_zero(const struct shaper *s, const int64_t *values)
{
    for (uint32_t i = 0; i < s->width; i++)
        if (values[i])
            return false;
    return true;
}

static bool is_constant(const struct ir_shape *shape)
{
    return shape->kind == IR_SHAPE_UNIFORM && shape->known;
}

/* The result's distances in strips of n. */
static bool result_of(const struct shaper *s, const struct ir_inst *inst, uint32_t n, int64_t *out)
{
    int64_t args[3][SHAPE_MAX_WIDTH];
    bool alike = true;
    if (inst->arg_count > 3)
        return false;
    for (uint32_t a = 0; a < inst->arg_count; a++) {
        if (!distances(s, &inst->args[a]->shape, n, args[a]))
            return false;
        alike &= all_zero(s, args[a]);
    }
    if (alike) { /* each strip's lanes compute the same */
        for (uint32_t i = 0; i < s->width; i++)
            out[i] = 0;
        return true;
    }
    const struct ir_shape *b = inst->arg_count > 1 ? &inst->args[1]->shape : NULL;
    uint64_t factor = 1;
    switch (inst->op) {
    case IR_ADD:
    case IR_SUB:
        for (uint32_t i = 0; i < s->width; i++)
            out[i] = (int64_t)(inst->op == IR_ADD ? (uint64_t)args[0][i] + (uint64_t)args[1][i]
                                                  : (uint64_t)args[0][i] - (uint64_t)args[1][i]);
        return true;
    case IR_TRUNC:
        break;
    case IR_MUL:
        if (is_constant(&inst->args[0]->shape)) {
            factor = inst->args[0]->shape.base;
            for (uint32_t i = 0; i < s->width; i++)
                args[0][i] = args[1][i];
        } else if (is_constant(b)) {
            factor = b->base;
        } else {
            return false;
        }
        break;
    case IR_SHL:
        if (!is_constant(b) || b->base >= ir_type_bits(inst->type))
            return false;
        factor = UINT64_C(1) << b->base;
        break;
    default:
        return false;
    }
    for (uint32_t i = 0; i < s->width; i++)
        out[i] = (int64_t)((uint64_t)args[0][i] * factor);
    return true;
}

/* The longest strips that an argument of no pattern leaves. */
static uint32_t longest(const struct shaper *s, const struct ir_shape *shape, uint32_t most)
{
    uint32_t strip = shape->kind == IR_SHAPE_VARYING ? shape->strip : s->width / 2;
    return strip < most ? strip : most;
}

static void set_strips(struct shaper *s, enum ir_type type, struct ir_shape *shape, uint32_t n,
                       int64_t *values)
{
    for (uint32_t i = 0; i < s->width; i++)
        values[i] = fold_signed(type, (uint64_t)values[i] & fold_mask(type));
    shape->strip = (uint8_t)n;
    shape->offsets = shape_pattern(s, values);
}

void shape_strip(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    int64_t values[SHAPE_MAX_WIDTH];
    uint32_t n = s->width / 2;
    for (uint32_t a = 0; a < inst->arg_count; a++)
        n = longest(s, &inst->args[a]->shape, n);
    for (; n > 1; n /= 2) {
        if (result_of(s, inst, n, values)) {
            set_strips(s, (enum ir_type)inst->type, shape, n, values);
            return;
        }
    }
}

void shape_strip_join(struct shaper *s, const struct ir_shape *a, const struct ir_shape *b,
                      struct ir_shape *joined)
{
    int64_t of_a[SHAPE_MAX_WIDTH], of_b[SHAPE_MAX_WIDTH];
    if (joined->kind != IR_SHAPE_VARYING)
        return;
    for (uint32_t n = longest(s, b, longest(s, a, s->width / 2)); n > 1; n /= 2) {
        bool same = distances(s, a, n, of_a) && distances(s, b, n, of_b);
        for (uint32_t i = 0; same && i < s->width; i++)
            same = of_a[i] == of_b[i];
        if (!same)
            continue;
        joined->strip = (uint8_t)n;
        joined->offsets = shape_pattern(s, of_a);
        return;
    }
}
