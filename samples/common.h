/* SPDX-License-Identifier: MIT
 *
 * What the other samples share, so that each shows its own subject only: vector_add.c spells all of
 * it out. Everything here ends the program with a message if Vulkan fails. One thread.
 */
#ifndef SAMPLES_COMMON_H
#define SAMPLES_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vulkan/vulkan.h>

#define CHECK(call) sample_check(call, #call, __FILE__, __LINE__)
void sample_check(VkResult result, const char *call, const char *file, int line);

/* A device, two of its queues (the same one twice if it has only one), a place for commands. */
struct sample {
    const char *name;
    char device_name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queues[2];
    bool two_queues, with_addresses;
    VkCommandPool command_pool;
    VkDescriptorPool descriptor_pool;
};

/* Vulkan 1.2, timeline semaphores on; buffer device addresses on if with_addresses. */
void sample_open(struct sample *sample, const char *name, bool with_addresses);
void sample_close(struct sample *sample);

/* A storage buffer in memory that the CPU has mapped. */
struct sample_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    VkDeviceAddress address; /* if the sample was opened with_addresses */
    size_t size_B;
    void *map;
};
struct sample_buffer sample_create_buffer(struct sample *sample, size_t size_B);
void sample_destroy_buffer(struct sample *sample, struct sample_buffer *buffer);

/* A compute pipeline: storage buffers at bindings 0, 1, ... of set 0, and push constants. */
struct sample_pipeline {
    VkDescriptorSetLayout set_layout;
    VkPipelineLayout layout;
    VkPipeline pipeline;
    uint32_t buffer_count, push_B;
};
struct sample_pipeline sample_create_pipeline(struct sample *sample, const uint32_t *spirv,
                                              size_t spirv_B, uint32_t buffer_count, uint32_t push_B);
void sample_destroy_pipeline(struct sample *sample, struct sample_pipeline *pipeline);

/* The same for any kinds of descriptors, one at each binding; the set is the caller's to fill. */
struct sample_pipeline sample_create_pipeline_of(struct sample *sample, const uint32_t *spirv,
                                                 size_t spirv_B, uint32_t count,
                                                 const VkDescriptorType *types, uint32_t push_B);

/* A descriptor set for the pipeline with these buffers. At most 16 sets in a program. */
VkDescriptorSet sample_create_set(struct sample *sample, const struct sample_pipeline *pipeline,
                                  const struct sample_buffer *const *buffers);

/* A 2D image with one level in memory of the device, for all that compute shaders do, and a view of it.
 * Its layout stays GENERAL from sample_image_begin() on (image.c). */
struct sample_image {
    VkImage image;
    VkDeviceMemory memory;
    VkImageView view;
    uint32_t width, height;
};
struct sample_image sample_create_image(struct sample *sample, VkFormat format, uint32_t width,
                                        uint32_t height, VkImageUsageFlags usage);
void sample_destroy_image(struct sample *sample, struct sample_image *image);
void sample_image_begin(VkCommandBuffer commands, const struct sample_image *image);
void sample_copy_to_image(VkCommandBuffer commands, const struct sample_buffer *buffer,
                          const struct sample_image *image);
void sample_copy_from_image(VkCommandBuffer commands, const struct sample_image *image,
                            const struct sample_buffer *buffer);
/* Binding i becomes an image, with a sampler if it is a combined one. */
void sample_write_image(struct sample *sample, VkDescriptorSet set, uint32_t binding,
                        VkDescriptorType type, const struct sample_image *image, VkSampler sampler);
/* A set whose bindings are to be written one by one. */
VkDescriptorSet sample_allocate_set(struct sample *sample, const struct sample_pipeline *pipeline);

VkCommandBuffer sample_begin(struct sample *sample);
void sample_dispatch(VkCommandBuffer commands, const struct sample_pipeline *pipeline,
                     VkDescriptorSet set, const void *push, uint32_t x, uint32_t y, uint32_t z);
/* What was written before is seen by what comes after: by shaders and by the CPU. */
void sample_barrier(VkCommandBuffer commands);
void sample_end(VkCommandBuffer commands);
/* Submits to the first queue and waits; the seconds that both took. */
double sample_run(struct sample *sample, VkCommandBuffer commands);

double sample_now(void);
/* Prints the sample's line: device, what was done, time, rate, and whether the result is right.
 * Returns the program's exit status. */
int sample_report(const struct sample *sample, const char *what, double seconds, double rate,
                  const char *unit, bool right);
/* Writes 8-bit RGB rows as a PNG file into the current directory (png.c). */
void sample_write_png(const char *path, const uint8_t *rgb, uint32_t width, uint32_t height);

#endif
