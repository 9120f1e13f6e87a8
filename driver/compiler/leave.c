/* SPDX-License-Identifier: MIT */
#include "leave.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ir.h"

static struct {
    pthread_mutex_t lock; /* guards running, halted; and leaving, but for reading */
    pthread_cond_t idle;
    unsigned running;
    bool halted; /* the main thread has ended */
    atomic_bool leaving;
    atomic_uint begun;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};

/* Later compilations are taken to come across nothing of LLVM's that no earlier one did. */
#define WARM 16

static void
wait_for_compilations(void)
{
    pthread_mutex_lock(&process.lock);
    atomic_store(&process.leaving, true);
    while (process.running)
        pthread_cond_wait(&process.idle, &process.lock);
    pthread_mutex_unlock(&process.lock);
}

/* exit() takes the last first: this must come after all that LLVM has registered. Its local statics register
 * their destructors when code first comes to them, so once is not enough. What this leaves open: another thread
 * than the main one calls exit() between a static's first use and the next call here, while the process compiles
 * for the first times; the compilation then goes on with a destroyed static, and may not end. */
static void
wait_before_destructors(void)
{
    if (atomic_load_explicit(&process.begun, memory_order_relaxed) <= WARM)
        atexit(wait_for_compilations);
}

/* ---- The main thread ----
 *
 * exit() runs the destructors of its thread's own variables before all handlers. So a main thread that has
 * compiled waits there, where everything still stands. It may also have ended alone, by pthread_exit(): then
 * the others go on, the first one that compiles a little later. */

#define HALT_NS 200000000

extern int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library);
extern void *__dso_handle;

static void
main_thread_ends(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&process.lock);
    process.halted = true;
    while (process.running)
        pthread_cond_wait(&process.idle, &process.lock);
    pthread_mutex_unlock(&process.lock);
}

static void
notice_main_thread(void)
{
    static _Thread_local bool noticed;
    if (noticed || gettid() != getpid())
        return;
    noticed = true;
    __cxa_thread_atexit_impl(main_thread_ends, NULL, &__dso_handle);
}

/* Long enough for exit() to come to its handlers, if that is why the main thread has ended. */
static void
halt_locked(void)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += HALT_NS;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    while (!atomic_load(&process.leaving) &&
           pthread_cond_timedwait(&process.idle, &process.lock, &end) == 0)
        ;
    process.halted = false;
}

/* ---- Compilations ---- */

bool
leave_begin(void)
{
    notice_main_thread();
    pthread_mutex_lock(&process.lock);
    if (process.halted && !atomic_load(&process.leaving))
        halt_locked();
    bool go_on = !atomic_load(&process.leaving);
    process.running += go_on;
    pthread_mutex_unlock(&process.lock);
    atomic_fetch_add_explicit(&process.begun, 1, memory_order_relaxed);
    if (go_on)
        wait_before_destructors();
    return go_on;
}

void
leave_end(void)
{
    pthread_mutex_lock(&process.lock);
    if (--process.running == 0)
        pthread_cond_broadcast(&process.idle);
    pthread_mutex_unlock(&process.lock);
}

void
leave_yield(LLVMContextRef context, void *data)
{
    (void)context, (void)data;
    if (!atomic_load(&process.leaving)) {
        wait_before_destructors();
        return;
    }
    /* exit() need not wait for more: nothing here goes on. */
    leave_end();
    for (;;)
        pause();
}

void
leave_check(struct ir_module *m)
{
    if (!m->error && atomic_load(&process.leaving))
        ir_error(m, -ENOMEM, "the process is about to end");
}
