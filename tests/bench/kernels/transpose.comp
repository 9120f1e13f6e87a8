// SPDX-License-Identifier: MIT
// Transposes a square matrix by 16x16 tiles in shared memory, padded against bank conflicts.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };
layout(push_constant) uniform Push { uint n; };

shared float tile[16][17];

void main()
{
    uvec2 l = gl_LocalInvocationID.xy, g = gl_WorkGroupID.xy * 16;
    tile[l.y][l.x] = x[(g.y + l.y) * n + g.x + l.x];
    barrier();
    y[(g.x + l.y) * n + g.y + l.x] = tile[l.x][l.y];
}
