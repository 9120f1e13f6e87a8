/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"

struct weft_timeline {
    struct weft_ref ref;
    struct weft_device *device;
    _Atomic uint64_t value; /* only grows */
    int fd;                 /* its eventfd, or -1: not shared */
    pthread_mutex_t lock;   /* of adding to the eventfd */
};

static void raise_own(struct weft_timeline *timeline, uint64_t value)
{
    uint64_t old = atomic_load(&timeline->value);

    while (old < value && !atomic_compare_exchange_weak(&timeline->value, &old, value))
        ;
}

/* ---- The eventfd of a shared one ---- */

/* -EINVAL: it is no eventfd; -ENOSYS: the system does not show the count */
static int read_count(int fd, uint64_t *count_out)
{
    char path[64], text[256];
    const char *count;
    ssize_t length;
    int info;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    info = open(path, O_RDONLY | O_CLOEXEC);
    if (info < 0)
        return errno == ENOENT && fcntl(fd, F_GETFD) < 0 ? -EINVAL : -ENOSYS;
    length = read(info, text, sizeof(text) - 1);
    close(info);
    text[length > 0 ? length : 0] = 0;
    count = strstr(text, "eventfd-count:");
    if (count == NULL || sscanf(count, "eventfd-count: %" SCNx64, count_out) != 1)
        return -EINVAL;
    return 0;
}

/* Adds what the eventfd lacks of the value. Of two signals that are not ordered the greater one is not
 * valid first, so nobody adds between. */
static void raise_shared(struct weft_timeline *timeline, uint64_t value)
{
    uint64_t count;

    pthread_mutex_lock(&timeline->lock);
    if (read_count(timeline->fd, &count) == 0 && count < value)
        eventfd_write(timeline->fd, value - count);
    pthread_mutex_unlock(&timeline->lock);
}

void weft_timeline_refresh(struct weft_timeline *timeline)
{
    uint64_t count;

    if (timeline->fd < 0 || read_count(timeline->fd, &count) != 0 ||
        count <= atomic_load(&timeline->value))
        return;
    raise_own(timeline, count);
    weft_wake_all(&timeline->device->changed);
}

/* ---- Its life ---- */

int weft_timeline_create(struct weft_device *device, uint64_t value,
                         struct weft_timeline **timeline_out)
{
    struct weft_timeline *timeline = calloc(1, sizeof(*timeline));

    if (timeline == NULL)
        return -ENOMEM;
    weft_ref_init(&timeline->ref);
    timeline->device = weft_device_get(device);
    atomic_init(&timeline->value, value);
    timeline->fd = -1;
    pthread_mutex_init(&timeline->lock, NULL);
    *timeline_out = timeline;
    return 0;
}

int weft_timeline_import(struct weft_device *device, int fd, struct weft_timeline **timeline_out)
{
    struct weft_timeline *timeline;
    uint64_t value;
    int rc = read_count(fd, &value);

    if (rc == 0)
        rc = weft_timeline_create(device, value, &timeline);
    if (rc != 0)
        return rc;
    timeline->fd = fd;
    rc = weft_poller_watch(&device->poller, fd, timeline);
    if (rc != 0) {
        timeline->fd = -1;
        weft_timeline_put(&timeline);
        return rc;
    }
    *timeline_out = timeline;
    return 0;
}

int weft_timeline_create_shared(struct weft_device *device, uint64_t value,
                                struct weft_timeline **timeline_out)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), rc;

    if (fd < 0)
        return -EMFILE;
    if (value != 0)
        eventfd_write(fd, value);
    rc = weft_timeline_import(device, fd, timeline_out);
    if (rc != 0)
        close(fd);
    return rc;
}

int weft_timeline_export(const struct weft_timeline *timeline, int *fd_out)
{
    int fd;

    if (timeline->fd < 0)
        return -EINVAL;
    fd = fcntl(timeline->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -EMFILE;
    *fd_out = fd;
    return 0;
}

struct weft_timeline *weft_timeline_get(struct weft_timeline *timeline)
{
    if (timeline != NULL)
        weft_ref_get(&timeline->ref);
    return timeline;
}

void weft_timeline_put(struct weft_timeline **timeline_ref)
{
    struct weft_timeline *timeline = *timeline_ref;

    *timeline_ref = NULL;
    if (timeline == NULL || !weft_ref_put(&timeline->ref))
        return;
    if (timeline->fd >= 0) {
        weft_poller_unwatch(&timeline->device->poller, timeline);
        close(timeline->fd);
    }
    pthread_mutex_destroy(&timeline->lock);
    weft_device_put(&timeline->device);
    free(timeline);
}

/* ---- Values ---- */

uint64_t weft_timeline_value(struct weft_timeline *timeline)
{
    weft_timeline_refresh(timeline);
    return atomic_load(&timeline->value);
}

bool weft_timeline_reached(const struct weft_timeline *timeline, uint64_t value)
{
    return atomic_load(&timeline->value) >= value;
}

void weft_timeline_raise(struct weft_timeline *timeline, uint64_t value)
{
    raise_own(timeline, value);
    if (timeline->fd >= 0)
        raise_shared(timeline, value);
}

void weft_timeline_signal(struct weft_timeline *timeline, uint64_t value)
{
    weft_timeline_raise(timeline, value);
    weft_wake_all(&timeline->device->changed);
}

struct timeline_set {
    struct weft_timeline *const *timelines;
    const uint64_t *values;
    uint32_t count;
    bool all;
    int error;
};

static bool set_is_done(void *data)
{
    struct timeline_set *set = data;
    uint32_t reached = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        if (weft_timeline_reached(set->timelines[i], set->values[i]))
            reached++;
    }
    if (reached == set->count || (reached != 0 && !set->all))
        return true;
    /* Values that have not come by now may never come. */
    set->error = weft_device_status(set->timelines[0]->device);
    return set->error != 0;
}

int weft_timeline_wait(struct weft_timeline *const *timelines, const uint64_t *values,
                       uint32_t count, bool all, uint64_t deadline_ns)
{
    struct timeline_set set = {
        .timelines = timelines, .values = values, .count = count, .all = all};
    struct weft_device *device;
    int rc;

    if (count == 0)
        return 0;
    device = timelines[0]->device;
    for (uint32_t i = 0; i < count; i++)
        weft_timeline_refresh(timelines[i]);
    rc = weft_wait(&device->changed, set_is_done, &set, device->spin_ns, deadline_ns);
    return rc != 0 ? rc : set.error;
}
