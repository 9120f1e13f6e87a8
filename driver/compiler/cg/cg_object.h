/* SPDX-License-Identifier: MIT
 *
 * From LLVM's object file to a kernel image.
 */
#ifndef CG_OBJECT_H
#define CG_OBJECT_H

#include <stddef.h>

#include "cg.h"
#include "x86.h"

/* Places the constant sections of an ELF relocatable (x86-64) behind each other, resolves their
 * references to each other, and puts a header in front. The object must define "weft_kernel". Sets
 * result->image, or m->error: -ENOTSUP where the object refers to something outside of itself or
 * has writable data, -ENOMEM. The bytes are checked: a damaged object is an error. */
void cg_object_link(struct ir_module *m, const struct cg_facts *facts, const void *object,
                    size_t object_B, struct weft_compile_result *result);

/* The same for code that refers to nothing. -ENOMEM. */
void cg_object_wrap(struct ir_module *m, const struct cg_facts *facts, const struct x86_code *code,
                    struct weft_compile_result *result);

#endif
