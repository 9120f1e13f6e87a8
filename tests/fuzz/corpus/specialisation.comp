// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x_id = 0, local_size_y = 2) in;
layout(constant_id = 0) const uint size = 16;
layout(constant_id = 1) const int count = 3;
layout(constant_id = 2) const bool both = true;
layout(constant_id = 3) const float scale = 0.5;
layout(std430, binding = 0) buffer Data { float d[]; };
shared float s[size * 2 + 1];
void main()
{
    s[gl_LocalInvocationIndex] = scale;
    barrier();
    float sum = 0;
    for (int k = 0; k < count + (both ? 1 : 0); k++)
        sum += s[(gl_LocalInvocationIndex + k) % (size * 2)];
    d[gl_GlobalInvocationID.x] = both ? sum : -sum;
}
