/* SPDX-License-Identifier: MIT */
#include "worker/pool.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "program.h"
#include "thread.h"
#include "worker/fault.h"

/* Chunks are this fraction of a thread's share of what is left, so the last ones are small. */
#define CHUNKS_PER_THREAD 4u
/* Threads that share a counter: few enough that they seldom wait for its cache line. */
#define SHARD_THREADS 16u
/* Threads that one thread wakes: a wake-up costs about as much as the woken one's way to run. */
#define WAKE_FANOUT 8u

/* ---- Running ---- */

struct run {
    struct weft_work *work;
    const struct weft_worker *worker;
    const _Atomic uint32_t *stop;
    uint64_t first, end; /* for a fixed range */
    uint32_t home;       /* for claiming: the shard to begin with */
    struct weft_spread *spread; /* likewise */
    int processor;
};

static void run_range(void *data)
{
    const struct run *run = data;

    run->work->run(run->work, &run->worker->args, run->first, run->end);
}

static bool claim(struct weft_work *work, struct weft_work_shard *shard, uint64_t *first_out,
                  uint64_t *end_out)
{
    uint64_t next = atomic_load_explicit(&shard->claimed, memory_order_relaxed), chunk, first;

    if (next >= shard->end)
        return false;
    chunk = (shard->end - next) / (CHUNKS_PER_THREAD * work->shard_threads);
    /* Whole multiples, so that kernels that pack several workgroups in a vector can. */
    chunk = chunk / work->chunk_min * work->chunk_min;
    if (chunk == 0)
        chunk = work->chunk_min;
    first = atomic_fetch_add_explicit(&shard->claimed, chunk, memory_order_relaxed);
    if (first >= shard->end)
        return false;
    *first_out = first;
    *end_out = shard->end - first < chunk ? shard->end : first + chunk;
    return true;
}

static void run_claims(void *data)
{
    struct run *run = data;
    struct weft_work *work = run->work;

    for (uint32_t i = 0; i < work->shard_count; i++) {
        struct weft_work_shard *shard = &work->shards[(run->home + i) % work->shard_count];
        uint64_t first, end;

        while (atomic_load_explicit(run->stop, memory_order_relaxed) == 0 &&
               claim(work, shard, &first, &end)) {
            run->processor = weft_spread_renew(run->spread, run->processor);
            work->run(work, &run->worker->args, first, end);
        }
    }
    if (work->end != NULL)
        work->end(work, &run->worker->args);
}

