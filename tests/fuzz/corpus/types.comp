// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types : enable
#extension GL_EXT_shader_8bit_storage : enable
#extension GL_EXT_shader_16bit_storage : enable
layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer Data { int8_t b[16]; uint16_t h[16]; int64_t q[8]; double f[8]; float16_t x[8]; };
void main()
{
    uint i = gl_LocalInvocationIndex & 7;
    int8_t a = b[i] * int8_t(3) >> int8_t(1);
    uint16_t c = h[i] / uint16_t(max(int(a), 1)) + uint16_t(a);
    int64_t d = q[i] * int64_t(c) % 1000l;
    double e = f[i] / double(d + 1l) + double(a);
    float16_t g = x[i] * float16_t(e) + float16_t(c);
    b[i] = int8_t(g);
    h[i] = uint16_t(e) ^ c;
    q[i] = d << (i & 7) | int64_t(e);
    f[i] = sqrt(abs(e)) + double(g);
    x[i] = min(g, float16_t(2)) - float16_t(a);
}
