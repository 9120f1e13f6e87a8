/* SPDX-License-Identifier: MIT
 *
 * Packets: what each does, what it refuses, and that barriers order them.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

struct setup {
    struct messages messages;
    struct weft_device *device;
    struct weft_queue *queue;
    struct weft_bo *bo;
    unsigned char *memory;
    uint64_t address;
};

#define BO_B (UINT64_C(8) << 20)

static const uint32_t thread_counts[] = {1, 2, 4};

static void begin(struct setup *setup, uint32_t threads)
{
    memset(setup, 0, sizeof(*setup));
    setup->device = device_new(threads, 0, &setup->messages);
    assert_int_equal(weft_queue_create(setup->device, &setup->queue), 0);
    assert_int_equal(weft_bo_create(setup->device, BO_B, 0, &setup->bo), 0);
    setup->memory = weft_bo_map(setup->bo);
    setup->address = (uintptr_t)setup->memory;
}

static void end(struct setup *setup)
{
    weft_bo_close(&setup->bo);
    weft_queue_destroy(&setup->queue);
    weft_device_destroy(&setup->device);
}

static struct weft_stream *stream_new(struct setup *setup)
{
    struct weft_stream *stream;

    assert_int_equal(weft_stream_create(setup->device, &stream), 0);
    return stream;
}

/* Every workgroup runs exactly once, for sizes that run in place and sizes that are shared. */
static void dispatch_runs_each_workgroup_once(void **state)
{
    static const uint32_t sizes[] = {1, 2, 3, 7, 64, 1000, 20000, 100001};

    for (size_t t = 0; t < sizeof(thread_counts) / sizeof(thread_counts[0]); t++) {
        struct setup setup;
        struct weft_program *program;

        begin(&setup, thread_counts[t]);
        program = kernel_program(setup.device, KERNEL_MARK);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct weft_stream *stream = stream_new(&setup);

            memset(setup.memory, 0, BO_B);
            for (int turn = 0; turn < 3; turn++) {
                emit(stream, program, sizes[i], setup.address, 0);
                assert_int_equal(weft_emit_barrier(stream), 0);
            }
            assert_int_equal(run_stream(setup.queue, &stream), 0);
            for (uint32_t k = 0; k < sizes[i]; k++)
                assert_int_equal(setup.memory[k], 3);
            assert_int_equal(setup.memory[sizes[i]], 0);
        }
        weft_program_put(&program);
        end(&setup);
    }
}

/* More dispatches without a barrier than the walk keeps open, then a barrier. */
static void dispatches_overlap(void **state)
{
    struct setup setup;
    struct weft_program *mark, *count;
    struct weft_stream *stream;

    begin(&setup, 2);
    mark = kernel_program(setup.device, KERNEL_MARK);
    count = kernel_program(setup.device, KERNEL_COUNT);
    stream = stream_new(&setup);
    for (uint32_t i = 0; i < 100; i++)
        emit(stream, mark, 300, setup.address + 300 * i, 0);
    assert_int_equal(weft_emit_barrier(stream), 0);
    for (uint32_t i = 0; i < 100; i++)
        emit(stream, count, 1 + i, setup.address + (1 << 20), 0);
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    for (uint32_t i = 0; i < 30000; i++)
        assert_int_equal(setup.memory[i], 1);
    assert_int_equal(*(uint64_t *)(setup.memory + (1 << 20)), 5050);
    weft_program_put(&mark);
    weft_program_put(&count);
    end(&setup);
}

static void empty_and_huge_dispatches(void **state)
{
    struct setup setup;
    struct weft_program *program;
    struct weft_stream *stream;
    struct weft_kernel_args args = {.group_count = {0xffffffffu, 0xffffffffu, 0xffffffffu}};

    begin(&setup, 2);
    program = kernel_program(setup.device, KERNEL_COUNT);
    stream = stream_new(&setup);
    emit(stream, program, 0, setup.address, 0);
    assert_int_equal(weft_emit_dispatch(stream, program, &args), 0);
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    assert_int_equal(*(uint64_t *)setup.memory, 0);
    assert_int_equal(setup.messages.count, 1);
    weft_program_put(&program);
    end(&setup);
}

