// SPDX-License-Identifier: MIT
// STREAM's triad on vec4: a = b + s c.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) writeonly buffer A { vec4 a[]; };
layout(std430, binding = 1) readonly buffer B { vec4 b[]; };
layout(std430, binding = 2) readonly buffer C { vec4 c[]; };
layout(push_constant) uniform Push { float s; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    a[i] = b[i] + s * c[i];
}
