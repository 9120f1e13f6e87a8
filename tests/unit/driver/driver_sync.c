/* SPDX-License-Identifier: MIT
 *
 * Fences, timelines and the waits for them, with and without queues.
 */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static void sleep_ns(uint64_t time_ns)
{
    struct timespec time = {(time_t)(time_ns / SECOND), (long)(time_ns % SECOND)};

    nanosleep(&time, NULL);
}

static void fences_signal_once(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_fence *fence;

    assert_int_equal(weft_fence_create(device, &fence), 0);
    assert_int_equal(weft_fence_status(fence), 1);
    weft_fence_signal(fence, 0);
    weft_fence_signal(fence, -EIO);
    assert_int_equal(weft_fence_status(fence), 0);
    weft_fence_put(&fence);
    assert_int_equal(weft_fence_create(device, &fence), 0);
    weft_fence_signal(fence, -ENOMEM);
    assert_int_equal(weft_fence_status(fence), -ENOMEM);
    assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -ENOMEM);
    weft_fence_put(&fence);
    weft_device_destroy(&device);
}

static void waits_respect_all_any_and_deadlines(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_fence *fences[2];
    uint64_t start_ns, deadline_ns;

    assert_int_equal(weft_fence_wait(NULL, 0, true, 0), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(weft_fence_create(device, &fences[i]), 0);
    start_ns = weft_clock_ns();
    assert_int_equal(weft_fence_wait(fences, 2, false, 0), -ETIMEDOUT);
    deadline_ns = start_ns + 20 * MS;
    assert_int_equal(weft_fence_wait(fences, 2, false, deadline_ns), -ETIMEDOUT);
    assert_true(weft_clock_ns() >= deadline_ns);
    weft_fence_signal(fences[1], 0);
    assert_int_equal(weft_fence_wait(fences, 2, false, 0), 0);
    assert_int_equal(weft_fence_wait(fences, 2, true, 0), -ETIMEDOUT);
    weft_fence_signal(fences[0], 0);
    assert_int_equal(weft_fence_wait(fences, 2, true, 0), 0);
    for (int i = 0; i < 2; i++)
        weft_fence_put(&fences[i]);
    weft_device_destroy(&device);
}

static void *signal_later(void *data)
{
    struct weft_timeline *timeline = data;

    for (uint64_t value = 1; value <= 5; value++) {
        sleep_ns(2 * MS);
        weft_timeline_signal(timeline, value);
    }
    return NULL;
}

static void timelines_only_grow_and_wake(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_timeline *timelines[2];
    uint64_t values[2] = {5, 4};
    pthread_t thread;

    assert_int_equal(weft_timeline_create(device, 0, &timelines[0]), 0);
    assert_int_equal(weft_timeline_create(device, 3, &timelines[1]), 0);
    weft_timeline_signal(timelines[1], 2);
    assert_int_equal(weft_timeline_value(timelines[1]), 3);
    assert_int_equal(weft_timeline_wait(timelines, values, 2, false, 0), -ETIMEDOUT);
    pthread_create(&thread, NULL, signal_later, timelines[0]);
    assert_int_equal(weft_timeline_wait(timelines, values, 2, false, UINT64_MAX), 0);
    assert_int_equal(weft_timeline_value(timelines[0]), 5);
    assert_int_equal(
        weft_timeline_wait(timelines, values, 2, true, weft_clock_ns() + 5 * MS), -ETIMEDOUT);
    pthread_join(thread, NULL);
    weft_timeline_signal(timelines[1], 4);
    assert_int_equal(weft_timeline_wait(timelines, values, 2, true, 0), 0);
    weft_timeline_put(&timelines[0]);
    weft_timeline_put(&timelines[1]);
    weft_device_destroy(&device);
}

/* Jobs of two queues in a chain by timelines, pushed in the reverse order: wait before signal. */
static void jobs_wait_before_signal(void **state)
{
    enum { LENGTH = 20 };
    struct weft_device *device = device_new(2, 0, NULL);
    struct weft_queue *queues[2];
    struct weft_timeline *timeline;
    struct weft_bo *bo;
    uint64_t *counter, value = LENGTH;
    struct weft_program *program = kernel_program(device, KERNEL_COUNT);

    assert_int_equal(weft_bo_create(device, 64, 0, &bo), 0);
    counter = weft_bo_map(bo);
    assert_int_equal(weft_timeline_create(device, 0, &timeline), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(weft_queue_create(device, &queues[i]), 0);
    for (uint64_t round = 0; round < 2; round++) {
        /* Queue 1 has the odd steps, queue 0 the even ones. */
        for (uint64_t step = round == 0 ? 1 : 0; step < LENGTH; step += 2) {
            struct weft_job *job;
            struct weft_stream *stream;

            assert_int_equal(weft_stream_create(device, &stream), 0);
            emit(stream, program, 1, (uintptr_t)counter, 0);
            assert_int_equal(weft_stream_freeze(stream), 0);
            assert_int_equal(weft_job_create(queues[step % 2], &job), 0);
            assert_int_equal(weft_job_add_stream(job, stream), 0);
            assert_int_equal(weft_job_wait_timeline(job, timeline, step), 0);
            assert_int_equal(weft_job_signal_timeline(job, timeline, step + 1), 0);
            assert_int_equal(weft_job_arm(job), 0);
            weft_job_push(&job);
            weft_stream_put(&stream);
        }
        if (round == 0)
            assert_int_equal(*(volatile uint64_t *)counter, 0);
    }
    assert_int_equal(weft_timeline_wait(&timeline, &value, 1, true, UINT64_MAX), 0);
    assert_int_equal(*counter, LENGTH);
    weft_timeline_put(&timeline);
    weft_program_put(&program);
    for (int i = 0; i < 2; i++)
        weft_queue_destroy(&queues[i]);
    weft_bo_close(&bo);
    weft_device_destroy(&device);
}

static void jobs_run_in_order(void **state)
{
    struct weft_device *device = device_new(2, 0, NULL);
    struct weft_queue *queue;
    struct weft_fence *fences[50], *gate;
    struct weft_job *job;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_fence_create(device, &gate), 0);
    assert_int_equal(weft_job_create(queue, &job), 0);
    assert_int_equal(weft_job_wait_fence(job, gate), 0);
    assert_int_equal(weft_job_arm(job), 0);
    weft_job_push(&job);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(weft_fence_create(device, &fences[i]), 0);
        submit(queue, NULL, fences[i]);
    }
    for (int i = 0; i < 50; i++)
        assert_int_equal(weft_fence_status(fences[i]), 1);
    weft_fence_signal(gate, 0);
    assert_int_equal(weft_fence_wait(&fences[49], 1, true, UINT64_MAX), 0);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(weft_fence_status(fences[i]), 0);
        weft_fence_put(&fences[i]);
    }
    weft_fence_put(&gate);
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
}

