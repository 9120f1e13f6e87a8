/* SPDX-License-Identifier: MIT
 *
 * The command line's parts. Each command gets argv from its own name on and returns an exit status.
 */
#ifndef TOOLS_WEFT_H
#define TOOLS_WEFT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

int weft_run(int argc, char **argv);
int weft_info(int argc, char **argv);
int weft_cc(int argc, char **argv);

/* Where this Weft is: the build folder or the installation that the tool itself is in. */
struct place {
    char driver[PATH_MAX];   /* libvulkan_weft.so */
    char compiler[PATH_MAX]; /* libweft_compiler.so */
    char manifest[PATH_MAX];
};
/* 0, or -1 with a message on stderr. */
int place_find(struct place *place_out);

/* ---- SPIR-V, as far as weft cc must look into it (spirv_facts.c) ---- */

struct weft_binding;

/* A specialisation constant of a module. */
struct spec_constant {
    uint32_t id; /* SpecId */
    uint32_t bits;
    int is_float;
};

struct spirv_facts {
    struct weft_binding *bindings; /* made up: storage buffers in order of (set, binding); free() */
    uint32_t binding_count;
    struct spec_constant *specs; /* free() */
    uint32_t spec_count;
    char *entry; /* name of the first GLCompute entry point; free(); NULL if there is none */
};
/* Bytes that are no SPIR-V give no facts; it is the compiler that complains. -1: out of memory. */
int spirv_facts_read(const uint32_t *words, size_t word_count, struct spirv_facts *facts_out);
void spirv_facts_finish(struct spirv_facts *facts);

#endif
