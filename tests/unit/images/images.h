/* SPDX-License-Identifier: MIT
 *
 * Images against a model in plain C: what a compiled shader fetches, stores and samples through the driver
 * is compared with what these functions say, one texel at a time, in double precision.
 */
#ifndef TEST_IMAGES_H
#define TEST_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "weft/driver.h"
#include "weft/image.h"

/* ---- format_model.c ---- */

struct model_format {
    const char *name;
    enum weft_texel_kind kind;
    uint8_t texel_B, channels;
    uint8_t bits[4], first[4];
    bool integer;
    bool store; /* can be written */
};
extern const struct model_format model_formats[];
extern const unsigned model_format_count;

/* The texel's channels; those that are missing are 0, 0, 0, 1. Integers go to `words`. */
void model_decode(const struct model_format *f, const uint8_t *texel, double rgba[4],
                  uint32_t words[4]);
/* The bits of channel c, as they stand in memory, for a float or an integer. */
uint32_t model_encode(const struct model_format *f, unsigned c, float value, uint32_t word);
uint32_t model_bits(const uint8_t *texel, unsigned first, unsigned bits);

/* ---- sample_model.c ---- */

/* An image of floats, RGBA, with levels one behind the other as weft_image_desc says. */
struct model_image {
    const struct weft_image_desc *desc;
    const float *texels;
    unsigned dimensions; /* 1, 2, 3; cubes: 2 */
    bool cube;
    unsigned layer;
};

/* Samples at the point (in 0..1, or a cube's direction). False where the result hangs on a rounding: the
 * point is too near to where another texel, level or face begins. */
bool model_sample(const struct model_image *image, const struct weft_sampler_desc *sampler,
                  const float point[3], float lod, double rgba[4]);

#endif
