/* SPDX-License-Identifier: MIT */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "debug_utils.h"
#include "device.h"
#include "instance.h"
#include "private_data.h"
#include "result.h"

/* malloc gives 16 bytes of alignment, which is what every object needs; more is asked for by
 * applications' callbacks only. */
#define OBJECT_ALIGNMENT_B 16

static VKAPI_ATTR void *VKAPI_CALL default_allocate(void *data, size_t size_B, size_t alignment_B,
                                                    VkSystemAllocationScope scope)
{
    return malloc(size_B);
}

static VKAPI_ATTR void *VKAPI_CALL default_reallocate(void *data, void *memory, size_t size_B,
                                                      size_t alignment_B,
                                                      VkSystemAllocationScope scope)
{
    return realloc(memory, size_B);
}

static VKAPI_ATTR void VKAPI_CALL default_free(void *data, void *memory)
{
    free(memory);
}

static const VkAllocationCallbacks default_callbacks = {
    .pfnAllocation = default_allocate,
    .pfnReallocation = default_reallocate,
    .pfnFree = default_free,
};

const VkAllocationCallbacks *icd_alloc_choose(const VkAllocationCallbacks *parent,
                                              const VkAllocationCallbacks *alloc)
{
    if (alloc)
        return alloc;
    return parent ? parent : &default_callbacks;
}

void *icd_zalloc(const VkAllocationCallbacks *alloc, size_t size_B, VkSystemAllocationScope scope)
{
    size_t asked_B = size_B ? size_B : 1;
    void *memory = alloc->pfnAllocation(alloc->pUserData, asked_B, OBJECT_ALIGNMENT_B, scope);

    if (memory)
        memset(memory, 0, asked_B);
    return memory;
}

void *icd_calloc(const VkAllocationCallbacks *alloc, size_t count, size_t size_B,
                 VkSystemAllocationScope scope)
{
    size_t total_B;

    if (__builtin_mul_overflow(count, size_B, &total_B))
        return NULL;
    return icd_zalloc(alloc, total_B, scope);
}

void icd_free(const VkAllocationCallbacks *alloc, void *memory)
{
    if (memory)
        alloc->pfnFree(alloc->pUserData, memory);
}

/* ---- Checking handles ---- */

bool icd_handles_checked;

__attribute__((constructor)) static void read_environment(void)
{
    const char *debug = getenv("WEFT_DEBUG");

    icd_handles_checked = debug && strstr(debug, "handles");
}

/* No two objects have the same, and no memory has it by accident. */
static uint64_t magic_of(const void *object)
{
    return ((uint64_t)(uintptr_t)object ^ 0x5745465448414e44u) * 0x9e3779b97f4a7c15u;
}

static bool has_magic(const void *handle)
{
    uint64_t magic = 0;
    struct iovec here = {&magic, sizeof(magic)};
    struct iovec there = {(char *)(uintptr_t)handle + offsetof(struct icd_object, magic),
                          sizeof(magic)};

    if ((uintptr_t)handle % _Alignof(struct icd_object) != 0 ||
        process_vm_readv(getpid(), &here, 1, &there, 1, 0) != (ssize_t)sizeof(magic))
        return false;
    return magic == magic_of(handle);
}

/* Whether the device or instance that an object names is still there, and not another object that
 * has taken its memory since. */
static bool owner_exists(const struct icd_object *owner, VkObjectType type)
{
    return !owner || (has_magic(owner) && owner->type == type);
}

bool icd_object_exists(const void *handle)
{
    const struct icd_object *object = handle;

    if (!has_magic(handle))
        return false;
    const struct icd_object *device = (const struct icd_object *)object->device;
    const struct icd_object *instance = (const struct icd_object *)object->instance;

    /* Nor is an object that was left behind when its device or instance went. */
    return owner_exists(device, VK_OBJECT_TYPE_DEVICE) &&
           owner_exists(instance, VK_OBJECT_TYPE_INSTANCE) &&
           (!device || (device->era == object->era && device->instance == object->instance));
}

void icd_object_init(struct icd_object *object, struct icd_instance *instance,
                     struct icd_device *device, VkObjectType type)
{
    set_loader_magic_value(object);
    object->magic = magic_of(object);
    object->era = device && &device->base != object ? device->base.era : weft_clock_ns();
    object->type = type;
    atomic_init(&object->refs, 1);
    object->instance = instance;
    object->device = device;
}

void icd_object_fini(struct icd_object *object)
{
    object->type = VK_OBJECT_TYPE_UNKNOWN;
    object->magic = 0;
    icd_private_data_finish(object);
    free(object->name);
    object->name = NULL;
}

void *icd_object_create(struct icd_device *device, const VkAllocationCallbacks *alloc,
                        size_t size_B, VkObjectType type, icd_object_finish_fn *finish)
{
    const VkAllocationCallbacks *chosen = icd_alloc_choose(&device->base.alloc, alloc);
    struct icd_object *object = icd_zalloc(chosen, size_B, VK_SYSTEM_ALLOCATION_SCOPE_OBJECT);

    if (!object)
        return NULL;
    icd_object_init(object, device->base.instance, device, type);
    object->alloc = *chosen;
    object->finish = finish;
    return object;
}

void icd_object_discard(struct icd_object *object)
{
    if (!object)
        return;
    icd_object_fini(object);
    if (icd_handles_checked && object->device) {
        object->magic = magic_of(object);
        icd_device_keep(object->device, object);
        return;
    }
    VkAllocationCallbacks alloc = object->alloc;
    icd_free(&alloc, object);
}

void *icd_object_get(void *object)
{
    struct icd_object *base = object;

    if (base)
        atomic_fetch_add_explicit(&base->refs, 1, memory_order_relaxed);
    return object;
}

void icd_object_put(void *object)
{
    struct icd_object *base = object;

    if (!base || atomic_fetch_sub_explicit(&base->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (base->finish)
        base->finish(base);
    icd_object_discard(base);
}

void icd_object_release(void *object)
{
    struct icd_object *base = object;

    if (!base)
        return;
    base->type = VK_OBJECT_TYPE_UNKNOWN;
    icd_object_put(base);
}

void *icd_object_mismatch(const void *handle, VkObjectType expected)
{
    const struct icd_object *object = handle;

    if (icd_handles_checked && icd_object_exists(handle) && object->instance)
        icd_message(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-handle",
                    "handle %p is %s, not an object of VkObjectType %d", handle,
                    object->type ? "of another type" : "of a destroyed object", (int)expected);
    else
        fprintf(stderr, "weft: handle %p is not of VkObjectType %d, or was destroyed\n", handle,
                (int)expected);
    return NULL;
}
