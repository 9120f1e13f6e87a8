/* SPDX-License-Identifier: MIT
 *
 * The Vulkan side of the benchmark: the target that is one device, one kernel at a time.
 *
 *     gpu.c         instance and device
 *     gpu_kernel.c  the open kernel: buffers, pipelines, the command buffer
 *     gpu_image.c   its images
 *     gpu_start.c   runs that time something else than a command buffer
 */
#ifndef BENCH_GPU_H
#define BENCH_GPU_H

#include "target.h"

#include <stdio.h>
#include <string.h>
#include <vulkan/vulkan.h>

struct gpu_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    void *map;
};

struct gpu_image {
    VkImage image;
    VkDeviceMemory memory;
};

struct gpu_step {
    VkShaderModule module;
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    VkDescriptorSet set;
    VkImageView views[BENCH_BUFFERS]; /* by binding; not every one is an image */
};

struct gpu {
    struct target *target;
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    uint32_t memory_type;
    VkCommandPool commands;
    VkCommandBuffer command_buffer;
    VkFence fence;

    /* The open kernel. */
    const char *spirv_dir;
    VkDescriptorPool sets;
    struct gpu_buffer buffers[BENCH_BUFFERS];
    struct gpu_image images[BENCH_IMAGES];
    VkSampler sampler;
    struct gpu_step steps[BENCH_STEPS];
};

/* Leaves the calling function with what failed. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        VkResult result_ = (call);                                                                 \
        if (result_ != VK_SUCCESS) {                                                               \
            snprintf(gpu->target->why, sizeof(gpu->target->why), "%.*s: %d",                       \
                     (int)strcspn(#call, "("), #call, result_);                                    \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

/* The first physical device, Vulkan 1.1 at least, and a device on it with all features that kernels
 * may need. Finish it whatever is returned. */
bool gpu_init(struct gpu *gpu, struct target *target);
void gpu_finish(struct gpu *gpu);

/* An instance and its first physical device. */
bool gpu_create_instance(struct gpu *gpu);
/* The first queue family that computes. */
bool gpu_find_family(struct gpu *gpu, uint32_t *family_out);

/* Opens a kernel without its pipelines if it is one that times their creation. */
bool gpu_open(struct gpu *gpu, const struct bench_kernel *kernel);
void gpu_close(struct gpu *gpu);
/* Records `passes` passes of the open kernel into the command buffer. */
bool gpu_record(struct gpu *gpu, uint32_t passes);
/* Submits the command buffer and waits; the wall time of both. */
bool gpu_run(struct gpu *gpu, double *seconds_out);
/* The pipeline of step `number`; `unique` (or NULL) takes the place of specialisation constant 0.
 */
bool gpu_create_pipeline(struct gpu *gpu, unsigned number, const uint32_t *unique);

/* The image that a letter of a row's `bind` means, or -1; how it is bound. */
int gpu_bound_image(char letter);
VkDescriptorType gpu_bound_image_type(char letter);
/* The open kernel's images and sampler; in the layout GENERAL from gpu_upload() on. */
bool gpu_create_images(struct gpu *gpu);
void gpu_destroy_images(struct gpu *gpu);
/* Points a binding of the step's set at the image that the letter means. */
bool gpu_write_image(struct gpu *gpu, const struct bench_step *row, struct gpu_step *step,
                     uint32_t binding);
/* Copies all levels of the image, from or to its buffer's start or another one's. */
void gpu_record_copy(struct gpu *gpu, unsigned image, unsigned buffer, bool to_image);
/* Copies level 0. */
void gpu_record_image_copy(struct gpu *gpu, unsigned from, unsigned to);
bool gpu_transfer(struct gpu *gpu, bool to_images);

/* One per enum bench_how but BENCH_PASSES. */
bool gpu_run_submit(struct gpu *gpu, double *seconds_out);
bool gpu_run_create(struct gpu *gpu, uint32_t unique, double *seconds_out);
/* Makes all pipelines of the open kernel anew and runs a pass, the first. */
bool gpu_run_create_all(struct gpu *gpu, double *seconds_out);
bool gpu_run_create_warm(struct gpu *gpu, double *seconds_out);
/* In a process of its own, as every application does it once, which is gpu_start()'s: it prints the
 * seconds, or what failed. */
bool gpu_run_device(struct gpu *gpu, double *seconds_out);
int gpu_start(void);

#endif
