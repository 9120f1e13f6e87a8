// SPDX-License-Identifier: MIT
// Samples an image at 32 points; the texels take the points' place.
#version 450
layout(local_size_x = 32) in;
layout(set = 0, binding = 0) uniform sampler2D image;
layout(set = 0, binding = 1) buffer Points { vec4 points[]; };

void main()
{
    uint i = gl_LocalInvocationIndex;
    points[i] = textureLod(image, points[i].xy, points[i].z);
}
