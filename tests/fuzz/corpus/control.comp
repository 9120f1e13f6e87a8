// SPDX-License-Identifier: MIT
#version 460
layout(local_size_x = 16, local_size_y = 2) in;
layout(std430, binding = 0) buffer Data { uint d[]; };
void main()
{
    uint i = gl_LocalInvocationIndex, x = d[i], sum = 0;
    if (x == 77)
        return;
    for (uint k = 0; k < x; k++) {
        if ((k & 3) == 1)
            continue;
        switch ((x + k) % 5) {
        case 0: sum += 1; break;
        case 1: sum ^= k; /* on */
        case 2: sum *= 3; break;
        case 3: if (sum > 1000) return; break;
        default: sum--;
        }
        uint j = k;
        do {
            j = j * 5 + 1;
            if (j % 7 == 0)
                break;
        } while (j < x);
        while (sum > 4000000000u)
            sum -= j | 1;
        if (sum == 123)
            break;
    }
    d[i] = x > 3 && sum != 0 || i == 2 ? sum : x;
}
