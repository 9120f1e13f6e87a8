/* SPDX-License-Identifier: MIT
 *
 * Descriptors of images and samplers for shader tests. An image lies in a buffer of the test: layer after
 * layer, in each level after level, rows of whole texels (or blocks), nothing padded but that levels start
 * at multiples of 16 bytes.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include <stddef.h>

#include "weft/image.h"

/* FORMAT WxHxD [layers N] [levels N] [samples N] [swizzle rgba01] [min_lod X] [pitch BYTES]
 * [resident 0110, a digit for each 4 KiB]; words end with NULL. Fills in everything but the address; desc->size_B is what the image needs. NULL, or what is
 * wrong. */
const char *image_parse(char **words, struct weft_image_desc *desc_out);
/* [mag|min|mip linear|nearest] [address MODE] [address_u|v|w MODE] [compare OP] [reduce min|max]
 * [unnormalized 1] [nonseamless 1] [bias|lod_min|lod_max|aniso X] [border R,G,B,A] */
const char *sampler_parse(char **words, struct weft_sampler_desc *desc_out);

#endif
