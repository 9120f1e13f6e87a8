// SPDX-License-Identifier: MIT
// How many steps of z = z^2 + c a pixel's c takes until |z| > 2, at most `limit`.
#version 450
layout(local_size_x = 16, local_size_y = 16) in;
layout(set = 0, binding = 0) writeonly buffer Steps { uint steps[]; };
layout(push_constant) uniform Push { uvec2 size; uint limit; };

void main()
{
    uvec2 pixel = gl_GlobalInvocationID.xy;
    if (pixel.x >= size.x || pixel.y >= size.y)
        return;
    vec2 c = (vec2(pixel) + 0.5 - vec2(0.72, 0.5) * vec2(size)) * (2.5 / float(size.y));
    vec2 z = vec2(0.0);
    uint n = 0;
    while (n < limit && dot(z, z) <= 4.0) {
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        n++;
    }
    steps[pixel.y * size.x + pixel.x] = n;
}
