// SPDX-License-Identifier: MIT
// Every invocation adds to one of n addresses, as its data says.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) buffer Counters { uint counter[]; };
layout(push_constant) uniform Push { uint n; };

void main()
{
    atomicAdd(counter[x[gl_GlobalInvocationID.x] & (n - 1)], 1);
}
