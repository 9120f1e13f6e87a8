// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_shader_atomic_int64 : enable
#extension GL_EXT_shader_explicit_arithmetic_types : enable
#extension GL_EXT_shader_atomic_float : enable
layout(local_size_x = 32) in;
layout(std430, binding = 0) coherent buffer Data { uint u[8]; int s[8]; uint64_t w; float f; };
shared uint total;
void main()
{
    if (gl_LocalInvocationIndex == 0)
        total = 0;
    barrier();
    uint i = gl_LocalInvocationIndex;
    atomicAdd(total, i);
    uint old = atomicExchange(u[i & 3], i) + atomicCompSwap(u[4], 0, i);
    atomicMax(s[i & 7], int(i) - 3);
    atomicMin(s[1], -2);
    atomicOr(u[5], 1u << i);
    atomicAdd(w, uint64_t(old));
    atomicAdd(f, float(i));
    memoryBarrierBuffer();
    barrier();
    if (i == 0)
        u[7] = total;
}
