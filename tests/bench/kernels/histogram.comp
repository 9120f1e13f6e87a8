// SPDX-License-Identifier: MIT
// 256 bins, counted by atomics in shared memory, 64 values an invocation.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) buffer Bins { uint bins[256]; };

shared uint count[256];

void main()
{
    uint l = gl_LocalInvocationID.x;
    count[l] = 0;
    barrier();
    uint base = gl_WorkGroupID.x * 256 * 64 + l;
    for (uint i = 0; i < 64; i++)
        atomicAdd(count[x[base + i * 256] >> 24], 1);
    barrier();
    atomicAdd(bins[l], count[l]);
}
