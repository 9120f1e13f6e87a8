/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "thread.h"
#include "weft/driver.h"

struct weft_poll {
    struct weft_poll *prev, *next;
    int fd;
    bool take;
    struct weft_fence *fence; /* reference */
};

#define EVENTS 16

static void unlink_locked(struct weft_poller *poller, struct weft_poll *poll)
{
    if (poll->prev != NULL)
        poll->prev->next = poll->next;
    else
        poller->polls = poll->next;
    if (poll->next != NULL)
        poll->next->prev = poll->prev;
}

static void end_poll(struct weft_poll *poll, int status)
{
    weft_fence_signal(poll->fence, status);
    weft_fence_put(&poll->fence);
    close(poll->fd);
    free(poll);
}

/* Whether a readable descriptor is enough, or the 1 that we need was there. */
static bool is_signalled(const struct weft_poll *poll)
{
    uint64_t value;

    return !poll->take || read(poll->fd, &value, sizeof(value)) == (ssize_t)sizeof(value);
}

static void *run_poller(void *data)
{
    struct weft_poller *poller = data;

    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller->epoll, events, EVENTS, -1);
        bool stopping;

        pthread_mutex_lock(&poller->lock);
        stopping = poller->stopping;
        pthread_mutex_unlock(&poller->lock);
        if (stopping)
            return NULL;
        for (int i = 0; i < count; i++) {
            struct weft_poll *poll = events[i].data.ptr;

            if (poll == NULL || !is_signalled(poll))
                continue;
            pthread_mutex_lock(&poller->lock);
            epoll_ctl(poller->epoll, EPOLL_CTL_DEL, poll->fd, NULL);
            unlink_locked(poller, poll);
            pthread_mutex_unlock(&poller->lock);
            end_poll(poll, 0);
        }
    }
}

void weft_poller_init(struct weft_poller *poller)
{
    *poller = (struct weft_poller){.epoll = -1, .wake = -1};
    pthread_mutex_init(&poller->lock, NULL);
}

static int start_locked(struct weft_poller *poller)
{
    struct epoll_event event = {.events = EPOLLIN};
    int rc = -EMFILE;

    poller->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll < 0)
        return rc;
    poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (poller->wake < 0)
        goto fail_epoll;
    if (epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake, &event) != 0)
        goto fail_wake;
    rc = weft_thread_create(&poller->thread, "weft-poller", run_poller, poller);
    if (rc != 0)
        goto fail_wake;
    poller->running = true;
    return 0;

fail_wake:
    close(poller->wake);
fail_epoll:
    close(poller->epoll);
    return rc;
}

void weft_poller_stop(struct weft_poller *poller)
{
    struct weft_poll *polls;
    bool running;

    pthread_mutex_lock(&poller->lock);
    running = poller->running;
    poller->running = false;
    poller->stopping = true;
    polls = poller->polls;
    poller->polls = NULL;
    pthread_mutex_unlock(&poller->lock);
    if (!running)
        return;
    eventfd_write(poller->wake, 1);
    pthread_join(poller->thread, NULL);
    close(poller->wake);
    close(poller->epoll);
    while (polls != NULL) {
        struct weft_poll *poll = polls;

        polls = poll->next;
        end_poll(poll, -EIO);
    }
}

void weft_poller_finish(struct weft_poller *poller)
{
    pthread_mutex_destroy(&poller->lock);
}

int weft_poller_add(struct weft_poller *poller, int fd, bool take, struct weft_fence *fence)
{
    struct weft_poll *poll = calloc(1, sizeof(*poll));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = poll};
    int rc = 0;

    if (poll == NULL)
        return -ENOMEM;
    poll->fd = fd;
    poll->take = take;
    pthread_mutex_lock(&poller->lock);
    if (poller->stopping)
        rc = -EIO;
    else if (!poller->running)
        rc = start_locked(poller);
    if (rc == 0 && epoll_ctl(poller->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        rc = errno == EPERM ? -EINVAL : -ENOMEM;
    if (rc == 0) {
        poll->fence = weft_fence_get(fence);
        poll->next = poller->polls;
        if (poll->next != NULL)
            poll->next->prev = poll;
        poller->polls = poll;
    }
    pthread_mutex_unlock(&poller->lock);
    if (rc != 0)
        free(poll);
    return rc;
}
