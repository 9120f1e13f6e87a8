// SPDX-License-Identifier: MIT
// Converts a picture of any format to rgba8.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    imageStore(to, at, texelFetch(from, at, 0));
}
