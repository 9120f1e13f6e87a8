/* SPDX-License-Identifier: MIT
 *
 * A fast hash of bytes. Good enough to name things and to notice damage by accident, none against
 * somebody who wants two inputs to collide: who looks something up by it compares the bytes too.
 */
#ifndef WEFT_HASH_H
#define WEFT_HASH_H

#include <stdint.h>
#include <string.h>

static inline uint64_t weft_hash(const void *data, uint64_t size_B, uint64_t seed)
{
    const uint8_t *bytes = data;
    uint64_t hash = (UINT64_C(0x9e3779b97f4a7c15) ^ size_B) + seed * UINT64_C(0xc2b2ae3d27d4eb4f);

    for (uint64_t i = 0; i < size_B; i += 8) {
        uint64_t word = 0;

        memcpy(&word, bytes + i, size_B - i < 8 ? size_B - i : 8);
        hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
        hash ^= hash >> 32;
    }
    return hash;
}

#endif
