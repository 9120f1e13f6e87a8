/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <stdlib.h>

#include "bo.h"
#include "device.h"
#include "fence.h"
#include "queue.h"
#include "timeline.h"

int weft_job_create(struct weft_queue *queue, struct weft_job **job_out)
{
    struct weft_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return -ENOMEM;
    job->queue = weft_queue_get(queue);
    *job_out = job;
    return 0;
}

/* ---- Adding ---- */

/* Makes room for one more item in an array. 0 or -ENOMEM */
static int grow(void **items, uint32_t count, uint32_t *capacity, size_t item_B)
{
    uint32_t larger = *capacity != 0 ? 2 * *capacity : 4;
    void *moved;

    if (count < *capacity)
        return 0;
    moved = realloc(*items, larger * item_B);
    if (moved == NULL)
        return -ENOMEM;
    *items = moved;
    *capacity = larger;
    return 0;
}

int weft_job_add_stream(struct weft_job *job, struct weft_stream *stream)
{
    int rc;

    if (job->armed || !stream->frozen)
        return -EINVAL;
    if (stream->error != 0)
        return stream->error;
    rc = grow((void **)&job->streams, job->stream_count, &job->stream_capacity,
              sizeof(*job->streams));
    if (rc == 0)
        job->streams[job->stream_count++] = weft_stream_get(stream);
    return rc;
}

static int add_sync(struct weft_job *job, struct weft_job_syncs *syncs, struct weft_fence *fence,
                    struct weft_timeline *timeline, uint64_t value)
{
    int rc;

    if (job->armed)
        return -EINVAL;
    rc = grow((void **)&syncs->items, syncs->count, &syncs->capacity, sizeof(*syncs->items));
    if (rc != 0)
        return rc;
    syncs->items[syncs->count++] = (struct weft_job_sync){
        .fence = weft_fence_get(fence),
        .timeline = weft_timeline_get(timeline),
        .value = value,
    };
    return 0;
}

int weft_job_wait_fence(struct weft_job *job, struct weft_fence *fence)
{
    return add_sync(job, &job->waits, fence, NULL, 0);
}

int weft_job_wait_timeline(struct weft_job *job, struct weft_timeline *timeline, uint64_t value)
{
    return add_sync(job, &job->waits, NULL, timeline, value);
}

int weft_job_signal_fence(struct weft_job *job, struct weft_fence *fence)
{
    return add_sync(job, &job->signals, fence, NULL, 0);
}

int weft_job_signal_timeline(struct weft_job *job, struct weft_timeline *timeline, uint64_t value)
{
    return add_sync(job, &job->signals, NULL, timeline, value);
}

int weft_job_bind(struct weft_job *job, struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                  struct weft_bo *bo, uint64_t bo_offset_B)
{
    int rc;

    if (job->armed || !weft_bo_can_bind(sparse, offset_B, size_B, bo, bo_offset_B))
        return -EINVAL;
    rc = grow((void **)&job->binds, job->bind_count, &job->bind_capacity, sizeof(*job->binds));
    if (rc != 0)
        return rc;
    job->binds[job->bind_count++] = (struct weft_job_bind){
        .sparse = weft_bo_get(sparse),
        .bo = weft_bo_get(bo),
        .offset_B = offset_B,
        .size_B = size_B,
        .bo_offset_B = bo_offset_B,
    };
    return 0;
}

/* Takes the plans of the first `count` binds back. */
static void revert_binds(struct weft_job *job, uint32_t count)
{
    uint64_t page_B = job->queue->device->machine.page_B, at = 0;

    for (uint32_t i = 0; i < count; i++)
        at += job->binds[i].size_B / page_B;
    while (count-- > 0) {
        const struct weft_job_bind *bind = &job->binds[count];
        at -= bind->size_B / page_B;
        weft_bo_revert_bind(bind->sparse, bind->offset_B, bind->size_B, &job->undo[at]);
    }
    free(job->undo);
    job->undo = NULL;
}

static int plan_binds(struct weft_job *job)
{
    uint64_t page_B = job->queue->device->machine.page_B, pages = 0, at = 0;
    int rc = 0;

    for (uint32_t i = 0; i < job->bind_count; i++)
        pages += job->binds[i].size_B / page_B;
    if (pages == 0)
        return 0;
    job->undo = malloc(pages * sizeof(*job->undo));
    if (job->undo == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < job->bind_count; i++) {
        const struct weft_job_bind *bind = &job->binds[i];
        rc = weft_bo_plan_bind(bind->sparse, bind->offset_B, bind->size_B, bind->bo,
                               bind->bo_offset_B, &job->undo[at]);
        if (rc != 0) {
            revert_binds(job, i);
            return rc;
        }
        at += bind->size_B / page_B;
    }
    return 0;
}

