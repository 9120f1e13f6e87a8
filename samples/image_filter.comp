// SPDX-License-Identifier: MIT
// A Gaussian filter over nine texels with five taps: between two texels the sampler does the weighing.
#version 450
layout(local_size_x = 16, local_size_y = 16) in;
layout(set = 0, binding = 0) uniform sampler2D source;
layout(set = 0, binding = 1, rgba8) writeonly uniform image2D result;
layout(push_constant) uniform Push { vec2 direction; };

void main()
{
    ivec2 size = imageSize(result), pixel = ivec2(gl_GlobalInvocationID.xy);
    if (pixel.x >= size.x || pixel.y >= size.y)
        return;
    vec2 at = (vec2(pixel) + 0.5) / vec2(size), texel = direction / vec2(size);
    vec4 sum = textureLod(source, at, 0.0) * (70.0 / 256.0);
    // 56 and 28 of 256 in one tap; 8 and 1 in the next.
    sum += (textureLod(source, at + texel * (28.0 / 84.0 + 1.0), 0.0) +
            textureLod(source, at - texel * (28.0 / 84.0 + 1.0), 0.0)) * (84.0 / 256.0);
    sum += (textureLod(source, at + texel * (1.0 / 9.0 + 3.0), 0.0) +
            textureLod(source, at - texel * (1.0 / 9.0 + 3.0), 0.0)) * (9.0 / 256.0);
    imageStore(result, pixel, sum);
}
