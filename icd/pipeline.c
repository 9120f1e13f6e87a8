/* SPDX-License-Identifier: MIT
 *
 * Creating compute pipelines.
 */
#include "pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "pipeline_binary.h"
#include "pipeline_cache.h"
#include "shader_module.h"

void icd_pipeline_finish(struct icd_object *object)
{
    struct icd_pipeline *pipeline = (struct icd_pipeline *)object;

    free(pipeline->request);
    weft_program_put(&pipeline->program);
    icd_object_put(pipeline->layout);
}

VkPipelineCreateFlags2 icd_pipeline_flags(const VkComputePipelineCreateInfo *info)
{
    const VkPipelineCreateFlags2CreateInfo *flags2 =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_PIPELINE_CREATE_FLAGS_2_CREATE_INFO);

    return flags2 ? flags2->flags : info->flags;
}

/* Robustness: the device's, unless the pipeline or its stage says otherwise. */
static uint32_t robust_flags(const struct icd_device *device,
                             const VkComputePipelineCreateInfo *info)
{
    bool robust = device->features.robustBufferAccess;
    bool storage = robust, uniform = robust;
    const void *chains[] = {info->pNext, info->stage.pNext};

    for (size_t i = 0; i < 2; i++) {
        const VkPipelineRobustnessCreateInfo *chosen =
            icd_find_struct(chains[i], VK_STRUCTURE_TYPE_PIPELINE_ROBUSTNESS_CREATE_INFO);
        if (!chosen)
            continue;
        if (chosen->storageBuffers != VK_PIPELINE_ROBUSTNESS_BUFFER_BEHAVIOR_DEVICE_DEFAULT)
            storage =
                chosen->storageBuffers != VK_PIPELINE_ROBUSTNESS_BUFFER_BEHAVIOR_DISABLED;
        if (chosen->uniformBuffers != VK_PIPELINE_ROBUSTNESS_BUFFER_BEHAVIOR_DEVICE_DEFAULT)
            uniform =
                chosen->uniformBuffers != VK_PIPELINE_ROBUSTNESS_BUFFER_BEHAVIOR_DISABLED;
    }
    return (storage ? WEFT_REQUEST_ROBUST_STORAGE : 0) |
           (uniform ? WEFT_REQUEST_ROBUST_UNIFORM : 0);
}

static bool is_power_of_two(uint32_t value)
{
    return value && !(value & (value - 1));
}

/* Fills in what the compiler needs. *spec_entries_out is to be freed. */
static VkResult program_info(const struct icd_device *device,
                             const VkComputePipelineCreateInfo *info,
                             struct weft_program_info *out,
                             struct weft_spec_entry **spec_entries_out)
{
    const VkPipelineShaderStageCreateInfo *stage = &info->stage;
    const struct icd_shader_module *module = icd_shader_module_from(stage->module);
    const VkShaderModuleCreateInfo *code =
        icd_find_struct(stage->pNext, VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
    const struct icd_pipeline_layout *layout = icd_pipeline_layout_from(info->layout);
    const VkSpecializationInfo *spec = stage->pSpecializationInfo;
    const VkPipelineShaderStageRequiredSubgroupSizeCreateInfo *subgroup = icd_find_struct(
        stage->pNext,
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO);

    *spec_entries_out = NULL;
    if ((!module && !code) || !layout || stage->stage != VK_SHADER_STAGE_COMPUTE_BIT ||
        !stage->pName)
        return icd_error(device, VK_ERROR_INVALID_SHADER_NV,
                         "a compute pipeline without %s",
                         !layout ? "a layout" : "a shader of the compute stage");
    /* VUID-VkPipelineShaderStageRequiredSubgroupSizeCreateInfo-requiredSubgroupSize-02760 and
     * the two after it */
    if (subgroup && (!is_power_of_two(subgroup->requiredSubgroupSize) ||
                     subgroup->requiredSubgroupSize < ICD_MIN_SUBGROUP_SIZE ||
                     subgroup->requiredSubgroupSize > ICD_MAX_SUBGROUP_SIZE))
        return icd_error(device, VK_ERROR_INVALID_SHADER_NV,
                         "a required subgroup size of %u; powers of two from %u to %u are possible",
                         subgroup->requiredSubgroupSize, ICD_MIN_SUBGROUP_SIZE,
                         ICD_MAX_SUBGROUP_SIZE);
    memset(out, 0, sizeof(*out));
    out->spirv = module ? module->words : code->pCode;
    out->spirv_words = module ? module->word_count : code->codeSize / 4;
    out->entry = stage->pName;
    out->bindings = layout->bindings;
    out->binding_count = layout->binding_count;
    out->subgroup_size = subgroup ? subgroup->requiredSubgroupSize : ICD_DEFAULT_SUBGROUP_SIZE;
    out->flags = robust_flags(device, info);
    if (icd_pipeline_flags(info) & VK_PIPELINE_CREATE_2_64_BIT_INDEXING_BIT_EXT)
        out->flags |= WEFT_REQUEST_WIDE_BUFFERS;
    if (icd_pipeline_flags(info) & VK_PIPELINE_CREATE_2_DISABLE_OPTIMIZATION_BIT)
        out->flags |= WEFT_REQUEST_FAST;
    if (stage->flags & VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT)
        out->flags |= WEFT_REQUEST_FULL_SUBGROUPS;

    if (spec && spec->mapEntryCount) {
        struct weft_spec_entry *entries = calloc(spec->mapEntryCount, sizeof(*entries));
        if (!entries)
            return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY,
                             "no memory for %u specialisation constants", spec->mapEntryCount);
        *spec_entries_out = entries;
        for (uint32_t i = 0; i < spec->mapEntryCount; i++) {
            const VkSpecializationMapEntry *entry = &spec->pMapEntries[i];
            if (entry->offset > spec->dataSize || entry->size > spec->dataSize - entry->offset)
                return icd_error(device, VK_ERROR_INVALID_SHADER_NV,
                                 "specialisation constant %u lies outside the data",
                                 entry->constantID);
            entries[i] = (struct weft_spec_entry){entry->constantID, entry->offset,
                                                  (uint32_t)entry->size};
        }
        out->spec_entries = entries;
        out->spec_entry_count = spec->mapEntryCount;
        out->spec_data = spec->pData;
        out->spec_data_B = spec->dataSize;
    }
    return VK_SUCCESS;
}

