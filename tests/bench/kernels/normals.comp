// SPDX-License-Identifier: MIT
// vec3 in arrays of 16 bytes each, made unit vectors; what lies between them stays.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer In { vec3 x[]; };
layout(std430, binding = 1) buffer Out { vec3 y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    y[i] = x[i] * inversesqrt(dot(x[i], x[i]));
}
