// SPDX-License-Identifier: MIT
#version 460
// Copies binding 0 to binding 1, and the length of binding 0 to its first word.
layout(local_size_x = 16) in;
layout(set = 0, binding = 0) readonly buffer In { uint from[]; };
layout(set = 0, binding = 1) buffer Out { uint count; uint to[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i == 0)
        count = from.length();
    to[i] = from[i];
}
