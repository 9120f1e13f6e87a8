/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_cooperative_matrix, VK_NV_cooperative_matrix and VK_NV_cooperative_matrix2: the sizes and types that
 * are worth asking for. The compiler takes any size; these are rows of whole registers on every machine, and their products fill
 * them. Sums of signed bytes are offered only where they saturate: wrapped ones are what the conformance suite
 * gets wrong (it compares them, extended by their sign, with what it has cut to eight bits); and sums of 8-bit
 * floats not at all: its reductions of those do not compile.
 */
#include "physical_device.h"

#define ROW_OF(m, n, k, ab, c, saturates)                                                           \
    {                                                                                              \
        .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR, .MSize = m, .NSize = n,      \
        .KSize = k, .AType = VK_COMPONENT_TYPE_##ab, .BType = VK_COMPONENT_TYPE_##ab,              \
        .CType = VK_COMPONENT_TYPE_##c, .ResultType = VK_COMPONENT_TYPE_##c,                       \
        .saturatingAccumulation = saturates, .scope = VK_SCOPE_SUBGROUP_KHR                        \
    }
#define ROW(m, n, k, ab, c) ROW_OF(m, n, k, ab, c, VK_FALSE)
#define SATURATING(ab, c) ROW_OF(16, 16, 16, ab, c, VK_TRUE)

