/* SPDX-License-Identifier: MIT
 *
 * DOC: The fault handler
 *
 * Kernels read and write addresses that the application computes (physical storage buffers) or
 * leaves behind (stale descriptors). There is no way to learn of a bad one but the signal, and signal
 * handlers are per process. So this file has the driver's only process-wide state: while a device
 * exists, our handler stands in front of the application's. It acts only on a thread that is inside
 * weft_fault_contain(); every other fault goes to the handler that was there before.
 *
 * An application that installs its own handler later takes ours away. Then a faulting kernel
 * reaches that handler, as any fault in the application would; nothing else depends on ours. If
 * that application's handler calls us as its predecessor after our last device is gone, we only pass
 * the fault on; the library is kept in memory for that.
 */
#include "worker/fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"

struct recovery {
    void *jump[5]; /* __builtin_setjmp: frame, label, stack pointer, two spare */
    struct weft_fault *fault;
};

/* initial-exec: the handler must not allocate thread-local memory on a thread that is not ours. */
static _Thread_local struct recovery *volatile current
    __attribute__((tls_model("initial-exec")));

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "segmentation fault"},
    {SIGBUS, "bus error"},
    {SIGFPE, "arithmetic fault"},
    {SIGILL, "illegal instruction"},
};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static pthread_mutex_t install_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the two below */
static unsigned install_count;
static struct sigaction previous[SIGNAL_COUNT]; /* written before our handler is in place */

static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *next = NULL;
    struct sigaction fatal = {.sa_handler = SIG_DFL};

    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i].number == number)
            next = &previous[i];
    }
    if (next != NULL && (next->sa_flags & SA_SIGINFO) != 0 && next->sa_sigaction != NULL) {
        next->sa_sigaction(number, info, context);
        return;
    }
    if (next != NULL && next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN) {
        next->sa_handler(number);
        return;
    }
    if (next != NULL && next->sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    /* The default: returning repeats the fault, which now ends the process as it would have. */
    sigaction(number, &fatal, NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void recover(void *data)
{
    __builtin_longjmp(((struct recovery *)data)->jump, 1);
}

static void handle(int number, siginfo_t *info, void *context)
{
    struct recovery *recovery = current;

    /* si_code <= 0: somebody sent the signal; it says nothing about what this thread does. */
    if (recovery == NULL || info->si_code <= 0) {
        pass_on(number, info, context);
        return;
    }
    current = NULL;
    recovery->fault->signal = number;
    recovery->fault->address = (uintptr_t)info->si_addr;
    recovery->fault->pc = weft_machine_fault_pc(context);
    recovery->fault->write = weft_machine_fault_is_write(context);
    /* Better to leave the handler first, so that nobody takes this thread to be inside it. Where that
     * is not possible: the mask is as it was, because of SA_NODEFER. */
    if (!weft_machine_fault_resume(context, recover, recovery, recovery->jump[2]))
        recover(recovery);
}

static bool is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == handle;
}

int weft_fault_install(void)
{
    struct sigaction ours = {.sa_sigaction = handle};

    /* ONSTACK: threads of Go programs have small stacks and insist on it. */
    ours.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    pthread_mutex_lock(&install_lock);
    if (install_count++ == 0) {
        for (size_t i = 0; i < SIGNAL_COUNT; i++) {
            struct sigaction now;

            /* Ours still: left behind by the last uninstall under somebody else's handler. */
            if (sigaction(signals[i].number, NULL, &now) != 0 || is_ours(&now))
                continue;
            previous[i] = now;
            sigaction(signals[i].number, &ours, NULL);
        }
    }
    pthread_mutex_unlock(&install_lock);
    return 0;
}

/* Keeps this library loaded: somebody holds a pointer to our handler. */
static void pin_library(void)
{
    Dl_info self;

    if (dladdr((void *)(uintptr_t)&pin_library, &self) != 0 && self.dli_fname != NULL)
        dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

void weft_fault_uninstall(void)
{
    pthread_mutex_lock(&install_lock);
    if (--install_count == 0) {
        bool chained = false;

        for (size_t i = 0; i < SIGNAL_COUNT; i++) {
            struct sigaction now;

            if (sigaction(signals[i].number, NULL, &now) != 0)
                continue;
            if (is_ours(&now))
                sigaction(signals[i].number, &previous[i], NULL);
            else
                chained = true;
        }
        if (chained)
            pin_library();
    }
    pthread_mutex_unlock(&install_lock);
}

void *weft_fault_thread_begin(void)
{
    stack_t stack = {0}, old;
    long minimum = sysconf(_SC_MINSIGSTKSZ);

    /* A sanitizer gives every thread one of its own. */
    if (sigaltstack(NULL, &old) != 0 || (old.ss_flags & SS_DISABLE) == 0)
        return NULL;
    stack.ss_size = 16384 + (minimum > 0 ? (size_t)minimum : 0);
    stack.ss_sp = malloc(stack.ss_size);
    if (stack.ss_sp != NULL && sigaltstack(&stack, NULL) != 0) {
        free(stack.ss_sp);
        return NULL;
    }
    return stack.ss_sp;
}

void weft_fault_thread_end(void *stack)
{
    stack_t off = {.ss_flags = SS_DISABLE};

    if (stack == NULL)
        return;
    sigaltstack(&off, NULL);
    free(stack);
}

__attribute__((noinline)) bool weft_fault_contain(void (*run)(void *data), void *data,
                                                  struct weft_fault *fault_out)
{
    struct recovery recovery = {.fault = fault_out};

    if (__builtin_setjmp(recovery.jump) != 0)
        return false;
    current = &recovery;
    run(data);
    current = NULL;
    return true;
}

void weft_fault_describe(const struct weft_fault *fault, char *text_out, int text_B)
{
    const char *name = "fault";

    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i].number == fault->signal)
            name = signals[i].name;
    }
    snprintf(text_out, (size_t)text_B, "%s at address 0x%llx", name,
             (unsigned long long)fault->address);
}
