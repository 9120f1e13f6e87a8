/* SPDX-License-Identifier: MIT */
#include "properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "descriptor_layout.h"
#include "generated_commands.h"
#include "physical_device.h"
#include "version.h"

/* Khronos gave Weft neither a vendor nor a driver identifier. The vendor is a number past those
 * that PCI uses, in letters; the driver is 0, which no enumerator has. */
#define ICD_VENDOR_ID 0x57454654u /* "WEFT" */
#define ICD_DEVICE_ID 1u
#define ICD_DRIVER_ID ((VkDriverId)0)
#define ICD_DRIVER_VERSION VK_MAKE_API_VERSION(0, WEFT_MAJOR, WEFT_MINOR, WEFT_PATCH)

/* The layouts that copies by the host may find an image in: all of which there are features. */
static const VkImageLayout icd_layouts[] = {
    VK_IMAGE_LAYOUT_GENERAL,
    VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_DEPTH_STENCIL_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
    VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
    VK_IMAGE_LAYOUT_PREINITIALIZED,
    VK_IMAGE_LAYOUT_DEPTH_READ_ONLY_STENCIL_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_STENCIL_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_DEPTH_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_STENCIL_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_STENCIL_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_READ_ONLY_OPTIMAL,
    VK_IMAGE_LAYOUT_ATTACHMENT_OPTIMAL,
    VK_IMAGE_LAYOUT_ATTACHMENT_FEEDBACK_LOOP_OPTIMAL_EXT,
};
#define ICD_LAYOUT_COUNT ((uint32_t)(sizeof(icd_layouts) / sizeof(icd_layouts[0])))

/* WEFT_DEVICE_TYPE is for applications that skip CPU devices. */
static VkPhysicalDeviceType device_type(void)
{
    static const struct {
        const char *name;
        VkPhysicalDeviceType type;
    } types[] = {
        {"cpu", VK_PHYSICAL_DEVICE_TYPE_CPU},
        {"integrated", VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU},
        {"discrete", VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU},
        {"virtual", VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU},
    };
    const char *wanted = getenv("WEFT_DEVICE_TYPE");

    for (size_t i = 0; wanted && i < sizeof(types) / sizeof(types[0]); i++) {
        if (!strcmp(types[i].name, wanted))
            return types[i].type;
    }
    return VK_PHYSICAL_DEVICE_TYPE_CPU;
}

static const char *isa_name(enum weft_isa isa)
{
    switch (isa) {
    case WEFT_ISA_AVX512:
        return "AVX-512";
    case WEFT_ISA_AVX2:
        return "AVX2";
    default:
        return "SSE";
    }
}

/* FNV-1a; two of these with different seeds make a UUID. */
static uint64_t hash(const void *bytes, size_t size_B, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t h = seed ^ 0xcbf29ce484222325u;

    for (size_t i = 0; i < size_B; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

/* A UUID of two pieces of data. */
static void make_uuid(uint8_t uuid[VK_UUID_SIZE], const void *a, size_t a_B, const void *b,
                      size_t b_B)
{
    for (uint64_t half = 0; half < 2; half++) {
        uint64_t h = hash(b, b_B, hash(a, a_B, half * 0x9e3779b97f4a7c15u));
        memcpy(uuid + half * sizeof(h), &h, sizeof(h));
    }
}

void icd_properties_init(struct icd_properties *properties_out, const struct weft_machine *machine,
                         uint64_t heap_B)
{
    struct icd_properties *p = properties_out;

    *p = (struct icd_properties){
#define PROPERTY(name, ...) .name = __VA_ARGS__,
#include "properties.def"
    };

    p->deviceType = device_type();
    snprintf(p->deviceName, sizeof(p->deviceName), "Weft (%.180s, %u thread%s, %s)", machine->name,
             machine->cores, machine->cores == 1 ? "" : "s", isa_name(machine->isa));
    snprintf(p->driverName, sizeof(p->driverName), "Weft");
    snprintf(p->driverInfo, sizeof(p->driverInfo), "Weft %s", WEFT_VERSION);

    /* Dot products are made of the machine's products of bytes; only those of mixed signs saturate at once. */
    VkBool32 saturates = (machine->features & WEFT_FEATURE_VNNI) != 0;
    p->integerDotProductAccumulatingSaturating8BitMixedSignednessAccelerated = saturates;
    p->integerDotProductAccumulatingSaturating4x8BitPackedMixedSignednessAccelerated = saturates;

    uint32_t isa[] = {machine->isa, machine->features};
    /* Machine code depends on the build and the instructions; the device on the CPU alone. */
    make_uuid(p->driverUUID, machine->build_id, sizeof(machine->build_id), "driver", 6);
    make_uuid(p->pipelineCacheUUID, machine->build_id, sizeof(machine->build_id), isa,
              sizeof(isa));
    memcpy(p->shaderBinaryUUID, p->pipelineCacheUUID, sizeof(p->shaderBinaryUUID));
    make_uuid(p->shaderModuleIdentifierAlgorithmUUID, "module digest", 13, "1", 1);
    make_uuid(p->optimalTilingLayoutUUID, machine->build_id, sizeof(machine->build_id), "layout", 6);
    make_uuid(p->deviceUUID, machine->name, strnlen(machine->name, sizeof(machine->name)),
              "device", 6);
}

void icd_properties_fill(const struct icd_properties *properties, void *chain)
{
    for (VkBaseOutStructure *out = chain; out; out = out->pNext) {
        for (uint32_t i = 0; i < icd_property_struct_count; i++) {
            if (icd_property_structs[i].type == out->sType)
                icd_property_structs[i].fill(properties, out);
        }
    }
}
