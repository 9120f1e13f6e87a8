// SPDX-License-Identifier: MIT
// Eight independent multiply-add chains an invocation.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) writeonly buffer Out { float x[]; };
layout(push_constant) uniform Push { uint n; float b; float c; };

void main()
{
    float i = float(gl_GlobalInvocationID.x & 1023u);
    vec4 p = vec4(i, i + 0.25, i + 0.5, i + 0.75), q = p + 0.125;
    for (uint k = 0; k < n; k++) {
        p = fma(p, vec4(b), vec4(c));
        q = fma(q, vec4(b), vec4(c));
    }
    x[gl_GlobalInvocationID.x] = dot(p, vec4(1.0)) + dot(q, vec4(1.0));
}
