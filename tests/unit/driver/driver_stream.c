/* SPDX-License-Identifier: MIT
 *
 * Command streams: memory, references, freezing.
 */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#include "program.h"
#include "stream.h"

static void memory_is_aligned_and_stays(void **state)
{
    static const size_t sizes[] = {0, 1, 64, 65, 5000, 100, 3 << 20, 1};
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_stream *stream;
    unsigned char *pieces[200];

    assert_int_equal(weft_stream_create(device, &stream), 0);
    for (int i = 0; i < 200; i++) {
        size_t size_B = sizes[i % 8];

        pieces[i] = weft_stream_alloc(stream, size_B);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 64, 0);
        memset(pieces[i], i, size_B);
        assert_int_equal(weft_emit_barrier(stream), 0);
        assert_int_equal(weft_emit_fill(stream, 0, 0, 0), 0);
    }
    for (int i = 0; i < 200; i++) {
        if (sizes[i % 8] != 0)
            assert_int_equal(pieces[i][sizes[i % 8] - 1], i);
    }
    weft_stream_put(&stream);
    weft_device_destroy(&device);
}

static void impossible_sizes_stick(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_stream *stream;

    assert_int_equal(weft_stream_create(device, &stream), 0);
    assert_null(weft_stream_alloc(stream, SIZE_MAX));
    assert_null(weft_stream_alloc(stream, 1));
    assert_int_equal(weft_emit_barrier(stream), -ENOMEM);
    assert_int_equal(weft_stream_freeze(stream), -ENOMEM);
    weft_stream_put(&stream);
    weft_device_destroy(&device);
}

static unsigned references(const struct weft_program *program)
{
    return atomic_load(&((struct weft_program *)(uintptr_t)program)->ref.count);
}

static void duplicates_are_held_once(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *programs[100];
    struct weft_stream *stream;

    assert_int_equal(weft_stream_create(device, &stream), 0);
    for (int i = 0; i < 100; i++)
        programs[i] = kernel_program(device, KERNEL_EMPTY);
    for (int turn = 0; turn < 10; turn++) {
        for (int i = 0; i < 100; i++)
            assert_int_equal(weft_stream_hold_program(stream, programs[i]), 0);
    }
    assert_int_equal(stream->hold_count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(references(programs[i]), 2);
    weft_stream_put(&stream);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(references(programs[i]), 1);
        weft_program_put(&programs[i]);
    }
    weft_device_destroy(&device);
}

static void a_frozen_stream_takes_nothing(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program = kernel_program(device, KERNEL_EMPTY);
    struct weft_kernel_args args = {0};
    struct weft_stream *stream;

    assert_int_equal(weft_stream_create(device, &stream), 0);
    assert_int_equal(weft_emit_barrier(stream), 0);
    assert_int_equal(weft_stream_freeze(stream), 0);
    assert_int_equal(weft_emit_barrier(stream), -EINVAL);
    assert_int_equal(weft_emit_fill(stream, 0, 0, 0), -EINVAL);
    assert_int_equal(weft_emit_dispatch(stream, program, &args), -EINVAL);
    assert_null(weft_stream_alloc(stream, 1));
    assert_int_equal(weft_stream_hold_program(stream, program), -EINVAL);
    assert_int_equal(references(program), 1);
    assert_int_equal(weft_stream_freeze(stream), 0);
    weft_stream_put(&stream);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void calls_need_frozen_callees(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program = kernel_program_sized(device, KERNEL_EMPTY, 1000, 2000);
    struct weft_kernel_args args = {0};
    struct weft_stream *stream, *callee;

    assert_int_equal(weft_stream_create(device, &stream), 0);
    assert_int_equal(weft_emit_call(stream, stream), -EINVAL);
    assert_int_equal(weft_stream_freeze(stream), -EINVAL);
    weft_stream_put(&stream);

    assert_int_equal(weft_stream_create(device, &callee), 0);
    assert_int_equal(weft_emit_dispatch(callee, program, &args), 0);
    assert_int_equal(weft_stream_freeze(callee), 0);
    for (int depth = 1; depth < 100; depth++) {
        int rc;

        assert_int_equal(weft_stream_create(device, &stream), 0);
        rc = weft_emit_call(stream, callee);
        assert_int_equal(rc, depth <= 64 ? 0 : -EINVAL);
        assert_int_equal(weft_stream_freeze(stream), rc);
        if (rc == 0) {
            assert_int_equal(stream->shared_B, 1000);
            assert_int_equal(stream->scratch_B, 2000);
        }
        weft_stream_put(&callee);
        callee = stream;
        if (rc != 0)
            break;
    }
    weft_stream_put(&callee);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_stays),
        cmocka_unit_test(impossible_sizes_stick),
        cmocka_unit_test(duplicates_are_held_once),
        cmocka_unit_test(a_frozen_stream_takes_nothing),
        cmocka_unit_test(calls_need_frozen_callees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
