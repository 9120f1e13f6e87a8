// SPDX-License-Identifier: MIT
// Inclusive prefix sums of blocks of 256: a subgroup's by its own operation, then the subgroups'.
#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { uint x[]; };
layout(std430, binding = 1) writeonly buffer Out { uint prefix[]; };

shared uint total[256];

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint sum = subgroupInclusiveAdd(x[i]);
    if (gl_SubgroupInvocationID == gl_SubgroupSize - 1)
        total[gl_SubgroupID] = sum;
    barrier();
    for (uint k = 0; k < gl_SubgroupID; k++)
        sum += total[k];
    prefix[i] = sum;
}
