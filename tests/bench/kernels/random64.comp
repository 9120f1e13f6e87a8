// SPDX-License-Identifier: MIT
// Sixteen steps of a 64-bit generator.
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types : require
layout(local_size_x = 128) in;
layout(std430, binding = 0) buffer State { uint64_t state[]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    uint64_t v = state[i];
    for (uint k = 0; k < 16; k++) {
        v ^= v >> 12;
        v ^= v << 25;
        v ^= v >> 27;
        v *= 0x2545f4914f6cdd1dul;
    }
    state[i] = v;
}
