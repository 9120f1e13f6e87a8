/* SPDX-License-Identifier: MIT
 *
 * DOC: The workers
 *
 * One thread per core, less one: the thread that walks a queue's packets works too. They start with the
 * first job: many a device is only asked what it can do. What is to be
 * done is a work: a range of indices (workgroups, or slices of a copy) and a function that does some
 * of them. Threads claim chunks of the range until none is left.
 *
 *     queue thread                    worker
 *       weft_pool_publish(work) --->  takes a ticket, joins (users + 1), wakes a few more,
 *       ... more packets ...          claims chunks, leaves (users - 1)
 *       weft_pool_complete(work)      claims chunks too, takes the work off the list,
 *                                     waits until users is 0
 *
 * Several works can be on the list at a time: dispatches without a barrier between them overlap.
 * The work's memory is its owner's, who may reuse it as soon as weft_pool_complete() returned.
 *
 * What keeps this cheap with hundreds of threads (scaling.md has measurements):
 *   - A work has seats for as many threads as it is worth to wake, and a ticket for each. Who has
 *     no ticket doesn't come near the lock, however many threads are awake.
 *   - Who publishes wakes WAKE_FANOUT threads, each of which wakes as many, so nobody wakes
 *     hundreds in a row.
 *   - The range is claimed from several shards, about SHARD_THREADS threads to each; who finds its
 *     own empty helps with the next. Neighbouring threads work on neighbouring indices, each time
 *     the same.
 */
#ifndef WEFT_POOL_H
#define WEFT_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wake.h"
#include "weft/kernel.h"
#include "worker/scratch.h"
#include "worker/spread.h"
#include "worker/sums.h"

struct weft_device;
struct weft_program;
struct weft_work;

/* What one thread needs to run works. */
struct weft_worker {
    struct weft_scratch scratch;
    struct weft_sums sums;
    struct weft_worker_args args;
};

typedef void weft_work_fn(const struct weft_work *work, const struct weft_worker_args *worker,
                          uint64_t first, uint64_t end);
typedef void weft_work_end_fn(const struct weft_work *work, const struct weft_worker_args *worker);

#define WEFT_POOL_SHARDS 16u

/* A piece of a work's range. */
struct weft_work_shard {
    _Alignas(64) _Atomic uint64_t claimed; /* next index; may pass end */
    uint64_t end;
};

struct weft_work {
    struct weft_work *prev, *next; /* pool.lock */
    atomic_bool listed;            /* written under pool.lock */
    uint32_t seats;                /* pool.lock: threads that may still join */
    int priority;                  /* of several works, workers take one of the highest */

    weft_work_fn *run;
    weft_work_end_fn *end; /* when a thread that may have claimed some finds no more; or NULL */
    uint64_t first;     /* indices below are done already */
    uint64_t total;     /* indices first .. total-1; at most 2^56 */
    uint64_t chunk_min; /* claims of fewer are not worth while, but at the end */
    uint32_t threads_most; /* that are worth to wake; 0: one for each chunk */
    const struct weft_program *program; /* for messages; NULL for copies */
    const void *data;   /* the function's own */

    uint32_t shard_count;   /* 0: weft_pool_complete() alone works on it */
    uint32_t shard_threads; /* that a shard is meant for */
    struct weft_work_shard shards[WEFT_POOL_SHARDS];
    _Alignas(64) atomic_uint users; /* workers in it */
};

struct weft_pool_thread {
    struct weft_pool *pool;
    uint32_t number;
    pthread_t thread;
    struct weft_worker worker;
};

struct weft_pool {
    struct weft_device *device;
    uint32_t thread_count; /* that run whenever a job does */
    struct weft_pool_thread *threads;

    pthread_mutex_t start_lock; /* guards started_count and the setting of stopping */
    atomic_uint started_count;  /* the first of threads */

    pthread_mutex_t lock; /* guards works and the links of works */
    struct weft_work *works;
    uint8_t apart0[64];    /* who spins on the tickets disturbs nobody else */
    atomic_uint tickets;   /* seats that nobody has set out for */
    uint8_t apart1[64];
    atomic_uint unwoken;   /* seats that nobody was woken for yet */
    struct weft_wake wake; /* there are tickets, or stopping was set */
    struct weft_wake done; /* a work's users became 0 */
    atomic_bool stopping;
    struct weft_spread spread; /* the pool's threads and the queues' */

    pthread_mutex_t reserve_lock; /* guards what reserve changes in every weft_scratch, and */
    uint32_t shared_B, scratch_B; /* what every thread has at least */
};

/* A pool of so many threads, none of which runs yet. 0 or -ENOMEM */
int weft_pool_init(struct weft_pool *pool, struct weft_device *device, uint32_t thread_count);
/* Starts the threads that were not started yet; before the first work is published. A stopped pool
 * starts none. 0 or -ENOMEM */
int weft_pool_start(struct weft_pool *pool);
/* Joins the threads. No work may be listed. */
void weft_pool_stop(struct weft_pool *pool);
/* Frees the memory of a stopped or never started pool. */
void weft_pool_finish(struct weft_pool *pool);

void weft_worker_init(struct weft_worker *worker, struct weft_device *device);
void weft_worker_finish(struct weft_worker *worker);
/* To be called before running kernels after something may have been reserved. */
void weft_worker_refresh(struct weft_worker *worker);

/* Makes sure that the pool's threads and one more worker can run kernels that need this much.
 * 0 or -ENOMEM */
int weft_pool_reserve(struct weft_pool *pool, struct weft_worker *worker, uint32_t shared_B,
                      uint32_t scratch_B);

/* Makes a work empty, ready for its fields from run on to be filled in. */
void weft_work_init(struct weft_work *work);
/* Offers work; has as many threads woken as can find a chunk, or as threads_most says. Cannot
 * fail. */
void weft_pool_publish(struct weft_pool *pool, struct weft_work *work);
/* Works on it until all of it is claimed; others may still be at theirs. */
void weft_pool_help(struct weft_pool *pool, struct weft_work *work, struct weft_worker *worker);
/* Whether nobody but the owner works on it. */
bool weft_work_unused(const struct weft_work *work);
/* Helps, then waits until it is unused. */
void weft_pool_complete(struct weft_pool *pool, struct weft_work *work,
                        struct weft_worker *worker);
/* Runs first .. end-1 on the calling thread, faults contained. False on a fault: the device is lost
 * then. */
bool weft_work_run(struct weft_device *device, struct weft_work *work,
                   const struct weft_worker *worker, uint64_t first, uint64_t end);

#endif
