// SPDX-License-Identifier: MIT
// One sum a workgroup, by a tree in shared memory.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float sums[]; };

shared float part[256];

void main()
{
    uint l = gl_LocalInvocationID.x;
    part[l] = x[gl_GlobalInvocationID.x];
    barrier();
    for (uint half_size = 128; half_size > 0; half_size >>= 1) {
        if (l < half_size)
            part[l] += part[l + half_size];
        barrier();
    }
    if (l == 0)
        sums[gl_WorkGroupID.x] = part[0];
}
