// SPDX-License-Identifier: MIT
// A divergent loop in a divergent loop.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) writeonly buffer Out { uint steps[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x, count = 0;
    uint rounds = (i * 0x9e3779b9u >> 28) + 1;
    for (uint j = 0; j < rounds; j++) {
        uint v = i * 16 + j;
        do {
            v = v * 1664525u + 1013904223u;
            v ^= v >> 15;
            count++;
        } while ((v & 7) != 0);
    }
    steps[i] = count;
}
