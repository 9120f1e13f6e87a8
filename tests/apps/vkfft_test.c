/* SPDX-License-Identifier: MIT
 *
 * Transforms of one to three dimensions by VkFFT, which writes its shaders when it runs and compiles
 * them with glslang. Each forward result is compared with a direct transform in double precision, and
 * each inverse one with the input. Built by ./dev apps only: VkFFT is one large header.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VKFFT_BACKEND 0
#include <vkFFT.h>

/* Sizes: powers of two, products of small primes, primes (which VkFFT turns into longer convolutions,
 * "Bluestein"), and one too long for shared memory, which it splits into several dispatches. */
static const struct {
    uint32_t n[3];
    bool bluestein;
} cases[] = {
    {{8, 1, 1}, false},      {{1024, 1, 1}, false},  {{4096, 1, 1}, false},
    {{60, 1, 1}, false},     {{1001, 1, 1}, false},  {{97, 1, 1}, true},
    {{997, 1, 1}, true},     {{32768, 1, 1}, false}, {{32, 32, 1}, false},
    {{64, 48, 1}, false},    {{30, 77, 1}, false},   {{128, 256, 1}, false},
    {{8, 8, 8}, false},      {{16, 12, 10}, false},  {{32, 32, 32}, false},
};

struct gpu {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    VkCommandPool pool;
    VkCommandBuffer commands;
    VkFence fence;
};

static void check(VkResult result, const char *what)
{
    if (result == VK_SUCCESS)
        return;
    fprintf(stderr, "vkfft_test: %s: VkResult %d\n", what, result);
    exit(1);
}

static void open_gpu(struct gpu *gpu)
{
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                     .apiVersion = VK_API_VERSION_1_1};
    VkInstanceCreateInfo instance = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                     .pApplicationInfo = &application};
    check(vkCreateInstance(&instance, NULL, &gpu->instance), "vkCreateInstance");
    uint32_t count = 1;
    VkResult result = vkEnumeratePhysicalDevices(gpu->instance, &count, &gpu->physical);
    check(result == VK_INCOMPLETE ? VK_SUCCESS : result, "vkEnumeratePhysicalDevices");
    VkPhysicalDeviceProperties properties;
    vkGetPhysicalDeviceProperties(gpu->physical, &properties);
    printf("device: %s\n", properties.deviceName);
    VkPhysicalDeviceFeatures has, want = {0};
    vkGetPhysicalDeviceFeatures(gpu->physical, &has);
    want.shaderFloat64 = has.shaderFloat64;
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueCount = 1,
                                     .pQueuePriorities = &priority};
    VkDeviceCreateInfo device = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                 .queueCreateInfoCount = 1,
                                 .pQueueCreateInfos = &queue,
                                 .pEnabledFeatures = &want};
    check(vkCreateDevice(gpu->physical, &device, NULL, &gpu->device), "vkCreateDevice");
    vkGetDeviceQueue(gpu->device, 0, 0, &gpu->queue);
    VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT};
    check(vkCreateCommandPool(gpu->device, &pool, NULL, &gpu->pool), "vkCreateCommandPool");
    VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                            .commandPool = gpu->pool,
                                            .commandBufferCount = 1};
    check(vkAllocateCommandBuffers(gpu->device, &allocate, &gpu->commands), "vkAllocateCommandBuffers");
    VkFenceCreateInfo fence = {.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
    check(vkCreateFence(gpu->device, &fence, NULL, &gpu->fence), "vkCreateFence");
}

static void close_gpu(struct gpu *gpu)
{
    vkDestroyFence(gpu->device, gpu->fence, NULL);
    vkDestroyCommandPool(gpu->device, gpu->pool, NULL);
    vkDestroyDevice(gpu->device, NULL);
    vkDestroyInstance(gpu->instance, NULL);
}

static void *create_buffer(struct gpu *gpu, uint64_t size_B, VkBuffer *buffer, VkDeviceMemory *memory)
{
    VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                               .size = size_B,
                               .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                        VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT};
    check(vkCreateBuffer(gpu->device, &info, NULL, buffer), "vkCreateBuffer");
    VkMemoryRequirements needs;
    vkGetBufferMemoryRequirements(gpu->device, *buffer, &needs);
    VkPhysicalDeviceMemoryProperties types;
    vkGetPhysicalDeviceMemoryProperties(gpu->physical, &types);
    const VkMemoryPropertyFlags want =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .allocationSize = needs.size};
    while ((types.memoryTypes[allocate.memoryTypeIndex].propertyFlags & want) != want)
        allocate.memoryTypeIndex++;
    check(vkAllocateMemory(gpu->device, &allocate, NULL, memory), "vkAllocateMemory");
    check(vkBindBufferMemory(gpu->device, *buffer, *memory, 0), "vkBindBufferMemory");
    void *map;
    check(vkMapMemory(gpu->device, *memory, 0, VK_WHOLE_SIZE, 0, &map), "vkMapMemory");
    return map;
}

static void transform(struct gpu *gpu, VkFFTApplication *app, int direction)
{
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    check(vkBeginCommandBuffer(gpu->commands, &begin), "vkBeginCommandBuffer");
    VkFFTLaunchParams launch = {0};
    launch.commandBuffer = &gpu->commands;
    VkFFTResult result = VkFFTAppend(app, direction, &launch);
    if (result != VKFFT_SUCCESS) {
        fprintf(stderr, "vkfft_test: VkFFTAppend: %d\n", result);
        exit(1);
    }
    check(vkEndCommandBuffer(gpu->commands), "vkEndCommandBuffer");
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                           .commandBufferCount = 1,
                           .pCommandBuffers = &gpu->commands};
    check(vkQueueSubmit(gpu->queue, 1, &submit, gpu->fence), "vkQueueSubmit");
    check(vkWaitForFences(gpu->device, 1, &gpu->fence, VK_TRUE, UINT64_MAX), "vkWaitForFences");
    check(vkResetFences(gpu->device, 1, &gpu->fence), "vkResetFences");
}

