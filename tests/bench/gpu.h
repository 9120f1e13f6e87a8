/* SPDX-License-Identifier: MIT
 *
 * The Vulkan side of the benchmark: one device, one kernel at a time. Functions that return bool
 * write a line to gpu->why when they return false. Single thread.
 */
#ifndef BENCH_GPU_H
#define BENCH_GPU_H

#include "bench.h"

#include <vulkan/vulkan.h>

struct gpu_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    void *map;
};

struct gpu_step {
    VkShaderModule module;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    VkDescriptorSet set;
};

struct gpu {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    uint32_t memory_type;
    VkCommandPool commands;
    VkCommandBuffer command_buffer;
    VkFence fence;
    uint32_t has;              /* enum bench_need */
    VkPhysicalDeviceProperties properties;
    char label[64];            /* "llvmpipe 26.2.6": a column's title */
    char driver[300];          /* driver's name and version, device's name */
    char why[256];

    /* The open kernel. */
    const struct bench_kernel *kernel;
    const char *spirv_dir;
    VkDescriptorPool sets;
    struct gpu_buffer buffers[BENCH_BUFFERS];
    void *maps[BENCH_BUFFERS];
    struct gpu_step steps[BENCH_STEPS];
};

/* The first physical device, Vulkan 1.1 at least. gpu must be zeroed; finish it whatever is returned. */
bool gpu_init(struct gpu *gpu, const char *spirv_dir);
void gpu_finish(struct gpu *gpu);

/* Makes buffers, pipelines and descriptor sets. Close it whatever is returned. */
bool gpu_open(struct gpu *gpu, const struct bench_kernel *kernel);
void gpu_close(struct gpu *gpu);

/* Records `passes` passes of the open kernel into the command buffer. */
bool gpu_record(struct gpu *gpu, uint32_t passes);
/* Submits the command buffer and waits; the wall time of both. */
bool gpu_run(struct gpu *gpu, double *seconds_out);
/* For kernels with `create`: makes the pipeline with constant 0 set to `unique`, runs it once, waits,
 * and destroys the pipeline; the wall time without the destruction. */
bool gpu_run_create(struct gpu *gpu, uint32_t unique, double *seconds_out);

#endif
