// SPDX-License-Identifier: MIT
// Three floats a pixel without padding, through a 3x3 matrix.
#version 460
layout(local_size_x = 128) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x * 3;
    vec3 c = vec3(x[i], x[i + 1], x[i + 2]);
    y[i] = dot(c, vec3(0.5, 0.25, 0.125));
    y[i + 1] = dot(c, vec3(0.25, 0.625, 0.0625));
    y[i + 2] = dot(c, vec3(0.125, 0.0625, 0.75));
}
