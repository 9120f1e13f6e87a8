// SPDX-License-Identifier: MIT
// Exclusive prefix sums of the blocks' totals, in place, by one workgroup.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) buffer Totals { uint totals[]; };
layout(push_constant) uniform Push { uint n; };

shared uint part[256];

void main()
{
    uint l = gl_LocalInvocationID.x;
    uint carry = 0;
    for (uint base = 0; base < n; base += 256) {
        uint own = totals[base + l];
        uint sum = own;
        part[l] = sum;
        barrier();
        for (uint step = 1; step < 256; step <<= 1) {
            uint before = l >= step ? part[l - step] : 0;
            barrier();
            sum += before;
            part[l] = sum;
            barrier();
        }
        totals[base + l] = carry + sum - own;
        carry += part[255];
        barrier();
    }
}
