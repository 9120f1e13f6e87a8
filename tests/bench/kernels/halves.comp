// SPDX-License-Identifier: MIT
// A polynomial in half precision.
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types : require
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { float16_t x[]; };
layout(std430, binding = 1) writeonly buffer Out { float16_t y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    float16_t v = x[i], sum = 0.125hf;
    sum = sum * v + 0.25hf;
    sum = sum * v - 0.5hf;
    sum = sum * v + 0.75hf;
    y[i] = sum * v + 1.0hf;
}
