// SPDX-License-Identifier: MIT
// Iterations of z = z^2 + c until |z| > 2, at most n; invocations diverge.
#version 460
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) writeonly buffer Out { uint iterations[]; };
layout(push_constant) uniform Push { uint width; uint n; };

void main()
{
    vec2 c = (vec2(gl_GlobalInvocationID.xy) + 0.5) / float(width) * 3.0 - vec2(2.25, 1.5);
    vec2 z = vec2(0.0);
    uint i = 0;
    while (i < n && dot(z, z) <= 4.0) {
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        i++;
    }
    iterations[gl_GlobalInvocationID.y * width + gl_GlobalInvocationID.x] = i;
}
