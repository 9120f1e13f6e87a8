/* SPDX-License-Identifier: MIT
 *
 * Ways to get at memory.
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

enum { MILLION = 1024 * 1024 };

void saxpy_local_fill(void *const *buffers)
{
    float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < MILLION; i++) {
        x[i] = (float)(i & 1023);
        y[i] = (float)(i & 2047);
    }
}

bool saxpy_local_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (uint32_t i = 0; i < MILLION; i++)
        if (!near("y", i, y[i], SAXPY_A * (float)(i & 1023) + (float)(i & 2047), 0, 0, why, why_B))
            return false;
    return true;
}

void blend_fill(void *const *buffers)
{
    for (uint32_t k = 0; k < 3; k++) {
        float *x = buffers[k];
        for (uint32_t i = 0; i < 4 * MILLION; i++)
            x[i] = fraction_at(i, k);
    }
    memset(buffers[3], 0, 16 * MILLION);
}

bool blend_check(void *const *buffers, char *why, size_t why_B)
{
    const float *a = buffers[0], *b = buffers[1], *weight = buffers[2], *y = buffers[3];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        if (!near("y", i, y[i], a[i] * (1 - weight[i]) + b[i] * weight[i], 1e-5, 1e-6, why, why_B))
            return false;
    return true;
}

/* The fourth float of each result is padding: it must stay. */
void normals_fill(void *const *buffers)
{
    float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++) {
        x[i] = fraction_at(i, 3) + 0.25f;
        y[i] = -2;
    }
}

bool normals_check(void *const *buffers, char *why, size_t why_B)
{
    const float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i += 4) {
        double scale = 1 / sqrt((double)x[i] * x[i] + (double)x[i + 1] * x[i + 1] +
                                (double)x[i + 2] * x[i + 2]);
        for (uint32_t k = 0; k < 4; k++)
            if (!near("y", i + k, y[i + k], k < 3 ? x[i + k] * scale : -2, k < 3 ? 1e-5 : 0, 0, why,
                      why_B))
                return false;
    }
    return true;
}

void colours_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 6 * MILLION; i++)
        x[i] = fraction_at(i, 4);
    memset(buffers[1], 0, 24 * MILLION);
}

bool colours_check(void *const *buffers, char *why, size_t why_B)
{
    static const float matrix[3][3] = {
        {0.5f, 0.25f, 0.125f}, {0.25f, 0.625f, 0.0625f}, {0.125f, 0.0625f, 0.75f}};
    const float *x = buffers[0], *y = buffers[1];
    for (uint32_t i = 0; i < 6 * MILLION; i += 3) {
        for (uint32_t k = 0; k < 3; k++) {
            float want = matrix[k][0] * x[i] + matrix[k][1] * x[i + 1] + matrix[k][2] * x[i + 2];
            if (!near("y", i + k, y[i + k], want, 1e-5, 1e-6, why, why_B))
                return false;
        }
    }
    return true;
}

static float particle_start(uint32_t i, uint32_t k)
{
    return fraction_at(i, 8 + k) - (k > 2 ? 0.5f : 0);
}

void particles_fill(void *const *buffers)
{
    float *p = buffers[0];
    for (uint32_t i = 0; i < MILLION; i++) {
        for (uint32_t k = 0; k < 3; k++) {
            p[8 * i + k] = particle_start(i, k);
            p[8 * i + 4 + k] = particle_start(i, 3 + k);
        }
        p[8 * i + 3] = 7;
        memset(&p[8 * i + 7], 0, 4);
    }
}

bool particles_check(void *const *buffers, char *why, size_t why_B)
{
    const float *p = buffers[0];
    for (uint32_t i = 0; i < MILLION; i++) {
        const float *got = p + 8 * i;
        double want[8];
        for (uint32_t k = 0; k < 3; k++) {
            want[4 + k] = particle_start(i, 3 + k) - (k == 1 ? 9.75 * PARTICLE_DT : 0);
            want[k] = particle_start(i, k) + want[4 + k] * PARTICLE_DT;
        }
        uint32_t bounces, bounced = want[1] < 0;
        memcpy(&bounces, got + 7, 4);
        if (fabs(want[1]) < 1e-6)
            continue; /* either side */
        if (bounced) {
            want[1] = -want[1];
            want[5] *= -0.5;
        }
        want[3] = 7;
        for (uint32_t k = 0; k < 7; k++)
            if (!near("particle", 8 * i + k, got[k], want[k], 1e-5, 1e-6, why, why_B))
                return false;
        if (!equal("bounces", i, bounces, bounced, why, why_B))
            return false;
    }
    return true;
}

void strided_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 16 * MILLION; i++)
        x[i] = (float)(i & 0xffff);
    memset(buffers[1], 0, 8 * MILLION);
}

bool strided_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (uint32_t i = 0; i < 2 * MILLION; i++)
        if (!near("y", i, y[i], 2.0 * (8 * i & 0xffff) + 1, 0, 0, why, why_B))
            return false;
    return true;
}

void reversed_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        x[i] = (float)(i & 0xffff);
    memset(buffers[1], 0, 16 * MILLION);
}

bool reversed_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        if (!near("y", i, y[i], 2.0 * ((4 * MILLION - 1 - i) & 0xffff) + 1, 0, 0, why, why_B))
            return false;
    return true;
}

void transposed_fill(void *const *buffers)
{
    float *x = buffers[0];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        x[i] = (float)i;
    memset(buffers[1], 0, 16 * MILLION);
}

bool transposed_check(void *const *buffers, char *why, size_t why_B)
{
    const float *y = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        if (!near("y", i, y[i], (i & 2047) * 2048 + (i >> 11), 0, 0, why, why_B))
            return false;
    return true;
}

void gather_fill(void *const *buffers)
{
    uint32_t *place = buffers[0];
    float *x = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        place[i] = number_at(i, 5) % MILLION;
    for (uint32_t i = 0; i < MILLION; i++)
        x[i] = (float)i;
    memset(buffers[2], 0, 16 * MILLION);
}

bool gather_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *place = buffers[0];
    const float *y = buffers[2];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        if (!near("y", i, y[i], place[i], 0, 0, why, why_B))
            return false;
    return true;
}

/* Every place once, in no order that a cache likes: a multiplication by an odd number. */
void scatter_fill(void *const *buffers)
{
    uint32_t *place = buffers[0];
    float *x = buffers[1];
    for (uint32_t i = 0; i < 4 * MILLION; i++) {
        place[i] = i * 2654435761u % (4 * MILLION);
        x[i] = (float)i;
    }
    memset(buffers[2], 0, 16 * MILLION);
}

bool scatter_check(void *const *buffers, char *why, size_t why_B)
{
    const uint32_t *place = buffers[0];
    const float *y = buffers[2];
    for (uint32_t i = 0; i < 4 * MILLION; i++)
        if (!near("y", place[i], y[place[i]], i, 0, 0, why, why_B))
            return false;
    return true;
}
