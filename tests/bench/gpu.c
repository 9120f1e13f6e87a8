/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include <time.h>

#include "vk_newer.h"

double bench_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "Mesa 26.2.6 (LLVM 22.1)" -> "26.2.6": the first word that starts with a digit. */
static void find_version(const char *info, char *to, size_t to_B)
{
    for (const char *p = info; *p; p++) {
        if (*p >= '0' && *p <= '9' && (p == info || p[-1] == ' ')) {
            snprintf(to, to_B, " %.*s", (int)strcspn(p, " ,;)-+"), p);
            return;
        }
    }
}

static void describe(struct gpu *gpu)
{
    VkPhysicalDeviceDriverProperties driver = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceSubgroupProperties subgroup = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES, .pNext = &driver};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &subgroup};
    vkGetPhysicalDeviceProperties2(gpu->physical, &properties);
    struct target *target = gpu->target;
    if (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT)
        target->has |=
            (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT ? BENCH_NEED_SUBGROUP
                                                                               : 0u) |
            (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT ? BENCH_NEED_SHUFFLE
                                                                            : 0u);
    const VkPhysicalDeviceLimits *limits = &properties.properties.limits;
    if (limits->maxComputeWorkGroupInvocations >= 1024 &&
        limits->maxComputeWorkGroupSize[0] >= 1024)
        target->has |= BENCH_NEED_LOCAL_1024;
    char version[32] = "";
    find_version(driver.driverInfo, version, sizeof(version));
    const char *name =
        strncmp(driver.driverName, "SwiftShader", 11) ? driver.driverName : "SwiftShader";
    snprintf(target->label, sizeof(target->label), "%.24s%s", name, version);
    snprintf(target->description, sizeof(target->description),
             "%.60s %.100s; %.100s; subgroup size %u", driver.driverName, driver.driverInfo,
             properties.properties.deviceName, subgroup.subgroupSize);
}

static const char *const cooperative_extensions[] = {"VK_KHR_cooperative_matrix",
                                                     "VK_KHR_shader_bfloat16"};

/* Whether there are products of 16 x 16 matrices in all the types that rows ask for. */
static bool has_cooperative(VkPhysicalDevice physical, VkInstance instance)
{
    static const VkComponentTypeKHR types[][2] = {
        {VK_COMPONENT_TYPE_FLOAT32_KHR, VK_COMPONENT_TYPE_FLOAT32_KHR},
        {VK_COMPONENT_TYPE_FLOAT16_KHR, VK_COMPONENT_TYPE_FLOAT32_KHR},
        {VK_COMPONENT_TYPE_BFLOAT16_KHR, VK_COMPONENT_TYPE_FLOAT32_KHR},
        {VK_COMPONENT_TYPE_SINT8_KHR, VK_COMPONENT_TYPE_SINT32_KHR}};
    static VkExtensionProperties extensions[512];
    uint32_t count = 512, found = 0, row_count = 64;
    vkEnumerateDeviceExtensionProperties(physical, NULL, &count, extensions);
    for (uint32_t i = 0; i < count; i++)
        for (unsigned k = 0; k < 2; k++)
            found += !strcmp(extensions[i].extensionName, cooperative_extensions[k]);
    PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR get =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)vkGetInstanceProcAddr(
            instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
    VkCooperativeMatrixPropertiesKHR rows[64] = {{.sType = 0}};
    for (uint32_t i = 0; i < 64; i++)
        rows[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
    if (found != 2 || !get || get(physical, &row_count, rows) < 0)
        return false;
    for (unsigned k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
        bool has = false;
        for (uint32_t i = 0; i < row_count; i++)
            has |= rows[i].MSize == 16 && rows[i].NSize == 16 && rows[i].KSize == 16 &&
                   rows[i].scope == VK_SCOPE_SUBGROUP_KHR && rows[i].AType == types[k][0] &&
                   rows[i].BType == types[k][0] && rows[i].CType == types[k][1] &&
                   rows[i].ResultType == types[k][1];
        if (!has)
            return false;
    }
    return true;
}

bool gpu_find_family(struct gpu *gpu, uint32_t *family_out)
{
    uint32_t count = 16, family = 0;
    VkQueueFamilyProperties families[16];
    vkGetPhysicalDeviceQueueFamilyProperties(gpu->physical, &count, families);
    while (family < count && !(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        family++;
    *family_out = family;
    if (family == count)
        snprintf(gpu->target->why, sizeof(gpu->target->why), "no compute queue");
    return family < count;
}

/* What the kernels may need, and no more, is switched on. */
static bool create_device(struct gpu *gpu)
{
    VkPhysicalDeviceShaderFloat16Int8Features small = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES};
    VkPhysicalDevice8BitStorageFeatures byte = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES, .pNext = &small};
    VkPhysicalDevice16BitStorageFeatures word = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES, .pNext = &byte};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                          .pNext = &word};
    vkGetPhysicalDeviceFeatures2(gpu->physical, &features);
    VkPhysicalDeviceFeatures *core = &features.features;
    const struct {
        VkBool32 has;
        enum bench_need need;
    } needs[] = {{byte.storageBuffer8BitAccess, BENCH_NEED_8BIT},
                 {word.storageBuffer16BitAccess, BENCH_NEED_16BIT},
                 {small.shaderInt8, BENCH_NEED_INT8},
                 {small.shaderFloat16, BENCH_NEED_HALF},
                 {core->shaderInt16, BENCH_NEED_INT16},
                 {core->shaderInt64, BENCH_NEED_INT64},
                 {core->shaderFloat64, BENCH_NEED_DOUBLE}};
    for (unsigned i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        gpu->target->has |= needs[i].has ? (uint32_t)needs[i].need : 0u;
    *core = (VkPhysicalDeviceFeatures){.shaderInt16 = core->shaderInt16,
                                       .shaderInt64 = core->shaderInt64,
                                       .shaderFloat64 = core->shaderFloat64};
    byte.uniformAndStorageBuffer8BitAccess = byte.storagePushConstant8 = VK_FALSE;
    word.uniformAndStorageBuffer16BitAccess = word.storagePushConstant16 =
        word.storageInputOutput16 = VK_FALSE;

    uint32_t family;
    if (!gpu_find_family(gpu, &family))
        return false;
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueFamilyIndex = family,
                                     .queueCount = 1,
                                     .pQueuePriorities = &priority};
    VkPhysicalDeviceVulkanMemoryModelFeatures model = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES,
        .pNext = features.pNext, .vulkanMemoryModel = VK_TRUE};
    VkPhysicalDeviceShaderBfloat16FeaturesKHR bfloat16 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR, .pNext = &model,
        .shaderBFloat16Type = VK_TRUE, .shaderBFloat16CooperativeMatrix = VK_TRUE};
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR cooperative = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
        .pNext = &bfloat16, .cooperativeMatrix = VK_TRUE};
    bool matrices = has_cooperative(gpu->physical, gpu->instance);
    if (matrices) {
        gpu->target->has |= BENCH_NEED_COOPERATIVE;
        features.pNext = &cooperative;
    }
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                               .pNext = &features,
                               .enabledExtensionCount = matrices ? 2 : 0,
                               .ppEnabledExtensionNames = cooperative_extensions,
                               .queueCreateInfoCount = 1,
                               .pQueueCreateInfos = &queue};
    TRY(vkCreateDevice(gpu->physical, &info, NULL, &gpu->device));
    vkGetDeviceQueue(gpu->device, family, 0, &gpu->queue);

    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(gpu->physical, &memory);
    VkMemoryPropertyFlags want =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    while (gpu->memory_type < memory.memoryTypeCount &&
           (memory.memoryTypes[gpu->memory_type].propertyFlags & want) != want)
        gpu->memory_type++;

    VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                                    .queueFamilyIndex = family};
    TRY(vkCreateCommandPool(gpu->device, &pool, NULL, &gpu->commands));
    VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                            .commandPool = gpu->commands,
                                            .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                            .commandBufferCount = 1};
    TRY(vkAllocateCommandBuffers(gpu->device, &allocate, &gpu->command_buffer));
    VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    TRY(vkCreateFence(gpu->device, &fence, NULL, &gpu->fence));
    return true;
}

