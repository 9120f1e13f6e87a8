/* SPDX-License-Identifier: MIT
 *
 * DOC: Queues
 *
 * A queue is a list of jobs and a thread that takes them in order: waits for what the job waits for,
 * walks its packets, retires it. The thread starts when the first job is armed. While the next job waits,
 * the queue waits (first in, first out). Queues share the pool's workers. A job without anything to do that finds
 * the queue idle is retired by whoever pushes it: waking the thread would take ten times as long.
 */
#ifndef WEFT_QUEUE_H
#define WEFT_QUEUE_H

#include <pthread.h>

#include "exec.h"
#include "ref.h"
#include "wake.h"
#include "worker/pool.h"

struct weft_job;

struct weft_queue {
    struct weft_ref ref; /* the handle's and one of every job's */
    struct weft_device *device;
    struct weft_queue *prev, *next; /* device.queues_lock */
    bool closed_by_device;          /* device.queues_lock */

    pthread_mutex_t lock; /* guards first, last, closed, retiring */
    struct weft_job *first, *last;
    bool closed;
    bool retiring; /* who pushed a job retires it; the thread must not take the next */

    struct weft_wake wake; /* pushed or stopping changed */
    _Atomic uint64_t pushed, retired;
    atomic_bool stopping;
    atomic_bool waiting;              /* the first job is not ready */
    _Atomic uint64_t running_since_ns; /* 0: no job runs */

    pthread_mutex_t thread_lock; /* guards joined, thread and the setting of started */
    atomic_bool started;
    bool joined; /* or will never start */
    pthread_t thread;
    atomic_int priority;       /* weft_queue_set_priority() */
    struct weft_worker worker; /* the thread's */
    struct weft_exec exec;     /* the thread's */
};

struct weft_queue *weft_queue_get(struct weft_queue *queue);
void weft_queue_put(struct weft_queue **queue);
/* Starts the thread if it was not started yet. Of a stopped queue it stays as it is. 0 or -ENOMEM */
int weft_queue_start(struct weft_queue *queue);
/* Takes an armed job. One that comes too late, or was not armed, retires at once with -EIO. */
void weft_queue_append(struct weft_queue *queue, struct weft_job *job);

/* Runs the jobs that are left, then ends the thread. */
void weft_queue_stop(struct weft_queue *queue);

/* ---- All queues of a device ---- */

struct weft_queue_load {
    uint64_t pending; /* jobs pushed and not retired, of the queue asked for or of all */
    uint64_t retired; /* by any queue, ever; for telling progress */
    bool stalled;     /* no queue runs a job */
};
struct weft_queue_load weft_queues_load(struct weft_device *device, const struct weft_queue *only);
/* When the job that runs longest started, and the label of what it dispatched last; 0: none runs. */
uint64_t weft_queues_oldest_ns(struct weft_device *device, const void **label_out);
/* Waits until a queue (NULL: all) has no job left. Loses the device when that will not come about:
 * when all queues wait for what only the application could do, or a job seems to be stuck. */
void weft_queues_drain(struct weft_device *device, const struct weft_queue *only);
/* Joins the threads of all queues; no more can be created. */
void weft_queues_stop(struct weft_device *device);

#endif
