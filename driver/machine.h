/* SPDX-License-Identifier: MIT
 *
 * What depends on the processor. With machine.c the only place of the driver that knows one.
 */
#ifndef WEFT_MACHINE_H
#define WEFT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* Tells the core that this is a spin loop. */
static inline void weft_machine_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* The instruction address at which a signal struck, from the handler's third argument; 0 unknown. */
uint64_t weft_machine_fault_pc(const void *ucontext);
/* Whether the access was a write; false where that is not known. */
bool weft_machine_fault_is_write(const void *ucontext);

/* Makes the signal handler, when it returns, continue in function(data) instead of where the signal
 * struck, on the stack below `stack`, with the floating-point state that threads start with. False
 * when this machine's contexts are not known: then nothing has changed. */
bool weft_machine_fault_resume(void *ucontext, void (*function)(void *data), void *data,
                               const void *stack);

/* Threads that the device should use: WEFT_THREADS, else `wanted`, else the machine's cores. */
uint32_t weft_machine_threads(uint32_t wanted, uint32_t cores);

#endif