/* Complex numbers as pairs; the direct transform along one axis, in place. */
static void direct_axis(double *x, size_t total, size_t n, size_t stride)
{
    double *line = malloc(2 * n * sizeof(double)), *turn = malloc(2 * n * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        turn[2 * i] = cos(-2 * M_PI * (double)i / (double)n);
        turn[2 * i + 1] = sin(-2 * M_PI * (double)i / (double)n);
    }
    for (size_t base = 0; base < total; base++) {
        if (base / stride % n != 0)
            continue;
        for (size_t k = 0; k < n; k++) {
            double re = 0, im = 0;
            for (size_t i = 0, w = 0; i < n; i++, w = w + k >= n ? w + k - n : w + k) {
                const double *v = x + 2 * (base + i * stride);
                re += v[0] * turn[2 * w] - v[1] * turn[2 * w + 1];
                im += v[0] * turn[2 * w + 1] + v[1] * turn[2 * w];
            }
            line[2 * k] = re;
            line[2 * k + 1] = im;
        }
        for (size_t k = 0; k < n; k++)
            memcpy(x + 2 * (base + k * stride), line + 2 * k, 2 * sizeof(double));
    }
    free(line);
    free(turn);
}

static double get(const void *data, size_t i, bool is_double)
{
    return is_double ? ((const double *)data)[i] : (double)((const float *)data)[i];
}

/* The largest difference, against the largest value. */
static double worst(const void *got, const double *want, size_t count, bool is_double)
{
    double difference = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        double d = fabs(get(got, i, is_double) - want[i]);
        if (!(d <= difference)) /* also when d is not a number */
            difference = d;
        largest = fmax(largest, fabs(want[i]));
    }
    return difference / largest;
}

static bool run_case(struct gpu *gpu, const uint32_t n[3], bool is_double)
{
    size_t total = (size_t)n[0] * n[1] * n[2];
    uint64_t size_B = 2 * total * (is_double ? sizeof(double) : sizeof(float));
    VkBuffer buffer;
    VkDeviceMemory memory;
    void *map = create_buffer(gpu, size_B, &buffer, &memory);
    double *input = malloc(2 * total * sizeof(double)), *want = malloc(2 * total * sizeof(double));
    for (size_t i = 0; i < 2 * total; i++) {
        float value = (float)rand() / (float)RAND_MAX - 0.5f;
        input[i] = want[i] = value;
        if (is_double)
            ((double *)map)[i] = value;
        else
            ((float *)map)[i] = value;
    }

    VkFFTConfiguration configuration = {0};
    configuration.FFTdim = n[2] > 1 ? 3 : n[1] > 1 ? 2 : 1;
    for (int i = 0; i < 3; i++)
        configuration.size[i] = n[i];
    configuration.physicalDevice = &gpu->physical;
    configuration.device = &gpu->device;
    configuration.queue = &gpu->queue;
    configuration.commandPool = &gpu->pool;
    configuration.fence = &gpu->fence;
    configuration.isCompilerInitialized = 1;
    configuration.buffer = &buffer;
    configuration.bufferSize = &size_B;
    configuration.doublePrecision = is_double;
    configuration.normalize = 1;
    VkFFTApplication app = {0};
    VkFFTResult made = initializeVkFFT(&app, configuration);
    bool ok = made == VKFFT_SUCCESS;
    double forward = 0, back = 0;
    if (ok) {
        transform(gpu, &app, -1);
        for (size_t axis = 0, stride = 1; axis < 3; stride *= n[axis++])
            direct_axis(want, total, n[axis], stride);
        forward = worst(map, want, 2 * total, is_double);
        transform(gpu, &app, 1);
        back = worst(map, input, 2 * total, is_double);
        double limit = is_double ? 1e-11 : 1e-4;
        ok = forward <= limit && back <= limit;
        deleteVkFFT(&app);
    }
    if (made != VKFFT_SUCCESS)
        printf("FAILED %ux%ux%u %s: initializeVkFFT: %d\n", n[0], n[1], n[2],
               is_double ? "double" : "single", made);
    else
        printf("%s %ux%ux%u %s: forward off by %.2g, inverse by %.2g\n", ok ? "ok" : "FAILED", n[0], n[1],
               n[2], is_double ? "double" : "single", forward, back);
    fflush(stdout);
    free(input);
    free(want);
    vkDestroyBuffer(gpu->device, buffer, NULL);
    vkFreeMemory(gpu->device, memory, NULL);
    return ok;
}

int main(void)
{
    struct gpu gpu = {0};
    open_gpu(&gpu);
    glslang_initialize_process();
    /* VkFFT before 1.3 writes descriptors without a buffer for Bluestein's, on every driver. */
    bool old = VkFFTGetVersion() < 10300;
    unsigned count = 0, failed = 0;
    for (int is_double = 0; is_double < 2; is_double++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            if (old && cases[i].bluestein)
                continue;
            count++;
            failed += !run_case(&gpu, cases[i].n, is_double);
        }
    }
    glslang_finalize_process();
    close_gpu(&gpu);
    printf("VkFFT %d: %u transforms, %u failed\n", VkFFTGetVersion(), count, failed);
    return failed != 0;
}
