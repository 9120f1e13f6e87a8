/* SPDX-License-Identifier: MIT */
#include "leave.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ir.h"

static struct {
    pthread_mutex_t lock; /* guards running; and leaving, but for reading */
    pthread_cond_t idle;
    unsigned running;
    atomic_bool leaving;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};

static void
wait_for_compilations(void)
{
    pthread_mutex_lock(&process.lock);
    atomic_store(&process.leaving, true);
    while (process.running)
        pthread_cond_wait(&process.idle, &process.lock);
    pthread_mutex_unlock(&process.lock);
}

/* After LLVM's constructors, so that exit() comes here before it comes to LLVM's destructors. */
__attribute__((constructor)) static void
at_load(void)
{
    atexit(wait_for_compilations);
}

bool
leave_begin(void)
{
    pthread_mutex_lock(&process.lock);
    bool go_on = !atomic_load(&process.leaving);
    process.running += go_on;
    pthread_mutex_unlock(&process.lock);
    return go_on;
}

void
leave_end(void)
{
    pthread_mutex_lock(&process.lock);
    if (--process.running == 0)
        pthread_cond_signal(&process.idle);
    pthread_mutex_unlock(&process.lock);
}

void
leave_check(struct ir_module *m)
{
    if (!m->error && atomic_load(&process.leaving))
        ir_error(m, -ENOMEM, "the process is about to end");
}