/* What a compile error means to the application: VK_ERROR_INVALID_SHADER_NV is the one result of
 * vkCreateComputePipelines that says whose fault it is. */
static VkResult compile_error(struct icd_device *device, int error, char *message)
{
    VkResult result = error == -EINVAL || error == -ENOTSUP ? VK_ERROR_INVALID_SHADER_NV
                                                            : icd_result(error);

    result = icd_error(device, result, "shader: %s",
                       message ? message : "it can't be compiled, and there is no reason given");
    free(message);
    return result;
}

/* What a pipeline is asked about later is compiled once more, or shown as a key. */
#define KEEP_REQUEST                                                                               \
    (VK_PIPELINE_CREATE_2_CAPTURE_STATISTICS_BIT_KHR |                                             \
     VK_PIPELINE_CREATE_2_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR |                               \
     VK_PIPELINE_CREATE_2_CAPTURE_DATA_BIT_KHR)

/* Finds the program in the cache, or compiles it and puts it there. *hit_out says which. */
static VkResult find_program(struct icd_device *device, struct icd_pipeline_cache *cache,
                             struct weft_program_info *info, struct icd_pipeline *pipeline,
                             bool *hit_out)
{
    struct weft_program **program_out = &pipeline->program;
    void *request = NULL;
    size_t request_B = 0;
    char *message = NULL;

    *hit_out = false;
    info->well = pipeline->flags & KEEP_REQUEST || pipeline->code_kept;
    if (cache || (pipeline->flags & KEEP_REQUEST)) {
        int error = weft_program_request(device->weft, info, &request, &request_B);
        if (error)
            return icd_error_errno(device, error, "a compile request can't be made");
        if (pipeline->flags & KEEP_REQUEST) {
            pipeline->request = malloc(request_B);
            if (!pipeline->request) {
                free(request);
                return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for a pipeline");
            }
            memcpy(pipeline->request, request, request_B);
            pipeline->request_B = request_B;
        }
        *program_out = icd_pipeline_cache_find(cache, request, request_B);
        if (*program_out && info->well && !(info->flags & WEFT_REQUEST_FAST) &&
            (weft_program_image(*program_out)->flags & WEFT_IMAGE_FAST))
            weft_program_put(program_out);
        if (*program_out) {
            *hit_out = true;
            free(request);
            return VK_SUCCESS;
        }
    }
    info->only_cached =
        pipeline->flags & VK_PIPELINE_CREATE_2_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT;
    int error = weft_program_create(device->weft, info, program_out, &message);
    if (error == -EAGAIN) {
        free(request);
        free(message);
        return VK_PIPELINE_COMPILE_REQUIRED;
    }
    if (error) {
        free(request);
        return compile_error(device, error, message);
    }
    icd_pipeline_cache_add(cache, &request, request_B, *program_out);
    free(request);
    return VK_SUCCESS;
}