static void jobs_without_work_retire_at_once(void **state)
{
    struct weft_device *device = device_new(2, 0, NULL);
    struct weft_timeline *timeline;
    struct weft_queue *queue;
    struct weft_fence *fence;
    struct weft_job *job;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_timeline_create(device, 7, &timeline), 0);
    /* On the thread that pushes them, so nobody need wait; also where they wait for what is there. */
    for (uint64_t value = 7; value < 20; value++) {
        assert_int_equal(weft_fence_create(device, &fence), 0);
        assert_int_equal(weft_job_create(queue, &job), 0);
        assert_int_equal(weft_job_wait_timeline(job, timeline, value), 0);
        assert_int_equal(weft_job_signal_timeline(job, timeline, value + 1), 0);
        assert_int_equal(weft_job_signal_fence(job, fence), 0);
        assert_int_equal(weft_job_arm(job), 0);
        weft_job_push(&job);
        assert_int_equal(weft_fence_status(fence), 0);
        assert_int_equal(weft_timeline_value(timeline), value + 1);
        weft_fence_put(&fence);
    }
    /* Not where the device is lost. */
    assert_int_equal(weft_fence_create(device, &fence), 0);
    assert_int_equal(weft_job_create(queue, &job), 0);
    assert_int_equal(weft_job_signal_fence(job, fence), 0);
    assert_int_equal(weft_job_arm(job), 0);
    weft_device_lose(device, "a test");
    weft_job_push(&job);
    assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -EIO);
    weft_fence_put(&fence);
    weft_timeline_put(&timeline);
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
}