static void indirect_reads_its_count(void **state)
{
    struct setup setup;
    struct weft_program *program;
    struct weft_stream *stream;
    struct weft_kernel_args args = {0};
    uint32_t *count;
    uint64_t *push;

    begin(&setup, 2);
    program = kernel_program(setup.device, KERNEL_COUNT);
    stream = stream_new(&setup);
    push = weft_stream_alloc(stream, WEFT_MAX_PUSH_B);
    push[0] = setup.address;
    args.push_constants = push;
    count = (uint32_t *)(setup.memory + 64);
    count[0] = 3;
    count[1] = 5;
    count[2] = 7;
    assert_int_equal(
        weft_emit_dispatch_indirect(stream, program, &args, setup.address + 64), 0);
    /* Outside every buffer object, and half outside: dropped. */
    assert_int_equal(weft_emit_dispatch_indirect(stream, program, &args, 64), 0);
    assert_int_equal(
        weft_emit_dispatch_indirect(stream, program, &args, setup.address + BO_B - 8), 0);
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    assert_int_equal(*(uint64_t *)setup.memory, 105);
    assert_int_equal(setup.messages.count, 2);
    weft_program_put(&program);
    end(&setup);
}

static void copies_and_fills(void **state)
{
    for (size_t t = 0; t < sizeof(thread_counts) / sizeof(thread_counts[0]); t++) {
        struct setup setup;
        struct weft_stream *stream;
        struct weft_copy_region regions[2];

        begin(&setup, thread_counts[t]);
        stream = stream_new(&setup);
        assert_int_equal(weft_emit_fill(stream, setup.address, 2 << 20, 0x01020304), 0);
        assert_int_equal(weft_emit_barrier(stream), 0);
        assert_int_equal(weft_emit_update(stream, setup.address + 3, 4, "weft"), 0);
        assert_int_equal(weft_emit_barrier(stream), 0);
        regions[0] = (struct weft_copy_region){setup.address, setup.address + (4 << 20), 2 << 20};
        regions[1] = (struct weft_copy_region){setup.address, setup.address + (7 << 20), 17};
        assert_int_equal(weft_emit_copy(stream, regions, 2), 0);
        assert_int_equal(run_stream(setup.queue, &stream), 0);
        assert_memory_equal(setup.memory, "\4\3\2weft\1\4\3\2\1", 12);
        assert_memory_equal(setup.memory + (2 << 20) - 4, "\4\3\2\1\0\0\0\0", 8);
        assert_memory_equal(setup.memory, setup.memory + (4 << 20), 2 << 20);
        assert_memory_equal(setup.memory, setup.memory + (7 << 20), 17);
        assert_int_equal(setup.memory[(7 << 20) + 17], 0);
        assert_int_equal(setup.messages.count, 0);
        end(&setup);
    }
}

static void copies_outside_are_dropped(void **state)
{
    struct setup setup;
    struct weft_stream *stream;
    struct weft_copy_region region;

    begin(&setup, 2);
    memset(setup.memory, 7, BO_B);
    stream = stream_new(&setup);
    region = (struct weft_copy_region){setup.address + BO_B - 8, setup.address, 9};
    assert_int_equal(weft_emit_copy(stream, &region, 1), 0);
    region = (struct weft_copy_region){setup.address, setup.address - 1, 8};
    assert_int_equal(weft_emit_copy(stream, &region, 1), 0);
    region = (struct weft_copy_region){setup.address, UINT64_MAX - 3, 8};
    assert_int_equal(weft_emit_copy(stream, &region, 1), 0);
    assert_int_equal(weft_emit_fill(stream, setup.address, BO_B + 4, 0), 0);
    assert_int_equal(weft_emit_fill(stream, setup.address + 2, 4, 0), 0);
    assert_int_equal(weft_emit_update(stream, setup.address + BO_B, 1, "x"), 0);
    assert_int_equal(weft_emit_timestamp(stream, setup.address + BO_B - 8), 0);
    assert_int_equal(weft_emit_query_reset(stream, setup.address, 3, 4 << 20), 0);
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    assert_int_equal(setup.messages.count, 8);
    for (uint64_t i = 0; i < BO_B; i++)
        assert_int_equal(setup.memory[i], 7);
    end(&setup);
}

