// SPDX-License-Identifier: MIT
// One direction of a separable blur, nine texels.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;
layout(push_constant) uniform Push { ivec2 along; };

const float weight[9] = float[](1.0, 8.0, 28.0, 56.0, 70.0, 56.0, 28.0, 8.0, 1.0);

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), last = textureSize(from, 0) - 1;
    vec4 sum = vec4(0.0);
    for (int i = 0; i < 9; i++)
        sum += texelFetch(from, clamp(at + along * (i - 4), ivec2(0), last), 0) *
               (weight[i] / 256.0);
    imageStore(to, at, sum);
}
