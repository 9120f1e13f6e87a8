// SPDX-License-Identifier: MIT
// A 5x5 filter over an RGBA8 picture held in a buffer, with clamped edges.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) readonly buffer Weights { float weight[25]; };
layout(std430, binding = 2) writeonly buffer Out { uint y[]; };
layout(push_constant) uniform Push { int n; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec4 sum = vec4(0.0);
    for (int dy = -2; dy <= 2; dy++) {
        for (int dx = -2; dx <= 2; dx++) {
            ivec2 p = clamp(at + ivec2(dx, dy), ivec2(0), ivec2(n - 1));
            sum += unpackUnorm4x8(x[p.y * n + p.x]) * weight[(dy + 2) * 5 + dx + 2];
        }
    }
    y[at.y * n + at.x] = packUnorm4x8(sum);
}
