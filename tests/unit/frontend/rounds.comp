#version 450
/* A longer loop unrolls too where that keeps an array out of memory. */
layout(local_size_x = 64) in;
layout(binding = 0) buffer A { uint a[]; };
void main()
{
    uint w[16], x = gl_GlobalInvocationID.x;
    for (int i = 0; i < 16; i++)
        w[i] = a[i] ^ x;
    for (int t = 0; t < 64; t++) {
        uint s = w[t & 15];
        s = (s >> 7 | s << 25) ^ (s >> 18 | s << 14) ^ w[(t + 9) & 15] ^ w[(t + 1) & 15] ^ s >> 3;
        w[t & 15] += s * 3u + w[(t + 14) & 15];
        x += w[t & 15];
    }
    a[gl_GlobalInvocationID.x] = x;
}
