/* SPDX-License-Identifier: MIT */
#include "bo.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "device.h"

#define HUGE_B (UINT64_C(2) << 20)
#define GUARD_B 64u

struct weft_bo {
    struct weft_ref ref;
    struct weft_device *device;
    void *memory;
    uint64_t size_B;   /* that kernels may use */
    uint64_t mapped_B; /* with the guard, whole pages */
};

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

/* Maps size_B bytes, aligned to huge pages where those help. NULL when out of memory. */
static void *map_memory(uint64_t size_B)
{
    uint64_t slack_B = size_B >= HUGE_B ? HUGE_B : 0, head_B;
    char *memory = mmap(NULL, size_B + slack_B, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (slack_B == 0)
        return memory;
    head_B = align_up((uintptr_t)memory, HUGE_B) - (uintptr_t)memory;
    if (head_B != 0)
        munmap(memory, head_B);
    if (head_B != slack_B)
        munmap(memory + head_B + size_B, slack_B - head_B);
    /* Advice only: where huge pages are off, small ones work. */
    madvise(memory + head_B, size_B, MADV_HUGEPAGE);
    return memory + head_B;
}

int weft_bo_create(struct weft_device *device, uint64_t size_B, uint32_t flags,
                   struct weft_bo **bo_out)
{
    struct weft_bo *bo;
    int rc;

    if (size_B == 0)
        return -EINVAL;
    /* Larger than any user address space; keeps the sums below from wrapping. */
    if (size_B > UINT64_C(1) << 56)
        return -ENOMEM;
    bo = calloc(1, sizeof(*bo));
    if (bo == NULL)
        return -ENOMEM;
    weft_ref_init(&bo->ref);
    bo->size_B = size_B;
    bo->mapped_B = align_up(size_B + GUARD_B, device->machine.page_B);
    bo->memory = map_memory(bo->mapped_B);
    if (bo->memory == NULL) {
        rc = -ENOMEM;
        goto fail_bo;
    }
    rc = weft_vm_add(&device->vm, bo, (uintptr_t)bo->memory, size_B);
    if (rc != 0)
        goto fail_memory;
    bo->device = weft_device_get(device);
    *bo_out = bo;
    return 0;

fail_memory:
    munmap(bo->memory, bo->mapped_B);
fail_bo:
    free(bo);
    return rc;
}

struct weft_bo *weft_bo_get(struct weft_bo *bo)
{
    if (bo != NULL)
        weft_ref_get(&bo->ref);
    return bo;
}

bool weft_bo_get_unless_zero(struct weft_bo *bo)
{
    return weft_ref_get_unless_zero(&bo->ref);
}

void weft_bo_put(struct weft_bo **bo_ref)
{
    struct weft_bo *bo = *bo_ref;
    struct weft_device *device;

    *bo_ref = NULL;
    if (bo == NULL || !weft_ref_put(&bo->ref))
        return;
    device = bo->device;
    /* Before the memory goes: its address may be somebody else's right after. */
    weft_vm_remove(&device->vm, (uintptr_t)bo->memory);
    munmap(bo->memory, bo->mapped_B);
    free(bo);
    weft_device_put(&device);
}

void weft_bo_close(struct weft_bo **bo_ref)
{
    struct weft_bo *bo = *bo_ref;

    if (bo != NULL)
        weft_vm_remove(&bo->device->vm, (uintptr_t)bo->memory);
    weft_bo_put(bo_ref);
}

void *weft_bo_map(const struct weft_bo *bo)
{
    return bo->memory;
}

uint64_t weft_bo_size(const struct weft_bo *bo)
{
    return bo->size_B;
}
