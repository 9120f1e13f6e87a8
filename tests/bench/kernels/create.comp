// SPDX-License-Identifier: MIT
// What the pipeline-creation row compiles, each time with another constant, so that no cache can help.
#version 460
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint unique = 0;
layout(std430, binding = 0) buffer Data { uint x[]; };

shared uint part[64];

uint hash(uint v)
{
    v ^= v >> 16;
    v *= 0x7feb352du;
    v ^= v >> 15;
    v *= 0x846ca68bu;
    return v ^ (v >> 16);
}

void main()
{
    uint l = gl_LocalInvocationID.x;
    uint v = hash(l + unique);
    for (uint i = 0; i < 8; i++) {
        part[l] = v;
        barrier();
        v = hash(v ^ part[(l + i + 1) & 63]);
        if ((v & 7) == i)
            v += uint(sqrt(float(v >> 8)));
        barrier();
    }
    x[64 + l] = v;
    if (l == 0)
        x[128] = unique;
}
