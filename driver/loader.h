/* SPDX-License-Identifier: MIT
 *
 * Finding and loading the compiler, a library of its own (libweft_compiler.so) so that LLVM is not
 * loaded before the first compile, or never when all programs come from a cache.
 */
#ifndef WEFT_LOADER_H
#define WEFT_LOADER_H

#include <stdint.h>

#include "weft/compile.h"

struct weft_loader {
    weft_compile_fn *compile;
    void (*finish)(struct weft_compile_result *result);
    void (*destroy)(struct weft_compiler *compiler);
    struct weft_compiler *compiler; /* to compile with */
};

/* Loads the library: WEFT_COMPILER, or from our own library's folder, or from the build tree's, or
 * from where the system looks. 0, or -ENOENT with *message_out (if not NULL) a line to free(). */
int weft_loader_open(struct weft_loader *loader_out, char **message_out);
/* Nothing compiles with it any more. One that was never opened is zeros. */
void weft_loader_close(struct weft_loader *loader);
/* A number that changes when the compiler library does; 0 if there is none. Loads nothing. */
uint64_t weft_loader_identity(void);

#endif
