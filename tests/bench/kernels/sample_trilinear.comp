// SPDX-License-Identifier: MIT
// A rotated picture that repeats, between two of its levels.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;
layout(push_constant) uniform Push { float c, s, lod; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec2 p = vec2(at) + 0.5;
    imageStore(to, at, textureLod(from, vec2(p.x * c - p.y * s, p.x * s + p.y * c), (p.x * 0.25 + p.y) * lod));
}
