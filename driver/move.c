/* SPDX-License-Identifier: MIT */
#include "move.h"

#include <emmintrin.h>
#include <stdbool.h>
#include <string.h>

#define LINE_B 64
/* Less than this is not worth the fence. */
#define LEAST_B 4096

static bool overlaps(const char *dst, const char *src, size_t size_B)
{
    uintptr_t d = (uintptr_t)dst, s = (uintptr_t)src;

    return d < s + size_B && s < d + size_B;
}

void weft_move(void *dst, const void *src, size_t size_B, uint64_t whole_B)
{
    char *to = dst;
    const char *from = src;

    if (whole_B < WEFT_MOVE_PAST_B || size_B < LEAST_B || overlaps(to, from, size_B)) {
        memmove(to, from, size_B);
        return;
    }
    size_t head_B = -(uintptr_t)to & (LINE_B - 1);
    memcpy(to, from, head_B);
    to += head_B;
    from += head_B;
    size_B -= head_B;
    for (; size_B >= LINE_B; size_B -= LINE_B, to += LINE_B, from += LINE_B) {
        __m128i line[4];
        for (unsigned i = 0; i < 4; i++)
            line[i] = _mm_loadu_si128((const __m128i *)(const void *)from + i);
        for (unsigned i = 0; i < 4; i++)
            _mm_stream_si128((__m128i *)(void *)to + i, line[i]);
    }
    _mm_sfence(); /* before others are told that the copy is done */
    memcpy(to, from, size_B);
}
