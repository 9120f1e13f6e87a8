// SPDX-License-Identifier: MIT
// Every eighth element.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    y[i] = 2.0 * x[8 * i] + 1.0;
}
