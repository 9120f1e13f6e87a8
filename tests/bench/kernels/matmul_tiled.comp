// SPDX-License-Identifier: MIT
// C = A B by 16x16 tiles in shared memory, two barriers a step.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) writeonly buffer C { float c[]; };
layout(push_constant) uniform Push { uint n; };

shared float a_tile[16][16];
shared float b_tile[16][16];

void main()
{
    uint row = gl_GlobalInvocationID.y, col = gl_GlobalInvocationID.x;
    uint y = gl_LocalInvocationID.y, x = gl_LocalInvocationID.x;
    float sum = 0.0;
    for (uint t = 0; t < n; t += 16) {
        a_tile[y][x] = a[row * n + t + x];
        b_tile[y][x] = b[(t + y) * n + col];
        barrier();
        for (uint k = 0; k < 16; k++)
            sum += a_tile[y][k] * b_tile[k][x];
        barrier();
    }
    c[row * n + col] = sum;
}
