/* SPDX-License-Identifier: MIT */
#include "vm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bo.h"

void weft_vm_init(struct weft_vm *vm)
{
    memset(vm, 0, sizeof(*vm));
    pthread_mutex_init(&vm->lock, NULL);
}

void weft_vm_finish(struct weft_vm *vm)
{
    weft_snapshot_put(&vm->snapshot);
    free(vm->ranges);
    pthread_mutex_destroy(&vm->lock);
}

/* Index of the first range that starts past an address. */
static size_t upper_bound(const struct weft_range *ranges, size_t range_count, uint64_t address)
{
    size_t low = 0, high = range_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ranges[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int weft_vm_add(struct weft_vm *vm, struct weft_bo *bo, uint64_t address, uint64_t size_B)
{
    struct weft_snapshot *stale;
    size_t index;

    pthread_mutex_lock(&vm->lock);
    if (vm->range_count == vm->range_capacity) {
        size_t capacity = vm->range_capacity != 0 ? 2 * vm->range_capacity : 64;
        struct weft_range *ranges = realloc(vm->ranges, capacity * sizeof(*ranges));

        if (ranges == NULL) {
            pthread_mutex_unlock(&vm->lock);
            return -ENOMEM;
        }
        vm->ranges = ranges;
        vm->range_capacity = capacity;
    }
    index = upper_bound(vm->ranges, vm->range_count, address);
    memmove(&vm->ranges[index + 1], &vm->ranges[index],
            (vm->range_count - index) * sizeof(*vm->ranges));
    vm->ranges[index] = (struct weft_range){.address = address, .size_B = size_B, .bo = bo};
    vm->range_count++;
    stale = vm->snapshot;
    vm->snapshot = NULL;
    pthread_mutex_unlock(&vm->lock);
    /* May destroy buffer objects, which take the lock. */
    weft_snapshot_put(&stale);
    return 0;
}

void weft_vm_remove(struct weft_vm *vm, const struct weft_bo *bo, uint64_t address)
{
    struct weft_snapshot *stale = NULL;
    size_t index;

    pthread_mutex_lock(&vm->lock);
    index = upper_bound(vm->ranges, vm->range_count, address);
    while (index > 0 && vm->ranges[index - 1].address == address &&
           vm->ranges[index - 1].bo != bo)
        index--;
    if (index > 0 && vm->ranges[index - 1].address == address) {
        memmove(&vm->ranges[index - 1], &vm->ranges[index],
                (vm->range_count - index) * sizeof(*vm->ranges));
        vm->range_count--;
        stale = vm->snapshot;
        vm->snapshot = NULL;
    }
    pthread_mutex_unlock(&vm->lock);
    weft_snapshot_put(&stale);
}

int weft_vm_snapshot(struct weft_vm *vm, struct weft_snapshot **snapshot_out)
{
    struct weft_snapshot *snapshot;

    pthread_mutex_lock(&vm->lock);
    snapshot = vm->snapshot;
    if (snapshot == NULL) {
        snapshot = malloc(sizeof(*snapshot) + vm->range_count * sizeof(snapshot->ranges[0]));
        if (snapshot == NULL) {
            pthread_mutex_unlock(&vm->lock);
            return -ENOMEM;
        }
        weft_ref_init(&snapshot->ref);
        snapshot->range_count = 0;
        snapshot->overlaps = false;
        uint64_t end = 0;
        for (size_t i = 0; i < vm->range_count; i++) {
            const struct weft_range *range = &vm->ranges[i];

            if (!weft_bo_get_unless_zero(range->bo))
                continue;
            if (range->address < end)
                snapshot->overlaps = true;
            if (range->address + range->size_B > end)
                end = range->address + range->size_B;
            snapshot->ranges[snapshot->range_count++] = *range;
        }
        vm->snapshot = snapshot;
    }
    weft_ref_get(&snapshot->ref);
    pthread_mutex_unlock(&vm->lock);
    *snapshot_out = snapshot;
    return 0;
}

void weft_vm_flush(struct weft_vm *vm)
{
    struct weft_snapshot *stale;

    pthread_mutex_lock(&vm->lock);
    stale = vm->snapshot;
    vm->snapshot = NULL;
    pthread_mutex_unlock(&vm->lock);
    weft_snapshot_put(&stale);
}

void weft_snapshot_put(struct weft_snapshot **snapshot_ref)
{
    struct weft_snapshot *snapshot = *snapshot_ref;

    *snapshot_ref = NULL;
    if (snapshot == NULL || !weft_ref_put(&snapshot->ref))
        return;
    for (size_t i = 0; i < snapshot->range_count; i++)
        weft_bo_put(&snapshot->ranges[i].bo);
    free(snapshot);
}

bool weft_snapshot_contains(const struct weft_snapshot *snapshot, uint64_t address,
                            uint64_t size_B)
{
    size_t index = upper_bound(snapshot->ranges, snapshot->range_count, address);
    const struct weft_range *range;

    while (index > 0) {
        range = &snapshot->ranges[--index];
        if (address - range->address <= range->size_B &&
            size_B <= range->size_B - (address - range->address))
            return true;
        if (!snapshot->overlaps)
            return false;
    }
    return false;
}
