// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Data { uvec4 data[]; };
layout(push_constant) uniform Push { uint first; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    data[first + i] = data[i] + uvec4(i, 0, 0, 7);
}
