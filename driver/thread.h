/* SPDX-License-Identifier: MIT
 *
 * The driver's own threads. They take no signal that is meant for the application: all are blocked
 * but those that the thread's own instructions raise (worker/fault.h).
 */
#ifndef WEFT_THREAD_H
#define WEFT_THREAD_H

#include <pthread.h>

/* Starts a thread; name is at most 15 characters. 0 or -ENOMEM. */
int weft_thread_create(pthread_t *thread_out, const char *name, void *(*run)(void *), void *data);

#endif
