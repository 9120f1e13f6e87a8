/* SPDX-License-Identifier: MIT
 *
 * DOC: The driver's interface
 *
 * What ioctls are to a kernel driver: all that icd/ sees of driver/. Data flows one way, from the
 * application down; completion comes back only as fences.
 *
 * Lifetime rules. The driver cannot be crashed by an application that destroys things in the wrong
 * order, because of these; tests/lifetime has a test for each.
 *   1. A Vulkan handle is not the object. Destroying a handle drops one reference.
 *   2. What a job reads is frozen and referenced by the job: command streams and programs are frozen
 *      when recording ends; an address-space snapshot holds a reference on every buffer object. So
 *      memory in flight can be neither freed nor unmapped, whatever the application does.
 *   3. Submitting is create -> add dependencies -> arm -> push. Only the steps before arm can fail;
 *      all memory is taken before it. push takes the job and clears the caller's pointer.
 *   4. When a job retires it drops its references, then signals. Errors are set before the signal.
 *   5. Publish last: an object becomes visible when it is complete. Lookup tables hold weak pointers,
 *      and a lookup takes a reference only if the count is not zero already, under the table's lock.
 *   6. A timeline's state is counted apart from the handle that shows it.
 *   7. Increment relaxed, decrement acquire-release. Destroying a device drains, then joins.
 *   8. SPIR-V is untrusted bytes: a message and an error, never an abort.
 *
 * Conventions. Functions that can fail return 0 or -errno and write their outputs (`_out`, last) only
 * on success. `get` takes a reference and returns its argument; `put(&p)` drops one and clears the
 * caller's pointer; both accept NULL. Sizes end in _B, times in _ns. Everything is thread-safe
 * unless its comment says "externally synchronised". No function calls back into icd/ except
 * weft_message_fn.
 */
#ifndef WEFT_DRIVER_H
#define WEFT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weft/compile.h"
#include "weft/kernel.h"

struct weft_device;
struct weft_bo;
struct weft_program;
struct weft_stream;
struct weft_job;
struct weft_queue;
struct weft_fence;
struct weft_timeline;
struct weft_event;
struct weft_counters;
struct weft_program_table;

/* ---- Machine facts (machine.c) ---- */

struct weft_machine {
    uint32_t cores;         /* that the process may use: affinity and cgroup quota */
    uint64_t memory_B;      /* that the process may use: physical, cgroup limit, RLIMIT_AS */
    uint64_t page_B;
    enum weft_isa isa;      /* best that the CPU and the operating system support; WEFT_ISA forces less */
    uint32_t features;      /* WEFT_FEATURE_* that the CPU has at that level; none where WEFT_ISA forces a level */
    enum weft_isa fast_isa; /* for what is compiled fast: the best that the compiler makes code for without LLVM */
    uint32_t width;         /* WEFT_WIDTH forces the vector width; 0 when unset */
    char name[256];         /* the CPU's name */
    uint8_t build_id[20];   /* changes with every build of the driver */
};
/* Reads the facts afresh; cheap; never fails (falls back to one core, 1 GiB, SSE). */
void weft_machine_query(struct weft_machine *machine_out);
/* Memory that the process could still use now, in bytes (for VK_EXT_memory_budget). */
uint64_t weft_machine_available_B(void);

/* ---- Device (device.c): owns the workers, the address space and the compiler ---- */

enum weft_message_severity { WEFT_MESSAGE_INFO, WEFT_MESSAGE_WARNING, WEFT_MESSAGE_ERROR };
/* A message for the application's debug messenger. May be called from any thread, never with a
 * driver lock held. */
typedef void weft_message_fn(void *data, enum weft_message_severity severity, const char *id,
                             const char *text);

struct weft_device_info {
    const struct weft_machine *machine; /* what weft_machine_query() said; NULL: asks again */
    uint32_t worker_count;      /* threads; 0: one per core. WEFT_THREADS overrides */
    weft_message_fn *message;   /* or NULL */
    void *message_data;
    uint64_t hang_timeout_ns;   /* a job that runs longer is cancelled and the device is lost; 0: the
                                   default (WEFT_HANG_SECONDS or never) */
};
int weft_device_create(const struct weft_device_info *info, struct weft_device **device_out);
/* Drains all queues, joins all threads. When no job retires for 2 s, or all that are left wait for
 * what only the application could signal, the rest is cancelled: the device is lost. Objects that
 * still hold references to the device keep its memory, not its threads. Accepts NULL; clears the
 * pointer. In a forked child of the process that made the device, where its threads are not, it returns at
 * once and frees nothing; so does weft_queue_destroy(). */
