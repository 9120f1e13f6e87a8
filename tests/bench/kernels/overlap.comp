// SPDX-License-Identifier: MIT
// Long work of a single workgroup: only several dispatches at a time keep several cores busy.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Sums { uint sum[]; };
layout(push_constant) uniform Push { uint part; uint n; };

void main()
{
    uint l = gl_LocalInvocationID.x, v = l + part;
    for (uint k = 0; k < n; k++)
        v = v * 1664525u + 1013904223u;
    atomicAdd(sum[part * 64 + l], v);
}
