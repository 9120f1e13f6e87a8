/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "queue.h"
#include "worker/fault.h"

/* Covers the latency of one sleep and wake-up, so that short jobs cost neither. */
#define SPIN_NS 30000u

int weft_device_create(const struct weft_device_info *info, struct weft_device **device_out)
{
    struct weft_device *device = calloc(1, sizeof(*device));
    const char *debug = getenv("WEFT_DEBUG");
    int rc;

    if (device == NULL)
        return -ENOMEM;
    weft_ref_init(&device->ref);
    if (info->machine != NULL)
        device->machine = *info->machine;
    else
        weft_machine_query(&device->machine);
    device->threads = weft_machine_threads(info->worker_count, device->machine.cores);
    /* On one core whoever spins keeps the other from running. */
    device->spin_ns = device->machine.cores > 1 ? SPIN_NS : 0;
    device->reports = debug != NULL && strstr(debug, "report") != NULL;
    atomic_init(&device->message, info->message);
    device->message_data = info->message_data;
    weft_wake_init(&device->changed);
    pthread_mutex_init(&device->lost_lock, NULL);
    pthread_mutex_init(&device->loader_lock, NULL);
    pthread_mutex_init(&device->disk_lock, NULL);
    pthread_mutex_init(&device->queues_lock, NULL);
    weft_vm_init(&device->vm);
    weft_mappings_init(&device->mappings);
    weft_poller_init(&device->poller);
    weft_tier_init(&device->tier);
    weft_profile_init(&device->profile);

    rc = weft_mark_init(&device->mark);
    if (rc != 0)
        goto fail_init;
    rc = weft_fault_install();
    if (rc != 0)
        goto fail_init;
    rc = weft_pool_init(&device->pool, device, device->threads - 1);
    if (rc != 0)
        goto fail_fault;
    rc = weft_watchdog_init(&device->watchdog, device, info->hang_timeout_ns);
    if (rc != 0)
        goto fail_pool;
    *device_out = device;
    return 0;

fail_pool:
    weft_pool_stop(&device->pool);
fail_fault:
    weft_fault_uninstall();
fail_init:
    weft_device_put(&device);
    return rc;
}

struct weft_device *weft_device_get(struct weft_device *device)
{
    if (device != NULL)
        weft_ref_get(&device->ref);
    return device;
}

void weft_device_put(struct weft_device **device_ref)
{
    struct weft_device *device = *device_ref;

    *device_ref = NULL;
    if (device == NULL || !weft_ref_put(&device->ref))
        return;
    weft_mark_finish(&device->mark);
    weft_poller_finish(&device->poller);
    weft_pool_finish(&device->pool);
    weft_vm_finish(&device->vm);
    weft_mappings_finish(&device->mappings);
    pthread_mutex_destroy(&device->queues_lock);
    weft_tier_finish(&device->tier);
    weft_profile_finish(&device->profile);
    weft_disk_cache_close(&device->disk);
    pthread_mutex_destroy(&device->disk_lock);
    weft_loader_close(&device->loader);
    pthread_mutex_destroy(&device->loader_lock);
    pthread_mutex_destroy(&device->lost_lock);
    free(device);
}

void weft_device_destroy(struct weft_device **device_ref)
{
    struct weft_device *device = *device_ref;

    *device_ref = NULL;
    if (device == NULL)
        return;
    if (weft_mark_is_forked(&device->mark)) {
        /* There is nobody to join, and locks may be held for ever: the copy goes with the process. But an
         * application may unload the driver, and its handlers must not stay. */
        weft_fault_uninstall();
        return;
    }
    weft_queues_drain(device, NULL);
    weft_queues_stop(device);
    weft_poller_stop(&device->poller);
    weft_tier_stop(&device->tier);
    weft_watchdog_finish(&device->watchdog);
    weft_pool_stop(&device->pool);
    weft_fault_uninstall();
    /* Buffer objects that were not closed would keep the device, and it them. */
    weft_vm_flush(&device->vm);
    /* What outlives the device finds it lost, without a message: nobody listens any more. */
    atomic_store(&device->message, NULL);
    weft_device_lose(device, "the device was destroyed");
    weft_device_put(&device);
}

void weft_device_message(struct weft_device *device, enum weft_message_severity severity,
                         const char *id, const char *format, ...)
{
    weft_message_fn *message = atomic_load(&device->message);
    char text[1024];
    va_list args;

    if (message == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    message(device->message_data, severity, id, text);
}

int weft_device_compiler(struct weft_device *device, struct weft_loader *loader_out,
                         char **message_out)
{
    int rc = 0;

    pthread_mutex_lock(&device->loader_lock);
    if (!device->loader_open) {
        rc = weft_loader_open(&device->loader, message_out);
        device->loader_open = rc == 0;
    }
    if (rc == 0)
        *loader_out = device->loader;
    pthread_mutex_unlock(&device->loader_lock);
    return rc;
}

struct weft_disk_cache *weft_device_disk(struct weft_device *device)
{
    struct weft_disk_cache *disk;
    char *folder = NULL;
    int rc = 0;

    pthread_mutex_lock(&device->disk_lock);
    if (!device->disk_tried) {
        device->disk_tried = true;
        folder = weft_disk_cache_folder();
        if (folder != NULL)
            rc = weft_disk_cache_open(folder, device->machine.build_id, WEFT_DISK_CACHE_LIMIT_B,
                                      &device->disk);
    }
    disk = device->disk;
    pthread_mutex_unlock(&device->disk_lock);
    if (rc == -EPERM)
        weft_device_message(device, WEFT_MESSAGE_WARNING, "disk-cache",
                            "%s is not used as a cache: it belongs to another user, or others may "
                            "write to it",
                            folder);
    else if (rc != 0)
        weft_device_message(device, WEFT_MESSAGE_INFO, "disk-cache",
                            "%s cannot be used as a cache: %s", folder, strerror(-rc));
    free(folder);
    return disk;
}
