#version 450
/* Specialisation constants size arrays, select branches and fold. */
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint count = 4;
layout(constant_id = 2) const bool squared = false;
layout(binding = 0) buffer A { float a[]; };
shared float tile[count * 4];
void main()
{
    float x = a[gl_GlobalInvocationID.x];
    if (squared)
        x *= x;
    tile[gl_LocalInvocationIndex % (count * 4)] = x;
    barrier();
    a[gl_GlobalInvocationID.x] = tile[0];
}
