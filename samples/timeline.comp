// SPDX-License-Identifier: MIT
// Both ends of a pipeline. The producer fills a frame with numbers; the consumer adds a frame's
// numbers to running sums.
#version 450
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Frame { uint frame[]; };
layout(set = 0, binding = 1) buffer Sums { uint sums[]; };
layout(push_constant) uniform Push { uint number; uint consume; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (consume != 0) {
        sums[i] = sums[i] * 3 + frame[i];
    } else {
        uint x = i + number * 0x9e3779b9u;
        for (uint k = 0; k < 64; k++) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
        }
        frame[i] = x;
    }
}
