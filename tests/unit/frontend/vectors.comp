#version 450
/* A vector and a structure of neighbours move in one access each. */
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
