// SPDX-License-Identifier: MIT
// How far apart the four texels around each point of a rotated picture are.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, r32f) writeonly uniform image2D to;
layout(push_constant) uniform Push { float c, s; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec2 p = vec2(at) + 0.5;
    vec4 v = textureGather(from, vec2(p.x * c - p.y * s, p.x * s + p.y * c));
    float low = min(min(v.x, v.y), min(v.z, v.w)), high = max(max(v.x, v.y), max(v.z, v.w));
    imageStore(to, at, vec4(high - low));
}
