/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_pipeline_executable_properties: a pipeline is one executable. Its numbers are the kernel
 * image's; its texts are the compiler's, which is run once more for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline.h"

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineExecutablePropertiesKHR(
    VkDevice handle, const VkPipelineInfoKHR *info, uint32_t *count,
    VkPipelineExecutablePropertiesKHR *out)
{
    const struct icd_pipeline *pipeline = icd_pipeline_from(info->pipeline);

    if (!out || !pipeline) {
        *count = pipeline ? 1 : 0;
        return VK_SUCCESS;
    }
    if (!*count)
        return VK_INCOMPLETE;
    *count = 1;
    const struct weft_image *image = weft_program_image(pipeline->program);
    out->stages = VK_SHADER_STAGE_COMPUTE_BIT;
    out->subgroupSize = image->subgroup_size;
    snprintf(out->name, sizeof(out->name), "compute");
    /* What is the same for code that was compiled fast and well. */
    snprintf(out->description, sizeof(out->description),
             "compute shader of %u x %u x %u invocations", image->local_size[0],
             image->local_size[1], image->local_size[2]);
    return VK_SUCCESS;
}

/* ---- Statistics ---- */

#define STATISTIC(text, member, description)                                                       \
    {                                                                                              \
        text, description, offsetof(struct weft_image, member)                                     \
    }
static const struct {
    const char *name, *description;
    size_t offset; /* of a uint32_t */
} statistics[] = {
    STATISTIC("Code size", code_B, "bytes of machine code and constants"),
    STATISTIC("Vector width", width, "invocations that one vector instruction works on"),
    STATISTIC("Subgroup size", subgroup_size, "as the shader sees it"),
    STATISTIC("Shared memory", shared_B, "bytes of workgroup memory"),
    STATISTIC("Scratch memory", scratch_B, "bytes that a worker needs for values kept over barriers"),
    STATISTIC("Source lines", line_count, "pieces of code whose source line is known"),
};
#define STATISTIC_COUNT ((uint32_t)(sizeof(statistics) / sizeof(statistics[0])))

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineExecutableStatisticsKHR(
    VkDevice handle, const VkPipelineExecutableInfoKHR *info, uint32_t *count,
    VkPipelineExecutableStatisticKHR *out)
{
    const struct icd_pipeline *pipeline = icd_pipeline_from(info->pipeline);
    uint32_t room = *count;

    *count = pipeline && info->executableIndex == 0 ? STATISTIC_COUNT : 0;
    if (!out || !*count)
        return VK_SUCCESS;
    if (room < *count)
        *count = room;
    const struct weft_image *image = weft_program_image(pipeline->program);
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t value;
        memcpy(&value, (const char *)image + statistics[i].offset, sizeof(value));
        snprintf(out[i].name, sizeof(out[i].name), "%s", statistics[i].name);
        snprintf(out[i].description, sizeof(out[i].description), "%s", statistics[i].description);
        out[i].format = VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR;
        out[i].value.u64 = value;
    }
    return room < STATISTIC_COUNT ? VK_INCOMPLETE : VK_SUCCESS;
}

/* ---- Texts ---- */

static const struct {
    const char *name, *description;
    uint32_t list;
} representations[] = {
    {"Weft IR", "the compiler's own IR after its last pass", WEFT_LIST_IR},
    {"Vector IR", "vector LLVM IR as the code generator made it", WEFT_LIST_LLVM},
    {"Optimised vector IR", "the same after LLVM's passes", WEFT_LIST_LLVM_OPT},
    {"Assembly", "machine code", WEFT_LIST_ASM},
};
#define REPRESENTATION_COUNT ((uint32_t)(sizeof(representations) / sizeof(representations[0])))

/* Fills in one text; VK_INCOMPLETE where it was cut. */
static VkResult put_text(VkPipelineExecutableInternalRepresentationKHR *out, const char *text)
{
    size_t need_B = strlen(text) + 1;

    if (!out->pData) {
        out->dataSize = need_B;
        return VK_SUCCESS;
    }
    size_t copied_B = out->dataSize < need_B ? out->dataSize : need_B;
    memcpy(out->pData, text, copied_B);
    if (copied_B && copied_B < need_B)
        ((char *)out->pData)[copied_B - 1] = 0;
    out->dataSize = copied_B;
    return copied_B < need_B ? VK_INCOMPLETE : VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetPipelineExecutableInternalRepresentationsKHR(
    VkDevice handle, const VkPipelineExecutableInfoKHR *info, uint32_t *count,
    VkPipelineExecutableInternalRepresentationKHR *out)
{
    struct icd_device *device = icd_device_from(handle);
    const struct icd_pipeline *pipeline = icd_pipeline_from(info->pipeline);
    uint32_t room = *count;
    VkResult result = VK_SUCCESS;

    /* A pipeline that was made of a binary has no source to show. */
    *count = pipeline && pipeline->request && info->executableIndex == 0 ? REPRESENTATION_COUNT : 0;
    if (!out || !*count)
        return VK_SUCCESS;
    if (room < *count) {
        *count = room;
        result = VK_INCOMPLETE;
    }
    for (uint32_t i = 0; i < *count; i++) {
        char *text = NULL;
        int error = weft_program_list(device->weft, pipeline->request, pipeline->request_B,
                                      representations[i].list, &text);
        if (error)
            return icd_error_errno(device, error, "a pipeline's internal representation");
        snprintf(out[i].name, sizeof(out[i].name), "%s", representations[i].name);
        snprintf(out[i].description, sizeof(out[i].description), "%s",
                 representations[i].description);
        out[i].isText = VK_TRUE;
        if (put_text(&out[i], text) != VK_SUCCESS)
            result = VK_INCOMPLETE;
        free(text);
    }
    return result;
}
