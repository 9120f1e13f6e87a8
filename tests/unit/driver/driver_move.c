/* SPDX-License-Identifier: MIT
 *
 * Moving bytes, through the caches and past them, at every alignment, and where the two overlap.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "move.h"

#define SPAN_B 20000u

static void move_at(size_t dst, size_t src, size_t size_B, uint64_t whole_B)
{
    static unsigned char memory[2 * SPAN_B], want[2 * SPAN_B];

    for (size_t i = 0; i < sizeof(memory); i++)
        memory[i] = want[i] = (unsigned char)(i * 7 + i / 251);
    memmove(want + dst, want + src, size_B);
    weft_move(memory + dst, memory + src, size_B, whole_B);
    assert_memory_equal(memory, want, sizeof(memory));
}

static void every_alignment(void **state)
{
    static const uint64_t wholes_B[] = {SPAN_B, WEFT_MOVE_PAST_B};

    (void)state;
    for (unsigned w = 0; w < 2; w++) {
        for (size_t shift = 0; shift < 130; shift += 3) {
            move_at(SPAN_B + shift, 130 - shift, SPAN_B - 300, wholes_B[w]);
            move_at(shift, SPAN_B + 5, 4096 + shift, wholes_B[w]);
            move_at(shift, SPAN_B + shift, shift, wholes_B[w]);
        }
    }
}

static void overlapping(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 200; shift += 7) {
        move_at(1000 + shift, 1000, SPAN_B, WEFT_MOVE_PAST_B);
        move_at(1000, 1000 + shift, SPAN_B, WEFT_MOVE_PAST_B);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_alignment),
        cmocka_unit_test(overlapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
