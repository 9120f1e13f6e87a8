/* SPDX-License-Identifier: MIT
 *
 * VkPhysicalDevice: what the machine can do, in Vulkan's words. There is one for each instance.
 *
 * Features, properties and extensions each have one table with a row per item: features.def,
 * properties.def and extensions.def. gen_tables.py joins them with vk.xml into
 *   struct icd_features    one bool for each feature of the core and the supported extensions,
 *                          named as in Vulkan's structures
 *   struct icd_properties  one member for each property and limit, named and typed likewise
 * and into the code that fills any structure of a pNext chain from them.
 */
#ifndef ICD_PHYSICAL_DEVICE_H
/* Samples of a texel lie side by side, any power of two of them up to 64. */
#define ICD_SAMPLE_COUNTS 0x7fu
#define ICD_PHYSICAL_DEVICE_H

#include "object.h"
#include "tables.h"
#include "weft/driver.h"

/* Limits that code outside properties.def relies on. */
#define ICD_MAX_SETS WEFT_MAX_SETS
#define ICD_MAX_PUSH_CONSTANTS_B WEFT_MAX_PUSH_B
#define ICD_MAX_DYNAMIC_BUFFERS WEFT_MAX_DYNAMIC
#define ICD_MAX_PUSH_DESCRIPTORS 64
#define ICD_MAX_INLINE_UNIFORM_BLOCK_B 4096
#define ICD_MAX_QUEUES 8 /* of each family */
#define ICD_MAX_DESCRIPTORS (1u << 20) /* of any kind, per set and per stage */
#define ICD_MAX_BUFFER_RANGE UINT32_MAX
#define ICD_DEFAULT_SUBGROUP_SIZE 16
#define ICD_MIN_SUBGROUP_SIZE 4
#define ICD_MAX_SUBGROUP_SIZE 128
#define ICD_MAX_WORKGROUP_INVOCATIONS 1024
#define ICD_MAX_WORKGROUP_SHARED_B 65536

/* The queue families: one that does everything, one for transfers alone, and one for compute beside the
 * first: programs look for such a family to find queues that run by themselves. */
enum icd_queue_family {
    ICD_FAMILY_COMPUTE,
    ICD_FAMILY_TRANSFER,
    ICD_FAMILY_ASYNC_COMPUTE,
    ICD_FAMILY_COUNT
};
/* What sparse buffers are bound in multiples of. */
#define ICD_SPARSE_BLOCK_B (64u << 10)

/* The memory types, all of the one heap: private memory gets huge pages; shared memory can be mapped in
 * several places, which sparse buffers need. */
enum icd_memory_type { ICD_MEMORY_PRIVATE, ICD_MEMORY_SHARED, ICD_MEMORY_TYPE_COUNT };
#define ICD_MEMORY_TYPE_BITS ((1u << ICD_MEMORY_TYPE_COUNT) - 1)

struct icd_physical_device {
    struct icd_object base;
    struct weft_machine machine;
    struct icd_features features; /* supported */
    struct icd_properties properties;
    uint64_t heap_B;
    _Atomic uint64_t allocated_B; /* by all of its devices */
};

ICD_DEFINE_CASTS(icd_physical_device, VkPhysicalDevice, VK_OBJECT_TYPE_PHYSICAL_DEVICE)

/* Creates the physical device of an instance, with one reference. -> VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_physical_device_create(struct icd_instance *instance,
                                    struct icd_physical_device **physical_out);
void icd_physical_device_destroy(struct icd_physical_device *physical);

/* Is it one of the global priorities that the queue families list? */
bool icd_has_global_priority(VkQueueGlobalPriority priority);

#endif