void weft_device_destroy(struct weft_device **device);
/* 0, or -EIO once the device is lost (a job crashed, hung or was cancelled; or in a forked child of the
 * process that made it). Sticky. */
int weft_device_status(const struct weft_device *device);
/* Marks the device lost with a reason, signals every pending fence with -EIO. */
void weft_device_lose(struct weft_device *device, const char *reason);
/* What is known of a fault that lost the device. */
struct weft_fault_info {
    uint64_t address;  /* that was accessed, where pc is known */
    uint64_t pc;       /* of the instruction, or 0: nothing was accessed, the device was stuck */
    bool write;
    uint32_t line;     /* of the shader's source, or 0 */
    const void *label; /* of the program, as weft_program_set_label() gave it, or NULL */
};
/* False where the device is not lost, or nothing is known but the reason. */
bool weft_device_fault(const struct weft_device *device, struct weft_fault_info *fault_out);
/* The reason the device was lost, or NULL. Owned by the device. */
const char *weft_device_lost_reason(const struct weft_device *device);
uint64_t weft_clock_ns(void); /* CLOCK_MONOTONIC; timestamps are in these */

/* ---- Buffer objects (bo.c): memory that kernels can address ---- */

enum weft_bo_flags {
    WEFT_BO_ZERO = 1,   /* always zeroed today; asked for by zero-initialised memory */
    WEFT_BO_SHARED = 2, /* can be mapped in more places: weft_bo_map_at, weft_bo_create_sparse */
    WEFT_BO_EXPORT = 4, /* weft_bo_export works; implies SHARED */
    WEFT_BO_SPARSE = 8, /* as weft_bo_create_sparse() makes them; no other flag but PLACED */
    WEFT_BO_PLACED = 16, /* at an address that is likely free in other processes, too, where there are any */
};
/* Allocates size_B > 0 bytes, zeroed, 64-byte aligned at least (huge pages from 2 MiB on).
 * -ENOMEM. The memory is added to the address space and followed by a readable guard of 64 bytes. */
int weft_bo_create(struct weft_device *device, uint64_t size_B, uint32_t flags,
                   struct weft_bo **bo_out);
/* The same at an address, that of a bo of the same size and flags in another process, which was PLACED;
 * 0: at any. -EADDRINUSE: something else is there. */
int weft_bo_create_at(struct weft_device *device, uint64_t size_B, uint32_t flags, uint64_t address,
                      struct weft_bo **bo_out);
/* Memory of the application's own process, whole pages, which the application frees after the last put.
 * No guard follows it. -ENOMEM, -EINVAL */
int weft_bo_import_host(struct weft_device *device, void *memory, uint64_t size_B,
                        struct weft_bo **bo_out);
/* Memory behind a file descriptor (a memfd or dma-buf), from its start on. Takes the descriptor where
 * it succeeds. -EINVAL: it can't be mapped, or is smaller; -ENOMEM */
int weft_bo_import_fd(struct weft_device *device, int fd, uint64_t size_B,
                      struct weft_bo **bo_out);
/* A new descriptor for the memory of a bo made with WEFT_BO_EXPORT, or imported by descriptor. dma_buf:
 * one that other drivers can import, too, where the system can make them of memory; else as without.
 * -EINVAL, -EMFILE */
int weft_bo_export(const struct weft_bo *bo, bool dma_buf, int *fd_out);
/* Maps offset_B .. offset_B + size_B of a bo that is SHARED at an address as well, over whatever was
 * there; all in whole pages. -EINVAL, -ENOMEM */
int weft_bo_map_at(const struct weft_bo *bo, uint64_t offset_B, uint64_t size_B, void *address);
/* Makes an address range of the process unusable, and keeps it from being used for anything else. */
int weft_reserve(void *address, uint64_t size_B);
/* Undoes weft_bo_map_at. */
void weft_unmap(void *address, uint64_t size_B);

/* Address space with nothing behind it: reads give zeros, or what was written there before. Memory is
 * put behind it by weft_job_bind. */
int weft_bo_create_sparse(struct weft_device *device, uint64_t size_B, struct weft_bo **bo_out);
/* A byte for each WEFT_RESIDENT_PAGE_B bytes (weft/image.h) of a sparse bo: 1 where memory is behind them. */
uint8_t *weft_bo_residency(const struct weft_bo *sparse);

