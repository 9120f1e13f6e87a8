/* SPDX-License-Identifier: MIT */
#include "fence.h"

#include <errno.h>
#include <stdlib.h>

#include "device.h"

#define PENDING 1

struct weft_fence {
    struct weft_ref ref;
    struct weft_device *device;
    atomic_int status; /* PENDING, 0 or -errno; leaves PENDING once */
};

int weft_fence_create(struct weft_device *device, struct weft_fence **fence_out)
{
    struct weft_fence *fence = calloc(1, sizeof(*fence));

    if (fence == NULL)
        return -ENOMEM;
    weft_ref_init(&fence->ref);
    fence->device = weft_device_get(device);
    atomic_init(&fence->status, PENDING);
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
    weft_device_put(&fence->device);
    free(fence);
}

void weft_fence_set(struct weft_fence *fence, int status)
{
    int pending = PENDING;

    atomic_compare_exchange_strong(&fence->status, &pending, status);
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
