// SPDX-License-Identifier: MIT
// Inclusive prefix sums of blocks of 256 values, and each block's total. Run over the totals in turn,
// and once more with `add` set, it makes prefix sums of any length.
#version 450
layout(local_size_x = 256) in;
layout(set = 0, binding = 0) buffer Values { uint values[]; };
layout(set = 0, binding = 1) buffer Totals { uint totals[]; };
layout(push_constant) uniform Push { uint count; uint add; };

shared uint part[256];

void main()
{
    uint i = gl_GlobalInvocationID.x, l = gl_LocalInvocationID.x;
    if (add != 0) { // the last pass: totals[] already holds sums over all the blocks before
        if (i < count && gl_WorkGroupID.x > 0)
            values[i] += totals[gl_WorkGroupID.x - 1];
        return;
    }
    part[l] = i < count ? values[i] : 0;
    barrier();
    // Hillis and Steele: after the step with distance d, part[l] sums the 2d values that end at l.
    for (uint d = 1; d < 256; d *= 2) {
        uint before = l >= d ? part[l - d] : 0;
        barrier();
        part[l] += before;
        barrier();
    }
    if (i < count)
        values[i] = part[l];
    if (l == 255)
        totals[gl_WorkGroupID.x] = part[l];
}