struct weft_bo *weft_bo_get(struct weft_bo *bo);
void weft_bo_put(struct weft_bo **bo);
/* The handle is gone: takes the memory out of the address space of later jobs, then drops the
 * caller's reference. Jobs in flight keep theirs. */
void weft_bo_close(struct weft_bo **bo);
void *weft_bo_map(const struct weft_bo *bo); /* host pointer == device address; valid until the last put */
uint64_t weft_bo_size(const struct weft_bo *bo);

/* ---- Calls side by side (parallel.c) ---- */

/* Calls run(data, 0) to run(data, count - 1) on the calling thread and on as many others as the device has
 * threads, and returns when all have returned. Where no thread is to be had, the calling one does it alone. */
void weft_parallel(struct weft_device *device, uint32_t count,
                   void (*run)(void *data, uint32_t index), void *data);

/* ---- Programs (program.c): a kernel image in executable memory; immutable, but that a better one may
 * come (tier.h) ---- */

struct weft_program_info {
    const uint32_t *spirv;
    size_t spirv_words;
    const char *entry;
    const struct weft_binding *bindings;
    uint32_t binding_count;
    const struct weft_spec_entry *spec_entries;
    uint32_t spec_entry_count;
    const void *spec_data;
    size_t spec_data_B;
    uint32_t subgroup_size; /* 0: default */
    uint32_t flags;         /* WEFT_REQUEST_*; with FAST, the code that is compiled fast stays */
    uint32_t width;         /* of vectors; 0: the machine's, see weft_machine_query */
    uint32_t isa;           /* enum weft_isa; 0: the machine's, and its features */
    uint32_t features;      /* WEFT_FEATURE_* beside an isa */
    bool only_cached;       /* don't compile */
    bool well;              /* what comes first is what stays: its code is to be shown, or kept */
};
/* Loads from the disk cache (WEFT_CACHE, see disk_cache.h), or compiles, loads and fills the cache.
 * Compiles fast first, and well in the background (tier.h), but where the info says `well` or WEFT_TIERS
 * is off. On error *message_out (if not NULL) is a line to free(). -EINVAL, -ENOTSUP, -ENOMEM as
 * weft_compile; -ENOENT: the compiler library cannot be loaded; -EAGAIN: only_cached, and it isn't. */
int weft_program_create(struct weft_device *device, const struct weft_program_info *info,
                        struct weft_program **program_out, char **message_out);
/* Loads an image made earlier (a pipeline cache's). -EINVAL if it is damaged or not for this machine. */
int weft_program_load(struct weft_device *device, const void *image, size_t image_B,
                      struct weft_program **program_out);
/* Where the image was compiled fast, lets better code be compiled in the background (see tier.h) from
 * the request that it was made for. `again`: an earlier process has made it, so that later ones are
 * likely. Before anybody else has the program. Silent when it can't. */
void weft_program_improve(struct weft_program *program, const void *request, size_t request_B,
                          bool again);
/* The request bytes that weft_program_create would compile, for hashing and for caches; free().
 * -ENOMEM */
int weft_program_request(struct weft_device *device, const struct weft_program_info *info,
                         void **request_out, size_t *request_B_out);
/* What the compiler can tell of request bytes: WEFT_LIST_* says what; text to free(). Errors as
 * weft_program_create. */
int weft_program_list(struct weft_device *device, const void *request, size_t request_B,
                      uint32_t list, char **text_out);
struct weft_program *weft_program_get(struct weft_program *program);
void weft_program_put(struct weft_program **program);
/* A number for weft_device_fault to name the program by. Programs that are shared have the last one. */
void weft_program_set_label(struct weft_program *program, const void *label);
/* The best that there is by now: two calls may give two images. Each lives as long as the program. */
const struct weft_image *weft_program_image(const struct weft_program *program);

/* ---- Tables of programs (program_table.c): what generated dispatches choose from ---- */

/* A table of count empty places. -ENOMEM */
int weft_program_table_create(struct weft_device *device, uint32_t count,
                              struct weft_program_table **table_out);
struct weft_program_table *weft_program_table_get(struct weft_program_table *table);
void weft_program_table_put(struct weft_program_table **table);
/* Puts a program, of which it takes a reference, into a place. What was there is kept as long as the
 * table, for jobs in flight may run it. -EINVAL: no such place; -ENOMEM */
int weft_program_table_set(struct weft_program_table *table, uint32_t index,
                           struct weft_program *program);

/* ---- Command streams (stream.c): packets, written by one thread, then frozen ---- */

