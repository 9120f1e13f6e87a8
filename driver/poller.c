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
#include "timeline.h"
#include "weft/driver.h"

struct weft_poll {
    struct weft_poll *prev, *next;
    int fd;
    bool take;
    struct weft_fence *fence;       /* reference; or NULL, and */
    struct weft_timeline *timeline; /* weak; the descriptor is its own */
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
    if (poll->fence != NULL) {
        weft_fence_signal(poll->fence, status);
        weft_fence_put(&poll->fence);
        close(poll->fd);
    }
    free(poll);
}

static void end_polls(struct weft_poll *polls)
{
    while (polls != NULL) {
        struct weft_poll *poll = polls;

        polls = poll->next;
        end_poll(poll, -EIO);
    }
}

/* Whether a readable descriptor is enough, or the 1 that we need was there. */
static bool is_signalled(const struct weft_poll *poll)
{
    uint64_t value;

    return !poll->take || read(poll->fd, &value, sizeof(value)) == (ssize_t)sizeof(value);
}

/* The poll is over once its fence is signalled. */
static void poll_fence(struct weft_poller *poller, struct weft_poll *poll)
{
    if (!is_signalled(poll))
        return;
    pthread_mutex_lock(&poller->lock);
    epoll_ctl(poller->epoll, EPOLL_CTL_DEL, poll->fd, NULL);
    unlink_locked(poller, poll);
    pthread_mutex_unlock(&poller->lock);
    end_poll(poll, 0);
}

static void poll_timeline(struct weft_poller *poller, struct weft_poll *poll)
{
    /* The timeline does not end meanwhile: weft_poller_unwatch() needs the lock. */
    pthread_mutex_lock(&poller->lock);
    if (poll->timeline != NULL)
        weft_timeline_refresh(poll->timeline);
    pthread_mutex_unlock(&poller->lock);
}

static void *run_poller(void *data)
{
    struct weft_poller *poller = data;

    for (;;) {
        struct epoll_event events[EVENTS];
        struct weft_poll *dropped;
        eventfd_t wakes;
        int count;
        bool stopping;

        /* What was dropped before is in no later batch. */
        pthread_mutex_lock(&poller->lock);
        dropped = poller->dropped;
        poller->dropped = NULL;
        stopping = poller->stopping;
        pthread_mutex_unlock(&poller->lock);
        end_polls(dropped);
        if (stopping)
            return NULL;
        count = epoll_wait(poller->epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct weft_poll *poll = events[i].data.ptr;

            if (poll == NULL)
                eventfd_read(poller->wake, &wakes);
            else if (poll->fence != NULL)
                poll_fence(poller, poll);
            else
                poll_timeline(poller, poll);
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
    end_polls(polls);
    end_polls(poller->dropped);
    poller->dropped = NULL;
}

void weft_poller_finish(struct weft_poller *poller)
{
    pthread_mutex_destroy(&poller->lock);
}

/* Puts a copy of the poll into the list. */
static int add(struct weft_poller *poller, const struct weft_poll *model, uint32_t events)
{
    struct weft_poll *poll = malloc(sizeof(*poll));
    struct epoll_event event = {.events = events, .data.ptr = poll};
    int rc = 0;

    if (poll == NULL)
        return -ENOMEM;
    *poll = *model;
    pthread_mutex_lock(&poller->lock);
    if (poller->stopping)
        rc = -EIO;
    else if (!poller->running)
        rc = start_locked(poller);
    if (rc == 0 && epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poll->fd, &event) != 0)
        rc = errno == EPERM ? -EINVAL : -ENOMEM;
    if (rc == 0) {
        weft_fence_get(poll->fence);
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

int weft_poller_add(struct weft_poller *poller, int fd, bool take, struct weft_fence *fence)
{
    return add(poller, &(struct weft_poll){.fd = fd, .take = take, .fence = fence}, EPOLLIN);
}

int weft_poller_watch(struct weft_poller *poller, int fd, struct weft_timeline *timeline)
{
    return add(poller, &(struct weft_poll){.fd = fd, .timeline = timeline}, EPOLLIN | EPOLLET);
}

void weft_poller_unwatch(struct weft_poller *poller, const struct weft_timeline *timeline)
{
    pthread_mutex_lock(&poller->lock);
    for (struct weft_poll *poll = poller->polls; poll != NULL; poll = poll->next) {
        if (poll->timeline != timeline)
            continue;
        epoll_ctl(poller->epoll, EPOLL_CTL_DEL, poll->fd, NULL);
        unlink_locked(poller, poll);
        poll->timeline = NULL;
        poll->next = poller->dropped;
        poller->dropped = poll;
        eventfd_write(poller->wake, 1);
        break;
    }
    pthread_mutex_unlock(&poller->lock);
}
