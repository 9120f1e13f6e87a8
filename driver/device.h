/* SPDX-License-Identifier: MIT
 *
 * DOC: The device
 *
 * Owns what everything else shares. Two counts: weft_device_destroy() ends the threads; the memory
 * stays until the last object that was made from the device is gone.
 *
 * Locks, in the order in which they may be taken: queues_lock, queue.lock | vm.lock | loader_lock |
 * disk_lock | tier.lock | lost_lock | pool.lock. Those separated by | are never held together.
 */
#ifndef WEFT_DEVICE_H
#define WEFT_DEVICE_H

#include <pthread.h>

#include "backing.h"
#include "disk_cache.h"
#include "loader.h"
#include "mark.h"
#include "poller.h"
#include "profile.h"
#include "ref.h"
#include "tier.h"
#include "vm.h"
#include "wake.h"
#include "watchdog.h"
#include "weft/driver.h"
#include "worker/pool.h"

struct weft_device {
    struct weft_ref ref;
    struct weft_machine machine; /* immutable */
    struct weft_mark mark;       /* of the process that made the device; immutable */
    uint32_t threads;            /* that run kernels, the queue's included; immutable */
    uint64_t spin_ns;            /* how long a wait spins before it sleeps; immutable */
    struct weft_profile profile; /* immutable */
    bool reports;                /* WEFT_DEBUG has `report`: what stayed slow is told; immutable */

    _Atomic(weft_message_fn *) message;
    void *message_data;

    /* Fences, timelines, events, queries, retired jobs, loss: all that a wait can wait for. */
    struct weft_wake changed;

    pthread_mutex_t lost_lock; /* guards the transition to lost */
    bool losing; /* guarded by lost_lock: the reason is written, the message on its way */
    atomic_bool lost;          /* set after lost_reason */
    _Atomic uint32_t stop;     /* what weft_worker_args.stop points to */
    char lost_reason[512];
    struct weft_fault_info fault; /* written with lost_reason; zeros: nothing is known */

    struct weft_vm vm;
    struct weft_mappings mappings; /* of sparse bos */
    struct weft_pool pool;

    pthread_mutex_t loader_lock; /* guards loader, loader_open */
    struct weft_loader loader;
    bool loader_open;

    pthread_mutex_t disk_lock; /* guards disk_tried and the writing of disk */
    bool disk_tried;
    struct weft_disk_cache *disk; /* NULL: there is none */

    struct weft_tier tier;

    pthread_mutex_t queues_lock; /* guards queues, closed and the links of the queues */
    struct weft_queue *queues;
    bool closed; /* weft_device_destroy() has begun */
    struct weft_watchdog watchdog;
    struct weft_poller poller;
};

struct weft_device *weft_device_get(struct weft_device *device);
void weft_device_put(struct weft_device **device);

/* weft_device_lose(), with what is known of the fault (or NULL). */
void weft_device_lose_by(struct weft_device *device, const char *reason,
                         const struct weft_fault_info *fault);

/* Sends a message to the application. Never with a lock held. Any thread. */
void weft_device_message(struct weft_device *device, enum weft_message_severity severity,
                         const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Loads the compiler if it is not loaded yet. As weft_loader_open(). */
int weft_device_compiler(struct weft_device *device, struct weft_loader *loader_out,
                         char **message_out);

/* The disk cache, opened at the first call; NULL when there is none. */
struct weft_disk_cache *weft_device_disk(struct weft_device *device);

#endif