/* Externally synchronised until frozen. The stream holds references to what its packets name. */
int weft_stream_create(struct weft_device *device, struct weft_stream **stream_out);
struct weft_stream *weft_stream_get(struct weft_stream *stream);
void weft_stream_put(struct weft_stream **stream);
/* Memory in the stream that lives as long as it; 64-byte aligned; NULL when out of memory (sticky). */
void *weft_stream_alloc(struct weft_stream *stream, size_t size_B);
/* Makes the stream hold a reference until it is freed. Duplicates are cheap. -ENOMEM (sticky) */
int weft_stream_hold_bo(struct weft_stream *stream, struct weft_bo *bo);
int weft_stream_hold_program(struct weft_stream *stream, struct weft_program *program);
int weft_stream_hold_event(struct weft_stream *stream, struct weft_event *event);
int weft_stream_hold_stream(struct weft_stream *stream, struct weft_stream *callee);
/* No packet can be added after this. Returns 0 or the sticky error. */
int weft_stream_freeze(struct weft_stream *stream);

/* Packets. Each emits one packet in order, or returns -ENOMEM (sticky). Addresses are host addresses;
 * packets that the driver can check are checked when they execute against the job's snapshot of the
 * address space: a copy outside any buffer object is dropped with a message. Packets run in order of
 * their effects only across weft_emit_barrier; dispatches without one between them may overlap. */
struct weft_copy_region {
    uint64_t src, dst, size_B;
};
/* args is copied; args->sets, dynamic and push_constants must live in the stream (weft_stream_alloc)
 * or in held buffer objects. */
int weft_emit_dispatch(struct weft_stream *stream, struct weft_program *program,
                       const struct weft_kernel_args *args);
/* group_count is read when the packet executes from three uint32_t at address. */
int weft_emit_dispatch_indirect(struct weft_stream *stream, struct weft_program *program,
                                const struct weft_kernel_args *args, uint64_t address);
/* Dispatches up to the end are left out where the uint32_t at address is 0 when the begin executes;
 * inverted: where it is not. Streams that are called in between are part of it. */
int weft_emit_condition_begin(struct weft_stream *stream, uint64_t address, bool inverted);
int weft_emit_condition_end(struct weft_stream *stream);
int weft_emit_barrier(struct weft_stream *stream);
int weft_emit_copy(struct weft_stream *stream, const struct weft_copy_region *regions,
                   uint32_t region_count);
/* count regions (struct weft_copy_region), stride_B apart, that are read when the packet executes. */
int weft_emit_copy_indirect(struct weft_stream *stream, uint64_t address, uint64_t stride_B,
                            uint32_t count);
int weft_emit_fill(struct weft_stream *stream, uint64_t dst, uint64_t size_B, uint32_t value);
int weft_emit_update(struct weft_stream *stream, uint64_t dst, uint64_t size_B, const void *data);

/* Boxes: slices of rows, as images consist of. Rows and slices may lie any distance apart. */
struct weft_box {
    uint64_t address;
    uint64_t row_B, slice_B; /* from a row to the next, from a slice to the next */
};
struct weft_box_copy {
    struct weft_box src, dst; /* what overlaps is copied in any order */
    uint64_t width_B;         /* bytes of a row to copy */
    uint32_t rows, slices;
};
#define WEFT_MAX_PATTERN_B 32u
struct weft_box_fill {
    struct weft_box dst;
    uint64_t width_B; /* a multiple of pattern_B */
    uint32_t rows, slices;
    uint32_t pattern_B; /* 1 .. WEFT_MAX_PATTERN_B: bytes that are repeated along a row */
    uint8_t pattern[WEFT_MAX_PATTERN_B];
};
int weft_emit_copy_boxes(struct weft_stream *stream, const struct weft_box_copy *copies,
                         uint32_t count);
int weft_emit_fill_boxes(struct weft_stream *stream, const struct weft_box_fill *fills,
                         uint32_t count);
/* Copies to a level of an image that commands describe, which lie in memory, stride_B apart, and are read when the
 * packet executes: one for each target. */
struct weft_box_target {
    struct weft_box box;    /* of the whole level, or of the layers that are written */
    uint32_t width, height; /* of the level, in texels */
    uint32_t slices;        /* of the level, or layers */
    uint32_t layered;       /* all layers are written, whatever the command says of z */
    uint32_t block_width, block_height, block_B;
};
struct weft_box_command { /* VkCopyMemoryToImageIndirectCommandKHR */
    uint64_t src;
    uint32_t row_length, image_height; /* in texels; 0: the extent's */
    uint32_t subresource[4];           /* known already: the target's */
    int32_t offset[3];
    uint32_t extent[3];
};
int weft_emit_copy_boxes_indirect(struct weft_stream *stream, uint64_t address, uint64_t stride_B,
                                  const struct weft_box_target *targets, uint32_t count);
