/* SPDX-License-Identifier: MIT */
#include "fence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "device.h"

#define PENDING 1

/* A descriptor to write to at the signal. */
struct export {
    struct export *next;
    int fd;
};

/* What `exports` is once they were written to. */
static struct export written;

struct weft_fence {
    struct weft_ref ref;
    struct weft_device *device;
    atomic_int status; /* PENDING, 0 or -errno; leaves PENDING once */
    _Atomic(struct export *) exports;
    atomic_int to_take; /* a descriptor that weft_fence_begin() will poll, or -1 */
};

int weft_fence_create(struct weft_device *device, struct weft_fence **fence_out)
{
    struct weft_fence *fence = calloc(1, sizeof(*fence));

    if (fence == NULL)
        return -ENOMEM;
    weft_ref_init(&fence->ref);
    fence->device = weft_device_get(device);
    atomic_init(&fence->status, PENDING);
    atomic_init(&fence->to_take, -1);
    *fence_out = fence;
    return 0;
}

struct weft_fence *weft_fence_get(struct weft_fence *fence)
{
    if (fence != NULL)
        weft_ref_get(&fence->ref);
    return fence;
}

void weft_fence_put(struct weft_fence **fence_ref)
{
    struct weft_fence *fence = *fence_ref;

    *fence_ref = NULL;
    if (fence == NULL || !weft_ref_put(&fence->ref))
        return;
    for (struct export *export = atomic_load(&fence->exports), *next;
         export != NULL && export != &written; export = next) {
        next = export->next;
        close(export->fd);
        free(export);
    }
    if (atomic_load(&fence->to_take) >= 0)
        close(atomic_load(&fence->to_take));
    weft_device_put(&fence->device);
    free(fence);
}

static void write_exports(struct weft_fence *fence)
{
    struct export *export = atomic_exchange(&fence->exports, &written);

    while (export != NULL && export != &written) {
        struct export *next = export->next;

        eventfd_write(export->fd, 1);
        close(export->fd);
        free(export);
        export = next;
    }
}

void weft_fence_set(struct weft_fence *fence, int status)
{
    int pending = PENDING;

    /* In this order weft_fence_export() either finds the status, or has its export found here. */
    atomic_compare_exchange_strong(&fence->status, &pending, status);
    if (atomic_load(&fence->exports) != NULL)
        write_exports(fence);
}

int weft_fence_export(struct weft_fence *fence, int fd)
{
    struct export *export = malloc(sizeof(*export));
    struct export *first = atomic_load(&fence->exports);

    if (export == NULL)
        return -ENOMEM;
    export->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (export->fd < 0) {
        free(export);
        return -EMFILE;
    }
    do {
        if (first == &written) {
            eventfd_write(export->fd, 1);
            close(export->fd);
            free(export);
            return 0;
        }
        export->next = first;
    } while (!atomic_compare_exchange_weak(&fence->exports, &first, export));
    if (weft_fence_status(fence) != PENDING)
        write_exports(fence);
    return 0;
}

int weft_fence_import(struct weft_device *device, int fd, bool take, struct weft_fence **fence_out)
{
    struct weft_fence *fence;
    int rc = weft_fence_create(device, &fence);

    if (rc != 0)
        return rc;
    if (take)
        atomic_init(&fence->to_take, fd);
    else
        rc = weft_poller_add(&device->poller, fd, false, fence);
    if (rc != 0) {
        weft_fence_put(&fence);
        return rc;
    }
    *fence_out = fence;
    return 0;
}

void weft_fence_begin(struct weft_fence *fence)
{
    int fd = atomic_load(&fence->to_take) < 0 ? -1 : atomic_exchange(&fence->to_take, -1);
    int rc = fd < 0 ? 0 : weft_poller_add(&fence->device->poller, fd, true, fence);

    if (rc == 0)
        return;
    close(fd);
    weft_fence_signal(fence, rc);
}

void weft_fence_signal(struct weft_fence *fence, int status)
{
    weft_fence_set(fence, status);
    weft_wake_all(&fence->device->changed);
}

int weft_fence_status(const struct weft_fence *fence)
{
    int status = atomic_load(&fence->status);

    /* A lost device signals all its pending fences; reading them so needs no list of them. */
    if (status == PENDING && weft_device_status(fence->device) != 0)
        return -EIO;
    return status;
}

struct fence_set {
    struct weft_fence *const *fences;
    uint32_t fence_count;
    bool all;
    int error;
};

static bool set_is_done(void *data)
{
    struct fence_set *set = data;
    uint32_t signalled = 0;

    for (uint32_t i = 0; i < set->fence_count; i++) {
        int status = weft_fence_status(set->fences[i]);

        if (status < 0) {
            set->error = status;
            return true;
        }
        if (status == 0) {
            signalled++;
            if (!set->all)
                return true;
        } else if (set->all) {
            return false;
        }
    }
    return signalled == set->fence_count;
}

int weft_fence_wait(struct weft_fence *const *fences, uint32_t fence_count, bool all,
                    uint64_t deadline_ns)
{
    struct fence_set set = {.fences = fences, .fence_count = fence_count, .all = all};
    struct weft_device *device;
    int rc;

    if (fence_count == 0)
        return 0;
    device = fences[0]->device;
    rc = weft_wait(&device->changed, set_is_done, &set, device->spin_ns, deadline_ns);
    return rc != 0 ? rc : set.error;
}
