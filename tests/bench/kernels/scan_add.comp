// SPDX-License-Identifier: MIT
// Adds to each block what all the blocks before it sum to.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) buffer Out { uint prefix[]; };
layout(std430, binding = 1) readonly buffer Totals { uint totals[]; };

void main()
{
    prefix[gl_GlobalInvocationID.x] += totals[gl_WorkGroupID.x];
}
