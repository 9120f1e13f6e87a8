/* SPDX-License-Identifier: MIT
 *
 * What compilations have in common: LLVM's target machines, which take longer to make than the machine code of a
 * small shader. A target machine serves one compilation at a time.
 */
#ifndef MACHINES_H
#define MACHINES_H

#include "cg_target.h"

struct weft_compiler;

/* A target machine of its kind that nobody uses, or a new one. The compiler may be NULL. NULL with *message_out
 * (or NULL) to free() on error. Any thread. */
LLVMTargetMachineRef machines_take(struct weft_compiler *compiler, const struct cg_target *target,
                                   bool fast, char **message_out);
/* Gives it back, with the same arguments. */
void machines_give(struct weft_compiler *compiler, const struct cg_target *target, bool fast,
                   LLVMTargetMachineRef machine);

#endif
