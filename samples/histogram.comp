// SPDX-License-Identifier: MIT
// Counts bytes. Each workgroup counts in shared memory, where atomics are cheap, and adds its counts
// to the result once.
#version 450
layout(local_size_x = 256) in;
layout(set = 0, binding = 0) readonly buffer Words { uint words[]; }; // four bytes each
layout(set = 0, binding = 1) buffer Bins { uint bins[256]; };
layout(push_constant) uniform Push { uint count; };

shared uint local_bins[256];

void main()
{
    uint l = gl_LocalInvocationID.x;
    local_bins[l] = 0;
    barrier();
    uint stride = gl_NumWorkGroups.x * 256;
    for (uint i = gl_GlobalInvocationID.x; i < count; i += stride)
        for (uint shift = 0; shift < 32; shift += 8)
            atomicAdd(local_bins[(words[i] >> shift) & 255], 1);
    barrier();
    atomicAdd(bins[l], local_bins[l]);
}
