/* SPDX-License-Identifier: MIT
 *
 * DOC: The benchmark
 *
 * One process can load one driver at a time (the loader reads VK_DRIVER_FILES once), so the parent
 * starts one child per driver and tells them by pipe, in turns, to run a kernel. The children stay
 * alive from kernel to kernel; one that crashes or hangs is replaced and its result says so.
 *
 *     main.c      arguments, the turns
 *       driver.c  a driver's child process: start, ask, replace
 *       report.c  the table and the JSON
 *     child.c     the other end of the pipe: opens a kernel, runs rounds, checks
 *       gpu*.c    the Vulkan calls
 *       native/   or, in a program of its own (weft_bench_native), the same kernels by hand in C
 *     kernels.c   one row per kernel
 *       check_*.c fill the buffers and check the results on the CPU
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_BUFFERS 6
#define BENCH_IMAGES 3
#define BENCH_STEPS 4
#define BENCH_PUSH_WORDS 4
#define BENCH_SPECS 2
#define BENCH_SAMPLES 32

enum bench_need {
    BENCH_NEED_8BIT = 1,     /* storageBuffer8BitAccess */
    BENCH_NEED_16BIT = 2,    /* storageBuffer16BitAccess */
    BENCH_NEED_SUBGROUP = 4, /* subgroup arithmetic */
    BENCH_NEED_SHUFFLE = 8,  /* subgroup shuffle */
    BENCH_NEED_INT8 = 16,    /* arithmetic on the types, not only storage: */
    BENCH_NEED_INT16 = 32,
    BENCH_NEED_HALF = 64,
    BENCH_NEED_INT64 = 128,
    BENCH_NEED_COOPERATIVE = 512, /* matrices of 16 x 16, in every type of a row */
    BENCH_NEED_DOUBLE = 256,
    BENCH_NEED_LOCAL_1024 = 512, /* workgroups of so many invocations */
};

/* What a run times. */
enum bench_how {
    BENCH_PASSES,      /* submitting a command buffer of passes, until its fence is seen */
    BENCH_SUBMIT,      /* the same for one pass, many times with pauses between; the median */
    BENCH_CREATE,      /* creating the pipeline, with a constant no cache knows, and a first pass */
    BENCH_CREATE_WARM, /* creating a pipeline that an earlier device has created */
    BENCH_DEVICE,      /* a process: vkCreateInstance, vkEnumeratePhysicalDevices, vkCreateDevice */
};

/* What a kernel's rate is held against. */
enum bench_limit {
    BENCH_LIMIT_NONE,
    BENCH_LIMIT_MEMORY,       /* bytes a second */
    BENCH_LIMIT_MULTIPLY_ADD, /* floating-point operations a second */
};

union bench_word {
    uint32_t u;
    float f;
};

/* One command of a pass: a dispatch, or without a shader filling the buffer `bind` with zeros, or
 * copying the first of `bind` to the second, where one is an image, or both. */
struct bench_step {
    const char *shader;                /* kernels/<shader>.comp */
    const char *bind; /* "201": binding 0 is buffer 2, binding 1 is buffer 0, ...; A to F: buffers
                         0 to 5 as uniform buffers; a to c: images 0 to 2 as storage images, s to u:
                         with the kernel's sampler */
    uint32_t groups[3];                /* {0, b, 0}: indirect, from the start of buffer b */
    union bench_word push[BENCH_PUSH_WORDS];
    uint32_t spec[BENCH_SPECS];        /* specialisation constants 0 and on, those that are not 0 */
    bool overlaps;                     /* no barrier after it */
    uint8_t level;                     /* of its storage images */
};

enum bench_format { BENCH_RGBA8, BENCH_SRGB8, BENCH_RGBA16F, BENCH_R32F, BENCH_R8 };

/* Its texels come from a buffer before a pass that is checked, and go there after it, all levels
 * one behind the other without gaps; neither is timed. The native references have no images: they
 * work on those buffers. */
struct bench_image {
    enum bench_format format;
    uint32_t width, height;
    uint32_t depth;                    /* not 0: three-dimensional */
    uint32_t levels;                   /* 0: there is no image */
    uint32_t buffer;
};

/* A kernel's sampler, which without these is nearest and clamps to the edge. */
enum bench_sampler {
    BENCH_LINEAR = 1,
    BENCH_LINEAR_MIPS = 2,
    BENCH_REPEAT = 4,
};

struct bench_kernel {
    const char *name;                  /* for --kernel */
    const char *title;
    uint32_t needs;                    /* enum bench_need */
    size_t buffer_B[BENCH_BUFFERS];
    struct bench_step steps[BENCH_STEPS]; /* one pass; a full memory barrier after each */
    struct bench_image images[BENCH_IMAGES];
    uint32_t sampler;                  /* enum bench_sampler */
    uint32_t repeat;                   /* times that the steps are repeated in a pass; 0: once */
    enum bench_how how;
    double work;                       /* of one pass, in `unit`s without their prefix */
    double limit_B;                    /* not 0: bytes that a pass moves, if the unit counts others */
    const char *unit;                  /* "GB/s", "M/s", ...: work / seconds; "us each": seconds / work; or NULL */
    /* Writes the inputs (and, if the kernel accumulates, the initial outputs). */
    void (*fill)(void *const *buffers);
    /* After a fill and one pass. On false writes a line to `why`. */
    bool (*check)(void *const *buffers, char *why, size_t why_B);
};

extern const struct bench_kernel bench_kernels[];
extern const unsigned bench_kernel_count;

/* The other end of the pipe. Reads commands from in_fd, answers on out_fd; returns the exit status. */
int bench_child(int in_fd, int out_fd, const char *spirv_dir);

double bench_now_s(void);

#endif
