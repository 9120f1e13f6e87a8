/* SPDX-License-Identifier: MIT
 *
 * DOC: The kernel image
 *
 * A kernel image is what the compiler makes of one compute shader and what a worker runs: one flat,
 * position-independent blob of machine code and constants without any reference to the outside.
 * Loading it is copying it into executable memory. Images are plain bytes: they go into pipeline
 * caches and onto disk as they are.
 *
 *     +-----------------------+ 0
 *     | struct weft_image     |
 *     +-----------------------+ code_offset_B (64-byte aligned)
 *     | machine code          | entry_offset_B counts from the start of the code
 *     | constants             |
 *     +-----------------------+ code_offset_B + code_B
 *     | struct weft_line[]    | line_offset_B
 *     +-----------------------+ image_B
 *
 * The same file defines what the code reads while it runs: its arguments and its descriptors.
 */
#ifndef WEFT_KERNEL_H
#define WEFT_KERNEL_H

#include <stdint.h>

#include "weft/image.h"

#define WEFT_IMAGE_MAGIC 0x46495357u /* "WSIF" */
#define WEFT_IMAGE_VERSION 5u

#define WEFT_MAX_SETS 32
#define WEFT_MAX_PUSH_B 256
#define WEFT_MAX_DYNAMIC 64

/* A buffer descriptor as the machine code reads it. A null descriptor is {0, 0}. */
struct weft_buffer_desc {
    uint64_t address; /* of the first byte, in the process's address space */
    uint64_t size_B;  /* accesses at or past it are out of bounds; only shaders with 64-bit indexing see
                         more than 4 GiB - 1 */
};

/* Every descriptor occupies one slot of this size in its set's memory, at
 * binding.offset_B + array element * binding.stride_B. */
#define WEFT_DESC_B 16u

/* What one dispatch passes to its kernel. Read-only while the dispatch runs; the driver copies it
 * into the packet when the dispatch is recorded. */
struct weft_kernel_args {
    const void *sets[WEFT_MAX_SETS];         /* memory of each bound descriptor set, or NULL */
    const struct weft_buffer_desc *dynamic;  /* descriptors of dynamic buffers, offsets applied */
    const void *push_constants;              /* WEFT_MAX_PUSH_B bytes */
    uint32_t group_base[3];                  /* vkCmdDispatchBase */
    uint32_t group_count[3];                 /* NumWorkgroups */
};

/* A vector access to workgroup memory is in bounds for its active lanes; the others may reach so far
 * beyond either end. */
#define WEFT_SHARED_SLACK_B 1024u

/* Additions to the 32-bit counters of one buffer, for all that a worker runs of a dispatch: a copy of
 * its own that starts as zeros, so that nothing is waited for or locked. The worker adds it to the
 * buffer when it finds nothing more to do. Only shaders that cannot tell use it (WEFT_IMAGE_SUMS). */
#define WEFT_SUMS_B (UINT64_C(8) << 20)
#define WEFT_SUMS_SLACK_B 64u

struct weft_sums {
    uint64_t most_B;   /* the worker's: of the buffer, for the copy to be worth it; at most WEFT_SUMS_B */
    uint64_t base;     /* the kernel's: the buffer's address, a multiple of 8; 0: no copy is in use */
    uint64_t size_B;   /* the kernel's: at most most_B */
    void *sums;        /* WEFT_SUMS_B bytes and slack, for what lies outside the buffer */
};

/* What one worker passes to the kernels that it runs. Owned by the worker. */
struct weft_worker_args {
    void *shared;                  /* at least image.shared_B bytes, 64-byte aligned, with
                                      WEFT_SHARED_SLACK_B accessible bytes before and after */
    void *scratch;                 /* at least image.scratch_B bytes, 64-byte aligned */
    const volatile uint32_t *stop; /* nonzero: the job is cancelled; loops leave soon after */
    weft_decode_fn *decode;        /* of block-compressed texels: weft_block_decode_lanes */
    weft_sample_fn *sample;        /* for the device's instruction set: weft_sample_function() */
    struct weft_sums *sums;        /* NULL: never */
};

/* The entry point of an image: runs the workgroups first .. end-1 of the dispatch, counted in
 * x-major order (index = x + count.x * (y + count.y * z), before group_base is added). */
typedef void weft_kernel_fn(const struct weft_kernel_args *args,
                            const struct weft_worker_args *worker, uint64_t first, uint64_t end);

/* Where one instruction address came from; sorted by code_B. */
struct weft_line {
    uint32_t code_B; /* offset from the start of the code */
    uint32_t line;   /* of the shader's source; 0 is unknown */
};

/* Header of a kernel image. All offsets in bytes from the header's first byte. */
struct weft_image {
    uint32_t magic, version;
    uint64_t image_B;
    uint32_t code_offset_B, code_B;
    uint32_t entry_offset_B;
    uint32_t line_offset_B, line_count;
    uint32_t local_size[3];
    uint32_t width;         /* lanes of one vector */
    uint32_t subgroup_size; /* as the shader sees it */
    uint32_t shared_B;      /* workgroup memory */
    uint32_t scratch_B;     /* the compiler's own memory of one worker */
    uint32_t isa;           /* enum weft_isa that the code needs */
    uint32_t features;      /* WEFT_FEATURE_* that it needs */
    uint32_t flags;         /* WEFT_IMAGE_* */
    uint32_t unused;
};

#define WEFT_IMAGE_FAST 2u             /* compiled for WEFT_REQUEST_FAST */
#define WEFT_IMAGE_GLOBAL_ADDRESSES 1u /* dereferences physical storage buffer pointers */
#define WEFT_IMAGE_SUMS 4u             /* uses weft_worker_args.sums */

#endif
