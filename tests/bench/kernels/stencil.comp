// SPDX-License-Identifier: MIT
// Five-point stencil with clamped edges.
#version 460
layout(local_size_x = 32, local_size_y = 8) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };
layout(push_constant) uniform Push { int n; };

void main()
{
    int col = int(gl_GlobalInvocationID.x), row = int(gl_GlobalInvocationID.y);
    int left = max(col - 1, 0), right = min(col + 1, n - 1);
    int up = max(row - 1, 0), down = min(row + 1, n - 1);
    float around = x[row * n + left] + x[row * n + right] + x[up * n + col] + x[down * n + col];
    y[row * n + col] = 0.5 * x[row * n + col] + 0.125 * around;
}
