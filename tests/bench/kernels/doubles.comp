// SPDX-License-Identifier: MIT
// exp's series to sixteen terms, in double precision.
#version 460
layout(local_size_x = 128) in;
layout(std430, binding = 0) readonly buffer In { double x[]; };
layout(std430, binding = 1) writeonly buffer Out { double y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    double v = x[i], sum = 1.0lf;
    for (int k = 16; k > 0; k--)
        sum = 1.0lf + sum * v * (1.0lf / double(k));
    y[i] = sum;
}
