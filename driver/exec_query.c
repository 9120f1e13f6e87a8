/* SPDX-License-Identifier: MIT
 *
 * Timestamps and statistics queries. The host reads slots while the device writes them, so the value
 * comes before `available`, and that is released.
 */
#include <string.h>

#include "device.h"
#include "exec.h"

#define SLOT_B (2 * sizeof(uint64_t))

static struct weft_slot *slot_at(uint64_t address)
{
    return (struct weft_slot *)(uintptr_t)address;
}

static void publish(struct weft_exec *exec, struct weft_slot *slot)
{
    atomic_store_explicit(&slot->available, 1, memory_order_release);
    weft_wake_all(&exec->device->changed);
}

void weft_exec_timestamp(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_query *query = (const void *)packet;
    struct weft_slot *slot = slot_at(query->slot);

    weft_exec_complete(exec);
    if (!weft_exec_check(exec, "timestamp", query->slot, SLOT_B, 8))
        return;
    slot->value[0] = weft_clock_ns();
    publish(exec, slot);
}

void weft_exec_query_reset(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_query *query = (const void *)packet;
    uint64_t size_B = (uint64_t)query->slot_count * query->slot_stride_B;

    if (size_B == 0 || query->slot_stride_B % sizeof(uint64_t) != 0 ||
        !weft_exec_check(exec, "query reset", query->slot, size_B, 8))
        return;
    for (uint32_t i = 0; i < query->slot_count; i++) {
        struct weft_slot *slot = slot_at(query->slot + (uint64_t)i * query->slot_stride_B);

        atomic_store_explicit(&slot->available, 0, memory_order_relaxed);
        memset(slot->value, 0, query->slot_stride_B - sizeof(slot->available));
    }
}

void weft_exec_query_begin(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_query *query = (const void *)packet;

    if (exec->query_count == WEFT_EXEC_QUERIES ||
        !weft_exec_check(exec, "query", query->slot, SLOT_B, 8))
        return;
    exec->queries[exec->query_count].slot = query->slot;
    exec->queries[exec->query_count].invocations = exec->invocations;
    exec->query_count++;
}

void weft_exec_query_end(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_query *query = (const void *)packet;

    for (uint32_t i = 0; i < exec->query_count; i++) {
        if (exec->queries[i].slot != query->slot)
            continue;
        slot_at(query->slot)->value[0] += exec->invocations - exec->queries[i].invocations;
        exec->queries[i] = exec->queries[--exec->query_count];
        publish(exec, slot_at(query->slot));
        return;
    }
}

struct slot_condition {
    struct weft_device *device;
    const struct weft_slot *slot;
};

static bool is_available_or_lost(void *data)
{
    const struct slot_condition *condition = data;

    return atomic_load_explicit(&condition->slot->available, memory_order_acquire) != 0 ||
           weft_device_status(condition->device) != 0;
}

static void put_value(unsigned char *dst, uint32_t index, uint64_t value, uint32_t flags)
{
    uint32_t narrow = (uint32_t)value;

    if ((flags & WEFT_QUERY_64) != 0)
        memcpy(dst + index * sizeof(value), &value, sizeof(value));
    else
        memcpy(dst + index * sizeof(narrow), &narrow, sizeof(narrow));
}

/* vkCmdCopyQueryPoolResults: the values, then the availability if asked for; values that are not
 * available are left alone unless partial results are wanted. */
static void copy_slot(struct weft_exec *exec, const struct weft_packet_query *query,
                      const struct weft_slot *slot, unsigned char *dst)
{
    struct slot_condition condition = {exec->device, slot};
    bool available;

    if ((query->flags & WEFT_QUERY_WAIT) != 0)
        weft_wait(&exec->device->changed, is_available_or_lost, &condition,
                  exec->device->spin_ns, UINT64_MAX);
    available = atomic_load_explicit(&slot->available, memory_order_acquire) != 0;
    if (available || (query->flags & WEFT_QUERY_PARTIAL) != 0) {
        for (uint32_t i = 0; i < query->value_count; i++)
            put_value(dst, i, slot->value[i], query->flags);
    }
    if ((query->flags & WEFT_QUERY_AVAILABILITY) != 0)
        put_value(dst, query->value_count, available, query->flags);
}

void weft_exec_query_copy(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_query *query = (const void *)packet;
    uint64_t element_B = (query->flags & WEFT_QUERY_64) != 0 ? 8 : 4;
    uint64_t dst_B = (query->value_count +
                      (uint64_t)((query->flags & WEFT_QUERY_AVAILABILITY) != 0)) * element_B;
    uint64_t slot_B = sizeof(uint64_t) * (1 + (uint64_t)query->value_count);

    weft_exec_complete(exec);
    for (uint32_t i = 0; i < query->slot_count; i++) {
        uint64_t slot = query->slot + (uint64_t)i * query->slot_stride_B;
        uint64_t dst = query->dst + i * query->dst_stride_B;

        if (!weft_exec_check(exec, "query copy", slot, slot_B, 8) ||
            !weft_exec_check(exec, "query copy", dst, dst_B, element_B) ||
            atomic_load_explicit(&exec->device->stop, memory_order_relaxed) != 0)
            return;
        copy_slot(exec, query, slot_at(slot), (unsigned char *)(uintptr_t)dst);
    }
}
