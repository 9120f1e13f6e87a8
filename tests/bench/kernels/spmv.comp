// SPDX-License-Identifier: MIT
// y = A x, A sparse by compressed rows, one row an invocation.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Rows { uint row_start[]; };
layout(std430, binding = 1) readonly buffer Columns { uint column[]; };
layout(std430, binding = 2) readonly buffer Values { float value[]; };
layout(std430, binding = 3) readonly buffer X { float x[]; };
layout(std430, binding = 4) writeonly buffer Y { float y[]; };

void main()
{
    uint row = gl_GlobalInvocationID.x;
    float sum = 0.0;
    for (uint k = row_start[row]; k < row_start[row + 1]; k++)
        sum += value[k] * x[column[k]];
    y[row] = sum;
}
