// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Data { float d[]; };
layout(push_constant) uniform Push { uint rounds; };
shared float s[128];
void main()
{
    uint t = gl_LocalInvocationID.x;
    s[t] = d[gl_GlobalInvocationID.x];
    barrier();
    for (uint n = 32; n > 0; n >>= 1) {
        if (t < n)
            s[t] += s[t + n];
        barrier();
    }
    float keep = s[0];
    for (uint k = 0; k < rounds; k++) {
        float next = s[(t + 1) & 63] * 0.5;
        barrier();
        s[t] = next + keep;
        barrier();
    }
    d[gl_GlobalInvocationID.x] = s[t];
}