/* The same copy at once, on the calling thread; nothing is checked. For copies by the host. */
void weft_box_copy_now(const struct weft_box_copy *copy);

int weft_emit_event_set(struct weft_stream *stream, struct weft_event *event, bool value);
int weft_emit_event_wait(struct weft_stream *stream, struct weft_event *event);
int weft_emit_call(struct weft_stream *stream, struct weft_stream *callee);

/* Dispatches that the device's memory describes: sequences of tokens, stride_B apart. */
enum weft_token_kind {
    WEFT_TOKEN_PROGRAM,  /* uint32_t: the number of a program in the table */
    WEFT_TOKEN_PUSH,     /* size_B bytes of push constants, to dst_B */
    WEFT_TOKEN_SEQUENCE, /* not data: the sequence's number is written to push constants at dst_B */
    WEFT_TOKEN_DISPATCH, /* three uint32_t: the group count */
};
struct weft_token {
    enum weft_token_kind kind;
    uint32_t offset_B; /* in the sequence */
    uint32_t dst_B, size_B;
};
struct weft_generated {
    struct weft_program *program;      /* where no token chooses one; else NULL */
    struct weft_program_table *table;  /* or NULL */
    const struct weft_token *tokens;   /* must live in the stream */
    uint32_t token_count;
    uint64_t address, stride_B;        /* of the sequences */
    uint64_t count_address;            /* of their number, a uint32_t; 0: max_count of them */
    uint32_t max_count;
    struct weft_kernel_args args;      /* as for weft_emit_dispatch */
};
int weft_emit_generated(struct weft_stream *stream, const struct weft_generated *generated);

/* Queries are slots in a buffer object: {uint64_t available; uint64_t value[]}. A timestamp waits for
 * all packets before it, writes weft_clock_ns() to value[0], then sets available to 1. */
int weft_emit_timestamp(struct weft_stream *stream, uint64_t slot);
int weft_emit_query_reset(struct weft_stream *stream, uint64_t slot, uint32_t slot_count,
                          uint32_t slot_stride_B);
/* Compute shader invocations between begin and end are added up into value[0] of the slot. */
int weft_emit_query_begin(struct weft_stream *stream, uint64_t slot);
int weft_emit_query_end(struct weft_stream *stream, uint64_t slot);
enum weft_query_result_flags {
    WEFT_QUERY_64 = 1,
    WEFT_QUERY_WAIT = 2,
    WEFT_QUERY_AVAILABILITY = 4,
    WEFT_QUERY_PARTIAL = 8,
};
int weft_emit_query_copy(struct weft_stream *stream, uint64_t slot, uint32_t slot_count,
                         uint32_t slot_stride_B, uint32_t value_count, uint64_t dst,
                         uint64_t dst_stride_B, uint32_t flags);

/* ---- Events (event.c) ---- */
int weft_event_create(struct weft_device *device, struct weft_event **event_out);
struct weft_event *weft_event_get(struct weft_event *event);
void weft_event_put(struct weft_event **event);
void weft_event_set(struct weft_event *event, bool value);
bool weft_event_status(const struct weft_event *event);

/* ---- Fences (fence.c): signalled once, with a status ---- */
int weft_fence_create(struct weft_device *device, struct weft_fence **fence_out);
struct weft_fence *weft_fence_get(struct weft_fence *fence);
void weft_fence_put(struct weft_fence **fence);
/* Signals with status 0 or -errno. Only the first signal counts. */
void weft_fence_signal(struct weft_fence *fence, int status);
/* 0 signalled, 1 pending, -errno signalled with an error. */
int weft_fence_status(const struct weft_fence *fence);
/* Adds 1 to an eventfd when the fence is signalled, whatever the status; at once if it is already. Keeps
 * a duplicate of the descriptor. -ENOMEM, -EMFILE */
int weft_fence_export(struct weft_fence *fence, int fd);
/* A fence that is signalled once the descriptor is readable; take: 1 is read from it then, as from an
 * eventfd, so that of several fences one is signalled for each 1. A fence that takes begins to wait when
 * the job that waits for it comes to its turn, or at weft_fence_begin(): jobs of one queue take in their
 * order. Takes the descriptor where it succeeds. -ENOMEM, -EMFILE, -EAGAIN */
