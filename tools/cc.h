/* SPDX-License-Identifier: MIT
 *
 * weft cc: its options, and the compile request that they make.
 */
#ifndef WEFT_CC_H
#define WEFT_CC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spirv_facts;

#define CC_SPECS_MAX 64

struct cc_options {
    const char *shader, *entry, *output;
    uint32_t isa, width, subgroup_size, flags, list;
    uint32_t features;
    char dump_pass[20];
    const char *specs[CC_SPECS_MAX]; /* "id=value" */
    uint32_t spec_count;
};

/* The request's bytes; free(). NULL with a message on standard error. */
void *cc_request_make(const struct cc_options *o, const struct spirv_facts *facts, const void *spirv,
                      size_t spirv_B, size_t *request_B_out);

/* Whether a file's bytes are a request already. The compiler checks the rest. */
bool cc_is_request(const void *bytes, size_t size_B);

/* Gives a request what the options name: lists, flags, and, where they are not 0, the rest. */
void cc_request_change(const struct cc_options *o, void *request);

#endif
