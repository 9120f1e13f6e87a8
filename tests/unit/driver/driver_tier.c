/* SPDX-License-Identifier: MIT
 *
 * Code that is compiled fast first and well in the background: when it changes, and what happens to
 * programs, jobs and devices that go while it is being compiled.
 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "fake_compiler.h"
#include "program.h"

static int setup(void **state)
{
    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    setenv("WEFT_CACHE", "off", 1);
    return 0;
}

static struct weft_device *device_in_mode(const char *mode)
{
    struct weft_device *device;

    if (mode != NULL)
        setenv("WEFT_TIERS", mode, 1);
    else
        unsetenv("WEFT_TIERS");
    device = device_new(2, 0, NULL);
    unsetenv("WEFT_TIERS");
    return device;
}

static struct weft_program *compile_as(struct weft_device *device, uint32_t what, uint32_t flags)
{
    const uint32_t spirv[1] = {what};
    const struct weft_program_info info = {
        .spirv = spirv, .spirv_words = 1, .entry = "main", .flags = flags};
    struct weft_program *program = NULL;

    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    return program;
}

static struct weft_program *compile(struct weft_device *device, uint32_t what)
{
    return compile_as(device, what, 0);
}

static bool is_fast(const struct weft_program *program)
{
    return weft_program_image(program)->flags & WEFT_IMAGE_FAST;
}

/* Whether the program becomes good within some seconds. */
static bool improves(const struct weft_program *program)
{
    for (int i = 0; i < 2000 && is_fast(program); i++)
        usleep(2000);
    return !is_fast(program);
}

static void the_mode_decides(void **state)
{
    struct weft_device *device = device_in_mode("off");
    struct weft_program *program = compile(device, FAKE_OK);

    assert_false(is_fast(program));
    weft_program_put(&program);
    weft_device_destroy(&device);

    device = device_in_mode("fast");
    program = compile(device, FAKE_OK);
    weft_tier_spent(program, 10 * SECOND);
    usleep(20000);
    assert_true(is_fast(program));
    weft_program_put(&program);
    weft_device_destroy(&device);

    device = device_in_mode("eager");
    program = compile(device, FAKE_OK);
    assert_true(improves(program));
    weft_program_put(&program);
    weft_device_destroy(&device);

    device = device_in_mode(NULL);
    program = compile(device, FAKE_OK);
    assert_true(is_fast(program));
    weft_tier_spent(program, 1000);
    usleep(20000);
    assert_true(is_fast(program)); /* it has hardly run */
    weft_tier_spent(program, 30 * MS);
    assert_true(improves(program));
    weft_program_put(&program);
    program = compile(device, FAKE_OK);
    weft_tier_expect(program, 1000);
    usleep(20000);
    assert_true(is_fast(program)); /* it is about to run, but not for long */
    weft_tier_expect(program, 30 * MS);
    assert_true(improves(program));
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void what_cannot_be_compiled_well_stays(void **state)
{
    struct weft_device *device = device_in_mode("eager");
    struct weft_program *program = compile(device, FAKE_ONLY_FAST), *other;

    /* The list is worked off in order. */
    other = compile(device, FAKE_OK);
    assert_true(improves(other));
    assert_true(is_fast(program));
    weft_program_put(&program);
    weft_program_put(&other);
    weft_device_destroy(&device);
}

static void what_asks_for_fast_code_keeps_it(void **state)
{
    static const char *const modes[] = {"eager", "off", NULL};

    for (int i = 0; i < 3; i++) {
        struct weft_device *device = device_in_mode(modes[i]);
        struct weft_program *program = compile_as(device, FAKE_OK, WEFT_REQUEST_FAST), *other;

        assert_true(is_fast(program));
        weft_tier_spent(program, 10 * SECOND);
        weft_tier_expect(program, 10.0 * SECOND);
        /* The same shader without it gets better code, after this one would have. */
        other = compile(device, FAKE_OK);
        weft_tier_spent(other, 10 * SECOND);
        assert_true(improves(other));
        assert_true(is_fast(program));
        weft_program_put(&program);
        weft_program_put(&other);
        weft_device_destroy(&device);
    }
}

static void everything_may_go_meanwhile(void **state)
{
    struct weft_device *device = device_in_mode("eager");
    struct weft_program *program = compile(device, FAKE_SLOW), *dropped[8];
    const struct weft_image *image = weft_program_image(program);

    /* Those that nobody holds any more are not compiled: else this would take most of a second. */
    for (int i = 0; i < 8; i++)
        dropped[i] = compile(device, FAKE_SLOW);
    for (int i = 0; i < 8; i++)
        weft_program_put(&dropped[i]);
    assert_true(improves(program));
    /* The image from before is still there. */
    assert_true(image->flags & WEFT_IMAGE_FAST);
    assert_ptr_not_equal(image, weft_program_image(program));
    weft_program_put(&program);

    /* The device goes while one is being compiled and others wait; the programs outlive it. */
    program = compile(device, FAKE_SLOW);
    for (int i = 0; i < 8; i++)
        dropped[i] = compile(device, FAKE_SLOW);
    usleep(10000);
    weft_device_destroy(&device);
    for (int i = 0; i < 8; i++)
        assert_true(is_fast(dropped[i]));
    weft_tier_spent(dropped[7], SECOND); /* to no effect */
    weft_program_put(&program);
    for (int i = 0; i < 8; i++)
        weft_program_put(&dropped[i]);
}

/* A program of the fixture's kernels that has better code, with scratch_B of scratch memory. */
static struct weft_program *improved(struct weft_device *device, uint32_t scratch_B)
{
    struct weft_program *program = kernel_program(device, KERNEL_STORE);
    struct weft_program *better = kernel_program_sized(device, KERNEL_COUNT, 0, scratch_B);

    atomic_store(&program->tier.better, better);
    return program;
}

static void a_dispatch_takes_the_best_that_fits(void **state)
{
    struct weft_device *device = device_in_mode(NULL);
    struct weft_program *program;
    struct weft_stream *stream = NULL;
    struct weft_queue *queue = NULL;
    struct weft_bo *bo = NULL;
    uint64_t *word;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_bo_create(device, 4096, 0, &bo), 0);
    word = weft_bo_map(bo);
    for (int round = 0; round < 2; round++) {
        program = improved(device, 5000);
        assert_int_equal(weft_stream_create(device, &stream), 0);
        word[0] = 100;
        emit(stream, program, 3, (uint64_t)(uintptr_t)word, 7);
        /* The stream asks for too little; what the device knows of better code makes up for it. */
        if (round == 1)
            atomic_store(&device->tier.scratch_B, 5000);
        assert_int_equal(run_stream(queue, &stream), 0);
        assert_int_equal(word[0], round == 0 ? 7 : 103);
        weft_program_put(&program);
    }
    weft_queue_destroy(&queue);
    weft_bo_close(&bo);
    weft_device_destroy(&device);
}

