/* SPDX-License-Identifier: MIT
 *
 * Containment of faults: a kernel that dereferences a bad address ends the job, not the process.
 */
#ifndef WEFT_FAULT_H
#define WEFT_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct weft_fault {
    int signal;       /* SIGSEGV, SIGBUS, SIGFPE or SIGILL */
    uint64_t address; /* that was accessed (of the instruction for SIGFPE and SIGILL) */
    uint64_t pc;      /* of the instruction; 0 if unknown */
    bool write;       /* of memory */
};

/* Installs the handlers, process-wide and counted. 0 or -ENOMEM */
int weft_fault_install(void);
void weft_fault_uninstall(void);

/* Gives the calling thread an alternate signal stack if it has none, so that a stack overflow is
 * contained too. Without memory for it the thread goes without. Undo before the thread ends. */
void *weft_fault_thread_begin(void);
void weft_fault_thread_end(void *stack);

/* Calls run(data). True when it returned; false with *fault_out filled when it faulted, and then it
 * was left where it stood: it must not hold locks or own memory. Costs a few nanoseconds. */
bool weft_fault_contain(void (*run)(void *data), void *data, struct weft_fault *fault_out);

/* "segmentation fault at address 0x12" */
void weft_fault_describe(const struct weft_fault *fault, char *text_out, int text_B);

#endif
