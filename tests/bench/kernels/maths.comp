// SPDX-License-Identifier: MIT
// Four calls of one function, which a constant picks.
#version 460
layout(local_size_x = 256) in;
layout(constant_id = 0) const uint which = 0;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float y[]; };

float function(float v)
{
    return which == 1 ? exp(v) : which == 2 ? log(v + 1.0) : which == 3 ? sin(v) : pow(v, 0.7);
}

void main()
{
    uint i = gl_GlobalInvocationID.x;
    float v = x[i], sum = 0.0;
    for (uint k = 0; k < 4; k++)
        sum += function(v + 0.25 * float(k));
    y[i] = sum;
}
