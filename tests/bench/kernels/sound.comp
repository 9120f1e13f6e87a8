// SPDX-License-Identifier: MIT
// 16-bit samples: two channels mixed and clipped.
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types : require
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer A { int16_t a[]; };
layout(std430, binding = 1) readonly buffer B { int16_t b[]; };
layout(std430, binding = 2) writeonly buffer Out { int16_t y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    int sum = int(a[i]) + (int(b[i]) * 23170 >> 15);
    y[i] = int16_t(clamp(sum, -32768, 32767));
}
