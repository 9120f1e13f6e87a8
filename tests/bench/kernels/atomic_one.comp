// SPDX-License-Identifier: MIT
// Every invocation adds to the same address.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) buffer Total { uint total; };

void main()
{
    atomicAdd(total, x[gl_GlobalInvocationID.x] & 15u);
}
