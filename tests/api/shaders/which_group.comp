// SPDX-License-Identifier: MIT
#version 460
// Writes 1 + x + 16 y + 256 z of the workgroup's number to where that number says.
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) buffer Data { uint data[]; };
void main()
{
    uvec3 g = gl_WorkGroupID;
    uint index = g.x + 16 * g.y + 256 * g.z;
    if (index < data.length())
        data[index] = index + 1;
}
