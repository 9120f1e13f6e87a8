// SPDX-License-Identifier: MIT
// y = a x + y with the local size as specialised; the groups lie in two dimensions, as many as a
// million are.
#version 460
layout(local_size_x = 256, local_size_x_id = 0) in;
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) buffer Y { float y[]; };
layout(push_constant) uniform Push { uint n; float a; };

void main()
{
    uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    uint i = group * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (i < n)
        y[i] = a * x[i] + y[i];
}
