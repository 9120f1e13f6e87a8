// SPDX-License-Identifier: MIT
// A module of more than 100 KB: 256 steps, each spelled out.
#version 460
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint unique = 0;
layout(std430, binding = 0) buffer Data { uint x[]; };

#define STEP(n) \
    v ^= v << ((n) % 13 + 1); \
    if ((v & uint(n)) != 0) \
        w += v >> 3; \
    else \
        v = v * 5 + x[(l + (n)) & 63];
#define FOUR(n) STEP(4 * (n)) STEP(4 * (n) + 1) STEP(4 * (n) + 2) STEP(4 * (n) + 3)
#define SIXTEEN(n) FOUR(4 * (n)) FOUR(4 * (n) + 1) FOUR(4 * (n) + 2) FOUR(4 * (n) + 3)
#define SIXTY_FOUR(n) SIXTEEN(4 * (n)) SIXTEEN(4 * (n) + 1) SIXTEEN(4 * (n) + 2) SIXTEEN(4 * (n) + 3)

void main()
{
    uint l = gl_LocalInvocationID.x, v = l + unique, w = 1;
    SIXTY_FOUR(0)
    SIXTY_FOUR(1)
    SIXTY_FOUR(2)
    SIXTY_FOUR(3)
    x[l + 64] = v ^ w;
    if (l == 0)
        x[128] = unique;
}
