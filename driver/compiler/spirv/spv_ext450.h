/* SPDX-License-Identifier: MIT
 *
 * The instructions of GLSL.std.450, as spv_ext450.c's table names them. Those of one component are
 * spv_scalar_fn; the others get the instruction's words, with as many operands as their row says.
 */
#ifndef WEFT_SPV_EXT450_H
#define WEFT_SPV_EXT450_H

#include "spv_builder.h"

/* How a float's bits are parted; halves are worked on as singles. */
struct spv_ext_layout {
    enum ir_type bits;
    unsigned mantissa, bias;
};

static inline struct spv_ext_layout spv_ext_layout(enum ir_type type)
{
    return type == IR_F64 ? (struct spv_ext_layout){IR_I64, 52, 1023}
                          : (struct spv_ext_layout){IR_I32, 23, 127};
}

/* Fails unless the type is a float, or a vector of floats. */
void spv_ext_check_float(struct spv_builder *b, const struct spv_type *type);

/* The operand's value; fails unless it is of that type. */
struct spv_value *spv_ext_float_operand(struct spv_builder *b, uint32_t id,
                                        const struct spv_type *type);

spv_scalar_fn spv_ext_sabs;
spv_scalar_fn spv_ext_fsign;
spv_scalar_fn spv_ext_ssign;
spv_scalar_fn spv_ext_fract;
spv_scalar_fn spv_ext_radians;
spv_scalar_fn spv_ext_degrees;
spv_scalar_fn spv_ext_fclamp;
spv_scalar_fn spv_ext_uclamp;
spv_scalar_fn spv_ext_sclamp;
spv_scalar_fn spv_ext_fmix;
spv_scalar_fn spv_ext_step;
spv_scalar_fn spv_ext_smoothstep;
spv_scalar_fn spv_ext_ldexp;
spv_scalar_fn spv_ext_find_lsb;
spv_scalar_fn spv_ext_find_umsb;
spv_scalar_fn spv_ext_find_smsb;

spv_handler spv_ext_length_or_distance;
spv_handler spv_ext_normalize;
spv_handler spv_ext_cross;
spv_handler spv_ext_face_forward;
spv_handler spv_ext_reflect;
spv_handler spv_ext_refract;
spv_handler spv_ext_matrix;
spv_handler spv_ext_two_results;

#endif
