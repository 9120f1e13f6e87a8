/* SPDX-License-Identifier: MIT
 *
 * The lifetime rules at the top of weft/driver.h: every object is destroyed at every phase of a job
 * that uses it. Meant for AddressSanitizer and ThreadSanitizer; without them only the results and
 * the statuses are checked.
 */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum phase { RECORDED, ARMED, PUSHED, RUNNING, RETIRED, PHASE_COUNT };

enum object {
    BO,
    PROGRAM,
    STREAM,
    CALLEE,
    EVENT,
    FENCE,
    TIMELINE,
    EVERYTHING, /* all of the above */
    QUEUE,
    DEVICE,
    OBJECT_COUNT,
};

struct scene {
    struct weft_device *device;
    struct weft_queue *queue;
    struct weft_bo *bo;
    struct weft_program *wait, *count;
    struct weft_stream *stream, *callee;
    struct weft_event *event;
    struct weft_fence *gate, *fence;
    struct weft_timeline *timeline;
    struct weft_job *job;
    _Atomic unsigned char *flags; /* KERNEL_WAIT's, in the buffer object */
    pthread_t releaser;
};

static void sleep_ms(unsigned time_ms)
{
    nanosleep(&(struct timespec){0, (long)time_ms * 1000000}, NULL);
}

static void record(struct scene *scene)
{
    uint64_t address = (uintptr_t)weft_bo_map(scene->bo);
    struct weft_copy_region region = {address + 64, address + 128, 8};

    scene->flags = weft_bo_map(scene->bo);
    assert_int_equal(weft_stream_create(scene->device, &scene->callee), 0);
    emit(scene->callee, scene->count, 10, address + 64, 0);
    assert_int_equal(weft_stream_hold_bo(scene->callee, scene->bo), 0);
    assert_int_equal(weft_stream_freeze(scene->callee), 0);

    assert_int_equal(weft_stream_create(scene->device, &scene->stream), 0);
    assert_int_equal(weft_stream_hold_bo(scene->stream, scene->bo), 0);
    emit(scene->stream, scene->wait, 1, address, 0);
    assert_int_equal(weft_emit_barrier(scene->stream), 0);
    assert_int_equal(weft_emit_call(scene->stream, scene->callee), 0);
    assert_int_equal(weft_emit_barrier(scene->stream), 0);
    assert_int_equal(weft_emit_copy(scene->stream, &region, 1), 0);
    assert_int_equal(weft_emit_event_set(scene->stream, scene->event, true), 0);
    assert_int_equal(weft_stream_freeze(scene->stream), 0);
}

static void begin(struct scene *scene)
{
    memset(scene, 0, sizeof(*scene));
    scene->device = device_new(2, 0, NULL);
    assert_int_equal(weft_queue_create(scene->device, &scene->queue), 0);
    assert_int_equal(weft_bo_create(scene->device, 4096, 0, &scene->bo), 0);
    scene->wait = kernel_program(scene->device, KERNEL_WAIT);
    scene->count = kernel_program_sized(scene->device, KERNEL_COUNT, 100, 100);
    assert_int_equal(weft_event_create(scene->device, &scene->event), 0);
    assert_int_equal(weft_fence_create(scene->device, &scene->gate), 0);
    assert_int_equal(weft_fence_create(scene->device, &scene->fence), 0);
    assert_int_equal(weft_timeline_create(scene->device, 0, &scene->timeline), 0);
}

/* The kernel's loop ends a while after the destruction began. */
static void *release_later(void *data)
{
    struct scene *scene = data;

    sleep_ms(3);
    atomic_store(&scene->flags[1], 1);
    return NULL;
}

static void destroy(struct scene *scene, enum object object, enum phase phase)
{
    bool all = object == EVERYTHING;

    if (object == BO || all)
        weft_bo_close(&scene->bo);
    if (object == PROGRAM || all) {
        weft_program_put(&scene->wait);
        weft_program_put(&scene->count);
    }
    if (object == STREAM || all)
        weft_stream_put(&scene->stream);
    if (object == CALLEE || all)
        weft_stream_put(&scene->callee);
    if (object == EVENT || all)
        weft_event_put(&scene->event);
    if (object == FENCE || all)
        weft_fence_put(&scene->fence);
    if (object == TIMELINE || all)
        weft_timeline_put(&scene->timeline);
    if (object == QUEUE || object == DEVICE) {
        if (phase == RUNNING)
            pthread_create(&scene->releaser, NULL, release_later, scene);
        if (object == QUEUE)
            weft_queue_destroy(&scene->queue);
        else
            weft_device_destroy(&scene->device);
        if (phase == RUNNING)
            pthread_join(scene->releaser, NULL);
    }
}

