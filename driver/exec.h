/* SPDX-License-Identifier: MIT
 *
 * DOC: Walking packets
 *
 * The thread of a queue walks the streams of a job and does what the packets say: small things at
 * once, large ones as works offered to the pool. A barrier completes all works offered so far.
 * Nothing here allocates or fails; a packet that names memory outside every buffer object is
 * dropped with a message.
 */
#ifndef WEFT_EXEC_H
#define WEFT_EXEC_H

#include "packet.h"
#include "stream.h"
#include "vm.h"
#include "worker/pool.h"

/* Works offered and not completed yet; one more completes the oldest first. */
#define WEFT_EXEC_WORKS 32u
/* Statistics queries active at a time. */
#define WEFT_EXEC_QUERIES 8u

struct weft_exec_work {
    struct weft_work work;
    const struct weft_kernel_args *args; /* in the packet, or the copy below */
    struct weft_kernel_args own_args;    /* of an indirect dispatch */
    uint32_t shared_B, scratch_B;        /* that workers have for a dispatch */
    uint64_t sums_B;                     /* size of a buffer that they have a copy of at most */
    union {
        struct weft_copy_region own_region;     /* of an indirect copy */
        struct weft_box_copy own_box;
        unsigned char own_push[WEFT_MAX_PUSH_B]; /* of a generated dispatch */
    };
};

struct weft_exec {
    struct weft_device *device;
    struct weft_worker *worker;           /* of the thread that walks */
    const struct weft_snapshot *snapshot; /* of the job */
    uint32_t shared_B, scratch_B;         /* that workers have for the job */
    uint32_t work_first, work_count; /* a ring */
    bool skip;                       /* in a condition that does not hold: no dispatches */
    int priority;                    /* of the job's queue */
    _Atomic(const void *) label;     /* of the program dispatched last, for the watchdog */
    uint64_t invocations;            /* dispatched so far in this job */
    struct {
        uint64_t slot, invocations; /* at query_begin */
    } queries[WEFT_EXEC_QUERIES];
    uint32_t query_count;
    struct weft_exec_work works[WEFT_EXEC_WORKS]; /* last: 60 KB that only weft_exec_work() fills */
};

void weft_exec_init(struct weft_exec *exec, struct weft_device *device,
                    struct weft_worker *worker);
void weft_exec_begin(struct weft_exec *exec, const struct weft_snapshot *snapshot,
                     uint32_t shared_B, uint32_t scratch_B);
void weft_exec_stream(struct weft_exec *exec, const struct weft_stream *stream);
/* Completes all works. */
void weft_exec_end(struct weft_exec *exec);

/* ---- For the functions behind the packets (exec_*.c) ---- */

typedef void weft_exec_fn(struct weft_exec *exec, const struct weft_packet *packet);
weft_exec_fn weft_exec_dispatch, weft_exec_dispatch_indirect, weft_exec_generated, weft_exec_copy,
    weft_exec_copy_indirect, weft_exec_fill, weft_exec_update, weft_exec_copy_boxes,
    weft_exec_copy_boxes_indirect, weft_exec_fill_boxes, weft_exec_timestamp, weft_exec_query_reset, weft_exec_query_begin,
    weft_exec_query_end, weft_exec_query_copy;

/* A work to fill in, unused by anybody. */
struct weft_exec_work *weft_exec_work(struct weft_exec *exec);
/* Offers the work that weft_exec_work() returned last to the pool. */
void weft_exec_offer(struct weft_exec *exec, struct weft_exec_work *work);
/* Completes all works offered so far. */
void weft_exec_complete(struct weft_exec *exec);
/* Whether the range lies in one buffer object and starts at a multiple of `alignment`; sends a message
 * naming `what` if not. */
bool weft_exec_check(struct weft_exec *exec, const char *what, uint64_t address, uint64_t size_B,
                     uint64_t alignment);

#endif