static void give_feedback(const VkComputePipelineCreateInfo *info, uint64_t start_ns, bool hit)
{
    const VkPipelineCreationFeedbackCreateInfo *feedback =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_PIPELINE_CREATION_FEEDBACK_CREATE_INFO);
    VkPipelineCreationFeedback one = {VK_PIPELINE_CREATION_FEEDBACK_VALID_BIT,
                                      weft_clock_ns() - start_ns};

    if (!feedback)
        return;
    if (hit)
        one.flags |= VK_PIPELINE_CREATION_FEEDBACK_APPLICATION_PIPELINE_CACHE_HIT_BIT;
    if (feedback->pPipelineCreationFeedback)
        *feedback->pPipelineCreationFeedback = one;
    for (uint32_t i = 0; i < feedback->pipelineStageCreationFeedbackCount; i++)
        feedback->pPipelineStageCreationFeedbacks[i] = one;
}

VkResult icd_pipeline_request(struct icd_device *device, const VkComputePipelineCreateInfo *info,
                              void **request_out, size_t *request_B_out)
{
    struct weft_spec_entry *spec_entries = NULL;
    struct weft_program_info program;
    VkResult result = program_info(device, info, &program, &spec_entries);

    if (result == VK_SUCCESS) {
        int error = weft_program_request(device->weft, &program, request_out, request_B_out);
        if (error)
            result = icd_error_errno(device, error, "a compile request can't be made");
    }
    free(spec_entries);
    return result;
}

static VkResult compile(struct icd_device *device, struct icd_pipeline_cache *cache,
                        const VkComputePipelineCreateInfo *info, struct icd_pipeline *pipeline)
{
    uint64_t start_ns = weft_clock_ns();
    struct weft_spec_entry *spec_entries = NULL;
    struct weft_program_info program;
    bool hit = false;
    VkResult result = program_info(device, info, &program, &spec_entries);

    if (result == VK_SUCCESS)
        result = find_program(device, cache, &program, pipeline, &hit);
    free(spec_entries);
    if (result != VK_SUCCESS)
        return result;
    pipeline->set_mask = icd_spirv_set_mask(program.spirv, program.spirv_words);
    give_feedback(info, start_ns, hit);
    return VK_SUCCESS;
}

/* A stage that names its module by an identifier: the module's words where the cache has a program of
 * them, to free(); else NULL. */
static uint32_t *find_module(struct icd_pipeline_cache *cache,
                             const VkPipelineShaderStageCreateInfo *stage, size_t *words_out)
{
    const VkPipelineShaderStageModuleIdentifierCreateInfoEXT *identifier = icd_find_struct(
        stage->pNext, VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_MODULE_IDENTIFIER_CREATE_INFO_EXT);

    if (stage->module || !identifier || identifier->identifierSize != ICD_DIGEST_B)
        return NULL;
    return icd_pipeline_cache_find_module(cache, identifier->pIdentifier, words_out);
}

/* Whether there is an identifier and nothing else. */
static bool is_identified(const VkPipelineShaderStageCreateInfo *stage)
{
    const VkPipelineShaderStageModuleIdentifierCreateInfoEXT *identifier = icd_find_struct(
        stage->pNext, VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_MODULE_IDENTIFIER_CREATE_INFO_EXT);

    return !stage->module && identifier && identifier->identifierSize &&
           !icd_find_struct(stage->pNext, VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
}

VkResult icd_pipeline_init(struct icd_device *device, VkPipelineCache cache_handle,
                           const VkComputePipelineCreateInfo *info, struct icd_pipeline *pipeline)
{
    struct icd_pipeline_cache *cache = icd_pipeline_cache_from(cache_handle);
    const VkPipelineBinaryInfoKHR *binaries =
        icd_find_struct(info->pNext, VK_STRUCTURE_TYPE_PIPELINE_BINARY_INFO_KHR);
    struct icd_pipeline_layout *layout = icd_pipeline_layout_from(info->layout);
    VkResult result;

    pipeline->flags = icd_pipeline_flags(info);
    if (!layout)
        return icd_error(device, VK_ERROR_INVALID_SHADER_NV, "a compute pipeline without a layout");
    if (binaries && binaries->binaryCount) {
        result = icd_pipeline_binary_use(device, binaries->pPipelineBinaries[0], pipeline);
    } else if (is_identified(&info->stage)) {
        VkComputePipelineCreateInfo with_module = *info;
        VkShaderModuleCreateInfo module = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                           .pNext = info->stage.pNext};
        size_t words = 0;
        uint32_t *code = find_module(cache, &info->stage, &words);
        if (!code)
            return VK_PIPELINE_COMPILE_REQUIRED;
        module.pCode = code;
        module.codeSize = words * sizeof(*code);
        with_module.stage.pNext = &module;
        result = compile(device, cache, &with_module, pipeline);
        free(code);
    } else {
        result = compile(device, cache, info, pipeline);
    }
    if (result != VK_SUCCESS)
        return result;
    pipeline->layout = icd_object_get(layout);
    weft_program_set_label(pipeline->program, pipeline);
    return VK_SUCCESS;
}