static void submit_scene(struct scene *scene, enum object object, enum phase phase)
{
    int rc;

    assert_int_equal(weft_job_create(scene->queue, &scene->job), 0);
    if (scene->stream != NULL)
        assert_int_equal(weft_job_add_stream(scene->job, scene->stream), 0);
    assert_int_equal(weft_job_wait_fence(scene->job, scene->gate), 0);
    if (scene->fence != NULL)
        assert_int_equal(weft_job_signal_fence(scene->job, scene->fence), 0);
    if (scene->timeline != NULL)
        assert_int_equal(weft_job_signal_timeline(scene->job, scene->timeline, 7), 0);
    rc = weft_job_arm(scene->job);
    if (object == DEVICE && phase == RECORDED) {
        assert_int_equal(rc, -EIO);
        weft_job_cancel(&scene->job);
        return;
    }
    assert_int_equal(rc, 0);
    if (phase == ARMED)
        destroy(scene, object, phase);
    weft_job_push(&scene->job);
    assert_null(scene->job);
}

static void play(enum object object, enum phase phase)
{
    /* Jobs that are left on a device or queue that goes while they wait fail. */
    bool threads_gone = (object == QUEUE || object == DEVICE) && phase <= PUSHED;
    bool no_stream = phase == RECORDED && (object == STREAM || object == EVERYTHING);
    uint64_t value = 7;
    struct scene scene;

    /* A queue's handle that is gone can't be given to weft_job_create(). */
    if (object == QUEUE && phase == RECORDED)
        return;
    begin(&scene);
    record(&scene);
    if (phase == RECORDED)
        destroy(&scene, object, phase);
    submit_scene(&scene, object, phase);
    if (phase == PUSHED)
        destroy(&scene, object, phase);
    weft_fence_signal(scene.gate, 0);
    if (!threads_gone && !no_stream) {
        while (atomic_load(&scene.flags[0]) == 0)
            sleep_ms(1);
        if (phase == RUNNING)
            destroy(&scene, object, phase);
        /* The releaser did it; and the memory may be gone with the device. */
        if (phase != RUNNING || (object != QUEUE && object != DEVICE))
            atomic_store(&scene.flags[1], 1);
    }
    if (scene.queue != NULL && !threads_gone)
        weft_queue_wait_idle(scene.queue);
    if (scene.fence != NULL && !(object == DEVICE && phase == RECORDED))
        assert_int_equal(weft_fence_wait(&scene.fence, 1, true, UINT64_MAX),
                         threads_gone ? -EIO : 0);
    if (scene.timeline != NULL && !threads_gone)
        assert_int_equal(weft_timeline_wait(&scene.timeline, &value, 1, true, UINT64_MAX), 0);
    if (scene.bo != NULL && !threads_gone && !no_stream) {
        const uint64_t *data = (const uint64_t *)weft_bo_map(scene.bo);

        assert_int_equal(data[8], 10);
        assert_int_equal(data[16], 10);
    }
    if (scene.event != NULL && !threads_gone && !no_stream)
        assert_true(weft_event_status(scene.event));
    if (phase == RETIRED)
        destroy(&scene, object, phase);

    /* What is left, the device in the middle. */
    weft_queue_destroy(&scene.queue);
    weft_program_put(&scene.wait);
    weft_stream_put(&scene.stream);
    weft_device_destroy(&scene.device);
    weft_timeline_put(&scene.timeline);
    weft_fence_put(&scene.fence);
    weft_fence_put(&scene.gate);
    weft_event_put(&scene.event);
    weft_stream_put(&scene.callee);
    weft_program_put(&scene.count);
    weft_bo_close(&scene.bo);
}

