/* SPDX-License-Identifier: MIT
 *
 * Bytes from here to there, for copies of buffers and images.
 */
#ifndef WEFT_MOVE_H
#define WEFT_MOVE_H

#include <stddef.h>
#include <stdint.h>

/* Copies of so many bytes altogether go past the caches: source and destination don't fit in a last-level
 * cache, and writing through it would read every line of the destination first. */
#define WEFT_MOVE_PAST_B (UINT64_C(24) << 20)

/* Moves size_B bytes, a part of a copy of whole_B, any thread. The two may overlap. */
void weft_move(void *dst, const void *src, size_t size_B, uint64_t whole_B);

#endif
