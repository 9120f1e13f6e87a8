/* SPDX-License-Identifier: MIT
 *
 * Draws the Mandelbrot set into mandelbrot.png. Neighbouring pixels leave the loop at different times:
 * the classic test of how a device handles divergence.
 */
#include "common.h"

#include <math.h>
#include <stdlib.h>

#include "mandelbrot.spv.h"

enum { WIDTH = 1200, HEIGHT = 800, LIMIT = 256 };

struct push {
    uint32_t width, height, limit;
};

/* The shader's loop in C. Rounding may differ between the two, so that pixels at the set's edge may. */
static uint32_t count_steps(int x, int y)
{
    float scale = 2.5f / HEIGHT;
    float cx = ((float)x + 0.5f - 0.72f * WIDTH) * scale, cy = ((float)y + 0.5f - 0.5f * HEIGHT) * scale;
    float zx = 0, zy = 0;
    uint32_t n = 0;
    for (; n < LIMIT && zx * zx + zy * zy <= 4.0f; n++) {
        float next = zx * zx - zy * zy + cx;
        zy = 2.0f * zx * zy + cy;
        zx = next;
    }
    return n;
}

static bool right(const uint32_t *steps)
{
    int different = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            different += steps[y * WIDTH + x] != count_steps(x, y);
    return different < WIDTH * HEIGHT / 100;
}

static void colour(uint32_t steps, uint8_t *rgb)
{
    float t = sqrtf((float)steps / LIMIT);
    rgb[0] = steps == LIMIT ? 0 : (uint8_t)(255 * fminf(1, 3 * t * t));
    rgb[1] = steps == LIMIT ? 0 : (uint8_t)(255 * fminf(1, 1.6f * t * t + 0.3f * t));
    rgb[2] = steps == LIMIT ? 0 : (uint8_t)(255 * fminf(1, 0.25f + 1.3f * t));
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "mandelbrot", false);
    struct sample_buffer steps = sample_create_buffer(&sample, WIDTH * HEIGHT * sizeof(uint32_t));
    struct push push = {WIDTH, HEIGHT, LIMIT};
    struct sample_pipeline pipeline =
        sample_create_pipeline(&sample, mandelbrot_spv, sizeof(mandelbrot_spv), 1, sizeof(push));
    VkDescriptorSet set =
        sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&steps});
    VkCommandBuffer commands = sample_begin(&sample);
    sample_dispatch(commands, &pipeline, set, &push, (WIDTH + 15) / 16, (HEIGHT + 15) / 16, 1);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands);
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "1200x800 pixels", seconds, 1e-6 * WIDTH * HEIGHT / seconds,
                               "Mpixel/s", right(steps.map));
    uint8_t *rgb = malloc(WIDTH * HEIGHT * 3);
    for (int i = 0; rgb && i < WIDTH * HEIGHT; i++)
        colour(((uint32_t *)steps.map)[i], rgb + 3 * i);
    if (rgb)
        sample_write_png("mandelbrot.png", rgb, WIDTH, HEIGHT);
    free(rgb);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &steps);
    sample_close(&sample);
    return status;
}
