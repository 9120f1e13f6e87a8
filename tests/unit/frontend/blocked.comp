#version 450
/* Small constant loops unroll, so the accumulators are values: no private memory. */
layout(local_size_x = 8, local_size_y = 8) in;
layout(binding = 0) buffer A { float a[]; };
layout(push_constant) uniform P { uint n; };
void main()
{
    float acc[4][4];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            acc[i][j] = 0.0;
    for (uint k = 0; k < n; k++) {
        float x[4], y[4];
        for (int i = 0; i < 4; i++) {
            x[i] = a[k * 8 + i];
            y[i] = a[k * 8 + 4 + i];
        }
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++)
                acc[i][j] += x[i] * y[j];
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            a[i * 4 + j] = acc[i][j];
}
