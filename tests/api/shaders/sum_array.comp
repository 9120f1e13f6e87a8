// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_nonuniform_qualifier : require
// Sums the first words of an array of buffers, as many as binding 0 says.
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) buffer Out { uint count, result; };
layout(set = 0, binding = 1) buffer In { uint value; } inputs[];
void main()
{
    uint sum = 0;
    for (uint i = 0; i < count; i++)
        sum += inputs[i].value;
    result = sum;
}
