// SPDX-License-Identifier: MIT
#version 460
// Writes the push constants to a buffer.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Data { uint data[64]; };
layout(push_constant) uniform Push { uint push[64]; };
void main()
{
    data[gl_LocalInvocationID.x] = push[gl_LocalInvocationID.x];
}
