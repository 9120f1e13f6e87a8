// SPDX-License-Identifier: MIT
// y = A x; A in blocks of 32 four-bit weights with a half-precision scale, one row a workgroup.
#version 460
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_8bit_storage : require
layout(local_size_x = 32) in;
struct Block {
    float16_t scale;
    uint8_t pairs[16]; // low half: weights 0..15; high half: weights 16..31
};
layout(std430, binding = 0) readonly buffer A { Block a[]; };
layout(std430, binding = 1) readonly buffer X { float x[]; };
layout(std430, binding = 2) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint blocks; }; // in a row

shared float part[32];

void main()
{
    uint row = gl_WorkGroupID.x, l = gl_LocalInvocationID.x;
    float sum = 0.0;
    for (uint b = l; b < blocks; b += 32) {
        float dot_product = 0.0;
        for (uint k = 0; k < 16; k++) {
            uint pair = uint(a[row * blocks + b].pairs[k]);
            dot_product += float(int(pair & 15u) - 8) * x[b * 32 + k];
            dot_product += float(int(pair >> 4) - 8) * x[b * 32 + 16 + k];
        }
        sum += float(a[row * blocks + b].scale) * dot_product;
    }
    part[l] = sum;
    barrier();
    for (uint half_size = 16; half_size > 0; half_size >>= 1) {
        if (l < half_size)
            part[l] += part[l + half_size];
        barrier();
    }
    if (l == 0)
        y[row] = part[0];
}
