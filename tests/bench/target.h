/* SPDX-License-Identifier: MIT
 *
 * What a child runs kernels on: a Vulkan driver (gpu.c, in weft_bench) or the native references
 * (native/native.c, in weft_bench_native). Functions that return bool write a line to target->why
 * when they return false. Single thread.
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include "bench.h"

struct target {
    uint32_t has;          /* enum bench_need */
    bool creates;          /* a run makes the kernel's pipelines anew; the Vulkan drivers only */
    char label[64];        /* "llvmpipe 26.2.6": a column's title */
    char description[300]; /* driver's name and version, device's name */
    char why[256];
    const struct bench_kernel *kernel; /* the open one, or NULL */
    void *maps[BENCH_BUFFERS];
    void *own; /* the implementation's */
};

/* target is zeroed; finish it whatever is returned. */
bool target_init(struct target *target, const char *spirv_dir);
void target_finish(struct target *target);

/* Makes all that the kernel needs. Close it whatever is returned. `other`: the quite different
 * program; only the native references have some. */
bool target_open(struct target *target, const struct bench_kernel *kernel, bool other);
void target_close(struct target *target);

/* The open kernel's images take their texels from their buffers; and give them back. */
bool target_upload(struct target *target);
bool target_download(struct target *target);

/* The next runs are of so many passes each. */
bool target_prepare(struct target *target, uint32_t passes);
/* The wall time of a run. `unique` is a number that no run had before. */
bool target_run(struct target *target, uint32_t unique, double *seconds_out);

/* Bytes or floating-point operations a second; 0 if the target doesn't measure limits. */
double target_limit(struct target *target, enum bench_limit limit);

#endif
