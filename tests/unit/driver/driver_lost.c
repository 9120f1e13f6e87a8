/* SPDX-License-Identifier: MIT
 *
 * Device loss: crashing kernels, hanging kernels, and what waits report afterwards.
 */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>

struct setup {
    struct messages messages;
    struct weft_device *device;
    struct weft_queue *queue;
};

static void begin(struct setup *setup, uint32_t threads, uint64_t hang_timeout_ns)
{
    memset(setup, 0, sizeof(*setup));
    setup->device = device_new(threads, hang_timeout_ns, &setup->messages);
    assert_int_equal(weft_queue_create(setup->device, &setup->queue), 0);
}

static void end(struct setup *setup)
{
    weft_queue_destroy(&setup->queue);
    weft_device_destroy(&setup->device);
}

/* Submits a dispatch of x workgroups of a kernel. */
static void start(struct setup *setup, enum kernel kernel, uint32_t x, uint64_t push0,
                  struct weft_fence *fence)
{
    struct weft_program *program = kernel_program(setup->device, kernel);
    struct weft_stream *stream;

    assert_int_equal(weft_stream_create(setup->device, &stream), 0);
    emit(stream, program, x, push0, 0);
    assert_int_equal(weft_stream_freeze(stream), 0);
    submit(setup->queue, stream, fence);
    weft_stream_put(&stream);
    weft_program_put(&program);
}

static void check_lost(struct setup *setup, const char *reason)
{
    struct weft_timeline *timeline;
    struct weft_fence *fence;
    struct weft_job *job;
    uint64_t value = 1;

    assert_int_equal(weft_queue_wait_idle(setup->queue), -EIO);
    assert_int_equal(weft_device_status(setup->device), -EIO);
    if (strstr(weft_device_lost_reason(setup->device), reason) == NULL)
        fail_msg("the reason is: %s", weft_device_lost_reason(setup->device));
    assert_int_equal(setup->messages.count, 1);
    assert_non_null(strstr(setup->messages.last, reason));
    assert_int_equal(weft_fence_create(setup->device, &fence), 0);
    assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -EIO);
    weft_fence_put(&fence);
    assert_int_equal(weft_timeline_create(setup->device, 0, &timeline), 0);
    assert_int_equal(weft_timeline_wait(&timeline, &value, 1, true, UINT64_MAX), -EIO);
    weft_timeline_put(&timeline);
    assert_int_equal(weft_job_create(setup->queue, &job), 0);
    assert_int_equal(weft_job_arm(job), -EIO);
    weft_job_cancel(&job);
}

static void crashes_lose_the_device(void **state)
{
    static const struct {
        enum kernel kernel;
        const char *reason;
    } crashes[] = {
        {KERNEL_STORE, "segmentation fault at address 0x123"},
        {KERNEL_DIVIDE, "arithmetic fault"},
        {KERNEL_UNREACHABLE, "illegal instruction"},
        {KERNEL_OVERFLOW, "segmentation fault"},
    };

    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        for (uint32_t threads = 1; threads <= 2; threads++) {
            struct setup setup;
            struct weft_fence *fence;

            begin(&setup, threads, 0);
            assert_int_equal(weft_fence_create(setup.device, &fence), 0);
            start(&setup, crashes[i].kernel, 100, 0x123, fence);
            assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -EIO);
            weft_fence_put(&fence);
            check_lost(&setup, crashes[i].reason);
            assert_non_null(strstr(setup.messages.last, "line 7"));
            end(&setup);
        }
    }
}

static void a_copy_that_faults_loses_the_device(void **state)
{
    struct setup setup;
    struct weft_bo *bo;
    struct weft_stream *stream;
    struct weft_copy_region region;

    begin(&setup, 2, 0);
    assert_int_equal(weft_bo_create(setup.device, 8 << 20, 0, &bo), 0);
    region = (struct weft_copy_region){(uintptr_t)weft_bo_map(bo),
                                       (uintptr_t)weft_bo_map(bo) + (4 << 20), 4 << 20};
    assert_int_equal(mprotect(weft_bo_map(bo), 4096, PROT_NONE), 0);
    assert_int_equal(weft_stream_create(setup.device, &stream), 0);
    assert_int_equal(weft_emit_copy(stream, &region, 1), 0);
    assert_int_equal(run_stream(setup.queue, &stream), -EIO);
    check_lost(&setup, "in a copy");
    weft_bo_close(&bo);
    end(&setup);
}

static void other_devices_go_on(void **state)
{
    struct setup lost, other;
    struct weft_fence *fence;

    begin(&lost, 2, 0);
    begin(&other, 2, 0);
    start(&lost, KERNEL_STORE, 1, 0, NULL);
    check_lost(&lost, "address 0x0");
    assert_int_equal(weft_fence_create(other.device, &fence), 0);
    start(&other, KERNEL_EMPTY, 100000, 0, fence);
    assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), 0);
    assert_int_equal(weft_device_status(other.device), 0);
    assert_null(weft_device_lost_reason(other.device));
    weft_fence_put(&fence);
    end(&lost);
    end(&other);
}

static sigjmp_buf application_jump;
static volatile sig_atomic_t application_faults;

static void application_handler(int number)
{
    application_faults++;
    siglongjmp(application_jump, 1);
}

