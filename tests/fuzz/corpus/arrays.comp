// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer Data { int d[]; };
const int table[6] = int[](3, 1, 4, 1, 5, 9);
struct Pair { int a[3]; vec2 b; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    int local[10];
    Pair pairs[2];
    for (int k = 0; k < 10; k++)
        local[k] = d[k] * table[k % 6];
    pairs[i & 1].a[d[0] & 1] = local[d[1] % 10];
    pairs[1].b = vec2(local[2], 1.5);
    Pair copy = pairs[i & 1];
    d[i] = copy.a[1] + int(copy.b.x) + local[i % 10u] + d.length();
}
