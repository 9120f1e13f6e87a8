/* SPDX-License-Identifier: MIT
 *
 * The workers' memory and the sharing of the pool by several queues.
 */
#include "fixture.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "queue.h"
#include "worker/scratch.h"
#include "worker/spread.h"
#include "worker/sums.h"

static void scratch_grows_between_kernels(void **state)
{
    static const uint32_t sizes[][2] = {{0, 0}, {1, 1}, {64, 0}, {32768, 5}, {100, 1000000}, {65536, 1}};
    struct weft_scratch scratch;
    uint32_t shared_B = 0, scratch_B = 0;

    weft_scratch_init(&scratch);
    weft_scratch_adopt(&scratch);
    assert_null(weft_scratch_shared(&scratch));
    for (size_t i = 1; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *shared, *own;

        shared_B = sizes[i][0] > shared_B ? sizes[i][0] : shared_B;
        scratch_B = sizes[i][1] > scratch_B ? sizes[i][1] : scratch_B;
        assert_int_equal(weft_scratch_reserve(&scratch, sizes[i][0], sizes[i][1]), 0);
        /* Twice before the worker comes by. */
        assert_int_equal(weft_scratch_reserve(&scratch, sizes[i][0] + 1, 0), 0);
        weft_scratch_adopt(&scratch);
        shared = weft_scratch_shared(&scratch);
        own = weft_scratch_scratch(&scratch);
        assert_int_equal((uintptr_t)shared % 64, 0);
        assert_int_equal((uintptr_t)own % 64, 0);
        /* With the slack, and apart. */
        assert_true(own - 64 >= shared + shared_B);
        memset(shared - 64, 1, shared_B + 128);
        memset(own - 64, 2, scratch_B + 128);
    }
    weft_scratch_finish(&scratch);
}

/* As a kernel does. */
static void add_to_copy(struct weft_sums *sums, uint64_t offset_B, uint32_t value)
{
    uint32_t old;

    memcpy(&old, (char *)sums->sums + offset_B, sizeof(old));
    old += value;
    memcpy((char *)sums->sums + offset_B, &old, sizeof(old));
}

static void copies_are_added_to_counters(void **state)
{
    enum { COUNT = 5003 };
    static const uint32_t sizes[] = {4, 8, 12, 1020, 1024, 1028, 4 * COUNT, 4 * COUNT - 1};
    static _Alignas(8) uint32_t counters[COUNT + 1];
    struct weft_sums sums = {0};

    weft_sums_begin(&sums, 0);
    assert_true(sums.most_B == 0 && sums.sums == NULL);
    weft_sums_begin(&sums, 100000);
    assert_int_equal(sums.most_B, 100000);
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        uint32_t count = sizes[k] / 4;

        sums.base = (uintptr_t)counters;
        sums.size_B = sizes[k];
        for (uint32_t i = 0; i <= COUNT; i++)
            counters[i] = UINT32_MAX - i % 3;
        for (uint32_t i = 0; i < count; i += 1 + i % 7)
            for (uint32_t n = 0; n < 2; n++)
                add_to_copy(&sums, 4 * i, 3 + i * n * 0x10000001);
        /* Lanes without a counter. */
        add_to_copy(&sums, WEFT_SUMS_B, 5);
        weft_sums_end(&sums);
        assert_int_equal(sums.base, 0);
        for (uint32_t i = 0, next = 0; i <= COUNT; i++) {
            uint32_t sum = i == next && i < count ? 6 + i * 0x10000001 : 0;

            if (i == next)
                next += 1 + i % 7;
            assert_int_equal(counters[i], UINT32_MAX - i % 3 + sum);
        }
        /* Zeros are left: the second time adds nothing. */
        sums.base = (uintptr_t)counters;
        sums.size_B = sizes[k];
        memset(counters, 0, sizeof(counters));
        weft_sums_end(&sums);
        for (uint32_t i = 0; i <= COUNT; i++)
            assert_int_equal(counters[i], 0);
    }
    weft_sums_finish(&sums);
    assert_null(sums.sums);
}

static void copies_are_for_many_additions(void **state)
{
    assert_int_equal(weft_sums_worth_B(1024, 1), 0);
    assert_int_equal(weft_sums_worth_B(1 << 20, 2), 2 << 20);
    assert_int_equal(weft_sums_worth_B(UINT64_C(1) << 40, 1), WEFT_SUMS_B);
    assert_true(weft_sums_worth_B(UINT64_C(1) << 40, 256) < WEFT_SUMS_B);
}

static void running_on(const cpu_set_t *set)
{
    assert_int_equal(sched_setaffinity(0, sizeof(*set), set), 0);
}

