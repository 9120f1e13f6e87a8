// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 4) in;
layout(std140, binding = 0) uniform U { mat4 a; mat3 b; layout(row_major) mat2x3 c; };
layout(std430, binding = 1) buffer Data { mat4 d[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    mat4 m = a * d[i];
    m[i & 3].xyz += b * m[1].xyz + c * m[2].xy;
    m[0][i & 3] = determinant(b) + inverse(a)[1][2];
    d[i] = transpose(m) + outerProduct(m[0], m[3]) - matrixCompMult(m, a);
}
