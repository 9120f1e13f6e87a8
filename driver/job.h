/* SPDX-License-Identifier: MIT
 *
 * A job: create -> add -> arm -> push. Only the steps up to arm can fail; all memory is taken there.
 */
#ifndef WEFT_JOB_H
#define WEFT_JOB_H

#include "exec.h"
#include "vm.h"
#include "weft/driver.h"

/* A fence or a timeline and its value, waited for or signalled. Holds a reference. */
struct weft_job_sync {
    struct weft_fence *fence;
    struct weft_timeline *timeline;
    uint64_t value;
};

struct weft_job_syncs {
    struct weft_job_sync *items;
    uint32_t count, capacity;
};

/* Memory to put behind a part of a sparse bo. Holds references. */
struct weft_job_bind {
    struct weft_bo *sparse, *bo; /* bo: NULL for none */
    uint64_t offset_B, size_B, bo_offset_B;
};

struct weft_job {
    struct weft_job *next;    /* in the queue */
    struct weft_queue *queue; /* referenced */
    bool armed;
    struct weft_snapshot *snapshot;
    uint32_t shared_B, scratch_B; /* that arming has reserved for each worker */
    struct weft_stream **streams;
    uint32_t stream_count, stream_capacity;
    struct weft_job_bind *binds;
    uint32_t bind_count, bind_capacity;
    uint64_t *undo; /* of the binds' plans, from arming to pushing; NULL without binds */
    struct weft_job_syncs waits, signals;
};

/* Whether there is nothing to wait for and nothing to do but to retire the job. */
bool weft_job_is_void(struct weft_job *job);
/* Waits until all that the job waits for is there. 0, or -EIO when that failed or the device is
 * lost. */
int weft_job_wait_ready(struct weft_job *job);
void weft_job_run(struct weft_job *job, struct weft_exec *exec);
/* Rule 4: drops what the job references, then signals with the status, then frees the job; but
 * leaves its reference on the queue to the caller, and waking device->changed. */
void weft_job_retire(struct weft_job *job, int status);

#endif
