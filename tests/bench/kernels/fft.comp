// SPDX-License-Identifier: MIT
// 1024-point complex transforms in shared memory: five radix-4 Stockham passes, one transform a workgroup.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer In { vec2 x[]; };
layout(std430, binding = 1) writeonly buffer Out { vec2 y[]; };

shared vec2 data[1024];

vec2 times(vec2 a, vec2 b)
{
    return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

void main()
{
    uint l = gl_LocalInvocationID.x;
    uint base = gl_WorkGroupID.x * 1024;
    vec2 v[4];
    for (uint i = 0; i < 4; i++)
        v[i] = x[base + l + 256 * i];
    for (uint done = 1; done < 1024; done *= 4) {
        uint k = l & (done - 1);
        float angle = -6.283185307 * float(k) / float(done * 4);
        vec2 w1 = vec2(cos(angle), sin(angle)), w2 = times(w1, w1), w3 = times(w2, w1);
        vec2 a = v[0], b = times(v[1], w1), c = times(v[2], w2), d = times(v[3], w3);
        vec2 s = a + c, t = a - c, p = b + d, q = b - d;
        vec2 turned = vec2(q.y, -q.x); // -i q
        uint to = ((l - k) << 2) + k;
        data[to] = s + p;
        data[to + done] = t + turned;
        data[to + 2 * done] = s - p;
        data[to + 3 * done] = t - turned;
        barrier();
        for (uint i = 0; i < 4; i++)
            v[i] = data[l + 256 * i];
        barrier();
    }
    for (uint i = 0; i < 4; i++)
        y[base + l + 256 * i] = v[i];
}
