/* SPDX-License-Identifier: MIT */
#include "leave.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "got.h"
#include "ir.h"

typedef int (*at_exit)(void (*destroy)(void *), void *object, void *library);

static struct {
    at_exit at_exit;     /* what LLVM would call without us */
    atomic_bool loaded;
    atomic_uint running; /* uses of LLVM */
    atomic_bool leaving; /* none may begin */
    atomic_bool broken;  /* LLVM will stay in the middle of something */
} process;

/* What this thread does for another one. */
static _Thread_local struct leave_thread *current;

static void stop(void)
{
    current->stopped = true;
    leave_return();
}

/* Looks again and again: exit() may be called by a signal handler, on a thread that holds a lock. */
static void wait_for_uses(void)
{
    static const struct timespec pause_time = {.tv_nsec = 200000};
    atomic_store(&process.leaving, true);
    if (current) /* LLVM itself has called exit() */
        stop();
    while (atomic_load(&process.running))
        nanosleep(&pause_time, NULL);
}

/* ---- Destructors that LLVM registers ---- */

struct destructor {
    void (*destroy)(void *);
    void *object;
};

/* Another thread may be in LLVM's constructors. It holds the dynamic linker's lock, which this takes. (So does
 * exit(), but at its end.) */
static void wait_for_loading(void)
{
    if (atomic_load(&process.loaded))
        return;
    atomic_store(&process.broken, true);
    void *library = dlopen(NULL, RTLD_LAZY);
    if (library)
        dlclose(library);
}

static void destroy_later(void *data)
{
    struct destructor *d = data;
    wait_for_loading();
    wait_for_uses();
    if (!atomic_load(&process.broken))
        d->destroy(d->object);
    free(d);
}

static int register_later(void (*destroy)(void *), void *object, void *library)
{
    struct destructor *d = malloc(sizeof *d);
    if (!d)
        return -1; /* and it is never destroyed */
    *d = (struct destructor){destroy, object};
    int error = process.at_exit(destroy_later, d, library);
    if (error)
        free(d);
    return error;
}

/* ---- fork() ---- */

/* Threads that used LLVM are not in the child, the locks that they held are. */
static void forked(void)
{
    if (!atomic_load(&process.running))
        return;
    atomic_store(&process.leaving, true);
    atomic_store(&process.broken, true);
    atomic_store(&process.running, 0);
}

/* ---- Uses ---- */

extern int __cxa_atexit(void (*destroy)(void *), void *object, void *library);

/* Of this library, before LLVM's. */
__attribute__((constructor)) static void
init(void)
{
    struct got_slot slots[4];
    unsigned count = got_find((void *)&LLVMContextCreate, "__cxa_atexit", 4, slots);
    /* Another copy of this library may be there already. */
    *(void **)&process.at_exit = count ? slots[0].function : NULL;
    if (!process.at_exit)
        process.at_exit = __cxa_atexit;
    for (unsigned i = 0; i < count; i++)
        got_set(&slots[i], (void *)&register_later);
    /* For an LLVM that was there before this library. */
    atexit(wait_for_uses);
    pthread_atfork(NULL, NULL, forked);
}

void leave_loaded(void)
{
    atomic_store(&process.loaded, true);
}

bool leave_begin(void)
{
    leave_loaded();
    /* In this order, as exit() looks in the other one. */
    atomic_fetch_add(&process.running, 1);
    if (!atomic_load(&process.leaving))
        return true;
    leave_end();
    return false;
}

void leave_end(void)
{
    atomic_fetch_sub(&process.running, 1);
}

/* ---- Threads ---- */

void leave_thread_init(struct leave_thread *thread)
{
    sem_init(&thread->over, 0, 0);
    thread->stopped = false;
}

void leave_enter(struct leave_thread *thread)
{
    current = thread;
}

void leave_return(void)
{
    struct leave_thread *thread = current;
    current = NULL;
    leave_end();
    sem_post(&thread->over);
}

bool leave_thread_finish(struct leave_thread *thread)
{
    while (sem_wait(&thread->over) != 0)
        ; /* a signal */
    sem_destroy(&thread->over);
    return !thread->stopped;
}

void leave_yield(LLVMContextRef context, void *data)
{
    (void)context, (void)data;
    if (!atomic_load(&process.leaving) || !current)
        return;
    stop();
    for (;;)
        pause();
}

void leave_check(struct ir_module *m)
{
    if (!m->error && atomic_load(&process.leaving))
        ir_error(m, -ENOMEM, "the process is about to end");
}
