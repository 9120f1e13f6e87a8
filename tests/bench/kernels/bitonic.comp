// SPDX-License-Identifier: MIT
// Sorts blocks of 512 keys in shared memory by a bitonic network.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) writeonly buffer Out { uint y[]; };

shared uint key[512];

void main()
{
    uint l = gl_LocalInvocationID.x;
    uint base = gl_WorkGroupID.x * 512;
    key[l] = x[base + l];
    key[l + 256] = x[base + l + 256];
    barrier();
    for (uint size = 2; size <= 512; size <<= 1) {
        for (uint stride = size >> 1; stride > 0; stride >>= 1) {
            uint i = 2 * l - (l & (stride - 1));
            uint a = key[i], b = key[i + stride];
            bool ascending = (i & size) == 0;
            if ((a > b) == ascending) {
                key[i] = b;
                key[i + stride] = a;
            }
            barrier();
        }
    }
    y[base + l] = key[l];
    y[base + l + 256] = key[l + 256];
}
