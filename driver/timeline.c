/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <errno.h>
#include <stdlib.h>

#include "device.h"

struct weft_timeline {
    struct weft_ref ref;
    struct weft_device *device;
    _Atomic uint64_t value; /* only grows */
};

int weft_timeline_create(struct weft_device *device, uint64_t value,
                         struct weft_timeline **timeline_out)
{
    struct weft_timeline *timeline = calloc(1, sizeof(*timeline));

    if (timeline == NULL)
        return -ENOMEM;
    weft_ref_init(&timeline->ref);
    timeline->device = weft_device_get(device);
    atomic_init(&timeline->value, value);
    *timeline_out = timeline;
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
    weft_device_put(&timeline->device);
    free(timeline);
}

uint64_t weft_timeline_value(const struct weft_timeline *timeline)
{
    return atomic_load(&timeline->value);
}

void weft_timeline_raise(struct weft_timeline *timeline, uint64_t value)
{
    uint64_t old = atomic_load(&timeline->value);

    while (old < value && !atomic_compare_exchange_weak(&timeline->value, &old, value))
        ;
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
        if (weft_timeline_value(set->timelines[i]) >= set->values[i])
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
    rc = weft_wait(&device->changed, set_is_done, &set, device->spin_ns, deadline_ns);
    return rc != 0 ? rc : set.error;
}