int weft_job_arm(struct weft_job *job)
{
    struct weft_device *device = job->queue->device;
    /* Better code than the streams name may run. */
    uint32_t shared_B = 0, scratch_B = atomic_load(&device->tier.scratch_B);
    int rc = weft_device_status(device);

    if (rc != 0 || job->armed)
        return rc;
    for (uint32_t i = 0; i < job->stream_count; i++)
        weft_stream_need(job->streams[i], &shared_B, &scratch_B);
    rc = weft_queue_start(job->queue);
    if (rc == 0 && job->stream_count != 0)
        rc = weft_pool_start(&device->pool);
    if (rc != 0)
        return rc;
    rc = weft_pool_reserve(&device->pool, &job->queue->worker, shared_B, scratch_B);
    if (rc != 0)
        return rc;
    rc = weft_vm_snapshot(&device->vm, &job->snapshot);
    job->shared_B = shared_B;
    job->scratch_B = scratch_B;
    if (rc == 0)
        rc = plan_binds(job);
    if (rc == 0)
        job->armed = true;
    return rc;
}

/* ---- Running ---- */

struct readiness {
    struct weft_job *job;
    int error;
};

static bool is_ready(void *data)
{
    struct readiness *readiness = data;
    struct weft_job *job = readiness->job;

    readiness->error = weft_device_status(job->queue->device);
    if (readiness->error != 0)
        return true;
    for (uint32_t i = 0; i < job->waits.count; i++) {
        const struct weft_job_sync *wait = &job->waits.items[i];

        if (wait->fence != NULL) {
            int status = weft_fence_status(wait->fence);

            if (status < 0)
                readiness->error = -EIO;
            if (status != 0)
                return status < 0;
        } else if (!weft_timeline_reached(wait->timeline, wait->value)) {
            return false;
        }
    }
    return true;
}

static bool is_void_stream(const struct weft_stream *stream)
{
    const struct weft_packet *packet = stream->first;

    while (packet != NULL && packet->kind == WEFT_PACKET_BARRIER)
        packet = packet->next;
    return packet == NULL;
}

bool weft_job_is_void(struct weft_job *job)
{
    struct readiness readiness = {.job = job};

    if (job->bind_count != 0)
        return false;
    for (uint32_t i = 0; i < job->stream_count; i++)
        if (!is_void_stream(job->streams[i]))
            return false;
    return is_ready(&readiness) && readiness.error == 0;
}

int weft_job_wait_ready(struct weft_job *job)
{
    struct weft_device *device = job->queue->device;
    struct readiness readiness = {.job = job};

    for (uint32_t i = 0; i < job->waits.count; i++)
        if (job->waits.items[i].fence != NULL)
            weft_fence_begin(job->waits.items[i].fence);
    weft_wait(&device->changed, is_ready, &readiness, device->spin_ns, UINT64_MAX);
    return readiness.error;
}

void weft_job_run(struct weft_job *job, struct weft_exec *exec)
{
    for (uint32_t i = 0; i < job->bind_count; i++) {
        const struct weft_job_bind *bind = &job->binds[i];

        if (weft_bo_bind(bind->sparse, bind->offset_B, bind->size_B, bind->bo,
                         bind->bo_offset_B) != 0) {
            /* The system allows so many mappings and no more. */
            weft_device_lose(job->queue->device, "out of memory while binding sparse memory");
            return;
        }
    }
    weft_exec_begin(exec, job->snapshot, job->shared_B, job->scratch_B);
    for (uint32_t i = 0; i < job->stream_count; i++) {
        exec->skip = false;
        weft_exec_stream(exec, job->streams[i]);
    }
    weft_exec_end(exec);
}

/* ---- Retiring ---- */

static void finish_syncs(struct weft_job_syncs *syncs)
{
    for (uint32_t i = 0; i < syncs->count; i++) {
        weft_fence_put(&syncs->items[i].fence);
        weft_timeline_put(&syncs->items[i].timeline);
    }
    free(syncs->items);
    *syncs = (struct weft_job_syncs){0};
}

static void drop_references(struct weft_job *job)
{
    for (uint32_t i = 0; i < job->stream_count; i++)
        weft_stream_put(&job->streams[i]);
    free(job->streams);
    for (uint32_t i = 0; i < job->bind_count; i++) {
        weft_bo_put(&job->binds[i].sparse);
        weft_bo_put(&job->binds[i].bo);
    }
    free(job->binds);
    weft_snapshot_put(&job->snapshot);
    finish_syncs(&job->waits);
}

void weft_job_retire(struct weft_job *job, int status)
{
    drop_references(job);
    for (uint32_t i = 0; i < job->signals.count; i++) {
        const struct weft_job_sync *signal = &job->signals.items[i];

        if (signal->fence != NULL)
            weft_fence_set(signal->fence, status);
        else if (status == 0)
            weft_timeline_raise(signal->timeline, signal->value);
    }
    finish_syncs(&job->signals);
    free(job);
}

void weft_job_cancel(struct weft_job **job_ref)
{
    struct weft_job *job = *job_ref;
    struct weft_queue *queue;

    *job_ref = NULL;
    if (job == NULL)
        return;
    queue = job->queue;
    if (job->undo != NULL)
        revert_binds(job, job->bind_count);
    drop_references(job);
    finish_syncs(&job->signals);
    free(job);
    weft_queue_put(&queue);
}

void weft_job_push(struct weft_job **job_ref)
{
    struct weft_job *job = *job_ref;

    *job_ref = NULL;
    if (job == NULL)
        return;
    free(job->undo);
    job->undo = NULL;
    weft_queue_append(job->queue, job);
}
