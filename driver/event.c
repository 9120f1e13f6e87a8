/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "device.h"

struct weft_event {
    struct weft_ref ref;
    struct weft_device *device;
    atomic_bool set;
};

int weft_event_create(struct weft_device *device, struct weft_event **event_out)
{
    struct weft_event *event = calloc(1, sizeof(*event));

    if (event == NULL)
        return -ENOMEM;
    weft_ref_init(&event->ref);
    event->device = weft_device_get(device);
    atomic_init(&event->set, false);
    *event_out = event;
    return 0;
}

struct weft_event *weft_event_get(struct weft_event *event)
{
    if (event != NULL)
        weft_ref_get(&event->ref);
    return event;
}

void weft_event_put(struct weft_event **event_ref)
{
    struct weft_event *event = *event_ref;

    *event_ref = NULL;
    if (event == NULL || !weft_ref_put(&event->ref))
        return;
    weft_device_put(&event->device);
    free(event);
}

void weft_event_set(struct weft_event *event, bool value)
{
    atomic_store(&event->set, value);
    weft_wake_all(&event->device->changed);
}

bool weft_event_status(const struct weft_event *event)
{
    return atomic_load(&event->set);
}
