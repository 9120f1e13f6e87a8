// SPDX-License-Identifier: MIT
#version 460
// Turns a buffer's words around, adding 1 to each: the first ones need the last ones of the pass before.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer From { uint from[]; };
layout(set = 0, binding = 1) buffer To { uint to[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    to[i] = from[from.length() - 1 - i] + 1;
}