/* Another of the device's threads runs where this one does. */
static void threads_move_apart(void **state)
{
    struct weft_spread spread = {0};
    cpu_set_t allowed, one, after;
    int here = 0, there = 0, sum = 0;

    assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    while (!CPU_ISSET(here, &allowed))
        here++;
    CPU_ZERO(&one);
    CPU_SET(here, &one);
    atomic_store(&spread.running[here], 1);

    /* Nowhere else to go. */
    running_on(&one);
    assert_int_equal(weft_spread_enter(&spread), here);
    assert_int_equal(spread.running[here], 2);
    assert_int_equal(weft_spread_renew(&spread, here), here);
    weft_spread_leave(&spread, here);
    assert_int_equal(spread.running[here], 1);

    /* The system may put it back at once, but not each time. */
    for (int i = 0; i < 10 && there == 0; i++) {
        int processor;

        running_on(&one);
        running_on(&allowed);
        processor = weft_spread_renew(&spread, weft_spread_enter(&spread));
        there += processor != here;
        assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
        assert_true(CPU_EQUAL(&after, &allowed));
        weft_spread_leave(&spread, processor);
    }
    assert_true(CPU_COUNT(&allowed) == 1 ? there == 0 : there > 0);
    for (int i = 0; i < WEFT_SPREAD_PROCESSORS; i++)
        sum += spread.running[i];
    assert_int_equal(sum, 1);
    /* Processors that are not known are not counted. */
    weft_spread_leave(&spread, -1);
}

static void kernels_find_their_shared_memory(void **state)
{
    static const uint32_t sizes[] = {16, 1024, 65536, 200, 1 << 20};
    struct weft_device *device = device_new(3, 0, NULL);
    struct weft_queue *queue;
    struct weft_bo *bo;
    uint64_t *counter;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_bo_create(device, 64, 0, &bo), 0);
    counter = weft_bo_map(bo);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct weft_program *program = kernel_program_sized(device, KERNEL_SHARED, sizes[i], 64);
        struct weft_stream *stream;

        *counter = 0;
        assert_int_equal(weft_stream_create(device, &stream), 0);
        for (int k = 0; k < 20; k++)
            emit(stream, program, 50, (uintptr_t)counter, sizes[i]);
        assert_int_equal(run_stream(queue, &stream), 0);
        assert_int_equal(*counter, 1000);
        weft_program_put(&program);
    }
    weft_bo_close(&bo);
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
}

/* A queue's with its first job, the workers with the first that has a stream. */
static void threads_start_with_the_first_job(void **state)
{
    struct weft_device *device = device_new(4, 0, NULL);
    struct weft_program *program = kernel_program(device, KERNEL_EMPTY);
    struct weft_queue *queues[2];
    struct weft_stream *stream;

    for (int i = 0; i < 2; i++)
        assert_int_equal(weft_queue_create(device, &queues[i]), 0);
    assert_false(queues[0]->started);
    submit(queues[0], NULL, NULL);
    assert_true(queues[0]->started);
    assert_int_equal(device->pool.started_count, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(weft_stream_create(device, &stream), 0);
        emit(stream, program, 100, 0, 0);
        assert_int_equal(run_stream(queues[0], &stream), 0);
        assert_int_equal(device->pool.started_count, 3);
    }
    assert_false(queues[1]->started);
    weft_program_put(&program);
    for (int i = 0; i < 2; i++)
        weft_queue_destroy(&queues[i]);
    weft_device_destroy(&device);
}

static void queues_share_the_workers(void **state)
{
    enum { QUEUES = 4, JOBS = 20, GROUPS = 2000 };
    struct weft_device *device = device_new(3, 0, NULL);
    struct weft_queue *queues[QUEUES];
    struct weft_program *mark = kernel_program(device, KERNEL_MARK);
    struct weft_bo *bo;
    unsigned char *memory;

    assert_int_equal(weft_bo_create(device, QUEUES * GROUPS, 0, &bo), 0);
    memory = weft_bo_map(bo);
    for (int q = 0; q < QUEUES; q++)
        assert_int_equal(weft_queue_create(device, &queues[q]), 0);
    for (int j = 0; j < JOBS; j++) {
        for (int q = 0; q < QUEUES; q++) {
            struct weft_stream *stream;

            assert_int_equal(weft_stream_create(device, &stream), 0);
            emit(stream, mark, GROUPS, (uintptr_t)memory + (uint64_t)q * GROUPS, 0);
            assert_int_equal(weft_stream_freeze(stream), 0);
            submit(queues[q], stream, NULL);
            weft_stream_put(&stream);
        }
    }
    for (int q = 0; q < QUEUES; q++)
        weft_queue_destroy(&queues[q]);
    for (int i = 0; i < QUEUES * GROUPS; i++)
        assert_int_equal(memory[i], JOBS);
    weft_bo_close(&bo);
    weft_program_put(&mark);
    weft_device_destroy(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scratch_grows_between_kernels),
        cmocka_unit_test(copies_are_added_to_counters),
        cmocka_unit_test(copies_are_for_many_additions),
        cmocka_unit_test(threads_move_apart),
        cmocka_unit_test(kernels_find_their_shared_memory),
        cmocka_unit_test(threads_start_with_the_first_job),
        cmocka_unit_test(queues_share_the_workers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