static void destroy_at_every_phase(void **state)
{
    for (int object = 0; object < OBJECT_COUNT; object++) {
        for (int phase = 0; phase < PHASE_COUNT; phase++)
            play((enum object)object, (enum phase)phase);
    }
}

/* Memory that a running job uses stays where it is, though closed and though the application goes on
 * allocating and submitting. */
static void memory_in_flight_is_not_reused(void **state)
{
    struct scene scene;
    uintptr_t address;

    begin(&scene);
    record(&scene);
    address = (uintptr_t)weft_bo_map(scene.bo);
    weft_stream_put(&scene.callee);
    submit_scene(&scene, BO, RETIRED);
    weft_fence_signal(scene.gate, 0);
    while (atomic_load(&scene.flags[0]) == 0)
        sleep_ms(1);
    weft_bo_close(&scene.bo);
    weft_stream_put(&scene.stream);
    for (int i = 0; i < 100; i++) {
        struct weft_bo *bo;

        assert_int_equal(weft_bo_create(scene.device, 4096, 0, &bo), 0);
        assert_true((uintptr_t)weft_bo_map(bo) != address);
        weft_bo_close(&bo);
    }
    atomic_store(&scene.flags[1], 1);
    assert_int_equal(weft_fence_wait(&scene.fence, 1, true, UINT64_MAX), 0);
    weft_queue_destroy(&scene.queue);
    weft_program_put(&scene.wait);
    weft_program_put(&scene.count);
    weft_event_put(&scene.event);
    weft_fence_put(&scene.gate);
    weft_fence_put(&scene.fence);
    weft_timeline_put(&scene.timeline);
    weft_device_destroy(&scene.device);
}

/* Several threads make, submit and drop objects of one device. */
static void *churn(void *data)
{
    struct weft_device *device = data;
    struct weft_queue *queue;

    assert_int_equal(weft_queue_create(device, &queue), 0);
    for (uint64_t turn = 1; turn <= 60; turn++) {
        struct weft_program *program = kernel_program_sized(
            device, KERNEL_SHARED, (uint32_t)(turn * 512), (uint32_t)turn);
        struct weft_timeline *timeline;
        struct weft_stream *stream;
        struct weft_bo *bo;
        struct weft_job *job;

        assert_int_equal(weft_bo_create(device, 1000 * turn, 0, &bo), 0);
        assert_int_equal(weft_timeline_create(device, 0, &timeline), 0);
        assert_int_equal(weft_stream_create(device, &stream), 0);
        emit(stream, program, 200, (uintptr_t)weft_bo_map(bo), turn * 512);
        weft_program_put(&program);
        assert_int_equal(weft_emit_barrier(stream), 0);
        assert_int_equal(
            weft_emit_fill(stream, (uintptr_t)weft_bo_map(bo) + 8, 8 * turn, 1), 0);
        assert_int_equal(weft_stream_freeze(stream), 0);
        assert_int_equal(weft_job_create(queue, &job), 0);
        assert_int_equal(weft_job_add_stream(job, stream), 0);
        assert_int_equal(weft_job_signal_timeline(job, timeline, turn), 0);
        assert_int_equal(weft_job_arm(job), 0);
        weft_job_push(&job);
        weft_stream_put(&stream);
        if (turn % 3 == 0) {
            assert_int_equal(weft_timeline_wait(&timeline, &turn, 1, true, UINT64_MAX), 0);
            assert_int_equal(*(uint64_t *)weft_bo_map(bo), 200);
        }
        weft_bo_close(&bo);
        weft_timeline_put(&timeline);
    }
    weft_queue_destroy(&queue);
    return NULL;
}

static void threads_churn(void **state)
{
    struct weft_device *device = device_new(3, 10 * SECOND, NULL);
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, churn, device);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(weft_device_status(device), 0);
    weft_device_destroy(&device);
}

/* Losing the device from outside while others submit and wait. */
static void *lose(void *data)
{
    sleep_ms(2);
    weft_device_lose(data, "the test says so");
    return NULL;
}

