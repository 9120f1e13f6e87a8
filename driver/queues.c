/* SPDX-License-Identifier: MIT
 *
 * What concerns all queues of a device: their load, draining and stopping them.
 */
#include "device.h"
#include "queue.h"

/* How long no job may retire before draining gives up: when every queue waits (a moment is needed for
 * a queue to notice that it need not any more), and when one runs. */
#define STALL_NS 200000000u
#define STUCK_NS 2000000000u
#define POLL_NS 20000000u

struct weft_queue_load weft_queues_load(struct weft_device *device, const struct weft_queue *only)
{
    struct weft_queue_load load = {.stalled = true};

    pthread_mutex_lock(&device->queues_lock);
    for (struct weft_queue *queue = device->queues; queue != NULL; queue = queue->next) {
        uint64_t retired = atomic_load(&queue->retired);
        uint64_t pushed = atomic_load(&queue->pushed);

        load.retired += retired;
        if (only == NULL || only == queue)
            load.pending += pushed - retired;
        if (pushed != retired && !atomic_load(&queue->waiting))
            load.stalled = false;
    }
    pthread_mutex_unlock(&device->queues_lock);
    return load;
}

uint64_t weft_queues_oldest_ns(struct weft_device *device, const void **label_out)
{
    uint64_t oldest_ns = 0;

    pthread_mutex_lock(&device->queues_lock);
    for (struct weft_queue *queue = device->queues; queue != NULL; queue = queue->next) {
        uint64_t since_ns = atomic_load(&queue->running_since_ns);

        if (since_ns != 0 && (oldest_ns == 0 || since_ns < oldest_ns)) {
            oldest_ns = since_ns;
            *label_out = atomic_load_explicit(&queue->exec.label, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&device->queues_lock);
    return oldest_ns;
}

void weft_queues_drain(struct weft_device *device, const struct weft_queue *only)
{
    uint64_t progress_ns = weft_clock_ns(), retired = 0;

    while (weft_device_status(device) == 0) {
        unsigned ticket = weft_wake_prepare(&device->changed);
        struct weft_queue_load load = weft_queues_load(device, only);
        uint64_t now_ns = weft_clock_ns();

        if (load.retired != retired) {
            retired = load.retired;
            progress_ns = now_ns;
        }
        if (load.pending == 0) {
            weft_wake_abandon(&device->changed);
            return;
        }
        if (now_ns - progress_ns > (load.stalled ? STALL_NS : STUCK_NS)) {
            weft_wake_abandon(&device->changed);
            weft_device_lose(device, "a queue was destroyed while a job was stuck on it");
            return;
        }
        weft_wake_sleep(&device->changed, ticket, now_ns + POLL_NS);
    }
}

void weft_queues_stop(struct weft_device *device)
{
    pthread_mutex_lock(&device->queues_lock);
    device->closed = true;
    for (;;) {
        struct weft_queue *queue = device->queues;

        while (queue != NULL && queue->closed_by_device)
            queue = queue->next;
        if (queue == NULL)
            break;
        queue->closed_by_device = true;
        weft_queue_get(queue);
        pthread_mutex_unlock(&device->queues_lock);
        weft_queue_stop(queue);
        weft_queue_put(&queue);
        pthread_mutex_lock(&device->queues_lock);
    }
    pthread_mutex_unlock(&device->queues_lock);
}
