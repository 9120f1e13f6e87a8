#version 450
/* Data decides the indices: the array lives in memory. */
layout(local_size_x = 64) in;
layout(binding = 0) buffer A { uint a[]; };
void main()
{
    uint v[8], i = gl_GlobalInvocationID.x * 8;
    for (int k = 0; k < 8; k++)
        v[k] = a[i + k];
    for (int k = 1; k < 8; k++) {
        uint x = v[k];
        int at = k;
        for (; at > 0 && v[at - 1] > x; at--)
            v[at] = v[at - 1];
        v[at] = x;
    }
    for (int k = 0; k < 8; k++)
        a[i + k] = v[k];
}
