/* SPDX-License-Identifier: MIT */
#include "native.h"

#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../target.h"

const struct native_row native_rows[] = {
    {"saxpy", native_saxpy},
    {"triad", native_triad},
    {"matmul_naive", native_matmul_naive, blas_matmul512, blas_found},
    {"matmul_tiled", native_matmul_tiled, blas_matmul512, blas_found},
    {"matmul_blocked", native_matmul_blocked, blas_matmul1024, blas_found},
    {"matmul_cooperative_f32", native_matmul_blocked, blas_matmul1024, blas_found},
    {"matmul_cooperative_f16", native_matmul_f16},
    {"matmul_cooperative_bf16", native_matmul_bf16},
    {"matmul_cooperative_s8", native_matmul_s8},
    {"nbody", native_nbody},
    {"mandelbrot", native_mandelbrot},
    {"reduce_shared", native_reduce, native_sum},
    {"reduce_subgroup", native_reduce, native_sum},
    {"scan", native_scan, native_scan_at_once},
    {"histogram", native_histogram},
    {"stencil", native_stencil},
    {"sha256", native_sha256},
    {"black_scholes", native_black_scholes},
    {"spmv", native_spmv},
    {"matvec_q4", native_matvec_q4},
    {"bitonic", native_bitonic},
    {"fma_peak", native_fma},
    {"filter5x5", native_filter},
    {"fft", native_fft},
    {"transpose", native_transpose},
    {"collatz", native_collatz},
    {"saxpy_1", native_saxpy_local},
    {"saxpy_3", native_saxpy_local},
    {"saxpy_33", native_saxpy_local},
    {"saxpy_256", native_saxpy_local},
    {"saxpy_1024", native_saxpy_local},
    {"blend", native_blend},
    {"normals", native_normals},
    {"colours", native_colours},
    {"particles", native_particles},
    {"strided", native_strided},
    {"reversed", native_reversed},
    {"transposed", native_transposed},
    {"gather", native_gather},
    {"scatter", native_scatter},
    {"nested", native_nested},
    {"bytecode", native_bytecode},
    {"search", native_search},
    {"dct", native_dct},
    {"bytes", native_bytes},
    {"sound", native_sound},
    {"halves", native_halves},
    {"random64", native_random64},
    {"doubles", native_doubles},
    {"exp", native_exp},
    {"log", native_log},
    {"sin", native_sin},
    {"pow", native_pow},
    {"uniforms", native_uniforms},
    {"atomic_one", native_atomic_one},
    {"atomic_few", native_atomic_few},
    {"atomic_random", native_atomic_random},
    {"scan_subgroup", native_scan_blocks},
    {"shuffle", native_shuffle},
    {"sample_bilinear", native_sample_bilinear},
    {"sample_trilinear", native_sample_trilinear},
    {"sample_filter", native_sample_filter},
    {"sample_volume", native_sample_volume},
    {"sample_gather", native_sample_gather},
    {"image_blur", native_image_blur},
    {"image_rgba8", native_image_rgba8},
    {"image_r32f", native_image_r32f},
    {"image_rgba16f", native_image_rgba16f},
    {"image_to_rgba8", native_image_to_rgba8},
    {"image_to_rgba16f", native_image_to_rgba16f},
    {"image_mips", native_image_mips},
    {"copy_to_image", native_image_copy},
    {"copy_from_image", native_image_copy},
    {"copy_image", native_image_copy},
    {"overlap", native_overlap},
};
const unsigned native_row_count = sizeof(native_rows) / sizeof(native_rows[0]);

struct native {
    native_fn *function;
    uint32_t passes;
};

double bench_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool target_init(struct target *target, const char *spirv_dir)
{
    target->own = calloc(1, sizeof(struct native));
    target->has = UINT32_MAX;
    snprintf(target->label, sizeof(target->label), "native C");
    snprintf(target->description, sizeof(target->description), "%s, %d threads%s", __VERSION__,
             omp_get_max_threads(), blas_found() ? "; OpenBLAS" : "");
    return target->own;
}

void target_finish(struct target *target)
{
    target_close(target);
    free(target->own);
}

/* Huge pages where the kernel gives them, as a driver's memory has. */
bool target_open(struct target *target, const struct bench_kernel *kernel, bool other)
{
    struct native *native = target->own;
    const struct native_row *row = NULL;
    for (unsigned i = 0; i < native_row_count; i++)
        if (strcmp(native_rows[i].kernel, kernel->name) == 0)
            row = &native_rows[i];
    native->function = !row                                  ? NULL
                       : !other                              ? row->native
                       : !row->has_other || row->has_other() ? row->other
                                                             : NULL;
    if (!native->function) {
        snprintf(target->why, sizeof(target->why), "unsupported");
        return false;
    }
    target->kernel = kernel;
    native->passes = 1;
    for (unsigned i = 0; i < BENCH_BUFFERS && kernel->buffer_B[i]; i++) {
        void *map = mmap(NULL, kernel->buffer_B[i], PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED) {
            snprintf(target->why, sizeof(target->why), "mmap: %s", strerror(errno));
            return false;
        }
        madvise(map, kernel->buffer_B[i], MADV_HUGEPAGE);
        target->maps[i] = map;
    }
    return true;
}

void target_close(struct target *target)
{
    for (unsigned i = 0; i < BENCH_BUFFERS; i++)
        if (target->maps[i])
            munmap(target->maps[i], target->kernel->buffer_B[i]);
    memset(target->maps, 0, sizeof(target->maps));
    target->kernel = NULL;
}

bool target_upload(struct target *target)
{
    return true;
}

bool target_download(struct target *target)
{
    return true;
}

bool target_prepare(struct target *target, uint32_t passes)
{
    ((struct native *)target->own)->passes = passes;
    return true;
}

bool target_run(struct target *target, uint32_t unique, double *seconds_out)
{
    const struct native *native = target->own;
    double start = bench_now_s();
    for (uint32_t i = 0; i < native->passes; i++)
        native->function(target->maps);
    *seconds_out = bench_now_s() - start;
    return true;
}

double target_limit(struct target *target, enum bench_limit limit)
{
    return limit == BENCH_LIMIT_MEMORY         ? native_memory_limit()
           : limit == BENCH_LIMIT_MULTIPLY_ADD ? native_multiply_add_limit()
                                               : 0;
}

int main(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[1], "--child") != 0) {
        fputs("weft_bench_native: weft_bench starts this\n", stderr);
        return 2;
    }
    return bench_child(atoi(argv[2]), atoi(argv[3]), argv[4]);
}
