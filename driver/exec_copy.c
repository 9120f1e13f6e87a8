/* SPDX-License-Identifier: MIT
 *
 * Copies, fills and updates. Large ones are cut into slices that the workers claim.
 */
#include <assert.h>
#include <string.h>
#include <wchar.h>

#include "device.h"
#include "exec.h"
#include "move.h"

static_assert(sizeof(wchar_t) == sizeof(uint32_t), "wmemset() fills words of 32 bits");

#define SHARE_B (UINT64_C(1) << 20)
#define SLICE_B (UINT64_C(256) << 10)

/* Runs or offers a work over size_B bytes; its run and data are set. */
static void start(struct weft_exec *exec, struct weft_exec_work *work, uint64_t size_B)
{
    work->work.program = NULL;
    work->work.total = (size_B + SLICE_B - 1) / SLICE_B;
    if (size_B >= SHARE_B && exec->device->pool.thread_count != 0)
        weft_exec_offer(exec, work);
    else
        weft_work_run(exec->device, &work->work, exec->worker, 0, work->work.total);
}

/* The bytes of slices first .. end-1 of size_B. */
static uint64_t slices_B(uint64_t size_B, uint64_t first, uint64_t end)
{
    uint64_t end_B = end * SLICE_B < size_B ? end * SLICE_B : size_B;

    return end_B - first * SLICE_B;
}

static void copy_slices(const struct weft_work *work, const struct weft_worker_args *worker,
                        uint64_t first, uint64_t end)
{
    const struct weft_copy_region *region = work->data;

    /* Overlap within a region is undefined (vkCmdCopyBuffer), but should do no more than that. */
    weft_move((char *)(uintptr_t)region->dst + first * SLICE_B,
              (const char *)(uintptr_t)region->src + first * SLICE_B,
              slices_B(region->size_B, first, end), region->size_B);
}

void weft_exec_copy(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_copy *copy = (const void *)packet;

    for (uint32_t i = 0; i < copy->region_count; i++) {
        const struct weft_copy_region *region = &copy->regions[i];
        struct weft_exec_work *work;

        if (region->size_B == 0 ||
            !weft_exec_check(exec, "copy", region->src, region->size_B, 1) ||
            !weft_exec_check(exec, "copy", region->dst, region->size_B, 1))
            continue;
        work = weft_exec_work(exec);
        work->work.run = copy_slices;
        work->work.data = region;
        start(exec, work, region->size_B);
    }
}

void weft_exec_copy_indirect(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_copy_indirect *copy = (const void *)packet;

    for (uint32_t i = 0; i < copy->count; i++) {
        uint64_t address = copy->address + i * copy->stride_B;
        struct weft_copy_region region;
        struct weft_exec_work *work;

        if (!weft_exec_check(exec, "indirect copy", address, sizeof(region), 4))
            return;
        /* Checked and used: a copy, for kernels could change what is there. */
        memcpy(&region, (const void *)(uintptr_t)address, sizeof(region));
        if (region.size_B == 0 ||
            !weft_exec_check(exec, "indirect copy", region.src, region.size_B, 1) ||
            !weft_exec_check(exec, "indirect copy", region.dst, region.size_B, 1))
            continue;
        work = weft_exec_work(exec);
        work->own_region = region;
        work->work.run = copy_slices;
        work->work.data = &work->own_region;
        start(exec, work, region.size_B);
    }
}

static void fill_slices(const struct weft_work *work, const struct weft_worker_args *worker,
                        uint64_t first, uint64_t end)
{
    const struct weft_packet_fill *fill = work->data;

    wmemset((wchar_t *)(uintptr_t)(fill->dst + first * SLICE_B), (wchar_t)fill->value,
            slices_B(fill->size_B, first, end) / sizeof(uint32_t));
}

void weft_exec_fill(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_fill *fill = (const void *)packet;
    struct weft_exec_work *work;

    if (fill->size_B == 0 || !weft_exec_check(exec, "fill", fill->dst, fill->size_B, 4))
        return;
    work = weft_exec_work(exec);
    work->work.run = fill_slices;
    work->work.data = fill;
    start(exec, work, fill->size_B);
}

static void update_slices(const struct weft_work *work, const struct weft_worker_args *worker,
                          uint64_t first, uint64_t end)
{
    const struct weft_packet_update *update = work->data;

    memcpy((char *)(uintptr_t)update->dst + first * SLICE_B, update->data + first * SLICE_B,
           slices_B(update->size_B, first, end));
}

void weft_exec_update(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_update *update = (const void *)packet;
    struct weft_exec_work *work;

    if (update->size_B == 0 || !weft_exec_check(exec, "update", update->dst, update->size_B, 1))
        return;
    work = weft_exec_work(exec);
    work->work.run = update_slices;
    work->work.data = update;
    start(exec, work, update->size_B);
}
