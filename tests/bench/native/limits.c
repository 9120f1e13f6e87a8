/* SPDX-License-Identifier: MIT
 *
 * The two limits that kernels are held against: what the machine's multipliers can do when nothing
 * else is asked of them, and what its memory can.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "native.h"
#include "vec.h"

/* The same clock as the kernels'. */
static double now_s(void)
{
    struct timespec t;
    clock_gettime(getenv("WEFT_BENCH_CPU") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { CHAINS = 12, STEPS = 20000, TRIES = 3 };

/* Enough chains to cover the latency. The volatile keeps the result in use. */
static void multiply_add(void)
{
    vf x[CHAINS], b = all_f(0.999f), c = all_f(0.001f), sum = {0};
    for (int i = 0; i < CHAINS; i++)
        x[i] = all_f((float)i);
    for (int n = 0; n < STEPS; n++) {
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            x[i] = x[i] * b + c;
    }
    for (int i = 0; i < CHAINS; i++)
        sum += x[i];
    volatile float sink = sum[0];
    (void)sink;
}

double native_multiply_add_limit(void)
{
    double best = 0;
    enum { PIECES = 48 };
    for (int attempt = 0; attempt < TRIES; attempt++) {
        double start = now_s();
#pragma omp parallel for schedule(dynamic)
        for (int piece = 0; piece < PIECES; piece++)
            multiply_add();
        double rate = 2.0 * LANES * CHAINS * STEPS * PIECES / (now_s() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

#define FLOATS ((size_t)16 << 20)

static float sum_of(const float *x)
{
    float sum = 0;
#pragma omp parallel for simd reduction(+ : sum)
    for (size_t i = 0; i < FLOATS; i++)
        sum += x[i];
    return sum;
}

static void triad(float *a, const float *b, const float *c)
{
#pragma omp parallel for
    for (size_t i = 0; i < FLOATS; i += LANES)
        stream_f(a + i, load_f(b + i) + 0.75f * load_f(c + i));
}

double native_memory_limit(void)
{
    static float *memory;
    if (!memory) {
        memory =
            mmap(NULL, 3 * FLOATS * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            abort();
        madvise(memory, 3 * FLOATS * 4, MADV_HUGEPAGE);
        memset(memory, 0, 3 * FLOATS * 4);
    }
    double best = 0;
    for (int attempt = 0; attempt < TRIES; attempt++) {
        double start = now_s();
        volatile float sink = sum_of(memory);
        (void)sink;
        double middle = now_s();
        triad(memory, memory + FLOATS, memory + 2 * FLOATS);
        double end = now_s();
        double read = FLOATS * 4 / (middle - start), streamed = FLOATS * 12 / (end - middle);
        best = read > best ? read : best;
        best = streamed > best ? streamed : best;
    }
    return best;
}
