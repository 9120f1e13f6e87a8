/* SPDX-License-Identifier: MIT
 *
 * The end of the process. LLVM's destructors run in exit(), whoever still compiles in the background. So
 * exit() waits for compilations, which end or stop early then, and none begins after that. This is the one thing
 * that calls share: it concerns the process.
 */
#ifndef LEAVE_H
#define LEAVE_H

#include <stdbool.h>

#include <llvm-c/Core.h>

struct ir_module;

/* A compilation begins; false if it may not. Any thread. The first after the main thread's end waits a little,
 * in case that is exit(). */
bool leave_begin(void);
/* One that began has ended. */
void leave_end(void);
/* For LLVMContextSetYieldCallback(), which code generation calls between its passes: does not return when the
 * process is about to end. */
void leave_yield(LLVMContextRef context, void *data);
/* Makes an error of it when the process is about to end; where much work follows. */
void leave_check(struct ir_module *m);

#endif
