// SPDX-License-Identifier: MIT
// Reads one texel through every kind of image descriptor, and writes the storage image.
#version 450
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform sampler2D combined;
layout(set = 0, binding = 1) uniform texture2D sampled;
layout(set = 0, binding = 2) uniform sampler filtering;
layout(set = 0, binding = 3, rgba8) uniform image2D stored;
layout(set = 0, binding = 4) buffer Result { vec4 result[]; };

void main()
{
    result[0] = textureLod(combined, vec2(0.5), 0.0);
    result[1] = textureLod(sampler2D(sampled, filtering), vec2(0.25, 0.5), 0.0);
    result[2] = imageLoad(stored, ivec2(1, 0));
    result[3] = texelFetch(combined, ivec2(1, 1), 0);
    result[4] = vec4(textureSize(combined, 0), imageSize(stored));
    imageStore(stored, ivec2(0, 0), vec4(1.0, 0.0, 1.0, 0.0));
    imageStore(stored, ivec2(2, 0), vec4(1.0)); // outside
    result[5] = imageLoad(stored, ivec2(-1, 1 << 30));
}
