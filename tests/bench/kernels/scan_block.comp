// SPDX-License-Identifier: MIT
// Inclusive prefix sums of blocks of 256 in shared memory, and each block's total.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) writeonly buffer Out { uint prefix[]; };
layout(std430, binding = 2) writeonly buffer Totals { uint totals[]; };

shared uint part[256];

void main()
{
    uint l = gl_LocalInvocationID.x;
    uint sum = x[gl_GlobalInvocationID.x];
    part[l] = sum;
    barrier();
    for (uint step = 1; step < 256; step <<= 1) {
        uint before = l >= step ? part[l - step] : 0;
        barrier();
        sum += before;
        part[l] = sum;
        barrier();
    }
    prefix[gl_GlobalInvocationID.x] = sum;
    if (l == 255)
        totals[gl_WorkGroupID.x] = sum;
}
