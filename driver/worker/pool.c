/* SPDX-License-Identifier: MIT */
#include "worker/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "program.h"
#include "thread.h"
#include "worker/fault.h"

/* Chunks are this fraction of a thread's share of what is left, so the last ones are small. */
#define CHUNKS_PER_THREAD 4u

/* ---- Running ---- */

struct run {
    struct weft_work *work;
    const struct weft_worker *worker;
    const _Atomic uint32_t *stop;
    uint64_t first, end; /* for a fixed range */
    uint32_t threads;    /* for claiming */
};

static void run_range(void *data)
{
    const struct run *run = data;

    run->work->run(run->work, &run->worker->args, run->first, run->end);
}

static void run_claims(void *data)
{
    const struct run *run = data;
    struct weft_work *work = run->work;

    for (;;) {
        uint64_t next = atomic_load_explicit(&work->claimed, memory_order_relaxed);
        uint64_t chunk, first, end;

        if (next >= work->total || atomic_load_explicit(run->stop, memory_order_relaxed) != 0)
            return;
        chunk = (work->total - next) / (CHUNKS_PER_THREAD * run->threads);
        /* Whole multiples, so that kernels that pack several workgroups in a vector can. */
        chunk = chunk / work->chunk_min * work->chunk_min;
        if (chunk == 0)
            chunk = work->chunk_min;
        first = atomic_fetch_add_explicit(&work->claimed, chunk, memory_order_relaxed);
        if (first >= work->total)
            return;
        end = work->total - first < chunk ? work->total : first + chunk;
        work->run(work, &run->worker->args, first, end);
    }
}

static bool run_contained(struct weft_device *device, struct run *run, void (*function)(void *))
{
    struct weft_fault fault;
    char what[128], reason[256];
    uint32_t line;

    if (weft_fault_contain(function, run, &fault))
        return true;
    weft_fault_describe(&fault, what, sizeof(what));
    line = run->work->program != NULL ? weft_program_line(run->work->program, fault.pc) : 0;
    if (line != 0)
        snprintf(reason, sizeof(reason), "%s in a shader, line %u", what, line);
    else
        snprintf(reason, sizeof(reason), "%s in a %s", what,
                 run->work->program != NULL ? "shader" : "copy");
    weft_device_lose(device, reason);
    return false;
}

bool weft_work_run(struct weft_device *device, struct weft_work *work,
                   const struct weft_worker *worker, uint64_t first, uint64_t end)
{
    struct run run = {
        .work = work,
        .worker = worker,
        .first = first,
        .end = end,
    };

    return run_contained(device, &run, run_range);
}

static void claim_and_run(struct weft_pool *pool, struct weft_work *work,
                          const struct weft_worker *worker)
{
    struct run run = {
        .work = work,
        .worker = worker,
        .stop = &pool->device->stop,
        .threads = pool->thread_count + 1,
    };

    run_contained(pool->device, &run, run_claims);
}

/* ---- The list ---- */

static void unlist_locked(struct weft_pool *pool, struct weft_work *work)
{
    if (!work->listed)
        return;
    work->listed = false;
    if (work->next == work) {
        pool->works = NULL;
    } else {
        work->prev->next = work->next;
        work->next->prev = work->prev;
        if (pool->works == work)
            pool->works = work->next;
    }
}

/* Joins a work that has something left, or returns NULL. */
static struct weft_work *join_some(struct weft_pool *pool)
{
    struct weft_work *work;

