// SPDX-License-Identifier: MIT
// The first of 64 bounds that is above a value: leaves its loop early, and some leave at once.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Bounds { float bound[64]; };
layout(std430, binding = 1) readonly buffer In { float x[]; };
layout(std430, binding = 2) writeonly buffer Out { uint y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    float value = x[i];
    if (value < 0.0) {
        y[i] = 1000;
        return;
    }
    uint k = 0;
    for (; k < 64; k++)
        if (bound[k] > value)
            break;
    y[i] = k;
}
