/* SPDX-License-Identifier: MIT
 *
 * Machine facts and the variables that override them.
 */
#include "fixture.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "device.h"
#include "machine.h"

static void facts_are_plausible(void **state)
{
    static const uint8_t none[20];
    struct weft_machine machine, again;

    weft_machine_query(&machine);
    weft_machine_query(&again);
    assert_in_range(machine.cores, 1, 4096);
    assert_true(machine.memory_B >= 64 << 20);
    assert_true(weft_machine_available_B() > 0);
    assert_true(weft_machine_available_B() <= machine.memory_B);
    assert_true(machine.page_B >= 4096);
    assert_in_range(machine.isa, WEFT_ISA_SSE, WEFT_ISA_AVX512);
    assert_int_equal(machine.fast_isa, machine.isa < WEFT_ISA_AVX2 ? machine.isa : WEFT_ISA_AVX2);
    assert_true(strlen(machine.name) > 0);
    assert_memory_not_equal(machine.build_id, none, sizeof(none));
    assert_memory_equal(machine.build_id, again.build_id, sizeof(none));
}

static void affinity_counts(void **state)
{
    cpu_set_t all, one;
    struct weft_machine machine;

    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &one);
            break;
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    weft_machine_query(&machine);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    assert_int_equal(machine.cores, 1);
}

static void address_space_limit_counts(void **state)
{
    const rlim_t limit_B = (rlim_t)48 << 40;
    struct rlimit old, limit;
    struct weft_machine machine;

    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    /* Large enough for a sanitizer's shadow, smaller than no machine's memory: only that it is read
     * can be seen. */
    limit = (struct rlimit){limit_B, old.rlim_max};
    if (old.rlim_cur != RLIM_INFINITY || setrlimit(RLIMIT_AS, &limit) != 0)
        skip();
    weft_machine_query(&machine);
    setrlimit(RLIMIT_AS, &old);
    assert_true(machine.memory_B <= limit_B);
}

static void environment_overrides(void **state)
{
    struct weft_machine machine, best;

    weft_machine_query(&best);
    assert_int_equal(best.width, 0);
    setenv("WEFT_ISA", "sse", 1);
    setenv("WEFT_WIDTH", "16", 1);
    weft_machine_query(&machine);
    assert_int_equal(machine.isa, WEFT_ISA_SSE);
    assert_int_equal(machine.fast_isa, WEFT_ISA_SSE);
    assert_int_equal(machine.width, 16);
    /* More than there is, nonsense, and widths that are no power of two are ignored. */
    setenv("WEFT_ISA", "avx512", 1);
    setenv("WEFT_WIDTH", "12", 1);
    weft_machine_query(&machine);
    assert_int_equal(machine.isa, best.isa);
    assert_int_equal(machine.width, 0);
    setenv("WEFT_ISA", "z80", 1);
    weft_machine_query(&machine);
    assert_int_equal(machine.isa, best.isa);
    unsetenv("WEFT_ISA");
    unsetenv("WEFT_WIDTH");

    setenv("WEFT_THREADS", "3", 1);
    assert_int_equal(weft_machine_threads(0, 2), 3);
    assert_int_equal(weft_machine_threads(5, 2), 3);
    setenv("WEFT_THREADS", "-1", 1);
    assert_int_equal(weft_machine_threads(5, 2), 5);
    unsetenv("WEFT_THREADS");
    assert_int_equal(weft_machine_threads(0, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_plausible),
        cmocka_unit_test(affinity_counts),
        cmocka_unit_test(address_space_limit_counts),
        cmocka_unit_test(environment_overrides),
    };

    unsetenv("WEFT_ISA");
    unsetenv("WEFT_WIDTH");
    unsetenv("WEFT_THREADS");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