/* A call's pipelines. Several are compiled side by side; their memory is allocated and freed on the calling
 * thread alone, as an application's allocator may ask. */
struct batch {
    struct icd_device *device;
    VkPipelineCache cache;
    const VkComputePipelineCreateInfo *infos;
    VkPipeline *pipelines;
    VkResult *results;
};

static void init_one(void *data, uint32_t i)
{
    const struct batch *batch = data;
    struct icd_pipeline *pipeline = icd_pipeline_from(batch->pipelines[i]);

    batch->results[i] =
        pipeline ? icd_pipeline_init(batch->device, batch->cache, &batch->infos[i], pipeline)
                 : icd_error(batch->device, VK_ERROR_OUT_OF_HOST_MEMORY,
                             "no memory for a pipeline");
}

/* Makes those from first to before end. */
static void create_some(struct batch *batch, uint32_t first, uint32_t end)
{
    struct batch some = *batch;

    some.infos += first;
    some.pipelines += first;
    some.results += first;
    for (uint32_t i = first; i < end; i++)
        batch->pipelines[i] = icd_pipeline_to(
            icd_object_create(batch->device, NULL, sizeof(struct icd_pipeline),
                              VK_OBJECT_TYPE_PIPELINE, icd_pipeline_finish));
    weft_parallel(batch->device->weft, end - first, init_one, &some);
    for (uint32_t i = first; i < end; i++) {
        if (batch->results[i] == VK_SUCCESS)
            continue;
        icd_object_release(icd_pipeline_from(batch->pipelines[i]));
        batch->pipelines[i] = VK_NULL_HANDLE;
    }
}

VKAPI_ATTR VkResult VKAPI_CALL vkCreateComputePipelines(
    VkDevice handle, VkPipelineCache pipeline_cache, uint32_t createInfoCount,
    const VkComputePipelineCreateInfo *pCreateInfos, const VkAllocationCallbacks *pAllocator,
    VkPipeline *pPipelines)
{
    struct icd_device *device = icd_device_from(handle);
    VkResult result = VK_SUCCESS, own_results[8] = {VK_SUCCESS};
    VkResult *results = createInfoCount <= sizeof(own_results) / sizeof(own_results[0])
                            ? own_results
                            : calloc(createInfoCount, sizeof(*results));
    struct batch batch = {device, pipeline_cache, pCreateInfos, pPipelines, results};
    bool stop = false;

    for (uint32_t i = 0; i < createInfoCount; i++)
        pPipelines[i] = VK_NULL_HANDLE;
    if (!results)
        return icd_error(device, VK_ERROR_OUT_OF_HOST_MEMORY, "no memory for %u pipelines",
                         createInfoCount);
    for (uint32_t first = 0, end; first < createInfoCount && !stop; first = end) {
        /* Nothing may be made after one that says so fails: it is the last of those made at once. One
         * that must not be compiled is to find what those before it brought into the cache. */
        for (end = first + 1; end < createInfoCount; end++)
            if (icd_pipeline_flags(&pCreateInfos[end - 1]) &
                    VK_PIPELINE_CREATE_2_EARLY_RETURN_ON_FAILURE_BIT ||
                icd_pipeline_flags(&pCreateInfos[end]) &
                    VK_PIPELINE_CREATE_2_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT)
                break;
        create_some(&batch, first, end);
        for (uint32_t i = first; i < end; i++)
            /* An error outranks VK_PIPELINE_COMPILE_REQUIRED. */
            if (results[i] != VK_SUCCESS &&
                (result == VK_SUCCESS || (result > 0 && results[i] < 0)))
                result = results[i];
        stop = results[end - 1] != VK_SUCCESS &&
               icd_pipeline_flags(&pCreateInfos[end - 1]) &
                   VK_PIPELINE_CREATE_2_EARLY_RETURN_ON_FAILURE_BIT;
    }
    if (results != own_results)
        free(results);
    return result;
}

VKAPI_ATTR void VKAPI_CALL vkDestroyPipeline(VkDevice handle, VkPipeline pipeline,
                                             const VkAllocationCallbacks *pAllocator)
{
    icd_object_release(icd_pipeline_from(pipeline));
}