bool gpu_create_instance(struct gpu *gpu)
{
    /* SwiftShader refuses applications that ask for more than 1.3. */
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                     .pApplicationName = "weft_bench",
                                     .apiVersion = VK_API_VERSION_1_3};
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                 .pApplicationInfo = &application};
    TRY(vkCreateInstance(&info, NULL, &gpu->instance));
    uint32_t count = 1;
    VkResult result = vkEnumeratePhysicalDevices(gpu->instance, &count, &gpu->physical);
    if ((result != VK_SUCCESS && result != VK_INCOMPLETE) || count == 0) {
        snprintf(gpu->target->why, sizeof(gpu->target->why),
                 "no device (vkEnumeratePhysicalDevices: %d)", result);
        return false;
    }
    return true;
}

bool gpu_init(struct gpu *gpu, struct target *target)
{
    gpu->target = target;
    if (!gpu_create_instance(gpu))
        return false;
    describe(gpu);
    return create_device(gpu);
}

void gpu_finish(struct gpu *gpu)
{
    if (gpu->device) {
        gpu_close(gpu);
        vkDestroyFence(gpu->device, gpu->fence, NULL);
        vkDestroyCommandPool(gpu->device, gpu->commands, NULL);
        vkDestroyDevice(gpu->device, NULL);
    }
    if (gpu->instance)
        vkDestroyInstance(gpu->instance, NULL);
    memset(gpu, 0, sizeof(*gpu));
}

bool target_init(struct target *target, const char *spirv_dir)
{
    static struct gpu gpu;
    target->own = &gpu;
    gpu.spirv_dir = spirv_dir;
    return gpu_init(&gpu, target);
}

void target_finish(struct target *target)
{
    gpu_finish(target->own);
}

bool target_open(struct target *target, const struct bench_kernel *kernel, bool other)
{
    return gpu_open(target->own, kernel);
}

void target_close(struct target *target)
{
    gpu_close(target->own);
}

bool target_upload(struct target *target)
{
    return gpu_transfer(target->own, true);
}

bool target_download(struct target *target)
{
    return gpu_transfer(target->own, false);
}

bool target_prepare(struct target *target, uint32_t passes)
{
    return target->kernel->how > BENCH_SUBMIT || gpu_record(target->own, passes);
}

bool target_run(struct target *target, uint32_t unique, double *seconds_out)
{
    struct gpu *gpu = target->own;
    switch (target->kernel->how) {
    case BENCH_SUBMIT:
        return gpu_run_submit(gpu, seconds_out);
    case BENCH_CREATE:
        return gpu_run_create(gpu, unique, seconds_out);
    case BENCH_CREATE_WARM:
        return gpu_run_create_warm(gpu, seconds_out);
    case BENCH_DEVICE:
        return gpu_run_device(gpu, seconds_out);
    case BENCH_PASSES:
        break;
    }
    return gpu->target->creates ? gpu_run_create_all(gpu, seconds_out) : gpu_run(gpu, seconds_out);
}

double target_limit(struct target *target, enum bench_limit limit)
{
    return 0;
}
