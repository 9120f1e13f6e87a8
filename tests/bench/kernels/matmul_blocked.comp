// SPDX-License-Identifier: MIT
// C = A B by 64x64 tiles in shared memory; each of 16x16 invocations keeps 4x4 sums in registers.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer A { float a[]; };
layout(std430, binding = 1) readonly buffer B { float b[]; };
layout(std430, binding = 2) writeonly buffer C { float c[]; };
layout(push_constant) uniform Push { uint n; };

shared float a_tile[16][64]; // [k][row]
shared float b_tile[16][64]; // [k][column]

void main()
{
    uint tx = gl_LocalInvocationID.x, ty = gl_LocalInvocationID.y;
    uint row0 = gl_WorkGroupID.y * 64, col0 = gl_WorkGroupID.x * 64;
    float sum[4][4];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            sum[i][j] = 0.0;

    for (uint t = 0; t < n; t += 16) {
        for (uint i = 0; i < 4; i++) {
            a_tile[tx][ty + 16 * i] = a[(row0 + ty + 16 * i) * n + t + tx];
            b_tile[ty][tx + 16 * i] = b[(t + ty) * n + col0 + tx + 16 * i];
        }
        barrier();
        for (uint k = 0; k < 16; k++) {
            float av[4], bv[4];
            for (int i = 0; i < 4; i++) {
                av[i] = a_tile[k][ty + 16 * i];
                bv[i] = b_tile[k][tx + 16 * i];
            }
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++)
                    sum[i][j] += av[i] * bv[j];
        }
        barrier();
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            c[(row0 + ty + 16 * i) * n + col0 + tx + 16 * j] = sum[i][j];
}
