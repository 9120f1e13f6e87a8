// SPDX-License-Identifier: MIT
// Bytes mixed 3 to 1, in 16-bit arithmetic.
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types : require
layout(local_size_x = 512) in;
layout(std430, binding = 0) readonly buffer A { uint8_t a[]; };
layout(std430, binding = 1) readonly buffer B { uint8_t b[]; };
layout(std430, binding = 2) writeonly buffer Out { uint8_t y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint16_t sum = uint16_t(a[i]) * 3us + uint16_t(b[i]) + 2us;
    y[i] = uint8_t(sum >> 2us);
}
