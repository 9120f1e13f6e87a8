// SPDX-License-Identifier: MIT
// Sees views of one layer as what they are not: one that is an array as a single image, and the other way.
#version 450
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform sampler2D one;
layout(set = 0, binding = 1) uniform sampler2DArray many;
layout(set = 0, binding = 2, rgba8) uniform image2DArray stored;
layout(set = 0, binding = 3) buffer Result { vec4 result[]; };

void main()
{
    result[0] = textureLod(one, vec2(0.75, 0.25), 0.0);
    result[1] = textureLod(many, vec3(0.25, 0.75, 0.0), 0.0);
    result[2] = textureLod(many, vec3(0.25, 0.75, 7.0), 0.0); // clamped
    result[3] = imageLoad(stored, ivec3(1, 1, 0));
    result[4] = vec4(textureSize(many, 0), imageSize(stored).z);
}
