#version 450
/* A loop whose trip count is known only at run time is one LOOP. */
layout(local_size_x = 64) in;
layout(binding = 0) buffer A { float a[]; };
layout(push_constant) uniform P { uint n; };
void main()
{
    float sum = 0.0;
    for (uint k = 0; k < n; k++)
        sum += a[k];
    a[gl_GlobalInvocationID.x] = sum;
}
