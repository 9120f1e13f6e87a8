/* SPDX-License-Identifier: MIT
 *
 * Random programs: simplification, rotation and hoisting keep what they store, and what the shape
 * analysis claims is true of every value in every lane.
 *
 * RANDOM_ROUND=n runs program n alone and prints it.
 */
#include "ir_random.h"
#include "ir_run.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 200

static const struct {
    uint32_t size[3], width;
} sizes[] = {
    {{64, 1, 1}, 8}, {{8, 8, 1}, 8},  {{8, 8, 1}, 16}, {{4, 4, 4}, 32}, {{33, 1, 1}, 8},
    {{5, 3, 2}, 4},  {{16, 2, 1}, 4}, {{64, 1, 1}, 1}, {{7, 1, 1}, 16},
};

static struct build build_round(unsigned round)
{
    struct build b = build_start();
    random_seed = round * 7919 + 1;
    unsigned which = random_pick(sizeof(sizes) / sizeof(sizes[0]));
    memcpy(b.m->local_size, sizes[which].size, sizeof(b.m->local_size));
    b.m->width = sizes[which].width;
    random_program(&b);
    ir_verify(b.m);
    if (b.m->error)
        fail_msg("program %u: %s", round, b.m->message);
    return b;
}

/* One of the workgroups, the same for the same program. */
static void choose_group(struct run *run)
{
    random_seed = run->program * 31 + run->subgroup;
    run->group[0] = random_pick(2) ? random_pick(4) : random_pick(1u << 28);
    run->group[1] = random_pick(65534);
    run->group[2] = random_pick(3);
}

static uint32_t subgroups(const struct ir_module *m)
{
    uint32_t size = m->local_size[0] * m->local_size[1] * m->local_size[2];
    return (size + m->width - 1) / m->width;
}

static unsigned first_round(unsigned *end_out)
{
    const char *only = getenv("RANDOM_ROUND");
    *end_out = only ? (unsigned)atoi(only) + 1 : ROUNDS;
    return only ? *end_out - 1 : 0;
}

static void test_claims(void **state)
{
    unsigned end;
    for (unsigned round = first_round(&end); round < end; round++) {
        struct build b = build_round(round);
        ir_shape(b.m);
        if (end == round + 1 && end != ROUNDS)
            ir_print(b.m, stdout);
        struct run run = {.m = b.m, .program = round, .check = true};
        for (; run.subgroup < subgroups(b.m); run.subgroup++) {
            choose_group(&run);
            run_module(&run);
        }
        build_end(&b);
    }
}

static void optimise(struct ir_module *m)
{
    static void (*const passes[])(struct ir_module *) = {
        ir_simplify, ir_rotate, ir_simplify, ir_opposites, ir_hoist, ir_regions, ir_shape, ir_refine,
    };
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        passes[i](m);
        ir_verify(m);
        if (m->error)
            fail_msg("after pass %zu: %s", i, m->message);
    }
}

static void test_optimised(void **state)
{
    unsigned end;
    for (unsigned round = first_round(&end); round < end; round++) {
        struct build plain = build_round(round), b = build_round(round);
        optimise(b.m);
        if (end == round + 1 && end != ROUNDS) {
            ir_print(plain.m, stdout);
            ir_print(b.m, stdout);
        }
        struct run expected = {.m = plain.m, .program = round};
        struct run run = {.m = b.m, .program = round, .check = true};
        for (; run.subgroup < subgroups(b.m); run.subgroup++) {
            expected.subgroup = run.subgroup;
            choose_group(&expected);
            choose_group(&run);
            run_module(&expected);
            run_module(&run);
            if (memcmp(run.log, expected.log, sizeof(run.log)) != 0)
                fail_msg("program %u stores something else", round);
        }
        build_end(&plain);
        build_end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_optimised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