int weft_fence_import(struct weft_device *device, int fd, bool take, struct weft_fence **fence_out);
/* Lets an imported fence that takes begin, if it has not. When it can't, it is signalled with -errno. */
void weft_fence_begin(struct weft_fence *fence);
/* Waits for all (or any) of the fences until the clock (weft_clock_ns) reaches deadline_ns;
 * UINT64_MAX: no deadline. 0; -ETIMEDOUT; -EIO when the device is lost. Spins briefly, then sleeps. */
int weft_fence_wait(struct weft_fence *const *fences, uint32_t fence_count, bool all,
                    uint64_t deadline_ns);

/* ---- Timelines (timeline.c): a 64-bit counter that only grows ---- */
int weft_timeline_create(struct weft_device *device, uint64_t value,
                         struct weft_timeline **timeline_out);
/* One that other devices, of this process or others, can import. -ENOMEM, -EMFILE, -EAGAIN; -ENOSYS: /proc
 * does not show what it must */
int weft_timeline_create_shared(struct weft_device *device, uint64_t value,
                                struct weft_timeline **timeline_out);
/* A new descriptor of a shared or imported one. -EINVAL: it is neither; -EMFILE */
int weft_timeline_export(const struct weft_timeline *timeline, int *fd_out);
/* Takes the descriptor where it succeeds. -EINVAL: it is of no timeline; else as create_shared */
int weft_timeline_import(struct weft_device *device, int fd, struct weft_timeline **timeline_out);
struct weft_timeline *weft_timeline_get(struct weft_timeline *timeline);
void weft_timeline_put(struct weft_timeline **timeline);
uint64_t weft_timeline_value(struct weft_timeline *timeline);
/* Raises the value; a lower one is ignored. Waiting jobs become runnable. */
void weft_timeline_signal(struct weft_timeline *timeline, uint64_t value);
/* As weft_fence_wait; all or any of timelines[i] >= values[i]. */
int weft_timeline_wait(struct weft_timeline *const *timelines, const uint64_t *values,
                       uint32_t count, bool all, uint64_t deadline_ns);

/* ---- Queues and jobs (queue.c, job.c) ---- */
/* Jobs of one queue start in order. Queues run side by side, each walked by a thread of its own. */
int weft_queue_create(struct weft_device *device, struct weft_queue **queue_out);
/* Workers take what jobs of a queue of higher priority offer first; 0 is every queue's at its creation.
 * Below 0 the queue's own thread gives way to other threads of the system, too; above 0 it comes before
 * them where the process may do that. For jobs pushed later. */
void weft_queue_set_priority(struct weft_queue *queue, int priority);
/* Drains as weft_device_destroy() does, joins its thread. Accepts NULL; clears the pointer. Works
 * after the device's destruction too. */
void weft_queue_destroy(struct weft_queue **queue);
/* Waits until all jobs pushed before have retired. 0 or -EIO. */
int weft_queue_wait_idle(struct weft_queue *queue);

/* A job: waits for its dependencies, runs its streams in order, then signals. Externally synchronised
 * until pushed. */
int weft_job_create(struct weft_queue *queue, struct weft_job **job_out);
/* Drops a job that was not pushed. Accepts NULL; clears the pointer. */
void weft_job_cancel(struct weft_job **job);
int weft_job_add_stream(struct weft_job *job, struct weft_stream *stream); /* frozen; -EINVAL if not */
int weft_job_wait_fence(struct weft_job *job, struct weft_fence *fence);
int weft_job_wait_timeline(struct weft_job *job, struct weft_timeline *timeline, uint64_t value);
int weft_job_signal_fence(struct weft_job *job, struct weft_fence *fence);
/* Before its streams run, the job puts memory behind size_B bytes of a sparse bo: those of bo (SHARED)
 * from bo_offset_B on, or none where bo is NULL. Whole pages. -EINVAL, -ENOMEM
 * Arming gives -ENOSPC when the system would not have enough mappings for all that is bound. */
int weft_job_bind(struct weft_job *job, struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                  struct weft_bo *bo, uint64_t bo_offset_B);
int weft_job_signal_timeline(struct weft_job *job, struct weft_timeline *timeline, uint64_t value);
/* Takes the snapshot of the address space and everything else that can fail: the queue's first job
 * starts its thread, the device's first one the workers. -ENOMEM, -EIO */
int weft_job_arm(struct weft_job *job);
/* Cannot fail. The job must be armed. */
void weft_job_push(struct weft_job **job);

#endif
