// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 8) in;
layout(std430, binding = 0) buffer Data { vec4 d[]; };
float f(inout vec4 v, float x) { v.y += x; if (x > 2.0) return v.x; v.z = x; return x * 2.0; }
vec4 g(vec4 a, int n) { for (int i = 0; i < n; i++) { if (f(a, float(i)) > 5.0) return a; } return a.wzyx; }
int h(out int k) { k = 3; return k + 1; }
void main()
{
    vec4 v = d[gl_GlobalInvocationID.x];
    int k, r = h(k);
    vec4 w = g(v, r + k);
    d[gl_GlobalInvocationID.x] = w + g(w, 2) * f(v, w.x);
}
