// SPDX-License-Identifier: MIT
// Eight instructions that a switch picks, others in each invocation.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Code { uint code[]; };
layout(std430, binding = 1) writeonly buffer Out { uint y[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint a = i, b = ~i, program = code[i];
    for (uint n = 0; n < 40; n++) {
        switch (program & 7) {
        case 0: a += b; break;
        case 1: a ^= b << 3; break;
        case 2: b = a - b; break;
        case 3: b *= 5; break;
        case 4: { uint t = a; a = b; b = t; break; }
        case 5: a = a >> 1 | a << 31; break;
        case 6: if (a > b) a -= b; break;
        default: b = ~b; break;
        }
        program = program >> 3 | program << 29;
    }
    y[i] = a ^ b;
}
