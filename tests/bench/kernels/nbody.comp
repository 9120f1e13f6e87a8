// SPDX-License-Identifier: MIT
// Accelerations of n bodies, all pairs, by tiles of 256 bodies in shared memory.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Bodies { vec4 body[]; }; // xyz, mass
layout(std430, binding = 1) writeonly buffer Accelerations { vec4 acceleration[]; };
layout(push_constant) uniform Push { uint n; };

shared vec4 tile[256];

void main()
{
    uint i = gl_GlobalInvocationID.x;
    vec3 me = body[i].xyz, sum = vec3(0.0);
    for (uint t = 0; t < n; t += 256) {
        tile[gl_LocalInvocationID.x] = body[t + gl_LocalInvocationID.x];
        barrier();
        for (uint j = 0; j < 256; j++) {
            vec4 other = tile[j];
            vec3 d = other.xyz - me;
            float r = inversesqrt(dot(d, d) + 0.01);
            sum += d * (other.w * r * r * r);
        }
        barrier();
    }
    acceleration[i] = vec4(sum, 0.0);
}