static void losing_races_with_submitting(void **state)
{
    for (int turn = 0; turn < 10; turn++) {
        struct weft_device *device = device_new(2, 0, NULL);
        struct weft_program *program = kernel_program(device, KERNEL_SPIN);
        struct weft_queue *queue;
        struct weft_fence *fence;
        pthread_t thread;
        int rc = 0;

        assert_int_equal(weft_queue_create(device, &queue), 0);
        assert_int_equal(weft_fence_create(device, &fence), 0);
        pthread_create(&thread, NULL, lose, device);
        while (rc == 0) {
            struct weft_stream *stream;
            struct weft_job *job;

            assert_int_equal(weft_stream_create(device, &stream), 0);
            emit(stream, program, 4, 0, 0);
            weft_stream_freeze(stream);
            assert_int_equal(weft_job_create(queue, &job), 0);
            assert_int_equal(weft_job_add_stream(job, stream), 0);
            assert_int_equal(weft_job_signal_fence(job, fence), 0);
            rc = weft_job_arm(job);
            if (rc == 0)
                weft_job_push(&job);
            else
                weft_job_cancel(&job);
            weft_stream_put(&stream);
            sleep_ms(1);
        }
        assert_int_equal(rc, -EIO);
        assert_int_equal(weft_fence_wait(&fence, 1, true, UINT64_MAX), -EIO);
        assert_string_equal(weft_device_lost_reason(device), "the test says so");
        pthread_join(thread, NULL);
        weft_queue_destroy(&queue);
        weft_fence_put(&fence);
        weft_program_put(&program);
        weft_device_destroy(&device);
    }
}

/* ---- fork() ---- */

enum { HANG_S = 30 };

/* The child of a process whose device is idle (RECORDED), has a waiting job (PUSHED) or a running one. */
static int be_forked(struct scene *scene, enum phase phase)
{
    struct weft_device *device = scene->device;
    struct weft_queue *queue = scene->queue;
    uint64_t value = 7;

    if (weft_device_status(device) != -EIO || weft_device_lost_reason(device) == NULL)
        return 1;
    if (weft_queue_wait_idle(queue) != -EIO)
        return 2;
    if (weft_fence_wait(&scene->fence, 1, true, UINT64_MAX) != -EIO)
        return 3;
    if (weft_timeline_wait(&scene->timeline, &value, 1, true, UINT64_MAX) != -EIO)
        return 4;
    if (phase == RECORDED) {
        if (weft_job_create(queue, &scene->job) != 0 || weft_job_arm(scene->job) != -EIO)
            return 5;
        weft_job_cancel(&scene->job);
    }
    weft_device_lose(device, "the child says so");
    weft_queue_destroy(&queue);
    weft_device_destroy(&device);
    return queue == NULL && device == NULL ? 0 : 6;
}

static void children_have_a_lost_device(void **state)
{
    static const enum phase phases[] = {RECORDED, PUSHED, RUNNING};

    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        struct scene scene;
        int status;
        pid_t child;

        begin(&scene);
        record(&scene);
        if (phases[i] != RECORDED)
            submit_scene(&scene, OBJECT_COUNT, phases[i]);
        if (phases[i] == RUNNING) {
            weft_fence_signal(scene.gate, 0);
            while (atomic_load(&scene.flags[0]) == 0)
                sleep_ms(1);
        }
        child = fork();
        if (child == 0) {
            alarm(HANG_S);
            _exit(be_forked(&scene, phases[i]));
        }
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);

        /* The parent notices nothing. */
        assert_int_equal(weft_device_status(scene.device), 0);
        if (phases[i] == RECORDED)
            submit_scene(&scene, OBJECT_COUNT, PUSHED);
        atomic_store(&scene.flags[1], 1);
        weft_fence_signal(scene.gate, 0);
        assert_int_equal(weft_fence_wait(&scene.fence, 1, true, UINT64_MAX), 0);
        assert_int_equal(((const uint64_t *)weft_bo_map(scene.bo))[16], 10);
        destroy(&scene, EVERYTHING, RETIRED);
        weft_fence_put(&scene.gate);
        weft_queue_destroy(&scene.queue);
        weft_device_destroy(&scene.device);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(destroy_at_every_phase),
        cmocka_unit_test(memory_in_flight_is_not_reused),
        cmocka_unit_test(threads_churn),
        cmocka_unit_test(losing_races_with_submitting),
        cmocka_unit_test(children_have_a_lost_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
