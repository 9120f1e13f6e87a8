// SPDX-License-Identifier: MIT
// Changes a rgba16f picture in place.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0, rgba16f) uniform image2D picture;

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    imageStore(picture, at, imageLoad(picture, at).zyxw * 0.75 + 0.125);
}
