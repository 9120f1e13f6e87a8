// SPDX-License-Identifier: MIT
// Steps that 3n+1 takes to reach 1; neighbours take very different numbers of steps.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) writeonly buffer Out { uint steps[]; };

void main()
{
    uint n = gl_GlobalInvocationID.x + 1, count = 0;
    while (n != 1 && count < 1000) {
        if ((n & 1) == 0)
            n >>= 1;
        else
            n = 3 * n + 1;
        count++;
    }
    steps[gl_GlobalInvocationID.x] = count;
}