struct pusher {
    struct weft_device *device;
    struct weft_queue *queue;
    struct weft_program *program;
    uint64_t *counter;
};

/* Jobs with work and without, by turns. */
static void *push_both(void *data)
{
    struct pusher *pusher = data;
    struct weft_stream *stream;

    for (int i = 0; i < 300; i++) {
        assert_int_equal(weft_stream_create(pusher->device, &stream), 0);
        if (i % 3 == 0)
            emit(stream, pusher->program, 1, (uintptr_t)pusher->counter, 0);
        assert_int_equal(weft_stream_freeze(stream), 0);
        submit(pusher->queue, stream, NULL);
        weft_stream_put(&stream);
        if (i % 50 == 0)
            sleep_ns(100000);
    }
    return NULL;
}

static void threads_push_to_one_queue(void **state)
{
    struct pusher pusher = {.device = device_new(2, 0, NULL)};
    struct weft_bo *bo;
    pthread_t thread;

    assert_int_equal(weft_queue_create(pusher.device, &pusher.queue), 0);
    assert_int_equal(weft_bo_create(pusher.device, 64, 0, &bo), 0);
    pusher.counter = weft_bo_map(bo);
    pusher.program = kernel_program(pusher.device, KERNEL_COUNT);
    assert_int_equal(pthread_create(&thread, NULL, push_both, &pusher), 0);
    push_both(&pusher);
    pthread_join(thread, NULL);
    assert_int_equal(weft_queue_wait_idle(pusher.queue), 0);
    assert_int_equal(*pusher.counter, 200);
    weft_program_put(&pusher.program);
    weft_queue_destroy(&pusher.queue);
    weft_bo_close(&bo);
    weft_device_destroy(&pusher.device);
}

static void steps_out_of_order_are_refused(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_queue *queue;
    struct weft_stream *stream;
    struct weft_fence *fence;
    struct weft_job *job, *none = NULL;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    assert_int_equal(weft_stream_create(device, &stream), 0);
    assert_int_equal(weft_fence_create(device, &fence), 0);
    assert_int_equal(weft_job_create(queue, &job), 0);
    assert_int_equal(weft_job_add_stream(job, stream), -EINVAL);
    weft_stream_freeze(stream);
    assert_int_equal(weft_job_add_stream(job, stream), 0);
    assert_int_equal(weft_job_signal_fence(job, fence), 0);
    assert_int_equal(weft_job_arm(job), 0);
    assert_int_equal(weft_job_arm(job), 0);
    assert_int_equal(weft_job_add_stream(job, stream), -EINVAL);
    assert_int_equal(weft_job_wait_fence(job, fence), -EINVAL);
    weft_job_cancel(&job);
    assert_int_equal(weft_fence_status(fence), 1);

    /* Not armed: nothing runs, and nobody waits for ever. */
    assert_int_equal(weft_job_create(queue, &job), 0);
    assert_int_equal(weft_job_signal_fence(job, fence), 0);
    weft_job_push(&job);
    assert_int_equal(weft_fence_status(fence), -EIO);
    weft_job_cancel(&none);
    weft_job_push(&none);

    weft_stream_put(&stream);
    weft_fence_put(&fence);
    weft_queue_destroy(&queue);
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
    weft_device_destroy(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fences_signal_once),
        cmocka_unit_test(waits_respect_all_any_and_deadlines),
        cmocka_unit_test(timelines_only_grow_and_wake),
        cmocka_unit_test(jobs_wait_before_signal),
        cmocka_unit_test(jobs_run_in_order),
        cmocka_unit_test(jobs_without_work_retire_at_once),
        cmocka_unit_test(threads_push_to_one_queue),
        cmocka_unit_test(steps_out_of_order_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