/* Faults of the application go to its own handler, whoever installed first. */
static void faults_of_others_are_passed_on(void **state)
{
    struct sigaction mine = {.sa_handler = application_handler}, old, now;
    struct setup setup;
    char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    sigaction(SIGSEGV, &mine, &old);
    begin(&setup, 2, 0);
    application_faults = 0;
    if (sigsetjmp(application_jump, 1) == 0)
        *(volatile char *)page = 1;
    assert_int_equal(application_faults, 1);
    start(&setup, KERNEL_STORE, 1, 0, NULL);
    check_lost(&setup, "segmentation fault");
    assert_int_equal(application_faults, 1);
    end(&setup);
    /* Ours is gone again. */
    sigaction(SIGSEGV, NULL, &now);
    assert_ptr_equal(now.sa_handler, application_handler);
    if (sigsetjmp(application_jump, 1) == 0)
        *(volatile char *)page = 1;
    assert_int_equal(application_faults, 2);
    sigaction(SIGSEGV, &old, NULL);
    munmap(page, 4096);
}

static void a_hang_is_noticed(void **state)
{
    for (uint32_t threads = 1; threads <= 2; threads++) {
        struct setup setup;
        struct weft_fence *fence;
        uint64_t start_ns;

        begin(&setup, threads, 50 * MS);
        assert_int_equal(weft_fence_create(setup.device, &fence), 0);
        /* Jobs that end in time are left alone. */
        for (int i = 0; i < 10; i++)
            start(&setup, KERNEL_MARK, 0, 0, NULL);
        assert_int_equal(weft_queue_wait_idle(setup.queue), 0);
        start_ns = weft_clock_ns();
        start(&setup, KERNEL_SPIN, 4, 0, fence);
        assert_int_equal(weft_fence_wait(&fence, 1, true, start_ns + 20 * SECOND), -EIO);
        assert_true(weft_clock_ns() - start_ns >= 50 * MS);
        check_lost(&setup, "ran for more than 0.05 s");
        weft_fence_put(&fence);
        end(&setup);
    }
}

static void a_wait_for_an_event_is_a_hang(void **state)
{
    struct setup setup;
    struct weft_stream *stream;
    struct weft_event *event;

    begin(&setup, 2, 50 * MS);
    assert_int_equal(weft_event_create(setup.device, &event), 0);
    assert_int_equal(weft_stream_create(setup.device, &stream), 0);
    assert_int_equal(weft_emit_event_wait(stream, event), 0);
    assert_int_equal(run_stream(setup.queue, &stream), -EIO);
    check_lost(&setup, "ran for more than");
    weft_event_put(&event);
    end(&setup);
}

static void destroying_ends_stuck_jobs(void **state)
{
    struct setup setup;
    struct weft_fence *fence, *never;
    struct weft_job *job;

    begin(&setup, 2, 0);
    assert_int_equal(weft_fence_create(setup.device, &fence), 0);
    start(&setup, KERNEL_SPIN, 4, 0, fence);
    end(&setup);
    assert_int_equal(weft_fence_status(fence), -EIO);
    weft_fence_put(&fence);

    begin(&setup, 2, 0);
    assert_int_equal(weft_fence_create(setup.device, &fence), 0);
    assert_int_equal(weft_fence_create(setup.device, &never), 0);
    assert_int_equal(weft_job_create(setup.queue, &job), 0);
    assert_int_equal(weft_job_wait_fence(job, never), 0);
    assert_int_equal(weft_job_signal_fence(job, fence), 0);
    assert_int_equal(weft_job_arm(job), 0);
    weft_job_push(&job);
    /* The device first: the queue's handle outlives it. */
    weft_device_destroy(&setup.device);
    assert_int_equal(weft_fence_status(fence), -EIO);
    assert_int_equal(weft_fence_wait(&never, 1, true, UINT64_MAX), -EIO);
    weft_fence_put(&fence);
    weft_fence_put(&never);
    weft_queue_destroy(&setup.queue);
}

static void an_error_is_handed_on(void **state)
{
    struct setup setup;
    struct weft_fence *bad, *fence;
    struct weft_job *job;

    begin(&setup, 2, 0);
    assert_int_equal(weft_fence_create(setup.device, &bad), 0);
    assert_int_equal(weft_fence_create(setup.device, &fence), 0);
    assert_int_equal(weft_job_create(setup.queue, &job), 0);
    assert_int_equal(weft_job_wait_fence(job, bad), 0);
    assert_int_equal(weft_job_signal_fence(job, fence), 0);
    assert_int_equal(weft_job_arm(job), 0);
    weft_job_push(&job);
    weft_fence_signal(bad, -ENOMEM);
    assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -EIO);
    check_lost(&setup, "signalled with an error");
    weft_fence_put(&bad);
    weft_fence_put(&fence);
    end(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crashes_lose_the_device),
        cmocka_unit_test(a_copy_that_faults_loses_the_device),
        cmocka_unit_test(other_devices_go_on),
        cmocka_unit_test(faults_of_others_are_passed_on),
        cmocka_unit_test(a_hang_is_noticed),
        cmocka_unit_test(a_wait_for_an_event_is_a_hang),
        cmocka_unit_test(destroying_ends_stuck_jobs),
        cmocka_unit_test(an_error_is_handed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
