/* SPDX-License-Identifier: MIT
 *
 * Two queues work on a ring of frames at the same time, kept in step by two timeline semaphores:
 *
 *     queue 0 makes frame n    when used >= n: frame n - RING has been used    signals made = n
 *     queue 1 uses frame n     when made >= n                                  signals used = n + RING
 *
 * All submits are made before anything runs: the first frames wait for a value that the CPU signals.
 * Queue 1's are made first: they wait for signals that have not even been submitted yet.
 */
#include "common.h"

#include <string.h>

#include "timeline.spv.h"

enum { FRAMES = 64, RING = 2, COUNT = 65536 };

struct push {
    uint32_t number, consume;
};

static uint32_t produced(uint32_t i, uint32_t number)
{
    uint32_t x = i + number * 0x9e3779b9u;
    for (int k = 0; k < 64; k++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    return x;
}

static bool right(const uint32_t *sums)
{
    for (uint32_t i = 0; i < COUNT; i += 7) {
        uint32_t sum = 0;
        for (uint32_t number = 1; number <= FRAMES; number++)
            sum = sum * 3 + produced(i, number);
        if (sums[i] != sum)
            return false;
    }
    return true;
}

static VkSemaphore create_timeline(struct sample *sample)
{
    VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
        .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
        .initialValue = 0,
    };
    VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
    VkSemaphore semaphore;
    CHECK(vkCreateSemaphore(sample->device, &info, NULL, &semaphore));
    return semaphore;
}

static void submit(VkQueue queue, VkCommandBuffer commands, VkSemaphore wait, uint64_t wait_value,
                   VkSemaphore signal, uint64_t signal_value)
{
    VkPipelineStageFlags stage = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1,
        .pWaitSemaphoreValues = &wait_value,
        .signalSemaphoreValueCount = 1,
        .pSignalSemaphoreValues = &signal_value,
    };
    VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .waitSemaphoreCount = 1,
        .pWaitSemaphores = &wait,
        .pWaitDstStageMask = &stage,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
        .signalSemaphoreCount = 1,
        .pSignalSemaphores = &signal,
    };
    CHECK(vkQueueSubmit(queue, 1, &info, VK_NULL_HANDLE));
}

static VkCommandBuffer record(struct sample *sample, const struct sample_pipeline *pipeline,
                              VkDescriptorSet set, uint32_t number, uint32_t consume)
{
    struct push push = {number, consume};
    VkCommandBuffer commands = sample_begin(sample);
    sample_dispatch(commands, pipeline, set, &push, COUNT / 64, 1, 1);
    sample_barrier(commands);
    sample_end(commands);
    return commands;
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "timeline", false);
    struct sample_buffer ring[RING], sums = sample_create_buffer(&sample, COUNT * sizeof(uint32_t));
    memset(sums.map, 0, sums.size_B);
    struct sample_pipeline pipeline = sample_create_pipeline(&sample, timeline_spv, sizeof(timeline_spv),
                                                             2, sizeof(struct push));
    VkDescriptorSet sets[RING];
    for (int i = 0; i < RING; i++) {
        ring[i] = sample_create_buffer(&sample, COUNT * sizeof(uint32_t));
        sets[i] =
            sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&ring[i], &sums});
    }
    VkCommandBuffer make[FRAMES], use[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++) {
        make[i] = record(&sample, &pipeline, sets[i % RING], i + 1, 0);
        use[i] = record(&sample, &pipeline, sets[i % RING], i + 1, 1);
    }

    /* Frame n may be made when `used` has reached n, and using frame n makes it n + RING. It starts at
     * 0; the CPU's signal of RING sets all going. */
    VkSemaphore made = create_timeline(&sample), used = create_timeline(&sample);
    if (sample.two_queues) {
        for (uint64_t n = 1; n <= FRAMES; n++)
            submit(sample.queues[1], use[n - 1], made, n, used, n + RING);
        for (uint64_t n = 1; n <= FRAMES; n++)
            submit(sample.queues[0], make[n - 1], used, n, made, n);
    } else { /* one queue runs in order, so what is waited for must come first */
        for (uint64_t n = 1; n <= FRAMES; n++) {
            submit(sample.queues[0], make[n - 1], used, n, made, n);
            submit(sample.queues[0], use[n - 1], made, n, used, n + RING);
        }
    }
    double start = sample_now();
    VkSemaphoreSignalInfo go = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, .semaphore = used, .value = RING};
    CHECK(vkSignalSemaphore(sample.device, &go));
    uint64_t last = FRAMES + RING;
    VkSemaphoreWaitInfo wait = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
        .semaphoreCount = 1,
        .pSemaphores = &used,
        .pValues = &last,
    };
    CHECK(vkWaitSemaphores(sample.device, &wait, UINT64_MAX));
    double seconds = sample_now() - start;
    CHECK(vkDeviceWaitIdle(sample.device));

    int status = sample_report(&sample, sample.two_queues ? "64 frames on 2 queues" : "64 frames",
                               seconds, FRAMES / seconds, "frames/s", right(sums.map));
    vkDestroySemaphore(sample.device, made, NULL);
    vkDestroySemaphore(sample.device, used, NULL);
    sample_destroy_pipeline(&sample, &pipeline);
    for (int i = 0; i < RING; i++)
        sample_destroy_buffer(&sample, &ring[i]);
    sample_destroy_buffer(&sample, &sums);
    sample_close(&sample);
    return status;
}
