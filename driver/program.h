/* SPDX-License-Identifier: MIT
 *
 * A kernel image in executable memory. The whole image is one mapping: header, code, line table.
 */
#ifndef WEFT_PROGRAM_H
#define WEFT_PROGRAM_H

#include <stdatomic.h>

#include "ref.h"
#include "tier.h"
#include "weft/driver.h"

struct weft_program {
    struct weft_ref ref;
    struct weft_device *device;
    const struct weft_image *image; /* the mapping */
    uint64_t mapped_B;
    weft_kernel_fn *entry;
    uint32_t local_count; /* invocations of a workgroup */
    uint32_t granule;     /* workgroups that fill a vector; ranges should be multiples */
    /* What a workgroup cost lately, in units of 1/16 ns; 0 unknown. Relaxed: an estimate. */
    atomic_uint cost;
    _Atomic(const void *) label; /* weft_program_set_label() */
    struct weft_program_tier tier;
};

/* Loads what the disk has for a request, or compiles it and puts it there. Errors as
 * weft_program_create(), without a message. */
int weft_program_better(struct weft_device *device, const void *request, size_t request_B,
                        struct weft_program **program_out);

/* Changes a request made of info to one for code that is made soon. */
void weft_program_request_fast(struct weft_device *device, const struct weft_program_info *info,
                               struct weft_request *request);

/* The shader's source line at an instruction address; 0 when unknown or not of this program. */
uint32_t weft_program_line(const struct weft_program *program, uint64_t pc);

#endif
