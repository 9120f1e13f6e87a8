// SPDX-License-Identifier: MIT
// A rotated picture that repeats, one filtered sample a pixel.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;
layout(push_constant) uniform Push { float c, s; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec2 p = vec2(at) + 0.5;
    imageStore(to, at, textureLod(from, vec2(p.x * c - p.y * s, p.x * s + p.y * c), 0.0));
}
