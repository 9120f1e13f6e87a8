/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <errno.h>
#include <signal.h>

int weft_thread_create(pthread_t *thread_out, const char *name, void *(*run)(void *), void *data)
{
    pthread_t thread;
    sigset_t blocked, old;
    int rc;

    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    /* A new thread inherits the mask. */
    pthread_sigmask(SIG_SETMASK, &blocked, &old);
    rc = pthread_create(&thread, NULL, run, data);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0)
        return -ENOMEM;
    pthread_setname_np(thread, name);
    *thread_out = thread;
    return 0;
}
