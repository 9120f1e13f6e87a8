/* SPDX-License-Identifier: MIT
 *
 * Grows a pattern by reaction and diffusion and draws it into reaction_diffusion.png: thousands of
 * dispatches in one command buffer, each reading what the one before has written.
 */
#include "common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reaction_diffusion.spv.h"

enum { N = 256, STEPS = 4000, CHECKED_STEPS = 20 };

struct push {
    uint32_t n;
    float feed, kill;
};
static const struct push push = {N, 0.037f, 0.06f};

/* u = 1 everywhere, and some square drops of v. */
static void start(float *field)
{
    for (int i = 0; i < N * N; i++) {
        field[2 * i] = 1;
        field[2 * i + 1] = 0;
    }
    uint32_t random = 1;
    for (int drop = 0; drop < 24; drop++) {
        random = random * 1664525u + 1013904223u;
        uint32_t x0 = random >> 8, y0 = random >> 16;
        for (uint32_t i = 0; i < 100; i++) {
            uint32_t at = ((y0 + i / 10) % N) * N + (x0 + i % 10) % N;
            field[2 * at] = 0.5f;
            field[2 * at + 1] = 0.25f;
        }
    }
}

/* The shader's step in C. */
static void step(const float *from, float *to)
{
    for (int y = 0; y < N; y++) {
        for (int x = 0; x < N; x++) {
            int left = (x + N - 1) % N, right = (x + 1) % N;
            const float *row[3] = {from + 2 * N * ((y + N - 1) % N), from + 2 * N * y,
                                   from + 2 * N * ((y + 1) % N)};
            float next[2];
            for (int k = 0; k < 2; k++) {
                float sides = row[1][2 * left + k] + row[1][2 * right + k] + row[0][2 * x + k] +
                              row[2][2 * x + k];
                float corners = row[0][2 * left + k] + row[0][2 * right + k] + row[2][2 * left + k] +
                                row[2][2 * right + k];
                next[k] = (k ? 0.5f : 1.0f) * (0.2f * sides + 0.05f * corners - row[1][2 * x + k]);
            }
            float u = row[1][2 * x], v = row[1][2 * x + 1];
            to[2 * (y * N + x)] = u + next[0] + push.feed * (1 - u) - u * v * v;
            to[2 * (y * N + x) + 1] = v + next[1] + u * v * v - (push.feed + push.kill) * v;
        }
    }
}

/* Compares with `steps` (an even number) steps on the CPU; few, because rounding differences grow. */
static bool right(const float *field, int steps)
{
    const size_t size_B = N * N * 2 * sizeof(float);
    float *a = malloc(size_B), *b = malloc(size_B);
    bool ok = a && b;
    if (ok)
        start(a);
    for (int i = 0; ok && i < steps; i += 2) {
        step(a, b);
        step(b, a);
    }
    for (int i = 0; ok && i < 2 * N * N; i++)
        ok = fabsf(field[i] - a[i]) <= 1e-4f;
    free(a);
    free(b);
    return ok;
}

static double run(struct sample *sample, const struct sample_pipeline *pipeline,
                  const VkDescriptorSet sets[2], int steps)
{
    VkCommandBuffer commands = sample_begin(sample);
    for (int i = 0; i < steps; i++) {
        sample_dispatch(commands, pipeline, sets[i % 2], &push, N / 16, N / 16, 1);
        sample_barrier(commands);
    }
    sample_end(commands);
    return sample_run(sample, commands);
}

static void draw(const float *field)
{
    uint8_t *rgb = malloc(N * N * 3);
    if (!rgb)
        return;
    for (int i = 0; i < N * N; i++) {
        float v = fminf(1, fmaxf(0, field[2 * i + 1] * 2.8f));
        rgb[3 * i] = (uint8_t)(255 * (1 - v * 0.9f));
        rgb[3 * i + 1] = (uint8_t)(255 * (0.95f - v * 0.6f));
        rgb[3 * i + 2] = (uint8_t)(255 * (0.85f - v * 0.25f));
    }
    sample_write_png("reaction_diffusion.png", rgb, N, N);
    free(rgb);
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "reaction_diffusion", false);
    struct sample_buffer fields[2];
    for (int i = 0; i < 2; i++)
        fields[i] = sample_create_buffer(&sample, N * N * 2 * sizeof(float));
    struct sample_pipeline pipeline = sample_create_pipeline(
        &sample, reaction_diffusion_spv, sizeof(reaction_diffusion_spv), 2, sizeof(push));
    VkDescriptorSet sets[2] = {
        sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&fields[0], &fields[1]}),
        sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&fields[1], &fields[0]}),
    };

    start(fields[0].map);
    run(&sample, &pipeline, sets, CHECKED_STEPS);
    bool ok = right(fields[0].map, CHECKED_STEPS);
    start(fields[0].map);
    double seconds = run(&sample, &pipeline, sets, STEPS);
    /* It must have grown: a pattern, not a plain field. */
    int grown = 0;
    for (int i = 0; i < N * N; i++)
        grown += ((float *)fields[0].map)[2 * i + 1] > 0.2f;
    ok = ok && grown > N * N / 20;

    int status = sample_report(&sample, "4000 steps of 256x256", seconds,
                               1e-6 * N * N * STEPS / seconds, "Mcell/s", ok);
    draw(fields[0].map);
    sample_destroy_pipeline(&sample, &pipeline);
    for (int i = 0; i < 2; i++)
        sample_destroy_buffer(&sample, &fields[i]);
    sample_close(&sample);
    return status;
}
