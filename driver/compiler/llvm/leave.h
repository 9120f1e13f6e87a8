/* SPDX-License-Identifier: MIT
 *
 * DOC: The end of the process
 *
 * exit() runs LLVM's destructors, whoever still uses LLVM then: a compilation in the background, or one that
 * another thread waits for, or the thread that loads LLVM. None of them must see that. So each destructor waits
 * for these uses, which end or stop early then, and none begins after that.
 *
 * LLVM registers the destructors of its global objects while it is loaded, and those of function-local statics
 * when code first comes to them, at any time. For that it calls __cxa_atexit(), and is led to us there (got.h),
 * before anything of it has run: this library asks to be initialised first. For others in the process who use the
 * same LLVM nothing else changes: its destructors run once, in their order. LLVM and this library are never
 * unloaded (driver/loader.c), so our function stays.
 *
 * A call whose compilation stops returns at once: a destructor of the application may wait for its thread.
 * This is the one thing that calls share: it concerns the process.
 */
#ifndef LEAVE_H
#define LEAVE_H

#include <semaphore.h>
#include <stdbool.h>

#include <llvm-c/Core.h>

struct ir_module;

/* LLVM is loaded. Any thread, any number of times. */
void leave_loaded(void);

/* A use of LLVM begins; false if it may not, because the process ends, or was forked in the middle of another one.
 * Any thread. */
bool leave_begin(void);
/* One that began has ended. Any thread. */
void leave_end(void);

/* A thread that uses LLVM for another one, which waits for it. */
struct leave_thread {
    sem_t over;
    bool stopped;
};
/* By the one that waits, before the other one is created and after a leave_begin(). */
void leave_thread_init(struct leave_thread *thread);
/* By the other one: before its work, and at its end, which is the end of the use, too. */
void leave_enter(struct leave_thread *thread);
void leave_return(void);
/* Waits for the end. False if the thread has stopped instead: it stays, and touches nothing more. */
bool leave_thread_finish(struct leave_thread *thread);

/* For LLVMContextSetYieldCallback(), which code generation calls between its passes: does not return when the
 * process is about to end. */
void leave_yield(LLVMContextRef context, void *data);
/* Makes an error of it when the process is about to end; where much work follows. */
void leave_check(struct ir_module *m);

#endif
