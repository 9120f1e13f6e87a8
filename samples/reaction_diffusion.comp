// SPDX-License-Identifier: MIT
// One step of the Gray-Scott model on a torus: u feeds v, both spread, v decays.
#version 450
layout(local_size_x = 16, local_size_y = 16) in;
layout(set = 0, binding = 0) readonly buffer From { vec2 from[]; };
layout(set = 0, binding = 1) writeonly buffer To { vec2 to[]; };
layout(push_constant) uniform Push { uint n; float feed; float kill; }; // n is a power of two

vec2 at(uint x, uint y)
{
    return from[(y & (n - 1)) * n + (x & (n - 1))];
}

void main()
{
    uint x = gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y;
    vec2 here = at(x, y);
    vec2 sides = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
    vec2 corners = at(x - 1, y - 1) + at(x + 1, y - 1) + at(x - 1, y + 1) + at(x + 1, y + 1);
    vec2 spread = vec2(1.0, 0.5) * (0.2 * sides + 0.05 * corners - here);
    float reaction = here.x * here.y * here.y;
    to[y * n + x] = here + spread +
                    vec2(feed * (1.0 - here.x) - reaction, reaction - (feed + kill) * here.y);
}
