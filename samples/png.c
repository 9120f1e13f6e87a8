/* SPDX-License-Identifier: MIT */
#include "common.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sample_write_png(const char *path, const uint8_t *rgb, uint32_t width, uint32_t height)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = width,
        .height = height,
        .format = PNG_FORMAT_RGB,
    };
    if (!png_image_write_to_file(&image, path, 0, rgb, 0, NULL)) {
        fprintf(stderr, "%s: %s\n", path, image.message);
        exit(1);
    }
}
