#version 450
/* Leaving nested loops from a function. */
layout(local_size_x = 64) in;
layout(binding = 0) buffer A { uint a[]; };
layout(push_constant) uniform P { uint n; };
uint find(uint x)
{
    for (uint i = 0; i < n; i++) {
        if (a[i] == 0u)
            continue;
        for (uint j = 0; j < n; j++) {
            if (a[j] == x)
                return i * n + j;
            if (a[j] > x)
                break;
        }
    }
    return n;
}
void main()
{
    a[gl_GlobalInvocationID.x] = find(a[gl_GlobalInvocationID.x]);
}
