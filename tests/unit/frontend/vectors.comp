#version 450
/* A structure of two vectors moves in two accesses, a vector in one. */
layout(local_size_x = 64) in;
struct Pair { vec4 x; vec4 y; };
layout(std430, binding = 0) buffer A { Pair a[]; };
layout(std430, binding = 1) buffer B { vec4 b[]; };
void main()
{
    uint i = gl_GlobalInvocationID.x;
    Pair p = a[i];
    b[i] = p.x + p.y;
}
