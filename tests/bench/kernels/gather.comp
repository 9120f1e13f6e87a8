// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Index { uint place[]; };
layout(std430, binding = 1) readonly buffer In { float x[]; };
layout(std430, binding = 2) writeonly buffer Out { float y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    y[i] = x[place[i]];
}
