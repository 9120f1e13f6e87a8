#version 450
/* A constant array is a lookup table: it is read, never written. */
layout(local_size_x = 64) in;
layout(binding = 0) buffer A { uint a[]; };
const uint primes[8] = uint[](2u, 3u, 5u, 7u, 11u, 13u, 17u, 19u);
void main()
{
    uint i = gl_GlobalInvocationID.x;
    a[i] = primes[a[i] & 7u];
}
