/* SPDX-License-Identifier: MIT
 *
 * DOC: The native references
 *
 * What a good programmer gets from this machine for the same algorithm, by hand in C: OpenMP over
 * the workgroups, vectors over the invocations, barriers by splitting the loops. They work on the
 * same buffers as the shaders, and the same checks look at their results. An `other` is a quite
 * different program that computes the same, for information.
 *
 * One function per kernel, named in native.c's table by the kernel's name; it does one pass.
 */
#ifndef BENCH_NATIVE_H
#define BENCH_NATIVE_H

#include "../kernels.h"

typedef void native_fn(void *const *buffers);

struct native_row {
    const char *kernel;
    native_fn *native;
    native_fn *other;        /* or NULL */
    bool (*has_other)(void); /* NULL: always */
};

extern const struct native_row native_rows[];
extern const unsigned native_row_count;

/* limits.c: bytes or floating-point operations a second of all cores, the best of a few tries. */
double native_memory_limit(void);
double native_multiply_add_limit(void);

/* stream.c */
native_fn native_saxpy, native_triad, native_stencil, native_transpose, native_filter;
/* linear.c */
native_fn native_matmul_f16, native_matmul_bf16, native_matmul_s8;
native_fn native_matmul_naive, native_matmul_tiled, native_matmul_blocked, native_spmv,
    native_matvec_q4, native_fft;
/* blas.c */
bool blas_found(void);
native_fn blas_matmul512, blas_matmul1024;
/* parallel.c */
native_fn native_reduce, native_sum, native_scan, native_scan_at_once, native_histogram,
    native_bitonic, native_scan_blocks;
/* compute.c */
native_fn native_nbody, native_mandelbrot, native_sha256, native_black_scholes, native_fma,
    native_collatz;
/* access.c */
native_fn native_saxpy_local, native_blend, native_normals, native_colours, native_particles,
    native_strided, native_reversed, native_transposed, native_gather, native_scatter;
/* flow.c */
native_fn native_nested, native_bytecode, native_search, native_dct, native_uniforms,
    native_overlap;
/* types.c */
native_fn native_bytes, native_sound, native_halves, native_random64, native_doubles, native_exp,
    native_log, native_sin, native_pow, native_atomic_one, native_atomic_few, native_atomic_random,
    native_shuffle;
/* sample.c */
native_fn native_sample_bilinear, native_sample_trilinear, native_sample_filter,
    native_sample_volume, native_sample_gather;
/* image.c */
native_fn native_image_blur, native_image_rgba8, native_image_r32f, native_image_rgba16f,
    native_image_to_rgba8, native_image_to_rgba16f, native_image_mips, native_image_copy;

#endif
