/* SPDX-License-Identifier: MIT
 *
 * DOC: The sampling code that all kernels share
 *
 * shaders/sample.comp, compiled for each instruction set when Weft is built, lies in the library as code.
 * It is a kernel like any other; its only buffer is the call that a kernel made.
 */
#include <stddef.h>

#include "weft/compile.h"
#include "weft/kernel.h"

extern const struct weft_image weft_sampler_sse, weft_sampler_avx2, weft_sampler_avx512;

static void run(const struct weft_image *image, const struct weft_worker_args *worker,
                struct weft_sample_call *call, uint32_t lanes)
{
    const unsigned char *code = (const unsigned char *)image + image->code_offset_B;
    weft_kernel_fn *kernel = (weft_kernel_fn *)(uintptr_t)(code + image->entry_offset_B);
    uint64_t words_B = (uint64_t)WEFT_SAMPLE_WORDS * call->stride * sizeof(uint32_t);
    struct weft_buffer_desc desc = {(uintptr_t)call, offsetof(struct weft_sample_call, words) + words_B};
    struct weft_kernel_args args; /* what the kernel does not read is not set */
    uint32_t groups = (lanes + image->local_size[0] - 1) / image->local_size[0];

    args.sets[0] = &desc;
    args.push_constants = NULL;
    for (int i = 0; i < 3; i++) {
        args.group_base[i] = 0;
        args.group_count[i] = i == 0 ? groups : 1;
    }
    kernel(&args, worker, 0, groups);
}

static void sample_sse(const struct weft_worker_args *worker, struct weft_sample_call *call,
                       uint32_t lanes)
{
    run(&weft_sampler_sse, worker, call, lanes);
}

static void sample_avx2(const struct weft_worker_args *worker, struct weft_sample_call *call,
                        uint32_t lanes)
{
    run(&weft_sampler_avx2, worker, call, lanes);
}

static void sample_avx512(const struct weft_worker_args *worker, struct weft_sample_call *call,
                          uint32_t lanes)
{
    run(&weft_sampler_avx512, worker, call, lanes);
}

weft_sample_fn *weft_sample_function(uint32_t isa)
{
    return isa >= WEFT_ISA_AVX512 ? sample_avx512 : isa == WEFT_ISA_AVX2 ? sample_avx2 : sample_sse;
}
