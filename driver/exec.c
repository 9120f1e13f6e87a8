/* SPDX-License-Identifier: MIT */
#include "exec.h"

#include <stddef.h>
#include <string.h>

#include "device.h"

/* ---- Works ---- */

/* Waits for the oldest work. */
static void complete_first(struct weft_exec *exec)
{
    weft_pool_complete(&exec->device->pool, &exec->works[exec->work_first].work, exec->worker);
    exec->work_first = (exec->work_first + 1) % WEFT_EXEC_WORKS;
    exec->work_count--;
}

/* Works on all of them before waiting for any: others may have the oldest, and nobody the next. */
static void help_all(struct weft_exec *exec)
{
    for (uint32_t i = 0; i < exec->work_count; i++)
        weft_pool_help(&exec->device->pool,
                       &exec->works[(exec->work_first + i) % WEFT_EXEC_WORKS].work, exec->worker);
}

struct weft_exec_work *weft_exec_work(struct weft_exec *exec)
{
    struct weft_exec_work *work;

    if (exec->work_count == WEFT_EXEC_WORKS) {
        help_all(exec);
        do
            complete_first(exec);
        while (exec->work_count != 0 && weft_work_unused(&exec->works[exec->work_first].work));
    }
    work = &exec->works[(exec->work_first + exec->work_count) % WEFT_EXEC_WORKS];
    weft_work_init(&work->work);
    work->work.priority = exec->priority;
    return work;
}

void weft_exec_offer(struct weft_exec *exec, struct weft_exec_work *work)
{
    exec->work_count++;
    weft_pool_publish(&exec->device->pool, &work->work);
}

void weft_exec_complete(struct weft_exec *exec)
{
    if (exec->work_count > 1)
        help_all(exec);
    while (exec->work_count != 0)
        complete_first(exec);
}

bool weft_exec_check(struct weft_exec *exec, const char *what, uint64_t address, uint64_t size_B,
                     uint64_t alignment)
{
    if (weft_snapshot_contains(exec->snapshot, address, size_B) && address % alignment == 0)
        return true;
    weft_device_message(exec->device, WEFT_MESSAGE_ERROR, "address",
                        "%s dropped: %llu bytes at 0x%llx are not inside a buffer, or not aligned",
                        what, (unsigned long long)size_B, (unsigned long long)address);
    return false;
}

/* ---- Packets about order ---- */

static void barrier(struct weft_exec *exec, const struct weft_packet *packet)
{
    weft_exec_complete(exec);
}

static void event_set(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_event *event = (const void *)packet;

    /* An event is set after everything before it is done. */
    weft_exec_complete(exec);
    weft_event_set(event->event, event->value);
}

struct event_condition {
    struct weft_device *device;
    struct weft_event *event;
};

static bool is_set_or_lost(void *data)
{
    const struct event_condition *condition = data;

    return weft_event_status(condition->event) || weft_device_status(condition->device) != 0;
}

static void event_wait(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_event *event = (const void *)packet;
    struct event_condition condition = {exec->device, event->event};

    if (weft_event_status(event->event))
        return;
    weft_exec_complete(exec);
    weft_wait(&exec->device->changed, is_set_or_lost, &condition, exec->device->spin_ns,
              UINT64_MAX);
}

static void call(struct weft_exec *exec, const struct weft_packet *packet)
{
    weft_exec_stream(exec, ((const struct weft_packet_call *)packet)->callee);
}

static void condition_begin(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_condition *condition = (const void *)packet;

    if (!weft_exec_check(exec, "condition", condition->address, sizeof(uint32_t), 4))
        return;
    exec->skip =
        (*(const uint32_t *)(uintptr_t)condition->address == 0) != condition->inverted;
}

static void condition_end(struct weft_exec *exec, const struct weft_packet *packet)
{
    exec->skip = false;
}

/* ---- The walk ---- */

static const struct {
    const char *name;
    weft_exec_fn *run;
} kinds[WEFT_PACKET_COUNT] = {
    [WEFT_PACKET_DISPATCH] = {"dispatch", weft_exec_dispatch},
    [WEFT_PACKET_DISPATCH_INDIRECT] = {"dispatch indirect", weft_exec_dispatch_indirect},
    [WEFT_PACKET_GENERATED] = {"generated dispatches", weft_exec_generated},
    [WEFT_PACKET_CONDITION_BEGIN] = {"condition begin", condition_begin},
    [WEFT_PACKET_CONDITION_END] = {"condition end", condition_end},
    [WEFT_PACKET_BARRIER] = {"barrier", barrier},
    [WEFT_PACKET_COPY] = {"copy", weft_exec_copy},
    [WEFT_PACKET_COPY_INDIRECT] = {"copy indirect", weft_exec_copy_indirect},
    [WEFT_PACKET_FILL] = {"fill", weft_exec_fill},
    [WEFT_PACKET_UPDATE] = {"update", weft_exec_update},
    [WEFT_PACKET_COPY_BOXES] = {"copy boxes", weft_exec_copy_boxes},
    [WEFT_PACKET_COPY_BOXES_INDIRECT] = {"copy boxes indirect", weft_exec_copy_boxes_indirect},
    [WEFT_PACKET_FILL_BOXES] = {"fill boxes", weft_exec_fill_boxes},
    [WEFT_PACKET_EVENT_SET] = {"event set", event_set},
    [WEFT_PACKET_EVENT_WAIT] = {"event wait", event_wait},
    [WEFT_PACKET_CALL] = {"call", call},
    [WEFT_PACKET_TIMESTAMP] = {"timestamp", weft_exec_timestamp},
    [WEFT_PACKET_QUERY_RESET] = {"query reset", weft_exec_query_reset},
    [WEFT_PACKET_QUERY_BEGIN] = {"query begin", weft_exec_query_begin},
    [WEFT_PACKET_QUERY_END] = {"query end", weft_exec_query_end},
    [WEFT_PACKET_QUERY_COPY] = {"query copy", weft_exec_query_copy},
};

void weft_exec_stream(struct weft_exec *exec, const struct weft_stream *stream)
{
    for (const struct weft_packet *packet = stream->first; packet != NULL; packet = packet->next) {
        if (atomic_load_explicit(&exec->device->stop, memory_order_relaxed) != 0)
            return;
        kinds[packet->kind].run(exec, packet);
    }
}

void weft_exec_init(struct weft_exec *exec, struct weft_device *device,
                    struct weft_worker *worker)
{
    memset(exec, 0, offsetof(struct weft_exec, works));
    exec->device = device;
    exec->worker = worker;
}

void weft_exec_begin(struct weft_exec *exec, const struct weft_snapshot *snapshot,
                     uint32_t shared_B, uint32_t scratch_B)
{
    exec->snapshot = snapshot;
    exec->shared_B = shared_B;
    exec->scratch_B = scratch_B;
    exec->invocations = 0;
    exec->query_count = 0;
    weft_worker_refresh(exec->worker);
}

void weft_exec_end(struct weft_exec *exec)
{
    weft_exec_complete(exec);
    exec->snapshot = NULL;
}
