// SPDX-License-Identifier: MIT
#version 460
// Specialisation constants of several types, one of them the local size.
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint number = 7;
layout(constant_id = 2) const bool flag = false;
layout(constant_id = 3) const float factor = 1.5;
layout(set = 0, binding = 0) buffer Data { uint data[]; };
void main()
{
    if (gl_LocalInvocationID.x == 0) {
        data[0] = gl_WorkGroupSize.x;
        data[1] = number;
        data[2] = flag ? 1 : 0;
        data[3] = uint(factor * 100);
    }
}
