// SPDX-License-Identifier: MIT
#version 460
#extension GL_KHR_shader_subgroup_arithmetic : enable
#extension GL_KHR_shader_subgroup_ballot : enable
#extension GL_KHR_shader_subgroup_shuffle : enable
#extension GL_KHR_shader_subgroup_vote : enable
#extension GL_KHR_shader_subgroup_clustered : enable
#extension GL_KHR_shader_subgroup_quad : enable
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Data { uint d[]; };
void main()
{
    uint x = d[gl_GlobalInvocationID.x], y = subgroupAdd(x) + subgroupInclusiveMax(x);
    if ((x & 1) != 0) {
        y ^= subgroupExclusiveAdd(x) + subgroupBallotBitCount(subgroupBallot(x > 3));
        if (subgroupElect())
            y += 7;
    }
    y += subgroupShuffleXor(x, 1) + subgroupShuffle(x, y & 3) + subgroupBroadcastFirst(x);
    y += subgroupClusteredMin(x, 4) + subgroupQuadBroadcast(x, 2);
    if (subgroupAll(y > 2) || subgroupAllEqual(x))
        y = ~y;
    d[gl_GlobalInvocationID.x] = y + gl_SubgroupSize * gl_SubgroupInvocationID;
}
