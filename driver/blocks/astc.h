/* SPDX-License-Identifier: MIT
 *
 * What ASTC's decoder consists of. Names are those of the Khronos Data Format Specification, "ASTC Compressed
 * Texture Image Formats". All functions are pure.
 */
#ifndef WEFT_ASTC_H
#define WEFT_ASTC_H

#include "blocks.h"

/* ---- astc_sequence.c ---- */

/* A range of integers: levels = 2^bits * 3^trits * 5^quints. */
struct astc_range {
    uint8_t bits, trits, quints;
};
#define ASTC_RANGE_6 4 /* the smallest that colours may have */
#define ASTC_RANGE_COUNT 21
extern const struct astc_range astc_ranges[ASTC_RANGE_COUNT];

struct astc_integer {
    unsigned bits, digit; /* digit: the trit or quint */
};

/* Bits that n integers take. */
unsigned astc_sequence_bits(const struct astc_range *range, unsigned n);

/* Number `index` of the sequence whose bits start at `first` and end before `end`: bits beyond are 0. */
struct astc_integer astc_sequence_at(const uint8_t *block, const struct astc_range *range, unsigned first,
                                     unsigned end, unsigned index);

/* 0..255 */
int astc_unquantize_colour(const struct astc_range *range, struct astc_integer value);

/* 0..64 */
unsigned astc_unquantize_weight(const struct astc_range *range, struct astc_integer value);

/* ---- astc_colour.c ---- */

/* The colours at weights 0 and 64 from the mode's values, which are changed: 8 bits, or 12 of a logarithm in the
 * channels that have a bit in *hdr_out. False for a mode of HDR where hdr is false. */
bool astc_end_points(unsigned mode, bool hdr, int values[8], int e0[4], int e1[4], unsigned *hdr_out);

#endif
