// SPDX-License-Identifier: MIT
// A two-dimensional cosine transform of 8x8 values, all of them in one invocation's registers.
// Value k of block i is at k * blocks + i.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };
layout(push_constant) uniform Push { uint blocks; };

float v[64];

void transform(uint first, uint stride)
{
    float s0 = v[first] + v[first + 7 * stride], d0 = v[first] - v[first + 7 * stride];
    float s1 = v[first + stride] + v[first + 6 * stride], d1 = v[first + stride] - v[first + 6 * stride];
    float s2 = v[first + 2 * stride] + v[first + 5 * stride], d2 = v[first + 2 * stride] - v[first + 5 * stride];
    float s3 = v[first + 3 * stride] + v[first + 4 * stride], d3 = v[first + 3 * stride] - v[first + 4 * stride];
    v[first] = 0.35355339 * (s0 + s1 + s2 + s3);
    v[first + 4 * stride] = 0.35355339 * (s0 - s1 - s2 + s3);
    v[first + 2 * stride] = 0.46193977 * (s0 - s3) + 0.19134172 * (s1 - s2);
    v[first + 6 * stride] = 0.19134172 * (s0 - s3) - 0.46193977 * (s1 - s2);
    v[first + stride] = 0.49039264 * d0 + 0.41573481 * d1 + 0.27778512 * d2 + 0.09754516 * d3;
    v[first + 3 * stride] = 0.41573481 * d0 - 0.09754516 * d1 - 0.49039264 * d2 - 0.27778512 * d3;
    v[first + 5 * stride] = 0.27778512 * d0 - 0.49039264 * d1 + 0.09754516 * d2 + 0.41573481 * d3;
    v[first + 7 * stride] = 0.09754516 * d0 - 0.27778512 * d1 + 0.41573481 * d2 - 0.49039264 * d3;
}

void main()
{
    uint i = gl_GlobalInvocationID.x;
    for (uint k = 0; k < 64; k++)
        v[k] = x[k * blocks + i];
    for (uint row = 0; row < 8; row++)
        transform(8 * row, 1);
    for (uint col = 0; col < 8; col++)
        transform(col, 8);
    for (uint k = 0; k < 64; k++)
        y[k * blocks + i] = v[k];
}
