// SPDX-License-Identifier: MIT
// A level of a picture from the one before it.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;
layout(push_constant) uniform Push { int level; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), p = 2 * at;
    imageStore(to, at, 0.25 * (texelFetch(from, p, level) + texelFetch(from, p + ivec2(1, 0), level) +
                               texelFetch(from, p + ivec2(0, 1), level) +
                               texelFetch(from, p + ivec2(1, 1), level)));
}
