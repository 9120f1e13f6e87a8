/* SPDX-License-Identifier: MIT
 *
 * Conway's Game of Life in two storage images that take turns. Every 40th generation becomes a picture:
 * life_0.png, life_1.png, ...
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life.spv.h"

enum { WIDTH = 512, HEIGHT = 384, PICTURES = 6, GENERATIONS = 40, ZOOM = 2 };

static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE,
                                         VK_DESCRIPTOR_TYPE_STORAGE_IMAGE};

static void generation(const uint8_t *before, uint8_t *after)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            int n = -before[y * WIDTH + x];
            for (int dy = HEIGHT - 1; dy <= HEIGHT + 1; dy++)
                for (int dx = WIDTH - 1; dx <= WIDTH + 1; dx++)
                    n += before[(y + dy) % HEIGHT * WIDTH + (x + dx) % WIDTH];
            after[y * WIDTH + x] = n == 3 || (n == 2 && before[y * WIDTH + x]);
        }
    }
}

/* Carries the CPU's world on to the next picture and compares. */
static bool right(uint8_t *world, uint8_t *spare, const uint8_t *cells)
{
    for (int i = 0; i < GENERATIONS; i += 2) {
        generation(world, spare);
        generation(spare, world);
    }
    return !memcmp(world, cells, WIDTH * HEIGHT);
}

static void draw(int number, const uint8_t *cells, uint8_t *rgb)
{
    char path[32];
    for (int y = 0; y < ZOOM * HEIGHT; y++) {
        for (int x = 0; x < ZOOM * WIDTH; x++) {
            uint8_t *pixel = rgb + 3 * (y * ZOOM * WIDTH + x);
            bool alive = cells[y / ZOOM * WIDTH + x / ZOOM];
            pixel[0] = alive ? 250 : 16;
            pixel[1] = alive ? 200 : 24;
            pixel[2] = alive ? 80 : 40;
        }
    }
    snprintf(path, sizeof(path), "life_%d.png", number);
    sample_write_png(path, rgb, ZOOM * WIDTH, ZOOM * HEIGHT);
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "life", false);
    struct sample_buffer cells = sample_create_buffer(&sample, WIDTH * HEIGHT);
    struct sample_image images[2];
    for (int i = 0; i < 2; i++)
        images[i] = sample_create_image(&sample, VK_FORMAT_R8_UINT, WIDTH, HEIGHT,
                                        VK_IMAGE_USAGE_STORAGE_BIT);
    struct sample_pipeline pipeline =
        sample_create_pipeline_of(&sample, life_spv, sizeof(life_spv), 2, types, 0);
    VkDescriptorSet sets[2];
    for (int i = 0; i < 2; i++) {
        sets[i] = sample_allocate_set(&sample, &pipeline);
        for (uint32_t j = 0; j < 2; j++)
            sample_write_image(&sample, sets[i], j, types[j], &images[(i + (int)j) % 2],
                               VK_NULL_HANDLE);
    }
    uint8_t *world = malloc(WIDTH * HEIGHT), *spare = malloc(WIDTH * HEIGHT);
    uint8_t *rgb = malloc(3 * ZOOM * WIDTH * ZOOM * HEIGHT);
    if (!world || !spare || !rgb)
        return 1;
    uint32_t seed = 7;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        seed = seed * 1664525 + 1013904223;
        world[i] = seed >> 30 == 0;
    }
    memcpy(cells.map, world, WIDTH * HEIGHT);

    double seconds = 0;
    bool all_right = true;
    for (int picture = 0; picture < PICTURES; picture++) {
        VkCommandBuffer commands = sample_begin(&sample);
        for (int i = 0; i < 2; i++)
            sample_image_begin(commands, &images[i]);
        sample_copy_to_image(commands, &cells, &images[0]);
        for (int i = 0; i < GENERATIONS; i++) {
            sample_barrier(commands);
            sample_dispatch(commands, &pipeline, sets[i % 2], NULL, WIDTH / 32, HEIGHT / 8, 1);
        }
        sample_barrier(commands);
        sample_copy_from_image(commands, &images[0], &cells);
        sample_barrier(commands);
        sample_end(commands);
        seconds += sample_run(&sample, commands);
        all_right = all_right && right(world, spare, cells.map);
        draw(picture, cells.map, rgb);
    }
    int status = sample_report(&sample, "240 generations of 512x384 cells", seconds,
                               1e-6 * PICTURES * GENERATIONS * WIDTH * HEIGHT / seconds, "Mcell/s",
                               all_right);
    free(rgb);
    free(spare);
    free(world);
    for (int i = 0; i < 2; i++)
        sample_destroy_image(&sample, &images[i]);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &cells);
    sample_close(&sample);
    return status;
}
