// SPDX-License-Identifier: MIT
#version 460
// The three kinds of uniform data: a buffer, a dynamic buffer, an inline block.
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform A { uint a; };
layout(set = 0, binding = 1) uniform B { uint b; };
layout(set = 0, binding = 2) uniform C { uint c0, c1; };
layout(set = 1, binding = 0) buffer Out { uint result[]; };
void main()
{
    result[0] = a + b + c0 + c1;
}
