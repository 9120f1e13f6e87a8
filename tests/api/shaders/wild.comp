// SPDX-License-Identifier: MIT
// Samples, fetches and stores where there is nothing: numbers that are none, infinite or huge.
#version 450
#extension GL_EXT_shader_image_load_formatted : require
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) uniform sampler2D image;
layout(set = 0, binding = 1) uniform image2D any;
layout(set = 0, binding = 2) buffer Results { vec4 results[64]; };

const uint floats[8] = uint[](0x7fc00000u, 0x7f800000u, 0xff800000u, 0x7f7fffffu, 0xff7fffffu, 0x4f000000u, 0x80000000u,
                              0x3f000000u);
const int ints[8] = int[](0, 5, -1, 0x7fffffff, -0x7fffffff - 1, 16, 0x40000000, 0x10000);

void main()
{
    uint i = gl_LocalInvocationIndex, x = i & 7u, y = i >> 3;
    vec2 p = uintBitsToFloat(uvec2(floats[x], floats[y]));
    vec4 v = textureLod(image, p, uintBitsToFloat(floats[(x + y) & 7u]));
    v += textureGrad(image, p, p.yx, p) + textureGather(image, p);
    v += texelFetch(image, ivec2(ints[x], ints[y]), ints[(x + y) & 7u]);
    v += imageLoad(any, ivec2(ints[x], ints[y]));
    imageStore(any, ivec2(ints[x], ints[y]), vec4(1.0));
    /* And over the whole of it, and more. */
    for (int row = -2; row < 70; row++)
        imageStore(any, ivec2(int(i) - 2, row), vec4(0.5));
    results[i] = v;
}
