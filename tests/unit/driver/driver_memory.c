/* SPDX-License-Identifier: MIT
 *
 * Buffer objects and the address space.
 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

static void memory_is_zeroed_aligned_and_guarded(void **state)
{
    static const uint64_t sizes[] = {1, 63, 4096 - 64, 4096, 4097, (2 << 20) - 64, 2 << 20,
                                     (6 << 20) + 5};
    struct weft_device *device = device_new(1, 0, NULL);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct weft_bo *bo;
        unsigned char *memory;

        assert_int_equal(weft_bo_create(device, sizes[i], WEFT_BO_ZERO, &bo), 0);
        memory = weft_bo_map(bo);
        assert_int_equal(weft_bo_size(bo), sizes[i]);
        assert_int_equal((uintptr_t)memory % (sizes[i] >= 2 << 20 ? 2 << 20 : 64), 0);
        for (uint64_t k = 0; k < sizes[i] + 64; k += k + 64 < sizes[i] ? 61 : 1)
            assert_int_equal(memory[k], 0);
        memset(memory, 1, sizes[i] + 64);
        weft_bo_close(&bo);
        assert_null(bo);
    }
    weft_device_destroy(&device);
}

static void impossible_sizes_fail(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_bo *bo = NULL;

    assert_int_equal(weft_bo_create(device, 0, 0, &bo), -EINVAL);
    assert_int_equal(weft_bo_create(device, UINT64_MAX, 0, &bo), -ENOMEM);
    assert_int_equal(weft_bo_create(device, UINT64_C(1) << 56, 0, &bo), -ENOMEM);
    assert_int_equal(weft_bo_create(device, UINT64_C(1) << 50, 0, &bo), -ENOMEM);
    assert_null(bo);
    weft_device_destroy(&device);
}

static uint64_t address_of(const struct weft_bo *bo)
{
    return (uintptr_t)weft_bo_map(bo);
}

static void snapshots_hold_what_was_there(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_snapshot *before, *with, *same, *after;
    struct weft_bo *bo;
    uint64_t address;

    assert_int_equal(weft_vm_snapshot(&device->vm, &before), 0);
    assert_int_equal(weft_bo_create(device, 1000, 0, &bo), 0);
    address = address_of(bo);
    assert_int_equal(weft_vm_snapshot(&device->vm, &with), 0);
    assert_int_equal(weft_vm_snapshot(&device->vm, &same), 0);
    assert_ptr_equal(with, same);
    weft_bo_close(&bo);
    assert_int_equal(weft_vm_snapshot(&device->vm, &after), 0);

    assert_false(weft_snapshot_contains(before, address, 1));
    assert_false(weft_snapshot_contains(after, address, 1));
    assert_true(weft_snapshot_contains(with, address, 1000));
    assert_true(weft_snapshot_contains(with, address + 999, 1));
    assert_false(weft_snapshot_contains(with, address + 999, 2));
    assert_false(weft_snapshot_contains(with, address + 1001, 0));
    assert_false(weft_snapshot_contains(with, address - 1, 2));
    assert_false(weft_snapshot_contains(with, address + 1, UINT64_MAX));
    assert_false(weft_snapshot_contains(with, 0, 1));
    assert_false(weft_snapshot_contains(with, UINT64_MAX, 1));
    /* Closed, but alive in the snapshots. */
    memset((void *)(uintptr_t)address, 1, 1000);
    weft_snapshot_put(&with);
    memset((void *)(uintptr_t)address, 1, 1000);
    weft_snapshot_put(&same);
    weft_snapshot_put(&before);
    weft_snapshot_put(&after);
    weft_device_destroy(&device);
}

static void thousands_of_buffer_objects(void **state)
{
    enum { COUNT = 5000 };
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_bo **bos = calloc(COUNT, sizeof(*bos));
    struct weft_snapshot *snapshot;

    for (int i = 0; i < COUNT; i++)
        assert_int_equal(weft_bo_create(device, 256 + (uint64_t)i, 0, &bos[i]), 0);
    for (int i = 0; i < COUNT; i += 2)
        weft_bo_close(&bos[i]);
    assert_int_equal(weft_vm_snapshot(&device->vm, &snapshot), 0);
    assert_int_equal(snapshot->range_count, COUNT / 2);
    for (int i = 1; i < COUNT; i += 2) {
        assert_true(weft_snapshot_contains(snapshot, address_of(bos[i]), 256 + (uint64_t)i));
        assert_false(weft_snapshot_contains(snapshot, address_of(bos[i]), 257 + (uint64_t)i));
    }
    weft_snapshot_put(&snapshot);
    for (int i = 1; i < COUNT; i += 2)
        weft_bo_close(&bos[i]);
    free(bos);
    weft_device_destroy(&device);
}

static void put_without_close_leaves_no_trace(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_bo *bo, *second;
    struct weft_snapshot *snapshot;

    assert_int_equal(weft_bo_create(device, 100, 0, &bo), 0);
    second = weft_bo_get(bo);
    weft_bo_put(&bo);
    weft_bo_put(&second);
    weft_bo_put(&second);
    assert_int_equal(weft_vm_snapshot(&device->vm, &snapshot), 0);
    assert_int_equal(snapshot->range_count, 0);
    weft_snapshot_put(&snapshot);
    weft_device_destroy(&device);
}

static void places_come_back(void **state)
{
    static const uint32_t kinds[] = {0, WEFT_BO_SHARED, WEFT_BO_EXPORT, WEFT_BO_SPARSE};
    struct weft_device *device = device_new(1, 0, NULL);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const uint64_t size_B = (2 << 20) * i + 5000;
        struct weft_bo *bo, *other = NULL;
        uint64_t address;

        assert_int_equal(weft_bo_create(device, size_B, kinds[i] | WEFT_BO_PLACED, &bo), 0);
        address = address_of(bo);
        assert_int_equal(weft_bo_create_at(device, size_B, kinds[i], address, &other), -EADDRINUSE);
        assert_int_equal(weft_bo_create_at(device, 1, 0, address + 4096, &other), -EADDRINUSE);
        assert_int_equal(weft_bo_create_at(device, 1, 0, address + 64, &other), -EADDRINUSE);
        memset(weft_bo_map(bo), 3, size_B);
        weft_bo_close(&bo);
        assert_int_equal(weft_bo_create_at(device, size_B, kinds[i], address, &bo), 0);
        assert_int_equal(address_of(bo), address);
        for (uint64_t k = 0; k < size_B; k++)
            assert_int_equal(((unsigned char *)weft_bo_map(bo))[k], 0);
        memset(weft_bo_map(bo), 3, size_B);
        weft_bo_close(&bo);
    }
    weft_device_destroy(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_guarded),
        cmocka_unit_test(impossible_sizes_fail),
        cmocka_unit_test(snapshots_hold_what_was_there),
        cmocka_unit_test(thousands_of_buffer_objects),
        cmocka_unit_test(put_without_close_leaves_no_trace),
        cmocka_unit_test(places_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