static void a_dispatch_goes_on_with_better_code(void **state)
{
    struct weft_device *device = device_in_mode(NULL);
    struct weft_program *program = kernel_program(device, KERNEL_WAIT);
    struct weft_stream *stream = NULL;
    struct weft_queue *queue = NULL;
    struct weft_bo *bo = NULL;
    _Atomic uint64_t *word;
    _Atomic uint8_t *bytes;
    uint32_t first = program->granule;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_bo_create(device, 4096, 0, &bo), 0);
    word = weft_bo_map(bo);
    bytes = weft_bo_map(bo);
    assert_int_equal(weft_stream_create(device, &stream), 0);
    emit(stream, program, 100, (uint64_t)(uintptr_t)word, 0);
    assert_int_equal(weft_stream_freeze(stream), 0);
    submit(queue, stream, NULL);
    /* The first chunk waits; the better code, for the others, counts. */
    while (bytes[0] == 0)
        usleep(100);
    atomic_store(&program->tier.better, kernel_program(device, KERNEL_COUNT));
    bytes[1] = 1;
    assert_int_equal(weft_queue_wait_idle(queue), 0);
    assert_int_equal(*word, 0x101 + 100 - first);
    weft_stream_put(&stream);
    weft_program_put(&program);
    weft_queue_destroy(&queue);
    weft_bo_close(&bo);
    weft_device_destroy(&device);
}

static void what_is_to_be_kept_is_compiled_well(void **state)
{
    struct weft_device *device = device_in_mode(NULL);
    const uint32_t spirv[1] = {FAKE_OK};
    const struct weft_program_info info = {
        .spirv = spirv, .spirv_words = 1, .entry = "main", .well = true};
    struct weft_program *program = NULL;

    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    assert_false(is_fast(program));
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void code_changes_while_jobs_run(void **state)
{
    struct weft_device *device = device_in_mode("eager");
    struct weft_queue *queue = NULL;
    struct weft_stream *stream = NULL;
    unsigned jobs = 0;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    for (int round = 0; round < 10; round++) {
        struct weft_program *program = compile(device, FAKE_OK);

        for (int i = 0; i < 50 || !improves(program); i++, jobs++) {
            assert_int_equal(weft_stream_create(device, &stream), 0);
            emit(stream, program, 100, 0, 0);
            assert_int_equal(weft_stream_freeze(stream), 0);
            submit(queue, stream, NULL);
            weft_stream_put(&stream);
        }
        weft_program_put(&program); /* the jobs hold it */
    }
    assert_int_equal(weft_queue_wait_idle(queue), 0);
    assert_true(jobs >= 500);
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
}

#define TEST(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_mode_decides),
        TEST(what_cannot_be_compiled_well_stays),
        TEST(what_asks_for_fast_code_keeps_it),
        TEST(everything_may_go_meanwhile),
        TEST(a_dispatch_takes_the_best_that_fits),
        TEST(a_dispatch_goes_on_with_better_code),
        TEST(what_is_to_be_kept_is_compiled_well),
        TEST(code_changes_while_jobs_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
