/* SPDX-License-Identifier: MIT
 *
 * DOC: The workers
 *
 * One thread per core, less one: the thread that walks a queue's packets works too. What is to be
 * done is a work: a range of indices (workgroups, or slices of a copy) and a function that does some
 * of them. Threads claim chunks of the range until none is left.
 *
 *     queue thread                    worker
 *       weft_pool_publish(work) --->  joins (users + 1), claims chunks, leaves (users - 1)
 *       ... more packets ...
 *       weft_pool_complete(work)      claims chunks too, takes the work off the list,
 *                                     waits until users is 0
 *
 * Several works can be on the list at a time: dispatches without a barrier between them overlap.
 * The work's memory is its owner's, who may reuse it as soon as weft_pool_complete() returned.
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

struct weft_device;
struct weft_program;
struct weft_work;

/* What one thread needs to run works. */
struct weft_worker {
    struct weft_scratch scratch;
    struct weft_worker_args args;
};

typedef void weft_work_fn(const struct weft_work *work, const struct weft_worker_args *worker,
                          uint64_t first, uint64_t end);

struct weft_work {
    struct weft_work *prev, *next; /* pool.lock */
    bool listed;                   /* pool.lock */
    int priority;                  /* of several works, workers take one of the highest */

    weft_work_fn *run;
    uint64_t total;     /* indices 0 .. total-1; at most 2^56 */
    uint64_t chunk_min; /* claims of fewer are not worth while, but at the end */
    const struct weft_program *program; /* for messages; NULL for copies */
    const void *data;   /* the function's own */

    _Alignas(64) _Atomic uint64_t claimed; /* next index; may pass total */
    atomic_uint users;                     /* workers in it */
};

struct weft_pool_thread {
    struct weft_pool *pool;
    pthread_t thread;
    struct weft_worker worker;
};

struct weft_pool {
    struct weft_device *device;
    uint32_t thread_count;
    struct weft_pool_thread *threads;

    pthread_mutex_t lock; /* guards works and the links of works */
    struct weft_work *works;
    struct weft_wake wake; /* a work was published, or stopping was set */
    struct weft_wake done; /* a work's users became 0 */
    atomic_bool stopping;

    pthread_mutex_t reserve_lock; /* guards what reserve changes in every weft_scratch */
};

/* Starts thread_count threads. 0 or -ENOMEM */
int weft_pool_init(struct weft_pool *pool, struct weft_device *device, uint32_t thread_count);
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

/* Offers work; its fields from run on are filled, claimed and users are initialised. Wakes as many
 * threads as can find a chunk. Cannot fail. */
void weft_pool_publish(struct weft_pool *pool, struct weft_work *work);
/* Works on it, then waits until nobody else does. */
void weft_pool_complete(struct weft_pool *pool, struct weft_work *work,
                        struct weft_worker *worker);
/* Runs first .. end-1 on the calling thread, faults contained. False on a fault: the device is lost
 * then. */
bool weft_work_run(struct weft_device *device, struct weft_work *work,
                   const struct weft_worker *worker, uint64_t first, uint64_t end);

#endif