static bool run_contained(struct weft_device *device, struct run *run, void (*function)(void *))
{
    const struct weft_program *program = run->work->program;
    struct weft_fault_info info;
    struct weft_fault fault;
    char what[128], reason[256];
    uint32_t line;

    if (weft_fault_contain(function, run, &fault))
        return true;
    weft_fault_describe(&fault, what, sizeof(what));
    line = program != NULL ? weft_program_line(program, fault.pc) : 0;
    if (line != 0)
        snprintf(reason, sizeof(reason), "%s in a shader, line %u", what, line);
    else
        snprintf(reason, sizeof(reason), "%s in a %s", what,
                 program != NULL ? "shader" : "copy");
    info = (struct weft_fault_info){
        .address = fault.address,
        .pc = fault.pc,
        .write = fault.write,
        .line = line,
        .label = program != NULL ? atomic_load(&program->label) : NULL,
    };
    weft_device_lose_by(device, reason, &info);
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

/* `number` of `thread_count`: where among the threads the calling one stands. */
static void claim_and_run(struct weft_pool *pool, struct weft_work *work,
                          const struct weft_worker *worker, uint32_t number)
{
    struct run run = {
        .work = work,
        .worker = worker,
        .stop = &pool->device->stop,
        .home = number * work->shard_count / (pool->thread_count + 1),
        .spread = &pool->spread,
        .processor = weft_spread_enter(&pool->spread),
    };

    run_contained(pool->device, &run, run_claims);
    weft_spread_leave(&pool->spread, run.processor);
}

/* ---- Tickets ---- */

/* Takes at most so many off a count; how many. */
static unsigned take(atomic_uint *count, unsigned most)
{
    unsigned there = atomic_load_explicit(count, memory_order_relaxed);

    while (there != 0 && most != 0) {
        unsigned taken = there < most ? there : most;

        if (atomic_compare_exchange_weak(count, &there, there - taken))
            return taken;
    }
    return 0;
}

/* Tickets and those on their way with one are never fewer than all seats. Somebody may come with a
 * ticket and find the seats gone; then nothing is left to do. */
static bool take_ticket(void *data)
{
    return take(&((struct weft_pool *)data)->tickets, 1) != 0;
}

static void wake_some(struct weft_pool *pool)
{
    unsigned count = take(&pool->unwoken, WAKE_FANOUT);

    if (count != 0)
        weft_wake_some(&pool->wake, count);
}

/* ---- The list ---- */

static void unlist_locked(struct weft_pool *pool, struct weft_work *work)
{
    if (!atomic_load_explicit(&work->listed, memory_order_relaxed))
        return;
    atomic_store_explicit(&work->listed, false, memory_order_relaxed);
    if (work->next == work) {
        pool->works = NULL;
    } else {
        work->prev->next = work->next;
        work->next->prev = work->prev;
        if (pool->works == work)
            pool->works = work->next;
    }
    take(&pool->tickets, work->seats);
    take(&pool->unwoken, work->seats);
    work->seats = 0;
}

static void unlist(struct weft_pool *pool, struct weft_work *work)
{
    if (!atomic_load_explicit(&work->listed, memory_order_relaxed))
        return;
    pthread_mutex_lock(&pool->lock);
    unlist_locked(pool, work);
    pthread_mutex_unlock(&pool->lock);
}

/* With a ticket: joins a work that has a seat left, or returns NULL. */
static struct weft_work *join_some(struct weft_pool *pool)
{
    struct weft_work *work = NULL, *other;

    pthread_mutex_lock(&pool->lock);
    other = pool->works;
    if (other != NULL) {
        do {
            if (other->seats != 0 && (work == NULL || other->priority > work->priority))
                work = other;
            other = other->next;
        } while (other != pool->works);
    }
    if (work != NULL) {
        work->seats--;
        /* The next thread starts elsewhere, so that queues share the workers. */
        pool->works = work->next;
        atomic_fetch_add_explicit(&work->users, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&pool->lock);
    return work;
}

static void leave(struct weft_pool *pool, struct weft_work *work)
{
    /* Nothing is left to claim, or the device is lost. */
    unlist(pool, work);
    /* After this the owner may reuse the work. */
    if (atomic_fetch_sub_explicit(&work->users, 1, memory_order_acq_rel) == 1)
        weft_wake_all(&pool->done);
}

void weft_work_init(struct weft_work *work)
{
    /* The shards are not looked at before split() fills them in. */
    memset(work, 0, offsetof(struct weft_work, shards));
    atomic_init(&work->users, 0);
    work->chunk_min = 1;
}

/* Splits the range into shards of whole chunks for so many threads. */
static void split(struct weft_work *work, uint32_t threads)
{
    uint64_t chunks = (work->total - work->first + work->chunk_min - 1) / work->chunk_min;
    uint64_t first = work->first;
    uint32_t count = (threads + SHARD_THREADS - 1) / SHARD_THREADS;

    if (count > WEFT_POOL_SHARDS)
        count = WEFT_POOL_SHARDS;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t end = work->first + (chunks / count * (i + 1) + chunks % count * (i + 1) / count) *
                                         work->chunk_min;

        if (end > work->total)
            end = work->total;
        atomic_init(&work->shards[i].claimed, first);
        work->shards[i].end = end;
        first = end;
    }
    work->shard_count = count;
    work->shard_threads = (threads + count - 1) / count;
}

void weft_pool_publish(struct weft_pool *pool, struct weft_work *work)
{
    uint64_t chunks = (work->total - work->first + work->chunk_min - 1) / work->chunk_min;
    uint32_t seats = chunks < pool->thread_count ? (uint32_t)chunks : pool->thread_count;

    if (work->threads_most != 0 && work->threads_most < seats)
        seats = work->threads_most;
    split(work, seats + 1);
    if (seats == 0)
        return;
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
    work->seats = seats;
    atomic_store_explicit(&work->listed, true, memory_order_relaxed);
    /* In this order: who is woken must find a ticket. */
    atomic_fetch_add(&pool->tickets, seats);
    atomic_fetch_add(&pool->unwoken, seats);
    pthread_mutex_unlock(&pool->lock);
    wake_some(pool);
}

bool weft_work_unused(const struct weft_work *work)
{
    return atomic_load_explicit(&work->users, memory_order_acquire) == 0;
}

static bool is_unused(void *data)
{
    return weft_work_unused(data);
}

void weft_pool_help(struct weft_pool *pool, struct weft_work *work, struct weft_worker *worker)
{
    if (work->shard_count == 0)
        split(work, 1);
    claim_and_run(pool, work, worker, 0);
    unlist(pool, work);
}

void weft_pool_complete(struct weft_pool *pool, struct weft_work *work,
                        struct weft_worker *worker)
{
    weft_pool_help(pool, work, worker);
    weft_wait(&pool->done, is_unused, work, pool->device->spin_ns, UINT64_MAX);
}

/* ---- Threads ---- */

static bool has_change(void *data)
{
    struct weft_pool *pool = data;

    return atomic_load_explicit(&pool->stopping, memory_order_relaxed) ||
           atomic_load(&pool->tickets) != 0;
}

static void *work_thread(void *data)
{
    struct weft_pool_thread *thread = data;
    struct weft_pool *pool = thread->pool;
    void *stack = weft_fault_thread_begin();

    while (!atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
        bool worked = false;

        /* Spins for a ticket, not for a change: threads that others are faster than fall asleep. */
        while (take_ticket(pool) ||
               (worked && weft_spin(take_ticket, pool, pool->device->spin_ns))) {
            struct weft_work *work = join_some(pool);

            if (work == NULL)
                continue;
            wake_some(pool);
            weft_worker_refresh(&thread->worker);
            claim_and_run(pool, work, &thread->worker, thread->number);
            leave(pool, work);
            worked = true;
        }
        weft_wait(&pool->wake, has_change, pool, 0, UINT64_MAX);
    }
    weft_fault_thread_end(stack);
    return NULL;
}

int weft_pool_init(struct weft_pool *pool, struct weft_device *device, uint32_t thread_count)
{
    memset(pool, 0, sizeof(*pool));
    pool->device = device;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_mutex_init(&pool->start_lock, NULL);
    pthread_mutex_init(&pool->reserve_lock, NULL);
    weft_wake_init(&pool->wake);
    weft_wake_init(&pool->done);
    atomic_init(&pool->tickets, 0);
    atomic_init(&pool->unwoken, 0);
    atomic_init(&pool->stopping, false);
    atomic_init(&pool->started_count, 0);
    if (thread_count == 0)
        return 0;
    pool->threads = calloc(thread_count, sizeof(*pool->threads));
    if (pool->threads == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < thread_count; i++) {
        struct weft_pool_thread *thread = &pool->threads[i];

        thread->pool = pool;
        thread->number = i + 1; /* 0 is the queues' */
        weft_worker_init(&thread->worker, device);
    }
    pool->thread_count = thread_count;
    return 0;
}

int weft_pool_start(struct weft_pool *pool)
{
    uint32_t started;
    int rc = 0;

    if (atomic_load(&pool->started_count) == pool->thread_count)
        return 0;
    pthread_mutex_lock(&pool->start_lock);
    started = atomic_load(&pool->started_count);
    while (rc == 0 && started < pool->thread_count && !atomic_load(&pool->stopping)) {
        struct weft_pool_thread *thread = &pool->threads[started];
        char name[16];

        snprintf(name, sizeof(name), "weft-worker-%u", started % 1000);
        rc = weft_thread_create(&thread->thread, name, work_thread, thread);
        if (rc == 0)
            atomic_store(&pool->started_count, ++started);
    }
    pthread_mutex_unlock(&pool->start_lock);
    return rc;
}

void weft_pool_stop(struct weft_pool *pool)
{
    pthread_mutex_lock(&pool->start_lock);
    atomic_store(&pool->stopping, true);
    pthread_mutex_unlock(&pool->start_lock);
    weft_wake_all(&pool->wake);
    for (uint32_t i = 0; i < atomic_load(&pool->started_count); i++)
        pthread_join(pool->threads[i].thread, NULL);
    pthread_mutex_lock(&pool->reserve_lock);
    for (uint32_t i = 0; i < pool->thread_count; i++)
        weft_worker_finish(&pool->threads[i].worker);
    pool->thread_count = 0;
    atomic_store(&pool->started_count, 0);
    pthread_mutex_unlock(&pool->reserve_lock);
}

void weft_pool_finish(struct weft_pool *pool)
{
    /* A device that failed before its pool was made has none. */
    if (pool->device == NULL)
        return;
    free(pool->threads);
    pthread_mutex_destroy(&pool->reserve_lock);
    pthread_mutex_destroy(&pool->start_lock);
    pthread_mutex_destroy(&pool->lock);
}

void weft_worker_init(struct weft_worker *worker, struct weft_device *device)
{
    memset(worker, 0, sizeof(*worker));
    weft_scratch_init(&worker->scratch);
    worker->args.sums = &worker->sums;
    worker->args.stop = (const volatile uint32_t *)&device->stop;
    worker->args.decode = weft_block_decode_lanes;
    worker->args.sample = weft_sample_function(device->machine.isa);
}

void weft_worker_finish(struct weft_worker *worker)
{
    weft_scratch_finish(&worker->scratch);
    weft_sums_finish(&worker->sums);
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
    if (rc == 0 && (shared_B > pool->shared_B || scratch_B > pool->scratch_B)) {
        for (uint32_t i = 0; i < pool->thread_count && rc == 0; i++)
            rc = weft_scratch_reserve(&pool->threads[i].worker.scratch, shared_B, scratch_B);
        if (rc == 0 && shared_B > pool->shared_B)
            pool->shared_B = shared_B;
        if (rc == 0 && scratch_B > pool->scratch_B)
            pool->scratch_B = scratch_B;
    }
    pthread_mutex_unlock(&pool->reserve_lock);
    return rc;
}
