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

/* What the checks share (check_stream.c). The random numbers are the same on every machine. */
uint32_t random_u32(uint32_t *state);
void random_floats(float *to, size_t count, float low, float high, uint32_t seed);
/* Compares floats: |got - want| <= relative |want| + absolute. */
bool near(const char *what, size_t i, double got, double want, double relative, double absolute,
          char *why, size_t why_B);
bool equal(const char *what, size_t i, uint32_t got, uint32_t want, char *why, size_t why_B);

#endif
