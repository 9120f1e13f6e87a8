// SPDX-License-Identifier: MIT
// 25 filtered samples a pixel, 1.25 texels apart.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler2D from;
layout(binding = 1, rgba8) writeonly uniform image2D to;
layout(push_constant) uniform Push { float by; };

void main()
{
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec4 sum = vec4(0.0);
    for (int y = -2; y <= 2; y++)
        for (int x = -2; x <= 2; x++)
            sum += textureLod(from, (vec2(at) + 0.5 + 1.25 * vec2(x, y)) * by, 0.0);
    imageStore(to, at, sum * 0.04);
}