    pthread_mutex_lock(&pool->lock);
    work = pool->works;
    for (struct weft_work *other = work; work != NULL && other->next != pool->works;) {
        other = other->next;
        if (other->priority > work->priority)
            work = other;
    }
    if (work != NULL) {
        /* The next thread starts elsewhere, so that queues share the workers. */
        pool->works = work->next;
        atomic_fetch_add_explicit(&work->users, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&pool->lock);
    return work;
}

static void leave(struct weft_pool *pool, struct weft_work *work)
{
    pthread_mutex_lock(&pool->lock);
    /* Nothing is left to claim, or the device is lost. */
    unlist_locked(pool, work);
    pthread_mutex_unlock(&pool->lock);
    /* After this the owner may reuse the work. */
    if (atomic_fetch_sub_explicit(&work->users, 1, memory_order_acq_rel) == 1)
        weft_wake_all(&pool->done);
}

void weft_pool_publish(struct weft_pool *pool, struct weft_work *work)
{
    uint64_t left = work->total - atomic_load(&work->claimed), chunks;

    if (pool->thread_count == 0)
        return;
    chunks = (left + work->chunk_min - 1) / work->chunk_min;
    pthread_mutex_lock(&pool->lock);
    if (pool->works == NULL) {
        work->prev = work->next = work;
        pool->works = work;
    } else {
        work->next = pool->works;
        work->prev = pool->works->prev;
        work->prev->next = work;
        work->next->prev = work;
    }
    work->listed = true;
    pthread_mutex_unlock(&pool->lock);
    weft_wake_some(&pool->wake,
                   chunks < pool->thread_count ? (unsigned)chunks : pool->thread_count);
}

static bool is_unused(void *data)
{
    return atomic_load_explicit(&((struct weft_work *)data)->users, memory_order_acquire) == 0;
}

void weft_pool_complete(struct weft_pool *pool, struct weft_work *work,
                        struct weft_worker *worker)
{
    claim_and_run(pool, work, worker);
    pthread_mutex_lock(&pool->lock);
    unlist_locked(pool, work);
    pthread_mutex_unlock(&pool->lock);
    weft_wait(&pool->done, is_unused, work, pool->device->spin_ns, UINT64_MAX);
}

/* ---- Threads ---- */

static bool has_change(void *data)
{
    struct weft_pool *pool = data;
    bool work;

    if (atomic_load_explicit(&pool->stopping, memory_order_relaxed))
        return true;
    pthread_mutex_lock(&pool->lock);
    work = pool->works != NULL;
    pthread_mutex_unlock(&pool->lock);
    return work;
}

struct publication {
    struct weft_pool *pool;
    unsigned seq;
};

/* Looks at the counter, not at the list: the queues need its lock. */
static bool is_published(void *data)
{
    const struct publication *publication = data;

    return atomic_load_explicit(&publication->pool->wake.seq, memory_order_relaxed) !=
           publication->seq;
}

static void *work_thread(void *data)
{
    struct weft_pool_thread *thread = data;
    struct weft_pool *pool = thread->pool;
    void *stack = weft_fault_thread_begin();
    struct publication publication = {.pool = pool};
    bool worked = false;

    while (!atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
        struct weft_work *work;

        publication.seq = atomic_load_explicit(&pool->wake.seq, memory_order_relaxed);
        work = join_some(pool);
        if (work != NULL) {
            weft_worker_refresh(&thread->worker);
            claim_and_run(pool, work, &thread->worker);
            leave(pool, work);
            worked = true;
        } else if (worked) {
            weft_spin(is_published, &publication, pool->device->spin_ns);
            worked = false;
        } else {
            weft_wait(&pool->wake, has_change, pool, 0, UINT64_MAX);
        }
    }
    weft_fault_thread_end(stack);
    return NULL;
}

int weft_pool_init(struct weft_pool *pool, struct weft_device *device, uint32_t thread_count)
{
    int rc = 0;

    memset(pool, 0, sizeof(*pool));
    pool->device = device;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_mutex_init(&pool->reserve_lock, NULL);
    weft_wake_init(&pool->wake);
    weft_wake_init(&pool->done);
    atomic_init(&pool->stopping, false);
    if (thread_count == 0)
        return 0;
    pool->threads = calloc(thread_count, sizeof(*pool->threads));
    if (pool->threads == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < thread_count; i++) {
        struct weft_pool_thread *thread = &pool->threads[i];
        char name[16];

        thread->pool = pool;
        weft_worker_init(&thread->worker, device);
        snprintf(name, sizeof(name), "weft-worker-%u", i % 1000);
        rc = weft_thread_create(&thread->thread, name, work_thread, thread);
        if (rc != 0)
            break;
        pool->thread_count++;
    }
    if (rc != 0)
        weft_pool_stop(pool);
    return rc;
}

void weft_pool_stop(struct weft_pool *pool)
{
    atomic_store(&pool->stopping, true);
    weft_wake_all(&pool->wake);
    for (uint32_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i].thread, NULL);
    pthread_mutex_lock(&pool->reserve_lock);
    for (uint32_t i = 0; i < pool->thread_count; i++)
        weft_worker_finish(&pool->threads[i].worker);
    pool->thread_count = 0;
    pthread_mutex_unlock(&pool->reserve_lock);
}

void weft_pool_finish(struct weft_pool *pool)
{
    /* A device that failed before its pool was made has none. */
    if (pool->device == NULL)
        return;
    free(pool->threads);
    pthread_mutex_destroy(&pool->reserve_lock);
    pthread_mutex_destroy(&pool->lock);
}

void weft_worker_init(struct weft_worker *worker, struct weft_device *device)
{
    memset(worker, 0, sizeof(*worker));
    weft_scratch_init(&worker->scratch);
    worker->args.stop = (const volatile uint32_t *)&device->stop;
}

void weft_worker_finish(struct weft_worker *worker)
{
    weft_scratch_finish(&worker->scratch);
}

void weft_worker_refresh(struct weft_worker *worker)
{
    weft_scratch_adopt(&worker->scratch);
    worker->args.shared = weft_scratch_shared(&worker->scratch);
    worker->args.scratch = weft_scratch_scratch(&worker->scratch);
}

int weft_pool_reserve(struct weft_pool *pool, struct weft_worker *worker, uint32_t shared_B,
                      uint32_t scratch_B)
{
    int rc;

    pthread_mutex_lock(&pool->reserve_lock);
    rc = weft_scratch_reserve(&worker->scratch, shared_B, scratch_B);
    for (uint32_t i = 0; i < pool->thread_count && rc == 0; i++)
        rc = weft_scratch_reserve(&pool->threads[i].worker.scratch, shared_B, scratch_B);
    pthread_mutex_unlock(&pool->reserve_lock);
    return rc;
}
