// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Data { uint x[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    x[i] = x[i] * 3 + 1;
}
