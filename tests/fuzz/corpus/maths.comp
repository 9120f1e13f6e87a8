// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer Data { float d[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    float x = d[i];
    int e;
    float m = frexp(x, e);
    vec3 v = normalize(vec3(x, m, 1));
    x = sin(x) + cos(m) * exp2(x) - log(abs(x) + 1.0) + pow(abs(m), 1.5) + sqrt(abs(x)) + ldexp(m, e + 1);
    x += mix(x, m, 0.3) + clamp(x, 0.0, 1.0) + step(0.5, m) + smoothstep(0.0, 1.0, x) + dot(v, v.zxy);
    x += length(cross(v, v.yzx)) + fract(x) + mod(x, 3.0) + atan(x, m) + tanh(x) + fma(x, m, 1.0);
    x += unpackHalf2x16(packHalf2x16(vec2(x, m))).x + float(bitCount(floatBitsToUint(x)));
    x += float(findMSB(i) + findLSB(i)) + float(bitfieldExtract(i, 2, 3)) + roundEven(x) + inversesqrt(abs(x));
    d[i] = isnan(x) || isinf(x) ? 0.0 : x;
}
