// SPDX-License-Identifier: MIT
// One sum a workgroup: subgroupAdd, then the subgroups' sums through shared memory.
#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { float x[]; };
layout(std430, binding = 1) writeonly buffer Out { float sums[]; };

shared float part[256];

void main()
{
    float sum = subgroupAdd(x[gl_GlobalInvocationID.x]);
    if (subgroupElect())
        part[gl_SubgroupID] = sum;
    barrier();
    if (gl_LocalInvocationID.x == 0) {
        float total = 0.0;
        for (uint i = 0; i < gl_NumSubgroups; i++)
            total += part[i];
        sums[gl_WorkGroupID.x] = total;
    }
}
