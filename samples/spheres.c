/* SPDX-License-Identifier: MIT
 *
 * Traces rays through a scene of mirroring spheres, into a storage image and from there into
 * spheres.png. What is right is known of some pixels, and of all of them together.
 */
#include "common.h"

#include <stdlib.h>
#include <string.h>

#include "spheres.spv.h"

enum { WIDTH = 960, HEIGHT = 540 };

static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_STORAGE_IMAGE};

static bool is_near(const uint8_t *rgba, int x, int y, int r, int g, int b)
{
    const uint8_t *pixel = rgba + 4 * (y * WIDTH + x);
    return abs(pixel[0] - r) < 8 && abs(pixel[1] - g) < 8 && abs(pixel[2] - b) < 8 &&
           pixel[3] == 255;
}

static bool right(const uint8_t *rgba)
{
    double sum = 0;
    for (int i = 0; i < 4 * WIDTH * HEIGHT; i++)
        sum += rgba[i];
    double mean = sum / (4.0 * WIDTH * HEIGHT);
    return mean > 208 && mean < 211 && is_near(rgba, 480, 20, 213, 224, 242) && /* sky */
           is_near(rgba, 480, 200, 161, 189, 231) && /* sky in the mirror */
           is_near(rgba, 226, 300, 196, 137, 144) && is_near(rgba, 710, 300, 124, 171, 232);
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "spheres", false);
    struct sample_buffer pixels = sample_create_buffer(&sample, 4 * WIDTH * HEIGHT);
    struct sample_image image = sample_create_image(&sample, VK_FORMAT_R8G8B8A8_UNORM, WIDTH, HEIGHT,
                                                    VK_IMAGE_USAGE_STORAGE_BIT);
    struct sample_pipeline pipeline =
        sample_create_pipeline_of(&sample, spheres_spv, sizeof(spheres_spv), 1, types, 0);
    VkDescriptorSet set = sample_allocate_set(&sample, &pipeline);
    sample_write_image(&sample, set, 0, types[0], &image, VK_NULL_HANDLE);

    VkCommandBuffer commands = sample_begin(&sample);
    sample_image_begin(commands, &image);
    sample_dispatch(commands, &pipeline, set, NULL, (WIDTH + 7) / 8, (HEIGHT + 7) / 8, 1);
    sample_barrier(commands);
    sample_copy_from_image(commands, &image, &pixels);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands);
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "960x540 pixels, 4 rays each", seconds,
                               1e-6 * 4 * WIDTH * HEIGHT / seconds, "Mray/s", right(pixels.map));
    uint8_t *rgb = malloc(3 * WIDTH * HEIGHT);
    for (int i = 0; rgb && i < WIDTH * HEIGHT; i++)
        memcpy(rgb + 3 * i, (uint8_t *)pixels.map + 4 * i, 3);
    if (rgb)
        sample_write_png("spheres.png", rgb, WIDTH, HEIGHT);
    free(rgb);
    sample_destroy_image(&sample, &image);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &pixels);
    sample_close(&sample);
    return status;
}
