/* SPDX-License-Identifier: MIT
 *
 * The pairs of functions that the rows of kernels.c name, and the constants that a row shares with
 * its pair.
 */
#ifndef BENCH_KERNELS_H
#define BENCH_KERNELS_H

#include "bench.h"

#define SAXPY_A 2.5f
#define TRIAD_S 0.75f
#define OPTION_RATE 0.02f
#define OPTION_VOLATILITY 0.3f
#define SPMV_ROWS (256u * 1024u)
#define SPMV_MEAN 16u /* entries in a row, 8 to 24 */
#define SPMV_MAX (SPMV_ROWS * 17u)
#define FMA_STEPS 2048u
#define FMA_B 0.999f
#define FMA_C 0.001f

#define PARTICLE_DT 0.01f
#define NESTED (256 * 1024)
#define BYTECODE (512 * 1024)
#define SEARCH (4 * 1024 * 1024)
#define DCT_BLOCKS (64 * 1024)
#define UNIFORMS (256 * 1024)
#define TINY 1000u
#define OVERLAP_STEPS 20000u
#define OVERLAP_REPEATS 8u
#define ATOMICS (4 * 1024 * 1024)
/* What a pixel's place is turned and scaled by to sample a picture; and a place for its level. */
#define PICTURE_COS 0.000519f
#define PICTURE_SIN 0.000161f
#define TRILINEAR_LOD 0.0036f
#define VOLUME 128

#define BENCH_CHECK(name) bool name##_check(void *const *buffers, char *why, size_t why_B)
#define BENCH_PAIR(name)                     \
    void name##_fill(void *const *buffers);  \
    bool name##_check(void *const *buffers, char *why, size_t why_B)

/* check_stream.c */
BENCH_PAIR(nothing);
BENCH_PAIR(saxpy);
BENCH_PAIR(triad);
BENCH_PAIR(stencil);
BENCH_PAIR(transpose);
BENCH_PAIR(filter);
/* check_linear.c */
BENCH_PAIR(matmul512);
BENCH_PAIR(matmul1024);
BENCH_PAIR(matmul_f16);
BENCH_PAIR(matmul_bf16);
BENCH_PAIR(matmul_s8);
BENCH_PAIR(spmv);
BENCH_PAIR(matvec_q4);
BENCH_PAIR(fft);
/* check_parallel.c */
BENCH_PAIR(reduce);
BENCH_PAIR(scan);
BENCH_PAIR(histogram);
BENCH_PAIR(bitonic);
/* check_compute.c */
BENCH_PAIR(nbody);
BENCH_PAIR(mandelbrot);
BENCH_PAIR(sha256);
BENCH_PAIR(black_scholes);
BENCH_PAIR(fma);
BENCH_PAIR(collatz);
/* check_access.c */
BENCH_PAIR(saxpy_local);
BENCH_PAIR(blend);
BENCH_PAIR(normals);
BENCH_PAIR(colours);
BENCH_PAIR(particles);
BENCH_PAIR(strided);
BENCH_PAIR(reversed);
BENCH_PAIR(transposed);
BENCH_PAIR(gather);
BENCH_PAIR(scatter);
/* check_flow.c */
BENCH_PAIR(nested);
BENCH_PAIR(bytecode);
BENCH_PAIR(search);
BENCH_PAIR(dct);
BENCH_PAIR(uniforms);
BENCH_PAIR(tiny);
BENCH_PAIR(overlap);
BENCH_PAIR(create);
BENCH_CHECK(create_large);
/* check_types.c */
BENCH_PAIR(bytes);
BENCH_PAIR(sound);
BENCH_PAIR(halves);
BENCH_PAIR(random64);
BENCH_PAIR(doubles);
void maths_fill(void *const *buffers);
BENCH_CHECK(exp);
BENCH_CHECK(log);
BENCH_CHECK(sin);
BENCH_CHECK(pow);
void atomic_fill(void *const *buffers);
BENCH_CHECK(atomic_one);
BENCH_CHECK(atomic_few);
BENCH_CHECK(atomic_random);
BENCH_PAIR(scan_subgroup);
BENCH_PAIR(shuffle);
/* check_sample.c */
BENCH_PAIR(sample_bilinear);
BENCH_PAIR(sample_trilinear);
BENCH_PAIR(sample_filter);
BENCH_PAIR(sample_volume);
BENCH_PAIR(sample_gather);
/* check_image.c */
BENCH_PAIR(image_blur);
BENCH_PAIR(image_rgba8);
BENCH_PAIR(image_r32f);
BENCH_PAIR(image_rgba16f);
BENCH_PAIR(image_to_rgba8);
BENCH_PAIR(image_to_rgba16f);
BENCH_PAIR(image_mips);
BENCH_PAIR(image_copy);

/* What the checks share (check_stream.c). The random numbers are the same on every machine. */
uint32_t random_u32(uint32_t *state);
void random_floats(float *to, size_t count, float low, float high, uint32_t seed);
/* The i-th of a series of random numbers, by itself; the second in 0 .. 1. */
uint32_t number_at(uint32_t i, uint32_t series);
float fraction_at(uint32_t i, uint32_t series);
/* Compares floats: |got - want| <= relative |want| + absolute. */
bool near(const char *what, size_t i, double got, double want, double relative, double absolute,
          char *why, size_t why_B);
bool equal(const char *what, size_t i, uint32_t got, uint32_t want, char *why, size_t why_B);

#endif
