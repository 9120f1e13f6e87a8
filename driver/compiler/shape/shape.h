/* SPDX-License-Identifier: MIT
 *
 * Parts of the shape analysis, private to shape.c, shape_value.c and shape_strip.c.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "ir.h"

#define SHAPE_MAX_WIDTH 128

struct shaper {
    struct ir_module *m;
    uint32_t width;
    bool group_control; /* what is being visited runs the same way in every subgroup */
    bool pessimistic;   /* stop looking for the best parameters' shapes */
    bool changed;       /* a parameter's or loop's state, in this round */
    bool narrowing;     /* parameters' ranges may shrink */
    struct pattern *patterns;
};

/* The one copy of an array of width offsets. */
const int64_t *shape_pattern(struct shaper *s, const int64_t *offsets);
/* The shape of a value that instructions without regions give, from its arguments' shapes. Not for
 * PARAM and RESULT. */
struct ir_shape shape_of(struct shaper *s, const struct ir_inst *inst);
/* A shape that holds for values of either shape, where control flow alone chooses (the same way
 * for all active lanes). */
struct ir_shape shape_join(enum ir_type type, const struct ir_shape *a, const struct ir_shape *b);
struct ir_shape shape_varying(enum ir_type type);
/* shape_strip.c: finds the strips of a VARYING shape: of an elementwise instruction, from its arguments', or of a
 * join. */
void shape_strip(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape);
void shape_strip_join(struct shaper *s, const struct ir_shape *a, const struct ir_shape *b,
                      struct ir_shape *joined);
bool shape_same(const struct ir_shape *a, const struct ir_shape *b);

#endif
