// SPDX-License-Identifier: MIT
// A transposition without shared memory: rows are read, columns written.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };
layout(push_constant) uniform Push { uint n; };

void main()
{
    uvec2 at = gl_GlobalInvocationID.xy;
    y[at.x * n + at.y] = x[at.y * n + at.x];
}
