/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <string.h>

#define LANES (ICD_DIGEST_B / sizeof(uint64_t))

static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 33);
}

void icd_digest(const void *bytes, size_t size_B, uint8_t digest_out[ICD_DIGEST_B])
{
    const uint8_t *p = bytes;
    uint64_t lanes[LANES];

    for (size_t i = 0; i < LANES; i++)
        lanes[i] = mix(size_B + (i + 1) * 0x9e3779b97f4a7c15u);
    for (size_t at = 0; at < size_B; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = size_B - at;
        memcpy(&word, p + at, left < sizeof(word) ? left : sizeof(word));
        for (size_t i = 0; i < LANES; i++)
            lanes[i] = mix(lanes[i] ^ word) + (i + 1) * 0x9e3779b97f4a7c15u;
    }
    /* Every byte of the result depends on every lane. */
    for (size_t i = 0; i < LANES; i++)
        lanes[i] = mix(lanes[i] ^ mix(lanes[(i + 1) % LANES] + i));
    memcpy(digest_out, lanes, ICD_DIGEST_B);
}
