/* SPDX-License-Identifier: MIT
 *
 * Blurs a picture with a sampler and writes it to image_filter.png: first along rows, then along columns.
 * A sampler that filters linearly weighs two texels for the price of one.
 */
#include "common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "image_filter.spv.h"

enum { WIDTH = 960, HEIGHT = 640, ROUNDS = 4 };

static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                         VK_DESCRIPTOR_TYPE_STORAGE_IMAGE};

/* Rings and stripes: fine detail of all sizes. */
static void draw(uint8_t *rgba)
{
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *pixel = rgba + 4 * (y * WIDTH + x);
            float dx = (float)x - WIDTH / 2.0f, dy = (float)y - HEIGHT / 2.0f;
            float r2 = dx * dx + dy * dy;
            pixel[0] = (uint8_t)(127.5f + 127.5f * sinf(r2 / 600));
            pixel[1] = (x / 12 + y / 12) % 2 ? 230 : 40;
            pixel[2] = (uint8_t)(127.5f + 127.5f * cosf(sqrtf(r2) / 6));
            pixel[3] = 255;
        }
    }
}

/* The same filter texel by texel, in steps of whole bytes as the images between have them. */
static void blur(const uint8_t *source, uint8_t *result, int step_x, int step_y)
{
    static const float weights[] = {1, 8, 28, 56, 70, 56, 28, 8, 1};
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            for (int c = 0; c < 4; c++) {
                float sum = 0;
                for (int tap = -4; tap <= 4; tap++) {
                    int sx = x + tap * step_x, sy = y + tap * step_y;
                    sx = sx < 0 ? 0 : sx >= WIDTH ? WIDTH - 1 : sx;
                    sy = sy < 0 ? 0 : sy >= HEIGHT ? HEIGHT - 1 : sy;
                    sum += weights[tap + 4] * source[4 * (sy * WIDTH + sx) + c];
                }
                result[4 * (y * WIDTH + x) + c] = (uint8_t)(sum / 256 + 0.5f);
            }
        }
    }
}

static bool right(const uint8_t *source, const uint8_t *result)
{
    uint8_t *a = malloc(4 * WIDTH * HEIGHT), *b = malloc(4 * WIDTH * HEIGHT);
    bool same = a && b;
    if (same)
        memcpy(a, source, 4 * WIDTH * HEIGHT);
    for (int i = 0; same && i < ROUNDS; i++) {
        blur(a, b, 1, 0);
        blur(b, a, 0, 1);
    }
    /* Each pass may round differently by one. */
    for (int i = 0; same && i < 4 * WIDTH * HEIGHT; i++)
        same = abs(a[i] - result[i]) <= 2;
    free(a);
    free(b);
    return same;
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "image_filter", false);
    struct sample_buffer source = sample_create_buffer(&sample, 4 * WIDTH * HEIGHT);
    struct sample_buffer result = sample_create_buffer(&sample, 4 * WIDTH * HEIGHT);
    struct sample_image images[2];
    for (int i = 0; i < 2; i++)
        images[i] = sample_create_image(&sample, VK_FORMAT_R8G8B8A8_UNORM, WIDTH, HEIGHT,
                                        VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_STORAGE_BIT);
    VkSamplerCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .magFilter = VK_FILTER_LINEAR,
        .minFilter = VK_FILTER_LINEAR,
        .addressModeU = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeV = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
        .addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE,
    };
    VkSampler sampler;
    CHECK(vkCreateSampler(sample.device, &info, NULL, &sampler));
    struct sample_pipeline pipeline = sample_create_pipeline_of(
        &sample, image_filter_spv, sizeof(image_filter_spv), 2, types, 2 * sizeof(float));
    VkDescriptorSet sets[2];
    for (int i = 0; i < 2; i++) {
        sets[i] = sample_allocate_set(&sample, &pipeline);
        sample_write_image(&sample, sets[i], 0, types[0], &images[i], sampler);
        sample_write_image(&sample, sets[i], 1, types[1], &images[1 - i], VK_NULL_HANDLE);
    }
    draw(source.map);

    VkCommandBuffer commands = sample_begin(&sample);
    for (int i = 0; i < 2; i++)
        sample_image_begin(commands, &images[i]);
    sample_copy_to_image(commands, &source, &images[0]);
    for (int i = 0; i < 2 * ROUNDS; i++) {
        const float direction[] = {i % 2 ? 0.0f : 1.0f, i % 2 ? 1.0f : 0.0f};
        sample_barrier(commands);
        sample_dispatch(commands, &pipeline, sets[i % 2], direction, (WIDTH + 15) / 16,
                        (HEIGHT + 15) / 16, 1);
    }
    sample_barrier(commands);
    sample_copy_from_image(commands, &images[0], &result);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands);
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "8 passes over 960x640 pixels", seconds,
                               1e-6 * 2 * ROUNDS * WIDTH * HEIGHT / seconds, "Mpixel/s",
                               right(source.map, result.map));
    uint8_t *rgb = malloc(3 * WIDTH * HEIGHT);
    for (int i = 0; rgb && i < WIDTH * HEIGHT; i++)
        memcpy(rgb + 3 * i, (uint8_t *)(i % WIDTH < WIDTH / 2 ? source.map : result.map) + 4 * i, 3);
    if (rgb)
        sample_write_png("image_filter.png", rgb, WIDTH, HEIGHT);
    free(rgb);
    vkDestroySampler(sample.device, sampler, NULL);
    for (int i = 0; i < 2; i++)
        sample_destroy_image(&sample, &images[i]);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &source);
    sample_destroy_buffer(&sample, &result);
    sample_close(&sample);
    return status;
}
