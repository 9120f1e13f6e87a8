/* SPDX-License-Identifier: MIT
 *
 * Parts of the shape analysis, private to this folder.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "ir.h"

#define SHAPE_MAX_WIDTH 128
#define SHAPE_ALIGN_MAX 63

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
/* shape_elementwise.c: kind, offsets, base and alignment, where VARYING says too little; and the scope. */
void shape_elementwise(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape);
/* Makes OFFSETS of lane values relative to lane 0, or UNIFORM where they are all the same. */
void shape_set_offsets(struct shaper *s, enum ir_type type, struct ir_shape *shape,
                       const int64_t *values);
void shape_set_known(struct ir_shape *shape, uint64_t base);

static inline uint8_t shape_align_of(uint64_t bits)
{
    return bits ? (uint8_t)__builtin_ctzll(bits) : SHAPE_ALIGN_MAX;
}

static inline uint8_t shape_min(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static inline bool shape_is_scalar(const struct ir_inst *inst)
{
    return inst->shape.kind != IR_SHAPE_VARYING;
}

bool shape_same(const struct ir_shape *a, const struct ir_shape *b);

#endif
