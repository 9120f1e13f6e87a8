// SPDX-License-Identifier: MIT
// Rays through a volume, 64 filtered samples each.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(binding = 0) uniform sampler3D volume;
layout(std430, binding = 1) writeonly buffer Out { float y[]; };

void main()
{
    vec2 at = vec2(gl_GlobalInvocationID.xy);
    vec3 p = vec3((at + 0.5) / 256.0, 0.0);
    vec3 step = vec3((p.y - 0.5) * 0.25, (0.5 - p.x) * 0.25, 1.0) / 64.0;
    float sum = 0.0;
    for (int i = 0; i < 64; i++) {
        sum += textureLod(volume, p, 0.0).x;
        p += step;
    }
    y[gl_GlobalInvocationID.y * 256 + gl_GlobalInvocationID.x] = sum;
}
