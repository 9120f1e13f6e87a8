/* SPDX-License-Identifier: MIT
 *
 * What the driver's tests share: a device, tiny hand-made kernels, and a way to submit one stream.
 */
#ifndef DRIVER_FIXTURE_H
#define DRIVER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "weft/driver.h"

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

/* The hand-made kernels. Each reads its operands from the push constants. */
enum kernel {
    KERNEL_EMPTY,   /* nothing */
    KERNEL_COUNT,   /* adds end - first to the 64-bit counter at push[0] */
    KERNEL_MARK,    /* adds 1 to the byte push[0][i] for every workgroup i, 1000 turns of a loop each */
    KERNEL_STORE,   /* stores push[1] at address push[0] */
    KERNEL_SHARED,  /* fills its shared memory (push[1] bytes) with 0x5a, then as COUNT */
    KERNEL_SPIN,    /* loops until stop is set */
    KERNEL_WAIT,    /* sets push[0][0] = 1, loops until push[0][1] != 0 or stop is set */
    KERNEL_DIVIDE,  /* divides by zero */
    KERNEL_UNREACHABLE,
    KERNEL_OVERFLOW, /* calls itself for ever */
};

/* Builds a kernel image with malloc. */
void *kernel_image(enum kernel kernel, uint32_t shared_B, uint32_t scratch_B, size_t *image_B_out);
struct weft_program *kernel_program(struct weft_device *device, enum kernel kernel);
struct weft_program *kernel_program_sized(struct weft_device *device, enum kernel kernel,
                                          uint32_t shared_B, uint32_t scratch_B);

struct messages {
    _Atomic unsigned count;
    char last[256]; /* written by one thread at a time in these tests */
};
struct weft_device *device_new(uint32_t threads, uint64_t hang_timeout_ns,
                               struct messages *messages);

/* Adds a dispatch of x workgroups with two push constants. */
void emit(struct weft_stream *stream, struct weft_program *program, uint32_t x, uint64_t push0,
          uint64_t push1);
/* Submits a frozen stream (NULL: none) that signals `fence` (NULL: none). */
void submit(struct weft_queue *queue, struct weft_stream *stream, struct weft_fence *fence);
/* Freezes the stream, runs it, waits until the queue is idle, drops it; returns that wait's result. */
int run_stream(struct weft_queue *queue, struct weft_stream **stream);

#endif
