/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "device.h"
#include "job.h"
#include "thread.h"
#include "worker/fault.h"

/* ---- The thread ---- */

static bool has_news(void *data)
{
    struct weft_queue *queue = data;

    return atomic_load(&queue->pushed) != atomic_load(&queue->retired) ||
           atomic_load(&queue->stopping);
}

static struct weft_job *take(struct weft_queue *queue)
{
    struct weft_job *job;

    pthread_mutex_lock(&queue->lock);
    job = queue->retiring ? NULL : queue->first;
    if (job != NULL) {
        queue->first = job->next;
        if (queue->first == NULL)
            queue->last = NULL;
    }
    pthread_mutex_unlock(&queue->lock);
    return job;
}

/* How many steps of the system's scale (nice) a step of ours is. */
#define NICE_STEP 5

/* On the queue's thread. */
static void adopt_priority(struct weft_queue *queue)
{
    int priority = atomic_load_explicit(&queue->priority, memory_order_relaxed);

    if (priority == queue->exec.priority)
        return;
    queue->exec.priority = priority;
    /* Raising it may be forbidden; then the order of works is all that it does. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), -NICE_STEP * priority);
}

static void process(struct weft_queue *queue, struct weft_job *job)
{
    struct weft_device *device = queue->device;
    int rc;

    adopt_priority(queue);
    atomic_store(&queue->waiting, true);
    rc = weft_job_wait_ready(job);
    /* Before waiting is cleared, so that the queue does not seem idle in between. */
    atomic_store(&queue->running_since_ns, weft_clock_ns());
    atomic_store(&queue->waiting, false);
    if (rc == 0) {
        weft_watchdog_notice(&device->watchdog);
        weft_job_run(job, &queue->exec);
    } else if (weft_device_status(device) == 0) {
        /* Whoever waits for this job's timelines must not wait for ever. */
        weft_device_lose(device, "a job waited for a fence that was signalled with an error");
    }
    weft_job_retire(job, weft_device_status(device));
    atomic_store(&queue->running_since_ns, 0);
    atomic_fetch_add(&queue->retired, 1);
    weft_wake_all(&device->changed);
}

static void *run_queue(void *data)
{
    struct weft_queue *queue = data;
    void *stack = weft_fault_thread_begin();

    for (;;) {
        struct weft_job *job = take(queue);

        if (job != NULL) {
            struct weft_queue *reference = queue;

            process(queue, job);
            /* The job's. Not the last: the thread is joined before the handle's goes. */
            weft_queue_put(&reference);
        } else if (atomic_load(&queue->stopping) &&
                   atomic_load(&queue->pushed) == atomic_load(&queue->retired)) {
            break;
        } else {
            weft_wait(&queue->wake, has_news, queue, queue->device->spin_ns, UINT64_MAX);
        }
    }
    weft_fault_thread_end(stack);
    return NULL;
}

/* ---- Life ---- */

int weft_queue_start(struct weft_queue *queue)
{
    int rc = 0;

    if (atomic_load(&queue->started))
        return 0;
    pthread_mutex_lock(&queue->thread_lock);
    if (!atomic_load(&queue->started) && !queue->joined) {
        rc = weft_thread_create(&queue->thread, "weft-queue", run_queue, queue);
        atomic_store(&queue->started, rc == 0);
    }
    pthread_mutex_unlock(&queue->thread_lock);
    return rc;
}

void weft_queue_stop(struct weft_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_mutex_unlock(&queue->lock);
    pthread_mutex_lock(&queue->thread_lock);
    if (!queue->joined) {
        atomic_store(&queue->stopping, true);
        weft_wake_all(&queue->wake);
        if (atomic_load(&queue->started))
            pthread_join(queue->thread, NULL);
        queue->joined = true;
    }
    pthread_mutex_unlock(&queue->thread_lock);
}