static void queries(void **state)
{
    struct setup setup;
    struct weft_program *program;
    struct weft_stream *stream;
    uint64_t *slot, *wide, before_ns, after_ns;
    uint32_t *narrow;

    begin(&setup, 2);
    memset(setup.memory, 0xff, 4096);
    slot = (uint64_t *)setup.memory;
    wide = (uint64_t *)(setup.memory + 1024);
    narrow = (uint32_t *)(setup.memory + 2048);
    program = kernel_program(setup.device, KERNEL_COUNT);
    stream = stream_new(&setup);
    assert_int_equal(weft_emit_query_reset(stream, setup.address, 4, 16), 0);
    assert_int_equal(weft_emit_timestamp(stream, setup.address), 0);
    emit(stream, program, 10, setup.address + 4096, 0);
    assert_int_equal(weft_emit_query_begin(stream, setup.address + 16), 0);
    emit(stream, program, 25, setup.address + 4096, 0);
    assert_int_equal(weft_emit_query_end(stream, setup.address + 16), 0);
    emit(stream, program, 10, setup.address + 4096, 0);
    assert_int_equal(weft_emit_timestamp(stream, setup.address + 32), 0);
    assert_int_equal(weft_emit_query_copy(stream, setup.address, 3, 16, 1, setup.address + 1024,
                                          16, WEFT_QUERY_64 | WEFT_QUERY_WAIT |
                                                  WEFT_QUERY_AVAILABILITY), 0);
    assert_int_equal(weft_emit_query_copy(stream, setup.address + 16, 3, 16, 1,
                                          setup.address + 2048, 8, WEFT_QUERY_AVAILABILITY), 0);
    before_ns = weft_clock_ns();
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    after_ns = weft_clock_ns();
    assert_int_equal(slot[0], 1);
    assert_in_range(slot[1], before_ns, after_ns);
    assert_int_equal(slot[2], 1);
    assert_int_equal(slot[3], 25 * 4);
    assert_in_range(slot[5], slot[1], after_ns);
    assert_int_equal(slot[6], 0);
    assert_int_equal(slot[8], UINT64_MAX);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wide[2 * i], slot[2 * i + 1]);
        assert_int_equal(wide[2 * i + 1], 1);
    }
    assert_int_equal(narrow[0], 100);
    assert_int_equal(narrow[1], 1);
    /* Not available: the value is left alone. */
    assert_int_equal(narrow[4], UINT32_MAX);
    assert_int_equal(narrow[5], 0);
    weft_program_put(&program);
    end(&setup);
}

static void calls_run_secondaries(void **state)
{
    struct setup setup;
    struct weft_program *program;
    struct weft_stream *callee, *stream;

    begin(&setup, 2);
    program = kernel_program(setup.device, KERNEL_COUNT);
    callee = stream_new(&setup);
    emit(callee, program, 5, setup.address, 0);
    stream = stream_new(&setup);
    assert_int_equal(weft_stream_freeze(callee), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(weft_emit_call(stream, callee), 0);
    weft_stream_put(&callee);
    weft_program_put(&program);
    assert_int_equal(run_stream(setup.queue, &stream), 0);
    assert_int_equal(*(uint64_t *)setup.memory, 20);
    end(&setup);
}

static void events_order_host_and_queues(void **state)
{
    struct setup setup;
    struct weft_event *events[2];
    struct weft_stream *first, *second;
    struct weft_queue *other;

    begin(&setup, 2);
    assert_int_equal(weft_queue_create(setup.device, &other), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(weft_event_create(setup.device, &events[i]), 0);
    first = stream_new(&setup);
    assert_int_equal(weft_emit_event_wait(first, events[0]), 0);
    assert_int_equal(weft_emit_fill(first, setup.address, 4, 1), 0);
    assert_int_equal(weft_emit_event_set(first, events[1], true), 0);
    second = stream_new(&setup);
    assert_int_equal(weft_emit_event_wait(second, events[1]), 0);
    assert_int_equal(weft_emit_fill(second, setup.address + 4, 4, 2), 0);
    assert_int_equal(weft_emit_event_set(second, events[1], false), 0);
    weft_stream_freeze(first);
    weft_stream_freeze(second);
    submit(other, second, NULL);
    submit(setup.queue, first, NULL);
    assert_int_equal(((uint32_t *)setup.memory)[0], 0);
    weft_event_set(events[0], true);
    assert_int_equal(weft_queue_wait_idle(other), 0);
    assert_int_equal(((uint32_t *)setup.memory)[1], 2);
    assert_false(weft_event_status(events[1]));
    weft_stream_put(&first);
    weft_stream_put(&second);
    for (int i = 0; i < 2; i++)
        weft_event_put(&events[i]);
    weft_queue_destroy(&other);
    end(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dispatch_runs_each_workgroup_once),
        cmocka_unit_test(dispatches_overlap),
        cmocka_unit_test(empty_and_huge_dispatches),
        cmocka_unit_test(indirect_reads_its_count),
        cmocka_unit_test(copies_and_fills),
        cmocka_unit_test(copies_outside_are_dropped),
        cmocka_unit_test(queries),
        cmocka_unit_test(calls_run_secondaries),
        cmocka_unit_test(events_order_host_and_queues),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
