/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "native.h"
#include "vec.h"

enum { MILLION = 1024 * 1024 };

void native_saxpy_local(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (int i = 0; i < MILLION; i++)
        y[i] = SAXPY_A * x[i] + y[i];
}

void native_blend(void *const *buffers)
{
    const float *a = buffers[0], *b = buffers[1], *weight = buffers[2];
    float *y = buffers[3];
#pragma omp parallel for
    for (int i = 0; i < 4 * MILLION; i += LANES) {
        vf low = load_f(a + i);
        stream_f(y + i, low + (load_f(b + i) - low) * load_f(weight + i));
    }
}

/* Four floats a vector; the fourth is kept. */
void native_normals(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (int i = 0; i < MILLION; i++) {
        float scale = 1 / sqrtf(x[4 * i] * x[4 * i] + x[4 * i + 1] * x[4 * i + 1] +
                                x[4 * i + 2] * x[4 * i + 2]);
        y[4 * i] = x[4 * i] * scale;
        y[4 * i + 1] = x[4 * i + 1] * scale;
        y[4 * i + 2] = x[4 * i + 2] * scale;
    }
}

void native_colours(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (int i = 0; i < 2 * MILLION; i++) {
        float r = x[3 * i], g = x[3 * i + 1], b = x[3 * i + 2];
        y[3 * i] = 0.5f * r + 0.25f * g + 0.125f * b;
        y[3 * i + 1] = 0.25f * r + 0.625f * g + 0.0625f * b;
        y[3 * i + 2] = 0.125f * r + 0.0625f * g + 0.75f * b;
    }
}

/* A particle is two vectors of four, which scalars and the compiler's straight-line vectors do. */
void native_particles(void *const *buffers)
{
    struct particle {
        float position[3], mass, velocity[3];
        uint32_t bounces;
    } *restrict particle = buffers[0];
#pragma omp parallel for
    for (int i = 0; i < MILLION; i++) {
        struct particle *p = &particle[i];
        float vx = p->velocity[0], vy = p->velocity[1] - 9.75f * PARTICLE_DT, vz = p->velocity[2];
        float height = p->position[1] + vy * PARTICLE_DT;
        uint32_t below = height < 0;
        p->position[0] += vx * PARTICLE_DT;
        p->position[1] = fabsf(height);
        p->position[2] += vz * PARTICLE_DT;
        p->velocity[1] = below ? -0.5f * vy : vy;
        p->bounces += below;
    }
}

void native_strided(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (int i = 0; i < 2 * MILLION; i++)
        y[i] = 2 * x[8 * i] + 1;
}

void native_reversed(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (int i = 0; i < 4 * MILLION; i++)
        y[i] = 2 * x[4 * MILLION - 1 - i] + 1;
}

/* In squares of 16, so that lines that are written in part stay in L1. */
void native_transposed(void *const *buffers)
{
    enum { N = 2048, TILE = 16 };
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for collapse(2)
    for (int row0 = 0; row0 < N; row0 += TILE)
        for (int col0 = 0; col0 < N; col0 += TILE)
            for (int col = col0; col < col0 + TILE; col++)
                for (int row = row0; row < row0 + TILE; row++)
                    y[col * N + row] = x[row * N + col];
}

void native_gather(void *const *buffers)
{
    const uint32_t *restrict place = buffers[0];
    const float *restrict x = buffers[1];
    float *restrict y = buffers[2];
#pragma omp parallel for
    for (int i = 0; i < 4 * MILLION; i++)
        y[i] = x[place[i]];
}

void native_scatter(void *const *buffers)
{
    const uint32_t *restrict place = buffers[0];
    const float *restrict x = buffers[1];
    float *restrict y = buffers[2];
#pragma omp parallel for
    for (int i = 0; i < 4 * MILLION; i++)
        y[place[i]] = x[i];
}
