/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct start {
    void *(*run)(void *data);
    void *data;
    char name[16];
};

/* The thread names itself: for another one that is opening and writing a file. */
static void *begin(void *data)
{
    struct start *allocated = data, start = *allocated;

    free(allocated);
    pthread_setname_np(pthread_self(), start.name);
    return start.run(start.data);
}

int weft_thread_create(pthread_t *thread_out, const char *name, void *(*run)(void *), void *data)
{
    struct start *start = malloc(sizeof(*start));
    pthread_t thread;
    sigset_t blocked, old;
    int rc;

    if (start == NULL)
        return -ENOMEM;
    *start = (struct start){.run = run, .data = data};
    snprintf(start->name, sizeof(start->name), "%s", name);
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    /* A new thread inherits the mask. */
    pthread_sigmask(SIG_SETMASK, &blocked, &old);
    rc = pthread_create(&thread, NULL, begin, start);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        free(start);
        return -ENOMEM;
    }
    *thread_out = thread;
    return 0;
}
