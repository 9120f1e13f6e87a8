// SPDX-License-Identifier: MIT
#version 460
// Runs until the buffer's first word is set, which nobody does.
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) volatile buffer Data { uint data[]; };
void main()
{
    while (data[0] == 0)
        data[1]++;
}
