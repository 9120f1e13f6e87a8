#version 460
#extension GL_GOOGLE_include_directive : require
/* SPDX-License-Identifier: MIT
 * The built-in library as one module; see common.glsl. main only keeps glslang from dropping the
 * functions; it is never run. */

#include "common.glsl"
#include "exp.glsl"
#include "log.glsl"
#include "pow.glsl"
#include "trig.glsl"
#include "arc.glsl"
#include "hyperbolic.glsl"

layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer Data
{
    float a, b;
    float result[];
};

void main()
{
    result[0] = weft_sin(a);
    result[1] = weft_cos(a);
    result[2] = weft_tan(a);
    result[3] = weft_asin(a);
    result[4] = weft_acos(a);
    result[5] = weft_atan(a);
    result[6] = weft_atan2(a, b);
    result[7] = weft_sinh(a);
    result[8] = weft_cosh(a);
    result[9] = weft_tanh(a);
    result[10] = weft_asinh(a);
    result[11] = weft_acosh(a);
    result[12] = weft_atanh(a);
    result[13] = weft_exp(a);
    result[14] = weft_exp2(a);
    result[15] = weft_log(a);
    result[16] = weft_log2(a);
    result[17] = weft_pow(a, b);
    result[18] = weft_exp_denorm(a);
    result[19] = weft_exp2_denorm(a);
    result[20] = weft_log_denorm(a);
    result[21] = weft_log2_denorm(a);
    result[22] = weft_pow_denorm(a, b);
}
