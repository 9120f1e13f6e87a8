// SPDX-License-Identifier: MIT
// Neighbours of four exchange values, whatever the subgroup's size.
#version 460
#extension GL_KHR_shader_subgroup_shuffle : require
layout(local_size_x = 256) in;
layout(std430, binding = 0) buffer Data { uint x[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint v = x[i];
    for (uint k = 0; k < 8; k++) {
        v = v * 5 + subgroupShuffleXor(v, 1);
        v ^= subgroupShuffleXor(v, 2) >> 3;
    }
    x[i] = v;
}