int weft_queue_create(struct weft_device *device, struct weft_queue **queue_out)
{
    struct weft_queue *queue = aligned_alloc(_Alignof(struct weft_queue), sizeof(*queue));
    bool closed;

    if (queue == NULL)
        return -ENOMEM;
    memset(queue, 0, offsetof(struct weft_queue, exec));
    weft_ref_init(&queue->ref);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_mutex_init(&queue->thread_lock, NULL);
    weft_wake_init(&queue->wake);
    queue->device = weft_device_get(device);
    weft_worker_init(&queue->worker, device);
    weft_exec_init(&queue->exec, device, &queue->worker);

    pthread_mutex_lock(&device->queues_lock);
    closed = device->closed;
    if (!closed) {
        queue->next = device->queues;
        if (queue->next != NULL)
            queue->next->prev = queue;
        device->queues = queue;
    }
    pthread_mutex_unlock(&device->queues_lock);
    if (closed) {
        weft_queue_stop(queue);
        weft_queue_put(&queue);
        return -EIO;
    }
    *queue_out = queue;
    return 0;
}

struct weft_queue *weft_queue_get(struct weft_queue *queue)
{
    weft_ref_get(&queue->ref);
    return queue;
}

void weft_queue_put(struct weft_queue **queue_ref)
{
    struct weft_queue *queue = *queue_ref;

    *queue_ref = NULL;
    if (queue == NULL || !weft_ref_put(&queue->ref))
        return;
    weft_worker_finish(&queue->worker);
    pthread_mutex_destroy(&queue->thread_lock);
    pthread_mutex_destroy(&queue->lock);
    weft_device_put(&queue->device);
    free(queue);
}

void weft_queue_destroy(struct weft_queue **queue_ref)
{
    struct weft_queue *queue = *queue_ref;
    struct weft_device *device;

    *queue_ref = NULL;
    if (queue == NULL)
        return;
    device = queue->device;
    if (weft_mark_is_forked(&device->mark))
        return; /* as in weft_device_destroy() */
    weft_queues_drain(device, queue);
    weft_queue_stop(queue);
    pthread_mutex_lock(&device->queues_lock);
    if (queue->prev != NULL)
        queue->prev->next = queue->next;
    else if (device->queues == queue)
        device->queues = queue->next;
    if (queue->next != NULL)
        queue->next->prev = queue->prev;
    pthread_mutex_unlock(&device->queues_lock);
    weft_queue_put(&queue);
}

void weft_queue_set_priority(struct weft_queue *queue, int priority)
{
    atomic_store_explicit(&queue->priority, priority, memory_order_relaxed);
}

/* ---- Jobs ---- */

/* What process() does for a job without anything to do, on the thread that pushed it. */
static void retire_void(struct weft_queue *queue, struct weft_job *job)
{
    weft_job_retire(job, weft_device_status(queue->device));
    pthread_mutex_lock(&queue->lock);
    queue->retiring = false;
    atomic_fetch_add(&queue->retired, 1);
    pthread_mutex_unlock(&queue->lock);
    weft_wake_all(&queue->device->changed);
    weft_queue_put(&queue);
}

void weft_queue_append(struct weft_queue *queue, struct weft_job *job)
{
    struct weft_device *device = queue->device;
    bool is_void = job->armed && weft_job_is_void(job), refused;

    pthread_mutex_lock(&queue->lock);
    refused = queue->closed || !job->armed;
    is_void &= !refused && atomic_load(&queue->pushed) == atomic_load(&queue->retired);
    if (is_void) {
        queue->retiring = true;
        atomic_fetch_add(&queue->pushed, 1);
    } else if (!refused) {
        job->next = NULL;
        if (queue->last != NULL)
            queue->last->next = job;
        else
            queue->first = job;
        queue->last = job;
        atomic_fetch_add(&queue->pushed, 1);
    }
    pthread_mutex_unlock(&queue->lock);
    if (is_void) {
        retire_void(queue, job);
        return;
    }
    if (!refused) {
        weft_wake_all(&queue->wake);
        return;
    }
    weft_job_retire(job, -EIO);
    weft_wake_all(&device->changed);
    weft_queue_put(&queue);
}

struct idleness {
    struct weft_queue *queue;
    uint64_t target;
};

static bool is_idle_or_lost(void *data)
{
    const struct idleness *idleness = data;

    return atomic_load(&idleness->queue->retired) >= idleness->target ||
           weft_device_status(idleness->queue->device) != 0;
}

int weft_queue_wait_idle(struct weft_queue *queue)
{
    struct idleness idleness = {queue, atomic_load(&queue->pushed)};

    weft_wait(&queue->device->changed, is_idle_or_lost, &idleness, queue->device->spin_ns,
              UINT64_MAX);
    return weft_device_status(queue->device);
}
