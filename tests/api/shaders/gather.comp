// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Data { uint data[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    data[i] = data[data[i + 64] & 63];
}
