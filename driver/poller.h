/* SPDX-License-Identifier: MIT
 *
 * DOC: Waiting for file descriptors
 *
 * Everything in the driver waits for device->changed; what happens outside (another process signals an
 * imported fence) must get there. A device whose fences are imported has one thread more, which sleeps
 * until one of the descriptors is readable and then signals its fence. It starts with the first import
 * and ends with the device, when fences that are still pending are signalled with -EIO. A shared timeline
 * is watched for as long as it lives: each write to its descriptor wakes those who watch it.
 */
#ifndef WEFT_POLLER_H
#define WEFT_POLLER_H

#include <pthread.h>
#include <stdbool.h>

struct weft_fence;
struct weft_poll;
struct weft_timeline;

struct weft_poller {
    pthread_mutex_t lock; /* guards all below */
    pthread_t thread;
    bool running, stopping;
    int epoll, wake; /* descriptors; valid while running */
    struct weft_poll *polls;
    struct weft_poll *dropped; /* the thread may still have them in its hands; it frees them */
};

void weft_poller_init(struct weft_poller *poller);
/* Joins the thread. */
void weft_poller_stop(struct weft_poller *poller);
void weft_poller_finish(struct weft_poller *poller);
/* Signals the fence, of which it takes a reference, once fd is readable; take: reads 8 bytes then, and
 * waits on where somebody else was faster. Takes fd where it succeeds. -ENOMEM, -EMFILE, -EAGAIN; -EIO:
 * the device is being destroyed. */
int weft_poller_add(struct weft_poller *poller, int fd, bool take, struct weft_fence *fence);
/* Calls weft_timeline_refresh() whenever somebody has written to fd, which stays the caller's. The pointer
 * is weak: the timeline calls weft_poller_unwatch() before it ends. Errors as above. */
int weft_poller_watch(struct weft_poller *poller, int fd, struct weft_timeline *timeline);
void weft_poller_unwatch(struct weft_poller *poller, const struct weft_timeline *timeline);

#endif
