// SPDX-License-Identifier: MIT
// C = A B for square matrices, n a multiple of 16. A workgroup makes a 16x16 tile of C: step by step
// it loads a tile of A and one of B into shared memory, so that each value is read from its buffer
// once for 16 uses.
#version 450
layout(local_size_x = 16, local_size_y = 16) in;
layout(set = 0, binding = 0) readonly buffer A { float a[]; };
layout(set = 0, binding = 1) readonly buffer B { float b[]; };
layout(set = 0, binding = 2) writeonly buffer C { float c[]; };
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
        barrier(); // the tiles are complete
        for (uint k = 0; k < 16; k++)
            sum += a_tile[y][k] * b_tile[k][x];
        barrier(); // nobody reads them any more
    }
    c[row * n + col] = sum;
}
