// SPDX-License-Identifier: MIT
// Two pictures mixed by a third, in workgroups of 8x8.
#version 460
layout(local_size_x = 8, local_size_y = 8) in;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) readonly buffer Weights { float weight[]; };
layout(std430, binding = 3) writeonly buffer Out { float y[]; };
layout(push_constant) uniform Push { uint n; };

void main()
{
    uint i = gl_GlobalInvocationID.y * n + gl_GlobalInvocationID.x;
    y[i] = mix(a[i], b[i], weight[i]);
}
