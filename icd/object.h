/* SPDX-License-Identifier: MIT
 *
 * The base of every Vulkan object, its reference count and the checked casts of handles.
 *
 * A handle is a pointer to the object and stands for one reference (lifetime rule 1). vkDestroyX()
 * calls icd_object_release(), which marks the object as destroyed for later casts and drops that
 * reference; the object's memory goes with the last one. Other icd objects that need it for longer
 * (a pipeline its layout, a set its layout) take a reference of their own with icd_object_get().
 */
#ifndef ICD_OBJECT_H
#define ICD_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vk.h"

struct icd_device;
struct icd_instance;
struct icd_object;
struct icd_private_value;

/* Undoes what the type's create function did and frees nothing of the object itself: the base frees
 * its memory afterwards. Called once, when the last reference goes. */
typedef void icd_object_finish_fn(struct icd_object *object);

/* First member of every object, dispatchable or not. */
struct icd_object {
    VK_LOADER_DATA loader;         /* the loader's, in dispatchable objects */
    uint64_t magic;                /* tells objects from other memory; see icd_handles_checked */
    uint64_t era;                  /* when its device (or instance) was made; tells it from a later
                                      one at the same address */
    VkObjectType type;             /* VK_OBJECT_TYPE_UNKNOWN once the handle is destroyed */
    _Atomic uint32_t refs;
    struct icd_device *device;     /* NULL for instance-level objects */
    struct icd_instance *instance; /* never NULL, but in the instance's own creation */
    icd_object_finish_fn *finish;
    VkAllocationCallbacks alloc;   /* what the object's memory came from */
    char *name;                    /* vkSetDebugUtilsObjectNameEXT, or NULL; debug_utils.c's lock */
    struct icd_private_value *private_values; /* private_data.c's */
    struct icd_object *next_kept;  /* in the device's list of destroyed objects */
};

/* ---- Host memory ---- */

/* The callbacks to use: the call's, or the parent's, or malloc's. Never NULL. */
const VkAllocationCallbacks *icd_alloc_choose(const VkAllocationCallbacks *parent,
                                              const VkAllocationCallbacks *alloc);
/* Zeroed memory, 16-byte aligned. NULL when out of memory. */
void *icd_zalloc(const VkAllocationCallbacks *alloc, size_t size_B, VkSystemAllocationScope scope);
/* count * size_B, checked for overflow. */
void *icd_calloc(const VkAllocationCallbacks *alloc, size_t count, size_t size_B,
                 VkSystemAllocationScope scope);
/* Accepts NULL. */
void icd_free(const VkAllocationCallbacks *alloc, void *memory);

/* ---- Objects of a device ---- */

/* Allocates a zeroed object of size_B bytes (its base is the first member) with one reference.
 *
 * Objects that other objects may hold longer than their handle lives (layouts, memory, buffers,
 * programs' owners) pass NULL for alloc: their memory then comes from the device's callbacks, since
 * the application may take down the call's as soon as the handle is destroyed. NULL when out of
 * memory (the caller returns VK_ERROR_OUT_OF_HOST_MEMORY). finish may be NULL. */
void *icd_object_create(struct icd_device *device, const VkAllocationCallbacks *alloc,
                        size_t size_B, VkObjectType type, icd_object_finish_fn *finish);
/* Frees an object whose creation failed, without calling finish. Accepts NULL. */
void icd_object_discard(struct icd_object *object);
/* Fills in the base of an object whose memory the caller owns (queues, instance, device). */
void icd_object_init(struct icd_object *object, struct icd_instance *instance,
                     struct icd_device *device, VkObjectType type);
/* Frees the name and the private data of an object made with icd_object_init(). */
void icd_object_fini(struct icd_object *object);

/* Takes a reference; returns its argument; accepts NULL. */
void *icd_object_get(void *object);
/* Drops a reference; accepts NULL. */
void icd_object_put(void *object);
/* The handle is gone: later casts of it fail (as far as its memory lives on), one reference is
 * dropped. Accepts NULL. */
void icd_object_release(void *object);

/* Says that a handle is not what the call expects; always returns NULL. */
void *icd_object_mismatch(const void *handle, VkObjectType expected);

/* WEFT_DEBUG contains "handles": every handle is looked at before it is used, so that ones that were
 * never objects are found out; and a device keeps the memory of what was destroyed until it goes itself,
 * so that stale ones are. Read from the environment when the library is loaded; never changes. */
extern bool icd_handles_checked;
/* Whether there is an object at the address, living or kept; reads it without faulting. */
bool icd_object_exists(const void *handle);

/* Defines
 *   struct icd_x *icd_x_from(VkX handle)   NULL for VK_NULL_HANDLE and, with a message, for handles
 *                                          of other types or destroyed objects
 *   VkX icd_x_to(struct icd_x *object)
 */
#define ICD_DEFINE_CASTS(name, vk_type, object_type)                                               \
    static inline struct name *name##_from(vk_type handle)                                        \
    {                                                                                              \
        struct name *object = (struct name *)handle;                                               \
        if (object &&                                                                              \
            ((__builtin_expect(icd_handles_checked, 0) && !icd_object_exists(object)) ||           \
             ((struct icd_object *)object)->type != (object_type)))                                \
            return icd_object_mismatch(object, object_type);                                       \
        return object;                                                                             \
    }                                                                                              \
    static inline vk_type name##_to(struct name *object)                                           \
    {                                                                                              \
        return (vk_type)object;                                                                    \
    }

#endif
