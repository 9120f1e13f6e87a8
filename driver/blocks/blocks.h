/* SPDX-License-Identifier: MIT
 *
 * DOC: Block-compressed texels
 *
 * One function a family decodes one texel of one block, by the Khronos Data Format Specification. Any bytes
 * are fine: what the specification leaves undefined gives some colour. Pure, thread-safe, no allocation.
 * Machine code calls weft_block_decode_lanes() (weft/image.h) where it samples such a format; RGB colours of
 * sRGB formats come out linear.
 */
#ifndef WEFT_BLOCKS_H
#define WEFT_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "weft/image.h"

/* bc.c: BC1 to BC5; bptc.c: BC6H, BC7; etc.c: ETC2, EAC. x, y < 4. */
void weft_block_bc(const uint8_t *block, enum weft_block_kind kind, unsigned x, unsigned y,
                   float rgba[4]);
void weft_block_bc6h(const uint8_t *block, bool is_signed, unsigned x, unsigned y, float rgba[4]);
void weft_block_bc7(const uint8_t *block, unsigned x, unsigned y, float rgba[4]);
void weft_block_etc(const uint8_t *block, enum weft_block_kind kind, unsigned x, unsigned y,
                    float rgba[4]);
/* astc.c: two dimensions; the kind is one of ASTC's, of sRGB not made linear yet. x < width,
 * y < height. */
void weft_block_astc(const uint8_t *block, enum weft_block_kind kind, unsigned width, unsigned height,
                     unsigned x, unsigned y, float rgba[4]);

/* `count` bits from bit `first` of 128 on, little endian; bits beyond are 0. */
uint32_t weft_block_bits(const uint8_t *block, unsigned first, unsigned count);

#endif