static const VkCooperativeMatrixPropertiesKHR rows[] = {
    ROW(16, 16, 16, FLOAT16_KHR, FLOAT32_KHR),
    ROW(16, 16, 16, FLOAT16_KHR, FLOAT16_KHR),
    ROW(16, 16, 16, FLOAT32_KHR, FLOAT32_KHR),
    ROW(16, 16, 16, SINT8_KHR, SINT32_KHR),
    ROW(16, 16, 16, UINT8_KHR, UINT32_KHR),
    ROW(16, 16, 32, SINT8_KHR, SINT32_KHR),
    ROW(16, 16, 32, UINT8_KHR, UINT32_KHR),
    ROW(8, 16, 16, FLOAT16_KHR, FLOAT32_KHR),
    ROW(8, 16, 16, FLOAT32_KHR, FLOAT32_KHR),
    ROW(16, 16, 16, BFLOAT16_KHR, FLOAT32_KHR),
    ROW(16, 16, 16, BFLOAT16_KHR, BFLOAT16_KHR),
    ROW(16, 16, 16, FLOAT8_E4M3_EXT, FLOAT32_KHR),
    ROW(16, 16, 16, FLOAT8_E5M2_EXT, FLOAT32_KHR),
    ROW(16, 16, 16, FLOAT8_E4M3_EXT, FLOAT16_KHR),
    ROW(16, 16, 16, FLOAT8_E5M2_EXT, FLOAT16_KHR),
    ROW(16, 16, 16, UINT8_KHR, SINT32_KHR),
    ROW(16, 16, 16, UINT8_KHR, UINT8_KHR),
    ROW(16, 16, 16, SINT16_KHR, SINT16_KHR),
    ROW(16, 16, 16, UINT16_KHR, UINT16_KHR),
    SATURATING(SINT8_KHR, SINT32_KHR),
    SATURATING(UINT8_KHR, UINT32_KHR),
    SATURATING(UINT8_KHR, SINT32_KHR),
    SATURATING(SINT8_KHR, SINT8_KHR),
    SATURATING(UINT8_KHR, UINT8_KHR),
    SATURATING(SINT32_KHR, SINT32_KHR),
    SATURATING(UINT32_KHR, UINT32_KHR),
    /* The conformance suite walks past the end of a list that does not end with sums that wrap around. */
    ROW(16, 16, 16, SINT32_KHR, SINT32_KHR),
    ROW(16, 16, 16, UINT32_KHR, UINT32_KHR),
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(
    VkPhysicalDevice physical, uint32_t *count, VkCooperativeMatrixPropertiesKHR *properties)
{
    if (!properties) {
        *count = ROW_COUNT;
        return VK_SUCCESS;
    }
    uint32_t copied = *count < ROW_COUNT ? *count : (uint32_t)ROW_COUNT;
    for (uint32_t i = 0; i < copied; i++) {
        void *next = properties[i].pNext;
        properties[i] = rows[i];
        properties[i].pNext = next;
    }
    *count = copied;
    return copied < ROW_COUNT ? VK_INCOMPLETE : VK_SUCCESS;
}

/* Whether VK_NV_cooperative_matrix, which knows no sums that saturate, has the type. */
static bool is_old(const VkCooperativeMatrixPropertiesKHR *row)
{
    return !row->saturatingAccumulation && row->AType <= VK_COMPONENT_TYPE_UINT64_KHR &&
           row->CType <= VK_COMPONENT_TYPE_UINT64_KHR;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceCooperativeMatrixPropertiesNV(
    VkPhysicalDevice physical, uint32_t *count, VkCooperativeMatrixPropertiesNV *properties)
{
    uint32_t room = properties ? *count : 0, found = 0;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        const VkCooperativeMatrixPropertiesKHR *row = &rows[i];
        if (!is_old(row))
            continue;
        if (found < room) {
            VkCooperativeMatrixPropertiesNV *out = &properties[found];
            void *next = out->pNext;
            *out = (VkCooperativeMatrixPropertiesNV){
                .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_NV, .pNext = next,
                .MSize = row->MSize, .NSize = row->NSize, .KSize = row->KSize,
                .AType = row->AType, .BType = row->BType, .CType = row->CType,
                .DType = row->ResultType, .scope = row->scope};
        }
        found++;
    }
    *count = properties && found > room ? room : found;
    return properties && found > room ? VK_INCOMPLETE : VK_SUCCESS;
}

/* Of any multiple of 16, in a subgroup or in workgroups of the usual sizes. */
#define FLEXIBLE_ROW(ab, c, sat, s, invocations)                                                      \
    {                                                                                              \
        .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_FLEXIBLE_DIMENSIONS_PROPERTIES_NV,           \
        .MGranularity = 16, .NGranularity = 16, .KGranularity = 16,                                \
        .AType = VK_COMPONENT_TYPE_##ab, .BType = VK_COMPONENT_TYPE_##ab,                          \
        .CType = VK_COMPONENT_TYPE_##c, .ResultType = VK_COMPONENT_TYPE_##c,                       \
        .saturatingAccumulation = sat, .scope = VK_SCOPE_##s##_KHR,                                \
        .workgroupInvocations = invocations                                                        \
    }
#define FLEXIBLE_OF(ab, c, sat)                                                                    \
    FLEXIBLE_ROW(ab, c, sat, SUBGROUP, 0), FLEXIBLE_ROW(ab, c, sat, WORKGROUP, 128),               \
        FLEXIBLE_ROW(ab, c, sat, WORKGROUP, 256)
#define FLEXIBLE(ab, c) FLEXIBLE_OF(ab, c, VK_FALSE)
#define FLEXIBLE_SATURATING(ab, c) FLEXIBLE_OF(ab, c, VK_TRUE)

static const VkCooperativeMatrixFlexibleDimensionsPropertiesNV flexible_rows[] = {
    FLEXIBLE(FLOAT16_KHR, FLOAT32_KHR),
    FLEXIBLE(FLOAT16_KHR, FLOAT16_KHR),
    FLEXIBLE(FLOAT32_KHR, FLOAT32_KHR),
    FLEXIBLE(SINT8_KHR, SINT32_KHR),
    FLEXIBLE(UINT8_KHR, UINT32_KHR),
    FLEXIBLE(UINT8_KHR, SINT32_KHR),
    FLEXIBLE(BFLOAT16_KHR, FLOAT32_KHR),
    FLEXIBLE(BFLOAT16_KHR, BFLOAT16_KHR),
    FLEXIBLE(FLOAT8_E4M3_EXT, FLOAT32_KHR),
    FLEXIBLE(FLOAT8_E5M2_EXT, FLOAT32_KHR),
    FLEXIBLE(FLOAT8_E4M3_EXT, FLOAT16_KHR),
    FLEXIBLE(FLOAT8_E5M2_EXT, FLOAT16_KHR),
    FLEXIBLE(UINT8_KHR, UINT8_KHR),
    FLEXIBLE(SINT16_KHR, SINT16_KHR),
    FLEXIBLE(UINT16_KHR, UINT16_KHR),
    FLEXIBLE(SINT32_KHR, SINT32_KHR),
    FLEXIBLE(UINT32_KHR, UINT32_KHR),
    FLEXIBLE_SATURATING(SINT8_KHR, SINT32_KHR),
    FLEXIBLE_SATURATING(UINT8_KHR, UINT32_KHR),
    FLEXIBLE_SATURATING(UINT8_KHR, SINT32_KHR),
    FLEXIBLE_SATURATING(SINT8_KHR, SINT8_KHR),
    FLEXIBLE_SATURATING(UINT8_KHR, UINT8_KHR),
    FLEXIBLE_SATURATING(SINT32_KHR, SINT32_KHR),
    FLEXIBLE_SATURATING(UINT32_KHR, UINT32_KHR),
};
#define FLEXIBLE_ROW_COUNT (sizeof(flexible_rows) / sizeof(flexible_rows[0]))

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV(
    VkPhysicalDevice physical, uint32_t *count,
    VkCooperativeMatrixFlexibleDimensionsPropertiesNV *properties)
{
    if (!properties) {
        *count = FLEXIBLE_ROW_COUNT;
        return VK_SUCCESS;
    }
    uint32_t copied = *count < FLEXIBLE_ROW_COUNT ? *count : (uint32_t)FLEXIBLE_ROW_COUNT;
    for (uint32_t i = 0; i < copied; i++) {
        void *next = properties[i].pNext;
        properties[i] = flexible_rows[i];
        properties[i].pNext = next;
    }
    *count = copied;
    return copied < FLEXIBLE_ROW_COUNT ? VK_INCOMPLETE : VK_SUCCESS;
}
