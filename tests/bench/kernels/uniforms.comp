// SPDX-License-Identifier: MIT
// Two recurrences whose 1024 coefficients are in a uniform buffer.
#version 460
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Data { float x[]; };
layout(std140, binding = 1) uniform Coefficients { vec4 c[256]; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    float r = x[i], s = -r;
    for (uint k = 0; k < 256; k++) {
        r = r * c[k].x + c[k].y;
        s = s * c[k].z + c[k].w;
    }
    x[i] = r + s;
}
