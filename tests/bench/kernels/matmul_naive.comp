// SPDX-License-Identifier: MIT
// C = A B, one element of C an invocation, straight from the buffers.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) writeonly buffer C { float c[]; };
layout(push_constant) uniform Push { uint n; };

void main()
{
    uint row = gl_GlobalInvocationID.y, col = gl_GlobalInvocationID.x;
    float sum = 0.0;
    for (uint k = 0; k < n; k++)
        sum += a[row * n + k] * b[k * n + col];
    c[row * n + col] = sum;
}
